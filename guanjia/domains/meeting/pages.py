"""One meeting, a day and a week of all rooms, and the week of one. The lists are registers."""

from collections import defaultdict
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import Q
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone

from guanjia.domains.meeting import queries as reading
from guanjia.domains.meeting.acts import ACTS, AMEND_ROOM
from guanjia.domains.meeting.models import Booking, MeetingRoom
from guanjia.domains.meeting.terms import BookingState, Standing
from guanjia.kernel.registers.declaration import Column
from guanjia.kernel.registers.fields import of
from guanjia.kernel.values.actor import Actor
from guanjia.kernel.values.period import SHANGHAI
from guanjia.ui import formats, pages, trail
from guanjia.ui.approval.panel import Station
from guanjia.ui.pages import PageRequest, needs
from guanjia.ui.sections import Section

S = BookingState
FIRST, LAST = 7, 22  # the hours that the day shows
_DAY = timedelta(days=1)
_LEAST, _MOST = date(2000, 1, 1), date(2199, 12, 24)
MEETING = Section(
    title="会议",
    fields=[
        Column(name="unit", title="主办单位", path="unit.shown"),
        Column(name="room", title="会议室", path="room.name"),
        of(Booking.starts_at),
        of(Booking.ends_at),
        of(Booking.people, unit="人"),
        of(Booking.services),
        Column(name="applicant", title="预订人", path="applicant.name"),
        of(Booking.state_note),
    ],
)
ROOM = Section(
    title="会议室",
    fields=[
        of(MeetingRoom.seats, unit="座"),
        of(MeetingRoom.equipment),
        of(MeetingRoom.asking),
        Column(name="unit", title="管理单位", path="unit.shown"),
        of(MeetingRoom.standing),
    ],
)


@needs(reading.SEE)
def booking(request: PageRequest, booking_id: int) -> HttpResponse:
    """One meeting: its life, its facts, and the acts this person may do."""
    found = reading.bookings(request.scope).get(pk=booking_id)
    context = {
        "booking": found,
        "chip": found.chip,
        "life": life(found),
        "facts": MEETING.rows(found),
        "records": trail.told(model=reading.BOOKINGS.model, pk=found.pk),
        "acts": [act for act in ACTS if not act.makes and act.may(request.actor, found)],
        "on_time": timezone.now(),
    }
    return pages.render(request, "meeting/booking.html", context)


def life(found: Booking) -> list[Station]:
    """预订, 审批, 召开: when and by whom; where it ended early, the last says why."""
    state = S(found.state)
    who = found.applicant.name if found.applicant else ""
    when = formats.daytime(found.asked_at) if found.asked_at else "台账登记"
    stations = [Station(at="done", title="预订", when=when, who=who)]
    if state in (S.REFUSED, S.CALLED_OFF):
        return [*stations, Station(at="stop", title=state.label, who=found.state_note)]
    if state == S.REQUESTED:
        keeper = found.room.unit.shown if found.room.unit else "会议室管理员"
        stations.append(Station(at="now", title="审批", when="等审批", who=keeper))
    held = {S.HELD: "done", S.BOOKED: "now"}.get(state, "later")
    return [*stations, Station(at=held, title="召开", when=formats.daytime(found.starts_at))]


# ── calendars ────────────────────────────────────────────────────────────────────────────


@needs(reading.SEE)
def day(request: PageRequest) -> HttpResponse:
    """A day of all rooms, each on a line of hours."""
    return _of_rooms(request, "day", [_asked_day(request)])


@needs(reading.SEE)
def week(request: PageRequest) -> HttpResponse:
    """A week of all rooms, a cell for each day."""
    return _of_rooms(request, "week", _asked_week(request))


