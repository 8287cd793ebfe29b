"""The ledgers of costs, cards and the sheets of others: as offices and companies keep them."""

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from guanjia.domains.fleet.actions import cards, costs
from guanjia.domains.fleet.models import Car, Cost, FuelCard, Sighting
from guanjia.domains.fleet.registers.cards import CARDS
from guanjia.domains.fleet.registers.costs import COSTS
from guanjia.domains.fleet.registers.fuel_sheet import FUEL_SHEET
from guanjia.domains.fleet.registers.toll_sheet import TOLL_SHEET
from guanjia.domains.fleet.terms.costs import CostKind
from guanjia.domains.fleet.tests import books, spending
from guanjia.domains.fleet.tests.books import FIRST_ROW
from guanjia.domains.fleet.tests.builders import AT, OWN, SECOND, SMALL, City
from guanjia.kernel.audit.models import Record
from guanjia.kernel.registers import importing, listing
from guanjia.kernel.registers.declaration import Register
from guanjia.kernel.registers.importing import ImportReport
from guanjia.kernel.values.actor import NotAllowed, Scope

COST: dict[str, Any] = {
    "spent_on": "2020年5月19日",
    "car": "赣H·10001",
    "kind": "停车费",
    "amount": "1,234.50",
    "litres": None,
    "kwh": None,
    "full": None,
    "odometer_km": "10,050",
    "place": " 浮梁 ",
    "number": "036022000111",
    "note": None,
}
SALE: dict[str, Any] = {
    "spent_at": "2020/5/19 09:10",
    "card_number": "1000 1136 0000 0000 001",
    "car": "赣H 10001",
    "place": "瓷都大道加油站",
    "grade": "92号汽油",
    "litres": "40.00",
    "price": 5.61,
    "amount": "224.40",
    "odometer_km": None,
    "number": "20200519000123",
}
PASSAGE: dict[str, Any] = {
    "spent_at": "2020-05-19 10:00:05",
    "car": "赣H10001",
    "card_number": None,
    "entry_place": "景德镇南",
    "entry_at": "2020-05-19 09:20",
    "place": "浮梁东",
    "amount": 15,
    "number": "3602052000000001",
}
CARD: dict[str, Any] = {
    "number": spending.CARD,
    "car": "赣H·10001",
    "issuer": "中石化",
    "since": "2020-01-01",
    "until": None,
    "reason": None,
}


def take(
    city: City, register: Register, *rows: Mapping[str, Any], by: str = "car_keeper", **more: Any
) -> ImportReport:
    """Import a small ledger."""
    return importing.import_file(
        register=register,
        path_or_file=books.book(register, rows),
        actor=city.actor(by),
        at=AT,
        **more,
    )


def faults(report: ImportReport) -> list[tuple[int, str, str]]:
    return [(fault.row, fault.column, fault.code) for fault in report.errors]


def doubts(report: ImportReport) -> set[str]:
    return {fault.code for fault in report.doubts}


def keys(register: Register, **params: str) -> list[Any]:
    query = listing.read(register=register, params=params)
    page = listing.look(query=query, scope=Scope.all(), at=AT)
    return [listing.value_of(register.column(register.key_column), row) for row in page.rows]


# ── costs ────────────────────────────────────────────────────────────────────────────────


def test_a_ledger_of_costs_is_taken_in_as_offices_write_it(city: City) -> None:
    report = take(city, COSTS, COST)
    assert (report.errors, report.created) == ((), 1)
    cost = Cost.objects.get()
    assert (cost.amount_fen, cost.spent_on, cost.place, cost.odometer_km) == (
        123_450,
        date(2020, 5, 19),
        "浮梁",
        10_050,
    )


def test_the_same_ledger_of_costs_twice_changes_nothing(city: City) -> None:
    rows = [COST, {**COST, "number": "2", "kind": "加油", "litres": "40", "full": "是"}]
    take(city, COSTS, *rows)
    trail = Record.objects.filter(verb__startswith="fleet.cost").count()
    again = take(city, COSTS, *rows)
    assert (again.created, again.updated, again.unchanged) == (0, 0, 2)
    assert Record.objects.filter(verb__startswith="fleet.cost").count() == trail


