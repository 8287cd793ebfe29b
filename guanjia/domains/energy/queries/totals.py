"""A year of all institutions: what each used, what it comes to, totals by area and kind, ranks."""

import statistics
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.db.models import Count, Sum

from guanjia.domains.energy.models import Consumption, Institution, MonthReturn, YearFactors
from guanjia.domains.energy.rules import reckoning
from guanjia.domains.energy.rules.reckoning import Factor, Factors, Intensity
from guanjia.domains.energy.terms.energies import Energy
from guanjia.domains.energy.terms.institutions import InstitutionKind
from guanjia.kernel.regulations.lawbook import law_at
from guanjia.kernel.values.actor import Scope

NOTHING = Decimal(0)
MONTHS = 12
PEERS_MIN = 5  # a median of fewer would tell of single institutions


def factors_of(year: int) -> Factors:
    """The factors of a year: those it was issued with, else those of its last day."""
    known = reckoning.Factors.of(year, law_at(reckoning.last_day(year)))
    fixed = YearFactors.objects.filter(year=year).first()
    if fixed is None:
        return known
    return Factors(year=year, coal=_again(fixed.coal, known.coal), co2=_again(fixed.co2, known.co2))


def fixed_at(year: int) -> datetime | None:
    """When a year's factors were fixed; ``None`` while they may still change."""
    found: datetime | None = (
        YearFactors.objects.filter(year=year).values_list("fixed_at", flat=True).first()
    )
    return found


def _again(told: Mapping[str, str], known: Mapping[Energy, Factor]) -> dict[Energy, Factor]:
    """Factors as they were fixed; where the provision still says the same, with its article."""
    found: dict[Energy, Factor] = {}
    for name, value in told.items():
        energy, number = Energy(name), Decimal(value)
        now = known.get(energy)
        found[energy] = now if now is not None and now.value == number else Factor(value=number)
    return found


@dataclass(kw_only=True)
class Body:
    """One institution's year: what it is, how many months it told, and what it used."""

    id: int
    name: str
    kind: InstitutionKind
    area_id: int
    people: int | None
    floor_m2: Decimal | None
    months: int
    amounts: dict[Energy, Decimal] = field(default_factory=dict)
    cost_fen: int = 0


@dataclass(kw_only=True)
class Group:
    """What several institutions come to; ``bodies`` are the rows behind it."""

    factors: Factors
    bodies: list[Body] = field(default_factory=list)

    @cached_property
    def amounts(self) -> dict[Energy, Decimal]:
        """What they used, by source."""
        total: dict[Energy, Decimal] = defaultdict(lambda: NOTHING)
        for body in self.bodies:
            for energy, amount in body.amounts.items():
                total[energy] += amount
        return dict(total)

    @property
    def cost_fen(self) -> int:
        """What it cost them."""
        return sum(body.cost_fen for body in self.bodies)

    @cached_property
    def coal(self) -> reckoning.Sum:
        """Standard coal, kgce."""
        return reckoning.coal(self.amounts, self.factors)

    @cached_property
    def carbon(self) -> reckoning.Sum:
        """Carbon dioxide, kg."""
        return reckoning.carbon(self.amounts, self.factors)

    @cached_property
    def intensity(self) -> Intensity:
        """What it is for one of their people and ㎡, over those of whom both is known."""
        return reckoning.together(self.bodies, self.factors)


@dataclass(kw_only=True)
class Year:
    """All institutions of a scope in one year."""

    year: int
    factors: Factors
    bodies: Sequence[Body]

    @cached_property
    def whole(self) -> Group:
        """All of them together."""
        return Group(factors=self.factors, bodies=list(self.bodies))

    def by(self, key: Callable[[Body], Hashable]) -> dict[Any, Group]:
        """The groups that a key makes: by area, by kind."""
        found: dict[Any, Group] = {}
        for body in self.bodies:
            found.setdefault(key(body), Group(factors=self.factors)).bodies.append(body)
        return found

    def intensity_of(self, body: Body) -> Intensity:
        """One institution's intensities."""
        return reckoning.intensity(
            body.amounts, self.factors, people=body.people, floor_m2=body.floor_m2
        )

    def coal_of(self, body: Body) -> Decimal:
        """One institution's standard coal, kgce."""
        return reckoning.coal(body.amounts, self.factors).value


def year_of(scope: Scope, year: int, *, institutions: Iterable[int] | None = None) -> Year:
    """A year of the institutions in the register at its end (today, for the running year).

    Four statements, however many institutions.
    """
    first, last = date(year, 1, 1), reckoning.last_day(year)
    rows: Any = Institution.objects.within(scope).on(last).order_by("position", "pk")
    if institutions is not None:
        rows = rows.filter(pk__in=list(institutions))
    bodies = {
        pk: Body(
            id=pk, name=name, kind=InstitutionKind(kind), area_id=area, people=people,
            floor_m2=floor, months=0,
        )
        for pk, name, kind, area, people, floor in rows.filter(now__isnull=False).values_list(
            "pk", "now__name", "now__kind", "now__area", "now__people", "now__floor_m2"
        )
    }  # fmt: skip
    told = MonthReturn.objects.filter(month__gte=first, month__lte=last).order_by()
    for pk, months in told.values_list("institution").annotate(n=Count("pk")):
        if pk in bodies:
            bodies[pk].months = months
    lines = Consumption.objects.filter(
        month_return__month__gte=first, month_return__month__lte=last
    ).order_by()
    sums = lines.values_list("month_return__institution", "energy").annotate(
        amount=Sum("amount"), cost=Sum("cost_fen")
    )
    for pk, energy, amount, cost in sums:
        if pk in bodies:
            if amount is not None:
                bodies[pk].amounts[Energy(energy)] = amount
            bodies[pk].cost_fen += cost or 0
    return Year(year=year, factors=factors_of(year), bodies=list(bodies.values()))


def years(scope: Scope) -> list[int]:
    """The years of which a scope has returns, newest first."""
    rows = MonthReturn.objects.within(scope).order_by()
    return sorted({day.year for day in rows.dates("month", "year")}, reverse=True)


def years_of(institution_id: int) -> list[int]:
    """The years of which an institution has returns, newest first."""
    rows = MonthReturn.objects.filter(institution=institution_id).order_by()
    return sorted({day.year for day in rows.dates("month", "year")}, reverse=True)


def peers(*, kind: InstitutionKind, year: int) -> dict[str, Decimal | None]:
    """The medians of a kind's intensities in a year, over the whole city: no institution's figure
    can be read from them. ``None`` where fewer than ``PEERS_MIN`` are known."""
    found = year_of(Scope.all(), year)
    like = [found.intensity_of(body) for body in found.bodies if body.kind is kind and body.months]
    names = ("per_person", "per_m2", "water_per_person")
    values = {name: [v for one in like if (v := getattr(one, name)) is not None] for name in names}
    return {
        name: statistics.median(known) if len(known) >= PEERS_MIN else None
        for name, known in values.items()
    }


def months_of(institution_id: int, year: int) -> dict[date, dict[Energy, tuple[Any, Any]]]:
    """The months of an institution's year: amount and cost in 分 by source."""
    rows = Consumption.objects.filter(
        month_return__institution=institution_id, month_return__month__year=year
    )
    found: dict[date, dict[Energy, tuple[Any, Any]]] = defaultdict(dict)
    for month, energy, amount, cost in rows.values_list(
        "month_return__month", "energy", "amount", "cost_fen"
    ).order_by("month_return__month"):
        found[month][Energy(energy)] = (amount, cost)
    return dict(found)
