"""What comes in: doubled, out of order, over a line that fails; applied once, or kept with why."""

import contextlib
import json
from collections import Counter
from datetime import datetime
from typing import Any

import pytest

from guanjia.kernel.audit.models import Record
from guanjia.kernel.exchange import calling, takers
from guanjia.kernel.exchange.actions import peers, receiving
from guanjia.kernel.exchange.models import Incoming, Peer
from guanjia.kernel.exchange.takers import Decision, Taker
from guanjia.kernel.exchange.terms import InState, PeerState
from guanjia.kernel.exchange.tests import builders
from guanjia.kernel.exchange.tests.builders import AT, SYSTEM, Clock
from guanjia.kernel.exchange.tests.standin import stand_in
from guanjia.kernel.exchange.tests.test_sending import Killed, Murder
from guanjia.kernel.org.models import Unit
from guanjia.kernel.outside.http import Answer
from guanjia.kernel.regulations.verdict import refuse
from guanjia.kernel.values.actor import Actor

KIND = "matter.decided"


@pytest.fixture
def taken(monkeypatch: pytest.MonkeyPatch) -> list[Decision]:
    """What the department was given, in order. It has no matter X, refuses R, fails on B."""
    found: list[Decision] = []

    def take(_: Actor, decision: Decision, __: datetime) -> None:
        Unit.objects.filter(code="X01").update(name=decision.number)  # undone where it fails
        if decision.number == "X":
            raise Unit.DoesNotExist
        if decision.number == "R":
            refuse("over", "这件已经办结。").enforce()
        if decision.number == "B":
            raise ZeroDivisionError
        found.append(decision)

    monkeypatch.setattr(takers, "_takers", {})
    takers.declare(Taker(kind=KIND, title="批复", take=take))
    return found


def decision(n: int, number: str = "", **more: Any) -> dict[str, Any]:
    return {
        "id": f"D{n}", "kind": KIND, "number": number or f"N{n}", "revision": 1,
        "data": {"agreed": True, "n": n}, **more,
    }  # fmt: skip


def fetch(peer: Peer, clock: Clock, call: Any = calling.call) -> int:
    return receiving.fetch(peer_id=peer.pk, clock=clock, call=call, spread=lambda: 0.5)


def state(external_id: str) -> tuple[str, str]:
    row = Incoming.objects.get(external_id=external_id)
    return row.state, row.reason


def test_each_decision_is_applied_once_though_they_come_doubled_and_out_of_order(
    units: list[Unit], taken: list[Decision]
) -> None:
    clock, murder = Clock(), Murder(8, 0.1)
    with stand_in(0.3, seed=5) as stand:
        stand.delay = 0.3
        peer = builders.peer(stand)
        for n in range(120):
            stand.decisions.append(decision(n))
            if n % 6 == 5:
                with contextlib.suppress(Killed):
                    fetch(peer, clock, murder)
                receiving.apply_due(clock=clock)
                clock.forward(hours=1)
        for _ in range(30):
            with contextlib.suppress(Killed):
                fetch(peer, clock, murder)
            clock.forward(hours=1)
        receiving.apply_due(clock=clock)
    counted = Counter(each.external_id for each in taken)
    assert counted == {f"D{n}": 1 for n in range(120)}
    assert set(Incoming.objects.values_list("state", flat=True)) == {InState.APPLIED}
    assert Record.objects.filter(verb="exchange.incoming.applied").count() == 120
    assert stand.calls["failed"] > 5
    assert murder.deaths > 1


def test_a_later_revision_that_came_first_is_not_undone(
    units: list[Unit], taken: list[Decision]
) -> None:
    with stand_in() as stand:
        peer = builders.peer(stand)
        stand.decisions.append(decision(1, "N1", revision=2))
        fetch(peer, Clock())
        receiving.apply_due(clock=Clock())
        stand.decisions.append(decision(2, "N1", revision=1))
        stand.decisions.append(decision(3, "N1", revision=3))
        fetch(peer, Clock())
        receiving.apply_due(clock=Clock())
    assert [each.external_id for each in taken] == ["D1", "D3"]
    assert state("D2") == (InState.OUTDATED, "已办理过同一事项更新的批复。")


