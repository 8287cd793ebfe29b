"""What goes out: against a stand-in that drops, delays, repeats and forgets to answer."""

import contextlib
import json
from random import Random
from typing import Any

import pytest

from guanjia.kernel.audit.models import Record
from guanjia.kernel.events import bus
from guanjia.kernel.exchange import calling, link, queries
from guanjia.kernel.exchange.actions import peers, sending, tidying
from guanjia.kernel.exchange.events import PeerPaused
from guanjia.kernel.exchange.models import Change, Outgoing, Peer
from guanjia.kernel.exchange.terms import OutState, PeerState
from guanjia.kernel.exchange.tests import builders, standin
from guanjia.kernel.exchange.tests.builders import AT, SYSTEM, Clock
from guanjia.kernel.exchange.tests.standin import StandIn, stand_in
from guanjia.kernel.org.models import Unit
from guanjia.kernel.outside.failure import CallFailure
from guanjia.kernel.outside.http import Answer
from guanjia.kernel.regulations.verdict import Refused

CHANGES = 1000
SHARE = 0.3


class Killed(BaseException):
    """What the operating system does to a process."""


class Murder:
    """Calls the peer, and now and then dies before or after it: nothing of this run is tidied."""

    def __init__(self, seed: int, share: float) -> None:
        self.random, self.share, self.deaths = Random(seed), share, 0

    def __call__(self, peer: Peer, method: str, path: str, body: bytes, at: Any) -> Answer:
        fate = self.random.random()
        if fate < self.share / 2:
            self.deaths += 1
            raise Killed
        answer = calling.call(peer, method, path, body, at)
        if fate < self.share:
            self.deaths += 1
            raise Killed
        return answer


def rename(unit: Unit, name: str) -> None:
    """As any action would; the trigger sees the row, not the action."""
    Unit.objects.filter(pk=unit.pk).update(name=name)


def run(peer: Peer, clock: Clock, call: Any = calling.call, batch: int = 50) -> int:
    return sending.deliver(peer_id=peer.pk, clock=clock, call=call, spread=lambda: 0.5, batch=batch)


def drain(peer: Peer, clock: Clock, call: Any = calling.call, batch: int = 50) -> None:
    """Run after run until nothing waits, each after the longest pause."""
    for _ in range(400):
        with contextlib.suppress(Killed):
            run(peer, clock, call, batch)
        clock.forward(hours=1)
        standing = queries.standing(peer)
        if not standing.waiting and not standing.loose:
            return
    raise AssertionError(f"still waiting: {queries.standing(peer)}")


def ours() -> dict[tuple[str, int], Any]:
    """Every row as it stands here."""
    ids = Unit.objects.values_list("pk", flat=True)
    return {("units", pk): data for pk, data in builders.read(ids).items()}


def theirs(stand: StandIn) -> dict[tuple[str, int], Any]:
    """Every row as it stands there."""
    return {key: row["data"] for key, row in stand.rows.items() if row["data"] is not None}


# ── nothing is lost, nothing is doubled ─────────────────────────────────────────────────


def test_a_thousand_changes_arrive_once_though_a_third_of_the_calls_fail(units: list[Unit]) -> None:
    clock, random, murder = Clock(), Random(3), Murder(4, 0.06)
    with stand_in(SHARE, seed=2) as stand:
        stand.delay = 0.3
        peer = builders.peer(stand)
        for n in range(CHANGES):
            rename(random.choice(units), f"第{n}次")
            if n % 20 == 19:  # the job comes by while others go on working
                with contextlib.suppress(Killed):
                    run(peer, clock, murder, batch=3)
                clock.forward(minutes=random.randint(1, 20))
        drain(peer, clock, murder, batch=3)
    made = set(Change.objects.values_list("pk", flat=True))
    assert len(made) == CHANGES + len(units), "every write and the first load"
    assert stand.covered == dict.fromkeys(made, 1), "each once: none lost, none doubled"
    assert theirs(stand) == ours(), "in the end both sides say the same"
    assert all(versions == sorted(set(versions)) for versions in stand.versions.values())
    assert set(Outgoing.objects.values_list("state", flat=True)) == {OutState.SENT}
    assert stand.calls["failed"] >= SHARE * 0.7 * stand.calls["all"]
    assert all(stand.calls[fault] for fault in standin.FAULTS), "every way to fail was tried"
    assert murder.deaths > 3, "and the sender was killed in the middle more than once"


