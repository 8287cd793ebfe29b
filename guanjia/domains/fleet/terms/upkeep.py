"""The nouns of keeping cars sound (保险、检验、维保、违法、事故). Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from guanjia.kernel.attachments.terms import Bounds
from guanjia.kernel.values.life import Life, Stage
from guanjia.kernel.values.term import Term

FILES = Bounds(count_max=9)  # quotations, bills, decisions of the police, photos


class Cover(Term):
    """What an insurance covers (险种)."""

    COMPULSORY = "COMPULSORY", "交强险"
    COMMERCIAL = "COMMERCIAL", "商业险"


class Passed(Term):
    """What came of an inspection (检验结论)."""

    PASSED = "PASSED", "合格"
    FAILED = "FAILED", "不合格"


class OrderKind(Term):
    """What a work order is for (维保类别)."""

    MAINTENANCE = "MAINTENANCE", "保养"
    REPAIR = "REPAIR", "维修"
    ACCIDENT = "ACCIDENT", "事故修理"


class OrderState(Term):
    """Where a work order stands (工单状态)."""

    REPORTED = "REPORTED", "待报价"
    PENDING = "PENDING", "待审批"
    RETURNED = "RETURNED", "已退回"
    WITHDRAWN = "WITHDRAWN", "已撤回"
    APPROVED = "APPROVED", "待送修"
    IN_SHOP = "IN_SHOP", "在修"
    ACCEPTED = "ACCEPTED", "待结算"
    SETTLED = "SETTLED", "已结算"
    CANCELLED = "CANCELLED", "已取消"


class ItemKind(Term):
    """What a line of a work order is (项目类别)."""

    PART = "PART", "材料"
    LABOUR = "LABOUR", "工时"


class Blame(Term):
    """Who is responsible for an accident (责任认定)."""

    PENDING = "PENDING", "待定"
    FULL = "FULL", "全责"
    MAIN = "MAIN", "主责"
    EQUAL = "EQUAL", "同责"
    MINOR = "MINOR", "次责"
    NONE = "NONE", "无责"


class FineState(Term):
    """Whether a fine was paid (处理情况)."""

    OPEN = "OPEN", "未处理"
    HANDLED = "HANDLED", "已处理"


class AccidentState(Term):
    """Whether an accident is closed (结案情况)."""

    OPEN = "OPEN", "未结案"
    CLOSED = "CLOSED", "已结案"


class PlanState(Term):
    """Whether a maintenance plan holds (计划状态)."""

    HOLDS = "HOLDS", "在用"
    STOPPED = "STOPPED", "已停用"


class PaidBy(Term):
    """Out of whose pocket a fine is paid (缴款人)."""

    DRIVER = "DRIVER", "驾驶员本人"
    OTHER = "OTHER", "其他责任人"
    PUBLIC = "PUBLIC", "公款"


class DueKind(Term):
    """What falls due for a car (到期事项)."""

    INSPECTION = "INSPECTION", "检验"
    INSURANCE = "INSURANCE", "保险"
    MAINTENANCE = "MAINTENANCE", "保养"


class DueState(Term):
    """How near a due day is."""

    OVERDUE = "OVERDUE", "已过期"
    SOON = "SOON", "快到期"
    LATER = "LATER", "未到期"
    UNKNOWN = "UNKNOWN", "没有登记"


_S = OrderState
# One that was quoted anew in the shop goes back there once it is decided.
ORDER_LIFE = Life(
    states={
        _S.REPORTED: Stage(tone="wait", icon="pencil", to=(_S.PENDING, _S.APPROVED, _S.CANCELLED)),
        _S.PENDING: Stage(
            tone="wait", icon="hourglass",
            to=(_S.APPROVED, _S.IN_SHOP, _S.RETURNED, _S.WITHDRAWN, _S.CANCELLED),
        ),
        _S.RETURNED: Stage(
            tone="stop", icon="arrow-back-up",
            to=(_S.PENDING, _S.APPROVED, _S.IN_SHOP, _S.WITHDRAWN, _S.CANCELLED),
        ),
        _S.WITHDRAWN: Stage(
            tone="idle", icon="arrow-back-up",
            to=(_S.PENDING, _S.APPROVED, _S.IN_SHOP, _S.CANCELLED),
        ),
        _S.APPROVED: Stage(
            tone="wait", icon="clock-hour-4", to=(_S.PENDING, _S.IN_SHOP, _S.CANCELLED)
        ),
        _S.IN_SHOP: Stage(tone="move", icon="tool", to=(_S.PENDING, _S.ACCEPTED)),
        _S.ACCEPTED: Stage(tone="move", icon="receipt", to=(_S.SETTLED,)),
        _S.SETTLED: Stage(tone="done", icon="circle-check"),
        _S.CANCELLED: Stage(tone="idle", icon="circle-x"),
    },
    rule="工单按报价、审批、送修、验收、结算的次序办理",
)  # fmt: skip
# In which states an order may be given another quote, papers.
REQUOTABLE = (_S.RETURNED, _S.WITHDRAWN, _S.APPROVED, _S.IN_SHOP)
QUOTABLE = (_S.REPORTED, *REQUOTABLE)
ATTACHABLE = tuple(state for state in _S if state != _S.CANCELLED)
DONE = (_S.ACCEPTED, _S.SETTLED)
FINE_LIFE = Life(
    states={
        FineState.OPEN: Stage(tone="wait", icon="clock-hour-4", to=(FineState.HANDLED,)),
        FineState.HANDLED: Stage(tone="done", icon="circle-check"),
    },
    rule="违法登记后处理，处理一次",
)
PLAN_LIFE = Life(
    states={
        PlanState.HOLDS: Stage(tone="done", icon="circle-check", to=(PlanState.STOPPED,)),
        PlanState.STOPPED: Stage(tone="idle", icon="ban"),
    },
    rule="停用的保养计划不再用，需要时另建",
)
ACCIDENT_LIFE = Life(
    states={
        AccidentState.OPEN: Stage(tone="wait", icon="clock-hour-4", to=(AccidentState.CLOSED,)),
        AccidentState.CLOSED: Stage(tone="done", icon="circle-check"),
    },
    rule="事故登记后结案，结案一次",
)


@dataclass(frozen=True, kw_only=True)
class PlanFacts:
    """How often something is to be done: every so many months, kilometres, or both."""

    title: str
    months: int | None = None
    km: int | None = None


@dataclass(frozen=True, kw_only=True)
class LastDone:
    """When it was last done; ``km`` is ``None`` where nobody wrote the odometer down."""

    on: date
    km: int | None = None


@dataclass(frozen=True, kw_only=True)
class Due:
    """By which day and reading something is due, and what is left; ``None``: that side is silent.

    ``reached``: the day has come or the reading is reached, whichever was first.
    """

    on: date | None = None
    km: int | None = None
    days_left: int | None = None
    km_left: int | None = None

    @property
    def reached(self) -> bool:
        """Whether it is due."""
        days, km = self.days_left, self.km_left
        return (days is not None and days <= 0) or (km is not None and km <= 0)

    @property
    def days_over(self) -> int:
        """How many days it is past, 0 before."""
        return max(0, -(self.days_left or 0))

    @property
    def km_over(self) -> int:
        """How many kilometres it is past, 0 before."""
        return max(0, -(self.km_left or 0))


@dataclass(frozen=True, kw_only=True)
class ItemFacts:
    """A line of a quote: what, how much of it, at which price; ``None``: a ledger without one."""

    title: str
    kind: ItemKind = ItemKind.PART
    quantity: Decimal = Decimal(1)
    price_fen: int | None = None

    @property
    def amount_fen(self) -> int | None:
        """Quantity times price, rounded to the 分."""
        if self.price_fen is None:
            return None
        return int((self.quantity * self.price_fen).quantize(Decimal(1)))


@dataclass(frozen=True, kw_only=True)
class DoneBefore:
    """An item done earlier on the same car."""

    title: str
    number: str
    on: date


@dataclass(frozen=True, kw_only=True)
class QuoteFacts:
    """What rules need to know of a quote."""

    items: Sequence[ItemFacts]

    @property
    def total_fen(self) -> int:
        """The sum of the lines that have a price."""
        return sum(item.amount_fen or 0 for item in self.items)


@dataclass(frozen=True, kw_only=True)
class LossFacts:
    """The money of an accident, in 分."""

    blame: Blame
    loss_fen: int
    insurer_fen: int
    self_fen: int
