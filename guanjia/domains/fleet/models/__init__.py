"""The rows of the department. Django reads only this module, so it names what the folder holds."""

from guanjia.domains.fleet.models.bills import Bill, BillLine, BillLines, Bills
from guanjia.domains.fleet.models.cars import Car, Cars
from guanjia.domains.fleet.models.costs import (
    Cost,
    Costs,
    FuelCard,
    FuelCards,
    FuelLevel,
    FuelLevels,
    FuelSale,
    Statement,
    TollPass,
)
from guanjia.domains.fleet.models.disposals import (
    Disposal,
    DisposalLot,
    DisposalLots,
    Disposals,
    LotPayment,
)
from guanjia.domains.fleet.models.drivers import Driver, Drivers
from guanjia.domains.fleet.models.incidents import Accident, Fine
from guanjia.domains.fleet.models.orders import Order, OrderItem, Orders
from guanjia.domains.fleet.models.oversight import (
    Finding,
    Findings,
    GroundRow,
    MonthlyList,
    MonthlyLists,
)
from guanjia.domains.fleet.models.places import Place, Places
from guanjia.domains.fleet.models.publications import (
    Publication,
    Publications,
)
from guanjia.domains.fleet.models.purchases import Purchase, Purchases
from guanjia.domains.fleet.models.quotas import Quota, QuotaChange, QuotaChanges, Quotas
from guanjia.domains.fleet.models.sealing import SealedCar, SealedCars, Sealing, Sealings
from guanjia.domains.fleet.models.sightings import Sighting, Sightings
from guanjia.domains.fleet.models.stays import CarStay, CarStays
from guanjia.domains.fleet.models.trips import Trip, Trips
from guanjia.domains.fleet.models.upkeep import Inspection, OfCars, Plan, Policy

__all__ = [
    "Accident",
    "Bill",
    "BillLine",
    "BillLines",
    "Bills",
    "Car",
    "CarStay",
    "CarStays",
    "Cars",
    "Cost",
    "Costs",
    "Disposal",
    "DisposalLot",
    "DisposalLots",
    "Disposals",
    "Driver",
    "Drivers",
    "Finding",
    "Findings",
    "Fine",
    "FuelCard",
    "FuelCards",
    "FuelLevel",
    "FuelLevels",
    "FuelSale",
    "GroundRow",
    "Inspection",
    "LotPayment",
    "MonthlyList",
    "MonthlyLists",
    "OfCars",
    "Order",
    "OrderItem",
    "Orders",
    "Place",
    "Places",
    "Plan",
    "Policy",
    "Publication",
    "Publications",
    "Purchase",
    "Purchases",
    "Quota",
    "QuotaChange",
    "QuotaChanges",
    "Quotas",
    "SealedCar",
    "SealedCars",
    "Sealing",
    "Sealings",
    "Sighting",
    "Sightings",
    "Statement",
    "TollPass",
    "Trip",
    "Trips",
]
