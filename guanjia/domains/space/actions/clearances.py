"""Giving rooms back (腾退移交): open, hand back, accept, send back, call off; ends of loans."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction

from guanjia.domains.space import vouchers
from guanjia.domains.space.actions import timelines
from guanjia.domains.space.actions.allocations import day_of
from guanjia.domains.space.events import (
    ClearanceHandedBack,
    ClearanceOpened,
    ClearanceSentBack,
    RoomsHandedBack,
)
from guanjia.domains.space.models import (
    Allocation,
    AllocationRoom,
    Clearance,
    ClearanceRoom,
    Holding,
    Occupant,
    RoomSpell,
)
from guanjia.domains.space.queries import allocations as allocation_queries
from guanjia.domains.space.queries import clearances as reading
from guanjia.domains.space.rules import clearances as rules
from guanjia.domains.space.terms.allocations import AllocationMethod, AllocationState
from guanjia.domains.space.terms.clearances import STANDING, ClearanceReason, ClearanceState
from guanjia.domains.space.terms.ledger import Basis, RoomState
from guanjia.kernel.acts.changing import change, locked, made, reasoned
from guanjia.kernel.events import bus
from guanjia.kernel.numbering import actions as numbering
from guanjia.kernel.org.models import Unit
from guanjia.kernel.regulations.lawbook import law_at
from guanjia.kernel.regulations.verdict import refuse
from guanjia.kernel.values.actor import Actor
from guanjia.kernel.vouchers import actions as papers
from guanjia.kernel.vouchers.terms import Why

HAND_BACK, ACCEPT, CLEARANCES = reading.HAND_BACK, reading.ACCEPT, reading.CLEARANCES
_NOTE_MAX, _ROOMS_MAX = 200, 400
S = ClearanceState


def new_number(on: date) -> str:
    """The next 腾退单号: ``TT``, the year, a running number."""
    return f"TT{on.year}{numbering.next_number(series='space.clearance', year=on.year):05d}"


# ── opening ──────────────────────────────────────────────────────────────────────────────


@transaction.atomic
def open_clearance(
    *,
    actor: Actor,
    unit_id: int,
    reason: ClearanceReason,
    room_ids: Sequence[int],
    begins_on: date,
    person_id: int | None = None,
    note: str = "",
    at: datetime,
) -> Clearance:
    """Have a unit give rooms back (发起腾退), with the time that the reason leaves it.

    Needs ``space.allocation.accept``. The rooms are 腾退中 from today; the unit holds them until
    they are accepted.
    """
    actor.must(ACCEPT)
    unit = Unit.objects.within(actor.scope(ACCEPT)).get(pk=unit_id)
    held = _held_by(unit, room_ids, day_of(at))
    return begin(
        actor=actor, unit=unit, reason=reason, room_ids=held, begins_on=begins_on,
        person_id=person_id, note=note, at=at,
    )  # fmt: skip


def _held_by(unit: Unit, room_ids: Iterable[int], day: date) -> list[int]:
    wanted = set(room_ids)
    if not wanted:
        refuse("no_rooms", "没有选要腾退的房间。", "至少选一间。", field="rooms").enforce()
    held = {row.pk for row in allocation_queries.own_rooms(unit=unit, day=day)}
    if wanted - held:
        refuse(
            "not_held",
            f"有 {len(wanted - held)} 间不是{unit.shown}在用的。",
            "重新选。",
            field="rooms",
        ).enforce()
    return sorted(wanted)


def begin(
    *,
    actor: Actor,
    unit: Unit,
    reason: ClearanceReason,
    room_ids: Sequence[int],
    begins_on: date,
    at: datetime,
    allocation: Allocation | None = None,
    person_id: int | None = None,
    note: str = "",
) -> Clearance:
    """A clearance with its rooms, which are 腾退中 from now on. Inside a caller's act."""
    if len(room_ids) > _ROOMS_MAX:
        refuse("many_rooms", "一次腾退的房间太多。", f"不超过 {_ROOMS_MAX} 间。").enforce()
    rooms = timelines.lock(room_ids)
    _not_cleared_yet(room_ids)
    limit = rules.due(reason=reason, begins_on=begins_on, law=law_at(begins_on))
    if limit is None:
        refuse(
            "no_limit",
            f"{reason.label}没有规定腾退期限。",
            "在本局参数里设定后再办。",
            field="reason",
        ).enforce()
        raise AssertionError  # the refusal above is raised
    opened: Clearance = Clearance.objects.create(
        number=new_number(day_of(at)),
        unit=unit,
        reason=reason,
        note=note.strip()[:_NOTE_MAX],
        person_id=person_id,
        allocation=allocation,
        begins_on=begins_on,
        due_on=limit.on,
        state=ClearanceState.OPEN,
        opened_at=at,
    )
    areas = dict(
        RoomSpell.objects.on(day_of(at))
        .filter(room__in=room_ids)
        .values_list("room_id", "usable_m2")
    )
    for room in rooms:
        ClearanceRoom.objects.create(clearance=opened, room=room, usable_m2=areas[room.pk])
        timelines.restate(
            room=room, on=day_of(at), told_at=at, state=RoomState.CLEARING, why=reason.label
        )
    made(
        opened, "unit_id", "reason", "begins_on", "due_on", "state", "note", actor=actor,
        verb="space.clearance.opened", at=at, note="、".join(map(str, rooms))[:500],
    )  # fmt: skip
    bus.publish(ClearanceOpened(clearance_id=opened.pk, at=at, by_id=actor.person_id))
    return opened


