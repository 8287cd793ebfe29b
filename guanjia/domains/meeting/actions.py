"""Booking a room for a meeting: ask, decide, call off, hold; rooms; ledgers of old meetings."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from guanjia.domains.meeting import queries as reading
from guanjia.domains.meeting import rules
from guanjia.domains.meeting.events import BookingMoved
from guanjia.domains.meeting.models import Booking, MeetingRoom
from guanjia.domains.meeting.terms import Asked, Asking, BookingState, Standing
from guanjia.kernel.acts.changing import change, locked, made, reasoned
from guanjia.kernel.events import bus
from guanjia.kernel.numbering import actions as numbering
from guanjia.kernel.org import queries as org
from guanjia.kernel.regulations.verdict import Verdict, refuse
from guanjia.kernel.values.actor import Actor
from guanjia.kernel.values.period import SHANGHAI

REQUEST, DECIDE, KEEP = reading.REQUEST, reading.DECIDE, reading.KEEP
_FACTS = ("title", "unit_id", "room_id", "starts_at", "ends_at", "people", "services", "state")
_TOLD = ("unit", "ends_at", "people", "services", "state")
_NEAR = timedelta(days=15)
S = BookingState


def _new_number(at: datetime) -> str:
    """The next 会议编号: ``HY``, the year, a running number."""
    year = at.astimezone(SHANGHAI).year
    return f"HY{year}{numbering.next_number(series='meeting.booking', year=year):05d}"


@transaction.atomic
def request(*, actor: Actor, asked: Asked, at: datetime) -> Booking:
    """Book a room (预订); one that asks for it waits for its keeper.

    Needs ``meeting.booking.request``. The room is locked, so of two who come at once one is told
    who was first, and what is free instead.
    """
    actor.must(REQUEST)
    room: MeetingRoom = MeetingRoom.objects.select_for_update().get(pk=asked.room_id)
    verdict = rules.may_ask(asked=asked, seats=room.seats, standing=Standing(room.standing), at=at)
    if verdict.allowed:
        verdict += _taken(actor, asked, at)
    verdict.enforce()
    waits = room.asking == Asking.ASKED
    booking: Booking = Booking.objects.create(
        number=_new_number(at), unit=org.unit_of(actor), room=room, title=asked.title.strip(),
        starts_at=asked.starts_at, ends_at=asked.ends_at, people=asked.people,
        services=asked.services.strip(), state=S.REQUESTED if waits else S.BOOKED,
        applicant_id=actor.person_id, asked_at=at,
    )  # fmt: skip
    made(booking, *_FACTS, actor=actor, verb="meeting.booking.requested", at=at, verdict=verdict)
    bus.publish(_moved(booking, actor, at))
    return booking


def _moved(booking: Booking, actor: Actor, at: datetime) -> BookingMoved:
    return BookingMoved(booking_id=booking.pk, at=at, by_id=actor.person_id)


def _taken(actor: Actor, asked: Asked, at: datetime) -> Verdict:
    start, end = asked.starts_at, asked.ends_at
    clashes = reading.clashes(actor=actor, room_id=asked.room_id, start=start, end=end)
    halls = reading.halls(start=start - _NEAR, end=end + _NEAR) if clashes else []
    return rules.taken(clashes=clashes, free=rules.nearest_free(halls=halls, wanted=asked, at=at))


@transaction.atomic
def agree(*, actor: Actor, booking_id: int, at: datetime) -> Booking:
    """Agree to a booking (同意) in a room that one's unit keeps."""
    booking = _to_decide(actor, booking_id, act="同意", to=S.BOOKED)
    change(
        booking, {"state": S.BOOKED}, actor=actor, verb="meeting.booking.agreed", at=at,
        news=[_moved(booking, actor, at)],
    )  # fmt: skip
    return booking


@transaction.atomic
def turn_down(*, actor: Actor, booking_id: int, reason: str, at: datetime) -> Booking:
    """Turn a booking down (不同意), with the reason; the room is free again."""
    booking = _to_decide(actor, booking_id, act="登记不同意", to=S.REFUSED)
    note = reasoned(reason)
    change(
        booking, {"state": S.REFUSED, "state_note": note}, actor=actor, at=at, note=note,
        verb="meeting.booking.turned_down", news=[_moved(booking, actor, at)],
    )  # fmt: skip
    return booking


def _to_decide(actor: Actor, booking_id: int, *, act: str, to: BookingState) -> Booking:
    """A booking locked for the keeper of its room; nobody decides on their own request."""
    actor.must(DECIDE)
    reading.in_kept_rooms(actor.scope(DECIDE)).get(pk=booking_id)
    booking: Booking = locked(
        reading.BOOKINGS, actor=actor, verb=DECIDE, pk=booking_id, act=act, to=to
    )
    if actor.person_id is not None and booking.applicant_id == actor.person_id:
        refuse("own", f"不能{act}。", "预订人不审批自己的预订。").enforce()
    return booking


@transaction.atomic
def call_off(*, actor: Actor, booking_id: int, reason: str, at: datetime) -> Booking:
    """Call a meeting off (取消) before it was held: its host, or who keeps the room."""
    booking = _of_host(actor, booking_id, act="取消", to=S.CALLED_OFF)
    note = reasoned(reason)
    change(
        booking, {"state": S.CALLED_OFF, "state_note": note}, actor=actor, at=at, note=note,
        verb="meeting.booking.called_off", news=[_moved(booking, actor, at)],
    )  # fmt: skip
    return booking


