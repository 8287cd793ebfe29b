"""Asking to use or dispose of idle rooms (申请处置利用): ask, value, send, call off."""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction

from guanjia.domains.space.actions import timelines
from guanjia.domains.space.approvals import DISPOSAL
from guanjia.domains.space.models import Disposal, DisposalRoom, Room, RoomSpell
from guanjia.domains.space.queries import disposals as reading
from guanjia.domains.space.queries import rooms as ledger
from guanjia.domains.space.rules import disposals as rules
from guanjia.domains.space.rules.allocations import area
from guanjia.domains.space.terms.disposals import (
    FILES,
    UNSENT,
    DisposalAsked,
    DisposalState,
    DisposalWay,
    Valuation,
)
from guanjia.domains.space.terms.ledger import Basis, RoomState
from guanjia.kernel.acts.changing import Files, change, locked, made, reasoned
from guanjia.kernel.approvals.actions import opening
from guanjia.kernel.approvals.telling import tell_checked
from guanjia.kernel.numbering import actions as numbering
from guanjia.kernel.org import queries as org
from guanjia.kernel.regulations.lawbook import law_at
from guanjia.kernel.regulations.verdict import Verdict, refuse
from guanjia.kernel.values.actor import Actor
from guanjia.kernel.values.period import SHANGHAI

REQUEST, DEAL, DISPOSALS = reading.REQUEST, reading.DEAL, reading.DISPOSALS
S = DisposalState
ASKED = ("way", "purpose", "to_unit_id", "party", "reason", "usable_m2")
_NOTE_MAX, _PLACE_MAX = 200, 200


def day_of(at: datetime) -> date:
    """The day of a moment, as clocks here show it."""
    return at.astimezone(SHANGHAI).date()


def new_number(on: date) -> str:
    """The next 处置单号: ``FC``, the year, a running number."""
    return f"FC{on.year}{numbering.next_number(series='space.disposal', year=on.year):05d}"


@transaction.atomic
def request(
    *, actor: Actor, asked: DisposalAsked, files: Sequence[int] = (), at: datetime
) -> Disposal:
    """Begin to put idle rooms to use, or to dispose of them (申请处置利用); it is sent apart.

    Needs ``space.disposal.request``. Refused: rooms that somebody holds (leasing these is against
    the regulations), that are not 空置, or that are part of another disposal.
    """
    actor.must(REQUEST)
    rooms = _locked_rooms(actor, asked.room_ids)
    verdict = judged(asked, rooms, at)
    verdict.enforce()
    disposal: Disposal = Disposal.objects.create(
        number=new_number(day_of(at)),
        unit=org.unit_of(actor),
        state=DisposalState.DRAFT,
        applicant_id=actor.person_id,
        asked_at=at,
        **_written(asked, rooms, at),
    )
    _keep_rooms(disposal, rooms, at)
    made(
        disposal, *ASKED, actor=actor, verb="space.disposal.requested", at=at, verdict=verdict,
        files=attached(disposal, files),
    )  # fmt: skip
    return disposal


@transaction.atomic
def mend(
    *,
    actor: Actor,
    reuse_id: int,
    asked: DisposalAsked,
    files: Sequence[int] = (),
    at: datetime,
) -> Disposal:
    """Mend what was not sent yet, or was sent back (修改); another way needs a new request."""
    disposal: Disposal = locked(
        DISPOSALS, actor=actor, verb=REQUEST, pk=reuse_id, act="修改", when=UNSENT
    )
    if asked.way != disposal.way:
        refuse("other_way", "方式不能改。", "取消这一件，按新的方式重新申请。").enforce()
    rooms = _locked_rooms(actor, asked.room_ids)
    verdict = judged(asked, rooms, at, without=disposal.pk)
    verdict.enforce()
    change(
        disposal, _written(asked, rooms, at), actor=actor, verb="space.disposal.changed", at=at,
        verdict=verdict, files=attached(disposal, files),
    )  # fmt: skip
    disposal.rooms.all().delete()
    _keep_rooms(disposal, rooms, at)
    return disposal


