"""Switching on while others write, and reading while others write: on real connections."""

import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, transaction

from guanjia.kernel.exchange import queries, triggers, wires
from guanjia.kernel.exchange.actions import peers, sending
from guanjia.kernel.exchange.models import Change, Outgoing
from guanjia.kernel.exchange.tests import builders
from guanjia.kernel.exchange.tests.builders import AT, SYSTEM
from guanjia.kernel.org.models import Unit
from guanjia.kernel.org.tests import builders as org

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.pg15]


@pytest.fixture
def shared() -> Any:
    """Two units, told of by the trigger; afterwards the triggers are as they were."""
    with wires.only(builders.UNITS):
        triggers.install()
        yield [org.unit("Y00"), org.unit("Y01")]
    triggers.install()


def begin(act: Callable[[], None]) -> threading.Thread:
    def work() -> None:
        try:
            act()
        finally:
            connection.close()

    thread = threading.Thread(target=work)
    thread.start()
    return thread


def test_what_is_written_while_a_peer_is_switched_on_is_told(shared: list[Unit]) -> None:
    peer = builders.peer(on=False)
    written, go_on = threading.Event(), threading.Event()

    def write() -> None:
        with transaction.atomic():
            Unit.objects.filter(pk=shared[0].pk).update(name="正在写的")
            written.set()
            assert go_on.wait(10)

    writer = begin(write)
    assert written.wait(10)
    switcher = begin(lambda: peers.switch_on(actor=SYSTEM, peer_id=peer.pk, at=AT) and None)
    time.sleep(0.3)
    assert not Change.objects.exists(), "it waits for whoever writes"
    go_on.set()
    writer.join(10)
    switcher.join(10)
    sending.gather(peer_id=peer.pk, at=AT)
    message = Outgoing.objects.get(subject_id=shared[0].pk)
    assert "正在写的" in message.body


def test_two_senders_at_once_gather_each_change_once(shared: list[Unit]) -> None:
    peer = builders.peer()
    for n in range(30):
        Unit.objects.filter(pk=shared[n % 2].pk).update(name=f"n{n}")
    gate = threading.Barrier(4)

    def gather() -> None:
        gate.wait(10)
        sending.gather(peer_id=peer.pk, at=AT)

    for thread in [begin(gather) for _ in range(4)]:
        thread.join(20)
    assert Outgoing.objects.count() == 2, "one for each row"
    assert not Change.objects.filter(message=None).exists()


def test_a_reader_never_passes_a_change_that_is_still_being_written(
    shared: list[Unit], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "SETTLED_AFTER", queries.SETTLED_AFTER * 0)
    written, go_on = threading.Event(), threading.Event()

    def write_slowly() -> None:
        with transaction.atomic():
            Unit.objects.filter(pk=shared[0].pk).update(name="写得慢的")
            written.set()
            assert go_on.wait(10)

    writer = begin(write_slowly)
    assert written.wait(10)
    Unit.objects.filter(pk=shared[1].pk).update(name="后写先成的")
    early = queries.changed(kind="units", limit=10)
    assert "后写先成的" not in [row["name"] for row in early.rows], "it waits its turn"
    go_on.set()
    writer.join(10)
    after = queries.Cursor.of(early.cursor) if early.cursor else None
    late = queries.changed(kind="units", limit=10, after=after)
    assert [row["name"] for row in late.rows][-2:] == ["写得慢的", "后写先成的"]
