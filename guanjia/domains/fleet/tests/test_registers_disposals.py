"""The ledger of disposals: what is taken in, what becomes a finding, what is refused and why."""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine

from guanjia.domains.fleet import figures
from guanjia.domains.fleet.models import Car, CarStay, Disposal
from guanjia.domains.fleet.queries import disposals as reading
from guanjia.domains.fleet.registers.cars import CARS
from guanjia.domains.fleet.registers.disposals import DISPOSALS
from guanjia.domains.fleet.registers.ends import DUE, LOTS
from guanjia.domains.fleet.terms.cars import CarState
from guanjia.domains.fleet.terms.disposals import DisposalState
from guanjia.domains.fleet.tests import books, builders, ends
from guanjia.domains.fleet.tests.books import CAR, FIRST_ROW
from guanjia.domains.fleet.tests.builders import AT, EXPIRED, SMALL, City
from guanjia.kernel.approvals.models import Case
from guanjia.kernel.approvals.terms import CaseState
from guanjia.kernel.audit.models import Record
from guanjia.kernel.registers import importing, listing
from guanjia.kernel.registers.declaration import Register
from guanjia.kernel.registers.importing import ImportReport
from guanjia.kernel.registers.models import Remark
from guanjia.kernel.regulations.lawbook import law_at
from guanjia.kernel.values.actor import NotAllowed, Scope
from guanjia.kernel.values.period import Period

FIGURES = (figures.auctioned, figures.auction_proceeds, figures.scrapped)
ALL = Scope.all()
MAY = Period.parse("2020-05")


@pytest.fixture(autouse=True)
def _morning() -> Iterator[None]:
    with time_machine.travel(AT, tick=False):
        yield


def sold(plate: str = SMALL, **changes: Any) -> dict[str, Any]:
    """A row as offices write it: days as text, money with commas."""
    row = {
        "car": plate,
        "method": "拍卖",
        "document": "景机管处〔2020〕1号",
        "approved_on": "2020年4月8日",
        "disposed_on": "2020.5.18",
        "proceeds_fen": "26,000.50",
        "receipt": "JK20200001",
    }
    return row | changes


def take(
    city: City, *rows: Mapping[str, Any], by: str = "car_keeper", register: Register = DISPOSALS
) -> ImportReport:
    return importing.import_file(
        register=register,
        path_or_file=books.book(register, rows),
        actor=city.actor(by),
        at=AT,
    )


def faults(report: ImportReport) -> list[tuple[int, str, str]]:
    return [(fault.row, fault.column, fault.code) for fault in report.errors]


def test_the_columns_are_those_of_the_ledger_to_the_letter() -> None:
    assert [column.title for column in DISPOSALS.importable()] == [
        "号牌号码", "处置方式", "批准文号", "批准日期", "处置日期", "处置收入(元)", "缴库凭证号",
    ]  # fmt: skip


def test_a_disposal_of_a_ledger_is_done_and_its_car_is_off_the_books(city: City) -> None:
    report = take(city, sold())
    assert (report.errors, report.doubts, report.created) == ((), (), 1)
    made = Disposal.objects.select_related("car").get()
    assert (made.state, made.proceeds_fen, made.receipt, made.approved_on) == (
        DisposalState.DONE, 2_600_050, "JK20200001", date(2020, 4, 8),
    )  # fmt: skip
    assert made.car.state == CarState.DISPOSED
    (stay,) = CarStay.objects.filter(car=made.car)
    assert (stay.during.upper, stay.left_by) == (date(2020, 5, 18), "DISPOSAL")
    assert not Remark.objects.filter(register="fleet.disposals").exists()


def test_the_same_ledger_twice_changes_nothing(city: City) -> None:
    take(city, sold())
    before = Record.objects.filter(verb="fleet.disposal.entered").count()
    again = take(city, sold())
    assert (again.created, again.updated, again.unchanged) == (0, 0, 1)
    assert Record.objects.filter(verb="fleet.disposal.entered").count() == before