def _not_cleared_yet(room_ids: Sequence[int]) -> None:
    known = reading.being_cleared(room_ids)
    if known:
        row = next(iter(known.values()))
        label = ClearanceState(row.state).label
        refuse(
            "cleared_already", "有的房间已在腾退。", f"{row.number}，{label}。", field="rooms"
        ).enforce()


# ── the unit's part ──────────────────────────────────────────────────────────────────────


@transaction.atomic
def hand_back(
    *, actor: Actor, clearance_id: int, on: date, note: str = "", at: datetime
) -> Clearance:
    """Hand the rooms back (移交): empty, keys and all; the keeper looks at them and accepts.

    Needs ``space.allocation.hand_back`` for the unit. Late is said, not refused.
    """
    clearance: Clearance = locked(
        CLEARANCES, actor=actor, verb=HAND_BACK, pk=clearance_id, act="移交", to=S.HANDED_BACK
    )
    verdict = rules.may_hand_back(
        on=on, today=day_of(at), begins_on=clearance.begins_on, due_on=clearance.due_on
    )
    change(
        clearance,
        {
            "state": S.HANDED_BACK, "state_note": note, "handed_back_on": on,
            "handed_by_id": actor.person_id,
        },
        actor=actor, verb="space.clearance.handed_back", at=at, verdict=verdict, note=note,
        news=[ClearanceHandedBack(clearance_id=clearance.pk, at=at, by_id=actor.person_id)],
    )  # fmt: skip
    return clearance


# ── the keeper's part ────────────────────────────────────────────────────────────────────


@transaction.atomic
def send_back(*, actor: Actor, clearance_id: int, reason: str, at: datetime) -> Clearance:
    """Not accept the rooms as they are (退回整改), with the reason; the time goes on running."""
    clearance: Clearance = locked(
        CLEARANCES, actor=actor, verb=ACCEPT, pk=clearance_id, act="退回", to=S.RETURNED
    )
    note = reasoned(reason)
    change(
        clearance, {"state": S.RETURNED, "state_note": note}, actor=actor,
        verb="space.clearance.sent_back", at=at, note=note,
        news=[ClearanceSentBack(clearance_id=clearance.pk, at=at, by_id=actor.person_id)],
    )  # fmt: skip
    return clearance


