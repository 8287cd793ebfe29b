"""Running costs in the demo: cards, receipts and the sheets of spring 2020, and of last month."""

from collections import Counter, defaultdict
from datetime import date, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from guanjia.domains.fleet.actions import cards, costs, entering, levels, sheets
from guanjia.domains.fleet.models import Car, Cost, Trip
from guanjia.domains.fleet.queries import fuel
from guanjia.domains.fleet.terms.cars import CarState, Energy
from guanjia.domains.fleet.terms.costs import Barred, CostKind, CostSource
from guanjia.domains.fleet.terms.trips import TripState
from guanjia.kernel.access import queries as access
from guanjia.kernel.registers import amending, remarks
from guanjia.kernel.registers.models import Remark
from guanjia.kernel.values.actor import Actor
from guanjia.kernel.values.period import SHANGHAI, Period

KEEPER = "hejiali"
_SPRING = Period.parse("2020-04-01..2020-05-31")
_TOLD_AT = datetime(2020, 6, 5, 10, 20, tzinfo=SHANGHAI)
_BURNS = (Energy.PETROL, Energy.DIESEL, Energy.HYBRID)
_CARS, _BY_RECEIPT = 14, 6
_ISSUER = "中石化江西景德镇石油分公司"
_STATIONS = ("瓷都大道加油站", "浮梁大道加油站", "昌南新区加油站", "景德镇南服务区加油站")
_GATES = {
    "浮梁": ("景德镇北", "浮梁东", 1_000),
    "乐平": ("景德镇南", "乐平北", 1_900),
    "婺源": ("景德镇东", "婺源西", 3_400),
    "南昌": ("景德镇南", "南昌东", 10_450),
    "鹰潭": ("景德镇南", "鹰潭北", 6_300),
    "九江": ("景德镇西", "九江东", 6_100),
}
_MINUTE = timedelta(minutes=1)


def live(*, at: datetime, rng: Random) -> None:
    """Cards, tanks, and what the spring of 2020 cost; before anything that counts costs."""
    keeper = access.actor_named(username=KEEPER, on=at.date())
    cars = _cars()
    for place, car in enumerate(cars):
        amending.amend(
            archive=entering.CAR,
            actor=keeper,
            pk=car.pk,
            facts={"tank_l": _tank(car), "battery_kwh": None},
            at=_TOLD_AT,
        )
        cards.give_card(
            actor=keeper, car_id=car.pk, number=f"10001136000000{place + 1:05d}", issuer=_ISSUER,
            since=date(2019, 12, 1), at=_TOLD_AT,
        )  # fmt: skip
    trips = _trips(cars, _SPRING)
    fills = {car.pk: _fills(car, trips[car.pk], rng) for car in cars}
    _receipts(keeper, cars[:_BY_RECEIPT], fills, _TOLD_AT)
    sales = [each for car in cars[_BY_RECEIPT:] for each in _sales(car, cars, fills[car.pk])]
    sales += _odd_sales(cars, sales)
    sheets.take_fuel_sheet(actor=keeper, rows=sales, at=_TOLD_AT)
    passages = _passages([trip for line in trips.values() for trip in line], rng)
    sheets.take_toll_sheet(actor=keeper, rows=passages, at=_TOLD_AT)
    _totals(keeper, sales, passages)
    _judged(keeper)


def live_last_month(*, at: datetime, rng: Random) -> None:
    """The sheets of last month and of these days; called after everything that drives."""
    keeper = access.actor_named(username=KEEPER, on=at.date())
    first = (at.astimezone(SHANGHAI).date().replace(day=1) - timedelta(days=1)).replace(day=1)
    begin, _ = Period.month_of(first).bounds()
    trips = list(
        Trip.objects.filter(went_at__gte=begin, state=TripState.FINISHED, car__isnull=False)
        .select_related("car__unit")
        .order_by("went_at")
    )
    passages = _passages(trips, rng, prefix="36021")
    passages += _same_as_told(trips)
    sheets.take_toll_sheet(actor=keeper, rows=passages, at=at)
    _levels(keeper, trips, at, rng)


def _cars() -> list[Car]:
    """Cars that burn fuel and drove most that spring, one class first."""
    begin, end = _SPRING.bounds()
    driven: dict[int, int] = defaultdict(int)
    for car_id, km in Trip.objects.filter(
        went_at__gte=begin, went_at__lt=end, driven__isnull=False
    ).values_list("car_id", "driven"):
        driven[car_id or 0] += km or 0
    found = Car.objects.filter(
        pk__in=driven, energy__in=_BURNS, secret=False, state=CarState.IN_USE
    ).select_related("unit")
    most = sorted(found, key=lambda car: (-driven[car.pk], car.plate))
    alike = Counter(fuel.class_of(car) for car in most)
    first = max(alike, key=lambda each: (alike[each], each))
    # Enough of one class come first, so that their fuel can be compared.
    return sorted(most, key=lambda car: fuel.class_of(car) != first)[:_CARS]


