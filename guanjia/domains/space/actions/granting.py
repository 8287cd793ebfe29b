"""Choosing rooms for an approved request (选房): reserve them, issue its papers, choose others."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction

from guanjia.domains.space import vouchers
from guanjia.domains.space.actions import clearances, timelines
from guanjia.domains.space.actions.allocations import (
    ALLOCATIONS,
    EXTENDED_IN,
    GRANT,
    day_of,
    free_rooms,
)
from guanjia.domains.space.events import AllocationGranted
from guanjia.domains.space.models import Allocation, AllocationRoom, Holding, Room, RoomSpell
from guanjia.domains.space.queries import allocations as reading
from guanjia.domains.space.queries import clearances as clearing
from guanjia.domains.space.queries import vacancies
from guanjia.domains.space.rules import allocations as rules
from guanjia.domains.space.terms.allocations import (
    FROM_STOCK,
    AllocationMethod,
    AllocationState,
    FreeRoom,
)
from guanjia.domains.space.terms.clearances import WITH_UNIT, ClearanceReason, ClearanceState
from guanjia.domains.space.terms.ledger import Basis, RoomState
from guanjia.kernel.acts.changing import change, locked, reasoned
from guanjia.kernel.regulations.lawbook import law_at
from guanjia.kernel.regulations.verdict import Verdict, refuse
from guanjia.kernel.values.actor import Actor

_ROOMS_MAX = 400
_LONGER = "签发续借凭证"
S = AllocationState


@transaction.atomic
def grant(
    *,
    actor: Actor,
    allocation_id: int,
    room_ids: Sequence[int],
    since_on: date | None = None,
    gross_m2: Decimal | None = None,
    at: datetime,
) -> Allocation:
    """Give rooms to an approved request (选房): they are the unit's at once, also ahead of time.

    ``since_on``: from when, today where nothing is said; a loan keeps its own days. ``gross_m2``:
    the 建筑面积 where the ledger does not know it of every room. Needs ``space.allocation.grant``.
    Whoever comes second for a room is told who holds it until when, with three others. Issues the
    agreement and the numbered voucher; publishes ``AllocationGranted``.
    """
    allocation: Allocation = locked(
        ALLOCATIONS, actor=actor, verb=GRANT, pk=allocation_id, act="选房", when=(S.AGREED,)
    )
    _from_stock(allocation)
    since = {"since_on": _beginning(allocation, since_on, at)}
    if not allocation.is_loan:
        rules.from_approval_on(
            since_on=since["since_on"], approved_on=allocation.approved_on
        ).enforce()
    verdict = _may_have(vouchers.with_facts(allocation, since), room_ids, at)
    verdict.enforce()
    kept = _keep_rooms(allocation, room_ids, day_of(at))
    facts = {**since, **_sum_up(kept, gross_m2)}
    change(
        allocation,
        {
            **facts, **_by(actor, at), "state": S.RESERVED, "state_note": "",
            "paper": _hold_and_issue(actor, vouchers.with_facts(allocation, facts), kept, at),
        },
        actor=actor, verb="space.allocation.granted", at=at, verdict=verdict,
        note="、".join(str(row.room) for row in kept)[:500], news=[_granted(allocation, actor, at)],
    )  # fmt: skip
    return allocation


def _by(actor: Actor, at: datetime) -> dict[str, Any]:
    return {"granted_by_id": actor.person_id, "granted_at": at}


def _granted(allocation: Allocation, actor: Actor, at: datetime) -> AllocationGranted:
    return AllocationGranted(allocation_id=allocation.pk, at=at, by_id=actor.person_id)


@transaction.atomic
def choose_again(*, actor: Actor, allocation_id: int, reason: str, at: datetime) -> Allocation:
    """Let go of the rooms before they are handed over, to choose others (重新选房).

    The rooms are free at once, so the papers are void; the next choice issues others for them.
    """
    allocation: Allocation = locked(
        ALLOCATIONS, actor=actor, verb=GRANT, pk=allocation_id, act="重新选房", when=(S.RESERVED,)
    )
    note = reasoned(reason)
    free_rooms(allocation)
    allocation.rooms.filter(back=False).delete()
    vouchers.let_go(actor=actor, allocation=allocation, reason=note, at=at)
    change(
        allocation,
        {
            "state": S.AGREED, "state_note": note, "paper": "", "place": "", "usable_m2": None,
            "gross_m2": None, "granted_at": None, "granted_by_id": None,
        },
        actor=actor, verb="space.allocation.rooms_let_go", at=at, note=note,
    )  # fmt: skip
    return allocation


@transaction.atomic
def grant_outside(
    *,
    actor: Actor,
    allocation_id: int,
    place: str,
    gross_m2: Decimal,
    document: str,
    since_on: date,
    last_on: date | None = None,
    at: datetime,
) -> Allocation:
    """Write down what was leased or built (登记租用、建设), with the approval it needs.

    No room of the bureau's is given; the voucher is issued all the same. Publishes
    ``AllocationGranted``.
    """
    allocation: Allocation = locked(
        ALLOCATIONS, actor=actor, verb=GRANT, pk=allocation_id, act="登记", when=(S.AGREED,)
    )
    way = AllocationMethod(allocation.way)
    if way in FROM_STOCK:
        refuse("from_stock", f"{way.label}要从空房里选。", "在本页选房。").enforce()
    verdict = rules.approved_outside(way=way, document=document, law=law_at(at))
    if not place.strip():
        verdict += refuse("no_place", "没有填坐落。", "写明地址。", field="place")
    if gross_m2 <= 0:
        verdict += refuse("no_area", "没有填建筑面积。", "填大于零的数。", field="gross_m2")
    if last_on is not None and last_on < since_on:
        verdict += refuse("ends_before", "结束日期早于开始日期。", "核对日期。", field="last_on")
    verdict.enforce()
    facts = {
        "place": place.strip(), "gross_m2": gross_m2, "document": document.strip(),
        "since_on": since_on, "last_on": last_on,
    }  # fmt: skip
    planned = vouchers.with_facts(allocation, facts)
    paper = vouchers.issue(actor=actor, allocation=planned, rooms=[], at=at).numbered
    change(
        allocation, {**facts, **_by(actor, at), "paper": paper, "state": S.IN_USE}, actor=actor,
        verb="space.allocation.granted", at=at, verdict=verdict,
        news=[_granted(allocation, actor, at)],
    )  # fmt: skip
    return allocation


@transaction.atomic
def grant_extension(*, actor: Actor, allocation_id: int, at: datetime) -> Allocation:
    """Issue the paper of a longer loan (签发续借凭证): the same rooms, from the day after the end.

    Nothing is handed over, and what was to be cleared for the end of the old loan is called off.
    The old loan ends on its own day.
    """
    allocation: Allocation = locked(
        ALLOCATIONS, actor=actor, verb=GRANT, pk=allocation_id, act=_LONGER, when=(S.AGREED,)
    )
    if allocation.extends_id is None:
        refuse("no_extension", "这不是续借。", "在本页选房。").enforce()
    old: Allocation = locked(
        ALLOCATIONS, actor=actor, verb=GRANT, pk=allocation.extends_id or 0, act=_LONGER,
        when=EXTENDED_IN,
    )  # fmt: skip
    gone = clearances.back_before(old)
    rows = [row for row in reading.given(old) if row.room_id not in gone]
    timelines.lock(row.room_id for row in rows)
    _stay(actor, old, at)
    since, until = vouchers.days_of(allocation)
    held = vacancies.taken(
        room_ids=[row.room_id for row in rows], since=since or day_of(at), until=until
    )
    verdict = rules.not_taken(taken=held, others=_others(allocation, at) if held else [])
    verdict.enforce()
    kept = [
        AllocationRoom.objects.create(
            allocation=allocation, room=row.room, usable_m2=row.usable_m2, gross_m2=row.gross_m2
        )
        for row in rows
    ]
    paper = _hold_and_issue(actor, allocation, kept, at)
    change(
        old, {"state": S.ENDED, "ended_on": old.last_on}, actor=actor,
        verb="space.allocation.ended", at=at, note=f"由 {paper} 续借",
    )  # fmt: skip
    change(
        allocation,
        {
            **_by(actor, at), "paper": paper, "state": S.IN_USE,
            "handed_over_on": allocation.since_on,
        },
        actor=actor, verb="space.allocation.extended", at=at, verdict=verdict,
        news=[_granted(allocation, actor, at)],
    )  # fmt: skip
    return allocation


def _stay(actor: Actor, old: Allocation, at: datetime) -> None:
    """The rooms need not be cleared for the end of the loan; what is handed back already is."""
    for clearance in clearing.of_allocation(old.pk):
        if clearance.reason != ClearanceReason.LOAN_ENDED:
            continue
        if clearance.state in (ClearanceState.HANDED_BACK, ClearanceState.DONE):
            refuse(
                "handed_back_already",
                "原借用的房间已经移交。",
                f"{clearance.number}，{ClearanceState(clearance.state).label}。重新申请借用。",
            ).enforce()
        if clearance.state in WITH_UNIT:
            locked_one = clearances.locked_for(clearance.pk)
            clearances.drop(actor=actor, clearance=locked_one, note="已续借", at=at)


# ── what both need ───────────────────────────────────────────────────────────────────────


def _from_stock(allocation: Allocation) -> None:
    way = AllocationMethod(allocation.way)
    if allocation.extends_id is not None:
        refuse("extension", "续借不用选房。", "签发续借凭证。").enforce()
    if way not in FROM_STOCK:
        refuse("outside", f"{way.label}不从空房里选。", f"登记{way.label}的房屋。").enforce()


def _beginning(allocation: Allocation, since_on: date | None, at: datetime) -> date:
    """A loan begins when it says; else from the day told, today where nothing is."""
    if allocation.is_loan and allocation.since_on is not None:
        return allocation.since_on
    return since_on or day_of(at)


def _may_have(allocation: Allocation, room_ids: Sequence[int], at: datetime) -> Verdict:
    """Locks the rooms; then whether they are free in the stretch, empty, and not too much."""
    if not room_ids:
        refuse("no_rooms", "没有选房间。", "从空房里选。", field="rooms").enforce()
    if len(set(room_ids)) > _ROOMS_MAX:
        refuse("many_rooms", "一次选的房间太多。", f"不超过 {_ROOMS_MAX} 间。").enforce()
    rooms = timelines.lock(room_ids)
    if len(rooms) != len(set(room_ids)):
        raise Room.DoesNotExist
    ids = [room.pk for room in rooms]
    since, until = vouchers.days_of(allocation)
    held = vacancies.taken(room_ids=ids, since=since or day_of(at), until=until)
    if held:
        rules.not_taken(taken=held, others=_others(allocation, at)).enforce()
    rules.all_empty(rooms=not_empty(rooms, day_of(at))).enforce()
    law = law_at(at)
    need = reading.need_of_allocation(allocation, day=day_of(at), law=law)
    spells = RoomSpell.objects.on(day_of(at)).filter(room__in=ids)
    given = sum((spell.usable_m2 for spell in spells), Decimal(0))
    return rules.may_grant(given_m2=given, need=need, law=law)


def not_empty(rooms: Sequence[Room], *days: date) -> list[tuple[str, str]]:
    """Which of these rooms do not stand empty on every one of the days, and what they are then."""
    found = {}
    for day in days:
        spells = RoomSpell.objects.on(day).filter(room__in=[room.pk for room in rooms])
        states = {spell.room_id: RoomState(spell.state) for spell in spells}
        for room in rooms:
            state = states.get(room.pk)
            if state is not RoomState.VACANT:
                found[str(room)] = state.label if state else "未登记"
    return list(found.items())


def _others(allocation: Allocation, at: datetime) -> Sequence[FreeRoom]:
    """Other empty rooms for the same stretch, those of the nearest size first."""
    since, until = vouchers.days_of(allocation)
    free = vacancies.fitting(day=day_of(at), since=since or day_of(at), until=until)
    wanted = allocation.wanted_m2 or Decimal(0)
    return sorted(free, key=lambda room: (abs(room.usable_m2 - wanted), room.name))


def _keep_rooms(allocation: Allocation, room_ids: Sequence[int], day: date) -> list[AllocationRoom]:
    spells = RoomSpell.objects.on(day).filter(room__in=set(room_ids))
    AllocationRoom.objects.bulk_create(
        AllocationRoom(
            allocation=allocation, room_id=spell.room_id, usable_m2=spell.usable_m2,
            gross_m2=spell.gross_m2,
        )
        for spell in spells.order_by("room")
    )  # fmt: skip
    return reading.given(allocation)


def _sum_up(kept: Sequence[AllocationRoom], gross_m2: Decimal | None) -> dict[str, Any]:
    known = [row.gross_m2 for row in kept if row.gross_m2 is not None]
    together = sum(known, Decimal(0)) if len(known) == len(kept) else None
    if gross_m2 is not None and gross_m2 <= 0:
        refuse("no_area", "建筑面积要大于零。", "不知道的留空。", field="gross_m2").enforce()
    return {
        "gross_m2": gross_m2 or together,
        "usable_m2": sum((row.usable_m2 for row in kept), Decimal(0)),
        "place": vouchers.place_of(kept),
    }


def _hold_and_issue(
    actor: Actor, allocation: Allocation, kept: Sequence[AllocationRoom], at: datetime
) -> str:
    """Hold the rooms for the unit, then issue the papers: their number is the last lock."""
    since, until = vouchers.days_of(allocation)
    basis = Basis.LOAN if allocation.is_loan else Basis.ALLOTTED
    held = [
        timelines.hold(room=row.room, unit=allocation.unit, since=since, until=until, basis=basis)
        for row in kept
    ]
    issued = vouchers.issue(actor=actor, allocation=allocation, rooms=kept, at=at)
    Holding.objects.filter(pk__in=[each.pk for each in held]).update(paper=issued.numbered)
    return str(issued.numbered)
