"""Reading rooms and bookings; the scope says where one may look."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from guanjia.domains.meeting.models import Booking, MeetingRoom
from guanjia.domains.meeting.rules import span
from guanjia.domains.meeting.terms import BOOKING_LIFE, BookingState, Hall, Slot, Standing
from guanjia.kernel.access.subjects import Subject
from guanjia.kernel.org.scoping import in_units
from guanjia.kernel.values.actor import Actor, Scope
from guanjia.kernel.values.period import Period

SEE, REQUEST = "meeting.booking.see", "meeting.booking.request"
DECIDE, ENTER, KEEP = "meeting.booking.decide", "meeting.booking.enter", "meeting.room.keep"


def bookings(scope: Scope) -> Any:
    """The bookings inside the scope with what their list shows."""
    return Booking.objects.within(scope).select_related("unit", "room__unit", "applicant")


def in_kept_rooms(scope: Scope) -> Any:
    """The bookings of rooms that units inside the scope keep: theirs to decide on."""
    rows = bookings(scope)
    return rows if scope.everything else rows.filter(in_units(scope, "room__unit"))


def rooms(scope: Scope) -> Any:
    """The rooms that units inside the scope keep."""
    return MeetingRoom.objects.within(scope).select_related("unit")


def all_rooms(scope: Scope) -> Any:
    """Every room, for whoever may look at all: rooms are there for everybody to book."""
    return rooms(scope) if scope.nothing else rooms(Scope.all())


def _now(found: Booking) -> str:
    return f"{found.title}，{found.room}，{span(found.starts_at, found.ends_at)}"


BOOKINGS = Subject(
    model="meeting.booking", title="会议", page="meeting:booking", key="booking_id",
    path="bookings", see=SEE, rows=bookings, life=BOOKING_LIFE, beside=("room", "unit"),
    listed=("会议服务登记", "meeting:bookings_list"), now=_now,
)  # fmt: skip
IN_KEPT_ROOMS = replace(BOOKINGS, rows=in_kept_rooms)
ROOMS = Subject(
    model="meeting.meetingroom", title="会议室", page="meeting:room", key="meetingroom_id",
    path="rooms", see=SEE, rows=rooms, name="name", listed=("会议室", "meeting:rooms_list"),
)  # fmt: skip


def of_span(*, actor: Actor, start: datetime, end: datetime) -> list[tuple[Booking, bool]]:
    """Every booking that takes a room in a span, and whether the actor may see what it is."""
    seen = set(bookings(actor.scope(SEE)).between(start, end).values_list("pk", flat=True))
    rows = Booking.objects.between(start, end).select_related("unit", "room")
    return [(row, row.pk in seen) for row in rows]


def clashes(*, actor: Actor, room_id: int, start: datetime, end: datetime) -> list[Slot]:
    """Who has a room in a span: what and whose only where the actor may see the booking."""
    return [
        Slot(
            what=f"{row.unit.shown}《{row.title}》" if seen else "其他单位占用",
            starts_at=row.starts_at,
            ends_at=row.ends_at,
        )
        for row, seen in of_span(actor=actor, start=start, end=end)
        if row.room_id == room_id
    ]


def halls(*, start: datetime, end: datetime) -> list[Hall]:
    """Every room that can be booked, with its seats known, and when it is taken in a span."""
    busy: dict[int, list[tuple[datetime, datetime]]] = {}
    for row in Booking.objects.between(start, end):
        busy.setdefault(row.room_id, []).append((row.starts_at, row.ends_at))
    rows = MeetingRoom.objects.filter(standing=Standing.OPEN)
    return [
        Hall(room_id=row.pk, name=row.name, seats=row.seats or 0, busy=tuple(busy.get(row.pk, ())))
        for row in rows
    ]


def held(*, scope: Scope, period: Period) -> Any:
    """The meetings held in a period, by when they began."""
    start, end = period.bounds()
    rows = bookings(scope).filter(state=BookingState.HELD)
    return rows.filter(starts_at__gte=start, starts_at__lt=end)


def to_decide(actor: Actor) -> Any:
    """What waits for somebody who keeps its room and did not ask, the first to begin first."""
    rows = in_kept_rooms(actor.scope(DECIDE)).filter(state=BookingState.REQUESTED)
    return rows.exclude(applicant=actor.person_id or 0).order_by("starts_at", "pk")
