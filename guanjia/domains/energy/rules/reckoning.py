"""What consumption comes to: standard coal, carbon dioxide, and intensities. Pure.

Factors are provisions with versions: those of the last day of a year are that year's, so a past
year reckoned again under its own factors gives its old figures. Water is counted by itself, not as
coal. A source whose factor nobody knows is named (``unknown``), never taken for nothing.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Protocol

from guanjia.domains.energy.terms.energies import VEHICLE_FUEL, Energy
from guanjia.kernel.regulations.lawbook import LawInForce, NotInForce
from guanjia.kernel.regulations.verdict import Citation, Verdict, refuse

Amounts = Mapping[Energy, Decimal]
_Use = Callable[[Amounts], Decimal | None]
NOTHING = Decimal(0)
_PLACES = Decimal("0.0001")
_LITRES = frozenset({Energy.PETROL, Energy.DIESEL})
_MJ_PER_GJ = 1000
# Water is no energy; other energy is told in standard coal already.
_COUNTED: tuple[Energy, ...] = tuple(energy for energy in Energy if energy is not Energy.WATER)


@dataclass(frozen=True, kw_only=True)
class Factor:
    """What one unit of a source is worth, in kgce or kgCO₂, and where that is written."""

    value: Decimal
    cite: Citation | None = None
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class Factors:
    """The factors of a year, for the units in which returns count."""

    year: int
    coal: Mapping[Energy, Factor]
    co2: Mapping[Energy, Factor]

    @classmethod
    def of(cls, year: int, law: LawInForce) -> "Factors":
        """From the law of the last day of the year."""
        coal: dict[Energy, Factor] = {
            energy: factor
            for energy in _COUNTED
            if (factor := _factor(f"energy.coal.{energy.lower()}", energy, law)) is not None
        }
        coal[Energy.OTHER] = Factor(value=Decimal(1))
        if heat := coal.get(Energy.HEAT):
            coal[Energy.HEAT] = Factor(
                value=heat.value * _MJ_PER_GJ, cite=heat.cite, note=heat.note
            )
        co2: dict[Energy, Factor] = {
            energy: factor
            for energy in _COUNTED
            if (factor := _factor(f"energy.co2.{energy.lower()}", energy, law)) is not None
        }
        if "energy.co2.grid" in law and str(year) in law["energy.co2.grid"].value:
            grid = law["energy.co2.grid"]
            value = Decimal(grid.value[str(year)])
            co2[Energy.ELECTRICITY] = Factor(value=value, cite=grid.cite, note=grid.note)
        return cls(year=year, coal=coal, co2=co2)


def _factor(key: str, energy: Energy, law: LawInForce) -> Factor | None:
    try:
        provision = law[key]
    except NotInForce:
        return None
    value = Decimal(provision.value)
    if energy in _LITRES:
        # Factors are for a kilogram; returns count litres.
        value *= Decimal(law["energy.density"].value[energy])
    return Factor(value=value, cite=provision.cite, note=provision.note)


def may_fix(*, year: int, today: date) -> Verdict:
    """A year's factors are those of its last day: nobody knows them before."""
    if today > last_day(year):
        return Verdict()
    sentence = f"{year} 年还没有过完，系数以 12 月 31 日的为准，次年再定稿。"
    return refuse("year_runs", "没有定稿：", sentence)


def last_day(year: int) -> date:
    """The day whose factors are those of a year."""
    return date(year, 12, 31)


@dataclass(frozen=True, kw_only=True)
class Sum:
    """A total, and the sources that were used but have no factor."""

    value: Decimal
    unknown: tuple[Energy, ...] = ()


def coal(amounts: Amounts, factors: Factors, *, without: Iterable[Energy] = ()) -> Sum:
    """Standard coal in kgce (综合能耗); ``without`` leaves sources out."""
    left_out = frozenset(without)
    return _sum({e: a for e, a in amounts.items() if e not in left_out}, factors.coal)


def coal_told(
    amounts: Amounts, factors: Factors, *, without: Collection[Energy] = ()
) -> Decimal | None:
    """Standard coal in kgce; ``None`` where no amount was told that counts as coal."""
    told = any(energy in _COUNTED and energy not in without for energy in amounts)
    return coal(amounts, factors, without=without).value if told else None


