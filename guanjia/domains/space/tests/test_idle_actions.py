"""Idle rooms: told of, put to use, given up, paid for, taken back."""

from datetime import date, timedelta

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.test import Client

from guanjia.domains.space.actions import disposal_deals, disposals, timelines
from guanjia.domains.space.actions.idle import tell_idle
from guanjia.domains.space.actions.rooms import add_room
from guanjia.domains.space.models import Building, Disposal, DisposalIncome, DisposalRoom, Room
from guanjia.domains.space.queries import disposals as reading
from guanjia.domains.space.queries import idle, rooms, standards
from guanjia.domains.space.terms.disposals import (
    DisposalState,
    DisposalWay,
    IdleCause,
    IdlePlan,
    IncomeState,
    PaidIn,
    Valuation,
)
from guanjia.domains.space.terms.ledger import Basis, RoomState
from guanjia.domains.space.tests import idle_scenes as scenes
from guanjia.domains.space.tests.builders import SINCE, TODAY, City
from guanjia.kernel.access.tests.builders import AT
from guanjia.kernel.audit.models import Record
from guanjia.kernel.regulations.verdict import Refused
from guanjia.kernel.values.actor import NotAllowed, Scope

LATER = AT + timedelta(days=40)


def idle_on(day: date, scope: Scope | None = None) -> dict[str, object]:
    rows = idle.idle(day=day, scope=scope or Scope.all()).order_by("number")
    return {row.number: (row.since, row.cause, row.plan) for row in rows}


def refusal(caught: pytest.ExceptionInfo[Refused]) -> tuple[str, str]:
    first = caught.value.findings[0]
    return first.code, first.cite.line() if first.cite else ""


# ── the list of idle rooms ───────────────────────────────────────────────────────────────


def test_the_list_says_since_when_a_room_is_empty(city: City) -> None:
    assert idle_on(TODAY) == dict.fromkeys(("201", "202", "204", "B101"), (SINCE, None, None))
    room = city.room("101")
    timelines.release(room=room, on=TODAY)
    timelines.restate(room=room, on=TODAY, told_at=AT, state=RoomState.VACANT)
    assert idle_on(TODAY)["101"] == (TODAY, None, None)
    assert "101" not in idle_on(TODAY - timedelta(days=1))


def test_a_change_of_the_area_does_not_begin_the_idleness_anew(city: City) -> None:
    timelines.restate(room=city.room("201"), on=TODAY, told_at=AT, usable_m2=25)
    assert idle_on(TODAY)["201"][0] == SINCE  # type: ignore[index]


def test_why_a_room_is_empty_holds_from_its_day_on(city: City) -> None:
    actor, room = city.actor("keeper"), city.room("201")
    day = TODAY - timedelta(days=10)

    def tell(cause: IdleCause, plan: IdlePlan, on: date) -> None:
        tell_idle(actor=actor, room_id=room.pk, cause=cause, plan=plan, on=on, at=AT)

    tell(IdleCause.CLEARED, IdlePlan.NONE, day)
    tell(IdleCause.CLEARED, IdlePlan.PUBLIC, TODAY)
    assert idle_on(day)["201"] == (SINCE, "CLEARED", "NONE")
    assert idle_on(TODAY)["201"] == (SINCE, "CLEARED", "PUBLIC")
    tell(IdleCause.UNSAFE, IdlePlan.REPAIR, TODAY)
    assert idle_on(TODAY)["201"] == (SINCE, "UNSAFE", "REPAIR")
    assert room.idle_spells.count() == 2


def test_what_was_told_of_an_earlier_emptiness_is_not_told_of_the_next(city: City) -> None:
    room = city.room("201")
    tell_idle(
        actor=city.actor("keeper"), room_id=room.pk, cause=IdleCause.NEW, plan=IdlePlan.NONE,
        on=TODAY - timedelta(days=30), at=AT,
    )  # fmt: skip
    timelines.hold(
        room=room, unit=city.units["other"], since=TODAY - timedelta(days=20),
        until=TODAY - timedelta(days=5), basis=Basis.LOAN,
    )  # fmt: skip
    assert idle_on(TODAY)["201"] == (TODAY - timedelta(days=5), None, None)


