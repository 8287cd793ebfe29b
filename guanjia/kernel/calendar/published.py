"""The calendar as the State Council publishes it every autumn for the next year. No database.

The package that carries it knows only the years that were published when it was released; for any
other year the weekday decides, and the day says that it is not known.
"""

from datetime import date

import chinese_calendar

from guanjia.kernel.calendar.terms import Day, DayKind

_HOLIDAYS = chinese_calendar.constants.holidays
_SHIFTED = chinese_calendar.constants.workdays
_NAMES = {holiday.value: holiday.chinese for holiday in chinese_calendar.Holiday}
_SATURDAY = 5

FIRST_YEAR: int = min(_HOLIDAYS).year
LAST_YEAR: int = max(_HOLIDAYS).year


def published(day: date) -> Day:
    """The day as published, or by its weekday with ``known=False``."""
    known = FIRST_YEAR <= day.year <= LAST_YEAR
    if day in _HOLIDAYS:
        name = _NAMES.get(_HOLIDAYS[day], "")
        return Day(date=day, kind=DayKind.HOLIDAY, name=name, known=known)
    if day in _SHIFTED:
        return Day(date=day, kind=DayKind.SHIFTED, known=known)
    kind = DayKind.REST if day.weekday() >= _SATURDAY else DayKind.WORKDAY
    return Day(date=day, kind=kind, known=known)
