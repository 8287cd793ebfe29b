"""Carrying a disposal out (办理处置利用), paying in what it brings, taking the rooms back."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateRange

from guanjia.domains.space.actions import building_lives, disposals, timelines
from guanjia.domains.space.actions.disposals import DEAL, DISPOSALS, day_of
from guanjia.domains.space.events import DisposalCarried, IncomesLate, UsesEnding
from guanjia.domains.space.models import (
    Building,
    Disposal,
    DisposalIncome,
    IdleSpell,
    Room,
)
from guanjia.domains.space.queries import disposals as reading
from guanjia.domains.space.rules import disposals as rules
from guanjia.domains.space.terms.disposals import (
    LASTING,
    LEAVING,
    Carried,
    DisposalState,
    DisposalWay,
    IdleCause,
    IdlePlan,
    IncomeState,
    PaidIn,
    Purpose,
)
from guanjia.domains.space.terms.ledger import Basis, BuildingState, RoomState
from guanjia.kernel.acts.changing import change, locked
from guanjia.kernel.events import bus
from guanjia.kernel.regulations.lawbook import law_at
from guanjia.kernel.regulations.verdict import refuse
from guanjia.kernel.values.actor import Actor, Scope

INCOMES = reading.INCOMES
REMIND_DAYS = "space.disposal.remind_days"
_BASIS = {
    DisposalWay.REALLOCATE: Basis.ALLOTTED,
    DisposalWay.PUBLIC: Basis.REUSE,
    DisposalWay.LEASE: Basis.LEASE,
}


@transaction.atomic
def carry_out(
    *, actor: Actor, reuse_id: int, carried: Carried, files: Sequence[int] = (), at: datetime
) -> Disposal:
    """Carry a decided disposal out (办理), with the facts its way needs.

    Needs ``space.disposal.deal``. From its day on the rooms are held by who uses them, or leave
    the ledger (置换、拍卖、拆除); the days before stay as they were. What it brings is due.
    Publishes ``DisposalCarried``.
    """
    disposal: Disposal = locked(
        DISPOSALS, actor=actor, verb=DEAL, pk=reuse_id, act="办理", when=(DisposalState.AGREED,)
    )
    law, way = law_at(at), DisposalWay(disposal.way)
    rooms = timelines.lock(row.room_id for row in disposal.rooms.all())
    facts = disposal.facts()
    verdict = rules.may_carry_out(facts=facts, carried=carried, on=day_of(at), law=law)
    verdict += disposals.free(way, rooms, carried.on, at)
    verdict.enforce()
    for room in rooms:
        _move(room, disposal, way, carried, at)
    if way in LEAVING:
        _close_buildings(actor, disposal, rooms, carried.on, at)
    _owe(disposal, way, carried, at)
    if way not in LASTING:
        disposal.rooms.update(open=False)
    change(
        disposal, _facts(disposal, way, carried), actor=actor,
        verb="space.disposal.carried_out", at=at, verdict=verdict,
        files=disposals.attached(disposal, files),
        news=[DisposalCarried(disposal_id=disposal.pk, at=at, by_id=actor.person_id)],
    )  # fmt: skip
    return disposal


def _facts(disposal: Disposal, way: DisposalWay, carried: Carried) -> dict[str, Any]:
    lease = way == DisposalWay.LEASE
    return {
        "carried_on": carried.on,
        "document": carried.document,
        "paper": carried.paper,
        "platform": carried.platform,
        "party": carried.party.strip() or disposal.party,
        "last_on": carried.last_on if way in LASTING else None,
        "price_fen": carried.price_fen or None,
        "rent_fen": carried.rent_fen if lease else None,
        "every": carried.every if lease else None,
        "state": DisposalState.RUNNING if way in LASTING else DisposalState.DONE,
    }


def _move(room: Room, disposal: Disposal, way: DisposalWay, carried: Carried, at: datetime) -> None:
    """What becomes of a room from the day on: held by its user, or gone from the ledger."""
    if way in LEAVING:
        timelines.leave(room=room, on=carried.on)
        return
    # A holder is a unit: where a company or a street has the room, the bureau answers for it.
    what = Purpose(disposal.purpose).label if disposal.purpose else way.label
    timelines.hold(
        room=room, unit=disposal.to_unit or disposal.unit, since=carried.on, basis=_BASIS[way],
        paper=carried.paper.strip(),
    )  # fmt: skip
    timelines.restate(
        room=room, on=carried.on, told_at=at, state=RoomState.IN_USE,
        why=f"{disposal.number} {what}"[:200],
    )  # fmt: skip


def _close_buildings(
    actor: Actor, disposal: Disposal, rooms: Sequence[Room], on: date, at: datetime
) -> None:
    """A building whose last room went is 已处置."""
    for pk in sorted({room.building_id for room in rooms}):
        if Room.objects.on(on).filter(building=pk).exists():
            continue
        building = Building.objects.select_for_update().get(pk=pk)
        before = building.state
        building_lives.restate(
            building, on=on, facts={"state": BuildingState.DISPOSED},
            why=f"{disposal.number} {DisposalWay(disposal.way).label}，最后的房间已处置",
            told_at=at,
        )  # fmt: skip
        change(
            building, {}, actor=actor, verb="space.building.disposed", at=at,
            beside={"state": (before, building.state)}, note=disposal.number,
        )  # fmt: skip


def _owe(disposal: Disposal, way: DisposalWay, carried: Carried, at: datetime) -> None:
    law = law_at(at)
    parts = rules.instalments(carried=carried) if way == DisposalWay.LEASE else []
    if way in LEAVING and carried.price_fen > 0:
        title = {DisposalWay.AUCTION: "拍卖价款", DisposalWay.EXCHANGE: "置换补差价"}
        parts = [(title.get(way, "残值收入"), carried.price_fen, carried.on)]
    DisposalIncome.objects.bulk_create(
        DisposalIncome(
            disposal=disposal, title=title, due_fen=fen, from_on=begins,
            due_on=rules.income_due(on=begins, law=law), state=IncomeState.DUE,
        )
        for title, fen, begins in parts
    )  # fmt: skip


# ── paying in ────────────────────────────────────────────────────────────────────────────


@transaction.atomic
def pay_in(*, actor: Actor, income_id: int, paid: PaidIn, at: datetime) -> DisposalIncome:
    """Write down that an income is in the treasury (登记缴库); what differs needs its reason."""
    income: DisposalIncome = locked(
        INCOMES, actor=actor, verb=DEAL, pk=income_id, act="登记缴库", to=IncomeState.PAID
    )
    verdict = rules.may_pay_in(due_fen=income.due_fen, paid=paid, on=day_of(at), law=law_at(at))
    change(
        income,
        {
            "state": IncomeState.PAID, "receipt": paid.receipt, "paid_fen": paid.fen,
            "paid_on": paid.on, "note": paid.note,
        },
        actor=actor, verb="space.disposal.paid_in", at=at, verdict=verdict, note=income.title,
        on=income.disposal,
    )  # fmt: skip
    return income


# ── taking back ──────────────────────────────────────────────────────────────────────────


@transaction.atomic
def take_back(*, actor: Actor, reuse_id: int, on: date, note: str = "", at: datetime) -> Disposal:
    """The rooms come back (收回), at the end of their term or before it: empty from that day on.

    Rents that begin on that day or later are not asked for. Needs ``space.disposal.deal``; before
    the end of the term the reason is written.
    """
    disposal: Disposal = locked(
        DISPOSALS, actor=actor, verb=DEAL, pk=reuse_id, act="收回", to=DisposalState.ENDED
    )
    _may_take_back(disposal, on, note, at)
    for room in timelines.lock(row.room_id for row in disposal.rooms.all()):
        timelines.release(room=room, on=on)
        why = f"{disposal.number} 收回"
        timelines.restate(room=room, on=on, told_at=at, state=RoomState.VACANT, why=why)
        IdleSpell.objects.filter(room=room, during__overlap=DateRange(on, None)).delete()
        tell = {"cause": IdleCause.RETURNED, "plan": IdlePlan.NONE, "note": why, "told_at": at}
        IdleSpell.objects.create(room=room, during=DateRange(on, None), **tell)
    disposal.rooms.update(open=False)
    gone = disposal.incomes.filter(state=IncomeState.DUE, from_on__gte=on)
    gone.update(state=IncomeState.VOID, note="提前收回，不再收取")
    change(
        disposal, {"state": DisposalState.ENDED, "ended_on": on, "state_note": note},
        actor=actor, verb="space.disposal.taken_back", at=at, note=note,
    )  # fmt: skip
    return disposal


def _may_take_back(disposal: Disposal, on: date, note: str, at: datetime) -> None:
    if on > day_of(at):
        refuse("in_the_future", "收回日期还没有到。", "收回当天再登记。", field="on").enforce()
    if disposal.carried_on is not None and on <= disposal.carried_on:
        refuse("too_early", "收回日期早于开始使用。", "核对日期。", field="on").enforce()
    early = disposal.last_on is None or on <= disposal.last_on
    if early and not note.strip():
        refuse("reason_missing", "没有到期，没有写收回原因。", "写明原因。", field="note").enforce()


# ── telling in time ──────────────────────────────────────────────────────────────────────


@transaction.atomic
def remind(*, at: datetime) -> tuple[int, int]:
    """Tell of incomes that are late, once each, and of uses that end soon; how many of both."""
    today = day_of(at)
    late = reading.late(Scope.all(), on=today).filter(told_late_at=None)
    ids = tuple(late.select_for_update(of=("self",)).values_list("pk", flat=True))
    if ids:
        DisposalIncome.objects.filter(pk__in=ids).update(told_late_at=at)
        bus.publish(IncomesLate(income_ids=ids, at=at))
    law = law_at(at)
    days = int(law[REMIND_DAYS].value) if REMIND_DAYS in law else 0
    ending = tuple(reading.ending(Scope.all(), on=today, days=days).values_list("pk", flat=True))
    if ending:
        bus.publish(UsesEnding(disposal_ids=ending, at=at))
    return len(ids), len(ending)