def judged(
    asked: DisposalAsked, rooms: Sequence[Room], at: datetime, without: int | None = None
) -> Verdict:
    """What the rules say of a request as the ledger stands."""
    law, today = law_at(at), day_of(at)
    verdict = rules.may_ask(asked=asked, law=law)
    ids = [room.pk for room in rooms]
    known = [
        (str(one.room), one.disposal.number, DisposalState(one.disposal.state).label)
        for one in reading.under_way(room_ids=ids, without=without)
    ]
    verdict += rules.not_twice(known=known)
    return verdict + free(asked.way, rooms, today, at)


def free(way: DisposalWay, rooms: Sequence[Room], on: date, at: datetime) -> Verdict:
    """Whether rooms stand empty from a day on and nobody holds them, also ahead of time."""
    ids = [room.pk for room in rooms]
    held = [
        (str(one.room), one.unit.shown, Basis(one.basis))
        for one in ledger.holders(room_ids=ids, since=on, until=None)
    ]
    spells = {one.room_id: one for one in RoomSpell.objects.on(on).filter(room__in=ids)}
    busy = [
        (str(room), RoomState(spells[room.pk].state).label if room.pk in spells else "未登记")
        for room in rooms
        if room.pk not in spells or spells[room.pk].state != RoomState.VACANT
    ]
    return rules.rooms_free(way=way, held=held, busy=busy, law=law_at(at))


def _locked_rooms(actor: Actor, room_ids: Collection[int]) -> list[Room]:
    wanted = set(room_ids)
    inside = Room.objects.within(actor.scope(REQUEST)).filter(pk__in=wanted)
    rooms = timelines.lock(inside.values_list("pk", flat=True))
    if len(rooms) != len(wanted):
        raise Room.DoesNotExist
    return rooms


def _written(asked: DisposalAsked, rooms: Sequence[Room], at: datetime) -> dict[str, Any]:
    spells = RoomSpell.objects.on(day_of(at)).filter(room__in=[room.pk for room in rooms])
    areas = list(spells.values_list("usable_m2", "gross_m2"))
    gross = [one for _, one in areas if one is not None]
    public = asked.way == DisposalWay.PUBLIC
    return {
        "way": asked.way,
        "purpose": asked.purpose or "" if public else "",
        "to_unit_id": asked.to_unit_id if public or asked.way == DisposalWay.REALLOCATE else None,
        "party": asked.party.strip(),
        "reason": asked.reason.strip(),
        "usable_m2": sum((usable for usable, _ in areas), Decimal(0)),
        "gross_m2": sum(gross, Decimal(0)) if gross and len(gross) == len(areas) else None,
        "place": "、".join(str(room) for room in rooms)[:_PLACE_MAX],
    }


def _keep_rooms(disposal: Disposal, rooms: Sequence[Room], at: datetime) -> None:
    spells = RoomSpell.objects.on(day_of(at)).filter(room__in=[room.pk for room in rooms])
    DisposalRoom.objects.bulk_create(
        DisposalRoom(
            disposal=disposal, room_id=spell.room_id, usable_m2=spell.usable_m2,
            gross_m2=spell.gross_m2,
        )
        for spell in spells.order_by("room")
    )  # fmt: skip


def attached(disposal: Disposal, files: Sequence[int]) -> Files:
    """Papers that are kept with a disposal."""
    return Files(ids=files, bounds=FILES, unit=disposal.unit)


# ── valuation, approval ──────────────────────────────────────────────────────────────────


@transaction.atomic
def value(
    *,
    actor: Actor,
    reuse_id: int,
    valuation: Valuation,
    files: Sequence[int] = (),
    at: datetime,
) -> Disposal:
    """Write down the valuation (登记评估), until the request is sent; money in 分."""
    disposal: Disposal = locked(
        DISPOSALS, actor=actor, verb=REQUEST, pk=reuse_id, act="登记评估", when=UNSENT
    )
    rules.may_value(valuation=valuation, on=day_of(at)).enforce()
    change(
        disposal,
        {
            "valuation_fen": valuation.fen, "valuer": valuation.valuer,
            "valued_on": valuation.on,
        },
        actor=actor, verb="space.disposal.valued", at=at, files=attached(disposal, files),
    )  # fmt: skip
    return disposal


