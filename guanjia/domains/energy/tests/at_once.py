"""Several at the same moment, each on a connection of its own, for tests that commit."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
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


def parted(outcomes: Sequence[Any]) -> tuple[list[Any], list[Refused]]:
    """The winners and the refused; anything else raised is a fault."""
    refused = [each for each in outcomes if isinstance(each, Refused)]
    winners = [each for each in outcomes if not isinstance(each, Exception)]
    strange = [each for each in outcomes if isinstance(each, Exception) and each not in refused]
    assert not strange, strange
    return winners, refused
