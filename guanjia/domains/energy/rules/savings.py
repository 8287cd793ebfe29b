"""What a measure saved, in words: by which months, which method, how sure. Pure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from guanjia.domains.energy.rules.analysis_words import UNITS, plain
from guanjia.domains.energy.terms.energies import SOURCES, Energy
from guanjia.engines.baselines.fitting import Method, Reading, TooFew
from guanjia.engines.baselines.savings import Saving, saving

METHODS = {
    Method.WEATHER: "采暖度日、制冷度日回归",
    Method.SEASON: "季节回归",
    Method.SAME_MONTH: "同月对比",
    Method.LEVEL: "与中位数比较",
}
YEAR = 12
BEFORE_MAX, AFTER_MAX = 36, 12  # months before and after that are compared, told or not


@dataclass(frozen=True, kw_only=True)
class Measured:
    """What was saved of a source since a measure was done; ``found`` is ``None`` where too few
    months are known, which ``lacking`` says. ``claimed``: for the months compared."""

    energy: Energy
    claimed_year: Decimal | None
    found: Saving | None
    lacking: str = ""

    @property
    def unit(self) -> str:
        """The unit of the source."""
        return SOURCES[self.energy].unit

    @property
    def claimed(self) -> Decimal | None:
        """What was claimed for so many months as were compared."""
        if self.claimed_year is None or self.found is None:
            return None
        return self.claimed_year * self.found.after_months / YEAR

    @property
    def method(self) -> str:
        """How it was measured."""
        return METHODS[self.found.method] if self.found else ""

    @property
    def sentence(self) -> str:
        """All of it in one sentence, as pages write numbers."""
        return self._said(lambda value: f"{value:,.0f}", self.unit, gap=" ")

    @property
    def official(self) -> str:
        """The same as official texts write it."""
        return self._said(lambda value: plain(value, 0), UNITS[self.energy], gap="")

    def _said(self, number: Callable[[float], str], unit: str, *, gap: str) -> str:
        """``gap`` stands between digits and Chinese words."""
        if self.found is None:
            return f"{self.energy.label}：数据不足，{self.lacking}"
        found = self.found
        before, after = found.before_months, found.after_months
        months = f"改造前{gap}{before}{gap}个月、改造后{gap}{after}{gap}个月，{self.method}"
        fit = "" if found.r2 is None else f"，R² {found.r2:.2f}，CV(RMSE) {found.cv_rmse or 0:.1%}"
        low, high = number(found.low), number(found.high)
        span = f"95%{gap}区间为{gap}{low}{gap}至{gap}{high}{gap}{unit}"
        if not found.certain:
            return f"{self.energy.label}：没有测出变化，{span}（{months}{fit}）。"
        word, amount = ("节约", found.saved) if found.saved > 0 else ("多用", -found.saved)
        saved = f"{word}{gap}{number(amount)}{gap}{unit}"
        return f"{self.energy.label}：{saved}，{span}（{months}{fit}）。"


def window(done_on: date) -> tuple[date, date]:
    """From the first month that is compared to the month behind the last."""
    month = done_on.year * YEAR + done_on.month - 1
    first, last = month - BEFORE_MAX, month + AFTER_MAX + 1
    return date(first // YEAR, first % YEAR + 1, 1), date(last // YEAR, last % YEAR + 1, 1)


def measure(
    *, energy: Energy, claimed_year: Decimal | None, done_on: date, readings: Sequence[Reading]
) -> Measured:
    """Compare the months before a measure was done with those after; the month itself is mixed
    and left out."""
    month = done_on.replace(day=1)
    first, last = window(done_on)
    before = [one for one in readings if first <= one.month < month]
    after = [one for one in readings if month < one.month < last]
    try:
        found = saving(before=before, after=after)
    except TooFew as few:
        lacking = (
            f"改造后一年只有 {len(after)} 个月有填报，至少要 {few.need} 个月。"
            if len(after) < few.need
            else f"改造前后都有填报的同月只有 {few.have} 个，至少要 {few.need} 个。"
        )
        return Measured(energy=energy, claimed_year=claimed_year, found=None, lacking=lacking)
    return Measured(energy=energy, claimed_year=claimed_year, found=found)
