"""A car's and a driver's page: the archive, what is odd, the last journeys, what was done."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.http import HttpResponse
from django.utils import timezone

from guanjia.domains.fleet.acts.archive import ON_CARS, ON_DRIVERS
from guanjia.domains.fleet.models import Car, Driver, Trip
from guanjia.domains.fleet.pages import car_parts, disposal_view, lanes, oversight_view
from guanjia.domains.fleet.queries import archive, sheets
from guanjia.domains.fleet.terms.cars import CarState
from guanjia.domains.fleet.terms.drivers import DriverState
from guanjia.domains.fleet.terms.trips import TripState
from guanjia.kernel.audit.models import Record
from guanjia.kernel.registers import listing, remarks
from guanjia.kernel.registers.fields import field_of, of, title_of
from guanjia.kernel.regulations.lawbook import law_at
from guanjia.ui import pages, trail
from guanjia.ui.pages import PageRequest, needs
from guanjia.ui.sections import Section

TRIPS_SHOWN = 20
SOON_DAYS = 30
CAR_FACTS = Section(
    title="档案",
    fields=(
        of(Car.use),
        of(Car.make),
        of(Car.unit, imported=False),
        of(Car.keeping),
        of(Car.seats, unit="座"),
        of(Car.energy),
        of(Car.displacement_l, unit="L"),
        of(Car.body),
        of(Car.tank_l, unit="L"),
        of(Car.battery_kwh, unit="kWh"),
        of(Car.price_fen, unit="万元"),
        of(Car.registered_on),
        of(Car.odometer_km, unit="公里", heading="里程表"),
        of(Car.vin),
        of(Car.terminal),
    ),
)
DRIVER_FACTS = Section(
    title="档案",
    fields=(of(Driver.number), of(Driver.unit, imported=False), of(Driver.licence)),
)
_STATES = {"fleet.car": CarState, "fleet.driver": DriverState}


@dataclass(frozen=True, kw_only=True)
class Leg:
    """A journey of the car and how its reading joins the one before (里程相接)."""

    trip: Trip
    gap_km: int | None
    odd: bool


class Explanation(forms.Form):
    """The answer to an open remark."""

    explanation = forms.CharField(
        required=False, max_length=500, error_messages={"max_length": "说明最多 500 个字。"}
    )


# ── a car ──────────────────────────────────────────────────────────────────────────────────


@needs("fleet.car.see")
def car(request: PageRequest, car_id: int) -> HttpResponse:
    """One car."""
    actor, at = request.actor, timezone.now()
    car: Car = archive.cars(request.scope).get(pk=car_id)
    today = lanes.day_of(at)
    context = {
        "car": car,
        "facts": CAR_FACTS.rows(car),
        "until": [
            _until("检验有效期止", car.inspected_until, today),
            _until("保险期止", car.insured_until, today),
        ],
        "remarks": remarks.open_remarks(register="fleet.cars", object_ids=[car.pk]).get(car.pk, []),
        "legs": _legs(car, actor.scope("fleet.trip.see"), at)
        if actor.can("fleet.trip.see")
        else [],
        "sees_trips": actor.can("fleet.trip.see"),
        "records": trail.told(model="fleet.car", pk=car.pk, change=_change),
        "ending": disposal_view.of_car(actor=actor, car=car, at=at),
        **car_parts.sections(car=car, actor=actor, today=today),
        "watched": oversight_view.of_car(actor=actor, car=car, today=today),
        "acts": [act for act in ON_CARS if act.may(actor, car)],
        "may_explain": actor.can("fleet.car.enter"),
    }
    return pages.render(request, "fleet/car.html", context)


def _until(title: str, day: Any, today: Any) -> dict[str, Any]:
    """A day until which something is valid: how many days are left, or that it is over."""
    left = (day - today).days if day is not None else None
    tone = ""
    if left is not None:
        tone = "stop" if left < 0 else "wait" if left <= SOON_DAYS else ""
    return {"title": title, "day": day, "left": left, "tone": tone}


def _legs(car: Car, scope: Any, at: datetime) -> list[Leg]:
    """The last journeys, the newest first, each with the gap to the one before."""
    rows = list(
        sheets.trips(scope)
        .filter(car=car, went_at__isnull=False)
        .exclude(state=TripState.CANCELLED)
        .order_by("-went_at")[: TRIPS_SHOWN + 1]
    )
    limit = int(law_at(at)["fleet.odometer.gap_doubt"].value)
    legs = []
    for place, trip in enumerate(rows[:TRIPS_SHOWN]):
        before = rows[place + 1] if place + 1 < len(rows) else None
        gap = None
        if before is not None and before.end_km is not None and trip.start_km is not None:
            gap = trip.start_km - before.end_km
        legs.append(Leg(trip=trip, gap_km=gap, odd=gap is not None and not 0 <= gap <= limit))
    return legs


def _change(record: Record) -> str:
    """From which state into which."""
    after = (record.after or {}).get("state")
    before = (record.before or {}).get("state")
    states = _STATES[record.on_type]
    known = {state.value for state in states}
    if after in known and before in known:
        return f"{states(before).label} → {states(after).label}"
    return ""


# ── a driver ───────────────────────────────────────────────────────────────────────────────


@needs("fleet.driver.see")
def driver(request: PageRequest, driver_id: int) -> HttpResponse:
    """One driver."""
    actor = request.actor
    found = archive.drivers(request.scope).get(pk=driver_id)
    whole = actor.can("fleet.driver.reveal")
    mobile = found.mobile if whole else str(listing.masked(found.mobile) if found.mobile else "")
    rows = sheets.trips(actor.scope("fleet.trip.see")).filter(driver=found)
    context = {
        "driver": found,
        "facts": [*DRIVER_FACTS.rows(found), (title_of(field_of(Driver.mobile)), mobile)],
        "until": [_until("驾驶证有效期止", found.licence_until, timezone.localdate())],
        "trips": rows.order_by("-departure")[:TRIPS_SHOWN] if actor.can("fleet.trip.see") else [],
        "sees_trips": actor.can("fleet.trip.see"),
        "records": trail.told(model="fleet.driver", pk=found.pk, change=_change),
        "acts": [act for act in ON_DRIVERS if act.may(actor, found)],
    }
    return pages.render(request, "fleet/driver.html", context)
