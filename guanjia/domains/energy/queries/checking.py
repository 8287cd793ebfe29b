"""What months are compared with: an institution's other months, and what its kind uses."""

import statistics
from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from django.db.models import Aggregate, Exists, FloatField, OuterRef

from guanjia.domains.energy.models import Consumption, Doubt, InstitutionSpell, MonthReturn
from guanjia.domains.energy.queries import returns
from guanjia.domains.energy.rules import checks
from guanjia.domains.energy.rules.checks import Limits, Oddity
from guanjia.domains.energy.terms.energies import Energy, Used
from guanjia.domains.energy.terms.institutions import InstitutionKind
from guanjia.domains.energy.terms.returns import DoubtState, FilingState
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
        used = self.months.get((institution, energy), {}).get(_later(month, -back))
        return float(used.amount) if used is not None and used.amount is not None else None


def beside(keys: Collection[Month]) -> dict[int, Month]:
    """The months of which some other months may change what is odd, by return: those with doubts
    that wait, and the month after and the same month a year later; not what was accepted."""
    told = set(keys)
    after = {(one, _later(month, by)) for one, month in told for by in (1, _YEAR_MONTHS)}
    rows = MonthReturn.objects.filter(institution__in={one for one, _ in told})
    open_one = Doubt.objects.filter(month_return=OuterRef("pk"), state=DoubtState.OPEN)
    rows = rows.annotate(open=Exists(open_one))
    found = {
        pk: (one, month)
        for pk, one, month, is_open in rows.values_list("pk", "institution", "month", "open")
        if (one, month) not in told and (is_open or (one, month) in after)
    }
    still = returns.standing(set(found.values()))
    locked = {key for key, state in still.items() if state is FilingState.LOCKED}
    return {pk: key for pk, key in found.items() if key not in locked}


def _months(one: date, other: date) -> int:
    return (one.year - other.year) * 12 + one.month - other.month


def judge(
    rows: Mapping[Month, Lines], *, past: Past, day: date, limits: Limits | None = None
) -> dict[Month, list[Oddity]]:
    """What is odd about some months, by the thresholds of a day; ``past`` holds them already.

    Months without an oddity are left out. Three statements at most, however many rows: kinds are
    only asked for where an institution's own months are too few to say what is usual.
    """
    limits = limits or Limits.of(law_at(day))
    usuals = {
        where: {
            energy: replace(
                checks.usual(past.beside(where, energy), needs=limits.history),
                before=past.amount(where, energy, back=1),
                year=past.amount(where, energy, back=_YEAR_MONTHS),
            )
            for energy in lines
        }
        for where, lines in rows.items()
    }
    new = [where for where, there in usuals.items() for one in there.values() if not one.amount]
    bodies = _bodies({institution for institution, _ in new})
    peers = _peers(past, bodies, {month for _, month in new})
    found: dict[Month, list[Oddity]] = {}
    for where, lines in rows.items():
        body, there = bodies.get(where[0]), usuals[where]
        for energy, one in there.items():
            each = peers.get((body.kind, energy)) if body and not one.amount else None
            there[energy] = replace(one, peers=each * body.floor_m2 if each and body else None)
        if odd := checks.oddities(lines, there, limits):
            found[where] = odd
    return found


def _spells() -> Any:
    """What institutions are now; those without floor space cannot be compared."""
    return InstitutionSpell.objects.filter(during__upper_inf=True, floor_m2__isnull=False)


def _bodies(institution_ids: Collection[int]) -> Mapping[int, _Body]:
    rows = _spells().filter(institution__in=institution_ids)
    return {
        institution: _Body(InstitutionKind(kind), float(floor))
        for institution, kind, floor in rows.values_list("institution", "kind", "floor_m2")
    }


class _Median(Aggregate):
    """The value in the middle of a group."""

    function = "percentile_cont"
    template = "%(function)s(0.5) WITHIN GROUP (ORDER BY %(expressions)s)"
    output_field = FloatField()


def _peers(
    past: Past, bodies: Mapping[int, _Body], months: Collection[date]
) -> Mapping[tuple[InstitutionKind, Energy], float]:
    """What a kind uses of a source on a ㎡ in a month: the median of its institutions' medians
    near some months. Whom ``past`` knows speaks by it: a sheet is not written yet."""
    kinds = {body.kind for body in bodies.values()}
    if not kinds or not months:
        return {}
    first, last = _later(min(months), -_WINDOW_MONTHS), _later(max(months), _WINDOW_MONTHS)
    spells = _spells().filter(kind__in=kinds).values_list("institution", "kind", "floor_m2")
    there = {pk: _Body(InstitutionKind(kind), float(floor)) for pk, kind, floor in spells}
    medians: dict[tuple[int, Energy], float] = {}
    for key, told in past.months.items():
        near = [float(u.amount) for month, u in told.items() if u.amount and first <= month <= last]
        if near and key[0] in there:
            medians[key] = statistics.median(near)
    known = {institution for institution, _ in past.months}
    lines = Consumption.objects.filter(
        amount__gt=0, month_return__month__gte=first, month_return__month__lte=last,
        month_return__institution__in=set(there) - known,
    ).order_by()  # fmt: skip
    stored = lines.values_list("month_return__institution", "energy")
    for institution, name, median in stored.annotate(middle=_Median("amount")):
        medians[institution, Energy(name)] = median
    by_kind: dict[tuple[InstitutionKind, Energy], list[float]] = defaultdict(list)
    for (institution, energy), median in medians.items():
        body = there[institution]
        by_kind[body.kind, energy].append(median / body.floor_m2)
    return {key: statistics.median(values) for key, values in by_kind.items()}


def _later(month: date, by: int) -> date:
    """The month so many months after one; there is none before the first year."""
    index = max(month.year * _YEAR_MONTHS + month.month - 1 + by, _YEAR_MONTHS)
    return date(index // _YEAR_MONTHS, index % _YEAR_MONTHS + 1, 1)