def test_only_an_empty_room_is_told_of(city: City) -> None:
    told = {"cause": IdleCause.NEW, "plan": IdlePlan.NONE, "at": AT}
    actor = city.actor("keeper")
    with pytest.raises(Refused) as caught:
        tell_idle(actor=actor, room_id=city.room("101").pk, on=TODAY, **told)  # type: ignore[arg-type]
    assert refusal(caught)[0] == "not_idle"
    with pytest.raises(Refused) as caught:
        tell_idle(
            actor=actor, room_id=city.room("201").pk, on=TODAY + timedelta(days=1), **told  # type: ignore[arg-type]
        )  # fmt: skip
    assert refusal(caught)[0] == "in_the_future"
    with pytest.raises(NotAllowed):
        tell_idle(actor=city.actor("clerk"), room_id=city.room("201").pk, on=TODAY, **told)  # type: ignore[arg-type]


def test_a_unit_sees_the_empty_rooms_it_once_had(city: City) -> None:
    farming = Scope(paths=(city.units["farming"].path,))
    assert idle_on(TODAY, farming) == {}
    room = city.room("103")
    timelines.release(room=room, on=TODAY)
    timelines.restate(room=room, on=TODAY, told_at=AT, state=RoomState.VACANT)
    assert list(idle_on(TODAY, farming)) == ["103"]


def test_the_sums_add_up(city: City) -> None:
    tell_idle(
        actor=city.actor("keeper"), room_id=city.room("201").pk, cause=IdleCause.CLEARED,
        plan=IdlePlan.LEASE, on=TODAY, at=AT,
    )  # fmt: skip
    summed = idle.summed(day=TODAY, scope=Scope.all(), long_days=180)
    assert (summed.all.rooms, summed.all.m2) == (4, 127)
    assert (summed.long.rooms, summed.untold.rooms) == (4, 3)
    assert [(one.key, one.rooms, one.m2) for one in summed.by_cause] == [("CLEARED", 1, 24)]


# ── asking ───────────────────────────────────────────────────────────────────────────────


def test_rooms_that_a_unit_uses_are_not_leased_out(city: City) -> None:
    with pytest.raises(Refused) as caught:
        scenes.requested(city, "101", way=DisposalWay.LEASE)
    code, cite = refusal(caught)
    assert code == "let_out"
    assert "《机关事务管理条例》第二十三条" in cite
    with pytest.raises(Refused) as caught:
        scenes.requested(city, "101", way=DisposalWay.AUCTION)
    assert refusal(caught)[0] == "held"


def test_a_room_that_is_not_told_empty_is_cleared_up_first(city: City) -> None:
    with pytest.raises(Refused) as caught:
        scenes.requested(city, "105")
    assert refusal(caught)[0] == "not_empty"


def test_a_unit_asks_for_nothing_of_this(city: City) -> None:
    wish = scenes.asked(city, way=DisposalWay.PUBLIC)
    with pytest.raises(NotAllowed):
        disposals.request(actor=city.actor("clerk"), asked=wish, at=AT)


@pytest.mark.pg15
def test_a_room_is_part_of_one_disposal_at_a_time(city: City) -> None:
    first = scenes.requested(city, "201")
    with pytest.raises(Refused) as caught:
        scenes.requested(city, "201", "202")
    assert caught.value.findings[0].sentence.startswith(first.number)
    other = scenes.requested(city, "204")
    with pytest.raises(IntegrityError), transaction.atomic():
        DisposalRoom.objects.create(disposal=other, room=city.room("201"), usable_m2=24)
    disposals.call_off(actor=city.actor("keeper"), reuse_id=first.pk, reason="不办", at=AT)
    assert scenes.requested(city, "201").state == DisposalState.DRAFT


def test_what_is_leased_is_valued_first(city: City) -> None:
    made = scenes.requested(city, way=DisposalWay.LEASE)
    with pytest.raises(Refused) as caught:
        disposals.send(actor=city.actor("keeper"), reuse_id=made.pk, at=AT)
    assert refusal(caught)[0] == "not_valued"
    scenes.valued(city, made)
    sent = disposals.send(actor=city.actor("keeper"), reuse_id=made.pk, at=AT)
    assert sent.state == DisposalState.PENDING
    with pytest.raises(Refused):
        disposals.value(
            actor=city.actor("keeper"), reuse_id=made.pk,
            valuation=Valuation(fen=1, valuer="所", on=TODAY), at=AT,
        )  # fmt: skip


