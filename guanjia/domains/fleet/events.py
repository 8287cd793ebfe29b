"""What happened to trips; ids only, and when where the row does not tell."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class TripRequested:
    """Somebody asked for a car."""

    trip_id: int


@dataclass(frozen=True)
class TripApproved:
    """A request was agreed to and waits for a car."""

    trip_id: int


@dataclass(frozen=True)
class TripDispatched:
    """A trip was given a car and a driver; ``instead_of`` the driver who had it before (改派)."""

    trip_id: int
    instead_of: int | None = None


@dataclass(frozen=True)
class TripRecalled:
    """A dispatch was taken back; the trip and who shared its car wait again."""

    trip_id: int
    driver_id: int | None
    sharer_ids: tuple[int, ...]
    by_id: int | None
    reason: str
    at: datetime


@dataclass(frozen=True)
class TripReplanned:
    """A trip was moved to another time."""

    trip_id: int
    by_id: int | None
    at: datetime


@dataclass(frozen=True)
class TripDeparted:
    """A car went out."""

    trip_id: int


@dataclass(frozen=True)
class TripFinished:
    """A car came back with its reading."""

    trip_id: int


@dataclass(frozen=True)
class TripCancelled:
    """A trip will not take place; who shared its car waits again.

    ``at`` is ``None`` where an approval ended it, which tells the applicant itself.
    """

    trip_id: int
    driver_id: int | None = None
    sharer_ids: tuple[int, ...] = ()
    by_id: int | None = None
    at: datetime | None = None


@dataclass(frozen=True)
class CarCarded:
    """A car that was bought after an approved request has its card in the register."""

    car_id: int
    purchase_id: int


@dataclass(frozen=True)
class CarDisposed:
    """A car's disposal is finished: its card is cancelled and its place is free."""

    car_id: int
    disposal_id: int
