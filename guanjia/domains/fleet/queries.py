"""Reading cars, drivers and trips; the first argument says where one may look."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from guanjia.domains.fleet.models import Car, Cars, Driver, Drivers, Trip, Trips
from guanjia.domains.fleet.rules import times
from guanjia.domains.fleet.terms import (
    Booked,
    CarState,
    DriverState,
    Keeping,
    Purpose,
    Reading,
    TripState,
)
from guanjia.kernel.approvals import queries as approvals
from guanjia.kernel.approvals.terms import Origin
from guanjia.kernel.registers.models import Remark
from guanjia.kernel.registers.terms import RemarkKind, RemarkState
from guanjia.kernel.regulations.lawbook import LawInForce
from guanjia.kernel.values.actor import Actor, Scope
from guanjia.kernel.values.period import Period

_WITH = ("unit", "car", "driver", "shares__car", "shares__driver")


def cars(scope: Scope) -> Cars:
    """The cars inside the scope with their units."""
    rows: Cars = Car.objects.within(scope).select_related("unit")
    return rows


def drivers(scope: Scope) -> Drivers:
    """The drivers inside the scope with their units."""
    rows: Drivers = Driver.objects.within(scope).select_related("unit")
    return rows


def trips(scope: Scope) -> Trips:
    """The trips inside the scope with what their list shows."""
    rows: Trips = Trip.objects.within(scope).select_related(*_WITH)
    return rows


def trip(*, scope: Scope, trip_id: int) -> Trip:
    """One trip; raises ``Trip.DoesNotExist`` outside the scope."""
    found: Trip = (
        trips(scope)
        .select_related("applicant__unit", "rider", "dispatched_by", "wished_car")
        .get(pk=trip_id)
    )
    return found


def finished_trips(*, scope: Scope, period: Period) -> Trips:
    """Finished journeys that departed in the period; who shares a car is not counted again."""
    begin, end = period.bounds()
    rows: Trips = Trip.objects.within(scope).filter(
        state=TripState.FINISHED, shares=None, went_at__gte=begin, went_at__lt=end
    )
    return rows


def epidemic_trips(*, scope: Scope, period: Period) -> Trips:
    """Of the finished journeys those for epidemic control (疫情防控)."""
    return finished_trips(scope=scope, period=period).filter(purpose=Purpose.EPIDEMIC)


def kilometres(rows: Trips) -> int:
    """The kilometres of some trips together."""
    return int(rows.aggregate(km=Sum("driven"))["km"] or 0)


def cars_by_plate(plates: Collection[str]) -> Mapping[str, Car]:
    """Cars looked up by plate, in one statement."""
    found = Car.objects.filter(plate__in=plates).select_related("unit")
    return {car.plate: car for car in found}


def drivers_by_name(names: Collection[str]) -> Mapping[str, Driver]:
    """Drivers looked up by name, or by number where a name is given as one.

    A name that two drivers bear is not found: the ledger must give the number then.
    """
    found: dict[str, Driver] = {}
    doubled: set[str] = set()
    for driver in Driver.objects.filter(Q(name__in=names) | Q(number__in=names)).select_related(
        "unit"
    ):
        if driver.name in found:
            doubled.add(driver.name)
        found[driver.name] = driver
        found[driver.number] = driver
    return {name: driver for name, driver in found.items() if name not in doubled}


def trips_by_number(numbers: Collection[str]) -> Mapping[str, Trip]:
    """Trips looked up by number, in one statement."""
    return {trip.number: trip for trip in Trip.objects.filter(number__in=numbers)}


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


def _busy(column: str, begin: datetime, end: datetime, at: datetime) -> Exists:
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
        cars(scope)
        .filter(state=CarState.IN_USE, seats__gt=passengers)
        .filter(Q(keeping=Keeping.CENTRAL) | Q(unit_id=unit_id))
        .filter(Q(inspected_until=None) | Q(inspected_until__gte=on))
        .exclude(_busy("car", begin, end, at))
        .order_by("seats", "plate")
    )


def free_drivers(
    *, scope: Scope, begin: datetime, end: datetime, at: datetime, licences: Sequence[str] = ()
) -> Drivers:
    """The drivers on duty that are free in ``[begin, end)``, with one of the licences if given."""
    found = (
        drivers(scope)
        .filter(state=DriverState.ON_DUTY, licence_until__gte=_day(end))
        .exclude(_busy("driver", begin, end, at))
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


def on_board(*, scope: Scope, day: date) -> Trips:
    """The journeys that touch a day: planned, out or back, for the board."""
    begin, end = Period.day(day).bounds()
    return (
        trips(scope)
        .filter(shares=None, car__isnull=False)
        .filter(Q(booked__overlap=(begin, end)) | Q(ran__overlap=(begin, end)))
        .exclude(state=TripState.CANCELLED)
        .order_by("planned_from")
    )


def waiting(scope: Scope) -> Trips:
    """The approved requests that wait for a car, the most urgent first."""
    return trips(scope).filter(state=TripState.APPROVED).order_by("planned_from")


def overdue(*, scope: Scope, at: datetime) -> Trips:
    """The cars that are out beyond their time (逾期未归)."""
    return (
        trips(scope)
        .filter(state=TripState.OUT, shares=None, planned_to__lt=at)
        .order_by("planned_to")
    )


def without_papers(scope: Scope) -> Trips:
    """The trips dispatched in an emergency whose papers are owed (待补单)."""
    return trips(scope).filter(paper="OWED").order_by("paper_due_on")


def to_rate(*, person_id: int) -> Trips:
    """The finished trips this person asked for or rode in and has not rated yet."""
    rows: Trips = (
        Trip.objects.filter(Q(applicant_id=person_id) | Q(rider_id=person_id))
        .filter(state=TripState.FINISHED, stars=None, asked_at__isnull=False)
        .select_related(*_WITH)
        .order_by("-back_at")
    )
    return rows


def similar(*, scope: Scope, trip_from: datetime, trip_to: datetime, destination: str) -> Trips:
    """Requests going the same way at the same time, which could share a car (合乘)."""
    return (
        trips(scope)
        .filter(
            destination=destination,
            planned_from__lt=trip_to,
            planned_to__gt=trip_from,
            state__in=[TripState.APPROVED, TripState.DISPATCHED],
            shares=None,
        )
        .order_by("planned_from")
    )


def driving(*, person_id: int, day: date) -> Trips:
    """A driver's journeys that touch a day or are still out, in their order."""
    begin, end = Period.day(day).bounds()
    rows: Trips = (
        Trip.objects.filter(driver__person_id=person_id, shares=None)
        .filter(
            Q(state=TripState.OUT)
            | Q(state=TripState.DISPATCHED, planned_to__gte=begin)
            | Q(state=TripState.FINISHED, back_at__gte=begin, back_at__lt=end)
        )
        .select_related(*_WITH)
        .order_by("planned_from")
    )
    return rows


