"""The nouns of official cars (公务用车), and the facts rules judge. Pure."""

from dataclasses import dataclass
from datetime import date, datetime

from guanjia.kernel.attachments.terms import Bounds
from guanjia.kernel.values.term import Term

FILES = Bounds(count_max=6)  # what a request may carry: letters, notices of meetings, photos


class Use(Term):
    """What a car is kept for (车辆类别)."""

    CONFIDENTIAL = "CONFIDENTIAL", "机要通信用车"
    EMERGENCY = "EMERGENCY", "应急保障用车"
    OTHER = "OTHER", "其他公务用车"
    LAW_ENFORCEMENT = "LAW_ENFORCEMENT", "执法执勤用车"
    SPECIAL = "SPECIAL", "特种专业技术用车"


class PlateColour(Term):
    """The colour of a number plate (号牌颜色)."""

    BLUE = "BLUE", "蓝"
    YELLOW = "YELLOW", "黄"
    GREEN = "GREEN", "绿"
    WHITE = "WHITE", "白"
    BLACK = "BLACK", "黑"
    YELLOW_GREEN = "YELLOW_GREEN", "黄绿"


class Energy(Term):
    """What moves a car (能源类型)."""

    PETROL = "PETROL", "汽油"
    DIESEL = "DIESEL", "柴油"
    ELECTRIC = "ELECTRIC", "纯电动"
    PLUG_IN = "PLUG_IN", "插电式混合动力"
    HYBRID = "HYBRID", "油电混合"
    GAS = "GAS", "天然气"
    FUEL_CELL = "FUEL_CELL", "燃料电池"


class Keeping(Term):
    """Who keeps a car (管理方式)."""

    CENTRAL = "CENTRAL", "集中管理"
    UNIT = "UNIT", "单位管理"
    LEASED = "LEASED", "租赁"


class CarState(Term):
    """Where a car stands in its life (车辆状态)."""

    IN_USE = "IN_USE", "在用"
    REPAIR = "REPAIR", "维修"
    SEALED = "SEALED", "封存"
    STOPPED = "STOPPED", "停用"
    TO_DISPOSE = "TO_DISPOSE", "待处置"
    DISPOSED = "DISPOSED", "已处置"


class Licence(Term):
    """The class of a driving licence (准驾车型)."""

    A1 = "A1", "A1"
    A2 = "A2", "A2"
    A3 = "A3", "A3"
    B1 = "B1", "B1"
    B2 = "B2", "B2"
    C1 = "C1", "C1"
    C2 = "C2", "C2"
    C3 = "C3", "C3"
    C5 = "C5", "C5"


class DriverState(Term):
    """Whether a driver can be sent out."""

    ON_DUTY = "ON_DUTY", "在岗"
    ON_LEAVE = "ON_LEAVE", "请假"
    LEFT = "LEFT", "离岗"


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


@dataclass(frozen=True, kw_only=True)
class CarFacts:
    """What rules need to know of a car; ``inspected_until`` is ``None`` when not recorded."""

    plate: str
    seats: int
    state: CarState
    use: Use
    keeping: Keeping
    unit_id: int
    unit_name: str
    inspected_until: date | None = None
    insured_until: date | None = None


@dataclass(frozen=True, kw_only=True)
class DriverFacts:
    """What rules need to know of a driver."""

    name: str
    licence: Licence
    licence_until: date
    state: DriverState


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
