"""Who may write what about meters, and which readings are ours. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from guanjia.domains.energy.rules import counting
from guanjia.domains.energy.terms.meters import READING_SCALE, AsideReason
from guanjia.kernel.regulations.verdict import Verdict, refuse

# No meter is planned to hang longer; the calendar of the program ends.
LATEST = date(2199, 12, 31)


@dataclass(frozen=True, kw_only=True)
class Window:
    """What time readings may be of: from the first day that is kept up to the clocks' tolerance."""

    oldest: datetime
    newest: datetime


@dataclass(frozen=True, kw_only=True)
class Known:
    """A meter as intake needs it; ``until`` is the moment its last day ends."""

    pk: int
    installed_at: datetime
    until: datetime | None


def why_aside(known: Known | None, at: datetime, window: Window) -> AsideReason | None:
    """Why a reading is not taken; ``None`` when it is."""
    if known is None:
        return AsideReason.UNKNOWN
    if at > window.newest:
        return AsideReason.FUTURE
    if at < window.oldest:
        return AsideReason.TOO_OLD
    if at < known.installed_at:
        return AsideReason.BEFORE
    if known.until is not None and at >= known.until:
        return AsideReason.AFTER
    return None


@dataclass(frozen=True, kw_only=True)
class Neighbours:
    """What is known around a moment: the last good reading before, the first one after."""

    before_at: datetime | None
    before: Decimal | None
    span: int = 0  # after how many thousandths the register begins at nothing again; 0: never


@dataclass(frozen=True, kw_only=True)
class Begins:
    """From when to when a meter counts, as it is told; ``moved``: it did not begin then before."""

    number: str
    installed_at: datetime
    until: date | None
    moved: bool = True
    first_change: datetime | None = None


def may_begin(told: Begins, *, now: datetime, oldest: date) -> Verdict:
    """A meter begins neither tomorrow nor long ago (what lies between would be laid over years of
    days), before its device was changed, and ends after it began."""
    headline, name, day = "没有登记：", f"表 {told.number}", told.installed_at.date()
    if told.installed_at > now:
        sentence = f"{name} 的起用时间还没有到，核对时间。"
        return refuse("in_the_future", headline, sentence, field="installed_at")
    if told.moved and day < oldest:
        sentence = (
            f"{name} 的起用时间早于 {oldest:%Y-%m-%d}（读数保留期），"
            "填开始在这里计量的时间和那时的止码。"
        )
        return refuse("begins_long_ago", headline, sentence, field="installed_at")
    if told.first_change is not None and told.installed_at >= told.first_change:
        sentence = f"{name} {told.first_change:%Y-%m-%d %H:%M} 换过表，起用应在其前，核对时间。"
        return refuse("begins_after_change", headline, sentence, field="installed_at")
    if told.until is not None and told.until < day:
        sentence = f"{name} 的停用日期早于起用，核对日期。"
        return refuse("ends_before", headline, sentence, field="until")
    if told.until is not None and told.until > LATEST:
        sentence = f"{name} 的停用日期过远，没有定下的空着。"
        return refuse("ends_too_late", headline, sentence, field="until")
    return Verdict()


@dataclass(frozen=True, kw_only=True)
class Life:
    """The time of which something may be told of a meter: while it is in use, up to now, and from
    the first day that is counted anew (``oldest``). Moments in our time."""

    installed_at: datetime
    until: date | None
    oldest: date
    now: datetime


def may_note(*, at: datetime, life: Life) -> Verdict:
    """A reading taken by eye is of the meter's time."""
    return _in(life, at, "抄表", headline="没有保存：", field="at")


def _in(life: Life, at: datetime, what: str, *, headline: str, field: str) -> Verdict:
    """What is told is of the meter's time, not of tomorrow, and of days that are counted anew."""
    if at > life.now:
        return refuse("in_the_future", headline, f"{what}时间还没有到，核对时间。", field=field)
    if at < life.installed_at:
        sentence = f"这只表 {life.installed_at:%Y-%m-%d %H:%M} 起用，{what}应在其后。"
        return refuse("before_it_began", headline, sentence, field=field)
    if at.date() < life.oldest:
        sentence = f"{life.oldest:%Y-%m-%d} 以前（保留期外）的用量不再重新计算，不能补登{what}。"
        return refuse("too_long_ago", headline, sentence, field=field)
    if life.until is not None and at.date() > life.until:
        sentence = f"这只表 {life.until:%Y-%m-%d} 停用，之后不再{what}。"
        return refuse("after_it_ended", headline, sentence, field=field)
    return Verdict()


def may_change(
    *, at: datetime, life: Life, ended: Decimal, known: Neighbours, later: datetime | None
) -> Verdict:
    """A change of meter: in its time, after the change before it, not below what the old device had
    shown."""
    timely = _in(life, at, "换表", headline="没有登记：", field="changed_at")
    if not timely.allowed:
        return timely
    if at == life.installed_at:
        sentence = f"这只表 {at:%Y-%m-%d %H:%M} 起用，换表应在其后。"
        return refuse("before_it_began", "没有登记：", sentence, field="changed_at")
    if later is not None:
        sentence = (
            f"{later:%Y-%m-%d %H:%M} 已登记过换表，按先后登记；"
            "那次登错的，写那次的换表时间再登记一次更正。"
        )
        return refuse("changes_in_order", "没有登记：", sentence, field="changed_at")
    if known.before is not None and _ends_below(ended, known.before, known.span):
        sentence = (
            f"旧表 {known.before_at:%Y-%m-%d %H:%M} 已走到 {known.before.normalize():f}，"
            f"止码不能是 {ended.normalize():f}，核对止码。"
        )
        return refuse("ended_below", "没有登记：", sentence, field="ended")
    return Verdict()


def _ends_below(ended: Decimal, before: Decimal, span: int) -> bool:
    """Whether counting would leave out the end of an old device, as one that ran backwards."""
    return counting.gone(int((ended - before) * READING_SCALE), span, by_eye=True) < 0


def never_without(
    begin: datetime, end: datetime, uses: Iterable[tuple[datetime, datetime]]
) -> bool:
    """Whether at every moment of [begin, end) one of the uses, given likewise, goes on."""
    reached = begin
    for first, last in sorted(uses):
        if first > reached:
            return False
        reached = max(reached, last)
    return reached >= end


def may_take(*, ready: bool) -> Verdict:
    """A month is taken from meters when they have counted all of it."""
    if ready:
        return Verdict()
    sentence = "总表还没有读到月底，或有没计入的读数；补抄、登记换表、处理报警后再取，或直接填报。"
    return refuse("month_incomplete", "没有取数：", sentence)