@transaction.atomic
def accept(*, actor: Actor, clearance_id: int, on: date, at: datetime) -> Clearance:
    """Take the rooms back (接收): they stand empty, nobody holds them, nobody sits there.

    Publishes ``RoomsHandedBack``. An allocation whose last room this was is over and its paper
    void; of one that keeps some rooms the paper is replaced.
    """
    clearance: Clearance = locked(
        CLEARANCES, actor=actor, verb=ACCEPT, pk=clearance_id, act="接收", to=S.DONE
    )
    assert clearance.handed_back_on is not None  # noqa: S101 — a constraint: it was handed back
    verdict = rules.may_accept(on=on, handed_back_on=clearance.handed_back_on, today=day_of(at))
    verdict.enforce()
    rows = reading.rooms_of(clearance)
    rooms = timelines.lock(row.room_id for row in rows)
    _not_changed_since([room.pk for room in rooms], clearance.unit, on)
    left = _papers_of(clearance, [room.pk for room in rooms], on)
    longer = _extended(clearance, [room.pk for room in rooms], on)
    why = f"{clearance.unit.shown}{ClearanceReason(clearance.reason).label}腾退"
    for room in rooms:
        timelines.unseat(room=room, on=on)
        # Where the rooms come back late, whoever holds them next may have begun already.
        if Holding.objects.on(on).filter(room=room, unit=clearance.unit).exists():
            timelines.release(room=room, on=on)
        timelines.restate(room=room, on=on, told_at=at, state=RoomState.VACANT, why=why)
    # A longer loan of rooms that came back before its time begins has nothing to go on with.
    for holding in longer:
        timelines.release(room=holding.room, on=holding.during.lower)
    clearance.rooms.update(standing=False)
    room_ids = tuple(room.pk for room in rooms)
    change(
        clearance,
        {
            "state": S.DONE, "state_note": "", "accepted_on": on,
            "accepted_by_id": actor.person_id,
        },
        actor=actor, verb="space.clearance.accepted", at=at, verdict=verdict,
        news=[RoomsHandedBack(room_ids=room_ids, unit_id=clearance.unit_id, on=on)],
    )  # fmt: skip
    for allocation in left:
        _follow(actor, allocation, set(room_ids), on, at)
    return clearance


def _not_changed_since(room_ids: Sequence[int], unit: Unit, on: date) -> None:
    """What was told of later days stays: a room is not taken back before its newest entry, nor
    before somebody of its unit sat down in it."""
    changed = RoomSpell.objects.filter(room__in=room_ids, during__startswith__gt=on)
    seated = Occupant.objects.filter(
        room__in=room_ids, during__startswith__gt=on, person__unit__path__startswith=unit.path
    )
    told: list[Any] = [
        *changed.select_related("room__building"),
        *seated.select_related("room__building"),
    ]
    if told:
        later = max(told, key=lambda row: row.during.lower)
        day = later.during.lower
        refuse(
            "changed_since",
            f"{later.room}在{day:%Y-%m-%d}另有登记。",
            "接收日期不早于这一天。",
            field="on",
        ).enforce()


def _papers_of(clearance: Clearance, room_ids: Sequence[int], on: date) -> list[Allocation]:
    """The allocations by whose papers the unit had these rooms or was to keep them, locked."""
    held = Holding.objects.filter(room__in=room_ids, unit=clearance.unit).exclude(paper="")
    numbers = [
        *held.filter(during__startswith__lte=on).values_list("paper", flat=True),
        *(holding.paper for holding in _extended(clearance, room_ids, on)),
    ]
    rows = Allocation.objects.select_for_update(of=("self",)).select_related("unit__parent")
    return list(
        rows.filter(
            paper__in=set(numbers), unit=clearance.unit, state=AllocationState.IN_USE
        ).order_by("pk")
    )


def _extended(clearance: Clearance, room_ids: Sequence[int], on: date) -> list[Holding]:
    """What the unit was to hold of these rooms from a later day on, by an extension of its loan."""
    extensions = Allocation.objects.filter(
        unit=clearance.unit, state=AllocationState.IN_USE, extends__isnull=False
    )
    return list(
        Holding.objects.filter(
            room__in=room_ids, unit=clearance.unit, during__startswith__gt=on,
            paper__in=extensions.values("paper"),
        ).select_related("room")
    )  # fmt: skip


def _follow(actor: Actor, allocation: Allocation, gone: set[int], on: date, at: datetime) -> None:
    """What becomes of an allocation and its paper when some of its rooms went back."""
    given = allocation_queries.given(allocation)
    back = gone | back_before(allocation)
    left = [row for row in given if row.room_id not in back]
    if len(left) == len(given):
        return
    if left:
        _keep_the_rest(actor, allocation, left, at)
        return
    change(
        allocation, {"state": AllocationState.ENDED, "ended_on": on}, actor=actor,
        verb="space.allocation.ended", at=at,
    )  # fmt: skip
    papers.void_along(
        actor=actor, subject=allocation, why=Why.OTHER, reason="房间已腾退移交", at=at
    )


