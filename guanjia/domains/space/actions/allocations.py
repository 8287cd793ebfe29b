"""Asking for offices (申请用房): ask, mend, make a loan longer, call off, end what ran out."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction

from guanjia.domains.space.actions import timelines
from guanjia.domains.space.approvals import ALLOCATION
from guanjia.domains.space.models import (
    Allocation,
    AllocationNeed,
    AllocationRoom,
    AllocationWay,
    Holding,
)
from guanjia.domains.space.queries import allocations as reading
from guanjia.domains.space.rules import allocations as rules
from guanjia.domains.space.terms.allocations import (
    FILES,
    UNSENT,
    AllocationMethod,
    AllocationState,
    Asked,
    LettingOut,
    Need,
)
from guanjia.kernel.acts.changing import Files, change, locked, made, reasoned
from guanjia.kernel.approvals.actions import opening
from guanjia.kernel.approvals.telling import tell_checked
from guanjia.kernel.numbering import actions as numbering
from guanjia.kernel.org.models import Unit
from guanjia.kernel.regulations.lawbook import law_at
from guanjia.kernel.regulations.verdict import Verdict, refuse
from guanjia.kernel.values.actor import Actor
from guanjia.kernel.values.period import SHANGHAI
from guanjia.kernel.vouchers import actions as vouchers
from guanjia.kernel.vouchers.terms import Why

REQUEST, GRANT, ENTER = reading.REQUEST, reading.GRANT, reading.ENTER
ALLOCATIONS = reading.ALLOCATIONS
S = AllocationState
# Under which verb an allocation may be called off (取消) in which states.
_EARLY = (*UNSENT, S.PENDING)
EXTENDED_IN = (S.IN_USE, S.RECORDED)
CALLING_OFF = {REQUEST: _EARLY, GRANT: (*_EARLY, S.AGREED, S.RESERVED)}
ASKED = ("unit_id", "way", "reason", "wanted_m2", "since_on", "last_on", "entitled_m2", "held_m2")
_REASON_MAX, _REFUSAL_MAX, _NOTE_MAX = 300, 200, 200


def day_of(at: datetime) -> date:
    """The day of a moment, as clocks here show it."""
    return at.astimezone(SHANGHAI).date()


def new_number(on: date) -> str:
    """The next 调配单号: ``TP``, the year, a running number."""
    return f"TP{on.year}{numbering.next_number(series='space.allocation', year=on.year):05d}"


# ── asking ───────────────────────────────────────────────────────────────────────────────


@transaction.atomic
def request(
    *, actor: Actor, unit_id: int, asked: Asked, files: Sequence[int] = (), at: datetime
) -> Allocation:
    """Ask for offices (申请用房) for a unit; the request goes to its approval at once.

    Needs ``space.allocation.request`` for the unit. Refused: leasing or lending out, a later way
    without why the earlier ones will not do, a loan without an end. More than may be given is a
    warning that the approvers see.
    """
    actor.must(REQUEST)
    unit = Unit.objects.within(actor.scope(REQUEST)).open().select_related("parent").get(pk=unit_id)
    verdict, need = _judged(unit, asked, at)
    verdict.enforce()
    allocation: Allocation = Allocation.objects.create(
        number=new_number(day_of(at)),
        unit=unit,
        state=AllocationState.PENDING,
        applicant_id=actor.person_id,
        asked_at=at,
        **_written(asked, need),
    )
    _keep_parts(actor, allocation, asked, at)
    made(
        allocation, *ASKED, actor=actor, verb="space.allocation.requested", at=at,
        verdict=verdict, files=_files(allocation, files),
    )  # fmt: skip
    _send(actor, allocation, need, verdict, at=at)
    return allocation


@transaction.atomic
def mend(
    *,
    actor: Actor,
    allocation_id: int,
    asked: Asked,
    files: Sequence[int] = (),
    comment: str = "",
    at: datetime,
) -> Allocation:
    """Mend a request that was sent back or taken back, and send it again (修改后再交)."""
    allocation: Allocation = locked(
        ALLOCATIONS, actor=actor, verb=REQUEST, pk=allocation_id, act="修改", to=S.PENDING
    )
    if allocation.extends_id is not None:
        refuse("extension", "续借不能修改。", "取消这一单，再从原借用申请续借。").enforce()
    verdict, need = _judged(allocation.unit, asked, at)
    verdict.enforce()
    change(
        allocation,
        {
            **_written(asked, need), "state": S.PENDING, "state_note": "",
            "applicant_id": allocation.applicant_id or actor.person_id,
        },
        actor=actor, verb="space.allocation.changed", at=at, verdict=verdict,
        files=_files(allocation, files),
    )  # fmt: skip
    for rows in (allocation.needs, allocation.ways, allocation.rooms):
        rows.all().delete()
    _keep_parts(actor, allocation, asked, at)
    _send(actor, allocation, need, verdict, comment=comment, at=at)
    return allocation


@transaction.atomic
def extend(
    *, actor: Actor, allocation_id: int, last_on: date, reason: str, at: datetime
) -> Allocation:
    """Ask to keep a loan longer (申请续借): a decision of its own, with a paper of its own.

    The same rooms, from the day after the last one on. Needs ``space.allocation.request``.
    """
    old: Allocation = locked(
        ALLOCATIONS, actor=actor, verb=REQUEST, pk=allocation_id, act="申请续借", when=EXTENDED_IN
    )
    verdict = _may_extend(old)
    verdict.enforce()
    since_on = (old.last_on or day_of(at)) + timedelta(days=1)
    law = law_at(at)
    verdict += rules.loan_ends(
        way=AllocationMethod.LOAN, since_on=since_on, last_on=last_on, law=law
    )
    verdict += _reasoned(reason)
    verdict.enforce()
    longer: Allocation = Allocation.objects.create(
        number=new_number(day_of(at)),
        unit=old.unit,
        way=AllocationMethod.LOAN,
        state=AllocationState.PENDING,
        reason=reason.strip(),
        place=old.place,
        gross_m2=old.gross_m2,
        usable_m2=old.usable_m2,
        wanted_m2=old.usable_m2 or old.gross_m2,
        since_on=since_on,
        last_on=last_on,
        extends=old,
        applicant_id=actor.person_id,
        asked_at=at,
    )
    made(
        longer, *ASKED, actor=actor, verb="space.allocation.extension_requested", at=at,
        verdict=verdict, note=f"{old.paper or old.number} 续借",
    )  # fmt: skip
    _send(actor, longer, None, verdict, at=at)
    return longer


def _may_extend(old: Allocation) -> Verdict:
    if not old.is_loan:
        return refuse("no_loan", "只有借用才能续借。", "调配的房间长期使用，不用续。")
    known = old.extensions.exclude(state=AllocationState.CALLED_OFF).first()
    if known is not None:
        label = AllocationState(known.state).label
        again = "先取消它，再申请。" if known.state in UNSENT else ""
        return refuse("extended_already", "已经申请续借。", f"{known.number}，{label}。{again}")
    return Verdict()


def _judged(unit: Unit, asked: Asked, at: datetime) -> tuple[Verdict, Need]:
    law, today = law_at(at), day_of(at)
    if isinstance(asked.way, LettingOut):
        rules.may_let_out(wish=asked.way, law=law).enforce()
    way = AllocationMethod(asked.way)
    verdict = _reasoned(asked.reason)
    if asked.wanted_m2 <= 0:
        verdict += refuse("no_area", "没有填申请面积。", "填使用面积，大于零。", field="wanted_m2")
    if not asked.persons:
        verdict += refuse("nobody", "没有填用房人数。", "按职级填要安排的人数。", field="persons")
    verdict += rules.in_order(way=way, refusals=asked.refusals, law=law)
    verdict += rules.loan_ends(way=way, since_on=asked.since_on, last_on=asked.last_on, law=law)
    held = {row.pk for row in reading.own_rooms(unit=unit, day=today)}
    if strange := set(asked.back) - held:
        verdict += refuse(
            "not_held", "交回的房间不是这个单位在用的。", f"有 {len(strange)} 间，重新选。",
            field="back",
        )  # fmt: skip
    need = reading.need_of(unit=unit, persons=asked.persons, back=asked.back, day=today, law=law)
    known = reading.people_of(unit=unit, day=today)
    verdict += rules.people_known(persons=need.persons, known=known)
    return verdict + rules.within_need(wanted_m2=asked.wanted_m2, need=need, law=law), need


def _reasoned(reason: str) -> Verdict:
    if not reason.strip():
        return refuse("reason_missing", "没有写申请理由。", "写明理由。", field="reason")
    if len(reason.strip()) > _REASON_MAX:
        return refuse("reason_long", "申请理由太长。", f"不超过 {_REASON_MAX} 字。", field="reason")
    return Verdict()


def _written(asked: Asked, need: Need) -> dict[str, Any]:
    loan = asked.way == AllocationMethod.LOAN
    return {
        "way": asked.way,
        "reason": asked.reason.strip(),
        "wanted_m2": asked.wanted_m2,
        "entitled_m2": need.entitled_m2,
        "held_m2": need.held_m2,
        "since_on": asked.since_on,
        "last_on": asked.last_on if loan else None,
    }


def _keep_parts(actor: Actor, allocation: Allocation, asked: Asked, at: datetime) -> None:
    """People by rank, the refusals of earlier ways, the rooms that go back."""
    AllocationNeed.objects.bulk_create(
        AllocationNeed(allocation=allocation, rank=rank, persons=persons)
        for rank, persons in asked.persons.items()
        if persons
    )
    earlier = rules.earlier_ways(AllocationMethod(allocation.way), law_at(at))
    AllocationWay.objects.bulk_create(
        AllocationWay(
            allocation=allocation, way=way, refusal=asked.refusals[way].strip()[:_REFUSAL_MAX],
            told_by_id=actor.person_id, told_at=at,
        )
        for way in earlier
    )  # fmt: skip
    own = {row.pk: row for row in reading.own_rooms(unit=allocation.unit, day=day_of(at))}
    AllocationRoom.objects.bulk_create(
        AllocationRoom(
            allocation=allocation, room_id=pk, back=True,
            usable_m2=own[pk].now.usable_m2, gross_m2=own[pk].now.gross_m2,
        )
        for pk in sorted(set(asked.back))
    )  # fmt: skip


def _files(allocation: Allocation, files: Sequence[int]) -> Files:
    return Files(ids=files, bounds=FILES, unit=allocation.unit)


def _send(
    actor: Actor,
    allocation: Allocation,
    need: Need | None,
    verdict: Verdict,
    *,
    comment: str = "",
    at: datetime,
) -> None:
    case = opening.case_of(allocation, route=ALLOCATION.key)
    common: dict[str, Any] = {
        "route": ALLOCATION, "unit": allocation.unit, "actor": actor, "comment": comment, "at": at,
        "facts": case_facts(allocation, need),
        "summary": reading.summary_of(allocation)[:_NOTE_MAX],
    }  # fmt: skip
    if case is None:
        opening.open_case(subject=allocation, applicant_id=actor.person_id, **common)
    else:
        opening.resubmit(case=case, **common)
    case = opening.case_of(allocation, route=ALLOCATION.key)
    if case is not None:
        tell_checked(case=case, verdict=verdict, at=at)
    allocation.refresh_from_db(fields=["state", "state_note", "approved_on"])


def case_facts(allocation: Allocation, need: Need | None) -> dict[str, Any]:
    """What the steps of the route may depend on (``ALLOCATION.facts``)."""
    wanted = allocation.wanted_m2 or Decimal(0)
    free = need.free_m2 if need is not None else None
    return {
        "way": str(allocation.way),
        "wanted": float(wanted),
        "over": float(max(wanted - free, Decimal(0))) if free is not None else 0.0,
        "persons": need.persons if need is not None else 0,
        "extends": allocation.extends_id is not None,
    }


# ── calling off, ending ──────────────────────────────────────────────────────────────────


@transaction.atomic
def call_off(*, actor: Actor, allocation_id: int, reason: str, at: datetime) -> Allocation:
    """Call an allocation off (取消调配) before it is handed over, with the reason.

    By the unit while it is not approved, else by whoever has ``space.allocation.grant``. The rooms
    are free again, its papers void.
    """
    verb = GRANT if ALLOCATIONS.reaches(actor, GRANT, allocation_id) else REQUEST
    allocation: Allocation = locked(
        ALLOCATIONS, actor=actor, verb=verb, pk=allocation_id, act="取消", when=CALLING_OFF[verb]
    )
    note = reasoned(reason)
    case = opening.case_of(allocation, route=ALLOCATION.key)
    if case is not None:
        opening.call_off(case=case, comment="调配取消", at=at)
    stop(actor=actor, allocation=allocation, note=note, at=at)
    return allocation


def stop(*, actor: Actor, allocation: Allocation, note: str, at: datetime) -> None:
    """End an allocation before its rooms are handed over. Inside a caller's act."""
    free_rooms(allocation)
    change(
        allocation, {"state": S.CALLED_OFF, "state_note": note[:_NOTE_MAX]}, actor=actor,
        verb="space.allocation.called_off", at=at, note=note,
    )  # fmt: skip
    vouchers.void_along(actor=actor, subject=allocation, why=Why.CANCELLED, reason=note, at=at)


