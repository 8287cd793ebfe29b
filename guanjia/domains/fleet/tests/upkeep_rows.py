"""Rows of policies, inspections, orders, fines and accidents for the tests, and a small garage."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from guanjia.domains.fleet.actions import incidents, orders, upkeep
from guanjia.domains.fleet.models import Car, Order
from guanjia.domains.fleet.terms.upkeep import Cover, ItemFacts, ItemKind, OrderKind, Passed
from guanjia.domains.fleet.tests import builders
from guanjia.domains.fleet.tests.builders import AT, TODAY, City
from guanjia.kernel.access.tests.builders import SYSTEM
from guanjia.kernel.values.actor import Reach

DAY = timedelta(days=1)
OIL = ItemFacts(title="机油", quantity=Decimal(4), price_fen=8_000)
FILTER = ItemFacts(title="机油滤清器", price_fen=4_500)
LABOUR = ItemFacts(title="更换工时", kind=ItemKind.LABOUR, price_fen=12_000)
CHEAP = (OIL, FILTER, LABOUR)  # 485.00 元
GEARBOX = ItemFacts(title="变速箱阀体", price_fen=300_000)  # 3,000.00 元
ENGINE = ItemFacts(title="发动机总成", price_fen=1_200_000)  # 12,000.00 元


def policy(car: Car, number: str = "PDZA2020001", **changes: Any) -> dict[str, Any]:
    """Compulsory cover for the year from today."""
    return {
        "number": number, "car": car, "cover": Cover.COMPULSORY, "insurer": "人保财险",
        "begin": TODAY, "last": date(2021, 5, 19), "paid_on": TODAY, "premium_fen": 95_000,
        "note": "", **changes,
    }  # fmt: skip


def inspection(car: Car, number: str = "JY1", **changes: Any) -> dict[str, Any]:
    """An inspection passed yesterday, good for two years."""
    return {
        "number": number, "car": car, "on": TODAY - DAY, "result": Passed.PASSED,
        "valid_until": date(2022, 5, 31), "station": "市机动车检测站", "fee_fen": 22_000,
        "note": "", **changes,
    }  # fmt: skip


def fine(car: Car, number: str = "360202194012345", **changes: Any) -> dict[str, Any]:
    """A fine on yesterday's road."""
    return {
        "number": number, "car": car, "at": AT - 23 * builders.HOUR, "place": "浮梁县浮梁大道",
        "what": "违反禁止标线指示", "points": 3, "amount_fen": 20_000, "driver": None,
        "handled_on": None, "paid_by": "", "payer": "", "note": "", **changes,
    }  # fmt: skip


def accident(car: Car, number: str = "SG1", **changes: Any) -> dict[str, Any]:
    """A scratch on yesterday's road, not settled yet."""
    return {
        "number": number, "car": car, "at": AT - 23 * builders.HOUR, "place": "广场路",
        "what": "倒车时与护栏相擦", "blame": "PENDING", "loss_fen": 500_000, "insurer_fen": 0,
        "self_fen": 0, "driver": None, "closed_on": None, "note": "", **changes,
    }  # fmt: skip


def done_order(car: Car, number: str = "WX202000001", **changes: Any) -> dict[str, Any]:
    """A maintenance done and paid a week ago."""
    day = TODAY - 7 * DAY
    return {
        "number": number, "car": car, "kind": OrderKind.MAINTENANCE, "service": "小保养",
        "garage": "瓷都汽修", "fault": "到期保养", "reported_on": day, "in_shop_on": day,
        "left_shop_on": day + DAY, "odometer_km": 9_500, "amount_fen": 48_500,
        "settled_on": day + 2 * DAY, "invoice_no": "", "accepted_by": "冯海", "items": CHEAP,
        **changes,
    }  # fmt: skip


def report(city: City, by: str = "car_keeper", car: Car | None = None, **changes: Any) -> Order:
    """A car that shifts badly; without items it waits for its quote."""
    items, files = changes.pop("items", ()), changes.pop("files", ())
    facts = {
        "car": car or city.cars[builders.SMALL], "kind": OrderKind.REPAIR, "service": "",
        "garage": "瓷都汽修", "fault": "换挡顿挫", **changes,
    }  # fmt: skip
    return orders.report_order(actor=city.actor(by), facts=facts, items=items, files=files, at=AT)


def in_shop(city: City, items: tuple[ItemFacts, ...] = CHEAP) -> Order:
    """An order whose car stands in the garage since this morning."""
    made = report(city, items=items)
    return orders.send_in(actor=city.actor("car_keeper"), order_id=made.pk, on=TODAY, at=AT)


def accepted(city: City, items: tuple[ItemFacts, ...] = CHEAP) -> Order:
    """An order that waits for its bill."""
    made = in_shop(city, items)
    return orders.accept_order(actor=city.actor("car_keeper"), order_id=made.pk, on=TODAY, at=AT)


def clerk_car(city: City) -> Car:
    """A car that the farming bureau keeps itself, for its clerk."""
    return builders.car("赣H20002", city.units["farming"], keeping="UNIT")


def bureau_head(city: City) -> None:
    """The head of the bureau, who decides first on what its own cars cost."""
    from guanjia.kernel.org import actions as org  # noqa: PLC0415 — only for this
    from guanjia.kernel.org.models import Person  # noqa: PLC0415 — only for this
    from guanjia.kernel.org.tests import builders as people  # noqa: PLC0415 — only for this

    row = people.person_row("D055001", city.units["bureau"], "程远")
    org.enter_people(actor=SYSTEM, rows=[row], at=AT)
    person = Person.objects.select_related("unit").get(number="D055001")
    city.join("bureau_head", person, ("fleet.head", Reach.BELOW, city.units["bureau"]))


def furnish(city: City) -> dict[str, int]:
    """One of everything, for the house; the ids by kind."""
    keeper = city.actor("car_keeper")
    car = city.cars[builders.SECOND]
    upkeep.enter_policies(actor=keeper, rows=[policy(car)], at=AT)
    upkeep.enter_inspections(actor=keeper, rows=[inspection(car)], at=AT)
    incidents.enter_fines(actor=keeper, rows=[fine(car)], at=AT)
    incidents.enter_accidents(actor=keeper, rows=[accident(car)], at=AT)
    plan = upkeep.make_plan(
        actor=keeper, facts={"title": "小保养", "months": 6, "km": 5_000}, at=AT
    )
    order = report(city, car=car, items=CHEAP)
    return {"plan": plan.pk, "order": order.pk}
