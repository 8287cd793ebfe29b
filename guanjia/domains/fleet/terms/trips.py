"""The nouns of trips (派车单), and the facts rules judge. Pure."""

from dataclasses import dataclass
from datetime import datetime

from guanjia.kernel.attachments.terms import Bounds
from guanjia.kernel.values.life import Life, Stage
from guanjia.kernel.values.term import Term

FILES = Bounds(count_max=6)  # what a request may carry: letters, notices of meetings, photos


class Purpose(Term):
    """What a trip serves (用途)."""

    CONFIDENTIAL = "CONFIDENTIAL", "机要通信"
    EMERGENCY = "EMERGENCY", "应急保障"
    SURVEY = "SURVEY", "调研督导"
    MEETING = "MEETING", "会议活动"
    POVERTY = "POVERTY", "精准脱贫"
    CIVIC = "CIVIC", "双创双修"
    EPIDEMIC = "EPIDEMIC", "疫情防控"


class TripState(Term):
    """Where a trip stands (状态)."""

    PENDING = "PENDING", "待审批"
    RETURNED = "RETURNED", "已退回"
    WITHDRAWN = "WITHDRAWN", "已撤回"
    APPROVED = "APPROVED", "待派车"
    DISPATCHED = "DISPATCHED", "已派车"
    OUT = "OUT", "出车中"
    FINISHED = "FINISHED", "已完成"
    CANCELLED = "CANCELLED", "已取消"


class Paper(Term):
    """Whether a trip dispatched in an emergency has its papers (补单)."""

    NONE = "NONE", "不须补单"
    OWED = "OWED", "待补单"
    PENDING = "PENDING", "补单审批中"
    DONE = "DONE", "已补单"
    REFUSED = "REFUSED", "补单未批准"


class Riding(Term):
    """Whether a trip has a car of its own or shares another's."""

    OWN = "OWN", "单独出车"
    SHARED = "SHARED", "合乘"


OPEN_STATES = (TripState.PENDING, TripState.RETURNED, TripState.WITHDRAWN, TripState.APPROVED)
BOOKED_STATES = (TripState.DISPATCHED, TripState.OUT)
_T = TripState
TRIP_LIFE = Life(
    states={
        _T.PENDING: Stage(
            tone="wait", icon="hourglass",
            to=(_T.APPROVED, _T.RETURNED, _T.WITHDRAWN, _T.CANCELLED),
        ),
        _T.RETURNED: Stage(
            tone="stop", icon="arrow-back-up",
            to=(_T.PENDING, _T.APPROVED, _T.WITHDRAWN, _T.CANCELLED),
        ),
        _T.WITHDRAWN: Stage(
            tone="idle", icon="arrow-back-up", to=(_T.PENDING, _T.APPROVED, _T.CANCELLED)
        ),
        _T.APPROVED: Stage(
            tone="wait", icon="clock-hour-4",
            to=(_T.PENDING, _T.RETURNED, _T.DISPATCHED, _T.OUT, _T.FINISHED, _T.CANCELLED),
        ),
        _T.DISPATCHED: Stage(
            tone="move", icon="steering-wheel",
            to=(_T.APPROVED, _T.OUT, _T.FINISHED, _T.CANCELLED),
        ),
        _T.OUT: Stage(tone="move", icon="road", to=(_T.FINISHED,)),
        _T.FINISHED: Stage(tone="done", icon="circle-check"),
        _T.CANCELLED: Stage(tone="idle", icon="circle-x"),
    },
    rule="先审批，再派车、出车、收车、评价",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class TripFacts:
    """What rules need to know of a request. ``passengers`` counts the riders, not the driver."""

    planned_from: datetime
    planned_to: datetime
    passengers: int
    purpose: Purpose
    unit_id: int
    urgent: bool = False
    rest_day_reason: str = ""


@dataclass(frozen=True, kw_only=True)
class Booked:
    """A stretch of time that somebody else already holds a car or a driver for.

    ``until`` is when it is expected back; ``open_ended`` when it is out and overdue.
    """

    number: str
    unit_name: str
    rider: str
    destination: str
    begin: datetime
    until: datetime
    open_ended: bool = False


@dataclass(frozen=True, kw_only=True)
class Reading:
    """An odometer reading (里程表) at one end of a trip."""

    km: int
    at: datetime
    number: str
