"""What the analysis of use (用车分析) is made of: few statements, summed up by the database."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.models import Count, F, IntegerField, Max, Q, Sum, Value
from django.db.models.functions import Coalesce, TruncMonth, Upper

from guanjia.domains.fleet.models import Car, Cost, Finding, Findings, Trip
from guanjia.domains.fleet.queries import disposals, sheets
from guanjia.domains.fleet.rules import dashboard as rules
from guanjia.domains.fleet.rules import times
from guanjia.domains.fleet.terms.cars import CarState
from guanjia.domains.fleet.terms.dashboard import Service, UseFacts
from guanjia.domains.fleet.terms.oversight import FindingState, Level
from guanjia.domains.fleet.terms.trips import TripState
from guanjia.kernel.calendar import hours
from guanjia.kernel.calendar import queries as calendar
from guanjia.kernel.org.models import Unit
from guanjia.kernel.regulations.lawbook import LawInForce
from guanjia.kernel.values.actor import Scope
from guanjia.kernel.values.period import SHANGHAI, Period

PLACES, UNITS = 10, 10
_OUT_OF_SIGHT = (CarState.DISPOSED,)


@dataclass(frozen=True, kw_only=True)
class CarUse:
    """A car and how much it was out in a period."""

    car: Car
    trips: int
    km: int
    use: UseFacts

    @property
    def days_rate(self) -> Decimal | None:
        """Working days used, in percent."""
        return rules.rate_of_days(self.use)

    @property
    def hours_rate(self) -> Decimal | None:
        """Office hours out, in percent."""
        return rules.rate_of_hours(self.use)


@dataclass(frozen=True)
class Part:
    """One part of the demand: its key for a filter, its name, journeys and kilometres."""

    key: str
    title: str
    trips: int
    km: int


def latest_month(scope: Scope) -> Period | None:
    """The month of the last finished journey; ``None`` before the first."""
    last = (
        Trip.objects.within(scope)
        .filter(state=TripState.FINISHED, shares=None)
        .aggregate(last=Max("went_at"))["last"]
    )
    return Period.month_of(last.astimezone(times.ZONE).date()) if last else None


# ── use ──────────────────────────────────────────────────────────────────────────────────

# One day is the rule: only who came back on another day is spread over the days between. The
# sums are materialised, or the planner believes in a thousand days for each journey.
_USE = """
WITH t(id, car_id, went_at, back_at, driven) AS ({trips}),
w(day, opens, closes) AS (SELECT * FROM unnest(%s::date[], %s::timestamptz[], %s::timestamptz[])),
s AS MATERIALIZED (
    SELECT t.car_id, t.went_at, t.back_at, t.driven,
        (t.went_at AT TIME ZONE 'Asia/Shanghai')::date AS first,
        ((t.back_at - interval '1 microsecond') AT TIME ZONE 'Asia/Shanghai')::date AS last
    FROM t),
d AS MATERIALIZED (
    SELECT car_id, went_at, back_at, first AS day FROM s
    UNION ALL
    SELECT s.car_id, s.went_at, s.back_at, s.first + g
    FROM s CROSS JOIN LATERAL generate_series(1, s.last - s.first) AS g WHERE s.last > s.first),
u AS (
    SELECT d.car_id, count(DISTINCT d.day) AS days, sum(greatest(0, extract(epoch FROM
        least(d.back_at, w.closes) - greatest(d.went_at, w.opens)))) / 60 AS minutes
    FROM d JOIN w ON w.day = d.day GROUP BY d.car_id)
SELECT s.car_id, count(*), coalesce(sum(s.driven), 0), coalesce(max(u.days), 0),
    coalesce(max(u.minutes), 0)
