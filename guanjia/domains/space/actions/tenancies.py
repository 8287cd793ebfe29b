"""Keeping 周转房: moving in, renewing, leaving a post, handing back after an inspection."""

from collections.abc import Sequence
from datetime import date, datetime

from django.db import transaction

from guanjia.domains.space.actions import rents, timelines
from guanjia.domains.space.models import Rent, Room, RoomSpell, Tenancy
from guanjia.domains.space.queries import tenancies as reading
from guanjia.domains.space.rules import tenancies as rules
from guanjia.domains.space.rules.allocations import day
from guanjia.domains.space.terms.ledger import RoomKind, RoomState
from guanjia.domains.space.terms.tenancies import (
    FILES,
    Return,
    TenancyAsked,
    TenancyState,
)
from guanjia.kernel.attachments import actions as attachments
from guanjia.kernel.attachments import retention
from guanjia.kernel.audit import actions as audit
from guanjia.kernel.numbering import actions as numbering
from guanjia.kernel.org.models import Person
from guanjia.kernel.regulations.lawbook import law_at
from guanjia.kernel.regulations.verdict import Verdict, refuse
from guanjia.kernel.values.actor import Actor
from guanjia.kernel.values.period import SHANGHAI

KEEP = reading.KEEP
ASKED = ("room_id", "tenant_id", "kind", "since_on", "last_on", "document")
_BACK = (
    "state", "ended_on", "condition", "condition_note", "keys", "damage_fen", "refund_fen",
)  # fmt: skip
_NOTE_MAX = 200


def day_of(at: datetime) -> date:
    """The day of a moment, as clocks here show it."""
    return at.astimezone(SHANGHAI).date()


def new_number(on: date) -> str:
    """The next 租住单号: ``ZZ``, the year, a running number."""
    return f"ZZ{on.year}{numbering.next_number(series='space.tenancy', year=on.year):05d}"


@transaction.atomic
def move_in(
    *, actor: Actor, asked: TenancyAsked, files: Sequence[int] = (), at: datetime
) -> Tenancy:
    """Let somebody move into a 周转房 (登记入住) for a term.

    Needs ``space.tenancy.keep``. The room must be an empty 周转房, the person in service and
    without another. The rents of the months up to today are owed at once.
    """
    actor.must(KEEP)
    people = Person.objects.select_for_update(of=("self",)).select_related("unit")
    tenant = people.get(pk=asked.tenant_id)
    room = locked_room(actor, asked.room_id)
    verdict = judged(asked, room, tenant, at)
    verdict.enforce()
    tenancy: Tenancy = Tenancy.objects.create(
        number=new_number(day_of(at)),
        room=room,
        tenant=tenant,
        kind=asked.kind,
        state=TenancyState.RUNNING,
        since_on=asked.since_on,
        last_on=asked.last_on,
        document=asked.document.strip(),
        note=asked.note.strip()[:_NOTE_MAX],
        rents_from=rules.month_of(asked.since_on),
        entered_at=at,
    )
    settle_in(tenancy, at)
    rents.raise_for([tenancy], at=at)
    attach(actor, tenancy, files, at)
    audit.record(
        actor=actor, verb="space.tenancy.moved_in", on=tenancy, at=at, verdict=verdict,
        after=audit.facts_of(tenancy, *ASKED),
    )  # fmt: skip
    return tenancy


def locked_room(actor: Actor, room_id: int) -> Room:
    """A room of the actor's reach, locked; raises ``Room.DoesNotExist`` outside."""
    reach = Room.objects.within(actor.scope(KEEP))
    (room,) = timelines.lock([reach.get(pk=room_id).pk])
    return room


