"""The nouns of inspections (巡检) and of what has to be put right after them (整改). Pure."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from guanjia.kernel.attachments.terms import MIB, PICTURES, Bounds
from guanjia.kernel.values.life import Life, Stage
from guanjia.kernel.values.term import Term

PHOTOS = Bounds(count_max=6, bytes_max=4 * MIB, kinds=PICTURES)  # the phone scales them down first
PROOF = Bounds(count_max=9)
NOTE_MAX = 500
ITEMS_MAX = 30
RECORDS_MAX = 20  # of one sending; the phone sends the rest in the next one
CLOCK_OFF_MAX = 10 * 366 * 86_400  # seconds; a telephone fresh from its box lives in another decade


class RoundState(Term):
    """Where a round stands."""

    PLANNED = "PLANNED", "安排"
    RUNNING = "RUNNING", "进行中"
    CLOSED = "CLOSED", "已结束"


_P = RoundState
ROUND_LIFE = Life(
    states={
        _P.PLANNED: Stage(tone="idle", icon="calendar", to=(_P.RUNNING, _P.CLOSED)),
        _P.RUNNING: Stage(tone="move", icon="clipboard-list", to=(_P.CLOSED,)),
        _P.CLOSED: Stage(tone="done", icon="circle-check"),
    },
    rule="巡检在安排的日期内进行",
)


class Result(Term):
    """What an inspection found (检查结果)."""

    FINE = "FINE", "无问题"
    OVER = "OVER", "面积超标"
    CHANGED = "CHANGED", "功能改变"
    VACANT = "VACANT", "空置未报"
    MISMATCH = "MISMATCH", "台账不符"
    PASSED_ON = "PASSED_ON", "转给其他单位"
    LET = "LET", "出租出借"
    NOT_BACK = "NOT_BACK", "逾期未腾退"
    UNPUBLISHED = "UNPUBLISHED", "未内部公示"
    TECHNICAL = "TECHNICAL", "技术业务用房混用"
    FITTED = "FITTED", "超标准装修"
    OTHER = "OTHER", "其他问题"


PROBLEMS = tuple(each for each in Result if each is not Result.FINE)


class Told(Term):
    """How an inspection came in (来源)."""

    PHONE = "PHONE", "手机巡检"
    LEDGER = "LEDGER", "台账登记"


class Way(Term):
    """How the inspector came to the room (取房方式)."""

    SCANNED = "SCANNED", "扫门牌码"
    PICKED = "PICKED", "列表选房"


class RectState(Term):
    """Where something that has to be put right stands."""

    OPEN = "OPEN", "待整改"
    ANSWERED = "ANSWERED", "待验收"
    DONE = "DONE", "已销号"
    CALLED_OFF = "CALLED_OFF", "已撤销"


UNDONE = (RectState.OPEN, RectState.ANSWERED)
_R = RectState
RECT_LIFE = Life(
    states={
        _R.OPEN: Stage(tone="wait", icon="hourglass", to=(_R.ANSWERED, _R.CALLED_OFF)),
        _R.ANSWERED: Stage(tone="move", icon="message", to=(_R.OPEN, _R.DONE, _R.CALLED_OFF)),
        _R.DONE: Stage(tone="done", icon="circle-check"),
        _R.CALLED_OFF: Stage(tone="idle", icon="ban"),
    },
    rule="先整改并附说明，再验收销号",
)


@dataclass(frozen=True, kw_only=True)
class ItemFacts:
    """A line of a checklist: what it finds, what it takes off."""

    result: Result
    text: str
    points: Decimal
    basis: str = ""


@dataclass(frozen=True, kw_only=True)
class MarkFacts:
    """A line of a checklist that was ticked for a unit in a round, and what it takes off."""

    round_id: int
    item_id: int
    points: Decimal


@dataclass(frozen=True, kw_only=True)
class RectFacts:
    """Something to be put right, with the day on which the unit said it was; ``None`` so far."""

    due_on: date
    answered_on: date | None = None


@dataclass(frozen=True, kw_only=True)
class Score:
    """What a unit lost in a year, and what is left."""

    findings: Decimal
    late: Decimal
    full: Decimal
    late_days: tuple[int, ...] = field(default=())

    @property
    def off(self) -> Decimal:
        """All that is taken off; never more than there is."""
        return min(self.findings + self.late, self.full)

    @property
    def left(self) -> Decimal:
        """What the unit keeps."""
        return self.full - self.off