def test_a_corrected_ledger_moves_the_day_on_which_the_car_left(city: City) -> None:
    take(city, sold())
    again = take(city, sold(disposed_on="2020-05-12", receipt="JK2"))
    assert (again.created, again.updated) == (0, 1)
    assert Disposal.objects.get().receipt == "JK2"
    assert CarStay.objects.get(car__plate=SMALL).during.upper == date(2020, 5, 12)
    record = Record.objects.filter(verb="fleet.disposal.entered").latest("pk")
    assert record.before == {"disposed_on": "2020-05-18", "receipt": "JK20200001"}


def test_an_older_ledger_of_cars_does_not_bring_it_back(city: City) -> None:
    take(city, sold())
    car = Car.objects.get(plate=SMALL)
    row = {
        **CAR, "plate": SMALL, "vin": car.vin, "energy": "纯电动", "displacement_l": None,
        "plate_colour": "绿", "state": "在用",
    }  # fmt: skip
    report = take(city, row, by="dispatcher", register=CARS)
    assert report.errors == ()
    assert ("车辆状态", "disposed_already") in {(d.column, d.code) for d in report.doubts}
    car.refresh_from_db()
    assert car.state == CarState.DISPOSED
    assert not CarStay.objects.filter(car=car, during__upper_inf=True).exists()


@pytest.mark.parametrize(
    ("changes", "column", "code"),
    [
        ({"car": "赣H99999"}, "号牌号码", "car_unknown"),
        ({"car": None}, "号牌号码", None),
        ({"method": "送人"}, "处置方式", None),
        ({"disposed_on": "2020年5月40日"}, "处置日期", None),
        ({"disposed_on": "2020-05-21"}, "处置日期", "in_the_future"),
        ({"disposed_on": "2018-02-28"}, "处置日期", "before_registered"),
        ({"approved_on": "2020-05-21"}, "批准日期", "in_the_future"),
        ({"approved_on": "去年"}, "批准日期", None),
        ({"proceeds_fen": -1}, "处置收入(元)", None),
        ({"proceeds_fen": "很多"}, "处置收入(元)", None),
    ],
)
def test_what_cannot_be_true_is_named_by_row_and_column(
    city: City, changes: dict[str, Any], column: str, code: str | None
) -> None:
    other = sold(builders.SECOND)
    report = take(city, other, sold(**changes))
    (fault,) = report.errors
    assert (fault.row, fault.column) == (FIRST_ROW + 1, column)
    assert code is None or fault.code == code
    assert not Disposal.objects.exists(), "one wrong row refuses the whole file"


@pytest.mark.parametrize("on", ["2020-05-20", "2018-03-01"])
def test_today_and_the_day_of_registration_are_days_to_dispose_on(city: City, on: str) -> None:
    report = take(city, sold(disposed_on=on, approved_on="2018-01-01"))
    assert report.errors == ()


def test_a_car_stands_once_in_a_file(city: City) -> None:
    report = take(city, sold(), sold())
    assert {code for _, _, code in faults(report)} == {"plate_duplicate"}


@pytest.mark.parametrize(
    ("changes", "code", "column"),
    [
        ({"document": None}, "no_document", "批准文号"),
        ({"document": None, "approved_on": None}, "no_document", "批准文号"),
        ({"approved_on": None}, "no_document", "批准日期"),
        ({"approved_on": "2020-05-19"}, "before_approval", "处置日期"),
        ({"receipt": None}, "not_paid_in", "缴库凭证号"),
    ],
)
def test_what_should_not_be_is_taken_in_and_becomes_a_finding(
    city: City, changes: dict[str, Any], code: str, column: str
) -> None:
    report = take(city, sold(**changes))
    assert report.errors == ()
    assert [(doubt.column, doubt.code) for doubt in report.doubts] == [(column, code)]
    remark = Remark.objects.get(register="fleet.disposals")
    assert (remark.code, remark.kind) == (code, "FINDING")
    assert remark.cite
    assert remark.object_id == Disposal.objects.get().pk


