"""单车核算: the arithmetic against a naive count, and the page that shows it."""

import io
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

import openpyxl
import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from guanjia.domains.fleet.models import Car, Cost, Trip
from guanjia.domains.fleet.queries import accounts
from guanjia.domains.fleet.registers.costs import COSTS
from guanjia.domains.fleet.registers.trips import TRIPS
from guanjia.domains.fleet.rules.times import ZONE
from guanjia.domains.fleet.terms.accounts import Group
from guanjia.domains.fleet.terms.cars import Body, Energy
from guanjia.domains.fleet.terms.costs import CostKind, CostSource, CostState
from guanjia.domains.fleet.terms.trips import Purpose, TripState
from guanjia.domains.fleet.tests import builders
from guanjia.domains.fleet.tests import upkeep_rows as rows
from guanjia.domains.fleet.tests.builders import AT, SMALL, City
from guanjia.kernel.registers import listing
from guanjia.kernel.values.actor import Scope
from guanjia.kernel.values.period import Period

pytestmark = pytest.mark.pg15

MAY = Period.parse("2020-05")
CENT = Decimal("0.01")


@pytest.fixture(autouse=True)
def _morning() -> Iterator[None]:
    with time_machine.travel(AT, tick=False):
        yield


def cost(car: Car, fen: int, **changes: Any) -> Cost:
    made: Cost = Cost.objects.create(
        **{
            "car": car, "unit": car.unit, "kind": CostKind.FUEL, "spent_on": date(2020, 5, 10),
            "amount_fen": fen, "source": CostSource.HAND, "entered_at": AT, **changes,
        }
    )  # fmt: skip
    return made


def trip(city: City, car: Car, number: int, went: datetime, *, hours: int, km: int) -> Trip:
    """A finished journey as the database has it; each car's readings follow one another."""
    last = Trip.objects.filter(car=car, end_km__isnull=False).order_by("-end_km").first()
    start = (last.end_km or 0) if last else 10_000
    made: Trip = Trip.objects.create(
        number=f"PC{number:013d}", unit=city.units["farming"], rider_name="莫兴", reason="调研",
        purpose=Purpose.SURVEY, origin="x", destination="浮梁", passengers=1,
        planned_from=went, planned_to=went + timedelta(hours=hours), went_at=went,
        back_at=went + timedelta(hours=hours), start_km=start, end_km=start + km, car=car,
        driver=builders.Driver.objects.order_by("pk")[number % 3], state=TripState.FINISHED,
    )  # fmt: skip
    return made


def naive(car: Car, period: Period) -> dict[str, Any]:
    """What somebody with a pencil would reckon, row by row."""
    km = trips = 0
    days: set[date] = set()
    for t in Trip.objects.filter(car=car, state=TripState.FINISHED, shares=None):
        assert t.went_at is not None
        assert t.back_at is not None
        if period.start <= t.went_at.astimezone(ZONE).date() < period.end:
            km, trips = km + (t.end_km or 0) - (t.start_km or 0), trips + 1
            day = t.went_at.astimezone(ZONE).date()
            while day <= min(t.back_at.astimezone(ZONE).date(), period.last):
                days.add(day)
                day += timedelta(days=1)
    spent: dict[CostKind, int] = {}
    litres, entries = Decimal(0), 0
    for c in Cost.objects.filter(car=car):
        if c.state == CostState.COUNTED and period.start <= c.spent_on < period.end:
            spent[CostKind(c.kind)] = spent.get(CostKind(c.kind), 0) + c.amount_fen
            litres, entries = litres + (c.litres or 0), entries + 1
    total = sum(spent.values())
    return {
        "km": km, "trips": trips, "days_used": len(days), "costs": spent, "litres": litres,
        "cost": (Decimal(total) / km).quantize(CENT) if km and entries else None,
        "fuel": (litres * 100 / km).quantize(CENT) if km and litres else None,
    }  # fmt: skip