def back_before(allocation: Allocation) -> set[int]:
    """Rooms of an allocation that went back by earlier clearances, since it was handed over."""
    rows = ClearanceRoom.objects.filter(
        clearance__unit=allocation.unit, clearance__state=ClearanceState.DONE,
        room__in=allocation.rooms.filter(back=False).values("room"),
    )  # fmt: skip
    if allocation.granted_at is not None:
        rows = rows.filter(clearance__opened_at__gte=allocation.granted_at)
    return set(rows.values_list("room_id", flat=True))


def _keep_the_rest(
    actor: Actor, allocation: Allocation, left: Sequence[AllocationRoom], at: datetime
) -> None:
    usable_m2 = sum((row.usable_m2 for row in left), start=Decimal(0))
    facts = {"usable_m2": usable_m2, "place": vouchers.place_of(left)}
    issued = vouchers.issue(
        actor=actor, allocation=vouchers.with_facts(allocation, facts), rooms=left,
        reason="部分房间已腾退", at=at,
    )  # fmt: skip
    Holding.objects.filter(
        unit=allocation.unit, paper=allocation.paper, room__in=[row.room_id for row in left]
    ).update(paper=issued.numbered)
    change(
        allocation, {**facts, "paper": issued.numbered}, actor=actor,
        verb="space.allocation.lessened", at=at,
    )  # fmt: skip


@transaction.atomic
def call_off(*, actor: Actor, clearance_id: int, reason: str, at: datetime) -> Clearance:
    """Call a clearance off (撤销腾退) while the rooms are in the unit's hands, with the reason."""
    clearance: Clearance = locked(
        CLEARANCES, actor=actor, verb=ACCEPT, pk=clearance_id, act="撤销", to=S.CALLED_OFF
    )
    drop(actor=actor, clearance=clearance, note=reasoned(reason), at=at)
    return clearance


def drop(*, actor: Actor, clearance: Clearance, note: str, at: datetime) -> None:
    """The rooms stay in use. Inside a caller's act."""
    rooms = timelines.lock(row.room_id for row in reading.rooms_of(clearance))
    for room in rooms:
        timelines.restate(room=room, on=day_of(at), told_at=at, state=RoomState.IN_USE)
    clearance.rooms.update(standing=False)
    change(
        clearance, {"state": S.CALLED_OFF, "state_note": note}, actor=actor,
        verb="space.clearance.called_off", at=at, note=note,
    )  # fmt: skip


# ── the ends of loans ────────────────────────────────────────────────────────────────────


@transaction.atomic
def end_loans(*, actor: Actor, at: datetime) -> list[Clearance]:
    """Loans whose last day is over are to be given back; those that are being extended wait.

    Safe to run twice: a loan with a clearance has one. A ledger's loans have no rooms.
    """
    today = day_of(at)
    over = (
        Allocation.objects.select_for_update(of=("self",))
        .select_related("unit")
        .filter(way=AllocationMethod.LOAN, state=AllocationState.IN_USE, last_on__lt=today)
        .exclude(clearances__reason=ClearanceReason.LOAN_ENDED, clearances__state__in=STANDING)
        .exclude(clearances__reason=ClearanceReason.LOAN_ENDED, clearances__state="DONE")
        .filter(allocation_queries.without_extension())
        .order_by("pk")
    )
    opened = []
    for loan in over:
        room_ids = [row.room_id for row in allocation_queries.given(loan)]
        busy = reading.being_cleared(room_ids)
        left = [pk for pk in room_ids if pk not in busy and _still_theirs(pk, today)]
        if left and loan.last_on is not None:
            opened.append(
                begin(
                    actor=actor,
                    unit=loan.unit,
                    reason=ClearanceReason.LOAN_ENDED,
                    room_ids=left,
                    begins_on=loan.last_on,
                    allocation=loan,
                    note=f"{loan.paper} 借用到期",
                    at=at,
                )
            )
    return opened


def _still_theirs(room_id: int, day: date) -> bool:
    """Whether a room is in use and nobody else's since the loan ran out."""
    in_use = RoomSpell.objects.on(day).filter(room=room_id, state=RoomState.IN_USE).exists()
    other = Holding.objects.on(day).filter(room=room_id).exclude(basis=Basis.LOAN).exists()
    return bool(in_use and not other)


# ── for acts on something else ───────────────────────────────────────────────────────────


def locked_for(clearance_id: int) -> Clearance:
    """A clearance locked by an act on something else, which asked who may."""
    rows = Clearance.objects.select_for_update(of=("self",)).select_related("unit")
    clearance: Clearance = rows.get(pk=clearance_id)
    return clearance
