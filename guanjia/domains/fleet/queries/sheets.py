"""Reading trips; the first argument says where one may look."""

from collections.abc import Collection, Mapping
from datetime import date, datetime
from typing import Any

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from guanjia.domains.fleet.models import Car, Trip, Trips
from guanjia.domains.fleet.queries import means
from guanjia.domains.fleet.rules import times
from guanjia.domains.fleet.terms.cars import CarState
from guanjia.domains.fleet.terms.trips import TRIP_LIFE, Purpose, TripState
from guanjia.kernel.access.subjects import Subject
from guanjia.kernel.approvals import queries as approvals
from guanjia.kernel.approvals.terms import Origin
from guanjia.kernel.registers.models import Remark
from guanjia.kernel.registers.terms import RemarkKind, RemarkState
from guanjia.kernel.values.actor import Actor, Scope
from guanjia.kernel.values.period import Period

_WITH = ("unit", "car", "driver", "shares__car", "shares__driver")


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


def trips_by_number(numbers: Collection[str]) -> Mapping[str, Trip]:
    """Trips looked up by number, in one statement."""
    return {trip.number: trip for trip in Trip.objects.filter(number__in=numbers)}


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
    taken = means.busy("car", at, at + times.MINUTE, at)
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


TRIPS = Subject(
    model="fleet.trip", title="派车单", page="fleet:trip", see="fleet.trip.see",
    sees=sees_trip, rows=trips, life=TRIP_LIFE,
    key="trip_id", path="trips", stem="trip", beside=("unit", "car__unit", "driver"),
    listed=("派车登记", "fleet:trips_list"),
)  # fmt: skip
