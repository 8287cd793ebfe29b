"""The nouns of the count (统计摸底): surveys, units' returns, doubts, differences. Pure.

Areas are usable space (使用面积) in ㎡.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from guanjia.domains.space.terms.ledger import RoomKind, RoomState
from guanjia.kernel.values.life import Life, Stage
from guanjia.kernel.values.term import Term

# The classes for which space is approved by unit, with what a unit may have of each.
APPROVED_KINDS = (RoomKind.OFFICE, RoomKind.SERVICE, RoomKind.EQUIPMENT)
NOTHING = Decimal(0)


class SurveyKind(Term):
    """Why the units are asked."""

    YEARLY = "YEARLY", "统计年报"
    ONCE = "ONCE", "专项摸底"


class SurveyState(Term):
    """Where a survey stands."""

    OPEN = "OPEN", "填报中"
    PUBLISHED = "PUBLISHED", "已发布"
    OFF = "OFF", "已取消"


SURVEY_LIFE = Life(
    states={
        SurveyState.OPEN: Stage(
            tone="move", icon="pencil", to=(SurveyState.PUBLISHED, SurveyState.OFF)
        ),
        SurveyState.PUBLISHED: Stage(tone="done", icon="circle-check"),
        SurveyState.OFF: Stage(tone="idle", icon="ban"),
    },
    rule="统计摸底发布或取消以后不再变动",
)


class ReturnState(Term):
    """Where the return of one unit stands, level by level."""

    FILLING = "FILLING", "待填报"
    SENT = "SENT", "待单位审批"
    APPROVED = "APPROVED", "待审核"
    ACCEPTED = "ACCEPTED", "已通过"
    EXCUSED = "EXCUSED", "免报"


_R = ReturnState
RETURN_LIFE = Life(
    states={
        # Approved at once: a unit in which nobody approves.
        _R.FILLING: Stage(tone="wait", icon="pencil", to=(_R.SENT, _R.APPROVED, _R.EXCUSED)),
        _R.EXCUSED: Stage(tone="idle", icon="circle-dashed", to=(_R.FILLING,)),
        _R.SENT: Stage(tone="wait", icon="hourglass", to=(_R.FILLING, _R.APPROVED)),
        _R.APPROVED: Stage(tone="wait", icon="gavel", to=(_R.FILLING, _R.ACCEPTED)),
        _R.ACCEPTED: Stage(tone="done", icon="circle-check"),
    },
    rule="填报先由单位审批，再由管理部门审核",
)

# Returns on which somebody still has to do something before the report can be published.
OUTSTANDING = (ReturnState.FILLING, ReturnState.SENT, ReturnState.APPROVED)


class Entry(Term):
    """What a unit says of a room: it has it, it has one more, it does not have it."""

    KEPT = "KEPT", "在用"
    ADDED = "ADDED", "新增"
    STRUCK = "STRUCK", "核减"


class Severity(Term):
    """What a doubt costs: it must be put right, it must be explained, it is only told."""

    FAULT = "FAULT", "应更正"
    DOUBT = "DOUBT", "应说明"
    NOTE = "NOTE", "提示"


class CheckCode(Term):
    """What is checked of a return; how grave each is stands in ``space.survey.severity``."""

    FACTS_MISSING = "FACTS_MISSING", "单位情况没有填"
    AREA_MISSING = "AREA_MISSING", "没有面积"
    AREA_ODD = "AREA_ODD", "面积不合常理"
    WHY_MISSING = "WHY_MISSING", "增减没有原因"
    EMPTY_SEATED = "EMPTY_SEATED", "空置却有使用人"
    ROOM_TWICE = "ROOM_TWICE", "两个单位都填"
    PERSON_TWICE = "PERSON_TWICE", "一人填在几间房"
    PERSON_LEFT = "PERSON_LEFT", "使用人已离职"
    PERSON_ELSEWHERE = "PERSON_ELSEWHERE", "使用人不是本单位的人"
    MORE_SEATED = "MORE_SEATED", "使用人多于实有人数"
    MORE_PRESENT = "MORE_PRESENT", "实有人数多于编制"
    OVER_APPROVED = "OVER_APPROVED", "超过核定面积"
    MOVED = "MOVED", "比上次变动大"
    DIFFERS = "DIFFERS", "与台账不同"


class DoubtState(Term):
    """What came of a doubt."""

    OPEN = "OPEN", "待处理"
    EXPLAINED = "EXPLAINED", "已说明"
    GONE = "GONE", "已更正"


DOUBT_LIFE = Life(
    states={
        DoubtState.OPEN: Stage(
            tone="wait", icon="alert-triangle", to=(DoubtState.EXPLAINED, DoubtState.GONE)
        ),
        DoubtState.EXPLAINED: Stage(
            tone="done", icon="message-check", to=(DoubtState.OPEN, DoubtState.GONE)
        ),
        DoubtState.GONE: Stage(
            tone="done", icon="circle-check", to=(DoubtState.OPEN, DoubtState.EXPLAINED)
        ),
    },
    rule="已更正的疑点不用说明",
)


class DiffKind(Term):
    """In what an accepted return differs from the ledger, one row for each thing to adopt."""

    ADDED = "ADDED", "台账没有这间房"
    HOLDER = "HOLDER", "使用单位"
    STRUCK = "STRUCK", "单位不再使用"
    KIND = "KIND", "房间类别"
    AREA = "AREA", "使用面积"
    STATE = "STATE", "状态"
    PEOPLE = "PEOPLE", "使用人"


class DiffState(Term):
    """Whether a difference went into the ledger."""

    OPEN = "OPEN", "待处理"
    ADOPTED = "ADOPTED", "已采纳"
    DECLINED = "DECLINED", "未采纳"


_D = DiffState
DIFFERENCE_LIFE = Life(
    states={
        _D.OPEN: Stage(tone="wait", icon="gavel", to=(_D.ADOPTED, _D.DECLINED)),
        _D.ADOPTED: Stage(tone="done", icon="circle-check"),
        _D.DECLINED: Stage(tone="idle", icon="ban", to=(_D.ADOPTED,)),
    },
    rule="填报差异采纳以后不再变动",
)


class FactSource(Term):
    """Where a room of the report comes from."""

    RETURN = "RETURN", "单位填报"
    LEDGER = "LEDGER", "总台账"


@dataclass(frozen=True, kw_only=True)
class PersonFiled:
    """Somebody named in a return, as the people's register has them."""

    id: int
    name: str
    unit_path: str
    unit: str
    left_on: date | None = None


