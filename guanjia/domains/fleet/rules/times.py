"""Moments and stretches of time as the sentences of the rules name them. Pure."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Asia/Shanghai")
MINUTE = timedelta(minutes=1)


def day_of(at: datetime) -> date:
    """The day of a moment, in Asia/Shanghai."""
    return at.astimezone(ZONE).date()


def clock(at: datetime) -> str:
    """A time as pages write it: ``14:48``, in Asia/Shanghai."""
    local = at.astimezone(ZONE)
    return f"{local.hour}:{local.minute:02d}"


def moment(at: datetime) -> str:
    """A day and time as pages write it: ``5月20日 14:48``."""
    local = at.astimezone(ZONE)
    return f"{local.month}月{local.day}日 {clock(at)}"


def span(minutes: int) -> str:
    """A stretch of time as pages write it: ``48 分钟``, ``6 小时 27 分``."""
    hours, rest = divmod(minutes, 60)
    if not hours:
        return f"{rest} 分钟"
    return f"{hours} 小时 {rest} 分" if rest else f"{hours} 小时"
