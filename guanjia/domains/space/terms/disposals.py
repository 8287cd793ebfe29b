"""The nouns of idle rooms (闲置) and how they are put to use or disposed of (处置利用). Pure."""

from dataclasses import dataclass
from datetime import date

from guanjia.kernel.attachments.terms import Bounds
from guanjia.kernel.values.life import Life, Stage
from guanjia.kernel.values.term import Term

FILES = Bounds(count_max=8)  # the valuation, the resolution, the contract


class IdleCause(Term):
    """Why a room stands empty (闲置原因)."""

    CLEARED = "CLEARED", "腾退交回"
    REFORMED = "REFORMED", "机构撤并"
    NEW = "NEW", "新交付未分配"
    UNSAFE = "UNSAFE", "有安全隐患"
    REPAIRING = "REPAIRING", "等待维修"
    TITLE = "TITLE", "权属未明"
    RETURNED = "RETURNED", "利用到期收回"
    OTHER = "OTHER", "其他"


class IdlePlan(Term):
    """What is to become of an empty room (处理打算)."""

    NONE = "NONE", "未定"
    REALLOCATE = "REALLOCATE", "调剂使用"
    PUBLIC = "PUBLIC", "公益利用"
    EXCHANGE = "EXCHANGE", "置换"
    LEASE = "LEASE", "出租"
    AUCTION = "AUCTION", "拍卖"
    DEMOLISH = "DEMOLISH", "拆除"
    REPAIR = "REPAIR", "先维修"


class DisposalWay(Term):
    """How idle offices are used or disposed of (处置利用方式)."""

    REALLOCATE = "REALLOCATE", "调剂使用"
    PUBLIC = "PUBLIC", "转换用途"
    EXCHANGE = "EXCHANGE", "置换"
    LEASE = "LEASE", "出租"
    AUCTION = "AUCTION", "拍卖"
    DEMOLISH = "DEMOLISH", "拆除"


class Purpose(Term):
    """What rooms are used for once their use is changed (公益用途)."""

    PARTY = "PARTY", "党建"
    EDUCATION = "EDUCATION", "教育"
    ELDERLY = "ELDERLY", "养老"
    CONVENIENCE = "CONVENIENCE", "便民服务"
    COMMUNITY = "COMMUNITY", "社区活动"
    OTHER = "OTHER", "其他公益"


class DisposalState(Term):
    """Where a disposal stands (状态)."""

    DRAFT = "DRAFT", "待报批"
    PENDING = "PENDING", "待审批"
    RETURNED = "RETURNED", "已退回"
    WITHDRAWN = "WITHDRAWN", "已撤回"
    AGREED = "AGREED", "待办理"
    RUNNING = "RUNNING", "利用中"
    DONE = "DONE", "已办结"
    ENDED = "ENDED", "已收回"
    CALLED_OFF = "CALLED_OFF", "已取消"


_S = DisposalState
DISPOSAL_LIFE = Life(
    states={
        # Agreed at once: no step is needed.
        _S.DRAFT: Stage(tone="wait", icon="pencil", to=(_S.PENDING, _S.AGREED, _S.CALLED_OFF)),
        _S.PENDING: Stage(
            tone="wait", icon="hourglass",
            to=(_S.AGREED, _S.RETURNED, _S.WITHDRAWN, _S.CALLED_OFF),
        ),
        _S.RETURNED: Stage(
            tone="stop", icon="arrow-back-up",
            to=(_S.PENDING, _S.WITHDRAWN, _S.AGREED, _S.CALLED_OFF),
        ),
        _S.WITHDRAWN: Stage(
            tone="idle", icon="arrow-back-up", to=(_S.PENDING, _S.AGREED, _S.CALLED_OFF)
        ),
        _S.AGREED: Stage(
            tone="wait", icon="gavel", to=(_S.RETURNED, _S.RUNNING, _S.DONE, _S.CALLED_OFF)
        ),
        _S.RUNNING: Stage(tone="move", icon="home", to=(_S.ENDED,)),
        _S.DONE: Stage(tone="done", icon="circle-check"),
        _S.ENDED: Stage(tone="done", icon="circle-check"),
        _S.CALLED_OFF: Stage(tone="idle", icon="circle-x"),
    },
    rule="闲置用房处置利用先审批，再办理",
)  # fmt: skip


