"""The nouns of what running a car costs (运行费用), and what rules need to know of it. Pure."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

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


@dataclass(frozen=True, kw_only=True)
class LevelFacts:
    """How much was in the tank at an instant (油量), in litres."""

    at: datetime
    litres: Decimal
