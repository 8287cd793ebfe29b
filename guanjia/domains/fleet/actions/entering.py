"""Entering cars, drivers and past trips as ledgers state them; forms use the same verbs."""

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.db import transaction

from guanjia.domains.fleet import vouchers
from guanjia.domains.fleet.actions import doubting, stays
from guanjia.domains.fleet.actions.requests import SERIES
from guanjia.domains.fleet.approvals import TRIP
from guanjia.domains.fleet.models import Car, Driver, Trip
from guanjia.domains.fleet.queries import disposals, sheets
from guanjia.domains.fleet.queries.archive import CARS, DRIVERS
from guanjia.domains.fleet.rules import dispatch, journeys, prices, times
from guanjia.domains.fleet.terms.cars import KEPT, CarState, Use
from guanjia.domains.fleet.terms.drivers import DriverState, Licence
from guanjia.domains.fleet.terms.stays import CameBy, LeftBy
from guanjia.domains.fleet.terms.trips import BOOKED_STATES, TripState
from guanjia.kernel.acts.changing import change, locked, reasoned
from guanjia.kernel.approvals.actions import opening
from guanjia.kernel.audit import entering
from guanjia.kernel.numbering import actions as numbering
from guanjia.kernel.org.models import Person
from guanjia.kernel.registers import amending, remarks
from guanjia.kernel.registers.amending import Archive
from guanjia.kernel.registers.terms import RemarkKind
from guanjia.kernel.regulations.lawbook import law_at
from guanjia.kernel.regulations.verdict import Finding, refuse
from guanjia.kernel.values.actor import Actor

ENTER_CAR, ENTER_DRIVER = "fleet.car.enter", "fleet.driver.enter"
_NUMBER = re.compile(r"PC(\d{4})\d{4}(\d{5})")

Rows = Sequence[Mapping[str, Any]]


@transaction.atomic
def enter_cars(*, actor: Actor, rows: Rows, at: datetime) -> tuple[int, int, int]:
    """Enter cars as a ledger states them: fields of ``Car`` by name, ``unit`` as an object.

    Needs ``fleet.car.enter``. A car above what the rules allow is taken in and becomes a finding.
    Returns how many were created, changed and left as they were.
    """
    actor.must("fleet.car.enter")
    plates = [row["plate"] for row in rows]
    kept = dict(Car.objects.filter(plate__in=plates).values_list("plate", "odometer_km"))
    gone = disposals.disposed_plates(plates)
    # An older ledger never turns an odometer back: trips have moved it on since.
    forward = [
        {**row, "odometer_km": max(row["odometer_km"], kept.get(row["plate"], 0))}
        # Nor does it bring back a car whose disposal is finished.
        | ({"state": CarState.DISPOSED} if row["plate"] in gone else {})
        for row in rows
    ]
    entered = entering.enter(
        actor=actor, model=Car, key="plate", rows=forward, verb="fleet.car.entered", at=at
    )
    changed = [*entered.created, *(car for car, _ in entered.updated)]
    _keep_stays(entered, at)
    doubting.look_at_cars(
        [car.pk for car, before in entered.updated if JUDGING_FUEL & set(before)], at=at
    )
    remarks.raise_remarks(
        register="fleet.cars",
        remarks=[
            remarks.Raised.of(object_id=car.pk, kind=RemarkKind.FINDING, finding=finding)
            for car in changed
            for finding in prices.within_ceiling(
                use=Use(car.use),
                seats=car.seats,
                price_fen=car.price_fen,
                displacement_l=car.displacement_l,
                energy=car.energy,
                law=law_at(at),
            ).warnings
        ],
        at=at,
    )
    return entered.counts()


def _keep_stays(entered: entering.Entered, at: datetime) -> None:
    """New cars go on their units' books; one that changed its unit or class moves on them.

    A car that the ledger calls disposed leaves the books by its disposal, which tells the day.
    """
    for car in entered.created:
        if car.state != CarState.DISPOSED:
            stays.arrive(car=car, since=car.registered_on, by=CameBy.LEDGER)
    on = times.day_of(at)
    for car, before in entered.updated:
        if {"unit", "use", "keeping"} & set(before) and car.state != CarState.DISPOSED:
            stays.move(car=car, on=on, came_by=CameBy.CHANGE, left_by=LeftBy.CHANGE)