def test_the_treasury_is_cited_where_the_receipt_is_missing(city: City) -> None:
    report = take(city, sold(receipt=None))
    assert "机关事务管理条例" in report.doubts[0].message
    assert "26,000.50 元" in report.doubts[0].message


def test_a_trip_after_the_disposal_is_a_doubt(city: City) -> None:
    city.recorded("PC2020051900041")  # on the 19th
    report = take(city, sold())
    assert [(doubt.column, doubt.code) for doubt in report.doubts] == [("处置日期", "trip_after")]
    assert Remark.objects.get(register="fleet.disposals").kind == "DOUBT"


def test_a_trip_on_the_very_day_is_none(city: City) -> None:
    city.recorded("PC2020051900041")
    assert take(city, sold(disposed_on="2020-05-19")).doubts == ()


def test_a_disposal_under_way_is_completed_by_the_ledger(city: City) -> None:
    under_way = ends.sent(city)
    report = take(city, sold(ends.OLD))
    assert (report.errors, report.created, report.updated) == ((), 0, 1)
    under_way.refresh_from_db()
    assert (under_way.state, under_way.document) == (DisposalState.DONE, "景机管处〔2020〕1号")
    assert Case.objects.get(subject_id=under_way.pk).state == CaseState.WITHDRAWN
    assert Car.objects.get(plate=ends.OLD).state == CarState.DISPOSED


def test_a_transfer_of_a_ledger_leaves_the_car_where_it_is(city: City) -> None:
    report = take(city, sold(method="划转", proceeds_fen=None, receipt=None))
    assert [doubt.code for doubt in report.doubts] == ["transfer_to"]
    assert Car.objects.get(plate=SMALL).state == CarState.IN_USE
    again = take(city, sold(method="划转", proceeds_fen=None, receipt=None))
    assert again.unchanged == 1
    assert take(city, sold()).created == 1, "a transfer may come before"
    gone = take(city, sold(method="划转", disposed_on="2020-05-19"))
    assert faults(gone) == [(FIRST_ROW, "处置方式", "gone")]


def test_only_the_keeper_takes_in_a_ledger(city: City) -> None:
    for who in ("clerk", "dispatcher", "supervisor", "stranger"):
        with pytest.raises(NotAllowed):
            take(city, sold(), by=who)


# ── figures ─────────────────────────────────────────────────────────────────────────────


def values(scope: Scope = ALL, period: Period = MAY) -> dict[str, Any]:
    return {each.key: each.value(scope=scope, period=period) for each in FIGURES}


def test_figures_count_by_the_day_and_the_method(city: City) -> None:
    take(
        city,
        sold(),
        sold(builders.SECOND, disposed_on="2020-05-01", proceeds_fen="0.25"),
        sold(builders.THIRD, disposed_on="2020-04-30", approved_on="2020-04-01"),
        sold(builders.BUS, method="报废", proceeds_fen=800),
        sold(builders.OWN, method="厂家回收", proceeds_fen=900),
    )
    ends.agreed(city)
    assert values() == {
        "fleet.auctioned": 2,
        "fleet.auction_proceeds": Decimal("26000.75"),
        "fleet.scrapped": 1,
    }
    assert values(scope=Scope(paths=(city.units["other"].path,)))["fleet.auctioned"] == 0


def test_a_deal_counts_before_it_is_paid_in(city: City) -> None:
    ends.dealt(city)
    assert values()["fleet.auction_proceeds"] == 26_000


@pytest.mark.parametrize("figure", FIGURES, ids=lambda figure: figure.key)
def test_a_figure_opens_exactly_its_rows(city: City, figure: Any) -> None:
    take(
        city,
        sold(),
        sold(builders.SECOND, disposed_on="2020-04-30", approved_on="2020-04-01"),
        sold(builders.BUS, method="报废", proceeds_fen=800),
    )
    ends.dealt(city)
    ends.agreed(city, ends.old_car(city, "赣H40002"))
    query = listing.read(register=DISPOSALS, params=figure.opens(MAY))
    assert not query.notes
    shown = listing.look(query=query, scope=ALL, at=AT)
    assert set(shown.rows) == set(figure.rows(scope=ALL, period=MAY))
    expected = figure.value(scope=ALL, period=MAY)
    money = figure.key.endswith("proceeds")
    assert (shown.totals["proceeds"] if money else shown.count) == expected


