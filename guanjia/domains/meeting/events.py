"""What happened to bookings, for whoever tells people of it. Pure."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class BookingMoved:
    """A booking was asked for, agreed to, turned down or called off; the row says which."""

    booking_id: int
    at: datetime
    by_id: int | None
