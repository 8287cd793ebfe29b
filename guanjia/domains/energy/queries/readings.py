"""Registers as meters sent them: the table has no model, it is read by meter and time."""

from collections import defaultdict
from collections.abc import Collection
from datetime import date, datetime, time, timedelta

from django.db import connection

from guanjia.domains.energy.models import MeterNote
from guanjia.domains.energy.rules.counting import Point
from guanjia.domains.energy.terms.meters import READING_SCALE
from guanjia.kernel.scale import Distributable
from guanjia.kernel.values.period import SHANGHAI

READINGS = Distributable(table="energy_meterreading", key="meter", by_day="at")
DAYS = Distributable(table="energy_meterday", key="meter")
MONTHS = Distributable(table="energy_metermonth", key="meter")
TABLES = (READINGS, DAYS, MONTHS)

Points = dict[int, dict[date, list[Point]]]


def midnight(day: date) -> datetime:
    """The moment at which a day begins."""
    return datetime.combine(day, time(), SHANGHAI)


def sent(meter_ids: Collection[int], first: date, end: date) -> list[tuple[int, int, int]]:
    """Meter, second and register of what was sent in [first, end), by meter and time.

    The bounds stand in the statement, so that only the partitions of these days are looked at.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT meter, floor(extract(epoch FROM at))::bigint, value FROM energy_meterreading"
            " WHERE meter = ANY(%s) AND at >= %s AND at < %s ORDER BY meter, at",
            [list(meter_ids), midnight(first), midnight(end)],
        )
        found: list[tuple[int, int, int]] = cursor.fetchall()
    return found


def points(meter_ids: Collection[int], first: date, end: date) -> Points:
    """What was sent or read off in [first, end), by meter and day, in the order of time."""
    found: Points = {}
    begin, length = int(midnight(first).timestamp()), int(timedelta(days=1).total_seconds())
    days = [first + timedelta(days=n) for n in range((end - first).days)]
    for meter, at, value in sent(meter_ids, first, end):
        by_day = found.get(meter)
        if by_day is None:
            by_day = found[meter] = {}
        day = days[(at - begin) // length]
        there = by_day.get(day)
        if there is None:
            there = by_day[day] = []
        there.append(Point(at, value))
    for meter, by_day_noted in noted(meter_ids, first, end).items():
        for day, taken in by_day_noted.items():
            there = found.setdefault(meter, {}).setdefault(day, [])
            there += taken
            there.sort(key=lambda point: point.at)
    return found


def noted(meter_ids: Collection[int], first: date, end: date) -> Points:
    """What was read off by eye in [first, end)."""
    rows = MeterNote.objects.filter(
        meter__in=list(meter_ids), at__gte=midnight(first), at__lt=midnight(end)
    )
    found: Points = defaultdict(lambda: defaultdict(list))
    for meter, at, value in rows.order_by("at").values_list("meter", "at", "value"):
        point = Point(int(at.timestamp()), int(value * READING_SCALE), by_eye=True)
        found[meter][at.astimezone(SHANGHAI).date()].append(point)
    return found


def recent(meter_id: int, first: date, end: date, *, limit: int) -> list[tuple[datetime, int]]:
    """The newest registers that a meter sent in [first, end), the newest first."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT at, value FROM energy_meterreading WHERE meter = %s AND at >= %s AND at < %s"
            " ORDER BY at DESC LIMIT %s",
            [meter_id, midnight(first), midnight(end), limit],
        )
        return [(at, value) for at, value in cursor.fetchall()]
