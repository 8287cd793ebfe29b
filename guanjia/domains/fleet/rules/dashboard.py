"""How use is measured: rates by days and by hours, bands of rates, ages of cars. Pure."""

import re
from collections.abc import Sequence
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from itertools import pairwise

from guanjia.domains.fleet.rules.lives import months_after
from guanjia.domains.fleet.terms.dashboard import Service, UseFacts
from guanjia.kernel.regulations.lawbook import LawInForce

BANDS, LOW, AGES = (
    "fleet.dashboard.rate_bands",
    "fleet.dashboard.low_rate",
    "fleet.dashboard.ages_shown",
)
WEEKDAYS = "一二三四五六日"
_SLOT = re.compile(rf"(?:周|星期)([{WEEKDAYS}])\s*(\d{{1,2}})\s*[点时]")
_HOURS = 24
_MONTHS, _WHOLE, _TENTH = 12, Decimal(100), Decimal("0.1")


def rate_of_days(use: UseFacts) -> Decimal | None:
    """Working days used ÷ working days there, in percent; ``None`` for a car that was not there."""
    return _share(Decimal(use.days_used), Decimal(use.days_there))


def rate_of_hours(use: UseFacts) -> Decimal | None:
    """Office hours out ÷ office hours there, in percent; ``None`` where there were none."""
    return _share(use.minutes_out, use.minutes_open)


def _share(part: Decimal, whole: Decimal) -> Decimal | None:
    if not whole:
        return None
    return (part * _WHOLE / whole).quantize(_TENTH, ROUND_HALF_UP)


def days_there(service: Service, workdays: Sequence[date]) -> int:
    """How many of the working days a car was there: not before it was registered, nor after."""
    end = service.until
    return sum(service.since <= day and (end is None or day < end) for day in workdays)


def band_of(rate: Decimal, law: LawInForce) -> int:
    """The place of the band a rate lies in; the edge belongs to the upper band."""
    edges = [Decimal(str(edge)) for edge in law[BANDS].value]
    return max((place for place, edge in enumerate(edges) if rate >= edge), default=0)


def bands(law: LawInForce) -> list[str]:
    """The bands in words: ``20–40%``, the last open at its end."""
    edges = [str(edge) for edge in law[BANDS].value]
    inner = [f"{low}–{high}%" for low, high in pairwise(edges)]
    return [*inner, f"{edges[-1]}% 以上"]


def is_low(rate: Decimal, law: LawInForce) -> bool:
    """Whether a car is used too little (使用不足)."""
    return rate < Decimal(str(law[LOW].value))


def age_of(registered_on: date, on: date) -> int:
    """Full years since the registration; a car of the future is 0."""
    years = max(0, on.year - registered_on.year)
    while years and registered_on > months_after(on, -_MONTHS * years):
        years -= 1
    return years


def registered_between(age: int, on: date) -> tuple[date, date]:
    """The days of registration, both inclusive, of the cars that are so old on a day.

    The first is the day after that of the cars one year older.
    """
    last = months_after(on, -_MONTHS * age)
    older = months_after(on, -_MONTHS * (age + 1))
    return date.fromordinal(older.toordinal() + 1), last


def slot_of(weekday: int, hour: int) -> str:
    """An hour of the week as people write it: ``周一8点``; 1 is Monday."""
    return f"周{WEEKDAYS[weekday - 1]}{hour}点"


def slot_named(text: str) -> tuple[int, int] | None:
    """The weekday (1 is Monday) and hour of ``周一8点``; ``None`` for what is none."""
    found = _SLOT.fullmatch(text.strip())
    if found is None or int(found[2]) >= _HOURS:
        return None
    return WEEKDAYS.index(found[1]) + 1, int(found[2])
