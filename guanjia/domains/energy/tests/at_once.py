"""Several at the same moment, each on a connection of its own, for tests that commit."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Barrier
from time import sleep
from typing import Any

from django.db import connection

from guanjia.kernel.regulations.verdict import Refused

Calls = Sequence[Callable[[], Any]]


def all_at_once(calls: Calls) -> list[Any]:
    """What each call returned, or what it raised; they start together."""
    gate = Barrier(len(calls))

    def done(call: Callable[[], Any]) -> Any:
        try:
            gate.wait(timeout=30)
            return call()
        except Exception as raised:  # whatever it is, it is looked at
            return raised
        finally:
            connection.close()

    with ThreadPoolExecutor(max_workers=len(calls)) as pool:
        return list(pool.map(done, calls, timeout=120))


@contextmanager
def meanwhile(call: Callable[[], Any]) -> Iterator[Callable[[], Any]]:
    """Run a call on a connection of its own until it ends or waits for a lock, and go on; what is
    yielded gives what it returned or raised."""
    with ThreadPoolExecutor(max_workers=1) as pool:
        future = pool.submit(lambda: all_at_once([call])[0])
        for _ in range(3000):
            if future.done() or _somebody_waits():
                break
            sleep(0.01)
        yield lambda: future.result(timeout=30)


def _somebody_waits() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_clear_snapshot()")  # else a transaction sees one moment
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        return bool(cursor.fetchone()[0])


def parted(outcomes: Sequence[Any]) -> tuple[list[Any], list[Refused]]:
    """The winners and the refused; anything else raised is a fault."""
    refused = [each for each in outcomes if isinstance(each, Refused)]
    winners = [each for each in outcomes if not isinstance(each, Exception)]
    strange = [each for each in outcomes if isinstance(each, Exception) and each not in refused]
    assert not strange, strange
    return winners, refused
