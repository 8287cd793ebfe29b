"""The nouns of purchases (更新购置), and the facts rules judge. Pure."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from guanjia.domains.fleet.terms.cars import Body, Energy, Use
from guanjia.kernel.attachments.terms import Bounds
from guanjia.kernel.values.life import Life, Stage
from guanjia.kernel.values.term import Term

FILES = Bounds(count_max=9)  # a letter, quotations, a report on an unsafe car, photos


class PurchaseKind(Term):
    """Whether a car comes in addition or in the place of another (购置方式)."""

    NEW = "NEW", "新增配备"
    RENEWAL = "RENEWAL", "更新"


class PurchaseState(Term):
    """Where a purchase stands (状态)."""

    PENDING = "PENDING", "审批中"
    RETURNED = "RETURNED", "已退回"
    WITHDRAWN = "WITHDRAWN", "已撤回"
    REPORTED = "REPORTED", "报省待批"
    AGREED = "AGREED", "待购置"
    CARDED = "CARDED", "已登记新车"
    RECORDED = "RECORDED", "台账登记"
    REFUSED = "REFUSED", "未批准"
    CANCELLED = "CANCELLED", "已取消"


_S = PurchaseState
# A ledger tells of what was agreed to elsewhere.
PURCHASE_LIFE = Life(
    states={
        _S.PENDING: Stage(
            tone="wait", icon="hourglass",
            to=(_S.AGREED, _S.REPORTED, _S.RETURNED, _S.WITHDRAWN, _S.REFUSED, _S.CANCELLED),
        ),
        _S.RETURNED: Stage(
            tone="stop", icon="arrow-back-up",
            to=(_S.PENDING, _S.WITHDRAWN, _S.REFUSED, _S.CANCELLED),
        ),
        _S.WITHDRAWN: Stage(tone="idle", icon="arrow-back-up", to=(_S.PENDING, _S.CANCELLED)),
        _S.REPORTED: Stage(tone="move", icon="send", to=(_S.AGREED, _S.REFUSED)),
        _S.AGREED: Stage(tone="wait", icon="clock-hour-4", to=(_S.CARDED, _S.CANCELLED)),
        _S.RECORDED: Stage(tone="done", icon="circle-check", to=(_S.CARDED,)),
        _S.CARDED: Stage(tone="done", icon="circle-check"),
        _S.REFUSED: Stage(tone="stop", icon="circle-x"),
        _S.CANCELLED: Stage(tone="idle", icon="circle-x"),
    },
    rule="购置先审批，批准后登记新车；报省的等省里批复",
)  # fmt: skip


class EarlyReason(Term):
    """Why a car is to be renewed before its years are over (提前更新原因)."""

    SAFETY = "SAFETY", "安全等原因"
    PROMOTION = "PROMOTION", "领导职务晋升、调动"
    OTHER = "OTHER", "其他原因"


HOLDING = (PurchaseState.PENDING, PurchaseState.REPORTED, PurchaseState.AGREED)
MENDING = PURCHASE_LIFE.before(PurchaseState.PENDING)
DECIDED = (PurchaseState.AGREED, PurchaseState.CARDED, PurchaseState.RECORDED)
DEAD = (PurchaseState.WITHDRAWN, PurchaseState.REFUSED, PurchaseState.CANCELLED)


@dataclass(frozen=True, kw_only=True)
class OldCarFacts:
    """What rules need to know of the car that is to be renewed."""

    plate: str
    registered_on: date
    use: Use
    unit_id: int


@dataclass(frozen=True, kw_only=True)
class PurchaseFacts:
    """What rules need to know of a car somebody wants to buy.

    ``body`` and ``seats`` are not told by ledgers, ``energy`` not while no car is chosen. Money in
    分, without the tax on the purchase (车辆购置税). ``sound``: the old car can still be used.
    """

    use: Use
    energy: Energy | None
    body: Body | None = None
    price_fen: int | None = None
    displacement_l: Decimal | None = None
    special_reason: str = ""
    needed_for_law_enforcement: bool = False
    fixed_city_route: bool = False
    domestic: bool = True
    unit_id: int = 0
    old_car: OldCarFacts | None = None
    early_reason: EarlyReason | None = None
    sound: bool = False


@dataclass(frozen=True, kw_only=True)
class YearSoFar:
    """The purchases of a year besides the one in question, and how many are new-energy cars."""

    bought: int
    new_energy: int