@pytest.mark.parametrize(
    ("number", "kind", "reason"),
    [
        ("X", KIND, "没有 X 这一件。"),
        ("R", KIND, "这件已经办结。"),
        ("N1", "weather", "没有办理“weather”的部门。"),
    ],
)
def test_what_cannot_be_applied_is_kept_with_its_reason(
    units: list[Unit], taken: list[Decision], number: str, kind: str, reason: str
) -> None:
    with stand_in() as stand:
        peer = builders.peer(stand)
        stand.decisions += [decision(1, number, kind=kind), decision(2)]
        fetch(peer, Clock())
    assert receiving.apply_due(clock=Clock()) == 1, "the others are applied all the same"
    assert state("D1") == (InState.UNAPPLIED, reason)
    assert Unit.objects.get(code="X01").name == "N2", "and what it had begun is undone"
    row = Incoming.objects.get(external_id="D1")
    peers.apply_again(actor=SYSTEM, incoming_id=row.pk, at=AT)
    assert receiving.apply_due(clock=Clock()) == 0
    assert state("D1") == (InState.UNAPPLIED, reason)
    assert Record.objects.get(verb="exchange.incoming.again").note == reason


def test_a_fault_of_ours_is_tried_a_few_times_and_then_shown(
    units: list[Unit], taken: list[Decision]
) -> None:
    with stand_in() as stand:
        peer = builders.peer(stand)
        stand.decisions.append(decision(1, "B"))
        fetch(peer, Clock())
    for tries in range(1, receiving.TRIES_MAX):
        receiving.apply_due(clock=Clock())
        assert Incoming.objects.get().tries == tries
        assert state("D1") == (InState.WAITING, "办理时出错（ZeroDivisionError）。")
    receiving.apply_due(clock=Clock())
    assert state("D1")[0] == InState.UNAPPLIED
    assert receiving.waiting() == []


def test_the_same_number_with_another_text_is_not_taken_and_shown(
    units: list[Unit], taken: list[Decision]
) -> None:
    with stand_in() as stand:
        peer = builders.peer(stand)
        stand.decisions.append(decision(1))
        fetch(peer, Clock())
        receiving.apply_due(clock=Clock())
        stand.decisions[0] = decision(1, data={"agreed": False})
        stand.decisions.append(decision(2))
        fetch(peer, Clock())
        receiving.apply_due(clock=Clock())
    assert [each.data["agreed"] for each in taken] == [True, True]
    assert state("D1") == (InState.APPLIED, "对方用同一编号又送来不同的内容，没有采用。")


def test_an_unsigned_page_is_not_taken(units: list[Unit], taken: list[Decision]) -> None:
    with stand_in() as stand:
        peer = builders.peer(stand)
        stand.decisions.append(decision(1))
        stand.unsigned = True
        assert fetch(peer, Clock()) == 0
    peer.refresh_from_db()
    assert not Incoming.objects.exists()
    assert (peer.cursor, peer.failures, peer.state) == ("", 1, PeerState.ON)


BAD_PAGES = [
    None,
    [],
    {"items": {}},
    {"items": [], "next": 7},
    {"items": [], "next": "x" * 201},
    {"items": [7], "next": "1"},
    {"items": [{"id": "", "kind": KIND, "number": "N", "data": {}}], "next": "1"},
    {"items": [{"id": "D", "kind": KIND, "number": "N", "data": "x"}], "next": "1"},
    {"items": [decision(1, revision="2")], "next": "1"},
    {"items": [decision(1), decision(2, revision=-1)], "next": "1"},
]


@pytest.mark.parametrize("page", BAD_PAGES, ids=str)
def test_a_page_that_cannot_be_read_is_not_taken_at_all(units: list[Unit], page: Any) -> None:
    peer = builders.peer()

    def babble(*_: Any) -> Answer:
        return Answer(200, json.dumps(page).encode())

    assert fetch(peer, Clock(), babble) == 0
    peer.refresh_from_db()
    assert not Incoming.objects.exists()
    assert peer.last_error.startswith("对方送来的批复读不懂")
    assert peer.cursor == ""


def test_a_peer_without_the_interface_is_paused(units: list[Unit]) -> None:
    with stand_in() as stand:
        stand.status = 404
        peer = builders.peer(stand)
        fetch(peer, Clock())
    peer.refresh_from_db()
    assert (peer.state, peer.state_note) == (
        PeerState.PAUSED,
        "对方没有这个接口（404），核对接口地址。",
    )
