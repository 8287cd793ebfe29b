"""Who and what is free for a journey, who holds it, and what the odometer said last."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Exists, OuterRef, Q, Sum

from guanjia.domains.fleet.models import Car, Cars, Driver, Drivers, Trip
from guanjia.domains.fleet.queries import archive
from guanjia.domains.fleet.rules import times
from guanjia.domains.fleet.terms.cars import CarState, Keeping
from guanjia.domains.fleet.terms.drivers import DriverState
from guanjia.domains.fleet.terms.trips import Booked, Reading, TripState
from guanjia.kernel.regulations.lawbook import LawInForce
from guanjia.kernel.values.actor import Scope
from guanjia.kernel.values.period import Period

_WITH = ("unit", "car", "driver", "shares__car", "shares__driver")


def _booked(trip: Trip, at: datetime) -> Booked:
    return Booked(
        number=trip.number,
        unit_name=str(trip.unit),
        rider=trip.rider_name,
        destination=trip.destination,
        begin=min(trip.planned_from, trip.went_at or trip.planned_from),
        until=trip.planned_to,
        open_ended=trip.state == TripState.OUT and trip.planned_to <= at,
    )


def _day(at: datetime) -> date:
    """The day of an instant as people here count days; instants may come in any time zone."""
    return at.astimezone(times.ZONE).date()


def held(
    *,
    begin: datetime,
    end: datetime,
    at: datetime,
    car_id: int | None = None,
    driver_id: int | None = None,
    without: int | None = None,
) -> list[Booked]:
    """Who holds a car or a driver in ``[begin, end)``, earliest first.

    A car that is out and overdue holds everything from now on: nobody knows when it is back.
    ``without``: id of a trip that does not count (the one being changed).
    """
    whose = Q(car_id=car_id) if car_id is not None else Q(driver_id=driver_id)
    late = Q(state=TripState.OUT, planned_to__lte=at)
    if _day(begin) > _day(at):
        late &= Q(pk__in=[])  # by another day it will be back or be missed
    rows = (
        Trip.objects.filter(whose)
        .filter(Q(booked__overlap=(begin, end)) | late)
        .exclude(pk=without or 0)
        .select_related("unit")
        .order_by("planned_from")
    )
    return [_booked(trip, at) for trip in rows]


def busy(column: str, begin: datetime, end: datetime, at: datetime) -> Exists:
    taken = Q(booked__overlap=(begin, end))
    if _day(begin) <= _day(at):
        taken |= Q(state=TripState.OUT, planned_to__lte=at)
    return Exists(Trip.objects.filter(taken, **{column: OuterRef("pk")}))


def free_cars(
    *,
    scope: Scope,
    begin: datetime,
    end: datetime,
    passengers: int,
    unit_id: int | None,
    at: datetime,
) -> Cars:
    """The cars that could take so many riders in ``[begin, end)``, the best fitting first."""
    on = _day(end)
    return (
        archive.cars(scope)
        .filter(state=CarState.IN_USE, seats__gt=passengers)
        .filter(Q(keeping=Keeping.CENTRAL) | Q(unit_id=unit_id))
        .filter(Q(inspected_until=None) | Q(inspected_until__gte=on))
        .exclude(busy("car", begin, end, at))
        .order_by("seats", "plate")
    )


def free_drivers(
    *, scope: Scope, begin: datetime, end: datetime, at: datetime, licences: Sequence[str] = ()
) -> Drivers:
    """The drivers on duty that are free in ``[begin, end)``, with one of the licences if given."""
    found = (
        archive.drivers(scope)
        .filter(state=DriverState.ON_DUTY, licence_until__gte=_day(end))
        .exclude(busy("driver", begin, end, at))
    )
    if licences:
        found = found.filter(licence__in=licences)
    return found.order_by("number")


def licences_for(*, seats: int, law: LawInForce) -> list[str]:
    """The licence classes that may drive so many seats."""
    limits = law["fleet.licence.seats_max"].value
    return [name for name, most in limits.items() if most is None or seats <= most]


@dataclass(frozen=True)
class FreeCar:
    """A car that could be sent instead, with what the board says of it."""

    id: int
    plate: str
    colour: str
    seats: int
    note: str


def nearest_free(*, scope: Scope, trip: Trip, at: datetime, limit: int = 3) -> list[FreeCar]:
    """The cars nearest to what a trip needs: smallest that fits, then the freest that day."""
    found = free_cars(
        scope=scope,
        begin=trip.planned_from,
        end=trip.planned_to,
        passengers=trip.passengers,
        unit_id=trip.unit_id,
        at=at,
    )[:limit]
    local = trip.planned_from.astimezone(times.ZONE)
    begin, end = Period.day(local.date()).bounds()
    plans: dict[int, list[Trip]] = {}
    for other in Trip.objects.filter(
        car_id__in=[car.pk for car in found], booked__overlap=(begin, end)
    ).order_by("planned_from"):
        plans.setdefault(other.car_id or 0, []).append(other)
    return [
        FreeCar(
            id=car.pk,
            plate=car.plate,
            colour=car.get_plate_colour_display(),
            seats=car.seats,
            note=_gap(plans.get(car.pk, ()), trip),
        )
        for car in found
    ]


def _gap(mine: Sequence[Trip], trip: Trip) -> str:
    if not mine:
        return "全天空"
    earlier = [other.planned_to for other in mine if other.planned_to <= trip.planned_from]
    later = [other.planned_from for other in mine if other.planned_from >= trip.planned_to]
    since = f"{times.clock(max(earlier))} 起" if earlier else ""
    until = f"到 {times.clock(min(later))}" if later else ""
    return since + until


def suggested_driver(
    *, scope: Scope, car: Car, begin: datetime, end: datetime, law: LawInForce, at: datetime
) -> Driver | None:
    """Who should drive: whoever drives this car that day or drove it last, else a free one."""
    able = free_drivers(
        scope=scope, begin=begin, end=end, at=at, licences=licences_for(seats=car.seats, law=law)
    )
    usual = (
        Trip.objects.filter(car=car, driver__isnull=False)
        .order_by("-planned_from")
        .values_list("driver_id", flat=True)[:5]
    )
    for driver_id in dict.fromkeys(usual):
        if found := able.filter(pk=driver_id).first():
            return found
    day, after = Period.day(begin.astimezone(times.ZONE).date()).bounds()
    busy = Trip.objects.filter(driver=OuterRef("pk"), planned_from__gte=day, planned_from__lt=after)
    return able.annotate(busy=Exists(busy)).order_by("busy", "number").first()


def reading_before(*, car_id: int, at: datetime, without: int | None = None) -> Reading | None:
    """The last known odometer reading of a car before an instant."""
    row = (
        Trip.objects.filter(car_id=car_id, went_at__lt=at)
        .exclude(pk=without or 0)
        .exclude(start_km=None)
        .order_by("-went_at")
        .first()
    )
    if row is None:
        return None
    return row.out if row.end_km is None else row.back


def reading_after(*, car_id: int, at: datetime, without: int | None = None) -> Reading | None:
    """The first known odometer reading of a car at or after an instant."""
    row = (
        Trip.objects.filter(car_id=car_id, went_at__gte=at)
        .exclude(pk=without or 0)
        .exclude(start_km=None)
        .order_by("went_at")
        .first()
    )
    return row.out if row else None


def riders_in(trip: Trip) -> int:
    """How many ride in the car of a trip, with everybody who shares it."""
    shared = trip.sharers.exclude(state=TripState.CANCELLED).aggregate(n=Sum("passengers"))["n"]
    return trip.passengers + int(shared or 0)