@transaction.atomic
def hold(*, actor: Actor, booking_id: int, people: int, at: datetime) -> Booking:
    """Write down that a meeting was held (已召开), and how many came."""
    booking = _of_host(actor, booking_id, act="登记召开", to=S.HELD)
    verdict = rules.may_hold(starts_at=booking.starts_at, at=at)
    change(
        booking, {"state": S.HELD, "people": people}, actor=actor, verb="meeting.booking.held",
        at=at, verdict=verdict,
    )  # fmt: skip
    return booking


def _of_host(actor: Actor, booking_id: int, *, act: str, to: BookingState) -> Booking:
    """A booking locked for its host, else for who keeps the room."""
    host = actor.can(REQUEST) and reading.BOOKINGS.reaches(actor, REQUEST, booking_id)
    verb = REQUEST if host or not actor.can(DECIDE) else DECIDE
    booking: Booking = locked(
        reading.BOOKINGS, actor=actor, verb=verb, pk=booking_id, act=act, to=to
    )
    return booking


# ── rooms ────────────────────────────────────────────────────────────────────────────────


@transaction.atomic
def add_room(*, actor: Actor, facts: Mapping[str, Any], at: datetime) -> MeetingRoom:
    """A new room (会议室), kept by the unit of who enters it.

    ``facts``: name, seats, equipment, asking, standing.
    """
    actor.must(KEEP)
    _one_name(facts, 0)
    room: MeetingRoom = MeetingRoom.objects.create(unit=org.unit_of(actor), **facts)
    made(room, *facts, actor=actor, verb="meeting.meetingroom.added", at=at)
    return room


@transaction.atomic
def amend_room(
    *, actor: Actor, meetingroom_id: int, facts: Mapping[str, Any], at: datetime
) -> MeetingRoom:
    """Put right what a room is; a room that a ledger brought along gets its keeper so."""
    room: MeetingRoom = locked(reading.ROOMS, actor=actor, verb=KEEP, pk=meetingroom_id)
    _one_name(facts, room.pk)
    kept = {} if room.unit_id else {"unit": org.unit_of(actor)}
    change(room, {**facts, **kept}, actor=actor, verb="meeting.meetingroom.amended", at=at)
    return room


def _one_name(facts: Mapping[str, Any], pk: int) -> None:
    if MeetingRoom.objects.filter(name=facts["name"]).exclude(pk=pk).exists():
        refuse("name_taken", "已有同名的会议室。", "换一个名称。", field="name").enforce()


# ── ledgers ──────────────────────────────────────────────────────────────────────────────

Row = Mapping[str, Any]


@transaction.atomic
def enter_bookings(*, actor: Actor, rows: Sequence[Row], at: datetime) -> tuple[int, int, int]:
    """Write rows of a ledger; how many are new, changed, as they were.

    A row: ``title``, ``room`` (its name; a new one is made), ``starts_at``, ``ends_at``, ``unit``,
    ``people``, ``services``, ``state``. Title, room and beginning say which booking it is.
    """
    actor.must(reading.ENTER)
    names = sorted({row["room"] for row in rows})  # locked in one order
    rooms = {name: _room_of(actor, name, at) for name in names}
    known = known_of(rows)
    counts = [0, 0, 0]
    for row in rows:
        there = known.get((row["title"], row["room"], row["starts_at"]))
        counts[_enter(actor, row, rooms[row["room"]], there, at)] += 1
    return counts[0], counts[1], counts[2]


def _room_of(actor: Actor, name: str, at: datetime) -> MeetingRoom:
    """The room of this name, locked; one that nobody knows is made, and asks from now on."""
    found, new = MeetingRoom.objects.select_for_update().get_or_create(
        name=name, defaults={"asking": Asking.ASKED}
    )
    if new:
        made(found, "name", actor=actor, verb="meeting.meetingroom.added", at=at)
    room: MeetingRoom = found
    return room


def known_of(rows: Sequence[Row]) -> dict[tuple[str, str, datetime], Booking]:
    """What is known of the meetings that rows name, by title, room and beginning."""
    found = Booking.objects.select_related("room", "unit").filter(
        room__name__in={row["room"] for row in rows},
        starts_at__in={row["starts_at"] for row in rows},
    )
    # What was booked here stands before what a sheet told of the same.
    ordered = sorted(found, key=lambda one: one.asked_at is not None)
    return {(one.title, one.room.name, one.starts_at): one for one in ordered}


def _enter(actor: Actor, row: Row, room: MeetingRoom, there: Booking | None, at: datetime) -> int:
    told = {name: row[name] for name in _TOLD}
    verb = "meeting.booking.entered"
    if there is None:
        booking = Booking.objects.create(
            number=_new_number(row["starts_at"]), title=row["title"], room=room,
            starts_at=row["starts_at"], **told,
        )  # fmt: skip
        made(booking, *_FACTS, actor=actor, verb=verb, at=at)
        return 0
    # What is done here step by step, a sheet does not change.
    if there.asked_at is not None or all(getattr(there, n) == told[n] for n in told):
        return 2
    change(there, told, actor=actor, verb=verb, at=at)
    return 1
