"""Dates and times as offices write them, read into aware datetimes of Asia/Shanghai. Pure.

Every reader returns a datetime, or a sentence; an empty sentence means "no date at all", for which
the caller says how one is written.
"""

import calendar
import math
import re
from datetime import datetime, timedelta

from guanjia.kernel.values.period import SHANGHAI

__all__ = [
    "SHANGHAI",
    "from_cell",
    "from_number",
    "from_text",
    "month_from_number",
    "month_from_text",
]

_YEAR_MIN, _YEAR_MAX = 1900, 2100
_MONTHS, _HOURS, _SIXTY = 12, 24, 60
_FEBRUARY, _LEAP_DAY = 2, 29

# Excel's day numbers; narrower than its own range, so that a stray count is not taken for a day.
_SERIAL_MIN, _SERIAL_MAX = 18264, 73415  # 1950-01-01, 2100-12-31
_SERIAL_ZERO = datetime(1899, 12, 30, tzinfo=SHANGHAI)
_OFFSET_1904 = 1462
_COMPACT_MIN, _COMPACT_MAX = 19000101, 21001231

_DAY = re.compile(
    r"(?P<year>[0-9]{4})"
    r"(?: ?年 ?(?P<m1>[0-9]{1,2}) ?月 ?(?P<d1>[0-9]{1,2}) ?[日号]?"
    r"| ?(?P<sep>[-./]) ?(?P<m2>[0-9]{1,2}) ?(?P=sep) ?(?P<d2>[0-9]{1,2})"
    r"|(?P<m3>[0-9]{2})(?P<d3>[0-9]{2})(?![0-9]))"
    r"(?:[ T]*(?P<rest>.*))"
)
_CLOCK = re.compile(
    r"(?P<hour>[0-9]{1,2}) ?"
    r"(?:: ?(?P<m1>[0-9]{1,2})(?: ?: ?(?P<s1>[0-9]{1,2})(?:\.[0-9]{1,9})?)?"
    r"|[时点] ?(?:整|(?P<m2>[0-9]{1,2}) ?分? ?(?:(?P<s2>[0-9]{1,2}) ?秒)?)?)"
)
_MONTH = re.compile(
    r"(?P<year>[0-9]{4})"
    r"(?: ?年 ?(?P<m1>[0-9]{1,2}) ?月份?| ?[-./] ?(?P<m2>[0-9]{1,2})|(?P<m3>[0-9]{2}))"
)
_MONTH_NUMBER_MIN, _MONTH_NUMBER_MAX = 190001, 210012
_TEXT_LENGTH_MAX = 40


def from_text(text: str) -> datetime | str:
    """``2020年3月5日``, ``2020.3.5``, ``2020/3/5 08:30``, ``20200305``, ``…T08:30:00``, 24:00.

    The text is expected in half width. A day alone begins at midnight.
    """
    found = _DAY.fullmatch(text) if len(text) <= _TEXT_LENGTH_MAX else None
    if found is None:
        return ""
    year = int(found["year"])
    month = int(found["m1"] or found["m2"] or found["m3"])
    day = int(found["d1"] or found["d2"] or found["d3"])
    if fault := _day_fault(year, month, day):
        return fault
    midnight = datetime(year, month, day, tzinfo=SHANGHAI)
    return _at_clock(midnight, found["rest"]) if found["rest"] else midnight


def _day_fault(year: int, month: int, day: int) -> str:
    if not _YEAR_MIN <= year <= _YEAR_MAX:
        return f"{year} 年不在 {_YEAR_MIN} 至 {_YEAR_MAX} 之间，核对年份"
    if not 1 <= month <= _MONTHS:
        return f"一年没有 {month} 月"
    if not 1 <= day <= calendar.monthrange(year, month)[1]:
        leap = f"{year} 年 " if (month, day) == (_FEBRUARY, _LEAP_DAY) else ""
        return f"{leap}{month} 月没有 {day} 日"
    return ""


def _at_clock(midnight: datetime, text: str) -> datetime | str:
    found = _CLOCK.fullmatch(text)
    if found is None:
        return f"时刻“{text}”读不出，写成 08:30 这样"
    hour = int(found["hour"])
    minute = int(found["m1"] or found["m2"] or 0)
    second = int(found["s1"] or found["s2"] or 0)
    whole_day = (hour, minute, second) == (_HOURS, 0, 0)
    if not whole_day and (hour >= _HOURS or minute >= _SIXTY or second >= _SIXTY):
        return f"一天没有“{text}”这个时刻"
    return midnight + timedelta(hours=hour, minutes=minute, seconds=second)


def from_number(number: float, *, epoch_1904: bool = False) -> datetime | str:
    """Excel's day number in a cell that was not formatted as a date, or ``20200305``."""
    if not math.isfinite(number):
        return ""
    if number == int(number) and _COMPACT_MIN <= number <= _COMPACT_MAX:
        return from_text(str(int(number)))
    days = number + (_OFFSET_1904 if epoch_1904 else 0)
    if not _SERIAL_MIN <= days < _SERIAL_MAX + 1:
        return ""
    return _to_second(_SERIAL_ZERO + timedelta(days=days))


def month_from_text(text: str) -> datetime | str:
    """``2020-01``, ``2020年1月``, ``2020.1``, ``2020/01``, ``202001``; or any day of the month."""
    found = _MONTH.fullmatch(text) if len(text) <= _TEXT_LENGTH_MAX else None
    if found is None:
        return from_text(text)
    year, month = int(found["year"]), int(found["m1"] or found["m2"] or found["m3"])
    return _day_fault(year, month, 1) or datetime(year, month, 1, tzinfo=SHANGHAI)


def month_from_number(number: float, *, epoch_1904: bool = False) -> datetime | str:
    """``202001`` in a cell that holds a number, or Excel's day number of any day of the month.

    ``2020.1`` is not read: as a number it is January and October alike.
    """
    if number == int(number) and _MONTH_NUMBER_MIN <= number <= _MONTH_NUMBER_MAX:
        return month_from_text(str(int(number)))
    return from_number(number, epoch_1904=epoch_1904)


def from_cell(moment: datetime) -> datetime | str:
    """A cell that Excel knows as a date: naive, meant in local time."""
    if not _YEAR_MIN <= moment.year <= _YEAR_MAX:
        return f"{moment.year} 年不在 {_YEAR_MIN} 至 {_YEAR_MAX} 之间，核对年份"
    return _to_second(moment.replace(tzinfo=SHANGHAI))


def _to_second(moment: datetime) -> datetime:
    """Excel keeps time as a fraction of a day; what is left after rounding is noise."""
    rounded = moment + timedelta(microseconds=500_000)
    return rounded.replace(microsecond=0)
