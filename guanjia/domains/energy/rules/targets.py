"""Targets of a plan and of institutions: what is due by a year, and whether it was met. Pure.

Plans are provisions (``energy.target.*``). A target is a fall in percent against a base year; of a
year within the plan the part that is due by it (pro rata) is the default of everybody, an
institution's own yearly target comes beside it and does not replace it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from guanjia.domains.energy.rules import reckoning
from guanjia.domains.energy.rules.reckoning import Intensity
from guanjia.domains.energy.terms.targets import Aim, AimState
from guanjia.kernel.regulations.lawbook import LawInForce
from guanjia.kernel.regulations.verdict import Citation, Verdict, refuse

PERIODS, FILING = "energy.target.periods", "energy.target.filing"
PERCENT_MAX = Decimal(100)
_CENT = Decimal("0.01")


@dataclass(frozen=True, kw_only=True)
class Plan:
    """A plan in which a year lies: its title, base year, last year, and falls in percent."""

    title: str
    base_year: int
    end_year: int
    percents: Mapping[Aim, Decimal]
    cite: Citation

    def due(self, aim: Aim, year: int) -> Decimal | None:
        """The fall due by a year, two decimals; ``None`` where the plan says nothing of it."""
        percent = self.percents.get(aim)
        if percent is None:
            return None
        part = reckoning.pro_rata(
            percent, base_year=self.base_year, end_year=self.end_year, year=year
        )
        return part.quantize(_CENT, ROUND_HALF_UP)


def plan_of(year: int, law: LawInForce) -> Plan | None:
    """The plan a year belongs to, by the law of its last day; ``None`` where none is known."""
    if PERIODS not in law:
        return None
    for name, span in law[PERIODS].value.items():
        base, end = (int(text) for text in span)
        key = f"energy.target.{name}"
        if base < year <= end and key in law:
            provision = law[key]
            return Plan(
                title=provision.title,
                base_year=base,
                end_year=end,
                percents={Aim(aim): Decimal(value) for aim, value in provision.value.items()},
                cite=provision.cite,
            )
    return None


def value_of(intensity: Intensity, aim: Aim) -> Decimal | None:
    """The figure that an aim looks at."""
    found: Decimal | None = getattr(intensity, aim.lower())
    return found


@dataclass(frozen=True, kw_only=True)
class Judged:
    """An aim of somebody in a year: base and present figure, fall and due fall in percent, the
    deviation in percentage points (positive is ahead), and why it cannot be said where it cannot.
    """

    aim: Aim
    base: Decimal | None = None
    now: Decimal | None = None
    fall: Decimal | None = None
    due: Decimal | None = None
    why: str = ""

    @property
    def deviation(self) -> Decimal | None:
        """By how many percentage points the fall is ahead of what is due."""
        if self.fall is None or self.due is None:
            return None
        return self.fall - self.due

    @property
    def state(self) -> AimState:
        """Whether the target is met."""
        if self.deviation is None:
            return AimState.UNKNOWN
        return AimState.MET if self.deviation >= 0 else AimState.UNMET


def judge(
    aim: Aim, *, base: Decimal | None, now: Decimal | None, due: Decimal | None, why: str = ""
) -> Judged:
    """Compare a figure with its base; ``why`` names what is missing, where somebody knows."""
    fall = reckoning.change(now, base)
    if not why and due is None:
        why = "没有目标"
    if not why and base is None:
        why = "无基期数据"
    if not why and now is None:
        why = "没有本期数据"
    if not why and not base:
        why = "基期为 0"
    return Judged(aim=aim, base=base, now=now, fall=fall, due=due, why=why if fall is None or due
                  is None else "")  # fmt: skip


def all_met(judged: Mapping[Aim, Judged]) -> bool | None:
    """Whether an institution's own targets are met: one that is unmet decides, else all must be
    known; ``None`` where there are none, or something cannot be said."""
    states = {each.state for each in judged.values()}
    if AimState.UNMET in states:
        return False
    return True if states == {AimState.MET} else None


# ── entering them ────────────────────────────────────────────────────────────────────────


def may_file(
    *,
    percents: Mapping[Aim, Decimal | None],
    year: int,
    filed_on: date,
    today: date,
    cite: Citation | None = None,
) -> Verdict:
    """An institution files its yearly target: at least one indicator, nothing beyond all of it."""
    headline = "没有保存："
    told = {aim: value for aim, value in percents.items() if value is not None}
    if not told:
        sentence = "至少填一项下降目标；没有目标的，按规划的年度进度考核，不用报备。"
        return refuse("aim_missing", headline, sentence, cite=cite, field="per_person")
    for aim, value in told.items():
        if not 0 <= value <= PERCENT_MAX:
            sentence = f"{aim.label}的下降目标应在 0 到 100 之间。"
            return refuse("aim_out", headline, sentence, field=aim.lower())
    if filed_on > today:
        return refuse("in_the_future", headline, "报备日期还没有到。", field="filed_on")
    if year > today.year + 1:
        sentence = "只报备到下一年，核对年度。"
        return refuse("year_ahead", headline, sentence, field="year")
    return Verdict()


def may_tell_base(*, values: Mapping[Aim, Decimal | None], year: int, today: date) -> Verdict:
    """A base year's figures come from somewhere and are more than nothing."""
    headline = "没有保存："
    told = {aim: value for aim, value in values.items() if value is not None}
    if not told:
        return refuse("figure_missing", headline, "至少填一项基期数据。", field="per_person")
    for aim, value in told.items():
        if value <= 0:
            sentence = f"{aim.label}的基期数据应大于 0，没有数据的留空。"
            return refuse("figure_out", headline, sentence, field=aim.lower())
    if year >= today.year:
        return refuse("year_runs", headline, "基期年还没有结束，核对年度。", field="year")
    return Verdict()