# ── lots, and what comes to an end ──────────────────────────────────────────────────────


def test_lots_show_their_sums_to_whoever_looks_over_the_city(city: City) -> None:
    ends.lot(city)
    query = listing.read(register=LOTS, params={"view": "all"})
    assert listing.look(query=query, scope=ALL, at=AT).count == 1
    unit = Scope(paths=(city.units["farming"].path,))
    assert listing.look(query=query, scope=unit, at=AT).count == 0


EDGES = [
    {"registered_on": date(2012, 5, 19)},
    {"registered_on": date(2012, 5, 20)},
    {"registered_on": date(2013, 5, 20)},
    {"registered_on": date(2013, 5, 21)},
    {"registered_on": date(2000, 5, 20), "body": "MEDIUM"},
    {"registered_on": date(2001, 5, 21), "body": "LARGE", "seats": 45},
    {"registered_on": date(2005, 5, 20), "body": "TRUCK", "odometer_km": 900_000},
    {"registered_on": date(2006, 5, 20), "body": "WORK"},
    {"registered_on": date(2006, 5, 21), "body": "WORK"},
    {"odometer_km": 569_999},
    {"odometer_km": 570_000},
    {"odometer_km": 470_000, "seats": 10},
    {"odometer_km": 470_000, "seats": 9},
    {"odometer_km": 570_000, "seats": 20},
    {"odometer_km": 469_999, "body": "MEDIUM"},
    {"keeping": "LEASED", "registered_on": date(2006, 5, 20)},
    {"keeping": "LEASED", "registered_on": date(2006, 5, 21)},
    {"inspected_until": date(2020, 5, 19)},
    {"inspected_until": date(2020, 6, 19)},
    {"inspected_until": date(2020, 6, 20)},
    {"inspected_until": None},
]
VIEWS = {
    "renewal": {"renewal_due", "renewal_near"},
    "years": {"scrap_years_past", "scrap_years_near", "scrap_years_cargo"},
    "kilometres": {"scrap_km_past", "scrap_km_near"},
    "inspection": {"inspection_overdue", "inspection_near"},
}


@pytest.mark.parametrize("on", [AT.date(), date(2021, 2, 28), date(2024, 2, 29)])
def test_the_list_of_what_ends_says_what_the_rule_says(city: City, on: date) -> None:
    for number, facts in enumerate(EDGES):
        given = {"registered_on": date(2019, 1, 1), "inspected_until": on + timedelta(days=90)}
        builders.car(f"赣H5{number:04d}", city.units["bureau"], **(given | facts))
    builders.car("赣H59998", city.units["bureau"], registered_on=date(2004, 2, 29), body="MEDIUM")
    law, found = law_at(on), reading.ends(law_at(on), on)
    cars = Car.objects.exclude(state=CarState.DISPOSED)
    for view, codes in VIEWS.items():
        listed = set(cars.filter(getattr(found, view)).values_list("plate", flat=True))
        judged = {
            car.plate
            for car in cars
            if codes & {finding.code for finding in reading.life_of(car, law, on).warnings}
        }
        assert listed == judged, view
        assert listed or view in ("years", "kilometres")


def test_the_list_shows_each_car_with_its_warning_and_no_car_that_is_gone(city: City) -> None:
    query = listing.read(register=DUE, params={}, default_view=True)
    (row,) = listing.look(query=query, scope=ALL, at=AT).rows
    assert row.plate == EXPIRED
    text = listing.value_of(DUE.column("warnings"), row)
    assert text.startswith("检验过期")
    take(city, sold(EXPIRED))
    assert listing.look(query=query, scope=ALL, at=AT).count == 0
