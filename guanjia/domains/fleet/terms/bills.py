"""The nouns of settlement (用车结算), and what rules need to know of a journey. Pure."""

from dataclasses import dataclass
from datetime import datetime

from guanjia.kernel.values.life import Life, Stage
from guanjia.kernel.values.term import Term


class SizeClass(Term):
    """By how many seats a journey is priced (计价车型)."""

    SMALL = "SMALL", "小型车"
    MEDIUM = "MEDIUM", "中型车"
    LARGE = "LARGE", "大型车"


class BillState(Term):
    """Where a bill stands (账单状态)."""

    DRAFT = "DRAFT", "待发出"
    SENT = "SENT", "待答复"
    DISPUTED = "DISPUTED", "有异议"
    AGREED = "AGREED", "已确认"
    CLOSED = "CLOSED", "已结清"


class LineKind(Term):
    """What a line of a bill charges for."""

    TRIP = "TRIP", "用车"
    ADJUSTMENT = "ADJUSTMENT", "调整"


class Answer(Term):
    """What the unit and the bureau said of a line (答复)."""

    WAITING = "WAITING", "待答复"
    AGREED = "AGREED", "同意"
    DISPUTED = "DISPUTED", "有异议"
    DECIDED = "DECIDED", "已处理，待答复"


BILL_LIFE = Life(
    states={
        BillState.DRAFT: Stage(tone="idle", icon="pencil", to=(BillState.SENT,)),
        BillState.SENT: Stage(
            tone="wait", icon="hourglass", to=(BillState.AGREED, BillState.DISPUTED)
        ),
        BillState.DISPUTED: Stage(tone="stop", icon="message", to=(BillState.SENT,)),
        BillState.AGREED: Stage(tone="move", icon="check", to=(BillState.CLOSED,)),
        BillState.CLOSED: Stage(tone="done", icon="circle-check"),
    },
    rule="账单先出账、再发出，单位逐单答复，全部同意后结清",
)
# In which states a bill is sent, answered, settled, and what stands on it decided or corrected.
DEALT_WITH = {
    "send": (BillState.DRAFT,), "answer": (BillState.SENT,), "decide": (BillState.DISPUTED,),
    "close": (BillState.AGREED,), "adjust": (BillState.CLOSED,),
}  # fmt: skip
LINE_LIFE = Life(
    states={
        Answer.WAITING: Stage(tone="wait", icon="hourglass", to=(Answer.AGREED, Answer.DISPUTED)),
        Answer.AGREED: Stage(tone="done", icon="check"),
        Answer.DISPUTED: Stage(tone="stop", icon="message", to=(Answer.DECIDED,)),
        Answer.DECIDED: Stage(tone="wait", icon="hourglass", to=(Answer.AGREED, Answer.DISPUTED)),
    },
    rule=BILL_LIFE.rule,
    field="answer",
)


@dataclass(frozen=True, kw_only=True)
class JourneyFacts:
    """What a price depends on. ``rest_days``: how many rest days it touches (调休 considered)."""

    km: int
    seats: int
    went_at: datetime
    back_at: datetime
    rest_days: int = 0


@dataclass(frozen=True, kw_only=True)
class Step:
    """One line of a price: what is charged, in words, and how much."""

    text: str
    amount_fen: int


@dataclass(frozen=True, kw_only=True)
class Price:
    """What a journey costs, how that comes about, and by which tariff."""

    amount_fen: int
    size: SizeClass
    hours: int
    steps: tuple[Step, ...]
    tariff: str


@dataclass(frozen=True, kw_only=True)
class BillFacts:
    """What rules need to know of a bill as it stands."""

    state: BillState
    month_is_over: bool
    waiting: int
    disputed: int
