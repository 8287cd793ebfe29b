"""The ledgers of cars, drivers and trips: what is taken in, what is refused, and why."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest

from guanjia.domains.fleet.models import Car, Trip
from guanjia.domains.fleet.registers.cars import CARS, DRIVERS
from guanjia.domains.fleet.registers.trips import TRIPS
from guanjia.domains.fleet.terms.cars import CarState
from guanjia.domains.fleet.terms.trips import TripState
from guanjia.domains.fleet.tests import books, builders
from guanjia.domains.fleet.tests.books import CAR, FIRST_ROW, TRIP
from guanjia.domains.fleet.tests.builders import AT, HOUR, SECOND, City
from guanjia.kernel.approvals.models import Case
from guanjia.kernel.approvals.terms import CaseState
from guanjia.kernel.audit.models import Record
from guanjia.kernel.registers import importing, listing
from guanjia.kernel.registers.declaration import Register
from guanjia.kernel.registers.importing import ImportReport
from guanjia.kernel.registers.models import Remark
from guanjia.kernel.values.actor import NotAllowed, Scope

pytestmark = pytest.mark.pg15


def take(
    city: City, register: Register, *rows: Mapping[str, Any], by: str = "dispatcher", **more: Any
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


def doubts(report: ImportReport) -> list[tuple[str, str]]:
    return [(fault.column, fault.code) for fault in report.doubts]


def car(number: int, **changes: Any) -> dict[str, Any]:
    plate = f"赣H3{number:04d}"
    return {**CAR, "plate": plate, "vin": builders.vin(plate), **changes}


# ── cars ────────────────────────────────────────────────────────────────────────────────


def test_a_car_is_taken_in_as_offices_write_it(city: City) -> None:
    report = take(city, CARS, car(1))
    assert (report.errors, report.created) == ((), 1)
    taken = Car.objects.get(plate="赣H30001")
    assert (taken.odometer_km, taken.price_fen, taken.state) == (
        12_345,
        11_980_000,
        CarState.IN_USE,
    )
    assert taken.unit == city.units["bureau"]


def test_the_same_ledger_twice_changes_nothing(city: City) -> None:
    take(city, CARS, car(1), car(2))
    before = Record.objects.filter(verb="fleet.car.entered").count()
    again = take(city, CARS, car(1), car(2))
    assert (again.created, again.updated, again.unchanged) == (0, 0, 2)
    assert Record.objects.filter(verb="fleet.car.entered").count() == before


def test_one_wrong_row_refuses_the_whole_file(city: City) -> None:
    report = take(city, CARS, car(1), car(2, vin="LSV00000030000009"))
    assert faults(report) == [(FIRST_ROW + 1, "车辆识别代号", "vin_check_digit")]
    assert not Car.objects.filter(plate__startswith="赣H3").exists()


@pytest.mark.parametrize(
    ("changes", "column", "code"),
    [
        ({"plate": "赣H1I345"}, "号牌号码", "plate_invalid"),
        ({"vin": "123"}, "车辆识别代号", "vin_check_digit"),
        ({"unit": "3602D999"}, "使用单位编码", "unit_unknown"),
        ({"use": "私家车"}, "车辆类别", None),
        ({"seats": 0}, "座位数", None),
        ({"registered_on": "2020年3月40日"}, "登记日期", None),
        ({"odometer_km": "很多"}, "里程表读数(km)", None),
        ({"odometer_km": -1}, "里程表读数(km)", None),
        ({"price_wan": 0}, "购置价格(万元)", None),
        ({"make": None}, "品牌型号", None),
    ],
)
def test_what_cannot_be_true_of_a_car_is_named(
    city: City, changes: dict[str, Any], column: str, code: str | None
) -> None:
    report = take(city, CARS, car(1, **changes), car(2))
    (fault,) = report.errors
    assert (fault.row, fault.column) == (FIRST_ROW, column)
    assert code is None or fault.code == code
    assert not Car.objects.filter(plate="赣H30002").exists()


def test_a_plate_and_a_vin_stand_once_in_a_file(city: City) -> None:
    report = take(city, CARS, car(1), car(1), car(3, vin=car(1)["vin"]))
    codes = {code for _, _, code in faults(report)}
    assert codes == {"plate_duplicate", "vin_duplicate"}


def test_a_vin_another_car_has_already_is_named(city: City) -> None:
    take(city, CARS, car(1))
    report = take(city, CARS, car(2, vin=car(1)["vin"]))
    assert faults(report) == [(FIRST_ROW, "车辆识别代号", "vin_taken")]
    assert "赣H30001" in report.errors[0].message


def test_one_terminal_in_two_cars_is_odd(city: City) -> None:
    report = take(city, CARS, car(1, terminal="013800000001"), car(2, terminal="013800000001"))
    assert doubts(report) == [("终端手机号", "terminal_shared")] * 2


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"plate_colour": "绿"}, "colour_odd"),
        ({"displacement_l": None}, "displacement_missing"),
        ({"energy": "纯电动"}, "displacement_odd"),
    ],
)
def test_what_is_odd_about_a_car_comes_in_as_a_doubt(
    city: City, changes: dict[str, Any], code: str
) -> None:
    report = take(city, CARS, car(1, **changes))
    assert report.created == 1
    assert [found for _, found in doubts(report)] == [code]


def test_a_car_dearer_than_allowed_comes_in_as_a_finding(city: City) -> None:
    report = take(city, CARS, car(1, price_wan=30))
    assert report.created == 1
    remark = Remark.objects.get(register="fleet.cars")
    assert (remark.code, remark.kind) == ("over_price", "FINDING")
    assert remark.cite["article"] == "第七条"


# ── trips ───────────────────────────────────────────────────────────────────────────────


def trip(number: int = 41, **changes: Any) -> dict[str, Any]:
    return {**TRIP, "number": f"PC202005190{number:04d}", **changes}


def test_a_trip_is_taken_in_as_offices_write_it(city: City) -> None:
    report = take(city, TRIPS, trip())
    assert (report.errors, report.doubts, report.created) == ((), (), 1)
    taken = Trip.objects.get()
    assert (taken.state, taken.driven, taken.destination) == (TripState.FINISHED, 60, "浮梁")
    assert take(city, TRIPS, trip()).unchanged == 1


def test_a_back_dated_sheet_comes_in_when_it_fits(city: City) -> None:
    city.finished()
    report = take(city, TRIPS, trip(start_km=9_900, end_km=10_000))
    assert report.errors == ()
    assert Trip.objects.count() == 2


@pytest.mark.parametrize(
    ("start", "end", "column", "word"),
    [(9_990, 10_001, "收车里程表", "不大于"), (9_790, 9_990, "出车里程表", "不小于")],
)
def test_a_back_dated_sheet_that_does_not_fit_names_its_neighbour(
    city: City, start: int, end: int, column: str, word: str
) -> None:
    before = city.recorded("PC2020051800001", start_km=9_700, end_km=9_800, **yesterday(2))
    after = city.finished()
    report = take(city, TRIPS, trip(start_km=start, end_km=end))
    (fault,) = report.errors
    assert (fault.column, fault.code) == (column, "odometer_backwards")
    assert word in fault.message
    assert before.number in fault.message, "both neighbours are named"
    assert after.number in fault.message, "both neighbours are named"
    assert Trip.objects.count() == 2


def test_new_rows_do_not_outvote_what_is_recorded_already(city: City) -> None:
    there = city.recorded("PC2020051800001", start_km=9_700, end_km=9_800, **yesterday(2))
    rows = [
        trip(
            40 + i,
            start_km=i * 10,
            end_km=i * 10 + 5,
            went_at=f"2020-05-19 {9 + i:02d}:00",
            back_at=f"2020-05-19 {9 + i:02d}:30",
        )
        for i in range(1, 5)
    ]
    report = take(city, TRIPS, *rows)
    assert len(report.errors) == 4
    assert all(there.number in fault.message for fault in report.errors)


def yesterday(days: int) -> dict[str, Any]:
    went = AT - days * 24 * HOUR
    return {
        "planned_from": went,
        "planned_to": went + HOUR,
        "went_at": went,
        "back_at": went + HOUR,
    }


def test_a_car_and_a_driver_are_in_one_place_at_a_time(city: City) -> None:
    same_car = trip(42, driver="程勇", start_km=10_060, end_km=10_070)
    report = take(city, TRIPS, trip(), same_car)
    assert [(column, code) for _, column, code in faults(report)] == [("号牌号码", "car_taken")]
    same_driver = trip(42, car=SECOND)
    report = take(city, TRIPS, trip(), same_driver)
    assert [(column, code) for _, column, code in faults(report)] == [("驾驶员", "driver_taken")]


def test_a_car_out_now_is_not_also_elsewhere(city: City) -> None:
    city.recorded("PC2020051900077", **yesterday(1))
    report = take(city, TRIPS, trip(went_at="2020-05-19 09:30", start_km=9_860, end_km=9_900))
    assert {code for _, _, code in faults(report)} == {"car_taken", "driver_taken"}
    assert "PC2020051900077" in report.errors[0].message


def test_what_is_finished_is_not_cancelled_by_a_ledger(city: City) -> None:
    take(city, TRIPS, trip())
    gone = dict.fromkeys(("went_at", "back_at", "start_km", "end_km"))
    report = take(city, TRIPS, trip(state="已取消", **gone))
    assert faults(report) == [(FIRST_ROW, "状态", "state_contradicts")]
    assert Trip.objects.get().state == TripState.FINISHED


def test_a_request_the_ledger_cancels_leaves_everybodys_list(city: City) -> None:
    asked = city.requested()
    row = trip(state="已取消", reason=asked.reason) | {"number": asked.number}
    gone = dict.fromkeys(("went_at", "back_at", "start_km", "end_km", "car", "driver"))
    assert take(city, TRIPS, row | gone).errors == ()
    assert Case.objects.get(subject_id=asked.pk).state == CaseState.WITHDRAWN


def in_a_row(*changes: dict[str, Any]) -> list[dict[str, Any]]:
    """Trips of one car and driver on one day, an hour each, two hours apart."""
    return [
        trip(
            60 + i,
            **{
                "planned_from": f"2020-05-19 {6 + 2 * i:02d}:00",
                "planned_to": f"2020-05-19 {7 + 2 * i:02d}:00",
                "went_at": f"2020-05-19 {6 + 2 * i:02d}:00",
                "back_at": f"2020-05-19 {7 + 2 * i:02d}:00",
                "start_km": 10_000 + 20 * i,
                "end_km": 10_020 + 20 * i,
            }
            | change,
        )
        for i, change in enumerate(changes)
    ]


def test_one_return_written_too_late_blames_no_other_row(city: City) -> None:
    rows = in_a_row({"back_at": "2020-05-19 13:30"}, {}, {}, {})
    assert faults(take(city, TRIPS, *rows)) == [(FIRST_ROW, "实际返回时间", "car_taken")]


def test_a_departure_written_too_early_is_named_as_that(city: City) -> None:
    rows = in_a_row({}, {"went_at": "2020-05-19 06:40"}, {})
    assert faults(take(city, TRIPS, *rows)) == [(FIRST_ROW + 1, "实际出车时间", "car_taken")]


def test_of_two_in_one_car_the_one_with_a_strange_odometer_is_blamed(city: City) -> None:
    stray = {"start_km": 5_000, "end_km": 5_020, "driver": "程勇", "planned_to": "2020-05-19 08:30"}
    rows = in_a_row(stray | {"back_at": "2020-05-19 08:30"}, {}, {})
    assert faults(take(city, TRIPS, *rows)) == [(FIRST_ROW, "号牌号码", "car_taken")]


def test_the_neighbour_counts_however_long_ago_it_was(city: City) -> None:
    there = city.recorded("PC2019010200001", start_km=20_000, end_km=20_100, **yesterday(500))
    (fault,) = take(city, TRIPS, trip()).errors
    assert (fault.column, fault.code) == ("出车里程表", "odometer_backwards")
    assert there.number in fault.message


def test_a_file_with_everything_at_once_is_still_judged(city: City) -> None:
    report = take(city, TRIPS, *(trip(100 + i) for i in range(150)))
    assert len({fault.row for fault in report.errors}) == 149


@pytest.mark.parametrize(
    ("changes", "column", "code"),
    [
        ({"state": "待审批"}, "状态", "state_unknown"),
        ({"state": "飞行中"}, "状态", None),
        ({"went_at": None}, "实际出车时间", "required_missing"),
        ({"car": None}, "号牌号码", "required_missing"),
        ({"car": "赣H99999"}, "号牌号码", "car_unknown"),
        ({"driver": "无此人"}, "驾驶员", "driver_unknown"),
        ({"end_km": 9_999}, "收车里程表", "odometer_backwards"),
        ({"back_at": "2020-05-19 09:05"}, "实际返回时间", "ends_before_it_begins"),
        ({"planned_to": "2020-05-19 09:00"}, "计划返回时间", "ends_before_it_begins"),
        ({"passengers": 0}, "乘车人数", None),
        ({"state": "已取消"}, "实际出车时间", "contradicts_state"),
    ],
)
def test_what_cannot_be_true_of_a_trip_is_named(
    city: City, changes: dict[str, Any], column: str, code: str | None
) -> None:
    report = take(city, TRIPS, trip(**changes))
    assert (FIRST_ROW, column) in [(row, title) for row, title, _ in faults(report)]
    assert code is None or code in [found for _, _, found in faults(report)]
    assert not Trip.objects.exists()


def test_the_future_has_not_happened(city: City) -> None:
    report = take(
        city,
        TRIPS,
        trip(
            planned_from="2099-05-19 09:00",
            planned_to="2099-05-19 11:00",
            went_at="2099-05-19 09:00",
            back_at="2099-05-19 11:00",
        ),
    )
    assert {code for _, _, code in faults(report)} == {"in_the_future"}


def test_a_speed_no_car_drives_comes_in_as_a_doubt(city: City) -> None:
    report = take(city, TRIPS, trip(end_km=10_300))
    assert report.created == 1
    assert doubts(report) == [("收车里程表", "speed_doubt")]


def test_two_drivers_of_one_name_are_told_apart_by_number(city: City) -> None:
    builders.driver("J099", "汪杰", city.units["bureau"])
    assert faults(take(city, TRIPS, trip())) == [(FIRST_ROW, "驾驶员", "driver_unknown")]
    assert take(city, TRIPS, trip(driver="J049")).created == 1
    assert Trip.objects.get().driver == city.drivers["汪杰"]


def test_a_dry_run_counts_and_writes_nothing(city: City) -> None:
    report = take(city, TRIPS, trip(), dry_run=True)
    assert (report.created, Trip.objects.count()) == (1, 0)


def test_only_who_keeps_a_ledger_brings_one_in(city: City) -> None:
    for register in (CARS, DRIVERS, TRIPS):
        for username in ("asker", "supervisor", "driver"):
            with pytest.raises(NotAllowed):
                take(city, register, by=username)


# ── the list ────────────────────────────────────────────────────────────────────────────


def look(scope: Scope, **params: str) -> listing.Page:
    query = listing.read(register=TRIPS, params=params)
    return listing.look(query=query, scope=scope, at=AT)


def test_the_list_shows_only_what_lies_in_scope(city: City) -> None:
    mine = city.requested()
    others = city.requested(
        by="stranger", unit_id=city.units["other"].pk, rider_name="洪涛", destination="婺源"
    )
    assert set(look(city.actor("asker").scope("fleet.trip.see")).rows) == {mine}
    assert set(look(city.actor("head").scope("fleet.trip.see")).rows) == {mine}
    assert set(look(city.actor("stranger").scope("fleet.trip.see")).rows) == {others}
    assert set(look(city.actor("supervisor").scope("fleet.trip.see")).rows) == {mine, others}


def test_a_driver_sees_the_trips_they_drive(city: City) -> None:
    driven = city.dispatched()
    city.dispatched(car=SECOND, driver="方敏")
    assert set(look(city.actor("driver").scope("fleet.trip.see")).rows) == {driven}


def test_views_filters_and_totals_agree(city: City) -> None:
    city.finished()
    city.approved()
    page = look(Scope.all(), view="all")
    assert page.count == 2
    assert (page.totals["driven"], page.totals["passengers"], page.totals["finished"]) == (80, 4, 1)
    assert page.view_counts["waiting"] == 1
    waiting = look(Scope.all(), view="waiting")
    assert [row.state for row in waiting.rows] == [TripState.APPROVED]
    assert look(Scope.all(), view="all", state="FINISHED", purpose="SURVEY").count == 1
    assert look(Scope.all(), view="all", words="乐平").count == 2
    assert look(Scope.all(), view="all", words="赣H10001").count == 1
    assert look(Scope.all(), view="all", went_from="2020-05-21").count == 0


# ── what a ledger of cars may leave out ─────────────────────────────────────────────────


def test_body_tank_and_battery_are_read_where_a_ledger_has_them(city: City) -> None:
    told = {"body": "轿车", "tank_l": "50", "battery_kwh": None}
    report = take(city, CARS, car(1, **told), car(2, body=None, tank_l=None, battery_kwh="53.6"))
    assert (report.errors, report.created) == ((), 2)
    one, two = Car.objects.filter(plate__startswith="赣H3").order_by("plate")
    assert (one.body, one.tank_l, one.battery_kwh) == ("SEDAN", 50, None)
    assert (two.body, two.tank_l, two.battery_kwh) == ("", None, Decimal("53.6"))


def test_a_ledger_of_fifteen_columns_leaves_them_as_they_are(city: City) -> None:
    take(city, CARS, car(1, body="轿车", tank_l="50"))
    again = take(city, CARS, car(1))
    assert (again.errors, again.unchanged) == ((), 1)
    silent = take(city, CARS, car(1, body=None, tank_l=None, make="大众帕萨特"))
    assert (silent.errors, silent.updated) == ((), 1), "an empty cell says nothing"
    kept = Car.objects.get(plate="赣H30001")
    assert (kept.body, kept.tank_l, kept.make) == ("SEDAN", 50, "大众帕萨特")


@pytest.mark.parametrize(
    ("changes", "column"),
    [
        ({"body": "跑车"}, "车型"),
        ({"tank_l": 0}, "油箱容积(L)"),
        ({"battery_kwh": -1}, "电池容量(kWh)"),
    ],
)
def test_what_no_car_is_built_like_is_named(
    city: City, changes: dict[str, Any], column: str
) -> None:
    (fault,) = take(city, CARS, car(1, **changes)).errors
    assert (fault.row, fault.column) == (FIRST_ROW, column)
