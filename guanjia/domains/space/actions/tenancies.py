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
from guanjia.kernel.acts.changing import Files, change, locked, made, reasoned
from guanjia.kernel.numbering import actions as numbering
from guanjia.kernel.org.models import Person
from guanjia.kernel.regulations.lawbook import law_at
from guanjia.kernel.regulations.verdict import Verdict, refuse
from guanjia.kernel.values.actor import Actor
from guanjia.kernel.values.period import SHANGHAI

KEEP, TENANCIES = reading.KEEP, reading.TENANCIES
ASKED = ("room_id", "tenant_id", "kind", "since_on", "last_on", "document")
_RUNNING = (TenancyState.RUNNING,)


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
        note=asked.note.strip(),
        rents_from=rules.month_of(asked.since_on),
        entered_at=at,
    )
    settle_in(tenancy, at)
    rents.raise_for([tenancy], at=at)
    made(
        tenancy, *ASKED, actor=actor, verb="space.tenancy.moved_in", at=at, verdict=verdict,
        files=_files(tenancy, files),
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


def _files(tenancy: Tenancy, files: Sequence[int]) -> Files:
    return Files(ids=files, bounds=FILES, unit=tenancy.tenant.unit)


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
    tenancy: Tenancy = locked(
        TENANCIES, actor=actor, verb=KEEP, pk=tenancy_id, act="续租", when=_RUNNING
    )
    verdict = rules.may_renew(
        old_last_on=tenancy.last_on, last_on=last_on, left_on=tenancy.left_on, law=law_at(at)
    )
    change(
        tenancy, {"last_on": last_on, "document": document.strip() or tenancy.document},
        actor=actor, verb="space.tenancy.renewed", at=at, verdict=verdict,
        files=_files(tenancy, files),
    )  # fmt: skip
    return tenancy


@transaction.atomic
def tell_left(
    *, actor: Actor, tenancy_id: int, left_on: date, note: str = "", at: datetime
) -> Tenancy:
    """Write down that a tenant left their post (登记离任): until when the room is to be back
    follows from the parameter in force that day."""
    tenancy: Tenancy = locked(
        TENANCIES, actor=actor, verb=KEEP, pk=tenancy_id, act="登记离任", when=_RUNNING
    )
    if left_on > day_of(at):
        refuse("in_the_future", "离任日期还没有到。", "核对日期。", field="left_on").enforce()
    if left_on < tenancy.since_on:
        sentence = f"{day(tenancy.since_on)}起租。"
        refuse("too_early", "离任日期早于起租日。", sentence, field="left_on").enforce()
    leave_by, _ = rules.leave_by(left_on=left_on, law=law_at(left_on))
    change(
        tenancy, {"left_on": left_on, "leave_by": leave_by}, actor=actor,
        verb="space.tenancy.left_told", at=at, note=note,
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
    tenancy: Tenancy = locked(
        TENANCIES, actor=actor, verb=KEEP, pk=tenancy_id, act="退房", to=TenancyState.RETURNED
    )
    rents.raise_for([tenancy], at=at)
    verdict = rules.may_return(
        back=back, since_on=tenancy.since_on, on=day_of(at), owed=reading.owed_of(tenancy)
    )
    verdict.enforce()
    (room,) = timelines.lock([tenancy.room_id])
    timelines.unseat(room=room, on=back.on, people=[tenancy.tenant_id])
    timelines.restate(
        room=room, on=back.on, told_at=at, state=RoomState.VACANT, why=f"{tenancy.number} 退房"
    )
    change(
        tenancy,
        {
            "state": TenancyState.RETURNED, "ended_on": back.on, "condition": back.condition,
            "condition_note": back.note, "keys": back.keys,
            "damage_fen": back.damage_fen or None,
            "refund_fen": rents.shorten(tenancy, back.on) or None,
        },
        actor=actor, verb="space.tenancy.handed_back", at=at, verdict=verdict, note=back.note,
        files=_files(tenancy, files),
    )  # fmt: skip
    return tenancy


@transaction.atomic
def call_off(*, actor: Actor, tenancy_id: int, reason: str, at: datetime) -> Tenancy:
    """Nobody moved in after all (取消入住): the room was never lived in, nothing is owed.

    Refused once a rent was paid: then it is handed back.
    """
    tenancy: Tenancy = locked(
        TENANCIES, actor=actor, verb=KEEP, pk=tenancy_id, act="取消", to=TenancyState.CALLED_OFF
    )
    note = reasoned(reason)
    if tenancy.payments.filter(voided_at=None).exists():
        refuse("paid", "已经收过租金，不能取消。", "办理退房。").enforce()
    (room,) = timelines.lock([tenancy.room_id])
    Rent.objects.filter(tenancy=tenancy).delete()
    timelines.unseat(room=room, on=tenancy.since_on, people=[tenancy.tenant_id])
    timelines.restate(
        room=room, on=tenancy.since_on, told_at=at, state=RoomState.VACANT,
        why=f"{tenancy.number} 取消入住",
    )  # fmt: skip
    change(
        tenancy, {"state": TenancyState.CALLED_OFF, "note": note}, actor=actor,
        verb="space.tenancy.called_off", at=at, note=note,
    )  # fmt: skip
    return tenancy
