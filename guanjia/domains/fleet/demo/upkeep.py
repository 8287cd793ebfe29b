"""A year of insurance, inspections, maintenance, offences and accidents of the demo's cars."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from guanjia.domains.fleet.actions import incidents, order_ledger, orders, upkeep
from guanjia.domains.fleet.models import Car, Trip
from guanjia.domains.fleet.queries import archive
from guanjia.domains.fleet.terms.cars import CarState, Energy
from guanjia.domains.fleet.terms.trips import TripState
from guanjia.domains.fleet.terms.upkeep import (
    Cover,
    ItemFacts,
    ItemKind,
    OrderKind,
    PaidBy,
    Passed,
)
from guanjia.kernel.access import queries as access
from guanjia.kernel.values.actor import Actor, Scope
from guanjia.kernel.values.period import SHANGHAI

KEEPER, CLERK = "hejiali", "suxiao"
INSURERS = ("人保财险景德镇分公司", "平安产险景德镇中心支公司", "太平洋产险景德镇中心支公司")
STATIONS = ("市机动车检测中心", "珠山区机动车检测站")
GARAGES = ("瓷都汽车维修中心", "昌江区交通汽修厂", "景航汽车服务有限公司")
DAY, YEAR = timedelta(days=1), timedelta(days=365)
_OLDEST = 60  # cars with a whole history; the others have their policies
_WITH_ORDER, _FINES = 14, 16  # fines on a journey, and together with those nobody's order explains
_BLAMES = ("EQUAL", "FULL", "NONE")
_PAID = 0.8  # of the fines on journeys
_OFFENCES = (
    ("机动车违反禁止标线指示", 3, 200),
    ("不按规定停放", 0, 100),
    ("超过规定时速百分之十以上未达百分之二十", 3, 100),
    ("通过路口不按所需行进方向驶入导向车道", 2, 100),
)
_PLACES = ("珠山区瓷都大道", "昌江区昌江大道", "浮梁县浮梁大道", "乐平市东大街", "珠山区广场南路")
_REPAIRS = (
    ("刹车片", 38_000, "刹车异响"),
    ("轮胎", 62_000, "右后轮胎鼓包"),
    ("蓄电池", 54_000, "早晨难以启动"),
    ("雨刮片", 12_000, "雨刮刮不净"),
    ("减振器", 88_000, "过坎异响"),
    ("空调压缩机", 145_000, "空调不凉"),
)


def live(*, at: datetime, rng: Random) -> None:
    """Enter it all as the keeper would: ledgers of what is over, and some that is under way."""
    keeper = access.actor_named(username=KEEPER, on=at.date())
    cars = list(
        archive.cars(Scope.all())
        .filter(state__in=[CarState.IN_USE, CarState.REPAIR, CarState.SEALED])
        .order_by("plate")
    )
    _plans(keeper, at)
    _insure(keeper, cars, at, rng)
    _inspect(keeper, cars, at, rng)
    _maintain(keeper, cars[:_OLDEST], at, rng)
    _offend(keeper, at, rng)
    _crash(keeper, at, rng)
    _under_way(keeper, cars, at)


def _plans(keeper: Actor, at: datetime) -> None:
    for title, months, km, items in (
        ("小保养", 6, 5_000, "机油、机油滤清器、全车检查"),
        ("大保养", 24, 40_000, "变速箱油、火花塞、制动液、防冻液"),
    ):
        facts = {"title": title, "months": months, "km": km, "items": items}
        upkeep.make_plan(actor=keeper, facts=facts, at=at)


# ── insurance and inspection ─────────────────────────────────────────────────────────────


def _insure(keeper: Actor, cars: Sequence[Car], at: datetime, rng: Random) -> None:
    """The policies that run, ending when the archive says, and commercial cover of some."""
    today, rows = at.astimezone(SHANGHAI).date(), []
    for place, car in enumerate(cars):
        last = car.insured_until or today + timedelta(days=rng.randint(25, 360))
        begin = last - YEAR + DAY
        paid = min(begin, today)
        insurer = rng.choice(INSURERS)
        rows.append(
            {
                "number": f"PDZA{begin:%Y}3602{place:06d}", "car": car,
                "cover": Cover.COMPULSORY, "insurer": insurer, "begin": begin, "last": last,
                "paid_on": paid, "premium_fen": rng.choice((95_000, 110_000)), "note": "",
            }
        )  # fmt: skip
        if place % 3 == 0:
            rows.append(
                {
                    "number": f"PDAA{begin:%Y}3602{place:06d}", "car": car,
                    "cover": Cover.COMMERCIAL, "insurer": insurer, "begin": begin, "last": last,
                    "paid_on": paid, "premium_fen": rng.randint(1_200, 2_600) * 100, "note": "",
                }
            )  # fmt: skip
    upkeep.enter_policies(actor=keeper, rows=rows, at=at)


def _inspect(keeper: Actor, cars: Sequence[Car], at: datetime, rng: Random) -> None:
    today, rows = at.astimezone(SHANGHAI).date(), []
    for car in cars[::2]:
        until = car.inspected_until
        if until is None:
            continue
        on = min(until - YEAR - timedelta(days=rng.randint(0, 20)), today)
        rows.append(
            {
                "number": "", "car": car, "on": on, "result": Passed.PASSED, "valid_until": until,
                "station": rng.choice(STATIONS), "fee_fen": rng.choice((18_000, 22_000)),
                "note": "",
            }
        )  # fmt: skip
    upkeep.enter_inspections(actor=keeper, rows=sorted(rows, key=lambda row: row["on"]), at=at)


# ── maintenance and repairs ──────────────────────────────────────────────────────────────


def _maintain(keeper: Actor, cars: Sequence[Car], at: datetime, rng: Random) -> None:
    today, rows = at.astimezone(SHANGHAI).date(), []
    for place, car in enumerate(cars):
        garage = rng.choice(GARAGES)
        back = 200 if place % 9 == 0 else rng.randint(10, 170)  # some are due by now
        done = today - timedelta(days=back)
        km = max(0, car.odometer_km - (5_200 if place % 11 == 0 else rng.randint(300, 4_400)))
        rows.append(_service(car, "大保养", garage, done - timedelta(days=190), max(0, km - 4_800)))
        rows.append(_service(car, "小保养", garage, done, km))
        if place % 3 == 0:
            title, fen, fault = _REPAIRS[place % len(_REPAIRS)]
            on = today - timedelta(days=rng.randint(5, 300))
            rows.append(_repair(car, garage, on, title, fen, fault))
            if place % 12 == 0:  # the same again within its warranty
                rows.append(_repair(car, garage, on + timedelta(days=40), title, fen, fault))
    rows = [row for row in rows if row["settled_on"] <= today]
    rows.sort(key=lambda row: (row["reported_on"], row["car"].plate))
    order_ledger.enter_orders(actor=keeper, rows=rows, at=at)


def _service(car: Car, title: str, garage: str, on: date, km: int) -> dict[str, Any]:
    small = title == "小保养"
    electric = car.energy == Energy.ELECTRIC
    if small:
        parts = (
            [("空调滤芯", 1, 6_500)] if electric else [("机油", 4, 8_800), ("机油滤清器", 1, 4_500)]
        )
    else:
        parts = [("制动液", 1, 12_000), ("防冻液", 1, 16_000)]
    items = [
        ItemFacts(title=name, quantity=Decimal(many), price_fen=fen) for name, many, fen in parts
    ]
    items.append(ItemFacts(title="保养工时", kind=ItemKind.LABOUR, price_fen=12_000))
    return _order(car, garage, on, items) | {
        "kind": OrderKind.MAINTENANCE, "service": title, "fault": "到期保养", "odometer_km": km,
    }  # fmt: skip


def _repair(  # noqa: PLR0917 — what a ledger tells of a repair
    car: Car, garage: str, on: date, title: str, fen: int, fault: str
) -> dict[str, Any]:
    items = [
        ItemFacts(title=title, price_fen=fen),
        ItemFacts(title="维修工时", kind=ItemKind.LABOUR, price_fen=15_000),
    ]
    return _order(car, garage, on, items) | {
        "kind": OrderKind.REPAIR, "service": "", "fault": fault, "odometer_km": None,
    }  # fmt: skip


def _order(car: Car, garage: str, on: date, items: Sequence[ItemFacts]) -> dict[str, Any]:
    return {
        "number": "", "car": car, "garage": garage, "reported_on": on, "in_shop_on": on,
        "left_shop_on": on + DAY, "settled_on": on + 3 * DAY, "items": list(items),
        "amount_fen": sum(item.amount_fen or 0 for item in items), "accepted_by": "何嘉立",
        "invoice_no": "",
    }  # fmt: skip


# ── offences and accidents ───────────────────────────────────────────────────────────────


def _offend(keeper: Actor, at: datetime, rng: Random) -> None:
    """Offences on journeys, most of them paid; two that nobody's order explains."""
    journeys = list(
        Trip.objects.filter(
            state=TripState.FINISHED, shares=None, went_at__lt=at, back_at__lt=at - DAY
        )
        .select_related("car", "driver")
        .order_by("-went_at")[:400]
    )
    rows = []
    for trip in journeys[:: max(1, len(journeys) // _WITH_ORDER)][:_WITH_ORDER]:
        out, back = trip.out.at, trip.back.at
        rows.append(_fine(trip.car, out + (back - out) / 3, rng, at, paid=trip.driver))
    for car in {trip.car_id: trip.car for trip in journeys if trip.car}.values():
        when = (at - timedelta(days=4)).astimezone(SHANGHAI).replace(hour=22, minute=40)
        rows.append(_fine(car, when, rng, at, paid=None))
        if len(rows) >= _FINES:
            break
    incidents.enter_fines(actor=keeper, rows=rows, at=at)


def _fine(car: Any, when: datetime, rng: Random, at: datetime, *, paid: Any) -> dict[str, Any]:
    what, points, yuan = rng.choice(_OFFENCES)
    on = when.astimezone(SHANGHAI).date() + timedelta(days=6)
    handled = paid is not None and on <= at.astimezone(SHANGHAI).date() and rng.random() < _PAID
    return {
        "number": "", "car": car, "at": when.replace(second=0, microsecond=0),
        "place": rng.choice(_PLACES), "what": what, "points": points, "amount_fen": yuan * 100,
        "handled_on": on if handled else None, "paid_by": PaidBy.DRIVER if handled else "",
        "payer": paid.name if handled else "", "note": "",
    }  # fmt: skip


def _crash(keeper: Actor, at: datetime, rng: Random) -> None:
    journeys = (
        Trip.objects.filter(state=TripState.FINISHED, shares=None, back_at__lt=at - 5 * DAY)
        .select_related("car")
        .order_by("-went_at")[30:300:60]
    )
    rows = []
    for place, trip in enumerate(journeys):
        loss, when = rng.randint(800, 9_000) * 100, trip.out.at + timedelta(minutes=25)
        closed = place > 0
        own = loss // 10 if place % 2 else 0
        rows.append(
            {
                "number": "", "car": trip.car, "at": when.replace(second=0, microsecond=0),
                "place": rng.choice(_PLACES), "what": ("追尾，前保险杠受损", "倒车擦碰护栏",
                "被后车追尾，后备箱变形")[place % 3],
                "blame": _BLAMES[place % len(_BLAMES)] if closed else "PENDING",
                "loss_fen": loss, "insurer_fen": loss - own if closed else 0,
                "self_fen": own if closed else 0,
                "closed_on": at.astimezone(SHANGHAI).date() - DAY if closed else None, "note": "",
            }
        )  # fmt: skip
    incidents.enter_accidents(actor=keeper, rows=rows, at=at)


# ── under way ────────────────────────────────────────────────────────────────────────────


def _under_way(keeper: Actor, cars: Sequence[Car], at: datetime) -> None:
    """Orders at every stage: waiting for its quote, for the head, in the shop, for its bill."""
    clerk = access.actor_named(username=CLERK, on=at.date())
    own = [car for car in archive.cars(clerk.scope("fleet.upkeep.enter")) if car.state == "IN_USE"]
    dear = [
        ItemFacts(title="变速箱阀体", price_fen=268_000),
        ItemFacts(title="变速箱油", quantity=Decimal(6), price_fen=9_500),
        ItemFacts(title="拆装工时", kind=ItemKind.LABOUR, price_fen=60_000),
    ]
    if own:
        _report(clerk, own[0], "换挡顿挫，二挡打滑", dear, at)
    free = [c for c in cars if c.state == CarState.IN_USE and not _promised(c) and c not in own]
    *_, third, second, first = free
    cheap = [ItemFacts(title="雨刮片", quantity=Decimal(2), price_fen=6_000)]
    _report(keeper, first, "天窗漏水", [], at)
    _report(keeper, second, "雨刮刮不净", cheap, at)
    made = _report(keeper, third, "前照灯不亮", cheap, at)
    today = at.astimezone(SHANGHAI).date()
    orders.send_in(actor=keeper, order_id=made.pk, on=today - 2 * DAY, at=at)
    orders.accept_order(actor=keeper, order_id=made.pk, on=today - DAY, note="已修好", at=at)


def _report(actor: Actor, car: Car, fault: str, items: Sequence[ItemFacts], at: datetime) -> Any:
    facts = {
        "car": car, "kind": OrderKind.REPAIR, "service": "", "fault": fault,
        "garage": GARAGES[0], "odometer_km": car.odometer_km,
    }  # fmt: skip
    return orders.report_order(actor=actor, facts=facts, items=items, at=at)


def _promised(car: Car) -> bool:
    return bool(car.trips.filter(state__in=[TripState.DISPATCHED, TripState.OUT]).exists())