@pytest.mark.pg15
def test_changes_of_a_row_that_wait_travel_together(units: list[Unit]) -> None:
    with stand_in() as stand:
        peer = builders.peer(stand)
        drain(peer, Clock())
        for n in range(5):
            rename(units[1], f"名称{n}")
        assert run(peer, Clock()) == 1
        message = stand.rows["units", units[1].pk]
    assert (message["version"], message["data"]["name"], len(message["changes"])) == (2, "名称4", 5)


def test_a_message_whose_answer_was_lost_is_sent_again_as_it_was(units: list[Unit]) -> None:
    clock = Clock()
    with stand_in() as stand:
        peer = builders.peer(stand)
        drain(peer, clock)
        rename(units[1], "答复丢了的")

        def lost(*parts: Any) -> Answer:
            calling.call(*parts)
            raise CallFailure("没有答复。", retry=True)

        run(peer, clock, lost)
        waiting = Outgoing.objects.get(state=OutState.WAITING)
        rename(units[1], "后来又改的")
        clock.forward(hours=1)
        assert run(peer, clock) == 2, "the same one, then the next version"
        waiting.refresh_from_db()
    assert (waiting.state, waiting.tries) == (OutState.SENT, 2)
    assert stand.applied[str(waiting.message_id)]["data"]["name"] == "答复丢了的"
    assert stand.rows["units", units[1].pk]["data"]["name"] == "后来又改的"


@pytest.mark.pg15
def test_a_write_that_changes_nothing_is_not_told(units: list[Unit]) -> None:
    builders.peer()
    before = Change.objects.count()
    rename(units[1], units[1].name)
    assert Change.objects.count() == before


@pytest.mark.pg15
def test_nothing_accumulates_while_the_peer_is_off(units: list[Unit]) -> None:
    peer = builders.peer(on=False)
    rename(units[1], "没有人听")
    assert not Change.objects.exists()
    peers.switch_on(actor=SYSTEM, peer_id=peer.pk, at=AT)
    assert queries.standing(peer).loose == len(units), "the first load"
    peers.switch_off(actor=SYSTEM, peer_id=peer.pk, reason="换平台", at=AT)
    rename(units[1], "又没有人听")
    assert not Change.objects.exists(), "what was not gathered is dropped"
    peers.switch_on(actor=SYSTEM, peer_id=peer.pk, at=AT)
    assert queries.standing(peer).loose == len(units)


def test_a_paused_peer_is_not_called_and_loses_nothing(units: list[Unit]) -> None:
    with stand_in() as stand:
        peer = builders.peer(stand)
        drain(peer, Clock())
        peers.pause(actor=SYSTEM, peer_id=peer.pk, reason="省平台检修", at=AT)
        rename(units[1], "检修时改的")
        assert run(peer, Clock()) == 0
        peers.resume(actor=SYSTEM, peer_id=peer.pk, at=AT)
        assert run(peer, Clock()) == 1
    assert stand.rows["units", units[1].pk]["data"]["name"] == "检修时改的"


# ── what nobody outside may see ─────────────────────────────────────────────────────────


def test_a_hidden_row_is_never_sent(units: list[Unit]) -> None:
    rename(units[1], "保密单位")
    with stand_in() as stand:
        peer = builders.peer(stand)
        drain(peer, Clock())
    assert ("units", units[1].pk) not in stand.rows
    held = Outgoing.objects.get(subject_id=units[1].pk)
    assert (held.state, held.body, held.label) == (OutState.WITHHELD, "", "")
    assert "保密" not in json.dumps(list(stand.applied.values()), ensure_ascii=False)


