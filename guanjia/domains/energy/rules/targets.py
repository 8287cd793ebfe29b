"""Targets of a plan and of institutions: what is due by a year, and whether it was met. Pure.

Plans are provisions (``energy.target.*``). A target is a fall in percent against a base year; of a
year within the plan the part that is due by it (pro rata) is the default of everybody, an
institution's own yearly target comes beside it and does not replace it.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from guanjia.domains.energy.rules import reckoning
from guanjia.domains.energy.rules.reckoning import Intensity
from guanjia.domains.energy.terms.energies import Energy
from guanjia.domains.energy.terms.targets import Aim, AimState
from guanjia.kernel.regulations.lawbook import LawInForce
from guanjia.kernel.regulations.verdict import Citation, Verdict, refuse

PERIODS, FILING = "energy.target.periods", "energy.target.filing"
PERCENT_MAX = Decimal(100)
NEEDED = "energy.check.required_sources"
_CENT = Decimal("0.01")
_WATER = frozenset({Energy.WATER})
Months = Mapping[int, Mapping[Energy, Decimal | None]]  # ``None``: told without an amount


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


# ── like with like ───────────────────────────────────────────────────────────────────────


def counted(aim: Aim) -> frozenset[Energy]:
    """The sources that an aim looks at."""
    return _WATER if aim is Aim.WATER_PER_PERSON else frozenset(Energy) - _WATER


def needed(aim: Aim, law: LawInForce) -> frozenset[Energy]:
    """The sources without whose amount a month says nothing of an aim."""
    if aim is Aim.WATER_PER_PERSON:
        return _WATER
    return frozenset(Energy(name) for name in law[NEEDED].value) & counted(aim)


@dataclass(frozen=True, kw_only=True)
class Alike:
    """The months of two years that can be compared, and what was used in them. ``lacking``: the
    sources for want of whose amounts other months were left out; ``told``: in how many months of
    the present year the sources needed have amounts."""

    months: frozenset[int] = frozenset()
    now: Mapping[Energy, Decimal] = field(default_factory=dict)
    base: Mapping[Energy, Decimal] = field(default_factory=dict)
    lacking: frozenset[Energy] = frozenset()
    told: int = 0

    @property
    def why(self) -> str:
        """What keeps months from being compared; empty where nothing does."""
        names = "、".join(energy.label for energy in Energy if energy in self.lacking)
        return f"{names}的数量没有两年同月都填" if names else ""


def alike(
    now: Months, base: Months, *, counts: frozenset[Energy], needs: frozenset[Energy]
) -> Alike:
    """Compare months in which every source with an amount in one year has one in the other: what
    somebody left out, or told the cost of alone, is not nothing."""
    months: set[int] = set()
    lacking: set[Energy] = set()
    sums: list[dict[Energy, Decimal]] = [defaultdict(Decimal), defaultdict(Decimal)]
    amounts = [{n: _amounts(told, counts) for n, told in side.items()} for side in (now, base)]
    for month in amounts[0].keys() & amounts[1].keys():
        one, other = amounts[0][month], amounts[1][month]
        off = (one.keys() ^ other.keys()) | (needs - (one.keys() & other.keys()))
        if off:
            lacking |= off
            continue
        months.add(month)
        for total, side in zip(sums, (one, other), strict=True):
            for energy, amount in side.items():
                total[energy] += amount
    return Alike(
        months=frozenset(months), now=dict(sums[0]), base=dict(sums[1]),
        lacking=frozenset(lacking),
        told=sum(1 for each in amounts[0].values() if needs <= each.keys()),
    )  # fmt: skip


def _amounts(
    told: Mapping[Energy, Decimal | None], counts: frozenset[Energy]
) -> dict[Energy, Decimal]:
    return {e: amount for e, amount in told.items() if amount is not None and e in counts}


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
    keeps: bool,
    cite: Citation | None = None,
) -> Verdict:
    """An institution files its yearly target: at least one indicator, nothing beyond all of it.
    When the year is over it stands: only who ``keeps`` the figures of past years changes it."""
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
    if year < today.year and not keeps:
        sentence = f"{year} 年已经过完，目标不能再报备或改动；确有错误的，请市级登记。"
        return refuse("year_over", headline, sentence, cite=cite, field="year")
    return Verdict()


def may_remove_file(*, year: int, today: date) -> Verdict:
    """The plan that was filed stays with its target when the year is over."""
    if year >= today.year:
        return Verdict()
    sentence = f"{year} 年已经过完，附件随报备的目标保留；有差错的补附一份。"
    return refuse("year_over", "没有移除：", sentence)


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
