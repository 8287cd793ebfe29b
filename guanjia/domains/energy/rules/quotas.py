"""Quotas by kind: their values, where a figure stands, and what happens to whoever is over. Pure.

Quotas are provisions, ``energy.quota.<kind>.<measure>``, with some of the values 约束, 基准, 引导.
A kind or a measure without one is 未设定额: nothing stands in for it.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from guanjia.domains.energy.rules import reckoning
from guanjia.domains.energy.rules.reckoning import Amounts, Factors
from guanjia.domains.energy.terms.energies import Energy
from guanjia.domains.energy.terms.institutions import InstitutionKind
from guanjia.domains.energy.terms.quotas import Place, QuotaMeasure, Step
from guanjia.kernel.regulations.lawbook import LawInForce
from guanjia.kernel.regulations.verdict import Citation, Verdict, refuse

DEMANDS, DAYS, REMIND = (
    "energy.quota.demands",
    "energy.quota.explain_days",
    "energy.quota.remind_days",
)
EXPLANATION_MAX = 1000
VALUE_MAX = Decimal("999999999999.9999")  # what a case can hold of a figure


@dataclass(frozen=True, kw_only=True)
class Quota:
    """The values of a measure for a kind of institution; each may be left open."""

    measure: QuotaMeasure
    title: str
    cite: Citation
    since: date
    note: str = ""
    bound: Decimal | None = None
    base: Decimal | None = None
    guide: Decimal | None = None

    @property
    def key(self) -> str:
        """The provision it stands in."""
        return self.cite.key


def quota_of(kind: InstitutionKind, measure: QuotaMeasure, law: LawInForce) -> Quota | None:
    """The quota of a kind in force; ``None``: 未设定额."""
    key = f"energy.quota.{kind.lower()}.{measure.lower()}"
    if key not in law:
        return None
    provision = law[key]
    told = {Step(name): Decimal(value) for name, value in provision.value.items()}
    return Quota(
        measure=measure, title=provision.title, cite=provision.cite, since=provision.since,
        note=provision.note, bound=told.get(Step.BOUND), base=told.get(Step.BASE),
        guide=told.get(Step.GUIDE),
    )  # fmt: skip


def value_of(
    measure: QuotaMeasure,
    amounts: Amounts,
    factors: Factors,
    *,
    people: int | None,
    floor_m2: Decimal | None,
) -> Decimal | None:
    """An institution's figure of a measure; ``None`` where its size is not known."""
    if measure is QuotaMeasure.POWER_PER_M2:
        power = amounts.get(Energy.ELECTRICITY)
        return power / floor_m2 if power is not None and floor_m2 else None
    found = reckoning.intensity(amounts, factors, people=people, floor_m2=floor_m2)
    value: Decimal | None = getattr(found, measure.lower())
    return value


_YEAR = 12


def place(value: Decimal, quota: Quota, *, months: int = _YEAR) -> Place | None:
    """Where the figure of so many months stands; ``None`` where the quota has no value that could
    tell."""
    if quota.bound is not None and value > quota.bound:
        return Place.OVER
    if months < _YEAR:
        return Place.PART
    if quota.guide is not None and value <= quota.guide:
        return Place.GUIDE
    if quota.base is not None and value <= quota.base:
        return Place.BASE
    return Place.BOUND if quota.bound is not None else None


# ── those over their quota ───────────────────────────────────────────────────────────────


def may_judge(*, year: int, today: date) -> Verdict:
    """A year that has begun is judged: what was used is used, also before the year is over."""
    if year <= today.year:
        return Verdict()
    return refuse("in_the_future", "没有判定：", "这一年还没有开始，选别的年度。", field="year")


def explained(*, words: str, cite: Citation) -> Verdict:
    """The institution says why it is over."""
    if 0 < len(words.strip()) <= EXPLANATION_MAX:
        return Verdict()
    sentence = f"写明超定额的原因和打算，1 到 {EXPLANATION_MAX} 个字。"
    return refuse("explanation_missing", "没有提交：", sentence, cite=cite, field="explanation")
