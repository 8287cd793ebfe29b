"""A small city with cars, drivers and everybody a trip needs; made by calling actions.

city = builders.city()
trip = city.dispatched(car="赣H10001")
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from guanjia.domains.fleet.actions import dispatching, entering, journeys, requests
from guanjia.domains.fleet.approvals import TRIP
from guanjia.domains.fleet.models import Car, Driver, Trip
from guanjia.domains.fleet.terms.cars import CarState, Energy, Keeping, PlateColour, Use
from guanjia.domains.fleet.terms.drivers import Licence
from guanjia.domains.fleet.terms.trips import Purpose, TripState
from guanjia.kernel.access.models import Account
from guanjia.kernel.access.tests import builders as access
from guanjia.kernel.access.tests.builders import AT, SYSTEM
from guanjia.kernel.approvals.actions import editions
from guanjia.kernel.approvals.models import Edition
from guanjia.kernel.approvals.routes import Step
from guanjia.kernel.org import actions as units
from guanjia.kernel.org.models import Person, Unit
from guanjia.kernel.org.terms import Nature
from guanjia.kernel.org.tests import builders as org
from guanjia.kernel.values.actor import Actor, Reach

HOUR = timedelta(hours=1)
TODAY = AT.date()
SMALL, SECOND, THIRD, BUS, OWN, IN_REPAIR, EXPIRED = (
    "赣H10001",
    "赣H10002",
    "赣H10003",
    "赣H10019",
    "赣H20001",
    "赣H10004",
    "赣H10005",
)


def car_row(plate: str, unit: Unit, **facts: Any) -> dict[str, Any]:
    """A car of the centre with five seats and 10,000 km, inspected for another year."""
    return {
        "plate": plate,
        "plate_colour": PlateColour.BLUE,
        "use": Use.OTHER,
        "make": "大众朗逸",
        "vin": vin(plate),
        "energy": Energy.ELECTRIC,
        "displacement_l": None,
        "seats": 5,
        "price_fen": None,
        "registered_on": date(2018, 3, 1),
        "unit": unit,
        "keeping": Keeping.CENTRAL,
        "odometer_km": 10_000,
        "state": CarState.IN_USE,
        "terminal": "",
        "inspected_until": date(2021, 5, 31),
        **facts,
    }


def car(plate: str, unit: Unit, **facts: Any) -> Car:
    """A car as the row says."""
    entering.enter_cars(actor=SYSTEM, rows=[car_row(plate, unit, **facts)], at=AT)
    entered: Car = Car.objects.select_related("unit").get(plate=plate)
    return entered


_PLACES = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)


def vin(plate: str) -> str:
    """A VIN of its own for every plate of digits, with its check digit."""
    body = "LSV000000" + f"{int(''.join(filter(str.isdigit, plate))):08d}"
    values = {"L": 3, "S": 2, "V": 5}
    total = sum(
        weight * (values[sign] if sign in values else int(sign))
        for sign, weight in zip(body, _PLACES, strict=True)
    )
    rest = total % 11
    return body[:8] + ("X" if rest == 10 else str(rest)) + body[9:]


def driver_row(number: str, name: str, unit: Unit, **facts: Any) -> dict[str, Any]:
    """A driver of class C1 with a valid licence."""
    return {
        "number": number,
        "name": name,
        "mobile": "",
        "licence": Licence.C1,
        "licence_until": date(2026, 1, 1),
        "unit": unit,
        **facts,
    }


def driver(number: str, name: str, unit: Unit, **facts: Any) -> Driver:
    """A driver as the row says."""
    entering.enter_drivers(actor=SYSTEM, rows=[driver_row(number, name, unit, **facts)], at=AT)
    entered: Driver = Driver.objects.select_related("unit").get(number=number)
    return entered


@dataclass
class City:
    """Units, accounts, cars and drivers by their names, and trips at every stage."""

    units: dict[str, Unit] = field(default_factory=dict)
    accounts: dict[str, Account] = field(default_factory=dict)
    cars: dict[str, Car] = field(default_factory=dict)
    drivers: dict[str, Driver] = field(default_factory=dict)

    def actor(self, username: str, on: date = TODAY) -> Actor:
        """Who acts behind an account, with the duties of the moment."""
        return access.actor(self.accounts[username], on)

    def person(self, username: str) -> Person:
        """The person behind an account."""
        person = self.accounts[username].person
        assert person is not None
        return person

    def join(self, username: str, person: Person | None, *given: access.Given) -> None:
        """Give somebody an account with duties."""
        self.accounts[username] = access.account(username, person, *given)

    def wish(self, **changes: Any) -> dict[str, Any]:
        """What a request says: two people to 乐平 this morning."""
        return {
            "unit_id": self.units["farming"].pk,
            "rider_name": "莫兴",
            "purpose": Purpose.SURVEY,
            "reason": "春耕调研",
            "origin": "市农业农村局",
            "destination": "乐平",
            "passengers": 2,
            "planned_from": AT + HOUR,
            "planned_to": AT + 3 * HOUR,
            **changes,
        }

    def route(self, *steps: Step, at: datetime = AT) -> Edition:
        """Trips asked for from now on go these steps."""
        edition = editions.draft(actor=SYSTEM, route_key=TRIP.key, steps=steps, at=at)
        editions.replay(actor=SYSTEM, edition_id=edition.pk, at=at)
        return editions.switch_on(actor=SYSTEM, edition_id=edition.pk, at=at)

    def requested(self, by: str = "asker", at: datetime = AT, **changes: Any) -> Trip:
        """A request that waits for its approval."""
        return requests.request_trip(actor=self.actor(by), facts=self.wish(**changes), at=at)

    def approved(self, at: datetime = AT, **changes: Any) -> Trip:
        """A request that waits for a car."""
        trip = self.requested(at=at, **changes)
        return requests.approve_trip(actor=self.actor("approver"), trip_id=trip.pk, at=at)

    def dispatched(
        self, car: str = SMALL, driver: str = "汪杰", at: datetime = AT, **changes: Any
    ) -> Trip:
        """A trip with car and driver."""
        trip = self.approved(at=at, **changes)
        return self.dispatch(trip, car=car, driver=driver, at=at)

    def dispatch(
        self, trip: Trip, car: str = SMALL, driver: str = "汪杰", at: datetime = AT
    ) -> Trip:
        """The dispatcher gives a trip this pair."""
        return dispatching.dispatch_trip(
            actor=self.actor("dispatcher"),
            trip_id=trip.pk,
            car_id=self.cars[car].pk,
            driver_id=self.drivers[driver].pk,
            at=at,
        )

    def out(self, start_km: int = 10_000, **changes: Any) -> Trip:
        """A trip under way since its planned time."""
        trip = self.dispatched(**changes)
        return journeys.depart_trip(
            actor=self.actor("dispatcher"),
            trip_id=trip.pk,
            start_km=start_km,
            went_at=trip.planned_from,
            at=trip.planned_from,
        )

    def finished(self, start_km: int = 10_000, end_km: int = 10_080, **changes: Any) -> Trip:
        """A trip that came back when planned."""
        trip = self.out(start_km=start_km, **changes)
        return journeys.finish_trip(
            actor=self.actor("dispatcher"),
            trip_id=trip.pk,
            end_km=end_km,
            back_at=trip.planned_to,
            at=trip.planned_to,
        )

    def sheet(self, number: str, **changes: Any) -> dict[str, Any]:
        """A finished trip as a ledger tells of it."""
        return {
            "number": number,
            "state": TripState.FINISHED,
            "purpose": Purpose.SURVEY,
            "unit": self.units["farming"],
            "rider_name": "莫兴",
            "reason": "调研",
            "origin": "市农业农村局",
            "destination": "浮梁",
            "passengers": 2,
            "car": self.cars[SMALL],
            "driver": self.drivers["汪杰"],
            "planned_from": AT - 24 * HOUR,
            "planned_to": AT - 22 * HOUR,
            "went_at": AT - 24 * HOUR,
            "back_at": AT - 22 * HOUR,
            "start_km": 9_800,
            "end_km": 9_860,
            **changes,
        }

    def recorded(self, number: str, **changes: Any) -> Trip:
        """A trip recorded afterwards (补录)."""
        rows: list[Mapping[str, Any]] = [self.sheet(number, **changes)]
        entering.record_trips(actor=self.actor("dispatcher"), rows=rows, at=AT)
        return Trip.objects.get(number=number)


UNITS = {
    "city": org.unit_row("3602", name="景德镇市", nature=Nature.AREA),
    "bureau": org.unit_row(
        "3602D055", "3602", name="市机关事务管理局", short_name="机关事务管理局"
    ),
    "farming": org.unit_row("3602D036", "3602", name="市农业农村局", short_name="农业农村局"),
    "section": org.unit_row("3602D03601", "3602D036", nature=Nature.SECTION),
    "other": org.unit_row("3602D040", "3602", name="市教育局", short_name="教育局"),
}
PEOPLE = (
    ("asker", "D036016", "莫兴", "section", "fleet.applicant", Reach.OWN),
    ("colleague", "D036017", "贺思", "farming", "fleet.applicant", Reach.OWN),
    ("approver", "D036003", "邵红", "farming", "fleet.approver", Reach.BELOW),
    ("head", "D036001", "余建国", "farming", "fleet.head", Reach.BELOW),
    ("clerk", "D036020", "占小青", "farming", "fleet.clerk", Reach.BELOW),
    ("dispatcher", "D055009", "熊燕欣", "bureau", "fleet.dispatcher", Reach.CITY),
    ("car_keeper", "D055010", "冯海", "bureau", "fleet.keeper", Reach.CITY),
    ("car_decider", "D055002", "彭立", "bureau", "fleet.decider", Reach.CITY),
    ("supervisor", "D055020", "万清", "bureau", "fleet.supervisor", Reach.CITY_READ),
    ("driver", "D055049", "汪杰", "bureau", "fleet.driver", Reach.OWN),
    ("stranger", "D040016", "洪涛", "other", "fleet.applicant", Reach.OWN),
    ("stranger_boss", "D040003", "江敏", "other", "fleet.approver", Reach.BELOW),
)
DRIVER_MOBILE = "13879810049"


def city() -> City:
    """The bureau with its fleet, a unit that asks for cars, and a unit that has nothing to do
    with it."""
    made = City()
    units.enter_units(actor=SYSTEM, rows=[dict(row) for row in UNITS.values()], at=AT)
    found = {unit.code: unit for unit in Unit.objects.select_related("parent")}
    made.units = {name: found[row["code"]] for name, row in UNITS.items()}
    _people(made)
    _fleet(made)
    return made


def _people(made: City) -> None:
    mobiles = {"driver": DRIVER_MOBILE}
    rows = [
        org.person_row(number, made.units[unit], name, mobile=mobiles.get(who, ""))
        for who, number, name, unit, _, _ in PEOPLE
    ]
    units.enter_people(actor=SYSTEM, rows=rows, at=AT)
    people = {person.number: person for person in Person.objects.select_related("unit")}
    for who, number, _, unit, duty, reach in PEOPLE:
        hangs_on = made.units[unit] if reach is Reach.BELOW else None
        made.join(who, people[number], (duty, reach, hangs_on))


def _fleet(made: City) -> None:
    bureau = made.units["bureau"]
    cars = [
        car_row(SMALL, bureau),
        car_row(SECOND, bureau),
        car_row(THIRD, bureau, seats=7),
        car_row(BUS, bureau, seats=19),
        car_row(OWN, made.units["other"], keeping=Keeping.UNIT),
        car_row(IN_REPAIR, bureau, state=CarState.REPAIR),
        car_row(EXPIRED, bureau, inspected_until=date(2020, 4, 30)),
    ]
    entering.enter_cars(actor=SYSTEM, rows=cars, at=AT)
    drivers = [
        driver_row("J049", "汪杰", bureau, mobile=DRIVER_MOBILE),
        driver_row("J050", "程勇", bureau, licence=Licence.A1),
        driver_row("J051", "方敏", bureau),
    ]
    entering.enter_drivers(actor=SYSTEM, rows=drivers, at=AT)
    made.cars = {car.plate: car for car in Car.objects.select_related("unit")}
    made.drivers = {driver.name: driver for driver in Driver.objects.select_related("unit")}