def _tank(car: Car) -> Decimal:
    return Decimal(55 if car.seats <= 7 else 70)  # noqa: PLR2004 — vans have larger ones


def _trips(cars: list[Car], period: Period) -> dict[int, list[Trip]]:
    begin, end = period.bounds()
    lines: dict[int, list[Trip]] = defaultdict(list)
    for trip in (
        Trip.objects.filter(car__in=cars, went_at__gte=begin, went_at__lt=end, shares=None)
        .filter(state=TripState.FINISHED)
        .select_related("car__unit")
        .order_by("went_at")
    ):
        lines[trip.car_id or 0].append(trip)
    return lines


def _fills(car: Car, line: list[Trip], rng: Random) -> list[dict[str, Any]]:
    """The tank is filled on the way whenever it is down by two thirds."""
    norm = Decimal(str(round(rng.uniform(8.2, 9.8) + (3 if car.seats > 7 else 0), 1)))  # noqa: PLR2004 — vans burn more
    filled: list[dict[str, Any]] = []
    burnt = Decimal(0)
    for trip in line:
        burnt += Decimal(trip.driven or 0) * norm / 100
        if (burnt < 30 and filled) or burnt < 8 or trip.went_at is None or trip.back_at is None:  # noqa: PLR2004 — litres
            continue
        litres = min(burnt, _tank(car) - 2).quantize(Decimal("0.01"))
        when = trip.back_at - min(10 * _MINUTE, (trip.back_at - trip.went_at) / 2)
        filled.append(
            {
                "at": when.replace(second=0, microsecond=0),
                "litres": litres,
                "fen": int(litres * 561),
                "km": trip.end_km,
                "place": rng.choice(_STATIONS),
            }
        )
        burnt = Decimal(0)
    return filled


def _receipts(keeper: Actor, cars: list[Car], fills: dict[int, Any], at: datetime) -> None:
    """Cars whose fuel is bought with receipts, full each time; one of them burns too much."""
    rows: list[dict[str, Any]] = []
    for place, car in enumerate(cars):
        for nth, each in enumerate(fills[car.pk]):
            much = place == 1 and nth == len(fills[car.pk]) - 1
            litres = min(each["litres"] * 2, _tank(car)) if much else each["litres"]
            rows.append(
                {
                    "number": f"03602200{len(rows) + 311:04d}",
                    "car": car,
                    "kind": CostKind.FUEL,
                    "spent_on": each["at"].astimezone(SHANGHAI).date(),
                    "spent_at": each["at"],
                    "amount_fen": int(litres * 561),
                    "litres": litres,
                    "full": True,
                    "odometer_km": each["km"],
                    "place": each["place"],
                    "note": "",
                }
            )
    for place, car in enumerate(cars):
        rows.append(
            {
                "number": f"P2020{place + 1:04d}",
                "car": car,
                "kind": (CostKind.PARKING, CostKind.WASH)[place % 2],
                "spent_on": date(2020, 5, 11 + place),
                "amount_fen": 1_000 + 500 * place,
                "place": "高铁北站停车场" if place % 2 == 0 else "昌江大道洗车行",
                "note": "",
            }
        )
    costs.enter_costs(actor=keeper, rows=rows, at=at)


