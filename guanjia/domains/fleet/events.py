"""What happened to trips; ids only."""

from dataclasses import dataclass


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
    """A trip was given a car and a driver."""

    trip_id: int


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
    """A trip will not take place."""

    trip_id: int