@transaction.atomic
def send(*, actor: Actor, reuse_id: int, comment: str = "", at: datetime) -> Disposal:
    """Send a disposal to its approval (报批), also again after it was sent back or taken back.

    Needs ``space.disposal.request``. Rooms that somebody got in between are refused here too.
    """
    disposal: Disposal = locked(
        DISPOSALS, actor=actor, verb=REQUEST, pk=reuse_id, act="报批", to=S.PENDING
    )
    rooms = timelines.lock(row.room_id for row in disposal.rooms.all())
    verdict = rules.may_send(facts=disposal.facts(), law=law_at(at))
    verdict += free(DisposalWay(disposal.way), rooms, day_of(at), at)
    change(
        disposal,
        {
            "state": S.PENDING, "state_note": "",
            "applicant_id": disposal.applicant_id or actor.person_id,
        },
        actor=actor, verb="space.disposal.sent", at=at, verdict=verdict,
    )  # fmt: skip
    _open_case(actor, disposal, verdict, comment, at)
    return disposal


def _open_case(
    actor: Actor, disposal: Disposal, verdict: Verdict, comment: str, at: datetime
) -> None:
    case = opening.case_of(disposal, route=DISPOSAL.key)
    common: dict[str, Any] = {
        "route": DISPOSAL, "unit": disposal.unit, "actor": actor, "comment": comment, "at": at,
        "facts": case_facts(disposal), "summary": summary_of(disposal),
    }  # fmt: skip
    if case is None:
        opening.open_case(subject=disposal, applicant_id=actor.person_id, **common)
    else:
        opening.resubmit(case=case, **common)
    case = opening.case_of(disposal, route=DISPOSAL.key)
    if case is not None:
        tell_checked(case=case, verdict=verdict, at=at)
    disposal.refresh_from_db(fields=["state", "state_note", "approved_on"])


def case_facts(disposal: Disposal) -> dict[str, Any]:
    """What the steps of the route may depend on (``DISPOSAL.facts``)."""
    return {
        "way": str(disposal.way),
        "area": float(disposal.usable_m2),
        "valuation": disposal.valuation_fen or 0,
        "rooms": disposal.rooms.count(),
    }


def summary_of(disposal: Disposal) -> str:
    """The request in one line, for lists of many kinds of requests."""
    what = disposal.get_purpose_display() if disposal.purpose else disposal.get_way_display()
    user = f" · {disposal.user}" if disposal.user else ""
    return f"{what} {area(disposal.usable_m2)}{user} · {disposal.reason}"[:200]


# ── calling off ──────────────────────────────────────────────────────────────────────────


@transaction.atomic
def call_off(*, actor: Actor, reuse_id: int, reason: str, at: datetime) -> Disposal:
    """Call a disposal off (取消处置利用) before it is carried out, with the reason."""
    disposal: Disposal = locked(
        DISPOSALS, actor=actor, verb=REQUEST, pk=reuse_id, act="取消", to=S.CALLED_OFF
    )
    note = reasoned(reason)
    case = opening.case_of(disposal, route=DISPOSAL.key)
    if case is not None:
        opening.call_off(case=case, comment="处置利用取消", at=at)
    stop(actor=actor, disposal=disposal, note=note, at=at)
    return disposal


def stop(*, actor: Actor, disposal: Disposal, note: str, at: datetime) -> None:
    """End a disposal before it is carried out; its rooms are free. Inside a caller's act."""
    disposal.rooms.update(open=False)
    change(
        disposal, {"state": S.CALLED_OFF, "state_note": note[:_NOTE_MAX]}, actor=actor,
        verb="space.disposal.called_off", at=at, note=note,
    )  # fmt: skip