@pytest.mark.parametrize(
    ("changes", "column", "code"),
    [
        ({"car": "赣H99999"}, "号牌号码", "car_unknown"),
        ({"car": None}, "号牌号码", "required_missing"),
        ({"kind": "罚款"}, "费用类别", "choice_unknown"),
        ({"amount": "很多"}, "金额(元)", "number_unreadable"),
        ({"amount": -1}, "金额(元)", "value_too_small"),
        ({"spent_on": "2020年5月40日"}, "日期", "date_unreadable"),
        ({"number": None}, "票据号", "required_missing"),
        ({"litres": 0}, "升数", "value_too_small"),
        ({"full": "满"}, "加满", "choice_unknown"),
        ({"note": "交通违法罚款"}, "备注", "not_reimbursed_fine"),
        ({"note": "周末私用"}, "备注", "not_reimbursed_private"),
    ],
)
def test_what_cannot_be_true_of_a_cost_is_named_by_row_and_column(
    city: City, changes: dict[str, Any], column: str, code: str
) -> None:
    report = take(city, COSTS, {**COST, "number": "1"}, {**COST, **changes})
    assert faults(report) == [(FIRST_ROW + 1, column, code)]
    assert not Cost.objects.exists(), "all or nothing"


def test_a_day_to_come_is_a_fault(city: City) -> None:
    report = take(city, COSTS, {**COST, "spent_on": date.today() + timedelta(days=2)})  # noqa: DTZ011 — the check reads the day itself
    assert faults(report) == [(FIRST_ROW, "日期", "in_the_future")]


def test_a_receipt_stands_once_in_a_file(city: City) -> None:
    report = take(city, COSTS, COST, COST)
    assert faults(report) == [(FIRST_ROW + 1, "票据号", "number_duplicate")]


def test_a_clerk_takes_in_costs_of_the_own_cars_only(city: City) -> None:
    report = take(city, COSTS, COST, by="clerk")
    assert faults(report) == [(FIRST_ROW, "号牌号码", "car_outside")]
    Car.objects.filter(plate=SECOND).update(unit=city.units["farming"])
    assert take(city, COSTS, {**COST, "car": SECOND}, by="clerk").created == 1


def test_what_is_odd_about_a_receipt_is_told_before_it_is_written(city: City) -> None:
    Car.objects.filter(plate=SMALL).update(tank_l=50)
    fuel = {**COST, "kind": "加油", "litres": "50.01", "amount": "300"}
    report = take(city, COSTS, fuel, {**fuel, "number": "2", "litres": None}, dry_run=True)
    assert report.errors == ()
    assert doubts(report) == {"tank_exceeded", "litres_missing"}
    assert not Cost.objects.exists()


def test_a_row_of_a_sheet_is_not_changed_by_a_ledger(city: City) -> None:
    spending.card(city)
    spending.fuel(city, "F1", odometer_km=10_050, place="浮梁")
    row = {**COST, "number": "油卡 F1", "kind": "加油", "spent_on": "2020-05-19", "car": SMALL}
    same = {**row, "litres": "40", "amount": "224.40"}
    assert take(city, COSTS, same).unchanged == 1
    report = take(city, COSTS, {**same, "amount": "1"})
    assert faults(report) == [(FIRST_ROW, "票据号", "not_changeable")]


def test_the_list_counts_what_counts(city: City) -> None:
    spending.entered(city, number="A", amount_fen=1_000)
    gone = spending.entered(city, number="B", amount_fen=2_000)
    costs.void_cost(actor=city.actor("car_keeper"), cost_id=gone.pk, reason="重复", at=AT)
    query = listing.read(register=COSTS, params={"view": "all"})
    page = listing.look(query=query, scope=Scope.all(), at=AT)
    assert (page.count, page.totals["amount"]) == (2, Decimal("10.00"))
    assert keys(COSTS, view="counted") == ["A"]
    assert keys(COSTS, view="refused") == ["B"]


