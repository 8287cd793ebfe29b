"""The nouns of findings (用房问题): what the rows tell that should not be. Pure."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from guanjia.kernel.regulations.verdict import Citation
from guanjia.kernel.values.life import Life, Stage
from guanjia.kernel.values.term import Term


class FindingCode(Term):
    """What was found (情形)."""

    OVER_AREA = "OVER_AREA", "房间超面积"
    UNIT_OVER = "UNIT_OVER", "单位超核定面积"
    TWO_OFFICES = "TWO_OFFICES", "一人多处办公室"
    LATE_LEFT = "LATE_LEFT", "离岗未腾退"
    LATE_POST = "LATE_POST", "免兼职未腾退"
    LATE_CLEARANCE = "LATE_CLEARANCE", "到期未移交"
    UNTITLED = "UNTITLED", "权属未登记"
    FUNCTION_CHANGED = "FUNCTION_CHANGED", "改变用途"
    VACANT_HELD = "VACANT_HELD", "闲置未报"
    LENT_OUT = "LENT_OUT", "转给他人使用"
    TECHNICAL_MISUSE = "TECHNICAL_MISUSE", "技术业务用房混用"


class FindingState(Term):
    """Where a finding stands (状态)."""

    RAISED = "RAISED", "待说明"
    EXPLAINED = "EXPLAINED", "待处理"
    MENDING = "MENDING", "整改中"
    CLOSED = "CLOSED", "办结"


OPEN_STATES = (FindingState.RAISED, FindingState.EXPLAINED, FindingState.MENDING)
_S = FindingState
FINDING_LIFE = Life(
    states={
        _S.RAISED: Stage(tone="wait", icon="hourglass", to=(_S.EXPLAINED, _S.MENDING, _S.CLOSED)),
        _S.EXPLAINED: Stage(tone="wait", icon="gavel", to=(_S.RAISED, _S.MENDING, _S.CLOSED)),
        _S.MENDING: Stage(tone="move", icon="tool", to=(_S.CLOSED,)),
        _S.CLOSED: Stage(tone="done", icon="circle-check"),
    },
    rule="用房问题先说明、再处理，情形消除后办结，每一步留痕",
)


class Outcome(Term):
    """What came of a finding (处理结果)."""

    MEND = "MEND", "整改"
    UNFOUNDED = "UNFOUNDED", "不成立"
    GONE = "GONE", "情形已消除"
    CONTINUED = "CONTINUED", "情形有变，另列"


DECISIONS = (Outcome.MEND, Outcome.UNFOUNDED)


class Measure(Term):
    """In what a finding is measured."""

    AREA = "AREA", "㎡"
    PLACES = "PLACES", "处"
    DAYS = "DAYS", "天"
    NONE = "NONE", ""


@dataclass(frozen=True, kw_only=True)
class Found:
    """Something the rules found about one subject on a day.

    ``subject`` names what it is about and stays the same when the same facts are judged again.
    ``measured`` against ``limit`` in ``measure``; ``since`` is the day from which the cited value
    holds. ``unit_id`` is who explains it; ``None``: the bureau itself.
    """

    code: FindingCode
    subject: str
    label: str
    headline: str
    sentence: str
    cite: Citation
    since: date | None = None
    measured: Decimal | None = None
    limit: Decimal | None = None
    measure: Measure = Measure.NONE
    unit_id: int | None = None
    room_id: int | None = None
    person_id: int | None = None
    building_id: int | None = None


# ── what the rules of findings judge ─────────────────────────────────────────────────────


@dataclass(frozen=True, kw_only=True)
class OfficeSeat:
    """An office in which somebody sits; ``of_post``: at a unit where they hold a further post."""

    room_id: int
    room: str
    usable_m2: Decimal
    unit_id: int | None
    of_post: bool = False


@dataclass(frozen=True, kw_only=True)
class LeaverFacts:
    """Somebody who left, or was relieved of a further post, and whether they still sit there."""

    person_id: int
    person: str
    on: date
    room_id: int
    room: str
    unit_id: int | None


@dataclass(frozen=True, kw_only=True)
class LateFacts:
    """Rooms that were to be back and are not; ``cite`` is where the time is written."""

    clearance_id: int
    number: str
    reason: str
    begins_on: date
    due_on: date
    rooms: str
    room_ids: tuple[int, ...]
    unit_id: int | None
    cite: Citation | None = None


@dataclass(frozen=True, kw_only=True)
class BuildingFacts:
    """A building with the state of its title."""

    id: int
    name: str
    delivered: bool
    title: str  # label of the state
    titled: bool
    delivered_on: date | None = None


@dataclass(frozen=True, kw_only=True)
class UseFacts:
    """What a unit does with a room that it holds."""

    room_id: int
    room: str
    unit_id: int | None
    unit: str
    since: date | None = None
    given_as: str = ""  # the class when it was given
    now_as: str = ""
    empty_since: date | None = None
    people: tuple[str, ...] = ()