@pytest.mark.pg15
def test_a_row_that_becomes_hidden_is_withdrawn_with_what_belongs_to_it(units: list[Unit]) -> None:
    with stand_in() as stand:
        peer = builders.peer(stand)
        drain(peer, Clock())
        rename(units[0], "保密市局")
        drain(peer, Clock())
        gone = stand.rows["units", units[0].pk]
        assert (gone["op"], gone["data"], gone["version"]) == ("WITHDRAW", None, 2)
        assert len(stand.versions["units", units[1].pk]) == 2, "its units were told of again"
        rename(units[0], "市局")
        drain(peer, Clock())
    assert stand.rows["units", units[0].pk]["data"]["name"] == "市局"


# ── refusals, pauses, an end ────────────────────────────────────────────────────────────


def test_a_message_the_peer_refuses_is_set_aside_and_holds_up_nobody(units: list[Unit]) -> None:
    with stand_in() as stand:
        stand.refuse[units[1].pk] = "缺统一社会信用代码"
        peer = builders.peer(stand)
        drain(peer, Clock())
        refused = Outgoing.objects.get(state=OutState.REFUSED)
        assert (refused.subject_id, refused.answer) == (units[1].pk, "缺统一社会信用代码")
        assert queries.standing(peer).by_state == {"SENT": len(units) - 1, "REFUSED": 1}
        stand.refuse.clear()
        peers.send_again(actor=SYSTEM, message_id=refused.pk, at=AT)
        assert run(peer, Clock()) == 1
    assert stand.applied[str(refused.message_id)]["version"] == 1, "the same id and text"
    assert Record.objects.get(verb="exchange.message.again").note == "缺统一社会信用代码"


def test_a_refused_message_is_replaced_by_the_next_which_covers_its_changes(
    units: list[Unit],
) -> None:
    with stand_in() as stand:
        stand.refuse[units[1].pk] = "名称不对"
        peer = builders.peer(stand)
        drain(peer, Clock())
        stand.refuse.clear()
        rename(units[1], "改对了的名称")
        drain(peer, Clock())
    first, second = Outgoing.objects.filter(subject_id=units[1].pk).order_by("version")
    assert (first.state, second.state) == (OutState.SUPERSEDED, OutState.SENT)
    assert set(stand.covered) == set(Change.objects.values_list("pk", flat=True))
    with pytest.raises(Refused, match="不用再发"):
        peers.send_again(actor=SYSTEM, message_id=first.pk, at=AT)


def test_one_wrong_message_in_a_refused_call_is_found(units: list[Unit]) -> None:
    def picky(peer: Peer, method: str, path: str, body: bytes, at: Any) -> Answer:
        if units[3].code.encode() in body:
            return Answer(422, '{"detail": "编码不合规定"}'.encode())
        return calling.call(peer, method, path, body, at)

    with stand_in() as stand:
        peer = builders.peer(stand)
        run(peer, Clock(), picky)
    assert len(stand.rows) == len(units) - 1
    assert Outgoing.objects.get(state=OutState.REFUSED).answer == "422 编码不合规定"


@pytest.mark.parametrize("status", [408, 429, 500, 503])
def test_a_busy_peer_is_called_later_after_growing_pauses(units: list[Unit], status: int) -> None:
    clock = Clock()
    with stand_in() as stand:
        stand.status = status
        peer = builders.peer(stand)
        pauses = []
        for _ in range(9):
            run(peer, clock)
            peer.refresh_from_db()
            assert peer.next_at is not None
            pauses.append((peer.next_at - clock.at).total_seconds())
            assert run(peer, clock) == 0, "not before its time"
            clock.at = peer.next_at
        assert pauses == [30, 60, 120, 240, 480, 960, 1800, 1800, 1800]
        assert stand.calls["all"] == 9
        assert str(status) in peer.last_error
        stand.status = 0
        assert run(peer, clock) == len(units)
    peer.refresh_from_db()
    assert (peer.failures, peer.next_at, peer.state) == (0, None, PeerState.ON)


