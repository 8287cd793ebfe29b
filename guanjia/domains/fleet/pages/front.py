"""What the front hall shows of cars: facts of the day, one's own journeys, what a search finds."""

from datetime import date, datetime, timedelta
from typing import Any

from django.utils import timezone

from guanjia.domains.fleet.queries import archive, sheets
from guanjia.domains.fleet.terms.cars import CarState
from guanjia.domains.fleet.terms.trips import TripState
from guanjia.kernel.values.actor import Actor, Scope
from guanjia.ui import formats, search, started
from guanjia.ui.registers import addresses
from guanjia.ui.search import holds
from guanjia.ui.sides import Fact, Line, Panel, Side

MINE = 5  # how many of one's own requests the panel shows


def _trips(**query: str) -> str:
    return addresses.maybe("fleet:trips_list", query="&".join(f"{k}={v}" for k, v in query.items()))


def _cars_today(actor: Actor, at: datetime) -> Panel | None:
    if not actor.can("fleet.board.see"):
        return None
    day = timezone.localdate(at)
    facts = sheets.day_facts(scope=actor.scope("fleet.board.see"), day=day, at=at)
    today = {"view": "all", "riding": "OWN", "went_from": str(day), "went_to": str(day)}
    gone = f"{TripState.DISPATCHED},{TripState.OUT},{TripState.FINISHED}"
    stopped = ",".join(s for s in CarState if s not in (CarState.IN_USE, CarState.DISPOSED))
    late = f"含逾期 {facts['late']} 辆" if facts["late"] else ""
    return Panel(
        title="今日车辆",
        more="车辆台账",
        more_url=addresses.maybe("fleet:cars_list"),
        facts=(
            Fact(title="现在可派", value=facts["free"], unit="辆",
                 url=addresses.maybe("fleet:board")),
            Fact(title="出车中", value=facts["out"], unit="辆", sub=late,
                 url=_trips(view="all", state=TripState.OUT, riding="OWN")),
            Fact(title="已派未出", value=facts["promised"], unit="单",
                 url=_trips(**today, state=TripState.DISPATCHED)),
            Fact(title="停用、检修", value=facts["stopped"], unit="辆",
                 url=addresses.maybe("fleet:cars_list", query=f"state={stopped}")),
            Fact(title="今日派车", value=facts["journeys"], unit="单", apart=True,
                 url=_trips(**today, state=gone)),
            Fact(title="今日行驶", value=facts["km"], unit="公里", sub=f"已收车 {facts['back']} 单",
                 url=_trips(**today, state=TripState.FINISHED)),
        ),
    )  # fmt: skip


def _line(trip: Any, when: str, title: str, sub: str) -> Line:
    car = trip.carrier.car
    return Line(
        when=when,
        url=addresses.maybe("fleet:trip", trip.pk),
        title=title,
        label=car.plate if car else "",
        colour=car.get_plate_colour_display() if car else "",
        sub=sub,
    )


def _tomorrow(actor: Actor, at: datetime) -> Panel | None:
    if not actor.can("fleet.trip.dispatch"):
        return None
    day = timezone.localdate(at) + timedelta(days=1)
    scope = actor.scope("fleet.trip.dispatch")
    rows = sheets.promised_on(scope=scope, day=day)[:8]
    return Panel(
        title="明天已派",
        more="明天看板",
        more_url=addresses.maybe("fleet:board", query=f"day={day}"),
        lines=tuple(
            _line(trip, formats.clock(trip.planned_from), str(trip.driver or ""),
                  f"{trip.unit} {trip.rider_name} · {trip.passengers} 人 · {trip.destination}")
            for trip in rows
        ),
        quiet="明天还没有派车",
    )  # fmt: skip


def _mine(actor: Actor, at: datetime) -> Panel | None:
    """One's own journeys, for who asks for them; who dispatches sees tomorrow instead."""
    asks = actor.can("fleet.trip.request") and not actor.can("fleet.trip.dispatch")
    if not asks or not actor.person_id:
        return None
    rows = sheets.asked_by(person_id=actor.person_id)[:MINE]
    return Panel(
        title="我的用车",
        more="全部",
        more_url=addresses.maybe("portal:started"),
        lines=tuple(
            _line(trip, formats.day(trip.planned_from, style="row", today=timezone.localdate(at)),
                  f"{trip.get_state_display()} · {trip.destination}",
                  f"{formats.clock(trip.planned_from)} 出车 · {trip.reason}")
            for trip in rows
        ),
        quiet="还没有申请过用车",
    )  # fmt: skip


SIDES = (
    Side(place=10, panel=_cars_today),
    Side(place=20, panel=_tomorrow),
    Side(place=30, panel=_mine),
)


# ── 我发起的 ────────────────────────────────────────────────────────────────────────────────


def _asked(person_id: int) -> Any:
    return sheets.asked_by(person_id=person_id).filter(applicant=person_id)


def _show_asked(trip: Any, today: date) -> started.Line:
    return started.Line(
        name=trip.number,
        state=trip.get_state_display(),
        when=formats.daytime(trip.planned_from, style="row", today=today),
        more=(trip.rider_name, trip.destination, trip.reason),
    )


STARTED = (
    started.Kind(
        key="trips", title="用车", noun="单", url_name="fleet:trip", place=10,
        heads=("派车单号", "状态", "出车", "用车人", "目的地", "事由"), rows=_asked,
        show=_show_asked,
    ),
)  # fmt: skip


# ── search ───────────────────────────────────────────────────────────────────────────────


def _find_trips(scope: Scope, text: str) -> Any:
    found = sheets.trips(scope).filter(holds(text, "number", "rider_name", "destination"))
    return found.order_by("-planned_from", "-pk")


def _find_cars(scope: Scope, text: str) -> Any:
    return archive.cars(scope).filter(holds(text, "plate", "make")).order_by("plate")


def _find_drivers(scope: Scope, text: str) -> Any:
    return archive.drivers(scope).filter(holds(text, "name", "number")).order_by("number")


def _trip_says(trip: Any) -> str:
    words = (trip.get_state_display(), f"{trip.unit} {trip.rider_name}", trip.destination)
    return " · ".join(words)


def _car_says(car: Any) -> str:
    return f"{car.make} · {car.seats} 座 · {car.unit} · {car.get_state_display()}"


def _driver_says(driver: Any) -> str:
    return f"{driver.number} · 准驾 {driver.licence} · {driver.unit}"


SEARCHED = (
    search.Kind(
        title="派车单", verb="fleet.trip.see", url_name="fleet:trip", place=10, find=_find_trips,
        says=_trip_says,
    ),
    search.Kind(
        title="车辆", verb="fleet.car.see", url_name="fleet:car", place=20, find=_find_cars,
        says=_car_says,
    ),
    search.Kind(
        title="驾驶员", verb="fleet.driver.see", url_name="fleet:driver", place=30,
        find=_find_drivers, says=_driver_says,
    ),
)  # fmt: skip
