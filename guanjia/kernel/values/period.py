"""Periods of the calendar, half-open: the end is the first day that no longer belongs."""

import calendar
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Self
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")

_MONTHS_PER_HALF = 6
_MONTHS_PER_QUARTER = 3
_MONTHS_PER_YEAR = 12


def _month_after(day: date, months: int) -> date:
    index = day.year * _MONTHS_PER_YEAR + day.month - 1 + months
    return date(index // _MONTHS_PER_YEAR, index % _MONTHS_PER_YEAR + 1, 1)


def _year(year: str) -> tuple[date, int]:
    return date(int(year), 1, 1), _MONTHS_PER_YEAR


def _half(year: str, half: str) -> tuple[date, int]:
    return date(int(year), 1 + (int(half) - 1) * _MONTHS_PER_HALF, 1), _MONTHS_PER_HALF


def _quarter(year: str, quarter: str) -> tuple[date, int]:
    return date(int(year), 1 + (int(quarter) - 1) * _MONTHS_PER_QUARTER, 1), _MONTHS_PER_QUARTER


def _month(year: str, month: str) -> tuple[date, int]:
    return date(int(year), int(month), 1), 1


_FORMS: list[tuple[str, Callable[..., tuple[date, int]]]] = [
    (r"(\d{4})", _year),
    (r"(\d{4})-H([12])", _half),
    (r"(\d{4})-Q([1-4])", _quarter),
    (r"(\d{4})-(0[1-9]|1[0-2])", _month),
]


def noon(day: date) -> datetime:
    """Noon of a day in Asia/Shanghai: where what has only a day stands among moments."""
    return datetime.combine(day, time(12), SHANGHAI)


class PeriodUnreadable(ValueError):
    """The text names no period; the message is a Chinese sentence with the accepted forms."""


@dataclass(frozen=True, order=True)
class Period:
    """The days from ``start`` up to but not including ``end``."""

    start: date
    end: date

    def __post_init__(self) -> None:
        if self.end <= self.start:
            raise PeriodUnreadable("时段的结束应晚于开始。")

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read ``2020``, ``2020-H1``, ``2020-Q1``, ``2020-05`` or ``2020-01-01..2020-05-31``.

        The last form names its last day *inclusively*, as people write it.
        Raises ``PeriodUnreadable`` with a sentence for the user.
        """
        for pattern, read in _FORMS:
            if found := re.fullmatch(pattern, text.strip(), re.IGNORECASE):
                try:
                    start, months = read(*found.groups())
                    return cls(start, _month_after(start, months))
                except ValueError:
                    break
        if ".." in text:
            try:
                first, last = (date.fromisoformat(part.strip()) for part in text.split("..", 1))
                return cls(first, last + timedelta(days=1))
            except (ValueError, OverflowError):
                pass
        raise PeriodUnreadable(
            f"读不出时段“{text}”。写成 2020-H1、2020-Q2、2020-05、2020 或 2020-01-01..2020-05-31。"
        )

    @classmethod
    def day(cls, day: date) -> Self:
        """The one day."""
        return cls(day, day + timedelta(days=1))

    @classmethod
    def month_of(cls, day: date) -> Self:
        """The calendar month in which the day lies."""
        return cls(day.replace(day=1), _month_after(day.replace(day=1), 1))

    @classmethod
    def month_named(cls, text: str) -> Self | None:
        """``2020-05`` as its month; ``None`` for anything else."""
        try:
            return cls.month_of(date.fromisoformat(f"{text.strip()}-01"))
        except (ValueError, OverflowError):
            return None

    @property
    def last(self) -> date:
        """The last day that belongs to the period."""
        return self.end - timedelta(days=1)

    def months(self, first: int, last: int) -> "Period":
        """The part from month ``first`` to month ``last`` of the year the period begins in."""
        start = date(self.start.year, first, 1)
        final = date(self.start.year, last, calendar.monthrange(self.start.year, last)[1])
        return Period(max(start, self.start), min(final + timedelta(days=1), self.end))

    def bounds(self) -> tuple[datetime, datetime]:
        """Aware datetimes in Asia/Shanghai: the first instant, and the first one after."""
        return (
            datetime.combine(self.start, time.min, SHANGHAI),
            datetime.combine(self.end, time.min, SHANGHAI),
        )

    def label(self) -> str:
        """The period as officials write it, e.g. ``2020年上半年`` or ``2020年1–5月``."""
        year, start, last = f"{self.start.year}年", self.start, self.last
        if start.day != 1 or self.end.day != 1 or start.year != last.year:
            return f"{start:%Y-%m-%d} 至 {last:%Y-%m-%d}" if start != last else f"{start:%Y-%m-%d}"
        named = {(1, 12): "", (1, 6): "上半年", (7, 12): "下半年"}
        span = (start.month, last.month)
        if span in named:
            return year + named[span]
        return f"{year}{span[0]}月" if span[0] == span[1] else f"{year}{span[0]}–{span[1]}月"