def test_a_number_of_the_accounts_opens_its_rows(city: City) -> None:
    """As 单车核算 links: a car, a kind and a period."""
    spending.entered(city, number="A")
    spending.entered(city, number="B", car=city.cars[SECOND])
    spending.entered(city, number="C", kind=CostKind.TOLL)
    spending.entered(city, number="D", spent_on=date(2020, 4, 30))
    found = keys(
        COSTS, view="counted", words=SMALL, kind="PARKING", spent_from="2020-05-01",
        spent_to="2020-05-31",
    )  # fmt: skip
    assert found == ["A"]


def test_costs_without_a_trip_are_found(city: City) -> None:
    trip = city.finished()
    spending.entered(city, number="A", spent_on=trip.planned_from.date())
    spending.entered(city, number="B")
    assert keys(COSTS, view="all", tripped="WITHOUT") == ["B"]
    assert keys(COSTS, view="all", tripped="WITH") == ["A"]
    assert keys(COSTS, view="doubts") == ["B"]


# ── the fuel company's sheet ─────────────────────────────────────────────────────────────


def test_the_fuel_companys_sheet_is_taken_in_as_it_comes(city: City) -> None:
    spending.card(city)
    report = take(city, FUEL_SHEET, SALE)
    assert (report.errors, report.created) == ((), 1)
    cost = Cost.objects.get()
    assert (cost.amount_fen, cost.litres, cost.sale.card_number) == (22_440, 40, spending.CARD)
    assert cost.sale.price_yuan == Decimal("5.610")
    again = take(city, FUEL_SHEET, SALE)
    assert (again.created, again.updated, again.unchanged) == (0, 0, 1)
    assert Sighting.objects.count() == 1


def test_a_sale_without_a_plate_is_its_cards_cars(city: City) -> None:
    report = take(city, FUEL_SHEET, {**SALE, "car": None})
    assert faults(report) == [(FIRST_ROW, "号牌号码", "car_missing")]
    spending.card(city)
    assert take(city, FUEL_SHEET, {**SALE, "car": None}).created == 1
    assert Cost.objects.get().car.plate == SMALL


def test_the_preview_names_the_card_of_another_car(city: City) -> None:
    spending.card(city)
    report = take(city, FUEL_SHEET, {**SALE, "car": SECOND}, dry_run=True)
    assert doubts(report) == {"card_of_other"}
    assert report.doubts[0].column == "卡号"


@pytest.mark.parametrize(
    ("changes", "column", "code"),
    [
        ({"litres": None}, "升数", "required_missing"),
        ({"amount": "2.2.4"}, "金额(元)", "number_unreadable"),
        ({"spent_at": "昨天"}, "交易时间", "date_unreadable"),
        ({"number": None}, "流水号", "required_missing"),
        ({"card_number": None}, "卡号", "required_missing"),
        ({"car": "赣H88888"}, "号牌号码", "car_unknown"),
    ],
)
def test_what_cannot_be_true_of_a_sale_is_named(
    city: City, changes: dict[str, Any], column: str, code: str
) -> None:
    spending.card(city)
    report = take(city, FUEL_SHEET, {**SALE, "number": "1"}, {**SALE, **changes})
    assert (FIRST_ROW + 1, column, code) in faults(report)
    assert not Cost.objects.exists()


def test_a_clerk_does_not_take_in_the_companies_sheets(city: City) -> None:
    for register, row in ((FUEL_SHEET, SALE), (TOLL_SHEET, PASSAGE)):
        with pytest.raises(NotAllowed):
            take(city, register, row, by="clerk")


def test_the_sales_of_a_card_are_found_by_its_number(city: City) -> None:
    spending.card(city)
    spending.sold(
        city, spending.sale(city, "1"), spending.sale(city, "2", card_number="X9", car=SECOND)
    )
    assert keys(FUEL_SHEET, view="all", card=spending.CARD) == ["1"]


# ── the toll road's sheet ────────────────────────────────────────────────────────────────


def test_the_toll_roads_sheet_is_taken_in_as_it_comes(city: City) -> None:
    report = take(city, TOLL_SHEET, PASSAGE)
    assert (report.errors, report.created) == ((), 1)
    again = take(city, TOLL_SHEET, PASSAGE)
    assert (again.created, again.updated, again.unchanged) == (0, 0, 1)
    assert Sighting.objects.count() == 2