def judged(asked: TenancyAsked, room: Room, tenant: Person, at: datetime) -> Verdict:
    """What the rules say of moving in as the ledger stands."""
    spell = RoomSpell.objects.filter(room=room).on(asked.since_on).first()
    if spell is None:
        return refuse(
            "no_room", f"{room}在{day(asked.since_on)}不在台账里。", "核对日期。", field="since_on"
        )
    by = reading.lived_by(room_ids=[room.pk], since=asked.since_on).first()
    other = reading.lives_in(tenant_id=tenant.pk, since=asked.since_on).first()
    told = (str(room), RoomKind(spell.kind), RoomState(spell.state))
    return rules.may_move_in(
        asked=asked, room=told, lives_in=str(other.room) if other else "",
        lived_by=by.tenant.name if by else "", serving=tenant.left_on is None, law=law_at(at),
    )  # fmt: skip


def settle_in(tenancy: Tenancy, at: datetime) -> None:
    """The ledger of rooms tells who lives there. Inside a caller's act."""
    why = f"{tenancy.number} 入住"
    timelines.seat(room=tenancy.room, person=tenancy.tenant, since=tenancy.since_on)
    timelines.restate(
        room=tenancy.room, on=tenancy.since_on, told_at=at, state=RoomState.IN_USE, why=why
    )


def attach(actor: Actor, tenancy: Tenancy, files: Sequence[int], at: datetime) -> None:
    """Keep papers with a tenancy. Inside a caller's act."""
    attachments.claim(
        actor=actor, ids=list(files), subject=tenancy, unit=tenancy.tenant.unit, bounds=FILES,
        at=at, retain_until=retention.until(at=at),
    )  # fmt: skip


# ── renewing, leaving a post ─────────────────────────────────────────────────────────────


@transaction.atomic
def renew(
    *,
    actor: Actor,
    tenancy_id: int,
    last_on: date,
    document: str = "",
    files: Sequence[int] = (),
    at: datetime,
) -> Tenancy:
    """Renew a tenancy (续租) up to another last day; not for who left their post."""
    tenancy = locked(actor, tenancy_id)
    in_state(tenancy, "不能续租。")
    verdict = rules.may_renew(
        old_last_on=tenancy.last_on, last_on=last_on, left_on=tenancy.left_on, law=law_at(at)
    )
    verdict.enforce()
    before = audit.facts_of(tenancy, "last_on", "document")
    tenancy.last_on = last_on
    tenancy.document = document.strip() or tenancy.document
    tenancy.save(update_fields=["last_on", "document"])
    attach(actor, tenancy, files, at)
    audit.record(
        actor=actor, verb="space.tenancy.renewed", on=tenancy, at=at, before=before,
        after=audit.facts_of(tenancy, "last_on", "document"), verdict=verdict,
    )  # fmt: skip
    return tenancy


@transaction.atomic
def tell_left(
    *, actor: Actor, tenancy_id: int, left_on: date, note: str = "", at: datetime
) -> Tenancy:
    """Write down that a tenant left their post (登记离任): until when the room is to be back
    follows from the parameter in force that day."""
    tenancy = locked(actor, tenancy_id)
    in_state(tenancy, "不能登记离任。")
    if left_on > day_of(at):
        refuse("in_the_future", "离任日期还没有到。", "核对日期。", field="left_on").enforce()
    if left_on < tenancy.since_on:
        sentence = f"{day(tenancy.since_on)}起租。"
        refuse("too_early", "离任日期早于起租日。", sentence, field="left_on").enforce()
    before = audit.facts_of(tenancy, "left_on", "leave_by")
    tenancy.left_on = left_on
    tenancy.leave_by, _ = rules.leave_by(left_on=left_on, law=law_at(left_on))
    tenancy.save(update_fields=["left_on", "leave_by"])
    audit.record(
        actor=actor, verb="space.tenancy.left_told", on=tenancy, at=at, before=before,
        after=audit.facts_of(tenancy, "left_on", "leave_by"), note=note.strip(),
    )  # fmt: skip
    return tenancy


# ── handing back ─────────────────────────────────────────────────────────────────────────