def carbon(amounts: Amounts, factors: Factors) -> Sum:
    """Carbon dioxide in kg."""
    return _sum(amounts, factors.co2)


def _sum(amounts: Amounts, factors: Mapping[Energy, Factor]) -> Sum:
    used = {energy: amount for energy, amount in amounts.items() if amount and energy in _COUNTED}
    known = sum((amount * factors[e].value for e, amount in used.items() if e in factors), NOTHING)
    return Sum(value=known, unknown=tuple(e for e in used if e not in factors))


class Measured(Protocol):
    """A body and what it used; a source it did not tell is not among the amounts."""

    @property
    def amounts(self) -> Amounts: ...
    @property
    def people(self) -> int | None: ...
    @property
    def floor_m2(self) -> Decimal | None: ...


@dataclass(frozen=True, kw_only=True)
class Intensity:
    """What bodies used, measured by their people and their floor space.

    ``per_person`` kgce/人; ``per_m2`` kgce/㎡ without fuel of vehicles; ``water_per_person``
    m³/人; ``co2_per_m2`` kgCO₂/㎡. ``None`` where nothing of it was told, where the people or
    the floor space are unknown or nothing, and for carbon where a factor is missing.
    """

    per_person: Decimal | None
    per_m2: Decimal | None
    water_per_person: Decimal | None
    co2_per_m2: Decimal | None


@dataclass(frozen=True, kw_only=True)
class One:
    """A body by itself, as ``Measured`` wants it."""

    amounts: Amounts
    people: int | None
    floor_m2: Decimal | None


def intensity(
    amounts: Amounts, factors: Factors, *, people: int | None, floor_m2: Decimal | None
) -> Intensity:
    """The intensities by which institutions are compared (公共机构统计口径)."""
    return together([One(amounts=amounts, people=people, floor_m2=floor_m2)], factors)


def together(bodies: Iterable[Measured], factors: Factors) -> Intensity:
    """The intensities of many bodies.

    Each is taken over the bodies of which both sides are known: what was used by somebody whose
    floor space nobody told, or the people of somebody who told no water, would bend it.
    """
    many = list(bodies)
    unknown = any(carbon(one.amounts, factors).unknown for one in many)
    return Intensity(
        per_person=_over(many, lambda amounts: coal_told(amounts, factors), _people),
        per_m2=_over(
            many, lambda amounts: coal_told(amounts, factors, without=VEHICLE_FUEL), _floor
        ),
        water_per_person=_over(many, lambda amounts: amounts.get(Energy.WATER), _people),
        co2_per_m2=None if unknown else _over(many, _carbon_in(factors), _floor),
    )


def _people(body: Measured) -> Decimal | None:
    return None if body.people is None else Decimal(body.people)


def _floor(body: Measured) -> Decimal | None:
    return body.floor_m2


def _carbon_in(factors: Factors) -> _Use:
    def used(amounts: Amounts) -> Decimal | None:
        told = any(energy in _COUNTED for energy in amounts)
        return carbon(amounts, factors).value if told else None

    return used


def _over(
    bodies: Iterable[Measured], used: _Use, size: Callable[[Measured], Decimal | None]
) -> Decimal | None:
    total = over = NOTHING
    for body in bodies:
        amount, by = used(body.amounts), size(body)
        if amount is not None and by:
            total, over = total + amount, over + by
    return total / over if over else None


def change(now: Decimal | None, base: Decimal | None) -> Decimal | None:
    """By how many percent a figure fell from its base (下降率), four decimals: positive is a fall.

    Rounded, because what a division leaves behind must not decide whether a target is met.
    """
    if now is None or not base:
        return None
    return ((base - now) / base * 100).quantize(_PLACES, ROUND_HALF_UP)


def pro_rata(target_percent: Decimal, *, base_year: int, end_year: int, year: int) -> Decimal:
    """The part of a plan's target that is due by a year, the same for every year."""
    done = min(max(year - base_year, 0), end_year - base_year)
    return target_percent * done / (end_year - base_year)
