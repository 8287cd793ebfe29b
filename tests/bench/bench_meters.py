"""What a year of meters costs: intake, days, months, and whether months cost more with the years.

945 meters × a year of 15-minute values are 33 million rows. Not part of the suite: ``make bench``
runs a tenth of it (95 meters), ``GUANJIA_METERS=945`` all of it. A year comes in through the
intake; the years before it (``GUANJIA_METERS_YEARS=3`` in all), which only have to lie there, are
made by the database.
"""

import os
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import connection

from guanjia.domains.energy.actions import metering, metering_rolls, meters
from guanjia.domains.energy.models import Meter, MeterDay, MeterDue, MeterMonth
from guanjia.domains.energy.queries.readings import READINGS, midnight
from guanjia.domains.energy.terms.energies import Energy
from guanjia.domains.energy.terms.meters import Line, MeterRole
from guanjia.domains.energy.tests import builders
from guanjia.kernel import scale
from guanjia.kernel.access.tests.builders import SYSTEM

METERS = int(os.environ.get("GUANJIA_METERS", "95"))
FIRST = date(2019, 1, 1)  # of the year that comes in
YEARS = int(os.environ.get("GUANJIA_METERS_YEARS", "3"))  # that are kept in the end
NOW = midnight(date(FIRST.year + 1, 1, 1))
DAY = timedelta(days=1)
QUARTERS = 96
SUNDAY = 6
BATCH = 20_000
RATE_MIN = 10_000  # rows a second that are taken in, at least: 945 meters send one
GROWTH_MAX = 1.5  # a month with three years kept may cost so much of one with one year kept
JITTER_S = 0.1  # differences below are noise

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def there() -> list[str]:
    """The meters, entered; their numbers."""
    city = builders.city()
    rows = [
        {
            "institution": city.institution("school"), "number": f"B-{n:04}",
            "energy": Energy.ELECTRICITY, "role": MeterRole.SUB, "place": "",
            "multiplier": Decimal(1), "digits": None, "most_per_hour": None,
            "installed_at": midnight(FIRST), "installed_reading": Decimal(0),
            "until": None,
        }
        for n in range(METERS)
    ]  # fmt: skip
    meters.enter_meters(actor=SYSTEM, rows=rows, at=NOW)
    metering_rolls.roll_all(today=NOW.date())
    return [row["number"] for row in rows]


def days_of(year: int) -> Iterator[date]:
    day = date(year, 1, 1)
    while day.year == year:
        yield day
        day += DAY


def lines(numbers: list[str], day: date) -> list[Line]:
    """What every meter sends on a day: it has counted a unit every quarter since it began."""
    begin = int(midnight(day).timestamp())
    since = (day - FIRST).days * QUARTERS
    times = [datetime.fromtimestamp(begin + 900 * n, UTC) for n in range(QUARTERS)]
    values = [Decimal(since + n) for n in range(QUARTERS)]
    return [
        Line(number=number, at=at, value=value)
        for at, value in zip(times, values, strict=True)
        for number in numbers
    ]


def take_year(numbers: list[str]) -> tuple[int, float, float]:
    """A year of readings; rows, seconds of intake, seconds of rolling up to days and months."""
    rows, took, rolled = 0, 0.0, 0.0
    for day in days_of(FIRST.year):
        told = lines(numbers, day)
        begin = time.perf_counter()
        for start in range(0, len(told), BATCH):
            part = told[start : start + BATCH]
            rows += metering.take_in(part, at=NOW).new
        took += time.perf_counter() - begin
        if day.weekday() == SUNDAY or (day + DAY).year > FIRST.year:
            begin = time.perf_counter()
            metering_rolls.roll_all(today=NOW.date())
            rolled += time.perf_counter() - begin
    return rows, took, rolled