def test_rooms_given_away_in_between_stop_the_sending(city: City) -> None:
    made = scenes.requested(city, "201")
    timelines.hold(
        room=city.room("201"), unit=city.units["other"], since=TODAY + timedelta(days=9),
        basis=Basis.ALLOTTED,
    )  # fmt: skip
    with pytest.raises(Refused) as caught:
        disposals.send(actor=city.actor("keeper"), reuse_id=made.pk, at=AT)
    assert "教育局" in caught.value.findings[0].headline


def test_who_asks_decides_nothing(city: City) -> None:
    made = scenes.agreed(city)
    assert made.state == DisposalState.AGREED
    assert made.approved_on == TODAY
    verbs = set(Record.objects.filter(on_type="space.disposal").values_list("verb", flat=True))
    assert {"space.disposal.requested", "space.disposal.sent", "space.disposal.approved"} <= verbs


# ── carrying out ─────────────────────────────────────────────────────────────────────────


def test_a_public_use_is_held_by_who_answers_for_it(city: City) -> None:
    made = scenes.carried(city, "201", "202", way=DisposalWay.PUBLIC, last_on=None)
    assert made.state == DisposalState.RUNNING
    held = rooms.holders(room_ids=[city.room("201").pk], since=TODAY, until=None)
    assert [(one.basis, one.unit.short_name, one.paper) for one in held] == [
        (Basis.REUSE, "机关事务管理局", "HT-2020-01")
    ]
    assert "201" not in idle_on(TODAY)
    assert "201" in idle_on(TODAY - timedelta(days=1))
    assert not DisposalIncome.objects.exists()


def test_what_the_bureau_holds_on_paper_is_none_of_its_offices(city: City) -> None:
    bureau = city.units["bureau"]
    scenes.carried(city, "201", way=DisposalWay.PUBLIC, last_on=None)
    found = standards.standing(unit_id=bureau.pk, day=TODAY)
    assert found is None or not any(found.held.values())


def test_reallocated_rooms_are_the_units(city: City) -> None:
    made = scenes.carried(city, "201", way=DisposalWay.REALLOCATE)
    assert (made.state, made.last_on, made.rent_fen) == (DisposalState.DONE, None, None)
    (held,) = rooms.holders(room_ids=[city.room("201").pk], since=TODAY, until=None)
    assert (held.unit, held.basis) == (city.units["other"], Basis.ALLOTTED)


def test_what_was_auctioned_leaves_the_ledger_and_its_past_stays(city: City) -> None:
    made = scenes.carried(city, "201", way=DisposalWay.AUCTION)
    assert made.state == DisposalState.DONE
    room = city.room("201")
    assert not Room.objects.on(TODAY).filter(pk=room.pk).exists()
    assert Room.objects.on(TODAY - timedelta(days=1)).filter(pk=room.pk).exists()
    income = made.incomes.get()
    assert (income.title, income.due_fen) == ("拍卖价款", 9_000_000)
    assert income.due_on == TODAY + timedelta(days=15)
    assert Building.objects.get(pk=room.building_id).state == "DELIVERED"


def test_a_building_whose_last_room_went_is_disposed_of(city: City) -> None:
    everything = list(city.rooms)
    for number in everything:
        room = city.room(number)
        timelines.release(room=room, on=TODAY)
        timelines.restate(room=room, on=TODAY, told_at=AT, state=RoomState.VACANT)
    made = scenes.agreed(city, *everything, way=DisposalWay.DEMOLISH)
    disposal_deals.carry_out(
        actor=city.actor("keeper"), reuse_id=made.pk,
        carried=scenes.facts(price_fen=0, last_on=None), at=AT,
    )  # fmt: skip
    building = Building.objects.get()
    assert building.state == "DISPOSED"
    record = Record.objects.get(verb="space.building.disposed")
    assert record.note == made.number
    client = Client()
    client.force_login(city.accounts["keeper"], backend="django.contrib.auth.backends.ModelBackend")
    with time_machine.travel(AT, tick=False):
        page = client.get(f"/space/buildings/{building.pk}/").content.decode()
    assert "楼栋已处置，房间都已移出台账" in page
    assert "新建房间" not in page
    with pytest.raises(Refused) as caught:
        add_room(
            actor=city.actor("keeper"), building_id=building.pk, floor=1, number="199",
            facts={"kind": "OFFICE", "usable_m2": 10, "state": "VACANT"}, since=TODAY, why="补登",
            at=AT,
        )  # fmt: skip
    assert refusal(caught)[0] == "building_disposed"