class IncomeState(Term):
    """Whether an income was paid into the treasury (缴库)."""

    DUE = "DUE", "待缴库"
    PAID = "PAID", "已缴库"
    VOID = "VOID", "不再收取"


_I = IncomeState
INCOME_LIFE = Life(
    states={
        _I.DUE: Stage(tone="wait", icon="hourglass", to=(_I.PAID, _I.VOID)),
        _I.PAID: Stage(tone="done", icon="circle-check"),
        _I.VOID: Stage(tone="idle", icon="circle-x"),
    },
    rule="每笔处置收入只缴库一次",
)


VALUED = (DisposalWay.EXCHANGE, DisposalWay.LEASE, DisposalWay.AUCTION)
TRADED = (DisposalWay.LEASE, DisposalWay.AUCTION)  # on a public platform
LEAVING = (DisposalWay.EXCHANGE, DisposalWay.AUCTION, DisposalWay.DEMOLISH)
LASTING = (DisposalWay.PUBLIC, DisposalWay.LEASE)  # the rooms come back
# What papers call the parties, sums and papers of a way, where it is another word than usual.
CALLED = {
    DisposalWay.REALLOCATE: {"paper": "调配凭证号", "party": "使用单位"},
    DisposalWay.PUBLIC: {"paper": "协议编号", "party": "使用方"},
    DisposalWay.EXCHANGE: {"price": "补差价", "on": "置换日期", "party": "置换对方"},
    DisposalWay.LEASE: {"party": "承租方", "on": "租期起", "last_on": "租期止"},
    DisposalWay.AUCTION: {"party": "买受人", "on": "成交日期"},
    DisposalWay.DEMOLISH: {
        "price": "残值收入", "on": "拆除日期", "party": "施工单位", "paper": "许可编号",
    },
}  # fmt: skip
UNSENT = (DisposalState.DRAFT, DisposalState.RETURNED, DisposalState.WITHDRAWN)
UNDER_WAY = (*UNSENT, DisposalState.PENDING, DisposalState.AGREED)
CARRIED = (DisposalState.RUNNING, DisposalState.DONE, DisposalState.ENDED)


@dataclass(frozen=True, kw_only=True)
class DisposalAsked:
    """What a request says; ``last_on`` is the last day, ``None`` where it is not to end.

    ``to_unit_id``: the unit that uses the rooms; ``party``: who else does, buys or exchanges.
    """

    way: DisposalWay
    room_ids: tuple[int, ...]
    reason: str
    purpose: Purpose | None = None
    to_unit_id: int | None = None
    party: str = ""


@dataclass(frozen=True, kw_only=True)
class Valuation:
    """What rooms are worth, by whom and when; money in 分 (of a lease the rent of a month)."""

    fen: int
    valuer: str
    on: date


@dataclass(frozen=True, kw_only=True)
class Carried:
    """How a disposal was carried out: the facts its way needs; money in 分.

    ``paper``: number of the contract, agreement or permit. ``price_fen``: what an auction or an
    exchange brings; ``rent_fen``: the rent of a month, paid ahead every ``every`` months.
    """

    on: date
    document: str = ""
    paper: str = ""
    party: str = ""
    platform: str = ""
    last_on: date | None = None
    price_fen: int = 0
    rent_fen: int = 0
    every: int = 0


@dataclass(frozen=True, kw_only=True)
class PaidIn:
    """What was paid into the treasury: number of the receipt, 分, the day, why it differs."""

    receipt: str
    fen: int
    on: date
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class DisposalFacts:
    """A disposal as rules see it; money in 分."""

    way: DisposalWay
    valuation_fen: int | None = None
    valued_on: date | None = None
    approved_on: date | None = None
