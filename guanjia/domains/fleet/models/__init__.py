"""The rows of the department. Django reads only this module, so it names what the folder holds."""

from guanjia.domains.fleet.models.cars import Car, Cars
from guanjia.domains.fleet.models.costs import Cost, Costs, FuelCard, FuelCards
from guanjia.domains.fleet.models.drivers import Driver, Drivers
from guanjia.domains.fleet.models.sightings import Sighting, Sightings
from guanjia.domains.fleet.models.stays import CarStay, CarStays
from guanjia.domains.fleet.models.trips import LIFE, Trip, Trips

__all__ = [
    "LIFE",
    "Car",
    "CarStay",
    "CarStays",
    "Cars",
    "Cost",
    "Costs",
    "Driver",
    "Drivers",
    "FuelCard",
    "FuelCards",
    "Sighting",
    "Sightings",
    "Trip",
    "Trips",
]
