"""The ledger of allocations: the city's own, other offices' ways of writing, what is refused."""

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
import time_machine

from guanjia.demo import departments
from guanjia.domains.space import figures
from guanjia.domains.space.actions import granting
from guanjia.domains.space.models import Allocation
from guanjia.domains.space.registers.allocations import ALLOCATIONS
from guanjia.domains.space.registers.clearances import CLEARANCES
from guanjia.domains.space.terms.allocations import AllocationMethod
from guanjia.domains.space.tests import allotting, books
from guanjia.domains.space.tests.builders import AT, City
from guanjia.kernel.access.tests.builders import SYSTEM
from guanjia.kernel.audit.models import Record
from guanjia.kernel.registers import catalogue, importing, listing
from guanjia.kernel.registers.importing import ImportReport
from guanjia.kernel.values.actor import NotAllowed, Scope
from guanjia.kernel.values.period import Period

pytestmark = pytest.mark.django_db
JULY = AT.replace(month=7, day=2)
HALF = Period.parse("2020-H1")
ALL = Scope.all()


@pytest.fixture(autouse=True)
def _summer(tmp_path: Any, settings: Any) -> Iterator[None]:
    settings.FILES_ROOT = tmp_path / "files"
    with time_machine.travel(JULY, tick=False):
        yield


def told(**changes: Any) -> dict[str, Any]:
    """A row as offices write it."""
    row = {
        "paper": "景调配[2020] 031号", "way": "调剂", "unit": "3602D036",
        "place": "市发展中心北苑", "gross_m2": "2,445 ㎡", "approved_on": "2020.6.23",
        "since_on": "—", "last_on": None,
    }  # fmt: skip
    return row | changes


def loan(**changes: Any) -> dict[str, Any]:
    row = told(paper="景借调〔2020〕007号", way="借调", gross_m2=54, approved_on="2020年3月10日",
               since_on="2020-04-01", last_on="2021/3/31")  # fmt: skip
    return row | changes


def take(city: City, *rows: Mapping[str, Any], by: str = "keeper") -> ImportReport:
    return importing.import_file(
        register=ALLOCATIONS, path_or_file=books.book(ALLOCATIONS, rows), actor=city.actor(by),
        at=JULY,
    )  # fmt: skip


def counts(report: ImportReport) -> tuple[int, int, int]:
    return report.created, report.updated, report.unchanged


def test_the_columns_are_those_of_the_ledger_to_the_letter() -> None:
    assert [column.title for column in ALLOCATIONS.importable()] == [
        "凭证号", "调配方式", "单位编码", "坐落", "建筑面积(㎡)", "批准日期", "借用期限起",
        "借用期限止",
    ]  # fmt: skip


def test_the_citys_ledger_comes_in_once_and_its_figures_open_their_rows() -> None:
    units = catalogue.get("org.units")
    assert units
    importing.import_file(
        register=units, path_or_file=departments.ledger("org.units").read_bytes(), actor=SYSTEM,
        at=JULY,
    )  # fmt: skip
    data = departments.ledger("space.allocations").read_bytes()
    first, again = (
        importing.import_file(register=ALLOCATIONS, path_or_file=data, actor=SYSTEM, at=JULY)
        for _ in range(2)
    )
    assert (first.errors, first.doubts) == ((), ())
    assert (counts(first), counts(again)) == ((17, 0, 0), (0, 0, 17))
    for figure, wanted in (
        (figures.reallocated_units, 14), (figures.reallocated_area, Decimal(38_000)),
    ):  # fmt: skip
        assert figure(scope=ALL, period=HALF) == wanted
        assert figure.opens is not None
        query = listing.read(register=ALLOCATIONS, params=figure.opens(HALF))
        assert not query.notes
        assert listing.look(query=query, scope=ALL, at=JULY).count == 14
    loans = Allocation.objects.filter(way=AllocationMethod.LOAN).order_by("paper")
    assert [(row.since_on, row.last_on) for row in loans] == [
        (date(2020, 4, 1), date(2021, 3, 31))
    ] * 3
    assert set(Allocation.objects.values_list("state", flat=True)) == {"RECORDED"}


