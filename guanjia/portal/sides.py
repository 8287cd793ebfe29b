"""What stands beside 待办: the few facts of the day, tomorrow, one's own requests; as permitted."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from guanjia.domains.fleet.queries import sheets
from guanjia.domains.fleet.terms.cars import CarState
from guanjia.domains.fleet.terms.trips import TripState
from guanjia.kernel.values.actor import Actor
from guanjia.portal import places
from guanjia.ui import formats

MINE = 5  # how many of one's own requests the panel shows


@dataclass(frozen=True, kw_only=True)
class Fact:
    """A number that opens its rows; ``apart`` puts a line above it."""

    title: str
    value: int
    unit: str
    url: str
    sub: str = ""
    apart: bool = False


@dataclass(frozen=True, kw_only=True)
class Line:
    """A line of an agenda: when, a registration label, who, and what below it."""

    when: str
    url: str
    title: str
    label: str = ""
    colour: str = ""
    sub: str = ""


@dataclass(frozen=True, kw_only=True)
class Panel:
    """A panel with facts or lines; ``more`` is the link in its head."""

    title: str
    facts: tuple[Fact, ...] = ()
    lines: tuple[Line, ...] = ()
    quiet: str = ""
    more: str = ""
    more_url: str = ""


def panels(actor: Actor, at: datetime) -> list[Panel]:
    """The panels of this person, top to bottom."""
    found = []
    if actor.can("fleet.board.see"):
        found.append(_cars_today(actor, at))
    if actor.can("fleet.trip.dispatch"):
        found.append(_tomorrow(actor, at))
    elif actor.can("fleet.trip.request") and actor.person_id:
        found.append(_mine(actor.person_id, at))
    return found


def _trips(**query: str) -> str:
    return places.maybe("fleet:trips_list", query="&".join(f"{k}={v}" for k, v in query.items()))


def _cars_today(actor: Actor, at: datetime) -> Panel:
    day = timezone.localdate(at)
    facts = sheets.day_facts(scope=actor.scope("fleet.board.see"), day=day, at=at)
    today = {"view": "all", "riding": "OWN", "went_from": str(day), "went_to": str(day)}
    gone = f"{TripState.DISPATCHED},{TripState.OUT},{TripState.FINISHED}"
    stopped = ",".join(s for s in CarState if s not in (CarState.IN_USE, CarState.DISPOSED))
    late = f"含逾期 {facts['late']} 辆" if facts["late"] else ""
    return Panel(
        title="今日车辆",
        more="车辆台账",
        more_url=places.maybe("fleet:cars_list"),
        facts=(
            Fact(title="现在可派", value=facts["free"], unit="辆", url=places.maybe("fleet:board")),
            Fact(title="出车中", value=facts["out"], unit="辆", sub=late,
                 url=_trips(view="all", state=TripState.OUT, riding="OWN")),
            Fact(title="已派未出", value=facts["promised"], unit="单",
                 url=_trips(**today, state=TripState.DISPATCHED)),
            Fact(title="停用、检修", value=facts["stopped"], unit="辆",
                 url=places.maybe("fleet:cars_list", query=f"state={stopped}")),
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
        url=places.maybe("fleet:trip", trip.pk),
        title=title,
        label=car.plate if car else "",
        colour=car.get_plate_colour_display() if car else "",
        sub=sub,
    )


def _tomorrow(actor: Actor, at: datetime) -> Panel:
    day = timezone.localdate(at) + timedelta(days=1)
    scope = actor.scope("fleet.trip.dispatch")
    rows = sheets.promised_on(scope=scope, day=day)[:8]
    return Panel(
        title="明天已派",
        more="明天看板",
        more_url=places.maybe("fleet:board", query=f"day={day}"),
        lines=tuple(
            _line(trip, formats.clock(trip.planned_from), str(trip.driver or ""),
                  f"{trip.unit} {trip.rider_name} · {trip.passengers} 人 · {trip.destination}")
            for trip in rows
        ),
        quiet="明天还没有派车",
    )  # fmt: skip


def _mine(person_id: int, at: datetime) -> Panel:
    rows = sheets.asked_by(person_id=person_id)[:MINE]
    return Panel(
        title="我的用车",
        more="全部",
        more_url=places.maybe("portal:started"),
        lines=tuple(
            _line(trip, formats.day(trip.planned_from, style="row", today=timezone.localdate(at)),
                  f"{trip.get_state_display()} · {trip.destination}",
                  f"{formats.clock(trip.planned_from)} 出车 · {trip.reason}")
            for trip in rows
        ),
        quiet="还没有申请过用车",
    )  # fmt: skip
