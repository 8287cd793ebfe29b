"""Which months stand out of the others. Pure.

From a year on by the residuals of a line by weather or season, each studentized without its own
month (``fitting.studentized``); as many are looked at, Bonferroni's bound is taken. A month
that stands out is left out and the others are looked at again, by the same terms, so that one slip
by a digit hides no other, and what is expected of it is what the others say. Below a year by
distance from the median in median deviations, or in mean ones where most months are alike (Iglewicz
and Hoaglin).
"""

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from guanjia.engines.baselines.fitting import (
    CONFIDENCE,
    HARMONICS_MIN,
    Line,
    Method,
    Reading,
    TooFew,
    by_weather,
    line,
    season_terms,
    studentized,
    weather_terms,
)

LEVEL_MIN = 6
YEAR = 12
# So many of them are one standard deviation of a normal spread.
_BY_MEDIAN, _BY_MEAN = 1.4826, 1.2533
_FAR = 3.5
_MOST = 6  # more than a sixth is no exception, but how it is
_STILL = 1e-6  # of the level: residuals below that are rounding
_Terms = list[list[float]]


@dataclass(frozen=True, kw_only=True)
class Odd:
    """A month that stands out: what was consumed, and what the others would have it be, which is
    never less than nothing."""

    month: date
    amount: float
    expected: float


@dataclass(frozen=True, kw_only=True)
class Look:
    """What came of looking: how, over how many months, how well the line fits, what is odd."""

    method: Method
    months: int
    odd: tuple[Odd, ...]
    r2: float | None = None
    cv_rmse: float | None = None


def standing_out(readings: Sequence[Reading]) -> Look:
    """The months that stand out of the others, in their order; raises ``TooFew``."""
    if len(readings) < LEVEL_MIN:
        raise TooFew(need=LEVEL_MIN, have=len(readings))
    if len(readings) < YEAR:
        return _by_level(readings)
    method, terms = _terms(readings)
    kept = list(range(len(readings)))
    found = _line(method, readings, terms, kept)
    while (
        len(readings) - len(kept) < len(readings) // _MOST
        and (worst := _worst([readings[place] for place in kept], found)) is not None
    ):
        del kept[worst]
        found = _line(method, readings, terms, kept)
    expected = found.fitted.predict(terms)
    return Look(
        method=method,
        months=len(readings),
        odd=tuple(
            Odd(month=one.month, amount=one.amount, expected=max(float(expected[place]), 0.0))
            for place, one in enumerate(readings)
            if place not in kept
        ),
        r2=found.r2,
        cv_rmse=found.cv_rmse,
    )


def _terms(readings: Sequence[Reading]) -> tuple[Method, _Terms]:
    """By what all months are explained, chosen once: the line of what is kept has these terms."""
    weather = by_weather(readings)
    terms = weather_terms(readings, weather.kinds) if weather else None
    if terms is not None:
        return Method.WEATHER, terms
    harmonics = 2 if len(readings) >= HARMONICS_MIN else 1
    return Method.SEASON, season_terms(readings, harmonics=harmonics)


def _line(method: Method, readings: Sequence[Reading], terms: _Terms, kept: Sequence[int]) -> Line:
    return line(method, [readings[place] for place in kept], [terms[place] for place in kept])


def _worst(readings: Sequence[Reading], found: Line) -> int | None:
    """The place of the month that lies farthest off; ``None`` where none is farther than chance
    would have the farthest of so many."""
    level = sum(abs(one.amount) for one in readings) / len(readings)
    if not level or float(found.fitted.scale) ** 0.5 <= _STILL * level:
        return None
    tested = [
        (abs(score), place, bound)
        for place, (score, bound) in enumerate(studentized(found.fitted))
        if math.isfinite(score)
    ]
    _, place, bound = max(tested, default=(0.0, 0, 1.0))
    return place if bound < 1 - CONFIDENCE else None


def _by_level(readings: Sequence[Reading]) -> Look:
    middle = statistics.median(one.amount for one in readings)
    away = [abs(one.amount - middle) for one in readings]
    spread = _BY_MEDIAN * statistics.median(away) or _BY_MEAN * statistics.fmean(away)
    return Look(
        method=Method.LEVEL,
        months=len(readings),
        odd=tuple(
            Odd(month=one.month, amount=one.amount, expected=middle)
            for one in readings
            if abs(one.amount - middle) > _FAR * spread
        ),
    )