@transaction.atomic
def enter_drivers(*, actor: Actor, rows: Rows, at: datetime) -> tuple[int, int, int]:
    """Enter drivers as a ledger states them; one who is also in the people's register is linked.

    An older ledger never takes a renewed licence back. Needs ``fleet.driver.enter``.
    """
    actor.must("fleet.driver.enter")
    numbers = [row["number"] for row in rows]
    known = Driver.objects.filter(number__in=numbers).values_list("number", "licence_until")
    renewed: dict[str, date] = dict(known)
    rows = [
        {**row, "licence_until": max(row["licence_until"], renewed.get(row["number"], date.min))}
        for row in rows
    ]
    names = {row["name"] for row in rows}
    people: dict[tuple[str, str], list[Person]] = {}
    for person in Person.objects.filter(name__in=names).select_related("unit"):
        people.setdefault((person.name, person.mobile), []).append(person)

    def link(driver: Driver) -> None:
        same = people.get((driver.name, driver.mobile), [])
        if driver.person_id is None and driver.mobile and len(same) == 1:
            driver.person = same[0]

    entered = entering.enter(
        actor=actor,
        model=Driver,
        key="number",
        rows=rows,
        verb="fleet.driver.entered",
        at=at,
        complete=link,
    )
    return entered.counts()


@transaction.atomic
def record_trips(*, actor: Actor, rows: Rows, at: datetime) -> tuple[int, int, int]:
    """Record trips that took place or were cancelled, as a ledger states them (补录).

    Each row: fields of ``Trip`` by name; ``unit``, ``car``, ``driver`` as objects. The caller has
    judged the rows together; the database has the last word. What a rule would not have allowed
    becomes a finding on the row. A car's own reading moves on with its latest trip. Needs
    ``fleet.trip.record``.
    """
    actor.must("fleet.trip.record")
    riders = _riders(rows)
    known = sheets.trips_by_number([row["number"] for row in rows])
    filled = []
    for row in rows:
        facts = dict(row)
        old = known.get(facts["number"])
        if old is None or old.rider_name != facts["rider_name"]:
            facts["rider"] = riders.get((facts["rider_name"], facts["unit"].pk))
        if old is not None and old.shares_id is not None:
            for name in ("car", "driver", "start_km", "end_km"):
                facts.pop(name, None)
        filled.append(facts)
    entered = entering.enter(
        actor=actor, model=Trip, key="number", rows=filled, verb="fleet.trip.recorded", at=at
    )
    changed = [*entered.created, *(trip for trip, _ in entered.updated)]
    _keep_numbers_clear(changed)
    _move_readings_on(changed)
    _end_cases(trips=[trip for trip, before in entered.updated if "state" in before], at=at)
    gone = [trip for trip, _ in entered.updated if trip.state == TripState.CANCELLED]
    vouchers.void_sheets(actor=actor, trips=gone, reason="台账记为已取消", at=at)
    remarks.raise_remarks(
        register="fleet.trips",
        remarks=[
            remarks.Raised.of(object_id=trip.pk, kind=kind, finding=finding)
            for trip in changed
            for kind, finding in _findings(trip)
        ],
        at=at,
    )
    return entered.counts()


def _end_cases(*, trips: Sequence[Trip], at: datetime) -> None:
    """A ledger that says 已取消 takes the request out of everybody's to-do list."""
    for trip in trips:
        case = opening.case_of(trip, route=TRIP.key)
        if case is None or trip.state != TripState.CANCELLED:
            continue
        opening.call_off(case=case, comment="台账记为已取消", at=at)


def _riders(rows: Rows) -> dict[tuple[str, int], Person]:
    """Riders as people, where the unit has exactly one of that name."""
    found: dict[tuple[str, int], list[Person]] = {}
    names = {row["rider_name"] for row in rows}
    for person in Person.objects.filter(name__in=names):
        found.setdefault((person.name, person.unit_id), []).append(person)
    return {key: people[0] for key, people in found.items() if len(people) == 1}


def _keep_numbers_clear(trips: Sequence[Trip]) -> None:
    highest: dict[int, int] = {}
    for trip in trips:
        if read := _NUMBER.fullmatch(trip.number):
            year, used = int(read[1]), int(read[2])
            highest[year] = max(used, highest.get(year, 0))
    for year, used in sorted(highest.items()):
        numbering.keep_clear(series=SERIES, year=year, used=used)


def _move_readings_on(trips: Sequence[Trip]) -> None:
    highest: dict[int, int] = {}
    for trip in trips:
        if trip.car_id and trip.end_km is not None:
            highest[trip.car_id] = max(trip.end_km, highest.get(trip.car_id, 0))
    behind = [
        car
        for car in Car.objects.select_for_update().filter(pk__in=highest).order_by("pk")
        if car.odometer_km < highest[car.pk]
    ]
    for car in behind:
        car.odometer_km = highest[car.pk]
    Car.objects.bulk_update(behind, ["odometer_km"])


def _findings(trip: Trip) -> list[tuple[RemarkKind, Finding]]:
    """What the rules would not have allowed, and what is odd, of a trip that took place."""
    if trip.state != TripState.FINISHED or trip.car is None or trip.driver is None:
        return []
    out, back = trip.out, trip.back
    law = law_at(out.at)
    on = times.day_of(back.at)
    judged = dispatch.drives(car=trip.car.facts(), driver=trip.driver.facts(), on=on, law=law)
    judged += dispatch.seats_suffice(passengers=trip.passengers, car=trip.car.facts())
    odd = journeys.unusual_distance(km=back.km - out.km, law=law)
    odd += journeys.unusual_speed(km=back.km - out.km, took=back.at - out.at, law=law)
    return [(RemarkKind.FINDING, finding) for finding in judged.refusals] + [
        (RemarkKind.DOUBT, finding) for finding in odd.warnings
    ]


