"""What institutions used in two years, like with like, and how it stands to their targets."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Count, Exists, OuterRef, Sum
from django.db.models.functions import ExtractMonth

from guanjia.domains.energy.models import (
    Baseline,
    Consumption,
    InstitutionSpell,
    MonthReturn,
    YearTarget,
)
from guanjia.domains.energy.queries import totals
from guanjia.domains.energy.queries.totals import Body, Year
from guanjia.domains.energy.rules import reckoning
from guanjia.domains.energy.rules import targets as rules
from guanjia.domains.energy.rules.reckoning import Factors
from guanjia.domains.energy.rules.targets import Judged, Plan
from guanjia.domains.energy.terms.energies import Energy
from guanjia.domains.energy.terms.targets import Against, Aim
from guanjia.kernel.regulations.lawbook import law_at
from guanjia.kernel.values.actor import Actor, Scope

SEE, FILE, TELL = "energy.target.see", "energy.target.file", "energy.baseline.enter"
NOTHING = Decimal(0)
_BY_PEOPLE = frozenset({Aim.PER_PERSON, Aim.WATER_PER_PERSON})
Amounts = dict[Energy, Decimal]


@dataclass(kw_only=True)
class Side:
    """One of the two years of an institution: what it used in the months compared, and its size."""

    amounts: Amounts = field(default_factory=dict)
    people: int | None = None
    floor_m2: Decimal | None = None

    def size(self, aim: Aim) -> Decimal | None:
        """What an aim divides by; ``None`` where it is not known or nothing."""
        found = self.people if aim in _BY_PEOPLE else self.floor_m2
        return Decimal(found) if found else None


@dataclass(kw_only=True)
class Pair:
    """An institution in a year and its base year; ``months``: how many were told in both."""

    body: Body
    now: Side
    base: Side
    months: int = 0
    told: Baseline | None = None  # what a document says of the base year


@dataclass(frozen=True, kw_only=True)
class Standing:
    """Where somebody stands with an aim, by how many institutions and months, against what."""

    judged: Judged
    count: int = 0
    months: int = 0
    baseline: Baseline | None = None


@dataclass(kw_only=True)
class Comparison:
    """All institutions of a scope in a year and a base year; ``over``: the year has ended."""

    year: Year
    base_year: int
    base_factors: Factors
    over: bool
    pairs: Sequence[Pair]
    areas: Mapping[int, Baseline] = field(default_factory=dict)

    def standing(
        self,
        aim: Aim,
        pairs: Sequence[Pair],
        due: Decimal | None,
        told: Baseline | None = None,
    ) -> Standing:
        """Where some institutions stand together. By the months told in both years, of those
        whose size is known in both; where there are none, by what a document tells of the base
        year (``told``), against a whole year."""
        like = [p for p in pairs if p.months and p.now.size(aim) and p.base.size(aim)]
        if like:
            now = _value(aim, [p.now for p in like], self.year.factors)
            base = _value(aim, [p.base for p in like], self.base_factors)
            why = self._no_factor(aim, now, base)
            return Standing(
                judged=rules.judge(aim, base=base, now=now, due=due, why=why),
                count=len(like),
                months=max(p.months for p in like),
            )
        return self._by_document(aim, pairs, due, told)

    def of(self, aim: Aim, pair: Pair, due: Decimal | None) -> Standing:
        """Where one institution stands."""
        return self.standing(aim, [pair], due, pair.told)

    def _no_factor(self, aim: Aim, now: Decimal | None, base: Decimal | None) -> str:
        if aim is not Aim.CO2_PER_M2 or (now is not None and base is not None):
            return ""
        year = self.base_year if base is None else self.year.year
        return f"没有 {year} 年的碳排放因子"

    def _by_document(
        self, aim: Aim, pairs: Sequence[Pair], due: Decimal | None, told: Baseline | None
    ) -> Standing:
        base = None if told is None else getattr(told, aim.lower())
        whole = [p for p in pairs if p.body.months]
        if base is None:
            why = _missing(aim, whole)
            return Standing(judged=rules.judge(aim, base=None, now=None, due=due, why=why))
        sized = [p for p in whole if p.now.size(aim)]
        sides = [
            Side(amounts=p.body.amounts, people=p.body.people, floor_m2=p.body.floor_m2)
            for p in sized
        ]
        now = _value(aim, sides, self.year.factors) if sides and self.over else None
        why = "" if self.over else "基期只有全年数据，年度结束后才能比较"
        return Standing(
            judged=rules.judge(aim, base=base, now=now, due=due, why=why),
            count=len(sized),
            months=max((p.body.months for p in sized), default=0),
            baseline=told,
        )


def _missing(aim: Aim, whole: Sequence[Pair]) -> str:
    """What is lacking where nothing can be compared."""
    if not whole:
        return "没有本期数据"
    if not any(p.now.size(aim) for p in whole):
        return "没有用能人数" if aim in _BY_PEOPLE else "没有建筑面积"
    return "无基期数据"


def _value(aim: Aim, sides: Iterable[Side], factors: Factors) -> Decimal | None:
    """The figure of some institutions together."""
    return rules.value_of(reckoning.together(sides, factors), aim)


# ── reading ──────────────────────────────────────────────────────────────────────────────


def compare(
    scope: Scope,
    *,
    year: int,
    base_year: int,
    today: date,
    institutions: Collection[int] | None = None,
) -> Comparison:
    """The institutions in the register at the end of a year beside their base year; a fixed number
    of statements, however many institutions."""
    whole = totals.year_of(scope, year, institutions=institutions)
    ids = [body.id for body in whole.bodies]
    few = ids if institutions is not None else None
    months = _common_months(year, base_year, few)
    now, base = _common(year, base_year, few), _common(base_year, year, few)
    sizes = _sizes(reckoning.last_day(base_year), few)
    told = {row.institution_id: row for row in _told(base_year).filter(institution__in=ids)}
    pairs = [
        Pair(
            body=body,
            now=Side(amounts=now[body.id], people=body.people, floor_m2=body.floor_m2),
            base=_side(base[body.id], sizes.get(body.id)),
            months=months.get(body.id, 0),
            told=told.get(body.id),
        )
        for body in whole.bodies
    ]
    return Comparison(
        year=whole,
        base_year=base_year,
        base_factors=totals.factors_of(base_year),
        over=year < today.year,
        pairs=pairs,
        areas={row.area_id: row for row in _told(base_year).filter(area__isnull=False)},
    )


def _told(year: int) -> Any:
    return Baseline.objects.filter(year=year)


def _side(amounts: Amounts, size: tuple[int | None, Decimal | None] | None) -> Side:
    people, floor = size or (None, None)
    return Side(amounts=amounts, people=people, floor_m2=floor)


def _common_months(year: int, other: int, ids: Collection[int] | None) -> dict[int, int]:
    """How many months institutions told in both years."""
    rows = MonthReturn.objects.filter(month__year=year).filter(_in_both(other, "")).order_by()
    if ids is not None:
        rows = rows.filter(institution__in=ids)
    return dict(rows.values_list("institution").annotate(n=Count("pk")))


def _in_both(other: int, path: str) -> Exists:
    return Exists(
        MonthReturn.objects.filter(
            institution=OuterRef(f"{path}institution"),
            month__year=other,
            month__month=ExtractMonth(OuterRef(f"{path}month")),
        )
    )


def _common(year: int, other: int, ids: Collection[int] | None) -> dict[int, Amounts]:
    """What institutions used in the months of a year that they told in the other too."""
    rows = Consumption.objects.filter(month_return__month__year=year, amount__isnull=False)
    rows = rows.filter(_in_both(other, "month_return__")).order_by()
    if ids is not None:
        rows = rows.filter(month_return__institution__in=ids)
    found: dict[int, Amounts] = defaultdict(dict)
    for pk, energy, amount in rows.values_list("month_return__institution", "energy").annotate(
        amount=Sum("amount")
    ):
        found[pk][Energy(energy)] = amount
    return found


def _sizes(
    day: date, ids: Collection[int] | None
) -> Mapping[int, tuple[int | None, Decimal | None]]:
    rows = InstitutionSpell.objects.filter(during__contains=day)
    if ids is not None:
        rows = rows.filter(institution__in=ids)
    return {
        pk: (people, floor)
        for pk, people, floor in rows.values_list("institution", "people", "floor_m2")
    }


# ── targets that institutions filed ──────────────────────────────────────────────────────


def filed(scope: Scope) -> Any:
    """The yearly targets of a scope."""
    return YearTarget.objects.within(scope).select_related("institution__area")


def baselines(scope: Scope) -> Any:
    """The told baselines of a scope."""
    return Baseline.objects.within(scope).select_related("institution__area", "area")


def sees_target(actor: Actor, target_id: int) -> bool:
    """Whether somebody may open a filed target, and the plan that hangs on it."""
    scope = actor.scope(SEE)
    found = not scope.nothing and YearTarget.objects.within(scope).filter(pk=target_id)
    return bool(found and found.exists())


def sees_baseline(actor: Actor, baseline_id: int) -> bool:
    """Whether somebody may open a told baseline."""
    scope = actor.scope(SEE)
    found = not scope.nothing and Baseline.objects.within(scope).filter(pk=baseline_id)
    return bool(found and found.exists())


def plan_of(year: int) -> Plan | None:
    """The plan of a year, by the law of its last day."""
    return rules.plan_of(year, law_at(reckoning.last_day(year)))


def base_of(target: YearTarget, plan: Plan | None) -> int | None:
    """The year a filed target is measured against; ``None`` where no plan names one."""
    if target.against == Against.BEFORE:
        return int(target.year) - 1
    return plan.base_year if plan else None


def own_standings(
    institution_ids: Collection[int], *, year: int, today: date
) -> Mapping[int, Mapping[Aim, Judged]]:
    """How institutions stand to the yearly targets they filed; nobody without one."""
    plan = plan_of(year)
    rows = YearTarget.objects.filter(institution__in=list(institution_ids), year=year)
    by_base: dict[int | None, list[YearTarget]] = defaultdict(list)
    for row in rows.order_by("pk"):
        by_base[base_of(row, plan)].append(row)
    found: dict[int, Mapping[Aim, Judged]] = {}
    for base_year, targets in by_base.items():
        if base_year is None:
            found |= {row.institution_id: _unknown(row) for row in targets}
            continue
        ids = [row.institution_id for row in targets]
        two = compare(Scope.all(), year=year, base_year=base_year, today=today, institutions=ids)
        pairs = {pair.body.id: pair for pair in two.pairs}
        for row in targets:
            pair = pairs.get(row.institution_id)
            found[row.institution_id] = (
                {a: two.of(a, pair, due).judged for a, due in wanted(row).items()}
                if pair
                else _unknown(row)
            )
    return found


def wanted(row: YearTarget) -> dict[Aim, Decimal]:
    """The falls that a filed target wants."""
    told = {aim: getattr(row, aim.lower()) for aim in Aim}
    return {aim: value for aim, value in told.items() if value is not None}


def _unknown(row: YearTarget) -> dict[Aim, Judged]:
    return {
        aim: Judged(aim=aim, due=due, why="这一年没有规划基期") for aim, due in wanted(row).items()
    }