def test_other_brackets_words_and_signs_mean_the_same(city: City) -> None:
    report = take(city, told(), loan())
    assert (report.errors, report.doubts, counts(report)) == ((), (), (2, 0, 0))
    one = Allocation.objects.get(paper="景调配〔2020〕031号")
    assert (one.gross_m2, one.approved_on, one.since_on) == (
        Decimal(2_445), date(2020, 6, 23), None,
    )  # fmt: skip
    assert Allocation.objects.get(paper="景借调〔2020〕007号").way == AllocationMethod.LOAN
    assert counts(take(city, told(), loan())) == (0, 0, 2)


def test_a_corrected_ledger_is_told_by_the_trail(city: City) -> None:
    take(city, told())
    report = take(city, told(gross_m2=2_446))
    assert counts(report) == (0, 1, 0)
    record = Record.objects.filter(verb="space.allocation.entered").latest("pk")
    assert (record.before, record.after) == ({"gross_m2": "2445.00"}, {"gross_m2": "2446.00"})


@pytest.mark.parametrize(
    ("row", "column", "code"),
    [
        (told(unit="3602D999"), "单位编码", "unit_unknown"),
        (told(way="赠送"), "调配方式", None),
        (told(paper=None), "凭证号", None),
        (told(gross_m2=0), "建筑面积(㎡)", None),
        (told(gross_m2="很大"), "建筑面积(㎡)", None),
        (told(approved_on=None), "批准日期", None),
        (told(approved_on="2020-02-30"), "批准日期", None),
        (told(approved_on="2020-07-03"), "批准日期", "in_the_future"),
        (loan(last_on=None), "借用期限止", "loan_without_end"),
        (loan(since_on=None), "借用期限起", "loan_without_end"),
        (loan(last_on="2020-03-31"), "借用期限止", "ends_before"),
    ],
)
def test_a_wrong_cell_refuses_the_file_and_is_named(
    city: City, row: dict[str, Any], column: str, code: str | None
) -> None:
    report = take(city, told(paper="景调配〔2020〕030号"), row)
    (fault,) = report.errors
    assert (fault.row, fault.column) == (books.FIRST_ROW + 1, column)
    assert code is None or fault.code == code
    assert not Allocation.objects.exists(), "one wrong row refuses the whole file"


def test_a_number_twice_and_one_of_ours_with_other_facts(city: City) -> None:
    report = take(city, told(), told())
    assert [fault.code for fault in report.errors] == ["paper_duplicate"]
    ours = allotting.granted(city)
    report = take(city, told(paper=ours.paper, unit="3602D040"))
    assert [fault.code for fault in report.errors] == ["contradicts_known"]
    assert ours.number in report.errors[0].message


def test_a_paper_that_was_replaced_here_is_not_taken_in_beside_its_successor(city: City) -> None:
    first = allotting.granted(city)
    granting.choose_again(actor=city.actor("keeper"), allocation_id=first.pk, reason="漏水", at=AT)
    second = allotting.grant(city, first, "201")
    assert second.paper != first.paper
    report = take(city, told(paper=first.paper))
    assert [fault.code for fault in report.errors] == ["paper_replaced"]


@pytest.mark.parametrize(
    ("row", "code"),
    [
        (told(gross_m2=None), "area_missing"),
        (told(paper="景借调〔2020〕031号"), "paper_odd"),
        (told(last_on="2021-01-01"), "term_odd"),
        (loan(approved_on="2020-04-02"), "used_before_approval"),
    ],
)
def test_what_is_odd_is_asked(city: City, row: dict[str, Any], code: str) -> None:
    report = take(city, row)
    assert (report.errors, [doubt.code for doubt in report.doubts]) == ((), [code])


def test_our_numbers_go_on_after_those_of_the_ledger(city: City) -> None:
    take(city, told())
    assert allotting.granted(city).paper == "景调配〔2020〕032号"


def test_who_may_take_it_in(city: City) -> None:
    for who in ("clerk", "supervisor", "inspector"):
        with pytest.raises(NotAllowed):
            take(city, told(), by=who)


def test_a_unit_sees_its_own(city: City) -> None:
    take(city, told(), told(paper="景调配〔2020〕040号", unit="3602D040"))
    seen = ALLOCATIONS.rows(city.actor("clerk").scope(ALLOCATIONS.see))
    assert [row.unit_id for row in seen] == [city.units["farming"].pk]
    assert CLEARANCES.rows(city.actor("clerk").scope(CLEARANCES.see)).count() == 0