FROM s LEFT JOIN u ON u.car_id = s.car_id GROUP BY s.car_id
"""


def use_of_cars(
    *, scope: Scope, period: Period, today: date, use: str = "", unit: str = ""
) -> list[CarUse]:
    """Every car that was there in the period with its use, the most used first; two statements.

    Days that are not over are left out. ``use`` and ``unit`` (a code) narrow the cars.
    """
    ended = min(period.end, date.fromordinal(today.toordinal() + 1))
    days = calendar.days(period.start, ended) if ended > period.start else {}
    workdays = [day.date for day in days.values() if day.works]
    stretches = [_moments(day, *each) for day in workdays for each in hours.stretches(day)]
    measured = _measured(sheets.finished_trips(scope=scope, period=period), stretches)
    minutes = sum(((end - start).total_seconds() for _, start, end in stretches), 0.0) / 60
    per_day = Decimal(minutes) / len(workdays) if workdays else Decimal(0)
    found = []
    for car in _cars(scope, use, unit):
        trips, km, used, out = measured.get(car.pk, (0, 0, 0, Decimal(0)))
        if car.state != CarState.IN_USE and not trips:
            continue
        there = max(rules.days_there(_service(car), workdays), used)
        facts = UseFacts(
            days_used=used, days_there=there, minutes_out=out, minutes_open=per_day * there
        )
        found.append(CarUse(car=car, trips=trips, km=km, use=facts))
    found.sort(key=lambda each: (-(each.days_rate or -1), -each.km, each.car.plate))
    return found


def _moments(day: date, begin: Any, end: Any) -> tuple[date, datetime, datetime]:
    opens, closes = (datetime.combine(day, at, SHANGHAI) for at in (begin, end))
    return day, opens, closes


def _cars(scope: Scope, use: str, unit: str) -> Any:
    rows = Car.objects.within(scope).select_related("unit").annotate(
        left_on=Max(Upper("stays__during"))
    )  # fmt: skip
    if use:
        rows = rows.filter(use__in=use.split(","))
    if unit:
        rows = rows.filter(unit__path__contains=f"/{unit}/")
    return rows


def _service(car: Any) -> Service:
    """When a car was there; of one that is gone the day it left the books tells."""
    gone = car.state == CarState.DISPOSED
    return Service(
        since=car.registered_on, until=(car.left_on or car.registered_on) if gone else None
    )


def _measured(
    rows: Any, stretches: Sequence[tuple[date, datetime, datetime]]
) -> Mapping[int, tuple[int, int, int, Decimal]]:
    """Journeys, kilometres, working days and minutes of office hours out, by car."""
    inner = rows.order_by().values_list("id", "car_id", "went_at", "back_at", "driven")
    text, params = inner.query.sql_with_params()
    columns = list(zip(*stretches, strict=True)) or [(), (), ()]
    with connection.cursor() as cursor:
        cursor.execute(_USE.format(trips=text), [*params, *(list(each) for each in columns)])
        return {
            car_id: (int(trips), int(km), int(days), Decimal(minutes))
            for car_id, trips, km, days, minutes in cursor.fetchall()
        }


_HOURS = """
WITH t(id, went_at, back_at) AS ({trips})
SELECT extract(isodow FROM h)::int, extract(hour FROM h)::int, count(DISTINCT t.id)
FROM t CROSS JOIN LATERAL generate_series(
    date_trunc('hour', t.went_at AT TIME ZONE 'Asia/Shanghai'),
    (t.back_at - interval '1 microsecond') AT TIME ZONE 'Asia/Shanghai', interval '1 hour') AS h
