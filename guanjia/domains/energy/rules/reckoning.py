"""What consumption comes to: standard coal, carbon dioxide, and intensities. Pure.

Factors are provisions with versions: those of the last day of a year are that year's, so a past
year reckoned again under its own factors gives its old figures. Water is counted by itself, not as
coal. A source whose factor nobody knows is named (``unknown``), never taken for nothing.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from guanjia.domains.energy.terms.energies import VEHICLE_FUEL, Energy
from guanjia.kernel.regulations.lawbook import LawInForce, NotInForce
from guanjia.kernel.regulations.verdict import Citation, Verdict, refuse

Amounts = Mapping[Energy, Decimal]
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


def carbon(amounts: Amounts, factors: Factors) -> Sum:
    """Carbon dioxide in kg."""
    return _sum(amounts, factors.co2)


def _sum(amounts: Amounts, factors: Mapping[Energy, Factor]) -> Sum:
    used = {energy: amount for energy, amount in amounts.items() if amount and energy in _COUNTED}
    known = sum((amount * factors[e].value for e, amount in used.items() if e in factors), NOTHING)
    return Sum(value=known, unknown=tuple(e for e in used if e not in factors))


@dataclass(frozen=True, kw_only=True)
class Intensity:
    """What a body used, measured by its people and its floor space; ``None`` where these are not
    known or nothing.

    ``per_person`` kgce/人; ``per_m2`` kgce/㎡ without fuel of vehicles; ``water_per_person``
    m³/人; ``co2_per_m2`` kgCO₂/㎡, ``None`` where a factor is missing.
    """

    per_person: Decimal | None
    per_m2: Decimal | None
    water_per_person: Decimal | None
    co2_per_m2: Decimal | None


def intensity(
    amounts: Amounts, factors: Factors, *, people: int | None, floor_m2: Decimal | None
) -> Intensity:
    """The intensities by which institutions are compared (公共机构统计口径)."""
    carbon_sum = carbon(amounts, factors)
    return Intensity(
        per_person=_each(coal(amounts, factors).value, people),
        per_m2=_each(coal(amounts, factors, without=VEHICLE_FUEL).value, floor_m2),
        water_per_person=_each(amounts.get(Energy.WATER, NOTHING), people),
        co2_per_m2=None if carbon_sum.unknown else _each(carbon_sum.value, floor_m2),
    )


def _each(total: Decimal, over: int | Decimal | None) -> Decimal | None:
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
