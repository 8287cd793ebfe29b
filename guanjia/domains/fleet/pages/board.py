"""The dispatcher's board (派车看板): the day at a glance."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from django.http import HttpResponse
from django.utils import timezone

from guanjia.domains.fleet.models import Car, Trip
from guanjia.domains.fleet.pages import board_panel, lanes
from guanjia.domains.fleet.pages.look import Look
from guanjia.domains.fleet.queries import archive, means, sheets
from guanjia.domains.fleet.rules import times
from guanjia.domains.fleet.terms.cars import CarState
from guanjia.domains.fleet.terms.drivers import DriverState
from guanjia.kernel.regulations.verdict import Finding
from guanjia.kernel.values.actor import Actor, Scope
from guanjia.ui import formats, pages, timeline
from guanjia.ui.pages import PageRequest, needs

DISPATCH = "fleet.trip.dispatch"
SEE = "fleet.board.see"
QUEUE_MAX = 60


@needs(SEE)
def board(request: PageRequest) -> HttpResponse:
    """The day board; a request chosen with ``?trip=``, a car tried with ``&car=``."""
    return show(request, Look.read(request.GET), at=timezone.now())


def show(
    request: PageRequest,
    look: Look,
    *,
    at: datetime,
    findings: tuple[Finding, ...] = (),
    status: int = 200,
) -> HttpResponse:
    scope = request.actor.scope(SEE)
    chosen, peek = _one(scope, look.trip_id), _one(scope, look.peek_id)
    if look.day is None and chosen is not None:
        look = replace(look, day=lanes.day_of(chosen.planned_from))
    context = _context(request.actor, scope, look, chosen, at=at, findings=findings)
    if peek is not None:
        context["peek"] = board_panel.peek(peek, at)
    # A refresh that nobody asked for leaves the address and the last result as they are.
    context["polling"] = request.headers.get("HX-Trigger") == "board"
    response = pages.render(
        request, "fleet/board.html", context, part="fleet/board_part.html", status=status
    )
    if pages.asked_by_htmx(request) and not context["polling"]:
        response["HX-Push-Url"] = look.url()
    return response


def _one(scope: Scope, trip_id: int | None) -> Trip | None:
    return sheets.trip(scope=scope, trip_id=trip_id) if trip_id is not None else None


def _context(
    actor: Actor,
    scope: Scope,
    look: Look,
    chosen: Trip | None,
    *,
    at: datetime,
    findings: tuple[Finding, ...],
) -> dict[str, Any]:
    today = lanes.day_of(at)
    day = look.day or today
    trips = list(sheets.on_board(scope=scope, day=day))
    waiting = list(sheets.waiting(scope)[: QUEUE_MAX + 1])
    may = actor.can(DISPATCH)
    axis = _axis(day, trips, chosen, at)
    panel = (
        board_panel.panel(actor, chosen, look, trips, at=at, findings=findings)
        if chosen and may
        else None
    )
    return {
        "look": look,
        "day": day,
        "today": today,
        "is_today": day == today,
        "at": at,
        "may": may,
        "axis": axis,
        "now": axis.point(at) if day == today else "",
        "past": axis.past(at),
        "window": lanes.windows(chosen, axis),
        "groups": [
            (group, look.url(opened=_toggled(look.opened, group.key)))
            for group in _groups(
                scope, look, chosen, trips, waiting=waiting, panel=panel, axis=axis, at=at
            )
        ],
        "queue": _queue(waiting[:QUEUE_MAX], chosen, look, today),
        "waiting_count": len(waiting),
        "chosen": chosen,
        "panel": panel,
        "findings": () if panel else findings,
        "links": _links(look, day, today),
        "kinds": [{"key": key, "title": title} for key, title, _ in lanes.KINDS],
    }


def _axis(day: date, trips: list[Trip], chosen: Trip | None, at: datetime) -> timeline.Axis:
    spans = lanes.spans_of(trips, at)
    if chosen is not None:
        spans.append((chosen.planned_from, chosen.planned_to))
    if lanes.day_of(at) == day:
        spans.append((at, at + times.MINUTE))
    return timeline.axis_of(
        day=day, zone=times.ZONE, first=lanes.FIRST_HOUR, last=lanes.LAST_HOUR, spans=spans
    )


def _groups(
    scope: Scope,
    look: Look,
    chosen: Trip | None,
    trips: list[Trip],
    *,
    waiting: list[Trip],
    panel: dict[str, Any] | None,
    axis: timeline.Axis,
    at: datetime,
) -> list[lanes.Group]:
    if look.by == "driver":
        drivers = list(archive.drivers(scope).filter(state=DriverState.ON_DUTY))
        fits = _free_drivers(scope, chosen, at) if chosen and panel else set()
        return lanes.driver_groups(
            drivers=drivers, trips=trips, fits=fits, opened=look.opened, axis=axis, at=at
        )
    cars = list(archive.cars(scope).filter(state=CarState.IN_USE))
    fits = _free_cars(scope, chosen, at) if chosen and panel else set()
    clashes: dict[int, lanes.Clash] = {}
    if chosen and panel and look.car_id:
        mine = [trip for trip in trips if trip.car_id == look.car_id]
        if clash := lanes.clash_of(chosen, mine, axis=axis, at=at):
            clashes[look.car_id] = clash
    return lanes.car_groups(
        cars=cars, trips=trips, fits=fits, clashes=clashes,
        ghosts=_ghosts(cars, trips, waiting, axis, at) if look.suggests and not chosen else {},
        opened=look.opened, kind=look.kind, axis=axis, at=at,
    )  # fmt: skip


def _free_cars(scope: Scope, trip: Trip, at: datetime) -> set[int]:
    found = means.free_cars(
        scope=scope, begin=trip.planned_from, end=trip.planned_to, passengers=trip.passengers,
        unit_id=trip.unit_id, at=at,
    )  # fmt: skip
    return set(found.values_list("pk", flat=True))


def _free_drivers(scope: Scope, trip: Trip, at: datetime) -> set[int]:
    found = means.free_drivers(scope=scope, begin=trip.planned_from, end=trip.planned_to, at=at)
    return set(found.values_list("pk", flat=True))


def _ghosts(
    cars: list[Car], trips: list[Trip], waiting: list[Trip], axis: timeline.Axis, at: datetime
) -> dict[int, list[lanes.Ghost]]:
    of_day = [t for t in waiting if axis.place(t.planned_from, t.planned_to) and t.planned_to > at]
    found = lanes.suggest(waiting=of_day, cars=cars, busy=lanes.trips_by(trips, "car_id"), at=at)
    ghosts: dict[int, list[lanes.Ghost]] = {}
    for trip in of_day:
        place = axis.place(trip.planned_from, trip.planned_to)
        if place is not None and (car := found.get(trip.pk)):
            ghosts.setdefault(car.pk, []).append(lanes.Ghost(trip=trip, car_id=car.pk, place=place))
    return ghosts


def _toggled(opened: tuple[str, ...], key: str) -> tuple[str, ...]:
    return tuple(sorted(set(opened) ^ {key}))


def _when(trip: Trip, today: date) -> str:
    """``14:00–17:30`` today, ``明天 7:30`` otherwise."""
    if lanes.day_of(trip.planned_from) != today:
        return formats.daytime(trip.planned_from, style="near", today=today)
    if lanes.day_of(trip.planned_to) != today:
        return f"{formats.clock(trip.planned_from)} 起"
    return f"{formats.clock(trip.planned_from)}–{formats.clock(trip.planned_to)}"


def _queue(
    waiting: list[Trip], chosen: Trip | None, look: Look, today: date
) -> list[dict[str, Any]]:
    """The requests at the right; a dispatched journey that is to be changed stands first."""
    rows = waiting
    if chosen is not None and all(trip.pk != chosen.pk for trip in waiting):
        rows = [chosen, *waiting]
    return [
        {
            "trip": trip,
            "when": _when(trip, today),
            "url": look.calm.url(trip_id=trip.pk, day=lanes.day_of(trip.planned_from)),
            "current": chosen is not None and trip.pk == chosen.pk,
        }
        for trip in rows
    ]


def _links(look: Look, day: date, today: date) -> dict[str, Any]:
    step = timedelta(days=1)
    bare = replace(look.calm, suggests=look.suggests)
    return {
        "before": bare.url(day=day - step),
        "today": bare.url(day=None),
        "after": bare.url(day=day + step),
        "days": [
            {"title": "前一天", "icon": "chevron-left", "url": bare.url(day=day - step)},
            {"title": "今天" if day == today else formats.day(day, style="near", today=today),
             "url": bare.url(day=None), "current": day == today},
            {"title": "后一天", "icon": "chevron-right", "url": bare.url(day=day + step)},
        ],
        "rows": [
            {"title": "按车辆", "url": look.url(by="car"), "current": look.by == "car"},
            {"title": "按驾驶员", "url": look.url(by="driver", kind=""),
             "current": look.by == "driver"},
        ],
        "calm": look.calm.url(),
        "suggest": look.calm.url(suggests=not look.suggests),
        "here": look.url(),
        "shut": look.url(peek_id=None),
        "peek": look.begun("peek", peek_id=None),
        "change": look.calm.url(trip_id=look.peek_id),
        "propose": look.calm.begun("trip"),
        "with_car": look.begun("car", car_id=None),
        "with_driver": look.begun("driver", driver_id=None),
    }  # fmt: skip