def test_a_pause_is_spread_so_that_nobody_calls_in_step() -> None:
    assert link.pause_after(1, 0.0).total_seconds() == 24
    assert link.pause_after(1, 1.0).total_seconds() == 36
    assert link.pause_after(10_000, 0.5) == link.LONGEST_PAUSE


def test_after_many_failures_it_stops_and_says_so(
    units: list[Unit], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(link, "FAILURES_MAX", 3)
    clock = Clock()
    with stand_in() as stand, bus.captured() as heard:
        stand.status = 500
        peer = builders.peer(stand)
        for _ in range(5):
            run(peer, clock)
            clock.forward(hours=1)
        assert stand.calls["all"] == 3
    peer.refresh_from_db()
    assert (peer.state, peer.state_note) == (
        PeerState.PAUSED,
        "连续 3 次没有送到：对方出错或太忙（500）。",
    )
    assert [type(event) for event in heard if isinstance(event, PeerPaused)] == [PeerPaused]
    assert Record.objects.filter(verb="exchange.peer.paused").count() == 1
    assert queries.standing(peer).waiting == len(units), "and nothing is lost"


@pytest.mark.parametrize(
    ("status", "said"), [(401, "密钥"), (403, "密钥"), (404, "接口地址"), (302, "没有跟去")]
)
def test_a_peer_that_does_not_know_us_is_not_asked_again(
    units: list[Unit], status: int, said: str
) -> None:
    with stand_in() as stand:
        stand.status = status
        stand.location = f"{stand.url}/elsewhere"
        peer = builders.peer(stand)
        run(peer, Clock())
        assert stand.calls["all"] == 1, "a redirect is not followed, a stranger not pestered"
    peer.refresh_from_db()
    assert peer.state == PeerState.PAUSED
    assert said in peer.state_note
    assert queries.standing(peer).waiting == len(units)


def test_an_answer_that_is_not_the_peers_own_counts_for_nothing(units: list[Unit]) -> None:
    with stand_in() as stand:
        stand.unsigned = True
        peer = builders.peer(stand)
        assert run(peer, Clock()) == 0
        peer.refresh_from_db()
        assert "没有签名" in peer.last_error
        assert not Outgoing.objects.filter(state=OutState.SENT).exists()
        stand.unsigned = False
        clock = Clock()
        clock.forward(hours=1)
        assert run(peer, clock) == len(units), "and they are dropped over there as repeated"
    assert stand.covered == dict.fromkeys(Change.objects.values_list("pk", flat=True), 1)


def test_a_wrong_secret_is_seen_at_once(units: list[Unit]) -> None:
    with stand_in() as stand:
        peer = builders.peer(stand, secret="quite-another-secret")
        run(peer, Clock())
    peer.refresh_from_db()
    assert (peer.state, stand.rows) == (PeerState.PAUSED, {})


def test_the_other_algorithm_signs_too(units: list[Unit]) -> None:
    with stand_in() as stand:
        stand.algorithm = standin.Algorithm.SHA256
        peer = builders.peer(stand, on=False)
        peers.save_peer(
            actor=SYSTEM, key="province", title="省平台", secret="", at=AT,
            settings=builders.settings(stand, algorithm="SHA256"),
        )  # fmt: skip
        peers.switch_on(actor=SYSTEM, peer_id=peer.pk, at=AT)
        assert run(peer, Clock()) == len(units)


def test_old_messages_are_dropped_but_the_last_of_each_row_stays(units: list[Unit]) -> None:
    with stand_in() as stand:
        peer = builders.peer(stand)
        drain(peer, Clock())
        rename(units[1], "新名称")
        drain(peer, Clock())
        late = Clock()
        late.forward(days=401)
        assert tidying.tidy(at=late.at) == 1
        assert tidying.tidy(at=late.at) == 0
        rename(units[1], "更新的名称")
        drain(peer, late)
    assert stand.versions["units", units[1].pk] == [1, 2, 3], "versions go on rising"
