"""What months are compared with: an institution's other months, and what its kind uses."""

import statistics
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from guanjia.domains.energy.models import Consumption, InstitutionSpell
from guanjia.domains.energy.rules import checks
from guanjia.domains.energy.rules.checks import Limits, Oddity
from guanjia.domains.energy.terms.energies import Energy, Used
from guanjia.domains.energy.terms.institutions import InstitutionKind
from guanjia.kernel.regulations.lawbook import law_at

Month = tuple[int, date]  # an institution's id, and the first day of the month
Lines = Mapping[Energy, Used]

# Two years back and forth are what "usual" means; older ones were other circumstances.
_WINDOW_MONTHS = 24
_YEAR_MONTHS = 12


@dataclass(frozen=True)
class _Body:
    """What an institution is, to compare it with its kind."""

    kind: InstitutionKind
    floor_m2: float


@dataclass
class Past:
    """The months known of some institutions, by institution and source; new ones are put in."""

    months: dict[tuple[int, Energy], dict[date, Used]] = field(
        default_factory=lambda: defaultdict(dict)
    )

    @classmethod
    def of(cls, institution_ids: Collection[int]) -> "Past":
        """All months told of the institutions."""
        past = cls()
        rows = Consumption.objects.filter(month_return__institution__in=institution_ids)
        values = rows.order_by().values_list(
            "month_return__institution", "month_return__month", "energy", "amount", "cost_fen"
        )
        for institution, month, energy, amount, cost_fen in values.iterator(chunk_size=20_000):
            used = Used(amount=amount, cost_fen=cost_fen)
            past.months[institution, Energy(energy)][month] = used
        return past

    def put(self, where: Month, lines: Lines) -> None:
        """A month as it is told now, instead of what was told before."""
        institution, month = where
        for energy, used in lines.items():
            self.months[institution, energy][month] = used

    def beside(self, where: Month, energy: Energy) -> list[Used]:
        """What the other months near one say of a source."""
        institution, month = where
        there = self.months.get((institution, energy), {})
        return [
            used
            for other, used in there.items()
            if other != month and abs(_months(other, month)) <= _WINDOW_MONTHS
        ]

    def amount(self, where: Month, energy: Energy, *, back: int) -> float | None:
        """What so many months before one was used of a source; ``None`` where nobody told."""
        institution, month = where
        index = month.year * _YEAR_MONTHS + month.month - 1 - back
        other = date(index // _YEAR_MONTHS, index % _YEAR_MONTHS + 1, 1)
        used = self.months.get((institution, energy), {}).get(other)
        return float(used.amount) if used is not None and used.amount is not None else None


def _months(one: date, other: date) -> int:
    return (one.year - other.year) * 12 + one.month - other.month


def judge(
    rows: Mapping[Month, Lines], *, past: Past, day: date, limits: Limits | None = None
) -> dict[Month, list[Oddity]]:
    """What is odd about some months, by the thresholds of a day; ``past`` holds them already.

    Months without an oddity are left out. Two statements, however many rows.
    """
    limits = limits or Limits.of(law_at(day))
    bodies = _bodies({institution for institution, _ in rows})
    peers = _peers(past, bodies)
    found: dict[Month, list[Oddity]] = {}
    for where, lines in rows.items():
        body = bodies.get(where[0])
        usuals = {
            energy: replace(
                checks.usual(
                    past.beside(where, energy),
                    needs=limits.history,
                    peers=peers.get((body.kind, energy), 0) * body.floor_m2 if body else None,
                ),
                before=past.amount(where, energy, back=1),
                year=past.amount(where, energy, back=_YEAR_MONTHS),
            )
            for energy in lines
        }
        if odd := checks.oddities(lines, usuals, limits):
            found[where] = odd
    return found


def _bodies(institution_ids: Collection[int]) -> Mapping[int, _Body]:
    """What the institutions are now; those without floor space cannot be compared."""
    rows = InstitutionSpell.objects.filter(
        institution__in=institution_ids, during__upper_inf=True, floor_m2__isnull=False
    )
    return {
        institution: _Body(InstitutionKind(kind), float(floor))
        for institution, kind, floor in rows.values_list("institution", "kind", "floor_m2")
    }


def _peers(
    past: Past, bodies: Mapping[int, _Body]
) -> Mapping[tuple[InstitutionKind, Energy], float]:
    """What a kind uses of a source on a ㎡ in a month: the median of its institutions' medians."""
    by_kind: dict[tuple[InstitutionKind, Energy], list[float]] = defaultdict(list)
    for (institution, energy), months in past.months.items():
        body = bodies.get(institution)
        amounts = _amounts(months.values())
        if body is not None and amounts:
            by_kind[body.kind, energy].append(statistics.median(amounts) / body.floor_m2)
    return {key: statistics.median(values) for key, values in by_kind.items()}


def _amounts(months: Iterable[Used]) -> list[float]:
    return [float(used.amount) for used in months if used.amount]