def test_it_is_not_carried_out_before_it_is_decided(city: City) -> None:
    made = scenes.requested(city)
    with pytest.raises(Refused) as caught:
        disposal_deals.carry_out(
            actor=city.actor("keeper"), reuse_id=made.pk, carried=scenes.facts(), at=AT
        )
    assert refusal(caught)[0] == "state"
    decided = scenes.agreed(city, "204")
    with pytest.raises(Refused) as caught:
        disposal_deals.carry_out(
            actor=city.actor("keeper"), reuse_id=decided.pk,
            carried=scenes.facts(on=TODAY - timedelta(days=1)), at=AT,
        )  # fmt: skip
    assert refusal(caught)[0] == "before_approval"


@pytest.mark.pg15
def test_the_database_forbids_what_python_explains(city: City) -> None:
    made = scenes.agreed(city)
    for wrong in ({"state": "DONE"}, {"purpose": ""}, {"usable_m2": 0}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Disposal.objects.filter(pk=made.pk).update(**wrong)
    lease = scenes.carried(city, "204")
    with pytest.raises(IntegrityError), transaction.atomic():
        DisposalIncome.objects.filter(disposal=lease).update(state="PAID")


# ── incomes ──────────────────────────────────────────────────────────────────────────────


def test_the_rents_of_a_lease_fall_due_ahead(city: City) -> None:
    made = scenes.carried(city)
    found = list(made.incomes.values_list("due_fen", "from_on"))
    assert [fen for fen, _ in found] == [960_000] * 4
    assert found[0][1] == TODAY
    assert reading.to_pay(Scope.all(), on=TODAY).count() == 1


def test_an_income_that_differs_says_why(city: City) -> None:
    income = scenes.carried(city).incomes.first()
    actor = city.actor("keeper")

    def pay(**changes: object) -> DisposalIncome:
        told = {"receipt": "FS2020001", "fen": 960_000, "on": TODAY} | changes
        return disposal_deals.pay_in(
            actor=actor, income_id=income.pk, paid=PaidIn(**told), at=AT  # type: ignore[arg-type]
        )  # fmt: skip

    with pytest.raises(Refused) as caught:
        pay(fen=950_000)
    assert caught.value.findings[0].headline == "缴库 9,500.00 元，应缴 9,600.00 元。"
    with pytest.raises(Refused) as caught:
        pay(receipt="")
    assert "《党政机关办公用房管理办法》第十六条" in refusal(caught)[1]
    assert pay(fen=950_000, note="扣维修").state == IncomeState.PAID
    with pytest.raises(Refused):
        pay()


def test_a_late_income_is_told_once(city: City) -> None:
    made = scenes.carried(city)
    assert disposal_deals.remind(at=AT) == (0, 0)
    assert disposal_deals.remind(at=LATER) == (1, 0)
    assert disposal_deals.remind(at=LATER) == (0, 0)
    assert made.incomes.exclude(told_late_at=None).count() == 1


# ── taking back ──────────────────────────────────────────────────────────────────────────


def test_rooms_taken_back_are_empty_again_and_owe_no_later_rent(city: City) -> None:
    made = scenes.carried(city)
    day = LATER.date()
    actor = city.actor("keeper")
    with pytest.raises(Refused) as caught:
        disposal_deals.take_back(actor=actor, reuse_id=made.pk, on=day, at=LATER)
    assert refusal(caught)[0] == "reason_missing"
    ended = disposal_deals.take_back(
        actor=actor, reuse_id=made.pk, on=day, note="承租方退租", at=LATER
    )
    assert (ended.state, ended.ended_on) == (DisposalState.ENDED, day)
    assert idle_on(day)["201"] == (day, "RETURNED", "NONE")
    assert "201" not in idle_on(day - timedelta(days=1))
    states = list(made.incomes.values_list("state", flat=True))
    assert states == ["DUE", "VOID", "VOID", "VOID"]
    assert scenes.requested(city, "201", at=LATER).state == DisposalState.DRAFT


def test_nobody_else_deals_with_it(city: City) -> None:
    made = scenes.carried(city, "201")
    for who in ("clerk", "supervisor", "cashier"):
        actor = city.actor(who)
        with pytest.raises(NotAllowed):
            disposal_deals.take_back(actor=actor, reuse_id=made.pk, on=TODAY, note="x", at=AT)
