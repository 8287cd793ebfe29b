"""The nouns of settlement (用车结算), and what rules need to know of a journey. Pure."""

from dataclasses import dataclass
from datetime import datetime

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
