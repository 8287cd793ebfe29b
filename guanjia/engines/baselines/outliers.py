"""Which months stand out of the others. Pure.

From a year on by the residuals of a seasonal line, each studentized without its own month
(``outlier_test`` of statsmodels), where so many are looked at that Bonferroni's bound is taken.
Below a year by distance from the median in median deviations (Iglewicz and Hoaglin).
"""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from guanjia.engines.baselines.fitting import (
    CONFIDENCE,
    HARMONICS_MIN,
    Method,
    Reading,
    TooFew,
    by_weather,
    line,
    season_terms,
)

LEVEL_MIN = 6
YEAR = 12
_NORMAL = 0.6745  # the median deviation of a normal spread
_FAR = 3.5
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
    harmonics = 2 if len(readings) >= HARMONICS_MIN else 1
    found = by_weather(readings) or line(
        Method.SEASON, readings, season_terms(readings, harmonics=harmonics)
    )
    expected = [float(value) for value in found.fitted.fittedvalues]
    level = sum(abs(one.amount) for one in readings) / len(readings)
    odd = []
    if level and float(found.fitted.scale) ** 0.5 > _STILL * level:
        for one, value, (score, _, bound) in zip(
            readings, expected, found.fitted.outlier_test(), strict=True
        ):
            if float(bound) < 1 - CONFIDENCE:
                odd.append(
                    Odd(month=one.month, amount=one.amount, expected=value, score=float(score))
                )
    return Look(
        method=found.method,
        months=found.months,
        odd=tuple(odd),
        expected={one.month: value for one, value in zip(readings, expected, strict=True)},
        r2=found.r2,
        cv_rmse=found.cv_rmse,
    )


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
