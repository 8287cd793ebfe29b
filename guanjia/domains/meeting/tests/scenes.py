"""Rooms and bookings for tests; made by calling actions."""

from datetime import datetime, timedelta
from typing import Any

from guanjia.domains.meeting import actions
from guanjia.domains.meeting.models import Booking, MeetingRoom
from guanjia.domains.meeting.terms import Asked, Asking, Standing
from guanjia.kernel.values.actor import Actor

HALL = "市民中心报告厅"
HOUR = timedelta(hours=1)


def room(keeper: Actor, *, at: datetime, **changes: Any) -> MeetingRoom:
    """A room of 60 seats that anybody may book."""
    facts: dict[str, Any] = {
        "name": HALL, "seats": 60, "equipment": "投影、音响", "asking": Asking.FREE,
        "standing": Standing.OPEN,
    }  # fmt: skip
    return actions.add_room(actor=keeper, facts=facts | changes, at=at)


def asked(hall: MeetingRoom, *, at: datetime, hours: float = 24, **changes: Any) -> Asked:
    """Two hours, beginning some hours after ``at``."""
    start = at + hours * HOUR
    facts: dict[str, Any] = {
        "title": "复工复产调度会", "room_id": hall.pk, "starts_at": start,
        "ends_at": start + 2 * HOUR, "people": 40, "services": "茶水、桌签",
    }  # fmt: skip
    return Asked(**(facts | changes))


def furnish(keeper: Actor, *, at: datetime) -> Booking:
    """A room that asks, and a request for it."""
    hall = room(keeper, at=at, asking=Asking.ASKED)
    return actions.request(actor=keeper, asked=asked(hall, at=at), at=at)


def booking() -> Booking:
    """The request of the house."""
    found: Booking = Booking.objects.get(room__name=HALL, title="复工复产调度会")
    return found