def _sales(car: Car, cars: list[Car], filled: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [
        {
            "source_no": f"2020{car.pk:05d}{nth:04d}",
            "car": car,
            "spent_at": each["at"],
            "amount_fen": each["fen"],
            "litres": each["litres"],
            "odometer_km": each["km"],
            "place": each["place"],
            "card_number": f"10001136000000{cars.index(car) + 1:05d}",
            "grade": "92号汽油",
            "price_yuan": Decimal("5.610"),
        }
        for nth, each in enumerate(filled)
    ]


def _odd_sales(cars: list[Car], sales: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """A card for another car, more than the tank, fuel on a Sunday without a trip."""
    plain = sales[0]
    one, other = cars[_BY_RECEIPT], cars[_BY_RECEIPT + 1]
    return [
        plain
        | {
            "source_no": "2020X0001",
            "car": other,
            "card_number": f"10001136000000{cars.index(one) + 1:05d}",
            "spent_at": datetime(2020, 5, 14, 11, 40, tzinfo=SHANGHAI),
            "odometer_km": None,
        },
        plain
        | {
            "source_no": "2020X0002",
            "spent_at": datetime(2020, 5, 22, 15, 5, tzinfo=SHANGHAI),
            "litres": _tank(one) + 8,
            "amount_fen": int((_tank(one) + 8) * 561),
            "odometer_km": None,
        },
        plain
        | {
            "source_no": "2020X0003",
            "spent_at": datetime(2020, 5, 17, 16, 20, tzinfo=SHANGHAI),
            "litres": Decimal("20.00"),
            "amount_fen": 11_220,
            "odometer_km": None,
        },
    ]


def _passages(trips: list[Trip], rng: Random, prefix: str = "36020") -> list[dict[str, Any]]:
    """Out and back through the gates that lie on the way."""
    rows: list[dict[str, Any]] = []
    for trip in trips:
        gates = next((g for name, g in _GATES.items() if name in trip.destination), None)
        if gates is None or trip.went_at is None or trip.back_at is None:
            continue
        took = trip.back_at - trip.went_at
        if took < 90 * _MINUTE or rng.random() > 0.7:  # noqa: PLR2004 — some take the old road
            continue
        home, away, fen = gates
        share = took / 5
        for (entry, left), (begin, end) in (
            ((home, away), (trip.went_at + share / 2, trip.went_at + share * 3 / 2)),
            ((away, home), (trip.back_at - share * 3 / 2, trip.back_at - share / 2)),
        ):
            rows.append(
                {
                    "source_no": f"{prefix}{trip.pk:08d}{len(rows) % 2}",
                    "car": trip.car,
                    "spent_at": end.replace(second=0, microsecond=0),
                    "amount_fen": fen,
                    "place": left,
                    "card_number": "",
                    "entry_place": entry,
                    "entry_at": begin.replace(second=0, microsecond=0),
                }
            )
    return rows


def _same_as_told(trips: list[Trip]) -> list[dict[str, Any]]:
    """The toll road's rows of what drivers told these days: the same money, counted once."""
    return [
        {
            "source_no": f"36022{trip.pk:08d}",
            "car": trip.car,
            "spent_at": trip.back_at.replace(second=0, microsecond=0) - 6 * _MINUTE,
            "amount_fen": trip.toll_fen,
            "place": "景德镇南",
            "card_number": "",
            "entry_place": "",
            "entry_at": None,
        }
        for trip in [each for each in trips if each.toll_fen][:4]
        if trip.back_at is not None
    ]


def _totals(keeper: Actor, sales: list[dict[str, Any]], passages: list[dict[str, Any]]) -> None:
    """What the companies state: the fuel is right, the tolls of May miss one passage."""
    for source, rows, missing in (
        (CostSource.FUEL_SHEET, sales, 0),
        (CostSource.ETC_SHEET, passages, 1_000),
    ):
        for month in (date(2020, 4, 1), date(2020, 5, 1)):
            mine = [r for r in rows if r["spent_at"].astimezone(SHANGHAI).month == month.month]
            late = missing if month.month == 5 else 0  # noqa: PLR2004 — May
            sheets.state_total(
                actor=keeper, source=source, month=month,
                total_fen=sum(row["amount_fen"] for row in mine) + late,
                entries=len(mine) + (1 if late else 0), at=_TOLD_AT,
            )  # fmt: skip


def _judged(keeper: Actor) -> None:
    """One receipt is refused, one doubt explained."""
    wash = Cost.objects.filter(kind=CostKind.WASH, source=CostSource.HAND).order_by("pk").first()
    if wash is not None:
        costs.refuse_cost(
            actor=keeper, cost_id=wash.pk, barred=Barred.PRIVATE,
            reason="用车人确认当天为私人行程", at=_TOLD_AT + timedelta(days=1),
        )  # fmt: skip
    found = Remark.objects.filter(register="fleet.costs", code="no_trip", state="OPEN")
    doubt = found.order_by("pk").first()
    if doubt is not None:
        remarks.explain(
            actor=keeper, remark_id=doubt.pk,
            explanation="当天值班应急备车加油，值班记录附后，补录派车单",
            at=_TOLD_AT + timedelta(days=2),
        )  # fmt: skip


def _levels(keeper: Actor, trips: list[Trip], at: datetime, rng: Random) -> None:
    """A few weeks of levels of one car: it runs down and is filled again."""
    car = next((t.car for t in trips if t.car and t.car.tank_l and t.car.energy in _BURNS), None)
    car = car or _cars()[0]
    litres = Decimal(50)
    for days in range(20, 0, -2):
        litres -= Decimal(rng.randint(4, 11))
        if litres < 10:  # noqa: PLR2004 — time to fill
            litres = Decimal(52)
        read_at = (at - timedelta(days=days)).replace(hour=9, minute=30, second=0, microsecond=0)
        levels.enter_level(actor=keeper, car_id=car.pk, read_at=read_at, litres=litres, at=at)
