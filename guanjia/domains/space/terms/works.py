"""The nouns of repairs of buildings (大中修): what, where it stands, who pays. Pure."""

from dataclasses import dataclass
from datetime import date

from guanjia.kernel.attachments.terms import Bounds
from guanjia.kernel.values.life import Life, Stage
from guanjia.kernel.values.term import Term

FILES = Bounds(count_max=10)  # request, budget, contract, acceptance, final account


class WorksKind(Term):
    """How much is repaired (类别)."""

    MAJOR = "MAJOR", "大修"
    MEDIUM = "MEDIUM", "中修"


class WorksPart(Term):
    """What of a building is repaired (部位)."""

    WHOLE = "WHOLE", "整体"
    ROOF = "ROOF", "屋面"
    WALL = "WALL", "外墙"
    STRUCTURE = "STRUCTURE", "结构"
    FITTING = "FITTING", "室内"
    LIFT = "LIFT", "电梯"
    ELECTRIC = "ELECTRIC", "电气"
    WATER = "WATER", "给排水"
    FIRE = "FIRE", "消防"


class WorksState(Term):
    """Where repairs stand (状态)."""

    ASKED = "ASKED", "已申请"
    PLANNED = "PLANNED", "列入计划"
    BUILDING = "BUILDING", "施工"
    ACCEPTED = "ACCEPTED", "已验收"
    SETTLED = "SETTLED", "已决算"
    REFUSED = "REFUSED", "不列入"
    CALLED_OFF = "CALLED_OFF", "已取消"


_S = WorksState
# A ledger enters what is settled already.
WORKS_LIFE = Life(
    states={
        _S.ASKED: Stage(tone="wait", icon="hourglass", to=(_S.PLANNED, _S.REFUSED, _S.CALLED_OFF)),
        _S.REFUSED: Stage(tone="stop", icon="circle-x", to=(_S.PLANNED,)),
        _S.PLANNED: Stage(tone="move", icon="calendar", to=(_S.BUILDING, _S.CALLED_OFF)),
        _S.BUILDING: Stage(tone="move", icon="tool", to=(_S.ACCEPTED,)),
        _S.ACCEPTED: Stage(tone="wait", icon="receipt", to=(_S.SETTLED,)),
        _S.SETTLED: Stage(tone="done", icon="circle-check"),
        _S.CALLED_OFF: Stage(tone="idle", icon="circle-x"),
    },
    rule="大中修先列入计划，再施工、验收、决算",
)


class Funds(Term):
    """Who pays (资金来源); the last four are not allowed."""

    BUDGET = "BUDGET", "部门预算"
    SPECIAL = "SPECIAL", "财政专项"
    SPONSOR = "SPONSOR", "赞助"
    LEVY = "LEVY", "集资摊派"
    LOAN = "LOAN", "借款"
    ADVANCE = "ADVANCE", "施工垫资"


DONE = (WorksState.ACCEPTED, WorksState.SETTLED)
OPEN = (WorksState.ASKED, WorksState.PLANNED, WorksState.BUILDING, WorksState.ACCEPTED)


@dataclass(frozen=True, kw_only=True)
class WorksAsked:
    """What a unit asks for; ``fen`` is its own estimate."""

    building_id: int
    title: str
    kind: WorksKind
    part: WorksPart
    reason: str
    fen: int


@dataclass(frozen=True, kw_only=True)
class Planned:
    """How repairs are planned: in which year, 分 from where; why sooner than usual."""

    year: int
    budget_fen: int
    funds: Funds
    special: str = ""


@dataclass(frozen=True, kw_only=True)
class Contract:
    """With whom, for how much (分), from when to when it should be done."""

    on: date
    contractor: str
    paper: str
    fen: int
    due_on: date | None = None
    over_note: str = ""


@dataclass(frozen=True, kw_only=True)
class LastWorks:
    """The last repairs of the same part of a building that were accepted."""

    number: str
    title: str
    accepted_on: date
