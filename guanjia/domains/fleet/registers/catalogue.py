"""Every register of the department, with the address its pages lie at."""

from guanjia.domains.fleet.registers.accidents import ACCIDENTS
from guanjia.domains.fleet.registers.bills import BILLS
from guanjia.domains.fleet.registers.cards import CARDS
from guanjia.domains.fleet.registers.cars import CARS, DRIVERS
from guanjia.domains.fleet.registers.costs import COSTS
from guanjia.domains.fleet.registers.disposals import DISPOSALS
from guanjia.domains.fleet.registers.ends import DUE, LOTS
from guanjia.domains.fleet.registers.fines import FINES
from guanjia.domains.fleet.registers.fuel_sheet import FUEL_SHEET
from guanjia.domains.fleet.registers.inspections import INSPECTIONS
from guanjia.domains.fleet.registers.looks import LOOKS
from guanjia.domains.fleet.registers.orders import ORDERS
from guanjia.domains.fleet.registers.policies import POLICIES
from guanjia.domains.fleet.registers.quotas import QUOTAS
from guanjia.domains.fleet.registers.renewals import RENEWALS
from guanjia.domains.fleet.registers.sightings import PLACES, SIGHTINGS
from guanjia.domains.fleet.registers.toll_sheet import TOLL_SHEET
from guanjia.domains.fleet.registers.trips import TRIPS

REGISTERS = (
    ("trips/", TRIPS),
    ("cars/", CARS),
    ("drivers/", DRIVERS),
    ("quotas/ledger/", QUOTAS),
    ("renewals/", RENEWALS),
    ("disposals/", DISPOSALS),
    ("lots/", LOTS),
    ("due/", DUE),
    ("costs/", COSTS),
    ("cards/", CARDS),
    ("fuel-sheet/", FUEL_SHEET),
    ("toll-sheet/", TOLL_SHEET),
    ("policies/", POLICIES),
    ("inspections/", INSPECTIONS),
    ("orders/", ORDERS),
    ("fines/", FINES),
    ("accidents/", ACCIDENTS),
    ("bills/", BILLS),
    ("places/", PLACES),
    ("sightings/", SIGHTINGS),
    ("looks/", LOOKS),
)