@pytest.mark.parametrize("seed", range(3))
def test_the_account_agrees_with_a_naive_count(city: City, seed: int) -> None:
    rng = Random(seed)
    cars = [city.cars[plate] for plate in (SMALL, builders.SECOND, builders.THIRD)]
    number, hour = seed * 1000, datetime(2020, 4, 28, 8, tzinfo=ZONE)
    for _ in range(25):
        number += 1
        hours = rng.choice([1, 3, 20, 50])
        trip(city, rng.choice(cars), number, hour, hours=hours, km=rng.randint(0, 300))
        hour += timedelta(hours=hours + rng.randint(0, 30))
    for _ in range(40):
        kind = rng.choice(list(CostKind))
        cost(
            rng.choice(cars), rng.randint(0, 90_000), kind=kind,
            spent_on=date(2020, 4, 28) + timedelta(days=rng.randint(0, 38)),
            state=rng.choice([CostState.COUNTED, CostState.COUNTED, CostState.VOID]),
            litres=Decimal(rng.randint(1, 6000)) / 100 if kind is CostKind.FUEL else None,
        )  # fmt: skip
    for period in (MAY, Period.parse("2020"), Period.parse("2020-04")):
        found = {a.car_id: a for a in accounts.of_cars(scope=Scope.all(), period=period)}
        for car in cars:
            account, counted = found[car.pk], naive(car, period)
            assert account.cost_per_km_fen.rate == counted.pop("cost")
            assert account.litres_per_100km.rate == counted.pop("fuel")
            assert {name: getattr(account, name) for name in counted} == counted


def test_only_finished_journeys_of_its_own_count(city: City) -> None:
    city.finished(start_km=10_000, end_km=10_080)
    city.dispatched(planned_from=AT + 30 * builders.HOUR, planned_to=AT + 31 * builders.HOUR)
    (account,) = [a for a in accounts.of_cars(scope=Scope.all(), period=MAY) if a.plate == SMALL]
    assert (account.trips, account.km, account.days_used) == (1, 80, 1)


def test_it_is_asked_in_five_statements(city: City, django_assert_max_num_queries: Any) -> None:
    cost(city.cars[SMALL], 100)
    with django_assert_max_num_queries(6):
        assert accounts.of_cars(scope=Scope.all(), period=MAY)


def test_a_kind_needs_five_cars_for_a_median(city: City) -> None:
    bureau = city.units["bureau"]
    cars = [
        builders.car(f"赣H5{n:04d}", bureau, energy=Energy.PETROL, body=Body.SEDAN)
        for n in range(5)
    ]
    for n, car in enumerate(cars):
        trip(city, car, n, datetime(2020, 5, 4 + n, 9, tzinfo=ZONE), hours=2, km=100)
        if n < 4:
            cost(car, 10_000 * (n + 1), litres=Decimal(8 + n))
    group = Group.of(use=cars[0].use, body=Body.SEDAN, energy=Energy.PETROL)

    def shown() -> tuple[Any, Any]:
        found = accounts.of_cars(scope=Scope.all(), period=MAY)
        return next(
            (cost_rates.cars, cost_rates.median)
            for g, _, cost_rates, _ in accounts.groups_of(found)
            if g == group
        )

    assert shown() == (4, None)
    cost(cars[4], 50_000, litres=Decimal(12))
    assert shown() == (5, Decimal("300.00"))
    worst = accounts.dearest(
        accounts.of_cars(scope=Scope.all(), period=MAY), by="cost_per_km_fen", count=2
    )
    assert [a.plate for a in worst] == ["赣H50004", "赣H50003"]
    assert [a.cost_per_km_fen.place for a in worst] == [1, 2]
    Car.objects.filter(pk=cars[4].pk).update(secret=True)
    outside = accounts.of_cars(scope=Scope.outside(), period=MAY)
    assert "赣H50004" not in {a.plate for a in outside}
    assert next(a for a in outside if a.plate == "赣H50000").cost_per_km_fen.median is None


# ── the page ─────────────────────────────────────────────────────────────────────────────


