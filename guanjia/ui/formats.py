"""How dates, times, amounts and numbers are written on pages (one form for each thing)."""

from datetime import date, datetime, timedelta
from decimal import Decimal

from django.utils import timezone

NONE = "—"
WEEKDAYS = ("周一", "周二", "周三", "周四", "周五", "周六", "周日")
_MINUTES_PER_HOUR = 60
_SECONDS_PER_MINUTE = 60
_PHONE_LENGTH_MIN = 7


def _local(value: date | datetime) -> date | datetime:
    if isinstance(value, datetime) and timezone.is_aware(value):
        return timezone.localtime(value)
    return value


def _date_of(value: date | datetime) -> date:
    local = _local(value)
    return local.date() if isinstance(local, datetime) else local


def day(value: date | datetime, *, style: str = "", today: date | None = None) -> str:
    """A day: ``5月20日`` this year, else with the year.

    ``style``: ``iso`` 2020-05-20 · ``row`` 05-20 · ``full`` with year · ``week`` with the weekday ·
    ``near`` 今天, 明天, 昨天 where it is one of them · ``long`` 2020年5月20日 星期三.
    """
    when = _date_of(value)
    today = today or timezone.localdate()
    near = {0: "今天", 1: "明天", -1: "昨天"}
    if style == "iso":
        return f"{when:%Y-%m-%d}"
    if style == "row":
        return f"{when:%m-%d}" if when.year == today.year else f"{when:%Y-%m-%d}"
    if style == "long":
        week = WEEKDAYS[when.weekday()].replace("周", "星期")
        return f"{when.year}年{when.month}月{when.day}日 {week}"
    if style == "near" and (when - today).days in near:
        return near[(when - today).days]
    text = f"{when.month}月{when.day}日"
    if style == "full" or when.year != today.year:
        text = f"{when.year}年{text}"
    return f"{text} {WEEKDAYS[when.weekday()]}" if style == "week" else text


def clock(value: datetime, *, style: str = "") -> str:
    """The time of day: ``8:30``; ``style="row"`` gives ``08:30`` for columns."""
    local = _local(value)
    if not isinstance(local, datetime):
        return ""
    return f"{local:%H:%M}" if style == "row" else f"{local.hour}:{local:%M}"


def daytime(value: datetime, *, style: str = "", today: date | None = None) -> str:
    """Day and time: ``5月20日 8:30``; styles ``row`` 05-20 08:30, ``iso``, ``near``, ``week``."""
    padded = "row" if style in ("row", "iso") else ""
    return f"{day(value, style=style, today=today)} {clock(value, style=padded)}"


def _span_of_times(start: datetime, end: date | datetime | None, style: str) -> str:
    head = daytime(start, style=style)
    if end is None:
        return f"{head} 起"
    if isinstance(end, datetime) and _date_of(start) == _date_of(end):
        return f"{head}–{clock(end)}" if style == "near" else f"{head} 至 {clock(end)}"
    tail = daytime(end, style=style) if isinstance(end, datetime) else day(end, style=style)
    return f"{head} 至 {tail}"


def _span_of_days(start: date, end: date | datetime | None, style: str) -> str:
    head = day(start, style=style)
    if end is None:
        return f"{head}起"
    last = _date_of(end)
    if start == last:
        return head
    if style == "iso":
        return f"{head} 至 {day(last, style=style)}"
    same_month = (start.year, start.month) == (last.year, last.month)
    return f"{head}至{last.day}日" if same_month else f"{head}至{day(last, style=style)}"


def span(start: date | datetime, end: date | datetime | None, *, style: str = "") -> str:
    """From–to: ``5月20日 8:28 至 15:27``, ``5月13日至22日``; an open end reads ``5月20日 8:28 起``.

    ``style="near"`` writes 今天/明天 and joins times of one day as ``今天 14:00–17:30``.
    """
    if isinstance(start, datetime):
        return _span_of_times(start, end, style)
    return _span_of_days(start, end, style)


def duration(value: timedelta | int) -> str:
    """``27 分钟``, ``6 小时``, ``6 小时 27 分``; an integer means minutes; the sign is dropped."""
    if isinstance(value, timedelta):
        value = int(value.total_seconds() // _SECONDS_PER_MINUTE)
    hours, minutes = divmod(abs(value), _MINUTES_PER_HOUR)
    if not hours:
        return f"{minutes} 分钟"
    return f"{hours} 小时 {minutes} 分" if minutes else f"{hours} 小时"


def num(value: Decimal | float, *, places: int | None = None) -> str:
    """A number with thousands separators: ``59,251``; decimals as given or to ``places``."""
    if places is not None:
        return f"{value:,.{places}f}"
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, Decimal):
        value = value.normalize() if value != value.to_integral() else value.quantize(Decimal(1))
    return f"{value:,}"


def figure(value: Decimal | float | date | None) -> str:
    """The value of a figure: a number, a day with its year, or a dash for no day."""
    if value is None:
        return "—"
    return day(value, style="iso") if isinstance(value, date) else num(value)


def yuan(fen: int) -> str:
    """Fen as yuan, for ledgers: ``311,000.00``."""
    return f"{Decimal(fen) / 100:,.2f}"


def wan(fen: int) -> str:
    """Fen as 万元, for pages: ``29.96``."""
    return f"{Decimal(fen) / 1_000_000:,.2f}"


def joined(*parts: object) -> str:
    """What there is of the parts, with a dot between: ``轿车 · 5 座``."""
    return " · ".join(str(part) for part in parts if part)


def phone_masked(text: str) -> str:
    """``158****2391``; a number too short to mask is hidden wholly."""
    return f"{text[:3]}****{text[-4:]}" if len(text) > _PHONE_LENGTH_MIN else "****"
