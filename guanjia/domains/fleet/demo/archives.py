"""Drivers as people, and licences and inspections of cars and drivers as they stand today."""

from datetime import date, datetime, timedelta
from random import Random

from guanjia.domains.fleet.actions import entering
from guanjia.domains.fleet.demo import accounts
from guanjia.domains.fleet.queries import archive
from guanjia.domains.fleet.terms.cars import CarState
from guanjia.domains.fleet.terms.drivers import DriverState
from guanjia.kernel.org import actions as org
from guanjia.kernel.org.models import Unit
from guanjia.kernel.org.terms import Employment, Rank
from guanjia.kernel.registers import amending
from guanjia.kernel.values.actor import Actor, Scope


def add_drivers_as_people(*, actor: Actor, at: datetime) -> None:
    """Drivers with an account become people of the section that keeps the cars (linked later)."""
    section = Unit.objects.get(code=accounts.CAR_SECTION)
    org.enter_people(
        actor=actor,
        at=at,
        rows=[
            {
                "number": driver.number,
                "name": driver.name,
                "unit": section,
                "rank": Rank.BELOW_BUREAU,
                "title": "驾驶员",
                "mobile": driver.mobile,
                "employment": Employment.CONTRACT,
                "hired_on": date(2016, 3, 1),
            }
            for driver in archive.drivers(Scope.all()).filter(number__in=accounts.DRIVERS)
        ],
    )


def renew_archives(*, actor: Actor, rng: Random, at: datetime, today: date) -> None:
    """Licences and inspections as they would stand today: most valid, some soon due, some past."""
    add_drivers_as_people(actor=actor, at=at)
    entering.enter_drivers(actor=actor, at=at, rows=_driver_rows(rng, today))
    _renew_cars(actor, rng, at, today)


def _driver_rows(rng: Random, today: date) -> list[dict[str, object]]:
    drivers = list(archive.drivers(Scope.all()).order_by("number"))
    others = [driver for driver in drivers if driver.number not in accounts.DRIVERS]
    rng.shuffle(others)
    days = dict.fromkeys((driver.number for driver in drivers), 0)
    for driver in drivers:
        days[driver.number] = rng.randint(200, 6 * 365)
    soon, past = others[:3], others[3:9]
    for driver, left in zip(soon, (9, 17, 26), strict=True):
        days[driver.number] = left
    for driver in past:
        days[driver.number] = -rng.randint(20, 400)
    states = dict.fromkeys(days, DriverState.ON_DUTY)
    states[others[9].number], states[others[10].number] = DriverState.ON_LEAVE, DriverState.LEFT
    return [
        {
            "number": driver.number,
            "name": driver.name,
            "mobile": driver.mobile,
            "licence_until": today + timedelta(days=days[driver.number]),
            "state": states[driver.number],
        }
        for driver in drivers
    ]


def _renew_cars(actor: Actor, rng: Random, at: datetime, today: date) -> None:
    cars = list(archive.cars(Scope.all()).filter(state=CarState.IN_USE).order_by("plate"))
    rng.shuffle(cars)
    left = {cars[0].pk: -6, cars[1].pk: 9, cars[2].pk: 21}
    for car in cars:
        amending.amend(
            archive=entering.CAR,
            actor=actor,
            pk=car.pk,
            facts={
                "inspected_until": today + timedelta(days=left.get(car.pk, rng.randint(40, 360))),
                "insured_until": today + timedelta(days=rng.randint(25, 360)),
            },
            at=at,
        )
    for car, state, reason in (
        (cars[3], CarState.REPAIR, "更换变速箱，送定点厂维修"),
        (cars[4], CarState.REPAIR, "事故修复，等待配件"),
        (cars[5], CarState.SEALED, "车况老旧，封存待评估"),
    ):
        entering.set_car_state(actor=actor, car_id=car.pk, state=state, reason=reason, at=at)
