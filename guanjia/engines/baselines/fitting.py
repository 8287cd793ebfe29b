"""Fitting a baseline by weather, by season or by level; the only place that knows statsmodels.

statsmodels takes a second to import, so it is imported when something is fitted.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

CONFIDENCE = 0.95
# A line needs so many months beyond its coefficients, or its spread is a guess.
_SPARE = 8
_MONTHS = 12
WEATHER_MIN = 12
SEASON_MIN = 24  # two of each month: one year does not tell season from accident
HARMONICS_MIN = 18
_FLAT = 1e-9  # of the amounts: a spread below that is what rounding leaves


class Method(StrEnum):
    """How a baseline was found."""

    WEATHER = "WEATHER"
    SEASON = "SEASON"
    SAME_MONTH = "SAME_MONTH"
    LEVEL = "LEVEL"


@dataclass(frozen=True, kw_only=True)
class Reading:
    """What was consumed in a month (its first day), with its degree days where they are known."""

    month: date
    amount: float
    heating: float | None = None
    cooling: float | None = None


class TooFew(Exception):
    """Nothing can be said; ``need`` and ``have`` count months."""

    def __init__(self, *, need: int, have: int) -> None:
        self.need, self.have = need, have
        super().__init__(f"{have} months, {need} are needed")


@dataclass(frozen=True, kw_only=True)
class Line:
    """A fitted line: how, over how many months, and how well; ``r2`` is ``None`` where the amounts
    never change and there is nothing to explain."""

    method: Method
    months: int
    r2: float | None
    cv_rmse: float
    fitted: Any  # results of statsmodels
    kinds: tuple[str, ...] = ()  # of degree days, for a line by weather

    @property
    def spare(self) -> int:
        """Months beyond the coefficients."""
        return int(self.fitted.df_resid)


def ols(amounts: Sequence[float], terms: Sequence[Sequence[float]]) -> Any:
    """Ordinary least squares by statsmodels."""
    from statsmodels.regression.linear_model import OLS  # noqa: PLC0415 — a second to import

    return OLS(list(amounts), [list(row) for row in terms]).fit()


def studentized(fitted: Any) -> list[tuple[float, float]]:
    """Each month's residual studentized without the month, and Bonferroni's bound; not a number
    for a month that alone decides a term, which lies on the line whatever it is."""
    import numpy as np  # noqa: PLC0415 — imported with statsmodels only

    with np.errstate(invalid="ignore", divide="ignore"):
        return [(float(score), float(bound)) for score, _, bound in fitted.outlier_test()]


def t_of(spare: int) -> float:
    """By how many standard errors the interval reaches to each side."""
    from scipy.stats import t  # noqa: PLC0415 — imported with statsmodels only

    return float(t.ppf((1 + CONFIDENCE) / 2, spare))


def weather_terms(readings: Sequence[Reading], kinds: Sequence[str]) -> list[list[float]] | None:
    """Constant and degree days of some kinds (``heating``, ``cooling``); ``None`` where a month
    has none."""
    if any(getattr(one, kind) is None for one in readings for kind in kinds):
        return None
    return [[1.0, *(float(getattr(one, kind)) for kind in kinds)] for one in readings]


def _kinds(readings: Sequence[Reading]) -> tuple[str, ...]:
    """The kinds of degree days that vary: one that does not explains nothing."""
    return tuple(
        kind for kind in ("heating", "cooling") if len({getattr(one, kind) for one in readings}) > 1
    )


def season_terms(readings: Sequence[Reading], *, harmonics: int) -> list[list[float]]:
    """Constant and the first waves of the year."""
    rows = []
    for one in readings:
        angle = 2 * math.pi * one.month.month / _MONTHS
        row = [1.0]
        for wave in range(1, harmonics + 1):
            row += [math.sin(wave * angle), math.cos(wave * angle)]
        rows.append(row)
    return rows


def line(
    method: Method,
    readings: Sequence[Reading],
    terms: Sequence[Sequence[float]],
    kinds: tuple[str, ...] = (),
) -> Line:
    """A line through some months."""
    amounts = [one.amount for one in readings]
    found = ols(amounts, terms)
    mean = sum(amounts) / len(amounts)
    spread = math.sqrt(max(float(found.scale), 0.0))
    varies = max(amounts) - min(amounts) > _FLAT * max(map(abs, amounts), default=0.0)
    return Line(
        method=method,
        months=len(readings),
        r2=float(found.rsquared) if varies else None,
        cv_rmse=spread / mean if mean else 0.0,
        fitted=found,
        kinds=kinds,
    )


def by_weather(readings: Sequence[Reading]) -> Line | None:
    """By degree days; ``None`` where they are not known, never vary, or months are few."""
    kinds = _kinds(readings)
    terms = weather_terms(readings, kinds) if kinds else None
    if terms is None or len(readings) < WEATHER_MIN:
        return None
    found = line(Method.WEATHER, readings, terms, kinds)
    full = int(found.fitted.df_model) + 1 == len(terms[0])
    return found if full and found.spare >= _SPARE else None


def by_season(readings: Sequence[Reading]) -> Line | None:
    """By two waves of the year; ``None`` without two whole years."""
    if len(readings) < SEASON_MIN or len({one.month.month for one in readings}) < _MONTHS:
        return None
    return line(Method.SEASON, readings, season_terms(readings, harmonics=2))