@transaction.atomic
def hand_back(
    *, actor: Actor, tenancy_id: int, back: Return, files: Sequence[int] = (), at: datetime
) -> Tenancy:
    """A room comes back (退房验房): inspected, empty from that day on, its rent reckoned anew.

    Needs ``space.tenancy.keep``. What was paid beyond that day is told as ``refund_fen``; what is
    owed stays owed.
    """
    tenancy = locked(actor, tenancy_id)
    in_state(tenancy, "不能退房。")
    rents.raise_for([tenancy], at=at)
    verdict = rules.may_return(
        back=back, since_on=tenancy.since_on, on=day_of(at), owed=reading.owed_of(tenancy)
    )
    verdict.enforce()
    (room,) = timelines.lock([tenancy.room_id])
    before = audit.facts_of(tenancy, *_BACK)
    tenancy.refund_fen = rents.shorten(tenancy, back.on) or None
    tenancy.state, tenancy.ended_on = TenancyState.RETURNED, back.on
    tenancy.condition, tenancy.condition_note = back.condition, back.note.strip()[:_NOTE_MAX]
    tenancy.keys, tenancy.damage_fen = back.keys, back.damage_fen or None
    tenancy.save(update_fields=[*_BACK])
    timelines.unseat(room=room, on=back.on, people=[tenancy.tenant_id])
    timelines.restate(
        room=room, on=back.on, told_at=at, state=RoomState.VACANT, why=f"{tenancy.number} 退房"
    )
    attach(actor, tenancy, files, at)
    audit.record(
        actor=actor, verb="space.tenancy.handed_back", on=tenancy, at=at, before=before,
        after=audit.facts_of(tenancy, *_BACK), verdict=verdict, note=back.note.strip(),
    )  # fmt: skip
    return tenancy


@transaction.atomic
def call_off(*, actor: Actor, tenancy_id: int, reason: str, at: datetime) -> Tenancy:
    """Nobody moved in after all (取消入住): the room was never lived in, nothing is owed.

    Refused once a rent was paid: then it is handed back.
    """
    tenancy = locked(actor, tenancy_id)
    if tenancy.state == TenancyState.CALLED_OFF:
        return tenancy
    in_state(tenancy, "不能取消。")
    if not reason.strip():
        refuse("reason_missing", "没有写取消原因。", "写明原因。", field="reason").enforce()
    if tenancy.payments.filter(voided_at=None).exists():
        refuse("paid", "已经收过租金，不能取消。", "办理退房。").enforce()
    (room,) = timelines.lock([tenancy.room_id])
    Rent.objects.filter(tenancy=tenancy).delete()
    timelines.unseat(room=room, on=tenancy.since_on, people=[tenancy.tenant_id])
    timelines.restate(
        room=room, on=tenancy.since_on, told_at=at, state=RoomState.VACANT,
        why=f"{tenancy.number} 取消入住",
    )  # fmt: skip
    tenancy.state = TenancyState.CALLED_OFF
    tenancy.note = reason.strip()[:_NOTE_MAX]
    tenancy.save(update_fields=["state", "note"])
    audit.record(
        actor=actor, verb="space.tenancy.called_off", on=tenancy, at=at, note=reason.strip()
    )
    return tenancy


# ── shared by the acts on a tenancy ──────────────────────────────────────────────────────


def locked(actor: Actor, tenancy_id: int, verb: str = KEEP) -> Tenancy:
    """A tenancy of the actor's reach, locked; raises ``DoesNotExist`` outside."""
    actor.must(verb)
    tenancy: Tenancy = (
        Tenancy.objects.within(actor.scope(verb))
        .select_for_update(of=("self",))
        .select_related("tenant__unit", "room__building")
        .get(pk=tenancy_id)
    )
    return tenancy


def in_state(tenancy: Tenancy, headline: str) -> None:
    """Refuse an act on a tenancy that is over."""
    if tenancy.state != TenancyState.RUNNING:
        label = TenancyState(tenancy.state).label
        refuse("state", headline, f"{tenancy.number}{label}。").enforce()
