"""Beside the board: what can be done with the chosen request; the facts of a journey."""

from datetime import datetime
from typing import Any

from guanjia.domains.fleet.actions import dispatching
from guanjia.domains.fleet.models import Car, Trip
from guanjia.domains.fleet.pages import lanes
from guanjia.domains.fleet.pages.look import Look
from guanjia.domains.fleet.queries import archive, means, sheets
from guanjia.domains.fleet.rules import dispatch
from guanjia.domains.fleet.terms.trips import TripState
from guanjia.kernel.regulations.lawbook import law_at
from guanjia.kernel.regulations.verdict import Finding, refuse
from guanjia.kernel.values.actor import Actor, Scope

DISPATCH = "fleet.trip.dispatch"
NEAR = 3
SIMILAR_MAX = 5


def panel(
    actor: Actor,
    trip: Trip,
    look: Look,
    trips: list[Trip],
    *,
    at: datetime,
    findings: tuple[Finding, ...],
) -> dict[str, Any] | None:
    """What can be done with a request: nearest cars, drivers, another time, sharing."""
    if trip.state not in (TripState.APPROVED, TripState.DISPATCHED):
        return {"trip": trip, "closed": True, "verdict": findings}
    scope = actor.scope(DISPATCH)
    law = law_at(trip.planned_from)
    tried = archive.cars(scope).filter(pk=look.car_id).first() if look.car_id else None
    if tried is not None and not findings:
        findings = _judged(scope, trip, tried, look.driver_id, at=at)
    taken = any(finding.code == "car_taken" for finding in findings)
    first = _wished(scope, trip, at) if tried is None or findings else tried
    near = _near(scope, trip, first, law=law, at=at)
    seats = near[0]["seats"] if near else trip.passengers + 1
    return {
        "trip": trip,
        "verdict": findings,
        "holders": holders(scope, findings),
        "tried": tried,
        "near": near,
        "least": trip.passengers + 1,
        "drivers": means.free_drivers(
            scope=scope, begin=trip.planned_from, end=trip.planned_to, at=at,
            licences=means.licences_for(seats=seats, law=law),
        ),
        "driver_id": look.driver_id,
        "later": _later(trip, tried, trips, at) if tried and taken else None,
        "carriers": _carriers(scope, trip),
        "changes": trip.state == TripState.DISPATCHED,
    }  # fmt: skip


def holders(scope: Scope, findings: tuple[Finding, ...]) -> list[tuple[str, int]]:
    """The journeys that stand in the way, as the rules name them: (words, id of the trip)."""
    named = {
        option.value: option.label
        for finding in findings
        for option in finding.options
        if option.act == "trip"
    }
    if not named:
        return []
    rows = sheets.trips(scope).filter(number__in=named).order_by("planned_from", "pk")
    return [
        (named[number] if len(named) == 1 else f"{named[number]} {number}", pk)
        for number, pk in rows.values_list("number", "pk")
    ]


def _wished(scope: Scope, trip: Trip, at: datetime) -> Car | None:
    """The car the applicant wished for, where it is free."""
    if trip.wished_car_id is None:
        return None
    free = means.free_cars(
        scope=scope, begin=trip.planned_from, end=trip.planned_to, passengers=trip.passengers,
        unit_id=trip.unit_id, at=at,
    )  # fmt: skip
    found: Car | None = free.filter(pk=trip.wished_car_id).first()
    return found


def _judged(
    scope: Scope, trip: Trip, car: Car, driver_id: int | None, *, at: datetime
) -> tuple[Finding, ...]:
    driver = archive.drivers(scope).filter(pk=driver_id).first() if driver_id else None
    driver = driver or means.suggested_driver(
        scope=scope, car=car, begin=trip.planned_from, end=trip.planned_to,
        law=law_at(trip.planned_from), at=at,
    )  # fmt: skip
    if driver is None:
        return refuse(
            "no_driver", "这段时间没有空着的驾驶员能驾这辆车。", "换一辆车，或改时间。",
            dispatch.ONE_DRIVER, field="driver",
        ).refusals  # fmt: skip
    return dispatching.judge_dispatch(
        scope=scope, trip=trip, car=car, driver=driver, at=at
    ).refusals


def _near(
    scope: Scope, trip: Trip, first: Car | None, *, law: Any, at: datetime
) -> list[dict[str, Any]]:
    """The cars to send: the tried one where it may go, then the nearest free ones."""
    found = means.nearest_free(scope=scope, trip=trip, at=at, limit=NEAR)
    rows = [
        {"id": car.id, "plate": car.plate, "colour": car.colour, "seats": car.seats,
         "note": car.note}
        for car in found
    ]  # fmt: skip
    if first is not None:
        rows = [row for row in rows if row["id"] != first.pk]
        rows.insert(0, {
            "id": first.pk, "plate": first.plate, "colour": first.get_plate_colour_display(),
            "seats": first.seats,
            "note": "指定" if first.pk == trip.wished_car_id else "可派",
        })  # fmt: skip
    cars = archive.cars(scope).in_bulk([row["id"] for row in rows])
    for row in rows:
        row["driver"] = cars.get(row["id"]) and means.suggested_driver(
            scope=scope, car=cars[row["id"]], begin=trip.planned_from, end=trip.planned_to,
            law=law, at=at,
        )  # fmt: skip
    return rows[: NEAR + 1]


def _later(trip: Trip, car: Car, trips: list[Trip], at: datetime) -> dict[str, Any] | None:
    others = [other for other in trips if other.car_id == car.pk and other.pk != trip.pk]
    length = trip.planned_to - trip.planned_from
    begin = lanes.earliest(others, begin=trip.planned_from, length=length, at=at)
    if begin is None or begin <= trip.planned_from:
        return None
    return {"begin": begin, "end": begin + length, "car_id": car.pk}


def _carriers(scope: Scope, trip: Trip) -> list[Trip]:
    """Dispatched journeys the same way at the same time, with enough seats left at first sight."""
    if trip.state != TripState.APPROVED:
        return []
    found = sheets.similar(
        scope=scope, trip_from=trip.planned_from, trip_to=trip.planned_to,
        destination=trip.destination,
    ).filter(state=TripState.DISPATCHED, car__seats__gt=trip.passengers + 1)  # fmt: skip
    return list(found.exclude(pk=trip.pk)[:SIMILAR_MAX])


def peek(trip: Trip, at: datetime) -> dict[str, Any]:
    """The opened journey with the readings its acts begin from."""
    last = (
        means.reading_before(car_id=trip.car_id, at=at, without=trip.pk)
        if trip.car_id and trip.state == TripState.DISPATCHED
        else None
    )
    return {
        "trip": trip,
        "late": lanes.is_late(trip, at),
        "last": last,
        "sharers": list(trip.sharers.exclude(state=TripState.CANCELLED).select_related("unit")),
    }
