"""The facts that oversight judges: journeys with what was approved, clues, seals, standing doubts.

They are read for the system, over the whole city: who sees what comes of them is asked later.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Q, Subquery
from django.db.models.functions import TruncDate

from guanjia.domains.fleet.models import Car, Cost, Fine, SealedCar, Sealing, Sighting, Trip
from guanjia.domains.fleet.queries import places
from guanjia.domains.fleet.rules import oversight as rules
from guanjia.domains.fleet.rules import standing, times
from guanjia.domains.fleet.rules.places import Gazetteer
from guanjia.domains.fleet.terms.cars import CarState
from guanjia.domains.fleet.terms.oversight import (
    DayFacts,
    DoubtFacts,
    Evidence,
    FineFacts,
    JourneyFacts,
    PlannedFacts,
    ReadingFacts,
    SeenFacts,
)
from guanjia.domains.fleet.terms.sealing import HELD, SealFacts, SealState
from guanjia.domains.fleet.terms.sightings import SightingSource
from guanjia.domains.fleet.terms.trips import BOOKED_STATES, TripState
from guanjia.kernel.calendar import queries as calendar
from guanjia.kernel.registers.models import Remark
from guanjia.kernel.registers.terms import RemarkState
from guanjia.kernel.regulations.lawbook import LawInForce
from guanjia.kernel.regulations.verdict import Citation
from guanjia.kernel.values.period import Period

_SPARE = timedelta(hours=12)  # a clue may belong to a journey that began or ended over the edge
_GONE_OUT = (TripState.OUT, TripState.FINISHED)

Gone = Any  # a ``Trip`` that has gone out: it has a car and a departure


@dataclass(frozen=True, kw_only=True)
class CarOn:
    """A car on a day, with the trips promised and the clues that belong to no journey."""

    car: Car
    day: date
    seen: tuple[SeenFacts, ...]
    planned: tuple[PlannedFacts, ...]


@dataclass(frozen=True, kw_only=True)
class Facts:
    """Everything that is judged of a period, in a handful of statements."""

    trips: Sequence[Gone]  # with car and unit; those that are judged
    journeys: Mapping[int, JourneyFacts]
    loose: Sequence[CarOn]
    seals: Mapping[int, list[tuple[SealedCar, SealFacts]]]  # by car
    days: Mapping[date, DayFacts]


def days(first: date, last: date) -> dict[date, DayFacts]:
    """What kind of days they are, both included, with 调休; one statement."""
    found = calendar.days(first, last + timedelta(days=1))
    return {day: DayFacts(works=kind.works, label=kind.label()) for day, kind in found.items()}


def facts(*, period: Period, at: datetime, law: LawInForce) -> Facts:
    """Read what a period holds; a car that is out now is judged whenever it went."""
    begin, end = period.bounds()
    end = min(end, at)
    running = _running(begin, end, at)
    judged = [
        trip
        for trip in running
        if begin <= trip.went_at < end or (trip.state == TripState.OUT and begin <= at <= end)
    ]
    first = min([begin, *(trip.went_at for trip in judged)])
    last = max([end, *(trip.back_at or at for trip in judged)])
    gazetteer = places.gazetteer()
    by_trip, loose = _shared_out(_seen(first, last, gazetteer), running, law)
    return Facts(
        trips=judged,
        journeys=dict(_journeys(judged, by_trip, gazetteer, law)),
        loose=_by_day(loose, begin, end),
        seals=seals(begin=begin, end=end),
        days=days(times.day_of(first), times.day_of(last)),
    )


def _running(begin: datetime, end: datetime, at: datetime) -> list[Gone]:
    """The journeys that were under way in a stretch of time, and those that are out still."""
    rows = (
        Trip.objects.filter(shares=None, car__isnull=False, state__in=_GONE_OUT)
        .filter(Q(ran__overlap=(begin - _SPARE, end + _SPARE)) | Q(state=TripState.OUT))
        .filter(went_at__lte=at)
        .select_related("unit", "car__unit")
        .order_by("went_at")
    )
    return list(rows)


def _seen(
    first: datetime, last: datetime, gazetteer: Gazetteer
) -> dict[int, list[tuple[Car, SeenFacts]]]:
    found: dict[int, list[tuple[Car, SeenFacts]]] = defaultdict(list)
    rows = Sighting.objects.filter(at__gte=first - _SPARE, at__lte=last + _SPARE)
    for row in rows.select_related("car__unit").order_by("at", "pk"):
        found[row.car_id].append((row.car, seen_facts(row, gazetteer)))
    return found


def seen_facts(row: Sighting, gazetteer: Gazetteer) -> SeenFacts:
    """A sighting for the rules; its area from the list of places where it was not told."""
    return SeenFacts(
        id=row.pk,
        at=row.at,
        place=row.place,
        area=row.area or gazetteer.area(row.place),
        source=SightingSource(row.source),
    )


def _shared_out(
    seen: Mapping[int, list[tuple[Car, SeenFacts]]], running: Sequence[Gone], law: LawInForce
) -> tuple[dict[int, list[SeenFacts]], list[tuple[Car, SeenFacts]]]:
    """Each clue to the journey it belongs to; what is left belongs to none."""
    by_car: dict[int, list[Gone]] = defaultdict(list)
    for trip in running:
        by_car[trip.car_id].append(trip)
    by_trip: dict[int, list[SeenFacts]] = defaultdict(list)
    loose = []
    for car_id, clues in seen.items():
        for car, one in clues:
            trip = _trip_of(one.at, by_car[car_id], law)
            if trip is None:
                loose.append((car, one))
            else:
                by_trip[trip.pk].append(one)
    return by_trip, loose


def _trip_of(seen_at: datetime, trips: Sequence[Gone], law: LawInForce) -> Gone | None:
    """The journey under way at an instant, else one that began or ended within the tolerance."""
    inside = [
        t for t in trips if t.went_at <= seen_at and (t.back_at is None or seen_at < t.back_at)
    ]
    near = [
        t for t in trips if rules.covers(seen_at=seen_at, begin=t.went_at, end=t.back_at, law=law)
    ]
    return next(iter(inside or near), None)


def _journeys(
    trips: Sequence[Gone],
    seen: Mapping[int, list[SeenFacts]],
    gazetteer: Gazetteer,
    law: LawInForce,
) -> Iterator[tuple[int, JourneyFacts]]:
    sharers: dict[int | None, list[Trip]] = defaultdict(list)
    ids = [trip.pk for trip in trips]
    for sharer in Trip.objects.filter(shares__in=ids).exclude(state=TripState.CANCELLED):
        sharers[sharer.shares_id].append(sharer)
    before = _readings_before(ids)
    city = frozenset(law["fleet.oversight.city_areas"].value)
    for trip in trips:
        together = [trip, *sharers[trip.pk]]
        areas, unknown = _areas(together, gazetteer, city)
        yield (
            trip.pk,
            JourneyFacts(
                trip_id=trip.pk,
                number=trip.number,
                planned_from=min(each.planned_from for each in together),
                planned_to=max(each.planned_to for each in together),
                went_at=trip.went_at,
                back_at=trip.back_at,
                destination="、".join(dict.fromkeys(each.destination for each in together)),
                areas=areas,
                unknown=unknown,
                rest_reason=next(
                    (r for each in together if (r := each.rest_day_reason or each.urgent_reason)),
                    "",
                ),
                recorded=trip.asked_at is None,
                papers=trip.paper,
                papers_due_on=trip.paper_due_on,
                start_km=trip.start_km,
                end_km=trip.end_km,
                before=before.get(trip.pk),
                inspected_until=trip.car.inspected_until,
                insured_until=trip.car.insured_until,
                seen=tuple(seen.get(trip.pk, ())),
            ),
        )


def _areas(
    together: Sequence[Trip], gazetteer: Gazetteer, city: frozenset[str]
) -> tuple[frozenset[str], str]:
    """Where they may be together; nowhere known as soon as one destination is unknown."""
    allowed = city
    for trip in together:
        reached = gazetteer.through(trip.destination)
        if not reached:
            return frozenset(), trip.destination
        allowed = allowed | reached | gazetteer.through(trip.origin)
    return allowed, ""


def _readings_before(ids: Sequence[int]) -> dict[int, ReadingFacts]:
    """The last reading before each journey, in two statements."""
    earlier = (
        Trip.objects.filter(car=OuterRef("car"), went_at__lt=OuterRef("went_at"))
        .exclude(start_km=None)
        .order_by("-went_at")
    )
    links = dict(
        Trip.objects.filter(pk__in=ids)
        .annotate(earlier=Subquery(earlier.values("pk")[:1]))
        .exclude(earlier=None)
        .values_list("pk", "earlier")
    )
    found = Trip.objects.in_bulk(set(links.values()))
    return {pk: _reading(found[link]) for pk, link in links.items()}


def _reading(trip: Trip) -> ReadingFacts:
    told = trip.out if trip.end_km is None else trip.back
    return ReadingFacts(km=told.km, at=told.at, number=told.number, trip_id=trip.pk)


def _by_day(loose: Iterable[tuple[Car, SeenFacts]], begin: datetime, end: datetime) -> list[CarOn]:
    """Clues without a journey by car and day, with the trips promised around them."""
    cars: dict[int, Car] = {}
    by_day: dict[tuple[int, date], list[SeenFacts]] = defaultdict(list)
    for car, one in loose:
        if begin <= one.at < end:
            cars[car.pk] = car
            by_day[car.pk, times.day_of(one.at)].append(one)
    promised: dict[int | None, list[PlannedFacts]] = defaultdict(list)
    booked = Trip.objects.filter(car__in=cars, shares=None, state=TripState.DISPATCHED)
    for trip in booked.filter(planned_from__lt=end + _SPARE, planned_to__gt=begin - _SPARE):
        promised[trip.car_id].append(
            PlannedFacts(
                trip_id=trip.pk,
                number=trip.number,
                planned_from=trip.planned_from,
                planned_to=trip.planned_to,
            )
        )
    return [
        CarOn(car=cars[pk], day=day, seen=tuple(seen), planned=tuple(promised[pk]))
        for (pk, day), seen in sorted(by_day.items())
    ]


def seals(*, begin: datetime, end: datetime) -> dict[int, list[tuple[SealedCar, SealFacts]]]:
    """The cars that were to stand still in a stretch of time; without granted exceptions."""
    found: dict[int, list[tuple[SealedCar, SealFacts]]] = defaultdict(list)
    rows = (
        SealedCar.objects.filter(state__in=HELD)
        .filter(
            Q(sealing__during__overlap=(begin, end))
            | Q(released_at__gte=begin, released_at__lt=end)
        )
        .select_related("sealing", "car__unit", "unit")
    )
    for row in rows:
        found[row.car_id].append((row, row.facts()))
    return found


def called_off(*, period: Period) -> list[Period]:
    """The days of sealings that were called off within a period, up to that day."""
    begin, end = period.bounds()
    rows = (
        Sealing.objects.filter(called_off_at__gte=begin, called_off_at__lt=end)
        .order_by("pk")
        .values_list("during", "called_off_at")
    )
    return [
        Period(times.day_of(during.lower), times.day_of(off_at) + timedelta(days=1))
        for during, off_at in rows
        if off_at is not None and during.lower < off_at
    ]


def waits_for_exception(row: SealedCar) -> bool:
    """Whether somebody is still to decide on its exception."""
    return row.state == SealState.ASKED


# ── what stands until somebody does something ────────────────────────────────────────────


@dataclass(frozen=True, kw_only=True)
class Idle:
    """A car in use, when it came back last, and on how many days others went since."""

    car: Car
    begin: date
    ever: bool
    last: Evidence | None
    days: Sequence[date] = field(default=())  # the days with journeys after ``begin``


def idle_cars(*, at: datetime) -> list[Idle]:
    """The cars in use that are not out or promised, with what is needed to call them idle."""
    driving = Trip.objects.filter(car=OuterRef("pk"), state__in=BOOKED_STATES)
    back = Trip.objects.filter(
        car=OuterRef("pk"), state=TripState.FINISHED, back_at__lte=at
    ).order_by("-went_at")
    rows = (
        Car.objects.filter(state=CarState.IN_USE)
        .exclude(Exists(driving))
        .annotate(
            last_id=Subquery(back.values("pk")[:1]), last_at=Subquery(back.values("back_at")[:1])
        )
        .select_related("unit")
        .order_by("pk")
    )
    busy = busy_days(at=at)
    if not busy:
        return []
    return [_idle(car, busy) for car in rows]


def busy_days(*, at: datetime) -> list[date]:
    """The days on which any journey was registered, in order."""
    rows = (
        Trip.objects.filter(state__in=_GONE_OUT, went_at__lte=at)
        .annotate(day=TruncDate("went_at", tzinfo=times.ZONE))
        .order_by("day")
        .values_list("day", flat=True)
        .distinct()
    )
    return list(rows)


def _idle(car: Any, busy: Sequence[date]) -> Idle:
    ever = car.last_at is not None
    begin = times.day_of(car.last_at) if ever else max(car.registered_on, busy[0])
    last = Evidence(title="最近一次出车", url_name="fleet:trip", id=car.last_id) if ever else None
    return Idle(car=car, begin=begin, ever=ever, last=last, days=busy[bisect_right(busy, begin) :])


def fines() -> list[tuple[Fine, FineFacts]]:
    """The traffic offences that nobody has dealt with."""
    rows = Fine.objects.filter(handled_on=None).select_related("car__unit", "trip__unit")
    return [
        (
            row,
            FineFacts(
                id=row.pk, number=row.number, at=row.at, place=row.place, what=row.what,
                handled=row.handled_on is not None,
            ),
        )
        for row in rows
    ]  # fmt: skip


def cost_doubts() -> list[tuple[Cost, DoubtFacts]]:
    """The open doubts about fuel and cards, with the costs they stand on."""
    remarks = Remark.objects.filter(
        register="fleet.costs",
        state=RemarkState.OPEN,
        code__in=(*standing.CARD_DOUBTS, *standing.FUEL_DOUBTS),
    ).order_by("pk")
    found = list(remarks)
    costs = Cost.objects.select_related("car__unit", "unit", "trip__unit").in_bulk(
        {remark.object_id for remark in found}
    )
    return [
        (costs[remark.object_id], _doubt(remark, costs[remark.object_id]))
        for remark in found
        if remark.object_id in costs
    ]


def _doubt(remark: Remark, cost: Cost) -> DoubtFacts:
    return DoubtFacts(
        id=remark.pk,
        code=remark.code,
        headline=remark.headline,
        sentence=remark.sentence,
        cite=cite_from(remark.cite),
        cost_id=cost.pk,
        title=f"{cost.get_kind_display()} {cost.spent_on:%Y-%m-%d}",
    )


def cite_from(data: Mapping[str, Any] | None) -> Citation | None:
    """A citation as it was stored."""
    if not data:
        return None
    kept = dict(data)
    for name in ("since", "checked_on"):
        kept[name] = date.fromisoformat(kept[name]) if kept.get(name) else None
    return Citation(**kept)
