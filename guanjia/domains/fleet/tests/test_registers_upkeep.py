"""Ledgers of policies, inspections, orders, fines and accidents as offices keep them."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

import pytest
import time_machine

from guanjia.domains.fleet.actions import orders
from guanjia.domains.fleet.models import Accident, Car, Cost, Fine, Inspection, Order, Policy
from guanjia.domains.fleet.registers.accidents import ACCIDENTS
from guanjia.domains.fleet.registers.fines import FINES
from guanjia.domains.fleet.registers.inspections import INSPECTIONS
from guanjia.domains.fleet.registers.orders import ORDERS
from guanjia.domains.fleet.registers.policies import POLICIES
from guanjia.domains.fleet.tests import books
from guanjia.domains.fleet.tests import upkeep_rows as rows
from guanjia.domains.fleet.tests.books import FIRST_ROW
from guanjia.domains.fleet.tests.builders import AT, SECOND, SMALL, TODAY, City
from guanjia.kernel.registers import importing, listing, workbook
from guanjia.kernel.registers.declaration import Register
from guanjia.kernel.registers.importing import ImportReport
from guanjia.kernel.values.actor import NotAllowed, Scope


@pytest.fixture(autouse=True)
def _morning() -> Iterator[None]:
    with time_machine.travel(AT, tick=False):
        yield


POLICY: dict[str, Any] = {
    "number": "PDZA202036020000000001", "car": "赣H·10001", "cover": "交强险",
    "insurer": "人保财险景德镇分公司", "begin": "2020年5月20日", "last": "2021/5/19",
    "paid_on": None, "premium": "1,050.00", "note": None,
}  # fmt: skip
INSPECTION: dict[str, Any] = {
    "number": "36020020200012", "car": "赣H10001", "on": "2020-05-18", "result": "合格",
    "valid_until": "2022年5月31日", "station": "市机动车检测站", "fee": "220", "note": None,
}  # fmt: skip
ORDER: dict[str, Any] = {
    "number": "WX2020-018", "car": "赣H10001", "kind": "保养", "state": "已结算",
    "service": "小保养", "garage": "瓷都汽修", "fault": "到期保养", "reported_on": "2020-05-11",
    "in_shop_on": "2020年5月12日", "left_shop_on": "2020/5/12", "odometer_km": "9,500",
    "details": "机油 4*80；机滤 1×45.00；更换工时 1×120", "amount": "485.00", "settled_on": None,
    "accepted_by": "冯海", "invoice_no": "03112233",
}  # fmt: skip
FINE: dict[str, Any] = {
    "number": "360202194012345", "car": "赣H10001", "at": "2020-05-19 09:30",
    "place": "瓷都大道", "what": "违反禁止标线指示", "points": "3", "amount": "200.00",
    "driver": None, "handled_on": None, "paid_by": None, "payer": None, "note": None,
}  # fmt: skip
ACCIDENT: dict[str, Any] = {
    "number": "景公交认字[2020]第018号", "car": "赣H10001", "at": "2020-05-19 09:30",
    "place": "广场路", "what": "倒车相擦", "driver": "汪杰", "blame": "全责", "loss": "3,200.00",
    "insurer": "3,000.00", "self": "200", "closed_on": "2020-05-20", "note": None,
}  # fmt: skip
LEDGERS = [
    pytest.param(POLICIES, POLICY, Policy, id="policies"),
    pytest.param(INSPECTIONS, INSPECTION, Inspection, id="inspections"),
    pytest.param(ORDERS, ORDER, Order, id="orders"),
    pytest.param(FINES, FINE, Fine, id="fines"),
    pytest.param(ACCIDENTS, ACCIDENT, Accident, id="accidents"),
]


def take(
    city: City, register: Register, *given: Mapping[str, Any], by: str = "car_keeper"
) -> ImportReport:
    return importing.import_file(
        register=register, path_or_file=books.book(register, given), actor=city.actor(by), at=AT
    )


def faults(report: ImportReport) -> list[tuple[int, str, str]]:
    return [(fault.row, fault.column, fault.code) for fault in report.errors]


@pytest.mark.parametrize(("register", "row", "model"), LEDGERS)
def test_a_ledger_is_taken_in_and_the_same_file_again_changes_nothing(
    city: City, register: Register, row: dict[str, Any], model: Any
) -> None:
    report = take(city, register, row)
    assert (faults(report), report.created) == ([], 1)
    assert model.objects.get().car == city.cars[SMALL]
    costs = Cost.objects.count()
    again = take(city, register, row)
    assert (again.created, again.updated, again.unchanged) == (0, 0, 1)
    assert Cost.objects.count() == costs


@pytest.mark.parametrize(("register", "row", "model"), LEDGERS)
def test_it_goes_out_to_excel_and_comes_back(
    city: City, register: Register, row: dict[str, Any], model: Any
) -> None:
    take(city, register, row)
    found = listing.all_rows(
        query=listing.read(register=register, params={"view": "all"}), scope=Scope.all(), at=AT
    )
    data = workbook.export(
        register=register, rows=found, columns=register.importable(), reveal=True
    )
    back = importing.import_file(
        register=register, path_or_file=data, actor=city.actor("car_keeper"), at=AT
    )
    assert (back.errors, back.created, back.updated, back.unchanged) == ((), 0, 0, 1)


@pytest.mark.parametrize(("register", "row", "model"), LEDGERS)
def test_a_car_nobody_knows_and_who_may_not_are_refused(
    city: City, register: Register, row: dict[str, Any], model: Any
) -> None:
    report = take(city, register, {**row, "car": "赣H99999"})
    assert faults(report) == [(FIRST_ROW, "号牌号码", "car_unknown")]
    assert not model.objects.exists()
    with pytest.raises(NotAllowed):
        take(city, register, row, by="supervisor")


@pytest.mark.parametrize(("register", "row"), [
    (POLICIES, POLICY), (INSPECTIONS, INSPECTION), (ORDERS, ORDER),
])  # fmt: skip
def test_a_clerk_brings_in_their_own_cars_only(
    city: City, register: Register, row: dict[str, Any]
) -> None:
    own = rows.clerk_car(city)
    report = take(city, register, {**row, "car": own.plate}, {**row, "number": "B"}, by="clerk")
    assert faults(report) == [(FIRST_ROW + 1, "号牌号码", "outside")]
    ok = take(city, register, {**row, "car": own.plate}, by="clerk")
    assert ok.created == 1
    seen = listing.look(
        query=listing.read(register=register, params={"view": "all"}),
        scope=city.actor("clerk").scope(register.see), at=AT,
    )  # fmt: skip
    assert [found.car for found in seen.rows] == [own]


@pytest.mark.parametrize(
    ("register", "row", "changes", "column", "code"),
    [
        (POLICIES, POLICY, {"last": "2020-05-19"}, "保险期止", "ends_before_it_begins"),
        (POLICIES, POLICY, {"paid_on": "2020-05-21"}, "缴费日期", "in_the_future"),
        (POLICIES, POLICY, {"premium": "-1"}, "保费(元)", None),
        (POLICIES, POLICY, {"cover": "三者险"}, "险种", None),
        (INSPECTIONS, INSPECTION, {"valid_until": None}, "检验有效期止", "required_missing"),
        (INSPECTIONS, INSPECTION, {"result": "不合格"}, "检验有效期止", "contradicts_result"),
        (INSPECTIONS, INSPECTION, {"on": "2020-05-21"}, "检验日期", "in_the_future"),
        (INSPECTIONS, INSPECTION, {"valid_until": "2020-05-17"}, "检验有效期止",
         "ends_before_it_begins"),
        (ORDERS, ORDER, {"amount": "485.01"}, "结算金额(元)", "sum_differs"),
        (ORDERS, ORDER, {"details": "机油 0×80.00"}, "项目明细", "lines_unreadable"),
        (ORDERS, ORDER, {"service": None}, "保养项目", "required_missing"),
        (ORDERS, ORDER, {"kind": "维修"}, "保养项目", "contradicts_kind"),
        (ORDERS, ORDER, {"left_shop_on": "2020-05-11"}, "出厂日期", "ends_before_it_begins"),
        (ORDERS, ORDER, {"settled_on": "2020-05-21"}, "结算日期", "in_the_future"),
        (ORDERS, ORDER, {"left_shop_on": None}, "出厂日期", "required_missing"),
        (ORDERS, ORDER, {"state": "在修"}, "工单状态", "state_unknown"),
        (FINES, FINE, {"at": "2020-05-21 09:30"}, "违法时间", "in_the_future"),
        (FINES, FINE, {"handled_on": "2020-05-20"}, "缴款人", "payer_missing"),
        (FINES, FINE, {"handled_on": "2020-05-20", "paid_by": "公款"}, "缴款人", "public_money"),
        (FINES, FINE, {"handled_on": "2020-05-18", "paid_by": "驾驶员本人"}, "处理日期",
         "ends_before_it_begins"),
        (FINES, FINE, {"points": "13"}, "记分", None),
        (FINES, FINE, {"driver": "无名氏"}, "驾驶员", "driver_unknown"),
        (ACCIDENTS, ACCIDENT, {"self": "199.99"}, "损失金额(元)", "does_not_add_up"),
        (ACCIDENTS, ACCIDENT, {"blame": "待定"}, "责任认定", "blame_pending"),
        (ACCIDENTS, ACCIDENT, {"closed_on": "2020-05-18"}, "结案日期", "ends_before_it_begins"),
    ],
)  # fmt: skip
def test_what_cannot_be_true_is_named_by_row_and_column(  # noqa: PLR0917 — a row of the table
    city: City,
    register: Register,
    row: dict[str, Any],
    changes: dict[str, Any],
    column: str,
    code: str | None,
) -> None:
    report = take(city, register, {**row, **changes})
    assert [(f.row, f.column) for f in report.errors] == [(FIRST_ROW, column)]
    assert code is None or report.errors[0].code == code


def test_policies_that_overlap_in_the_file_or_with_what_is_there_are_named(city: City) -> None:
    take(city, POLICIES, POLICY)
    there = take(city, POLICIES, {**POLICY, "number": "B", "begin": "2021-05-19",
                                  "last": "2022-05-18"})  # fmt: skip
    assert faults(there) == [(FIRST_ROW, "保险期起", "policy_overlaps")]
    assert POLICY["number"] in there.errors[0].message
    other = {**POLICY, "car": SECOND}
    twice = take(city, POLICIES, {**other, "number": "C"}, {**other, "number": "D"})
    assert faults(twice) == [(FIRST_ROW + 1, "保险期起", "policy_overlaps")]
    assert f"第 {FIRST_ROW} 行" in twice.errors[0].message
    next_day = {**POLICY, "number": "E", "begin": "2021-05-20", "last": "2022-05-19"}
    assert take(city, POLICIES, next_day).created == 1
    assert Car.objects.get(plate=SMALL).insured_until is not None


def test_fines_without_a_journey_come_in_as_doubts(city: City) -> None:
    city.recorded("PC2020051900041")
    later = {**FINE, "number": "2", "at": "2020-05-19 15:00"}
    report = take(city, FINES, FINE, later)
    assert [(d.row, d.code) for d in report.doubts] == [(FIRST_ROW + 1, "fine_without_trip")]
    assert list(Fine.objects.order_by("at").values_list("driver__name", flat=True)) == [
        "汪杰",
        None,
    ]


def test_an_order_under_way_may_stand_in_the_file_but_not_differ(city: City) -> None:
    made = rows.in_shop(city)
    query = listing.read(register=ORDERS, params={"view": "all"})
    found = listing.all_rows(query=query, scope=Scope.all(), at=AT)
    data = workbook.export(register=ORDERS, rows=found, columns=ORDERS.importable(), reveal=True)
    back = importing.import_file(
        register=ORDERS, path_or_file=data, actor=city.actor("car_keeper"), at=AT
    )
    assert (back.errors, back.unchanged) == ((), 1)
    under_way = {
        **ORDER, "number": made.number, "kind": "维修", "state": "在修", "service": None,
        "garage": "别家", "fault": "换挡顿挫", "in_shop_on": f"{TODAY}", "left_shop_on": None,
        "amount": None, "details": None, "odometer_km": None,
    }  # fmt: skip
    report = take(city, ORDERS, under_way)
    assert faults(report) == [(FIRST_ROW, "定点厂", "under_way")]
    finished = {**under_way, "garage": "瓷都汽修", "state": "已结算"}
    assert {code for _, _, code in faults(take(city, ORDERS, finished))} == {"under_way"}
    orders.accept_order(actor=city.actor("car_keeper"), order_id=made.pk, on=TODAY, at=AT)


def test_views_filters_and_totals_count_the_same_rows(city: City) -> None:
    take(city, FINES, FINE, {**FINE, "number": "2", "car": SECOND, "at": "2020-04-01 10:00"},
         {**FINE, "number": "3", "at": "2020-03-01 10:00", "handled_on": "2020-03-10",
          "paid_by": "驾驶员本人", "payer": "汪杰"})  # fmt: skip

    def count(**params: str) -> int:
        query = listing.read(register=FINES, params=params)
        return listing.look(query=query, scope=Scope.all(), at=AT).count

    assert count(view="all") == 3
    assert count(view="waiting") == 2
    assert count(view="late") == 1, "the one of 19 May is not late yet"
    assert count(view="unmatched") == 3
    assert count(view="all", words=SECOND) == 1
    query = listing.read(register=FINES, params={"view": "all"})
    totals = listing.look(query=query, scope=Scope.all(), at=AT).totals
    assert (totals["amount_fen"], totals["points"], totals["waiting"]) == (Decimal(600), 9, 2)
