"""The nouns of what running a car costs (运行费用), and what rules need to know of it. Pure."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from guanjia.kernel.values.life import Life, Stage
from guanjia.kernel.values.period import SHANGHAI
from guanjia.kernel.values.term import Term


class CostKind(Term):
    """What the money was spent on (费用类别)."""

    FUEL = "FUEL", "加油"
    CHARGE = "CHARGE", "充电"
    TOLL = "TOLL", "过路费"
    PARKING = "PARKING", "停车费"
    INSURANCE = "INSURANCE", "保险"
    INSPECTION = "INSPECTION", "检验"
    MAINTENANCE = "MAINTENANCE", "保养"
    REPAIR = "REPAIR", "维修"
    WASH = "WASH", "洗车"
    RENT = "RENT", "租赁"
    OTHER = "OTHER", "其他"


class CostSource(Term):
    """Whence a cost is known (来源); the same money told twice is counted once."""

    HAND = "HAND", "登记"
    TRIP = "TRIP", "收车填报"
    FUEL_SHEET = "FUEL_SHEET", "油卡对账单"
    ETC_SHEET = "ETC_SHEET", "ETC 对账单"
    ORDER = "ORDER", "维保工单"
    POLICY = "POLICY", "保险单"


class CostState(Term):
    """Whether a cost counts (状态)."""

    COUNTED = "COUNTED", "计入"
    REPLACED = "REPLACED", "已由对账单代替"
    REFUSED = "REFUSED", "不予报销"
    VOID = "VOID", "作废"


_S = CostState
COST_LIFE = Life(
    states={
        _S.COUNTED: Stage(tone="done", icon="circle-check", to=(_S.REPLACED, _S.REFUSED, _S.VOID)),
        _S.REPLACED: Stage(tone="idle", icon="copy", to=(_S.COUNTED,)),
        _S.REFUSED: Stage(tone="stop", icon="ban"),
        _S.VOID: Stage(tone="idle", icon="circle-x"),
    },
    rule="只有计入的费用才更正、作废或不予报销",
)


@dataclass(frozen=True, kw_only=True)
class LevelFacts:
    """How much was in the tank at an instant (油量), in litres."""

    at: datetime
    litres: Decimal


class Full(Term):
    """Whether the tank was full afterwards (加满)."""

    YES = "YES", "是"
    NO = "NO", "否"


class Tripped(Term):
    """Whether a cost belongs to a trip (派车单)."""

    WITH = "WITH", "有派车单"
    WITHOUT = "WITHOUT", "无派车单"


class Serving(Term):
    """Whether a card serves a car now (加油卡状态)."""

    YES = "YES", "在用"
    NO = "NO", "已停用"


class LevelSource(Term):
    """Who tells how much was in the tank (油量来源)."""

    HAND = "HAND", "登记"
    TERMINAL = "TERMINAL", "车载终端"


class Barred(Term):
    """Why money is not the office's to pay (不予报销的情形)."""

    PRIVATE = "PRIVATE", "私用行程"
    FINE = "FINE", "交通违法罚款"
    ALLOWANCE = "ALLOWANCE", "公务交通补贴范围内的用车"
    DOUBLE = "DOUBLE", "已由油卡或 ETC 结算"


ON_THE_WAY = (CostKind.FUEL, CostKind.CHARGE, CostKind.TOLL, CostKind.PARKING)
"""What is spent while a car is out, so that a trip belongs to it."""

SHEETS = (CostSource.FUEL_SHEET, CostSource.ETC_SHEET)
"""The sheets of others (对账单); what they tell goes before what drivers told."""


@dataclass(frozen=True, kw_only=True)
class ClaimFacts:
    """What somebody wants to have paid; ``barred`` is what they say of it themselves."""

    kind: CostKind
    words: str = ""
    barred: Barred | None = None


@dataclass(frozen=True, kw_only=True)
class CardFacts:
    """A fuel card as it stood on a day: whose car's it was."""

    number: str
    plate: str


@dataclass(frozen=True, kw_only=True)
class FillFacts:
    """Fuel that went into a car. ``timed``: the hour is known, not only the day."""

    ref: int
    at: datetime
    litres: Decimal | None
    full: bool = False
    odometer_km: int | None = None
    timed: bool = True


@dataclass(frozen=True, kw_only=True)
class Norm:
    """What cars of a class use (同类油耗): the median over so many cars."""

    litres_per_100km: Decimal
    cars: int


@dataclass(frozen=True, kw_only=True)
class Segment:
    """From one full tank to the next (加满到加满): what was burnt over which kilometres.

    ``first`` and ``last`` are the costs at both ends. Where it is not judged, ``litres_per_100km``
    is ``None`` or ``norm`` is, and ``why`` says the reason; where it is ``odd``, ``why`` says how.
    """

    first: int
    last: int
    since: datetime
    until: datetime
    litres: Decimal
    km: int | None = None
    litres_per_100km: Decimal | None = None
    norm: Norm | None = None
    odd: bool = False
    why: str = ""

    @property
    def ended_on(self) -> date:
        """The day of the closing fill, as people here count days."""
        return self.until.astimezone(SHANGHAI).date()


@dataclass(frozen=True, kw_only=True)
class Match:
    """The trip during which money was spent; ``none``: the car was not out at all."""

    trip_id: int | None
    none: bool
