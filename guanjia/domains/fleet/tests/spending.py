"""Costs, cards and sheets for tests; made by calling actions.

bought = spending.fuel(city, "1", at=AT - HOUR, litres="40")
"""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from guanjia.domains.fleet.actions import cards, costs, sheets
from guanjia.domains.fleet.models import Cost, FuelCard
from guanjia.domains.fleet.terms.costs import CostKind, CostSource
from guanjia.domains.fleet.tests.builders import AT, HOUR, SMALL, City

CARD = "1000113600000000001"
ISSUER = "中石化"


def card(
    city: City, car: str = SMALL, number: str = CARD, since: date = date(2020, 1, 1)
) -> FuelCard:
    """A card given to a car by the keeper."""
    return cards.give_card(
        actor=city.actor("car_keeper"), car_id=city.cars[car].pk, number=number, issuer=ISSUER,
        since=since, at=AT,
    )  # fmt: skip


def receipt(city: City, **changes: Any) -> dict[str, Any]:
    """Parking for ten yuan the day before, on a receipt of its own."""
    return {
        "number": "P0001",
        "car": city.cars[SMALL],
        "kind": CostKind.PARKING,
        "spent_on": date(2020, 5, 19),
        "amount_fen": 1_000,
        "place": "浮梁县政府停车场",
        "note": "",
        **changes,
    }


def entered(city: City, by: str = "car_keeper", at: datetime = AT, **changes: Any) -> Cost:
    """A receipt entered by somebody."""
    row = receipt(city, **changes)
    costs.enter_costs(actor=city.actor(by), rows=[row], at=at)
    found: Cost = Cost.objects.get(source=CostSource.HAND, source_no=row["number"])
    return found


def sale(city: City, number: str, **changes: Any) -> dict[str, Any]:
    """40 litres at 5.61 yuan at nine in the morning of the day before."""
    litres = Decimal(changes.pop("litres", "40.00"))
    return {
        "source_no": number,
        "car": city.cars[changes.pop("car", SMALL)],
        "spent_at": AT - 24 * HOUR,
        "amount_fen": int(litres * 561),
        "litres": litres,
        "odometer_km": None,
        "place": "瓷都大道加油站",
        "card_number": CARD,
        "grade": "92号汽油",
        "price_yuan": Decimal("5.610"),
        **changes,
    }


def sold(city: City, *rows: Mapping[str, Any], at: datetime = AT) -> tuple[int, int, int]:
    """A sheet of the fuel company taken in by the keeper."""
    return sheets.take_fuel_sheet(actor=city.actor("car_keeper"), rows=rows, at=at)


def fuel(city: City, number: str, **changes: Any) -> Cost:
    """One sale of the fuel company's sheet."""
    sold(city, sale(city, number, **changes))
    return Cost.objects.get(source=CostSource.FUEL_SHEET, source_no=number)


def passage(city: City, number: str, **changes: Any) -> dict[str, Any]:
    """Fifteen yuan from 景德镇 to 浮梁 on the day before."""
    return {
        "source_no": number,
        "car": city.cars[changes.pop("car", SMALL)],
        "spent_at": AT - 24 * HOUR,
        "amount_fen": 1_500,
        "place": "浮梁东",
        "card_number": "",
        "entry_place": "景德镇南",
        "entry_at": AT - 25 * HOUR,
        **changes,
    }


def passed(city: City, *rows: Mapping[str, Any], at: datetime = AT) -> tuple[int, int, int]:
    """A sheet of the toll road taken in by the keeper."""
    return sheets.take_toll_sheet(actor=city.actor("car_keeper"), rows=rows, at=at)


def furnish(city: City) -> None:
    """A card, a receipt and a row of each sheet: one of every kind for the house."""
    card(city)
    entered(city)
    fuel(city, "F0001")
    passed(city, passage(city, "E0001"))