def day_facts(*, scope: Scope, day: date, at: datetime) -> dict[str, Any]:
    """The day in a few numbers, each of which a filter of a register can show; two statements.

    Cars free now, out, late, promised, stopped; journeys that depart that day, how many of them are
    back and the kilometres they drove.
    """
    begin, end = Period.day(day).bounds()
    today = Q(departure__gte=begin, departure__lt=end)
    out, promised = Q(state=TripState.OUT), Q(state=TripState.DISPATCHED)
    back = Q(state=TripState.FINISHED)
    # Two statements over what can matter, not over every trip there ever was.
    facts: dict[str, Any] = (
        Trip.objects.within(scope)
        .filter(out | today, shares=None)
        .aggregate(
            out=Count("pk", filter=out),
            late=Count("pk", filter=out & Q(planned_to__lt=at)),
            promised=Count("pk", filter=promised & today),
            journeys=Count("pk", filter=(promised | out | back) & today),
            back=Count("pk", filter=back & today),
            km=Coalesce(Sum("driven", filter=back & today), 0),
        )
    )
    taken = _busy("car", at, at + times.MINUTE, at)
    stopped = [CarState.IN_USE, CarState.DISPOSED]
    return facts | Car.objects.within(scope).aggregate(
        free=Count("pk", filter=Q(state=CarState.IN_USE) & ~Q(taken)),
        stopped=Count("pk", filter=~Q(state__in=stopped)),
    )


