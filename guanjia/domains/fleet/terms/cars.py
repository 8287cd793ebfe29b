"""The nouns of official cars (公务用车), and what rules need to know of one. Pure."""

from dataclasses import dataclass
from datetime import date

from guanjia.kernel.values.life import Life, Stage
from guanjia.kernel.values.term import Term


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


_S = CarState
# Those that still belong to the fleet: each may follow each, and disposal ends them.
KEPT = (_S.IN_USE, _S.REPAIR, _S.SEALED, _S.STOPPED, _S.TO_DISPOSE)
_LOOKS = {
    _S.IN_USE: ("done", "circle-check"), _S.REPAIR: ("wait", "tool"), _S.SEALED: ("idle", "ban"),
    _S.STOPPED: ("idle", "ban"), _S.TO_DISPOSE: ("wait", "archive"),
}  # fmt: skip
CAR_LIFE = Life(
    states={
        **{
            state: Stage(tone=tone, icon=icon, to=(*(s for s in KEPT if s != state), _S.DISPOSED))
            for state, (tone, icon) in _LOOKS.items()
        },
        _S.DISPOSED: Stage(tone="idle", icon="archive"),
    },
    rule="已处置的车不再改状态",
)


class Body(Term):
    """What a car is built as (车型), after which its ceilings and its service life are judged."""

    SEDAN = "SEDAN", "轿车"
    SMALL = "SMALL", "其他小型客车"
    MEDIUM = "MEDIUM", "中型客车"
    LARGE = "LARGE", "大型客车"
    TRUCK = "TRUCK", "载货汽车"
    WORK = "WORK", "专项作业车"


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
