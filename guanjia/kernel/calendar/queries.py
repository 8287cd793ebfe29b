"""What kind of day it is. The calendar is the same for everybody, so there is no scope."""

from datetime import date, timedelta

from guanjia.kernel.calendar.models import WorkdayOverride
from guanjia.kernel.calendar.published import published
from guanjia.kernel.calendar.terms import Day, DayKind

_MARGIN_DAYS = 20  # longer than the longest holiday, so that one window is nearly always enough


def days(start: date, end: date) -> dict[date, Day]:
    """Every day from ``start`` up to but not including ``end``; one query."""
    by_hand = {row.day: row for row in WorkdayOverride.objects.filter(day__gte=start, day__lt=end)}
    found = {}
    for offset in range((end - start).days):
        day = start + timedelta(days=offset)
        row = by_hand.get(day)
        found[day] = published(day) if row is None else _by_hand(row)
    return found


def day_of(day: date) -> Day:
    """The one day; for many of them use ``days``."""
    return days(day, day + timedelta(days=1))[day]


def day_kind(day: date) -> DayKind:
    """The kind of the day."""
    return day_of(day).kind


def is_workday(day: date) -> bool:
    """Whether offices work that day, 调休 included."""
    return day_of(day).works


def add_workdays(start: date, n: int) -> date:
    """The ``n``-th workday after ``start``, not counting ``start``; ``start`` itself for 0.

    Raises ``ValueError`` for a negative number.
    """
    if n < 0:
        raise ValueError("n must not be negative")
    left, reached = n, start
    while left:
        first = reached + timedelta(days=1)
        for day in days(first, first + timedelta(days=2 * left + _MARGIN_DAYS)).values():
            reached = day.date
            left -= day.works
            if not left:
                break
    return reached


def workdays_between(start: date, end: date) -> int:
    """How many workdays there are from ``start`` up to but not including ``end``."""
    return sum(day.works for day in days(start, end).values())


def rest_days(start: date, end: date) -> list[date]:
    """The days on which offices do not work, up to but not including ``end``, in order."""
    return [day.date for day in days(start, end).values() if not day.works]


def overrides(start: date, end: date) -> list[Day]:
    """The days set by hand from ``start`` up to but not including ``end``, in order."""
    rows = WorkdayOverride.objects.filter(day__gte=start, day__lt=end).order_by("day")
    return [_by_hand(row) for row in rows]


def _by_hand(row: WorkdayOverride) -> Day:
    return Day(date=row.day, kind=DayKind(row.kind), name=row.name, by_hand=True, reason=row.reason)
