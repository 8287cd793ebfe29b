"""What institutions used in two years, like with like, and how it stands to their targets."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django.contrib.postgres.aggregates import ArrayAgg

from guanjia.domains.energy.models import (
    Baseline,
    Consumption,
    Institution,
    YearTarget,
)
from guanjia.domains.energy.queries import institutions as directory
from guanjia.domains.energy.queries import totals
from guanjia.domains.energy.queries.totals import Body, Year
from guanjia.domains.energy.rules import reckoning
from guanjia.domains.energy.rules import targets as rules
from guanjia.domains.energy.rules.institutions import Size
from guanjia.domains.energy.rules.reckoning import Factors
from guanjia.domains.energy.rules.targets import Alike, Judged, Months, Plan
from guanjia.domains.energy.terms.energies import Energy
from guanjia.domains.energy.terms.targets import Against, Aim
from guanjia.kernel.access.subjects import Subject
from guanjia.kernel.regulations.lawbook import law_at
from guanjia.kernel.regulations.verdict import Verdict
from guanjia.kernel.values.actor import Actor, Scope

SEE, FILE, TELL = "energy.target.see", "energy.target.file", "energy.baseline.enter"
NOTHING = Decimal(0)
_BY_PEOPLE = frozenset({Aim.PER_PERSON, Aim.WATER_PER_PERSON})
_UNKNOWN = Size(people=None, floor_m2=None, staff=None)
_MONTHS = 12


def _divides(size: Size, aim: Aim) -> Decimal | None:
    """What an aim divides by; ``None`` where it is not known or nothing."""
    found = size.people if aim in _BY_PEOPLE else size.floor_m2
    return Decimal(found) if found else None


@dataclass(kw_only=True)
class Pair:
    """An institution in a year and its base year, and the months that can be compared."""

    body: Body
    now: Size
    base: Size
    energy: Alike = field(default_factory=Alike)
    water: Alike = field(default_factory=Alike)
    told: Baseline | None = None  # what a document says of the base year

    def alike(self, aim: Aim) -> Alike:
        """What can be compared for an aim."""
        return self.water if aim is Aim.WATER_PER_PERSON else self.energy

    def sized(self, aim: Aim) -> bool:
        """Whether what an aim divides by is known in both years."""
        return bool(_divides(self.now, aim) and _divides(self.base, aim))


@dataclass(frozen=True, kw_only=True)
class Standing:
    """Where somebody stands with an aim, by how many institutions and months, against what;
    ``span``: the first and the last month compared, ``least``: how many months of whom the fewest
    are."""

    judged: Judged
    count: int = 0
    months: int = 0
    least: int = 0
    span: tuple[int, int] | None = None
    baseline: Baseline | None = None

    @property
    def when(self) -> str:
        """The months compared, in words; empty where none are."""
        if self.span is None:
            return ""
        first, last = self.span
        said = f"{first}月" if first == last else f"{first}–{last}月"
        if self.least == last - first + 1:
            return said
        if self.count == 1:
            return f"{said}中 {self.months} 个月"
        some = f"{self.least}" if self.least == self.months else f"{self.least}–{self.months}"
        return f"{said}，每家 {some} 个月"


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
        """Where some institutions stand together. By the months alike in both years, of those
        whose size is known in both; where there are none, by what a document tells of the base
        year (``told``), against a whole year."""
        like = [p for p in pairs if p.alike(aim).months and p.sized(aim)]
        if like:
            now = _value(aim, [(p.alike(aim).now, p.now) for p in like], self.year.factors)
            base = _value(aim, [(p.alike(aim).base, p.base) for p in like], self.base_factors)
            why = self._no_factor(aim, now, base)
            months = frozenset[int]().union(*(p.alike(aim).months for p in like))
            return Standing(
                judged=rules.judge(aim, base=base, now=now, due=due, why=why),
                count=len(like),
                months=max(len(p.alike(aim).months) for p in like),
                least=min(len(p.alike(aim).months) for p in like),
                span=(min(months), max(months)),
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
        """A document tells of a whole year of all: nothing less stands beside it."""
        base = None if told is None else getattr(told, aim.lower())
        whole = [p for p in pairs if p.body.months]
        if base is None:
            why = _missing(aim, whole)
            return Standing(judged=rules.judge(aim, base=None, now=None, due=due, why=why))
        why = self._not_whole(aim, pairs)
        sized = [p for p in whole if _divides(p.now, aim)]
        sides = [(p.body.amounts, p.now) for p in sized]
        now = _value(aim, sides, self.year.factors) if sides and not why else None
        return Standing(
            judged=rules.judge(aim, base=base, now=now, due=due, why=why),
            count=len(sized),
            months=max((p.alike(aim).told for p in sized), default=0),
            least=min((p.alike(aim).told for p in sized), default=0),
            span=None if why else (1, _MONTHS),
            baseline=told,
        )

    def _not_whole(self, aim: Aim, pairs: Sequence[Pair]) -> str:
        """Why the year told is not the whole year of all; empty where it is."""
        if not self.over:
            return "基期只有全年数据，年度结束后才能比较"
        short = [p.alike(aim).told for p in pairs if p.alike(aim).told < _MONTHS]
        if not short or not any(p.body.months for p in pairs):
            return ""
        if len(pairs) == 1:
            return f"本期只填报 {short[0]} 个月"
        return f"本期 {len(short)} 家没有填满 {_MONTHS} 个月"


def _missing(aim: Aim, whole: Sequence[Pair]) -> str:
    """What is lacking where nothing can be compared."""
    if not whole:
        return "没有本期数据"
    if not any(_divides(p.now, aim) for p in whole):
        return "没有用能人数" if aim in _BY_PEOPLE else "没有建筑面积"
    return next((why for p in whole if (why := p.alike(aim).why)), "无基期数据")


def _value(
    aim: Aim, sides: Iterable[tuple[Mapping[Energy, Decimal], Size]], factors: Factors
) -> Decimal | None:
    """The figure of some institutions together."""
    bodies = [
        reckoning.One(amounts=used, people=size.people, floor_m2=size.floor_m2)
        for used, size in sides
    ]
    return rules.value_of(reckoning.together(bodies, factors), aim)


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
    now, base = _months(year, few), _months(base_year, few)
    sizes = directory.sizes(ids, reckoning.last_day(base_year))
    law = law_at(today)
    told = {row.institution_id: row for row in _told(base_year).filter(institution__in=ids)}
    nothing: Months = {}

    def both(pk: int, aim: Aim) -> Alike:
        return rules.alike(
            now.get(pk, nothing), base.get(pk, nothing), counts=rules.counted(aim),
            needs=rules.needed(aim, law),
        )  # fmt: skip

    pairs = [
        Pair(
            body=body,
            now=Size(people=body.people, floor_m2=body.floor_m2, staff=None),
            base=sizes.get(body.id, _UNKNOWN),
            energy=both(body.id, Aim.PER_PERSON),
            water=both(body.id, Aim.WATER_PER_PERSON),
            told=told.get(body.id),
        )
        for body in whole.bodies
    ]
    areas = _told(base_year).filter(area__isnull=False).within(scope)
    return Comparison(
        year=whole,
        base_year=base_year,
        base_factors=totals.factors_of(base_year),
        over=year < today.year,
        pairs=pairs,
        areas={row.area_id: row for row in areas},
    )


def _told(year: int) -> Any:
    return Baseline.objects.filter(year=year)


def _months(year: int, ids: Collection[int] | None) -> dict[int, dict[int, dict[Energy, Any]]]:
    """What institutions told of the months of a year: by institution, number of the month and
    source the amount, ``None`` where only its cost was told."""
    rows = Consumption.objects.order_by().filter(
        month_return__month__gte=date(year, 1, 1), month_return__month__lte=reckoning.last_day(year)
    )
    if ids is not None:
        rows = rows.filter(month_return__institution__in=ids)
    month = "month_return__month"
    # A row for each source of an institution, not for each of its months: a twelfth of the rows.
    told = rows.values_list("month_return__institution", "energy").annotate(
        months=ArrayAgg(month, order_by=month), amounts=ArrayAgg("amount", order_by=month)
    )
    found: dict[int, dict[int, dict[Energy, Any]]] = defaultdict(lambda: defaultdict(dict))
    for pk, energy, months, amounts in told:
        for day, amount in zip(months, amounts, strict=True):
            found[pk][day.month][Energy(energy)] = amount
    return found


# ── targets that institutions filed ──────────────────────────────────────────────────────


def filed(scope: Scope) -> Any:
    """The yearly targets of a scope."""
    return YearTarget.objects.within(scope).select_related("institution__area")


def baselines(scope: Scope) -> Any:
    """The told baselines of a scope."""
    return Baseline.objects.within(scope).select_related("institution__area", "area")


def filed_before(institution: Institution, asked: Any, names: Sequence[str]) -> dict[str, Any]:
    """What was filed for the year asked for, to be changed; nothing where nothing was."""
    text = str(asked)
    year = int(text) if text.isdecimal() and text.isascii() and len(text) <= len("2020") else 0
    row = YearTarget.objects.filter(institution=institution, year=year).first()
    return {name: getattr(row, name) for name in names} if row is not None else {}


BASELINES = Subject(
    model="energy.baseline", title="基期数据", page="energy:baselines_list", key="baseline_id",
    path="targets/baselines", stem="baseline", see=SEE,
    rows=Baseline.objects.within, name="", home=lambda _: None,
    listed=("基期数据", "energy:baselines_list"),
)  # fmt: skip


def sees_target(actor: Actor, target_id: int) -> bool:
    """Whether somebody may open a filed target, and the plan that hangs on it."""
    scope = actor.scope(SEE)
    found = not scope.nothing and YearTarget.objects.within(scope).filter(pk=target_id)
    return bool(found and found.exists())


def may_remove_file(target_id: int, *, today: date) -> Verdict:
    """Whether a file may be taken off a filed target."""
    year = YearTarget.objects.values_list("year", flat=True).get(pk=target_id)
    return rules.may_remove_file(year=year, today=today)


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


def own(
    institution_ids: Collection[int], *, year: int, today: date
) -> Mapping[int, Mapping[Aim, Standing]]:
    """Where institutions stand with the yearly targets they filed; nobody without one."""
    plan = plan_of(year)
    rows = YearTarget.objects.filter(institution__in=list(institution_ids), year=year)
    by_base: dict[int | None, list[YearTarget]] = defaultdict(list)
    for row in rows.order_by("pk"):
        by_base[base_of(row, plan)].append(row)
    found: dict[int, Mapping[Aim, Standing]] = {}
    for base_year, targets in by_base.items():
        if base_year is None:
            found |= {row.institution_id: _unknown(row, "这一年没有规划基期") for row in targets}
            continue
        ids = [row.institution_id for row in targets]
        two = compare(Scope.all(), year=year, base_year=base_year, today=today, institutions=ids)
        pairs = {pair.body.id: pair for pair in two.pairs}
        for row in targets:
            pair = pairs.get(row.institution_id)
            found[row.institution_id] = (
                {a: two.of(a, pair, due) for a, due in wanted(row).items()}
                if pair
                else _unknown(row, f"{year} 年末已不在名录库")
            )
    return found


def own_standings(
    institution_ids: Collection[int], *, year: int, today: date
) -> Mapping[int, Mapping[Aim, Judged]]:
    """How institutions stand to the yearly targets they filed; nobody without one."""
    return {
        pk: {aim: each.judged for aim, each in found.items()}
        for pk, found in own(institution_ids, year=year, today=today).items()
    }


def wanted(row: YearTarget) -> dict[Aim, Decimal]:
    """The falls that a filed target wants."""
    told = {aim: getattr(row, aim.lower()) for aim in Aim}
    return {aim: value for aim, value in told.items() if value is not None}


def _unknown(row: YearTarget, why: str) -> dict[Aim, Standing]:
    return {
        aim: Standing(judged=Judged(aim=aim, due=due, why=why)) for aim, due in wanted(row).items()
    }
