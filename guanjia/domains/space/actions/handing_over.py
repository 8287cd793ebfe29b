"""Handing rooms over to a unit (交接), signed by who receives them; what is to go back then."""

from datetime import date, datetime

from django.db import transaction

from guanjia.domains.space.actions import clearances, granting, timelines
from guanjia.domains.space.actions.allocations import ALLOCATIONS, GRANT, REQUEST, day_of
from guanjia.domains.space.events import RoomsHandedOver
from guanjia.domains.space.models import Allocation
from guanjia.domains.space.queries import allocations as reading
from guanjia.domains.space.queries import clearances as clearing
from guanjia.domains.space.rules import allocations as rules
from guanjia.domains.space.terms.allocations import AllocationMethod, AllocationState
from guanjia.domains.space.terms.clearances import ClearanceReason
from guanjia.domains.space.terms.ledger import RoomState
from guanjia.kernel.acts.changing import change, locked
from guanjia.kernel.attachments import actions as attachments
from guanjia.kernel.attachments import retention
from guanjia.kernel.regulations.verdict import Verdict, refuse
from guanjia.kernel.values.actor import Actor

SIGNED = "接收签名"


@transaction.atomic
def hand_over(
    *,
    actor: Actor,
    allocation_id: int,
    on: date,
    receiver: str,
    signature: bytes | None,
    at: datetime,
) -> Allocation:
    """Hand the rooms over (交接), with the name and the drawn signature of who receives them.

    By the keeper (``space.allocation.grant``) or on the unit's own phone
    (``space.allocation.request``). From that day on the rooms are in use; publishes
    ``RoomsHandedOver``. Refused while somebody is still in the rooms. The old rooms that the
    request named are to be cleared from then on.
    """
    verb = GRANT if ALLOCATIONS.reaches(actor, GRANT, allocation_id) else REQUEST
    allocation: Allocation = locked(
        ALLOCATIONS, actor=actor, verb=verb, pk=allocation_id, act="交接",
        when=(AllocationState.RESERVED,),
    )  # fmt: skip
    verdict = _may_hand_over(allocation, on, receiver, signature, at)
    verdict.enforce()
    rows = reading.given(allocation)
    rooms = timelines.lock(row.room_id for row in rows)
    rules.all_empty(rooms=granting.not_empty(rooms, on, day_of(at))).enforce()
    for room in rooms:
        timelines.restate(room=room, on=on, told_at=at, state=RoomState.IN_USE)
    attachments.keep_image(
        actor=actor, png=signature or b"", subject=allocation, unit=allocation.unit, kind=SIGNED,
        name=f"{receiver.strip()}签名.png", at=at, retain_until=retention.until(at=at),
    )  # fmt: skip
    room_ids = tuple(row.room_id for row in rows)
    change(
        allocation,
        {"state": AllocationState.IN_USE, "handed_over_on": on, "receiver": receiver},
        actor=actor, verb="space.allocation.received", at=at, verdict=verdict,
        news=[RoomsHandedOver(room_ids=room_ids, unit_id=allocation.unit_id, on=on)],
    )  # fmt: skip
    _clear_the_old(actor, allocation, on, at)
    return allocation


def _may_hand_over(
    allocation: Allocation, on: date, receiver: str, signature: bytes | None, at: datetime
) -> Verdict:
    verdict = Verdict()
    if on > day_of(at):
        verdict += refuse("in_the_future", "交接日期还没有到。", "到那天再交接。", field="on")
    if allocation.since_on is not None and on < allocation.since_on:
        day = f"{allocation.since_on:%Y-%m-%d}"
        verdict += refuse(
            "before_since", "交接日期早于使用期限。", f"从 {day} 起使用。", field="on"
        )
    name = receiver.strip()
    if not name:
        verdict += refuse("no_receiver", "没有填接收人。", "写接收人的姓名。", field="receiver")
    elif len(name) > 60:  # noqa: PLR2004 — the column
        verdict += refuse("receiver_long", "接收人的姓名太长。", "不超过 60 字。", field="receiver")
    if not signature:
        verdict += refuse(
            "signature_missing", "还没有签名。", "请接收人在签名框里签上姓名。", field="signature"
        )
    return verdict


def _clear_the_old(actor: Actor, allocation: Allocation, on: date, at: datetime) -> None:
    """The rooms that the unit gives back for the new ones: their time runs from the move."""
    ids = [row.room_id for row in reading.going_back(allocation)]
    held = {row.pk for row in reading.own_rooms(unit=allocation.unit, day=day_of(at))}
    busy = clearing.being_cleared(ids)
    left = [pk for pk in ids if pk in held and pk not in busy]
    if not left:
        return
    swapped = allocation.way == AllocationMethod.SWAP
    clearances.begin(
        actor=actor, unit=allocation.unit,
        reason=ClearanceReason.SWAPPED if swapped else ClearanceReason.NEW_FOR_OLD,
        room_ids=left, begins_on=on, allocation=allocation,
        note=f"搬入{allocation.place}"[:200], at=at,
    )  # fmt: skip
