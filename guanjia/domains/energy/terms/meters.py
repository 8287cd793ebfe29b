"""Words of meters (表计), of what they send, and of the alarms that come of it. Pure."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from guanjia.kernel.values.life import Life, Stage
from guanjia.kernel.values.term import Term

# Registers (止码) are kept as whole thousandths of the meter's own unit, consumption as whole
# millionths of the source's unit: whole numbers add up, whatever the order.
READING_SCALE = 1_000
AMOUNT_SCALE = 1_000_000
# Twelve digits before the point are more than any register shows.
READING_MAX = Decimal(999_999_999_999)


class MeterRole(Term):
    """Whether a meter counts what its institution consumes, or a part of it that a main one
    counts too."""

    MAIN = "MAIN", "总表"
    SUB = "SUB", "分表"


class AsideReason(Term):
    """Why something that was sent is no reading of ours."""

    BROKEN = "BROKEN", "报文读不懂"
    UNKNOWN = "UNKNOWN", "表号没有登记"
    FUTURE = "FUTURE", "时间还没有到"
    TOO_OLD = "TOO_OLD", "早于保留期"
    BEFORE = "BEFORE", "早于起用时间"
    AFTER = "AFTER", "表计已经停用"
    DIFFERS = "DIFFERS", "同一时刻已有另一读数"


class AlarmKind(Term):
    """What is odd about what a meter counts."""

    NIGHT = "NIGHT", "夜间用能异常"
    LEAK = "LEAK", "疑似漏水"
    SILENT = "SILENT", "表计失联"
    BACKWARDS = "BACKWARDS", "读数倒走"
    JUMP = "JUMP", "读数突跳"


class Missing(Term):
    """Why a month is not taken from meters."""

    PART = "PART", "不足整月"
    DUE = "DUE", "正在汇总"
    LEFT_OUT = "LEFT_OUT", "有没计入的读数"


class AlarmState(Term):
    """Where an alarm stands: it waits, has its reason, or was put right."""

    OPEN = "OPEN", "待处理"
    EXPLAINED = "EXPLAINED", "已说明"
    CLOSED = "CLOSED", "已排除"


_A = AlarmState
ALARM_LIFE = Life(
    states={
        _A.OPEN: Stage(tone="wait", icon="bell", to=(_A.EXPLAINED, _A.CLOSED)),
        _A.EXPLAINED: Stage(tone="done", icon="message"),
        _A.CLOSED: Stage(tone="done", icon="circle-check"),
    },
    rule="表计报警说明原因，或处理后写明做法",
)


class Settling(Term):
    """The two ways of settling an alarm."""

    EXPLAINED = "EXPLAINED", "情况正常，说明原因"
    CLOSED = "CLOSED", "已经处理，写明做法"


@dataclass(frozen=True, kw_only=True)
class Line:
    """A register as a meter sent it: ``value`` in the meter's own unit, ``at`` aware."""

    number: str
    at: datetime
    value: Decimal


@dataclass(frozen=True, kw_only=True)
class SetAside:
    """Something sent that is no reading: whose (as far as it says), why, and what it was."""

    number: str
    reason: AsideReason
    sample: str
