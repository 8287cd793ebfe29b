"""What a measure saved, by before and after, with its uncertainty. Pure.

By weather where degree days are known for all months, else by season where two years are known,
else the same months of before and after side by side.
"""

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from guanjia.engines.baselines.fitting import (
    Line,
    Method,
    Reading,
    TooFew,
    by_season,
    by_weather,
    season_terms,
    t_of,
    weather_terms,
)

AFTER_MIN = 3
PAIRS_MIN = 6


@dataclass(frozen=True, kw_only=True)
class Saving:
    """What was saved over the months after, in the unit of the amounts; negative is more used.

    ``margin``: the interval at 95 % reaches so far to each side. ``r2`` and ``cv_rmse`` of the
    baseline, ``None`` for pairs of months. ``before_months``: those that were compared.
    """

    method: Method
    before_months: int
    after_months: int
    saved: float
    margin: float
    r2: float | None = None
    cv_rmse: float | None = None

    @property
    def low(self) -> float:
        """The lower end of the interval."""
        return self.saved - self.margin

    @property
    def high(self) -> float:
        """Its upper end."""
        return self.saved + self.margin

    @property
    def certain(self) -> bool:
        """Whether the interval leaves nothing out but a saving, or but a surplus."""
        return self.low > 0 or self.high < 0


def saving(*, before: Sequence[Reading], after: Sequence[Reading]) -> Saving:
    """What was used less than the months before would have it; raises ``TooFew``."""
    if len(after) < AFTER_MIN:
        raise TooFew(need=AFTER_MIN, have=len(after))
    found = by_weather(before)
    terms = weather_terms(after, found.kinds) if found is not None else None
    if found is not None and terms is not None:
        return _by_line(found, after, terms)
    found = by_season(before)
    if found is not None:
        return _by_line(found, after, season_terms(after, harmonics=2))
    return _by_pairs(before, after)


def _by_line(found: Line, after: Sequence[Reading], terms: Sequence[Sequence[float]]) -> Saving:
    """The sum of what a line expects; its variance is that of the line and of each month."""
    fitted = found.fitted
    expected = [float(value) for value in fitted.predict(terms)]
    sums = [sum(row[place] for row in terms) for place in range(len(terms[0]))]
    covariance = fitted.cov_params()
    of_line = sum(
        sums[i] * sums[j] * float(covariance[i][j])
        for i in range(len(sums))
        for j in range(len(sums))
    )
    variance = max(of_line, 0.0) + len(after) * float(fitted.scale)
    return Saving(
        method=found.method,
        before_months=found.months,
        after_months=len(after),
        saved=sum(expected) - sum(one.amount for one in after),
        margin=t_of(found.spare) * math.sqrt(max(variance, 0.0)),
        r2=found.r2,
        cv_rmse=found.cv_rmse,
    )


def _by_pairs(before: Sequence[Reading], after: Sequence[Reading]) -> Saving:
    """Each month after against the mean of its like before; the differences are the sample."""
    known: dict[int, list[float]] = defaultdict(list)
    for one in before:
        known[one.month.month].append(one.amount)
    means = {number: sum(values) / len(values) for number, values in known.items()}
    pairs = [one for one in after if one.month.month in means]
    if len(pairs) < PAIRS_MIN:
        raise TooFew(need=PAIRS_MIN, have=len(pairs))
    fallen = [means[one.month.month] - one.amount for one in pairs]
    number, mean = len(fallen), sum(fallen) / len(fallen)
    spread = math.sqrt(sum((each - mean) ** 2 for each in fallen) / (number - 1))
    return Saving(
        method=Method.SAME_MONTH,
        before_months=sum(len(known[number]) for number in {one.month.month for one in pairs}),
        after_months=number,
        saved=sum(fallen),
        margin=t_of(number - 1) * spread * math.sqrt(number),
    )