def free_rooms(allocation: Allocation) -> None:
    """What was reserved is free again, as if it had never been. Inside a caller's act."""
    rows = reading.given(allocation)
    timelines.lock(row.room_id for row in rows)
    if allocation.paper:
        Holding.objects.filter(
            room__in=[row.room_id for row in rows], unit=allocation.unit_id, paper=allocation.paper
        ).delete()


@transaction.atomic
def end_recorded(*, actor: Actor, allocation_id: int, on: date, at: datetime) -> Allocation:
    """Write down that what a ledger told of, or a lease, is over (登记归还): no rooms of the bureau
    hang on it, so nothing is cleared; its papers are void."""
    allocation: Allocation = locked(
        ALLOCATIONS, actor=actor, verb=GRANT, pk=allocation_id, act="登记归还", to=S.ENDED
    )
    if not reading.ends_without_clearance(allocation):
        refuse("from_stock", "不能登记归还。", "本局的房间按腾退办理。").enforce()
    if on > day_of(at):
        refuse("in_the_future", "归还日期还没有到。", "核对日期。", field="on").enforce()
    change(
        allocation, {"state": S.ENDED, "ended_on": on}, actor=actor,
        verb="space.allocation.ended", at=at,
    )  # fmt: skip
    vouchers.void_along(actor=actor, subject=allocation, why=Why.OTHER, reason="已归还", at=at)
    return allocation
