"""The nouns of a car's end (处置), and the facts its rules judge. Pure."""

from dataclasses import dataclass
from datetime import date

from guanjia.domains.fleet.terms.cars import Body, CarState, Keeping
from guanjia.kernel.attachments.terms import Bounds
from guanjia.kernel.values.life import Life, Stage
from guanjia.kernel.values.term import Term

FILES = Bounds(count_max=6)  # the valuation, the agent's settlement, the certificate of scrapping


class DisposalMethod(Term):
    """How a car leaves its unit (处置方式)."""

    AUCTION = "AUCTION", "拍卖"
    SCRAP = "SCRAP", "报废"
    RETURN = "RETURN", "厂家回收"
    TRANSFER = "TRANSFER", "划转"


class DisposalState(Term):
    """Where a disposal stands (状态)."""

    DRAFT = "DRAFT", "待估值"
    VALUED = "VALUED", "已估值"
    PENDING = "PENDING", "审批中"
    RETURNED = "RETURNED", "已退回"
    WITHDRAWN = "WITHDRAWN", "已撤回"
    AGREED = "AGREED", "待处置"
    DEALT = "DEALT", "已成交"
    PAID = "PAID", "已缴库"
    DONE = "DONE", "已办结"
    CALLED_OFF = "CALLED_OFF", "已取消"


_S = DisposalState
# A ledger that tells of the approval or of the end moves one that is still under way: it is a fact.
DISPOSAL_LIFE = Life(
    states={
        # A transfer needs no valuation.
        _S.DRAFT: Stage(
            tone="wait", icon="pencil",
            to=(_S.VALUED, _S.PENDING, _S.CALLED_OFF, _S.DONE, _S.AGREED),
        ),
        _S.VALUED: Stage(
            tone="wait", icon="pencil", to=(_S.PENDING, _S.CALLED_OFF, _S.DONE, _S.AGREED)
        ),
        _S.PENDING: Stage(
            tone="wait", icon="hourglass",
            to=(_S.AGREED, _S.RETURNED, _S.WITHDRAWN, _S.CALLED_OFF, _S.DONE),
        ),
        _S.RETURNED: Stage(
            tone="stop", icon="arrow-back-up",
            to=(_S.PENDING, _S.WITHDRAWN, _S.AGREED, _S.CALLED_OFF, _S.DONE),
        ),
        _S.WITHDRAWN: Stage(
            tone="idle", icon="arrow-back-up", to=(_S.PENDING, _S.CALLED_OFF, _S.DONE, _S.AGREED)
        ),
        # A transfer brings nothing: it is done at once.
        _S.AGREED: Stage(
            tone="wait", icon="archive", to=(_S.RETURNED, _S.DEALT, _S.DONE, _S.CALLED_OFF)
        ),
        # What brought nothing has nothing to pay in.
        _S.DEALT: Stage(tone="move", icon="gavel", to=(_S.PAID, _S.DONE)),
        _S.PAID: Stage(tone="move", icon="check", to=(_S.DONE,)),
        _S.DONE: Stage(tone="done", icon="circle-check"),
        _S.CALLED_OFF: Stage(tone="idle", icon="circle-x"),
    },
    rule="先估值报批，批准后成交、缴库、办结；报批以后由公务用车管理科取消，成交以后不取消",
)  # fmt: skip


class LotState(Term):
    """Whether a lot is reconciled (批次状态)."""

    OPEN = "OPEN", "办理中"
    CLOSED = "CLOSED", "已核销"


LOT_LIFE = Life(
    states={
        LotState.OPEN: Stage(tone="wait", icon="clock-hour-4", to=(LotState.CLOSED,)),
        LotState.CLOSED: Stage(tone="done", icon="circle-check"),
    },
    rule="批次核销以后不再改",
)

# Removals (清退): the car is gone afterwards. A transfer only changes hands.
REMOVALS = (DisposalMethod.AUCTION, DisposalMethod.SCRAP, DisposalMethod.RETURN)
UNSENT = (
    DisposalState.DRAFT,
    DisposalState.VALUED,
    DisposalState.RETURNED,
    DisposalState.WITHDRAWN,
)
DATED = (DisposalState.DEALT, DisposalState.PAID, DisposalState.DONE)
UNDER_WAY = (
    *UNSENT,
    DisposalState.PENDING,
    DisposalState.AGREED,
    DisposalState.DEALT,
    DisposalState.PAID,
)


@dataclass(frozen=True, kw_only=True)
class DisposalFacts:
    """What rules need to know of a disposal. Money in 分; ``paid_fen`` reached the treasury."""

    method: DisposalMethod
    plate: str
    registered_on: date
    valuation_fen: int | None = None
    valued_on: date | None = None
    proceeds_fen: int | None = None
    paid_fen: int | None = None
    receipt: str = ""
    document: str = ""
    approved_on: date | None = None
    disposed_on: date | None = None
    plate_returned_on: date | None = None
    difference_note: str = ""


@dataclass(frozen=True, kw_only=True)
class LotFacts:
    """The sums of a lot, in 分: what its cars brought, what the agent settled, what was paid in.

    ``undealt``: how many of its cars have no deal yet; ``total_fen`` is ``None`` before the
    agent's settlement is known.
    """

    cars: int
    undealt: int
    sum_fen: int
    total_fen: int | None
    paid_fen: int
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class LifeFacts:
    """How far a car is in its life; ``body`` is ``None`` where the register does not tell."""

    plate: str
    registered_on: date
    odometer_km: int
    seats: int
    keeping: Keeping
    state: CarState
    body: Body | None = None
    inspected_until: date | None = None
