"""Fuel of cars over time: full-to-full segments, what a class uses, what does not fit."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal

from guanjia.domains.fleet.models import Car, Cost, FuelLevel
from guanjia.domains.fleet.rules import fuel, times
from guanjia.domains.fleet.terms.costs import CostKind, FillFacts, LevelFacts, Norm, Segment
from guanjia.kernel.regulations.lawbook import law_at
from guanjia.kernel.values.period import Period

REGISTER = "fleet.costs"
FUEL_CODES = (
    "tank_exceeded",
    "battery_exceeded",
    "price_odd",
    "card_of_other",
    "card_unknown",
    "fills_close",
    "norm_odd",
)
_NOON = time(12, tzinfo=times.ZONE)
_MONTHS_PER_YEAR = 12

Class = tuple[str, str, str]


@dataclass(frozen=True, kw_only=True)
class LevelSums:
    """What levels tell of a period: how many there are, what was burnt and what went in."""

    readings: int
    used: Decimal
    filled: Decimal


@dataclass(frozen=True, kw_only=True)
class LevelDay:
    """What levels tell of one day: how many there are, what was burnt and what went in."""

    day: date
    readings: int
    used: Decimal
    filled: Decimal


def class_of(car: Car) -> Class:
    """Cars that may be compared: kept for the same, built alike, moved by the same."""
    return car.use, car.body, car.energy


def fills(car_ids: Collection[int], *, since: date | None = None) -> dict[int, list[FillFacts]]:
    """The fuel that went into cars and counts, by car and in order; in one statement."""
    rows = Cost.objects.counted().filter(car__in=car_ids, kind=CostKind.FUEL)
    if since is not None:
        rows = rows.filter(spent_on__gte=since)
    found: dict[int, list[FillFacts]] = defaultdict(list)
    for cost in rows.only(
        "pk", "car_id", "spent_on", "spent_at", "litres", "full", "odometer_km"
    ).order_by("spent_on", "pk"):
        found[cost.car_id].append(facts_of(cost))
    return {car_id: fuel.in_order(line) for car_id, line in found.items()}


def facts_of(cost: Cost) -> FillFacts:
    """What rules need to know of a fill; a day without an hour counts as its noon."""
    return FillFacts(
        ref=cost.pk,
        at=cost.spent_at or datetime.combine(cost.spent_on, _NOON),
        litres=cost.litres,
        full=bool(cost.full),
        odometer_km=cost.odometer_km,
        timed=cost.spent_at is not None,
    )


def norms(cars: Iterable[Car], *, on: date) -> dict[Class, Norm | None]:
    """What the classes of these cars used in the months before a day; in two statements."""
    law = law_at(on)
    wanted = {class_of(car) for car in cars}
    classes: dict[Class, list[int]] = defaultdict(list)
    uses = {use for use, _, _ in wanted}
    for car in Car.objects.filter(use__in=uses).only("pk", "use", "body", "energy"):
        if class_of(car) in wanted:
            classes[class_of(car)].append(car.pk)
    since = _months_before(on, int(law["fleet.fuel.class_months"].value))
    lines = fills([pk for pks in classes.values() for pk in pks], since=since)
    return {
        each: fuel.norm_of(
            (fuel.segments(lines[pk]) for pk in classes[each] if pk in lines), law=law
        )
        for each in wanted
    }


def _months_before(day: date, months: int) -> date:
    index = day.year * _MONTHS_PER_YEAR + day.month - 1 - months
    return date(index // _MONTHS_PER_YEAR, index % _MONTHS_PER_YEAR + 1, 1)


def judged(line: Sequence[FillFacts], norm: Norm | None, *, on: date) -> list[Segment]:
    """The segments of a car's fills beside its class's norm."""
    law = law_at(on)
    return [fuel.judged(each, norm=norm, law=law) for each in fuel.segments(line)]


def segments(car_id: int, period: Period) -> list[Segment]:
    """The full-to-full segments of a car that end in a period, judged as of the period's end."""
    car: Car = Car.objects.get(pk=car_id)
    last = period.last
    norm = norms([car], on=last)[class_of(car)]
    line = fills([car.pk]).get(car.pk, [])
    return [
        each for each in judged(line, norm, on=last) if period.start <= each.ended_on < period.end
    ]


def levels(car_id: int, period: Period) -> LevelSums:
    """What the levels of a car tell of a period."""
    readings = _levels(car_id, period)
    law = law_at(period.last)
    return LevelSums(
        readings=len(readings), used=fuel.used(readings, law), filled=fuel.filled(readings, law)
    )


def level_days(car_id: int, period: Period) -> list[LevelDay]:
    """The same day by day, the newest first; a day begins with the last level before it.

    What is below the noise on one day may count over several, so the days need not sum up to the
    period to the litre.
    """
    law = law_at(period.last)
    by_day: dict[date, list[LevelFacts]] = defaultdict(list)
    for level in _levels(car_id, period):
        by_day[level.at.astimezone(times.ZONE).date()].append(level)
    found: list[LevelDay] = []
    before: list[LevelFacts] = []
    for day, line in sorted(by_day.items()):
        whole = before + line
        found.append(
            LevelDay(
                day=day,
                readings=len(line),
                used=fuel.used(whole, law),
                filled=fuel.filled(whole, law),
            )
        )
        before = line[-1:]
    return found[::-1]


def _levels(car_id: int, period: Period) -> list[LevelFacts]:
    begin, end = period.bounds()
    rows = FuelLevel.objects.filter(car_id=car_id, at__gte=begin, at__lt=end).order_by("at")
    return [LevelFacts(at=at, litres=litres) for at, litres in rows.values_list("at", "litres")]