GROUP BY 1, 2
"""


def out_by_hour(*, scope: Scope, period: Period) -> dict[tuple[int, int], int]:
    """How many journeys were under way in each hour of each weekday (1 = Monday)."""
    rows = sheets.finished_trips(scope=scope, period=period).order_by()
    text, params = rows.values_list("id", "went_at", "back_at").query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(_HOURS.format(trips=text), params)
        return {(day, hour): count for day, hour, count in cursor.fetchall()}


# ── demand ───────────────────────────────────────────────────────────────────────────────


def _grouped(scope: Scope, period: Period, *names: str) -> Any:
    rows = sheets.finished_trips(scope=scope, period=period).order_by().values(*names)
    return rows.annotate(
        trips=Count("pk"), km_sum=Coalesce(Sum("driven"), Value(0), output_field=IntegerField())
    ).order_by("-trips", *names)


def by_purpose(*, scope: Scope, period: Period) -> list[Part]:
    """Journeys by purpose, the most frequent first."""
    titles = dict(Trip._meta.get_field("purpose").flatchoices)
    return [
        Part(row["purpose"], str(titles.get(row["purpose"], "")), row["trips"], row["km_sum"])
        for row in _grouped(scope, period, "purpose")
    ]


def by_place(*, scope: Scope, period: Period) -> list[Part]:
    """Journeys by destination, the ten most frequent."""
    return [
        Part(row["destination"], row["destination"], row["trips"], row["km_sum"])
        for row in _grouped(scope, period, "destination")[:PLACES]
    ]


def by_unit(*, scope: Scope, period: Period) -> list[Part]:
    """Journeys by unit with all below it, the ten most frequent; two statements.

    What sections asked for counts with the unit below the city that they belong to.
    """
    sums: dict[str, tuple[int, int]] = {}
    for row in _grouped(scope, period, "unit__path"):
        codes = row["unit__path"].strip("/").split("/")
        code = codes[min(1, len(codes) - 1)]
        trips, km = sums.get(code, (0, 0))
        sums[code] = trips + row["trips"], km + row["km_sum"]
    most = sorted(sums, key=lambda code: (-sums[code][0], code))[:UNITS]
    names = {unit.code: str(unit) for unit in Unit.objects.filter(code__in=most)}
    return [Part(code, names.get(code, code), *sums[code]) for code in most]


def by_month(*, scope: Scope, window: Period) -> dict[date, int]:
    """Journeys by month of a window."""
    rows = sheets.finished_trips(scope=scope, period=window).order_by()
    found = rows.annotate(month=TruncMonth("went_at", tzinfo=SHANGHAI)).values("month")
    return {row["month"].date(): row["n"] for row in found.annotate(n=Count("pk"))}


# ── cost ─────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Spent:
    """What was spent: by kind within the period, by month within the window; in 分."""

    kinds: Mapping[str, int]
    months: Mapping[date, int]

    @property
    def total_fen(self) -> int:
        """All of the period."""
        return sum(self.kinds.values())


def spent(*, scope: Scope, period: Period, window: Period) -> Spent:
    """The costs that count; one statement. The window contains the period."""
    rows = Cost.objects.within(scope).counted()
    within = Q(spent_on__gte=period.start, spent_on__lt=period.end)
    found = (
        rows.filter(spent_on__gte=window.start, spent_on__lt=window.end)
        .order_by()
        .annotate(month=TruncMonth("spent_on"))
        .values("month", "kind")
        .annotate(fen=Sum("amount_fen"), inside=Sum("amount_fen", filter=within))
    )
    kinds: dict[str, int] = {}
    months: dict[date, int] = {}
    for row in found:
        months[row["month"]] = months.get(row["month"], 0) + int(row["fen"] or 0)
        if row["inside"]:
            kinds[row["kind"]] = kinds.get(row["kind"], 0) + int(row["inside"])
    return Spent(kinds, months)


# ── what the fleet is made of, and what was found ────────────────────────────────────────


def present_cars(scope: Scope) -> list[Car]:
    """The cars that are not disposed of."""
    return list(Car.objects.within(scope).exclude(state__in=_OUT_OF_SIGHT).order_by("plate"))


def coming(*, scope: Scope, law: LawInForce, on: date, until: date) -> dict[str, int]:
    """How many cars are near the end of something, by what; one statement.

    As the list of what comes to an end counts them; insurance of cars in use by ``until``.
    """
    near = disposals.ends(law, on)
    insured = Q(state=CarState.IN_USE, insured_until__lte=until)
    found: dict[str, int] = disposals.ending(scope).aggregate(
        inspection=Count("pk", filter=near.inspection),
        insurance=Count("pk", filter=insured),
        renewal=Count("pk", filter=near.renewal),
        years=Count("pk", filter=near.years),
        kilometres=Count("pk", filter=near.kilometres),
    )
    return found


def ages(cars: Sequence[Car], *, on: date, law: LawInForce) -> dict[tuple[int, str], int]:
    """How many cars by full years since registration and class; the oldest are one group."""
    oldest = int(law[rules.AGES].value)
    found: dict[tuple[int, str], int] = {}
    for car in cars:
        key = min(rules.age_of(car.registered_on, on), oldest), str(car.use)
        found[key] = found.get(key, 0) + 1
    return found


def findings(*, scope: Scope, period: Period, level: Level | None = None) -> Findings:
    """The findings of the days of a period, the latest first."""
    rows: Findings = Finding.objects.within(scope).filter(
        on_day__gte=period.start, on_day__lt=period.end
    )
    if level is not None:
        rows = rows.filter(level=level)
    return rows.select_related("car", "unit").order_by("-on_day", "-pk")


def findings_by_level(*, scope: Scope, period: Period) -> list[dict[str, Any]]:
    """Findings of the period by level: how many, and how many are not closed."""
    rows = findings(scope=scope, period=period).select_related(None)
    waits = Count("pk", filter=~Q(state=FindingState.CLOSED))
    found = rows.order_by().values(name=F("level")).annotate(n=Count("pk"), waits=waits)
    return [dict(row) for row in found]