@needs(reading.SEE)
def room(request: PageRequest, meetingroom_id: int) -> HttpResponse:
    """One room: what it is, and its week, each day on a line of hours."""
    found = reading.all_rooms(request.scope).get(pk=meetingroom_id)
    days = _asked_week(request)
    blocks = _blocks(request.actor, days)
    rows = [
        (formats.day(on, style="week"), _dated("day", on), "", [(on, blocks[found.pk, on])])
        for on in days
    ]
    acts = [AMEND_ROOM] if AMEND_ROOM.may(request.actor, found) else []
    return _calendar(request, "room", days, rows, room=found, facts=ROOM.rows(found), acts=acts)


def _asked_day(request: PageRequest) -> date:
    try:
        asked = date.fromisoformat(request.GET.get("on", ""))
    except ValueError:
        return timezone.localdate()
    return min(max(asked, _LEAST), _MOST)


def _asked_week(request: PageRequest) -> list[date]:
    asked = _asked_day(request)
    monday = max(asked - timedelta(days=asked.weekday()), _LEAST)
    return [monday + timedelta(days=step) for step in range(7)]


def _dated(name: str, on: date, *args: int) -> str:
    return f"{reverse(f'meeting:{name}', args=args)}?on={min(max(on, _LEAST), _MOST)}"


def _of_rooms(request: PageRequest, name: str, days: list[date]) -> HttpResponse:
    """The rooms that can be booked, and closed ones that somebody has nevertheless."""
    blocks = _blocks(request.actor, days)
    taken = {room_id for room_id, _ in blocks}
    rooms = reading.all_rooms(request.scope).filter(Q(standing=Standing.OPEN) | Q(pk__in=taken))
    rows = []
    for one in rooms:
        cells = [(on, blocks[one.pk, on]) for on in days]
        rows.append((one.name, _dated("room", days[0], one.pk), one.told, cells))
    return _calendar(request, name, days, rows)


def _calendar(
    request: PageRequest, name: str, days: list[date], rows: Any, *, room: Any = None, **more: Any
) -> HttpResponse:
    """A page of lines or cells; a row: its title, address, second line, and blocks by day."""
    args, step = [room.pk] if room else [], timedelta(days=len(days))
    context = {
        "name": name,
        "days": days,
        "rows": rows,
        "room": room,
        "today": timezone.localdate(),
        "hours": range(FIRST, LAST),
        "before": _dated(name, days[0] - step, *args),
        "now": reverse(f"meeting:{name}", args=args),
        "after": _dated(name, days[0] + step, *args),
        "views": [
            {"title": title, "url": _dated(key, days[0]), "current": key == name}
            for key, title in (("day", "日"), ("week", "周"))
        ],
        "may_book": request.actor.can(reading.REQUEST),
    }
    return pages.render(request, "meeting/calendar.html", context | more)


def _blocks(actor: Actor, days: list[date]) -> dict[tuple[int, date], list[dict[str, Any]]]:
    """The bookings of some days by room and day, each with its place on the line of hours."""
    found = defaultdict(list)
    midnights = [datetime.combine(on, time.min, SHANGHAI) for on in days]
    rows = reading.of_span(actor=actor, start=midnights[0], end=midnights[-1] + _DAY)
    for row, seen in rows:
        for start in midnights:
            if row.starts_at < start + _DAY and row.ends_at > start:
                found[row.room_id, start.date()].append(_block(row, seen, start))
    return found


def _block(row: Booking, seen: bool, midnight: datetime) -> dict[str, Any]:
    """``seen``: whether the reader may know what it is; else the page says 占用."""
    opens, hours = midnight + timedelta(hours=FIRST), timedelta(hours=LAST - FIRST)
    left, right = (
        min(max((moment - opens) / hours, 0), 1) * 100 for moment in (row.starts_at, row.ends_at)
    )
    return {
        "row": row if seen else None,
        "when": f"{formats.clock(row.starts_at)}–{formats.clock(row.ends_at)}",
        "waits": row.state == S.REQUESTED,
        "left": min(left, 99),
        "width": max(right - left, 1),
    }