@transaction.atomic
def set_car_state(*, actor: Actor, car_id: int, state: CarState, reason: str, at: datetime) -> Car:
    """Take a car out of use or back (停用、维修、封存、启用), with the reason.

    Refuses while the car is promised or out. Disposal has its own way.
    """
    car: Car = locked(CARS, actor=actor, verb=ENTER_CAR, pk=car_id, act="改状态", when=KEPT)
    if car.state == state:
        return car
    if state not in KEPT:
        refuse("disposal", "处置另有手续。", "已处置的车不能在这里改状态。").enforce()
    booked = car.trips.filter(state__in=[TripState.DISPATCHED, TripState.OUT]).first()
    if booked is not None and state != CarState.IN_USE:
        refuse(
            "car_booked", f"{car.plate}还有 {booked.number} 没有办结。", "先改派或收车。"
        ).enforce()
    write_car_state(actor=actor, car=car, state=state, note=reasoned(reason), at=at)
    return car


def write_car_state(*, actor: Actor, car: Car, state: CarState, note: str, at: datetime) -> None:
    """The locked car is in another state, and why. Inside a caller's act, which has judged it."""
    change(car, {"state": state}, actor=actor, verb="fleet.car.state_set", at=at, note=note)


JUDGING_FUEL = {"body", "tank_l", "battery_kwh"}
_LEDGER = "这一项以台账为准，改台账后重新导入。"


def _judge_fuel(car: Car, changed: set[str], at: datetime) -> None:
    """Fuel and charges that came in before are judged by what tank and battery hold now."""
    if JUDGING_FUEL & changed:
        doubting.look_at_cars([car.pk], at=at)


CAR = Archive(
    model=Car,
    may=ENTER_CAR,
    said="fleet.car.amended",
    elsewhere={
        "plate": _LEDGER,
        "plate_colour": _LEDGER,
        "use": _LEDGER,
        "make": _LEDGER,
        "vin": _LEDGER,
        "energy": _LEDGER,
        "displacement_l": _LEDGER,
        "seats": _LEDGER,
        "price_fen": _LEDGER,
        "registered_on": _LEDGER,
        "unit": "换使用单位另有手续。",
        "keeping": _LEDGER,
        "odometer_km": "里程表读数随派车单和台账往前走。",
        "state": "状态用“改状态”改，要写原因。",
        "secret": "涉密标记另有手续，要写原因。",
    },
    asks={
        "inspected_until": {},
        "insured_until": {},
        "body": {},
        "tank_l": {"unit": "升", "most": 1_000},
        "battery_kwh": {"unit": "度", "most": 1_000},
    },
    after=_judge_fuel,
)


def amend_car(*, actor: Actor, car_id: int, facts: Mapping[str, Any], at: datetime) -> Car:
    """Write down plain facts of the archive of a car (登记档案). Needs ``fleet.car.enter``."""
    car: Car = amending.amend(archive=CAR, actor=actor, pk=car_id, facts=facts, at=at)
    return car


@transaction.atomic
def set_driver_state(
    *, actor: Actor, driver_id: int, state: DriverState, reason: str, at: datetime
) -> Driver:
    """Say that a driver is on leave, has left or is back (请假、离岗、在岗), with the reason.

    Refuses while the driver is promised to a trip or out.
    """
    driver: Driver = locked(DRIVERS, actor=actor, verb=ENTER_DRIVER, pk=driver_id)
    if driver.state == state:
        return driver
    booked = driver.trips.filter(state__in=BOOKED_STATES).first()
    if booked is not None and state != DriverState.ON_DUTY:
        refuse(
            "driver_booked", f"{driver.name}还有 {booked.number} 没有办结。", "先改派或收车。"
        ).enforce()
    change(
        driver, {"state": state}, actor=actor, verb="fleet.driver.state_set", at=at,
        note=reasoned(reason),
    )  # fmt: skip
    return driver


@transaction.atomic
def renew_licence(
    *, actor: Actor, driver_id: int, licence: Licence, licence_until: date, at: datetime
) -> Driver:
    """Write down a renewed driving licence (登记换证): its class and until when it is valid."""
    driver: Driver = locked(DRIVERS, actor=actor, verb=ENTER_DRIVER, pk=driver_id)
    facts = {"licence": licence, "licence_until": licence_until}
    amending.put_right(actor=actor, row=driver, facts=facts, said="fleet.driver.amended", at=at)
    return driver
