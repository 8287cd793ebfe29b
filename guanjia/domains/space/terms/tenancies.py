"""The nouns of 周转房: who lives there by what right, what is owed and paid. Pure."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from guanjia.kernel.attachments.terms import Bounds
from guanjia.kernel.values.life import Life, Stage
from guanjia.kernel.values.term import Term

FILES = Bounds(count_max=6)  # the agreement, the sheet of the inspection, photos


class TenantKind(Term):
    """By what right somebody has a room (入住类别)."""

    EXCHANGE = "EXCHANGE", "交流任职"
    SECONDED = "SECONDED", "挂职"
    TALENT = "TALENT", "引进人才"
    OTHER = "OTHER", "其他"


class TenancyState(Term):
    """Where a tenancy stands (状态)."""

    RUNNING = "RUNNING", "在住"
    RETURNED = "RETURNED", "已退房"
    CALLED_OFF = "CALLED_OFF", "已取消"


_S = TenancyState
TENANCY_LIFE = Life(
    states={
        _S.RUNNING: Stage(tone="move", icon="home", to=(_S.RETURNED, _S.CALLED_OFF)),
        _S.RETURNED: Stage(tone="done", icon="circle-check"),
        _S.CALLED_OFF: Stage(tone="idle", icon="circle-x"),
    },
    rule="周转房退房或取消以后不再变动",
)


class Condition(Term):
    """What the inspection at the return found (房屋状况)."""

    FINE = "FINE", "完好"
    WORN = "WORN", "正常磨损"
    DAMAGED = "DAMAGED", "有损坏"


class PaidBy(Term):
    """How rent is paid (收款方式)."""

    TRANSFER = "TRANSFER", "转账"
    POS = "POS", "刷卡"
    WAGES = "WAGES", "工资代扣"
    CASH = "CASH", "现金"


class RentState(Term):
    """Whether a month is paid (收租)."""

    DUE = "DUE", "待交"
    LATE = "LATE", "欠交"
    PAID = "PAID", "已交"


@dataclass(frozen=True, kw_only=True)
class TenancyAsked:
    """What a new tenancy says; ``last_on`` is its last day."""

    room_id: int
    tenant_id: int
    kind: TenantKind
    since_on: date
    last_on: date
    document: str = ""
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class Return:
    """How a room came back: from that day on it is empty; ``keys`` were handed back.

    ``damage_fen``: what is to be made good, in 分.
    """

    on: date
    condition: Condition
    note: str = ""
    keys: int = 0
    damage_fen: int = 0


@dataclass(frozen=True, kw_only=True)
class Payment:
    """A payment of rent as the cashier takes it; 分, ``receipt`` the number of the receipt."""

    rent_ids: tuple[int, ...]
    fen: int
    receipt: str
    on: date
    by: PaidBy


@dataclass(frozen=True, kw_only=True)
class RentOwed:
    """A month that is owed, as rules see it."""

    id: int
    month: date
    fen: int
    paid: bool


@dataclass(frozen=True, kw_only=True)
class Month:
    """A month of rent reckoned: how many days of how many, 分 for ㎡ at a rate."""

    month: date
    days: int
    of_days: int
    usable_m2: Decimal
    rate_fen: int
    fen: int