@dataclass(frozen=True, kw_only=True)
class RoomFiled:
    """A room as a unit returns it beside what the ledger had; ``ledger_*`` empty if it had none.

    ``room_id`` is empty for a room the ledger does not know; ``others`` are the units that return
    the same room too.
    """

    id: int
    name: str
    entry: Entry
    kind: RoomKind
    state: RoomState
    usable_m2: Decimal | None
    people: tuple[PersonFiled, ...] = ()
    why: str = ""
    room_id: int | None = None
    ledger_kind: RoomKind | None = None
    ledger_state: RoomState | None = None
    ledger_m2: Decimal | None = None
    ledger_people: tuple[int, ...] = ()
    ledger_names: str = ""
    others: tuple[str, ...] = ()

    @property
    def counts(self) -> bool:
        """Whether the unit says that it has the room."""
        return self.entry is not Entry.STRUCK

    @property
    def people_ids(self) -> tuple[int, ...]:
        """Who sits there, by id."""
        return tuple(sorted(person.id for person in self.people))


@dataclass(frozen=True, kw_only=True)
class UnitFiled:
    """A unit's return as the checks look at it.

    ``approved`` holds what it may have by class (㎡, ``None`` where nothing can be said),
    ``before_m2`` what it returned in all the last time.
    """

    name: str
    path: str
    established: int | None
    present: int | None
    leased_m2: Decimal | None
    rooms: tuple[RoomFiled, ...] = ()
    approved: Mapping[RoomKind, Decimal | None] = field(default_factory=dict)
    before_m2: Decimal | None = None
    before_title: str = ""


@dataclass(frozen=True, kw_only=True)
class Doubt:
    """Something a check found. ``subject`` names what it is about: ``room:12``, ``kind:OFFICE``;
    with ``sentence`` it says whether it is still the same doubt. ``said`` explains it already."""

    code: CheckCode
    severity: Severity
    subject: str
    label: str
    sentence: str
    row_id: int | None = None
    said: str = ""


@dataclass(frozen=True, kw_only=True)
class Difference:
    """One thing in which an accepted row differs from the ledger, with both values in words."""

    kind: DiffKind
    row_id: int
    ours: str
    theirs: str


@dataclass(kw_only=True)
class Progress:
    """How far the units of a survey are."""

    units: int = 0
    filling: int = 0
    back: int = 0
    sent: int = 0
    approved: int = 0
    accepted: int = 0
    excused: int = 0
    late: int = 0
    reported: int = 0
    on_time: int = 0
    doubts: int = 0
    differences: int = 0

    @property
    def outstanding(self) -> int:
        """Units whose return has not been accepted or excused."""
        return self.filling + self.sent + self.approved

    @property
    def share(self) -> int:
        """How many of those that must report are through, in whole percent."""
        must = self.units - self.excused
        return round(100 * self.accepted / must) if must else 0

    @property
    def on_time_rate(self) -> int | None:
        """How many of those that reported, or whose time is over, did so in time, in percent."""
        judged = self.reported + self.late
        return round(100 * self.on_time / judged) if judged else None
