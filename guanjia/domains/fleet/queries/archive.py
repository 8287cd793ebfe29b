"""Reading the archives of cars and drivers; the first argument says where one may look."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import date

from django.db.models import Q
from django.db.models.functions import Coalesce

from guanjia.domains.fleet.models import Car, Cars, Driver, Drivers
from guanjia.domains.fleet.terms.cars import CAR_LIFE, CarState
from guanjia.domains.fleet.terms.drivers import DRIVER_LIFE, DriverState
from guanjia.kernel.access.subjects import Subject
from guanjia.kernel.values.actor import Scope

_WITH = ("unit", "car", "driver", "shares__car", "shares__driver")


def cars(scope: Scope) -> Cars:
    """The cars inside the scope with their units."""
    rows: Cars = Car.objects.within(scope).select_related("unit")
    return rows


def drivers(scope: Scope) -> Drivers:
    """The drivers inside the scope with their units."""
    rows: Drivers = Driver.objects.within(scope).select_related("unit")
    return rows


CARS = Subject(
    model="fleet.car", title="车辆", page="fleet:car", key="car_id", path="cars", stem="car",
    see="fleet.car.see", rows=cars, life=CAR_LIFE, beside=("unit",), name="plate",
    listed=("车辆台账", "fleet:cars_list"),
    now=lambda car: f"{car.plate} {car.make}，{car.unit}，{car.get_state_display()}",
)  # fmt: skip
# The same cars on the page of what they burn, for whoever sees costs.
FUEL = replace(CARS, page="fleet:car_fuel", see="fleet.cost.see", life=None)
DRIVERS = Subject(
    model="fleet.driver", title="驾驶员", page="fleet:driver", key="driver_id", path="drivers",
    stem="driver", see="fleet.driver.see", rows=drivers, life=DRIVER_LIFE, beside=("unit",),
    name="name", listed=("驾驶员名册", "fleet:drivers_list"),
    now=lambda driver: (
        f"{driver.name}，{driver.unit}，准驾 {driver.licence}，{driver.get_state_display()}"
    ),
)  # fmt: skip


def cars_by_plate(plates: Collection[str]) -> Mapping[str, Car]:
    """Cars looked up by plate, in one statement."""
    found = Car.objects.filter(plate__in=plates).select_related("unit")
    return {car.plate: car for car in found}


def drivers_by_name(names: Collection[str]) -> Mapping[str, Driver]:
    """Drivers looked up by name, or by number where a name is given as one.

    A name that two drivers bear is not found: the ledger must give the number then.
    """
    found: dict[str, Driver] = {}
    doubled: set[str] = set()
    for driver in Driver.objects.filter(Q(name__in=names) | Q(number__in=names)).select_related(
        "unit"
    ):
        if driver.name in found:
            doubled.add(driver.name)
        found[driver.name] = driver
        found[driver.number] = driver
    return {name: driver for name, driver in found.items() if name not in doubled}


def licences_ending(*, scope: Scope, until: date) -> Drivers:
    """The drivers who have not left and whose licence ends by a day, the earliest first."""
    return (
        drivers(scope)
        .exclude(state=DriverState.LEFT)
        .filter(licence_until__lte=until)
        .order_by("licence_until", "number")
    )


def cars_ending(*, scope: Scope, until: date) -> Cars:
    """The cars in use whose inspection or insurance ends by a day, the earliest first."""
    return (
        cars(scope)
        .filter(state=CarState.IN_USE)
        .filter(Q(inspected_until__lte=until) | Q(insured_until__lte=until))
        .order_by(Coalesce("inspected_until", "insured_until"), "plate")
    )
