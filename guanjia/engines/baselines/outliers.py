"""Which months stand out of the others. Pure.

From a year on by the residuals of a seasonal line, each studentized without its own month
(``outlier_test`` of statsmodels); as many are looked at, Bonferroni's bound is taken. A month that
stands out is left out and the others are looked at again, so that one slip by a digit hides no
other, and what is expected of it is what the others say. Below a year by distance from the median
in median deviations (Iglewicz and Hoaglin).
"""

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
    weather_terms,
)

LEVEL_MIN = 6
YEAR = 12
_NORMAL = 0.6745  # the median deviation of a normal spread
_FAR = 3.5
_MOST = 6  # more than a sixth is no exception, but how it is
_STILL = 1e-6  # of the level: residuals below that are rounding


@dataclass(frozen=True, kw_only=True)
class Odd:
    """A month that stands out: what was consumed, and what the others would have it be."""

    month: date
    amount: float
    expected: float
    score: float  # studentized residual, or distance in median deviations


@dataclass(frozen=True, kw_only=True)
class Look:
    """What came of looking: how, over how many months, how well the line fits, what is odd."""

    method: Method
    months: int
    odd: tuple[Odd, ...]
    expected: dict[date, float]
    r2: float | None = None
    cv_rmse: float | None = None


def standing_out(readings: Sequence[Reading]) -> Look:
    """The months that stand out of the others, in their order; raises ``TooFew``."""
    if len(readings) < LEVEL_MIN:
        raise TooFew(need=LEVEL_MIN, have=len(readings))
    if len(readings) < YEAR:
        return _by_level(readings)
    kept = list(readings)
    removed: dict[date, float] = {}
    found = _line(kept)
    while len(removed) < len(readings) // _MOST and (worst := _worst(kept, found)) is not None:
        one, score = worst
        kept.remove(one)
        removed[one.month] = score
        found = _line(kept)
    expected = _expected(readings, found)
    return Look(
        method=found.method,
        months=len(readings),
        odd=tuple(
            Odd(
                month=one.month,
                amount=one.amount,
                expected=expected[one.month],
                score=removed[one.month],
            )
            for one in readings
            if one.month in removed
        ),
        expected=expected,
        r2=found.r2,
        cv_rmse=found.cv_rmse,
    )


def _harmonics(months: int) -> int:
    return 2 if months >= HARMONICS_MIN else 1


def _line(readings: Sequence[Reading]) -> Line:
    terms = season_terms(readings, harmonics=_harmonics(len(readings)))
    return by_weather(readings) or line(Method.SEASON, readings, terms)


def _expected(readings: Sequence[Reading], found: Line) -> dict[date, float]:
    """What the line expects of all months, also of those it was not drawn through."""
    terms = weather_terms(readings, found.kinds) if found.kinds else None
    if terms is None:
        terms = season_terms(readings, harmonics=(int(found.fitted.df_model)) // 2)
    values = found.fitted.predict(terms)
    return {one.month: float(value) for one, value in zip(readings, values, strict=True)}


def _worst(readings: Sequence[Reading], found: Line) -> tuple[Reading, float] | None:
    """The month that lies farthest off, with its studentized residual; ``None`` where none is
    farther than chance would have the farthest of so many."""
    level = sum(abs(one.amount) for one in readings) / len(readings)
    if not level or float(found.fitted.scale) ** 0.5 <= _STILL * level:
        return None
    tested = list(zip(readings, found.fitted.outlier_test(), strict=True))
    one, (score, _, bound) = max(tested, key=lambda each: abs(float(each[1][0])))
    return (one, float(score)) if float(bound) < 1 - CONFIDENCE else None


def _by_level(readings: Sequence[Reading]) -> Look:
    amounts = [one.amount for one in readings]
    middle = statistics.median(amounts)
    deviation = statistics.median(abs(amount - middle) for amount in amounts)
    odd = []
    for one in readings:
        score = _NORMAL * (one.amount - middle) / deviation if deviation else 0.0
        if abs(score) > _FAR:
            odd.append(Odd(month=one.month, amount=one.amount, expected=middle, score=score))
    return Look(
        method=Method.LEVEL,
        months=len(readings),
        odd=tuple(odd),
        expected={one.month: middle for one in readings},
    )
