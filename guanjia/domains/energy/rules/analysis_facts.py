"""What the analysis of a key user is written from. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from guanjia.domains.energy.rules import reckoning
from guanjia.domains.energy.rules.reckoning import Factors, Intensity
from guanjia.domains.energy.terms.energies import Energy
from guanjia.domains.energy.terms.institutions import InstitutionKind
from guanjia.domains.energy.terms.works import AuditState
from guanjia.engines.baselines.outliers import Look

NOTHING = Decimal(0)
MONTHS = 12
# What institutions are compared by: attribute of ``Intensity``, title, unit in tables, in texts.
INTENSITIES = (
    ("per_person", "人均综合能耗", "kgce/人", "千克标准煤/人"),
    ("per_m2", "单位面积能耗", "kgce/㎡", "千克标准煤/平方米"),
    ("water_per_person", "人均用水量", "m³/人", "立方米/人"),
)
# Listed beside these; no part of the comparison in words.
CARBON = ("co2_per_m2", "单位面积碳排放", "kgCO₂/㎡", "千克二氧化碳/平方米")
Lines = Mapping[Energy, tuple[Decimal | None, int | None]]  # amount, cost in 分


@dataclass(frozen=True, kw_only=True)
class YearFacts:
    """A year of the institution: its months as told (by number), with the factors of the year and
    what it was on the last day."""

    year: int
    months: Mapping[int, Lines]
    factors: Factors
    people: int | None
    floor_m2: Decimal | None

    @property
    def missing(self) -> tuple[int, ...]:
        """The months nobody told."""
        return tuple(n for n in range(1, MONTHS + 1) if n not in self.months)

    def amounts(self, months: frozenset[int] | None = None) -> dict[Energy, Decimal]:
        """What it used, of all months told or of some."""
        found: dict[Energy, Decimal] = {}
        for number, lines in self.months.items():
            if months is None or number in months:
                for energy, (amount, _) in lines.items():
                    if amount is not None:
                        found[energy] = found.get(energy, NOTHING) + amount
        return found

    def costs(self) -> dict[Energy, int]:
        """What it cost in 分, by source, as far as that was told."""
        found: dict[Energy, int] = {}
        for lines in self.months.values():
            for energy, (_, cost) in lines.items():
                if cost is not None:
                    found[energy] = found.get(energy, 0) + cost
        return found

    def cost(self) -> int | None:
        """What it cost in 分 as far as that was told; ``None`` where it was not at all."""
        costs = self.costs()
        return sum(costs.values()) if costs else None

    def unpriced(self) -> tuple[int, ...]:
        """The months with a source whose cost nobody told."""
        return tuple(
            number
            for number, lines in sorted(self.months.items())
            if any(cost is None for _, cost in lines.values())
        )

    def measured(self, energy: Energy) -> frozenset[int]:
        """The months of which the amount of a source was told."""
        return frozenset(
            number
            for number, lines in self.months.items()
            if energy in lines and lines[energy][0] is not None
        )

    def unmeasured(self) -> tuple[int, ...]:
        """The months with a source whose cost was told and its amount was not."""
        return tuple(
            number
            for number, lines in sorted(self.months.items())
            if any(amount is None for amount, _ in lines.values())
        )

    def coal(self, months: frozenset[int] | None = None) -> Decimal | None:
        """Standard coal, kgce; ``None`` where no amount was told that counts as coal."""
        return reckoning.coal_told(self.amounts(months), self.factors)

    def unknown(self) -> tuple[Energy, ...]:
        """The sources that were used but have no factor."""
        return reckoning.coal(self.amounts(), self.factors).unknown

    def month_coal(self, number: int) -> Decimal | None:
        """Standard coal of a month; ``None`` where it was not told, or an amount of it was not."""
        if number not in self.months or number in self.unmeasured():
            return None
        return self.coal(frozenset({number}))

    def intensity(self, months: frozenset[int] | None = None) -> Intensity:
        """What it is for one person and ㎡, of all months told or of some."""
        return reckoning.intensity(
            self.amounts(months), self.factors, people=self.people, floor_m2=self.floor_m2
        )


@dataclass(frozen=True, kw_only=True)
class Peers:
    """The other institutions of the kind that told the same months: how many, and the quartiles
    of their intensities; beside the institution's own over these months, by its size of that
    year."""

    year: int
    months: tuple[int, ...]
    count: int
    own: Intensity
    people: int | None
    floor_m2: Decimal | None
    median: Mapping[str, Decimal]
    quarter: Mapping[str, Decimal]  # the first quartile: what the thriftiest fourth stays below


@dataclass(frozen=True, kw_only=True)
class OddLook:
    """What came of looking for odd months of a source; ``look`` is ``None`` where too few were
    told, ``have`` says how many."""

    energy: Energy
    have: int
    need: int = 0
    look: Look | None = None


@dataclass(frozen=True, kw_only=True)
class AuditFacts:
    """An audit: how far it is, its findings, measures, and sentences of what was saved."""

    begun_on: date
    done_on: date | None
    state: AuditState
    auditor: str
    findings: int
    measures: int
    done: int
    saved: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class DoubtFacts:
    """A doubt about a month of the year that waits, or was explained."""

    month: date
    sentence: str
    explanation: str = ""


@dataclass(frozen=True, kw_only=True)
class AnalysisFacts:
    """Everything; ``years`` ascend and end with the year that is analysed."""

    name: str
    code: str
    kind: InstitutionKind
    area: str
    year: int
    years: tuple[YearFacts, ...]
    peers: Peers | None = None  # of the year itself
    peers_known: int = 0  # so many told the same months of the year
    newer: Peers | None = None  # of the newest year with enough, where the year has not
    odd: tuple[OddLook, ...] = ()
    audits: tuple[AuditFacts, ...] = ()
    doubts: tuple[DoubtFacts, ...] = ()
    restated: tuple[str, ...] = field(default=())

    @property
    def now(self) -> YearFacts:
        """The year that is analysed."""
        return self.years[-1]

    @property
    def before(self) -> YearFacts | None:
        """The year before, where it was told."""
        found = {one.year: one for one in self.years}.get(self.year - 1)
        return found if found is not None and found.months else None

    @property
    def common(self) -> frozenset[int]:
        """The months told in both years."""
        before = self.before
        return frozenset(self.now.months) & frozenset(before.months) if before else frozenset()

    def both(self, energy: Energy | None = None) -> frozenset[int]:
        """The months of which both years told the amount of a source, or of all it used."""
        now, before = self.now, self.before
        if before is None:
            return frozenset()
        if energy is not None:
            return now.measured(energy) & before.measured(energy)
        return frozenset(
            n
            for n in self.common
            if now.month_coal(n) is not None and before.month_coal(n) is not None
        )
