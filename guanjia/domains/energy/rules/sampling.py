"""Drawing a sample that anybody can draw again, and comparing told with proven amounts. Pure.

The draw needs no secret: of each area the institutions are put in the order of the SHA-256 of
``<seed>:<统一社会信用代码> <name>`` and the first are taken. The seed is written down before.
"""

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from guanjia.domains.energy.terms.energies import Energy
from guanjia.domains.energy.terms.returns import FilingKind
from guanjia.domains.energy.terms.sampling import CHECKABLE, YEAR, CheckState
from guanjia.kernel.regulations.verdict import Verdict, refuse

PERCENT, DIFFERENCE = "energy.sample_percent", "energy.sample.difference_percent"
SEED_MAX, WORDS_MAX, NAMES_MAX = 64, 500, 60
_WHOLE = 100
PERCENT_OFF_MAX = Decimal("9999999999.99")  # beyond it a difference says nothing
_CENT = Decimal("0.01")
Population = Mapping[str, Sequence[str]]


def period(year: int, quarter: int) -> tuple[FilingKind, date]:
    """The filing period that a draw is about."""
    if quarter == YEAR:
        return FilingKind.YEAR, date(year, 1, 1)
    return FilingKind.QUARTER, date(year, 3 * quarter - 2, 1)


def needed(total: int, percent: int) -> int:
    """How many of a population are drawn at least: the percent, rounded up."""
    return -(-total * percent // _WHOLE)


def shares(sizes: Mapping[str, int], need: int) -> dict[str, int]:
    """How many are drawn of each area: at least one of each that has any, the rest by size, by
    largest remainder; never more than there are."""
    there = {area: size for area, size in sizes.items() if size}
    found = dict.fromkeys(there, 1)
    total = sum(there.values())
    left = max(min(need, total) - len(found), 0)
    while left:
        # Who is furthest below its share is next; equals go by the area's own order.
        behind = {
            area: Decimal(need) * size / total - found[area]
            for area, size in there.items()
            if found[area] < size
        }
        area = max(behind, key=lambda each: behind[each])
        found[area] += 1
        left -= 1
    return found


def rank(seed: str, key: str) -> str:
    """By what institutions are ordered in a draw."""
    return hashlib.sha256(f"{seed}:{key}".encode()).hexdigest()


def draw(population: Population, *, percent: int, seed: str) -> list[str]:
    """The keys drawn, area by area; the same for the same population, percent and seed."""
    sizes = {area: len(keys) for area, keys in population.items()}
    counts = shares(sizes, needed(sum(sizes.values()), percent))
    return [
        key
        for area, keys in population.items()
        for key in sorted(keys, key=lambda key: rank(seed, key))[: counts.get(area, 0)]
    ]


def may_draw(*, seed: str, total: int, over: bool, drawn: bool) -> Verdict:
    """A period is drawn from once, when it is over."""
    headline = "没有抽取："
    if drawn:
        sentence = "这个报告期已经抽取过，名单不能重抽。"
        return refuse("drawn", headline, sentence, field="quarter")
    if not over:
        return refuse("period_runs", headline, "报告期还没有结束，到期后再抽。", field="quarter")
    if not 0 < len(seed.strip()) <= SEED_MAX:
        sentence = f"写明随机种子，1 到 {SEED_MAX} 个字，如摇号结果。"
        return refuse("seed_missing", headline, sentence, field="seed")
    if not total:
        return refuse("nobody", headline, "名录库中没有机构，先登记公共机构。")
    return Verdict()


# ── checks ───────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, kw_only=True)
class Proof:
    """A source as it was told and as papers or meters prove it."""

    energy: Energy
    told: Decimal | None
    proven: Decimal

    @property
    def percent(self) -> Decimal | None:
        """By how many percent the told amount is more (+) or less than the proven; ``None`` where
        that cannot be said: nothing was told, nothing proven, or next to nothing."""
        if self.told is None:
            return None
        if not self.proven:
            return None if self.told else Decimal(0)
        off = (self.told - self.proven) / self.proven * _WHOLE
        if abs(off) > PERCENT_OFF_MAX:
            return None
        return off.quantize(_CENT, ROUND_HALF_UP)

    def agrees(self, limit: Decimal) -> bool:
        """Whether it lies within the limit, in percent."""
        return self.percent is not None and abs(self.percent) <= limit


def state_of(
    proofs: Sequence[Proof], *, limit: Decimal, differed: Mapping[Energy, Decimal | None]
) -> CheckState:
    """What a check found. ``differed``: what was told then of the sources that did not agree; they
    were corrected where somebody tells otherwise now, not where only the proof changed."""
    if not all(proof.agrees(limit) for proof in proofs):
        return CheckState.DIFFERS
    told = {proof.energy: proof.told for proof in proofs}
    corrected = any(told.get(energy) != then for energy, then in differed.items())
    return CheckState.CORRECTED if corrected else CheckState.AGREES


def may_record(
    *,
    proofs: Sequence[Proof],
    differed: Collection[Energy] = (),
    checker: str,
    conclusion: str,
    on: date,
    drawn_on: date,
    today: date,
) -> Verdict:
    """A check says who looked when, what was proven, and what to make of it; what differed before
    is looked at again."""
    headline = "没有保存："
    if not drawn_on <= on <= today:
        sentence = "核查日期应在抽取之后、今天之前。"
        return refuse("day_out", headline, sentence, field="on")
    if not 0 < len(checker.strip()) <= NAMES_MAX:
        return refuse("checker_missing", headline, "写明核查人。", field="checker")
    if not (proven := _may_prove(proofs, differed, headline)).allowed:
        return proven
    if not 0 < len(conclusion.strip()) <= WORDS_MAX:
        sentence = f"写明核查结论，1 到 {WORDS_MAX} 个字。"
        return refuse("conclusion_missing", headline, sentence, field="conclusion")
    return Verdict()


def _may_prove(proofs: Sequence[Proof], differed: Collection[Energy], headline: str) -> Verdict:
    """At least one source is proven, and every one that differed before."""
    if not proofs or any(proof.proven < 0 for proof in proofs):
        sentence = "至少填一个品种核实的数量，不小于 0。"
        return refuse("proof_missing", headline, sentence, field="electricity")
    there = {proof.energy for proof in proofs}
    left_out = [energy for energy in Energy if energy in differed and energy not in there]
    if not left_out:
        return Verdict()
    names = "、".join(energy.label for energy in left_out)
    sentence = f"{names}上次核查有误差，再次核查要填核实的数量。"
    return refuse("differing_left_out", headline, sentence, field=left_out[0].lower())


def may_remove_file(*, state: CheckState) -> Verdict:
    """The papers of a check that is closed stay with it."""
    if state in CHECKABLE:
        return Verdict()
    sentence = f"这一家{state.label}，核查已经办结，附件随记录保留。"
    return refuse("checked", "没有移除：", sentence)
