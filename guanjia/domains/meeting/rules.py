"""What must hold of bookings (预订): a time ahead, a room that fits, nobody else in it. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, time, timedelta

from guanjia.domains.meeting.terms import BOOKING_LIFE, Asked, Hall, Slot, Standing
from guanjia.kernel.regulations.verdict import ALLOWED, Citation, Verdict, refuse
from guanjia.kernel.values.period import SHANGHAI

ONE_AT_A_TIME = Citation(title="一间会议室同一时间只办一场会议", own=True)
IN_ORDER = Citation(title=BOOKING_LIFE.rule, own=True)
OPENS, CLOSES = time(8), time(18)  # between these another time is offered
STEP, AHEAD_MAX = timedelta(minutes=30), timedelta(days=366)
LONGEST = timedelta(days=1)
OFFERS = 3
_SEARCH = 14 * 24 * 2  # steps of half an hour to both sides: two weeks


def overlaps(*, one: tuple[datetime, datetime], other: tuple[datetime, datetime]) -> bool:
    """Whether two half-open spans share a moment: one may begin when the other ends."""
    return one[0] < other[1] and other[0] < one[1]


def may_ask(*, asked: Asked, seats: int | None, standing: Standing, at: datetime) -> Verdict:
    """A title, a time ahead in order, a room in use with seats enough."""
    verdict = ALLOWED
    if not asked.title.strip():
        verdict += refuse("no_title", "没有填会议名称。", "写明开什么会。", field="title")
    if asked.ends_at <= asked.starts_at:
        verdict += refuse(
            "ends_before", "结束早于开始。", "结束时间应在开始时间以后。", field="until"
        )
    elif asked.ends_at - asked.starts_at > LONGEST:
        verdict += refuse("too_long", "时间过长。", "跨天的会议按天预订。", field="until")
    if asked.starts_at <= at:
        verdict += refuse("past", "开始时间已过。", "预订以后的时间。", field="since")
    elif asked.starts_at > at + AHEAD_MAX:
        verdict += refuse("too_far", "时间太远。", "最多提前一年预订。", field="day")
    if standing == Standing.CLOSED:
        verdict += refuse("closed", "会议室停用。", "选其他会议室。", field="room")
    if asked.people < 1:
        verdict += refuse("no_people", "没有填参会人数。", "至少 1 人。", field="people")
    elif seats is not None and asked.people > seats:
        sentence = f"这间有 {seats} 座，参会 {asked.people} 人，选座位够的会议室。"
        verdict += refuse("too_small", "会议室座位不够。", sentence, field="people")
    return verdict


def is_free(hall: Hall, starts_at: datetime, ends_at: datetime) -> bool:
    """Whether nothing in the room overlaps the half-open span."""
    span = (starts_at, ends_at)
    return not any(overlaps(one=span, other=taken) for taken in hall.busy)


def nearest_free(*, halls: Sequence[Hall], wanted: Asked, at: datetime) -> list[Slot]:
    """At most three places for the same length: other rooms at that time, the smallest that holds
    everybody first; then the same room at the nearest times of an office day from ``at`` on."""
    start, end = wanted.starts_at, wanted.ends_at
    fitting = sorted(
        (hall for hall in halls if hall.seats >= wanted.people),
        key=lambda hall: (hall.seats, hall.name),
    )
    found = [
        Slot(hall.name, start, end)
        for hall in fitting
        if hall.room_id != wanted.room_id and is_free(hall, start, end)
    ]
    same = next((hall for hall in halls if hall.room_id == wanted.room_id), None)
    if same is not None and len(found) < OFFERS:
        found += _other_times(same, start, end - start, at)
    return found[:OFFERS]


def _other_times(hall: Hall, start: datetime, length: timedelta, at: datetime) -> Iterator[Slot]:
    """The nearest free times first, apart from each other."""
    taken: list[tuple[datetime, datetime]] = []
    for step in range(1, _SEARCH + 1):
        for moved in (start + step * STEP, start - step * STEP):
            span = (moved, moved + length)
            apart = not any(overlaps(one=span, other=known) for known in taken)
            if moved > at and _in_hours(*span) and apart and is_free(hall, *span):
                taken.append(span)
                yield Slot(hall.name, *span)
                if len(taken) == OFFERS:
                    return


def _in_hours(start: datetime, end: datetime) -> bool:
    start, end = start.astimezone(SHANGHAI), end.astimezone(SHANGHAI)
    return start.date() == end.date() and start.time() >= OPENS and end.time() <= CLOSES


def taken(*, clashes: Iterable[Slot], free: Iterable[Slot]) -> Verdict:
    """Refused where somebody has the room, with who and when, and what is free instead."""
    known = [f"{one.what}，{span(one.starts_at, one.ends_at)}" for one in clashes]
    if not known:
        return ALLOWED
    offers = "；".join(f"{one.what} {span(one.starts_at, one.ends_at)}" for one in free)
    instead = f"可改订：{offers}。" if offers else "两周内没有合适的空档。"
    sentence = f"已有预订：{'；'.join(known)}。{instead}"
    return refuse("taken", "这段时间会议室有人用。", sentence, ONE_AT_A_TIME, field="room")


def span(start: datetime, end: datetime) -> str:
    """A span as people say it: ``5月8日 9:00–11:00``."""
    start, end = start.astimezone(SHANGHAI), end.astimezone(SHANGHAI)
    last = "" if start.date() == end.date() else f"{end.month}月{end.day}日 "
    return f"{start.month}月{start.day}日 {start.hour}:{start:%M}–{last}{end.hour}:{end:%M}"


def may_hold(*, starts_at: datetime, at: datetime) -> Verdict:
    """A meeting was held (已召开) once it has begun."""
    if starts_at > at:
        return refuse("not_yet", "会议还没有开始。", "会议开始以后登记召开。", IN_ORDER)
    return ALLOWED