def test_an_etc_card_alone_tells_the_car(city: City) -> None:
    row = {**PASSAGE, "car": None, "card_number": "3601 0001"}
    assert faults(take(city, TOLL_SHEET, row)) == [(FIRST_ROW, "号牌号码", "car_missing")]
    cards.give_card(
        actor=city.actor("car_keeper"), car_id=city.cars[SMALL].pk, number="36010001",
        issuer="赣通卡", since=date(2020, 1, 1), at=AT,
    )  # fmt: skip
    assert take(city, TOLL_SHEET, row).created == 1


def test_nobody_leaves_a_toll_road_before_entering_it(city: City) -> None:
    report = take(city, TOLL_SHEET, {**PASSAGE, "entry_at": "2020-05-19 10:00:05"})
    assert faults(report) == [(FIRST_ROW, "入口时间", "ends_before_it_begins")]


def test_a_free_passage_costs_nothing_and_is_seen(city: City) -> None:
    assert take(city, TOLL_SHEET, {**PASSAGE, "amount": 0, "entry_at": None}).created == 1
    assert Sighting.objects.count() == 1


# ── cards ────────────────────────────────────────────────────────────────────────────────


def test_a_ledger_of_cards_gives_cars_their_cards(city: City) -> None:
    rows = [CARD, {**CARD, "number": "2", "car": SECOND}]
    assert take(city, CARDS, *rows).created == 2
    assert FuelCard.objects.get(number="2").car.plate == SECOND
    again = take(city, CARDS, *rows)
    assert (again.created, again.updated, again.unchanged) == (0, 0, 2)


def test_a_card_stops_and_begins_again_by_ledger(city: City) -> None:
    take(city, CARDS, CARD)
    report = take(city, CARDS, {**CARD, "until": "2020-03-01", "reason": "换车"})
    assert report.updated == 1
    report = take(city, CARDS, {**CARD, "car": SECOND, "since": "2020-03-01"})
    assert report.created == 1
    held = FuelCard.objects.filter(number=spending.CARD).order_by("since")
    assert [card.car.plate for card in held] == [SMALL, SECOND]
    assert keys(CARDS, view="all") == [spending.CARD], "each number stands once"


@pytest.mark.parametrize(
    ("changes", "column", "code"),
    [
        ({"car": SECOND}, "号牌号码", "card_taken"),
        ({"car": SECOND, "since": "2020-05-01"}, "号牌号码", "card_taken"),
        ({"since": "2019-01-01"}, "启用日期", "since_differs"),
        ({"number": "2"}, "号牌号码", "car_has_card"),
        ({"until": "2020-03-01"}, "停用原因", "required_missing"),
        ({"until": "2019-12-31", "reason": "遗失"}, "停用日期", "ends_before_it_begins"),
    ],
)
def test_what_cannot_be_true_of_a_card_is_named(
    city: City, changes: dict[str, Any], column: str, code: str
) -> None:
    take(city, CARDS, CARD)
    assert faults(take(city, CARDS, {**CARD, **changes})) == [(FIRST_ROW, column, code)]


def test_two_cards_for_one_car_in_one_file_are_named(city: City) -> None:
    report = take(city, CARDS, CARD, {**CARD, "number": "2"})
    assert faults(report) == [(FIRST_ROW + 1, "号牌号码", "car_has_card")]
    assert not FuelCard.objects.exists()


def test_secret_cars_are_left_out_of_shared_lists(city: City) -> None:
    spending.card(city)
    spending.entered(city)
    spending.fuel(city, "1")
    spending.passed(city, spending.passage(city, "1"))
    Car.objects.filter(plate=SMALL).update(secret=True)
    for register in (COSTS, CARDS, FUEL_SHEET, TOLL_SHEET):
        assert register.rows(Scope.all()).exists()
        assert not register.rows(Scope.outside()).exists()


def test_the_own_cars_of_a_unit_are_its_own(city: City) -> None:
    spending.entered(city, car=city.cars[OWN])
    other = Scope(unit_ids=(city.units["other"].pk,))
    assert COSTS.rows(other).count() == 1
    assert not COSTS.rows(Scope(unit_ids=(city.units["farming"].pk,))).exists()
