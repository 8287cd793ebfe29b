"""The sources of energy and water that a return counts, and in what. Pure."""

from dataclasses import dataclass
from decimal import Decimal

from guanjia.kernel.values.term import Term


class Energy(Term):
    """What is consumed (能源资源品种)."""

    ELECTRICITY = "ELECTRICITY", "电"
    WATER = "WATER", "水"
    GAS = "GAS", "天然气"
    PETROL = "PETROL", "汽油"
    DIESEL = "DIESEL", "柴油"
    COAL = "COAL", "煤炭"
    LPG = "LPG", "液化石油气"
    HEAT = "HEAT", "热力"
    OTHER = "OTHER", "其他能源"


class Measure(Term):
    """The two sides of a line of a return."""

    AMOUNT = "AMOUNT", "实物量"
    COST = "COST", "费用"


@dataclass(frozen=True, kw_only=True)
class Source:
    """How a source is written: unit, the columns of a sheet, and other words offices use."""

    unit: str
    amount: str
    cost: str
    words: tuple[str, ...] = ()

    @property
    def amount_title(self) -> str:
        """The header of the amount: ``电(kWh)``."""
        return f"{self.amount}({self.unit})"

    @property
    def cost_title(self) -> str:
        """The header of the cost: ``电费(元)``."""
        return f"{self.cost}(元)"


SOURCES: dict[Energy, Source] = {
    Energy.ELECTRICITY: Source(
        unit="kWh", amount="电", cost="电费", words=("电力", "用电", "用电量")
    ),
    Energy.WATER: Source(unit="t", amount="水", cost="水费", words=("自来水", "用水", "用水量")),
    Energy.GAS: Source(unit="m³", amount="天然气", cost="燃气费", words=("燃气", "气", "天然气费")),
    Energy.PETROL: Source(unit="L", amount="汽油", cost="汽油费"),
    Energy.DIESEL: Source(unit="L", amount="柴油", cost="柴油费"),
    Energy.COAL: Source(unit="kg", amount="煤炭", cost="煤炭费", words=("煤", "原煤", "煤费")),
    Energy.LPG: Source(
        unit="kg", amount="液化石油气", cost="液化石油气费", words=("液化气", "液化气费")
    ),
    Energy.HEAT: Source(unit="GJ", amount="热力", cost="热力费", words=("供热", "采暖", "采暖费")),
    Energy.OTHER: Source(unit="kgce", amount="其他能源", cost="其他能源费", words=("其他",)),
}
# Every return of a sheet has these; the others may be left out.
USUAL = (
    Energy.ELECTRICITY, Energy.WATER, Energy.GAS, Energy.PETROL, Energy.DIESEL, Energy.COAL,
)  # fmt: skip
# Fuel of vehicles, which the intensity by floor space leaves out.
VEHICLE_FUEL = frozenset({Energy.PETROL, Energy.DIESEL})


@dataclass(frozen=True, kw_only=True)
class Used:
    """What a line of a return says: the amount in the source's unit, the cost in 分; ``None`` is
    not told."""

    amount: Decimal | None
    cost_fen: int | None

    @property
    def price(self) -> Decimal | None:
        """元 for one unit, where both are told and neither is nothing."""
        if not self.amount or not self.cost_fen:
            return None
        return Decimal(self.cost_fen) / 100 / self.amount