def client_of(city: City, username: str) -> Client:
    client = Client()
    client.force_login(city.accounts[username], backend="django.contrib.auth.backends.ModelBackend")
    return client


def furnish(city: City) -> None:
    city.finished(start_km=10_000, end_km=10_080)
    cost(city.cars[SMALL], 40_050, litres=Decimal("50.25"), spent_on=date(2020, 5, 12))
    cost(city.cars[SMALL], 1_500, kind=CostKind.TOLL)
    cost(city.cars[SMALL], 99_999, state=CostState.VOID)
    cost(rows.clerk_car(city), 2_000, kind=CostKind.WASH)


def test_the_page_opens_on_the_month_that_is_over_and_takes_others(city: City) -> None:
    furnish(city)
    client = client_of(city, "car_keeper")
    assert "2020年4月" in client.get(reverse("fleet:accounts")).content.decode()
    page = client.get(reverse("fleet:accounts"), {"period": "2020-05"}).content.decode()
    for seen in ("2020年5月", "415.50", "400.50", "15.00", "5.19", "62.8", "同类 1 辆，不足"):
        assert seen in page, seen
    assert "999.99" not in page
    assert "《机关事务管理条例》第二十六条" in page
    assert "《公共机构节能条例》第三十四条" in page
    year = client.get(reverse("fleet:accounts"), {"period": "2020"}).content.decode()
    assert "2020年" in year
    assert "415.50" in year
    odd = client.get(reverse("fleet:accounts"), {"period": "去年"}).content.decode()
    assert "读不出时段“去年”。" in odd


def test_every_number_opens_just_its_rows(city: City) -> None:
    furnish(city)
    client = client_of(city, "car_keeper")
    page = client.get(reverse("fleet:accounts"), {"period": "2020-05"}).content.decode()
    assert "kind=FUEL" in page
    fuel = {
        "view": "all", "state": "COUNTED", "spent_from": "2020-05-01", "spent_to": "2020-05-31",
        "kind": "FUEL", "words": SMALL,
    }  # fmt: skip
    found = listing.look(query=listing.read(register=COSTS, params=fuel), scope=Scope.all(), at=AT)
    assert [row.amount_fen for row in found.rows] == [40_050]
    driven = {
        "view": "all", "state": "FINISHED", "riding": "OWN", "went_from": "2020-05-01",
        "went_to": "2020-05-31", "words": SMALL,
    }  # fmt: skip
    query = listing.read(register=TRIPS, params=driven)
    assert not query.notes
    assert listing.look(query=query, scope=Scope.all(), at=AT).count == 1


def test_the_sheet_says_exactly_what_the_page_shows(city: City) -> None:
    furnish(city)
    client = client_of(city, "car_keeper")
    asked = {"period": "2020-05", "unit": "3602D055", "sort": "cost"}
    answer = client.get(reverse("fleet:accounts_export"), asked)
    sheet = openpyxl.load_workbook(io.BytesIO(answer.content)).active
    cells = [list(row) for row in sheet.iter_rows(values_only=True)]
    head = next(row for row in cells if row[0] == "号牌号码")
    first = dict(zip(head, cells[cells.index(head) + 1], strict=True))
    assert (first["号牌号码"], first["里程(km)"], first["加油(L)"]) == (SMALL, 80, 50.25)
    assert (first["费用合计(元)"], first["每公里费用(元)"]) == (415.5, 5.19)
    assert "赣H20002" not in {row[0] for row in cells}, "the filter holds for the sheet too"
    assert cells[-1][0] == "合计"
    assert "洗车(元)" not in head, "no kind without a cost among the rows"


def test_a_clerk_sees_their_own_cars_beside_the_citys_median(city: City) -> None:
    furnish(city)
    page = client_of(city, "clerk").get(reverse("fleet:accounts"), {"period": "2020-05"})
    text = page.content.decode()
    assert "H20002" in text
    assert "H10001" not in text
    assert client_of(city, "asker").get(reverse("fleet:accounts")).status_code == 403
    assert client_of(city, "stranger").get(reverse("fleet:accounts_export")).status_code == 403
