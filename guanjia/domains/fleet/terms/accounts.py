"""What a car's account (单车核算) says of one car in one period. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from guanjia.domains.fleet.terms.cars import Body, Energy, Use
from guanjia.domains.fleet.terms.costs import CostKind
from guanjia.kernel.values.term import Term


class Power(Term):
    """Cars that can be compared by what they burn (动力)."""

    BURNS = "BURNS", "燃油"
    BOTH = "BOTH", "插电混动"
    ELECTRIC = "ELECTRIC", "纯电"


_POWER = {
    Energy.ELECTRIC: Power.ELECTRIC,
    Energy.FUEL_CELL: Power.ELECTRIC,
    Energy.PLUG_IN: Power.BOTH,
}


@dataclass(frozen=True, order=True)
class Group:
    """Cars of one use, body and power: only these are compared with each other (同类)."""

    use: str
    body: str
    power: str

    @classmethod
    def of(cls, *, use: str, body: str, energy: str) -> "Group":
        """The group of a car; a body nobody wrote down is a group of its own."""
        return cls(use, body, _POWER.get(Energy(energy), Power.BURNS).value)

    @property
    def label(self) -> str:
        """``应急保障用车 · 轿车 · 燃油``."""
        body = Body(self.body).label if self.body else "车型未登记"
        return f"{Use(self.use).label} · {body} · {Power(self.power).label}"


@dataclass(frozen=True, kw_only=True)
class Rates:
    """What a group shows of one rate: the median, how many cars had one, enough of them or not."""

    cars: int
    median: Decimal | None


@dataclass(frozen=True, kw_only=True)
class Placed:
    """A car's rate beside its group's: place 1 is the dearest; ``None`` where there is no rate."""

    rate: Decimal | None = None
    median: Decimal | None = None
    place: int | None = None
    among: int = 0

    @property
    def above(self) -> Decimal | None:
        """How far above the median, in per cent; negative below it."""
        if self.rate is None or not self.median:
            return None
        return ((self.rate - self.median) / self.median * 100).quantize(Decimal(1))

    @property
    def below(self) -> Decimal:
        """How far below the median, in per cent; 0 above it."""
        return max(Decimal(0), -(self.above or Decimal(0)))


@dataclass(frozen=True, kw_only=True)
class CarAccount:
    """One car in one period. Money in 分; ``costs`` only of what counts (计入).

    ``cost_per_km_fen`` and ``litres_per_100km`` carry the rate, the median of the group and the
    place in it; a car without kilometres, or without a cost, has no rate.
    """

    car_id: int
    plate: str
    colour: str
    make: str
    unit_id: int
    unit_name: str
    group: Group
    km: int = 0
    trips: int = 0
    days_used: int = 0
    costs: Mapping[CostKind, int] = field(default_factory=dict)
    entries: int = 0
    litres: Decimal = Decimal(0)
    kwh: Decimal = Decimal(0)
    cost_per_km_fen: Placed = field(default_factory=Placed)
    litres_per_100km: Placed = field(default_factory=Placed)

    @property
    def total_fen(self) -> int:
        """All that counts together."""
        return sum(self.costs.values())