def lay_down(year: int) -> int:
    """A year of readings and days that were kept before; how many rows."""
    scale.make_days(READINGS, days_of(year))
    begin, end = midnight(date(year, 1, 1)), midnight(date(year + 1, 1, 1))
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO energy_meterreading (meter, at, value)"
            " SELECT m.id, t, 1000 * row_number() OVER (PARTITION BY m.id ORDER BY t)"
            " FROM energy_meter m, generate_series(%s, %s - interval '15 minutes',"
            " interval '15 minutes') AS t",
            [begin, end],
        )
        rows = int(cursor.rowcount)
        cursor.execute(
            "INSERT INTO energy_meterday (meter, day, amount, covered_s, hours, told, backwards,"
            " jumped, closing_at, closing, heard_at)"
            " SELECT m.id, d::date, 96, 86400, array_fill(4000000::bigint, ARRAY[24]), 96, 0, 0,"
            " d + interval '23:45', 0, d + interval '23:45'"
            " FROM energy_meter m, generate_series(%s, %s - interval '1 day', interval '1 day') d",
            [begin, end],
        )
        cursor.execute("VACUUM ANALYZE energy_meterreading, energy_meterday")
    return rows


def month_again(numbers: list[str], first: date) -> float:
    """Seconds to roll a whole month up anew, of every meter, from its readings."""
    ids = list(Meter.objects.filter(number__in=numbers).values_list("pk", flat=True))
    end = (first + timedelta(days=31)).replace(day=1)
    days = [first + DAY * n for n in range((end - first).days)]
    MeterDue.objects.bulk_create(
        [MeterDue(meter=pk, day=day) for day in days for pk in ids], batch_size=10_000
    )
    begin = time.perf_counter()
    done = metering_rolls.roll_all(today=NOW.date())
    took = time.perf_counter() - begin
    assert done.days >= len(days) * len(ids)
    return took


def quarter_hour(numbers: list[str], at: datetime) -> float:
    """Seconds for the readings of one quarter of an hour, as they come and are rolled up live."""
    since = int((at - midnight(FIRST)).total_seconds()) // 900
    told = [Line(number=number, at=at, value=Decimal(since)) for number in numbers]
    begin = time.perf_counter()
    metering.take_in(told, at=at)
    metering_rolls.roll_all(today=at.date())
    return time.perf_counter() - begin


def size() -> str:
    """How much room the readings and their index take."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_size_pretty(sum(pg_total_relation_size(inhrelid))) FROM pg_inherits"
            " WHERE inhparent = 'energy_meterreading'::regclass"
        )
        return str(cursor.fetchone()[0])


def test_years_of_meters(there: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    def say(text: str) -> None:
        with capsys.disabled():
            print(f"\n  {text}", end="", flush=True)  # noqa: T201 — a benchmark prints what it measured

    rows, took, rolled = take_year(there)
    say(f"{METERS} meters, a year of quarters of an hour: {rows:,} rows, {size()}")
    say(f"{rows / took:9,.0f} rows/s taken in ({took:.0f} s)")
    say(f"{rows / rolled:9,.0f} rows/s rolled up to days and months, weekly ({rolled:.0f} s)")
    assert rows == METERS * QUARTERS * 365
    assert rows / took >= RATE_MIN
    june = MeterMonth.objects.get(meter=_first(), month=date(FIRST.year, 6, 1))
    assert (june.amount, june.covered_s) == (30 * QUARTERS, 30 * 86_400)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE energy_meterreading, energy_meterday")
    once, live = month(there), quarters(there, 1)
    say(f"{once:9.2f} s to roll up a month anew from its readings, one year kept")
    say(f"{live:9.2f} s to take in and roll up one quarter of an hour, live")
    for year in range(FIRST.year - YEARS + 1, FIRST.year):
        rows += lay_down(year)
    again, still = month(there), quarters(there, 5)
    kept = f"{YEARS} years kept ({rows:,} rows, {size()})"
    say(f"{again:9.2f} s a month with {kept}: ×{again / once:.2f}")
    say(f"{still:9.2f} s a quarter of an hour with {YEARS} years kept: ×{still / live:.2f}")
    assert MeterDay.objects.count() >= METERS * 365 * YEARS
    assert again <= once * GROWTH_MAX + JITTER_S
    assert still <= live * GROWTH_MAX + JITTER_S


def _first() -> int:
    return int(Meter.objects.earliest("pk").pk)


def month(there: list[str]) -> float:
    """The best of three: the first one warms up."""
    return min(month_again(there, date(FIRST.year, 6, 1)) for _ in range(3))


def quarters(there: list[str], first: int) -> float:
    """The best of four, each the next quarter of an hour."""
    return min(
        quarter_hour(there, NOW + timedelta(minutes=15 * n)) for n in range(first, first + 4)
    )