def to_decide(actor: Actor) -> Trips:
    """The requests this person is to decide (not only to name who does); ``step_id``: the step."""
    seats = approvals.waiting_for(actor).exclude(origin=Origin.KEEPER)
    seats = seats.filter(step__case__subject_type=Trip._meta.label_lower)
    seats = seats.select_related(None).order_by()
    mine = seats.filter(step__case__subject_id=OuterRef("pk"))
    rows: Trips = (
        Trip.objects.filter(
            pk__in=approvals.waiting_subjects(actor, subject_type=Trip._meta.label_lower)
        )
        .select_related(*_WITH, "applicant")
        .annotate(step_id=Subquery(mine.values("step_id")[:1]))
        .order_by("planned_from")
    )
    return rows


def sent_back(*, person_id: int) -> Trips:
    """The requests that came back to this person to be mended."""
    rows: Trips = (
        Trip.objects.filter(applicant_id=person_id, state=TripState.RETURNED)
        .select_related(*_WITH)
        .order_by("planned_from")
    )
    return rows


def doubtful(scope: Scope) -> Trips:
    """The trips with an open doubt (里程待核); the newest one as ``doubt``, ``doubt_why``."""
    doubts = Remark.objects.filter(
        register="fleet.trips",
        kind=RemarkKind.DOUBT,
        state=RemarkState.OPEN,
    )
    mine = doubts.filter(object_id=OuterRef("pk")).order_by("-pk")
    rows: Trips = (
        trips(scope)
        .filter(pk__in=doubts.values("object_id"))
        .annotate(
            doubt=Subquery(mine.values("headline")[:1]),
            doubt_why=Subquery(mine.values("sentence")[:1]),
        )
        .order_by("-departure", "-pk")
    )
    return rows


def licences_ending(*, scope: Scope, until: date) -> Drivers:
    """The drivers who have not left and whose licence ends by a day, the earliest first."""
    return (
        drivers(scope)
        .exclude(state=DriverState.LEFT)
        .filter(licence_until__lte=until)
        .order_by("licence_until", "number")
    )


def cars_ending(*, scope: Scope, until: date) -> Cars:
    """The cars in use whose inspection or insurance ends by a day, the earliest first."""
    return (
        cars(scope)
        .filter(state=CarState.IN_USE)
        .filter(Q(inspected_until__lte=until) | Q(insured_until__lte=until))
        .order_by(Coalesce("inspected_until", "insured_until"), "plate")
    )


def asked_by(*, person_id: int) -> Trips:
    """What a person asked for or rides in, the latest first."""
    rows: Trips = (
        Trip.objects.filter(Q(applicant_id=person_id) | Q(rider_id=person_id))
        .select_related(*_WITH)
        .order_by("-planned_from", "-pk")
    )
    return rows


def promised_on(*, scope: Scope, day: date) -> "QuerySet[Trip]":
    """The journeys already given a car that depart on a day, in their order."""
    begin, end = Period.day(day).bounds()
    return (
        trips(scope)
        .filter(state=TripState.DISPATCHED, shares=None)
        .filter(planned_from__gte=begin, planned_from__lt=end)
        .order_by("planned_from")
    )


def sees_trip(actor: Actor, trip_id: int) -> bool:
    """Whether somebody may open a trip: it is in their scope, or its approval concerns them."""
    scope = actor.scope("fleet.trip.see")
    if not scope.nothing and Trip.objects.within(scope).filter(pk=trip_id).exists():
        return True
    return approvals.has_to_do_with(actor=actor, subject_type="fleet.trip", subject_id=trip_id)
