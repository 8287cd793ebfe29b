"""巡检记录 and 整改 as ledgers: the half-year's file, odd rows, the figures they give."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine

from guanjia.demo import departments
from guanjia.domains.space import figures
from guanjia.domains.space.models import Inspection, Mark, Rectification, Round, Visit
from guanjia.domains.space.queries import rounds as queries
from guanjia.domains.space.queries import scores
from guanjia.domains.space.registers.inspections import INSPECTIONS, RECTIFICATIONS
from guanjia.domains.space.terms.rounds import Result, RoundState
from guanjia.domains.space.tests import books, rounding
from guanjia.domains.space.tests.builders import AT, TODAY, City
from guanjia.kernel.access.tests.builders import SYSTEM
from guanjia.kernel.registers import catalogue, importing, listing
from guanjia.kernel.registers.declaration import Register
from guanjia.kernel.registers.importing import ImportReport
from guanjia.kernel.values.actor import NotAllowed, Scope
from guanjia.kernel.values.period import Period

JULY = AT.replace(month=7, day=10)
HALF = Period.parse("2020-H1")
ROW: dict[str, Any] = {
    "title": rounding.TITLE,
    "unit": "3602D036",
    "on": "2020年5月13日",
    "inspector": "龙晨东",
    "results": "面积超标、账实不符",
    "due_on": "2020-07-30",
}


def book(rows: Sequence[Mapping[str, Any]]) -> bytes:
    """The ledger with empty cells where a row says nothing of a column it need not have."""
    spare = {column.name: None for column in INSPECTIONS.importable() if column.optional}
    return books.book(INSPECTIONS, [spare | dict(row) for row in rows])


def take(
    city: City, *rows: Mapping[str, Any], by: str = "keeper", at: datetime = JULY
) -> ImportReport:
    with time_machine.travel(at, tick=False):
        return importing.import_file(
            register=INSPECTIONS, path_or_file=book(rows),
            actor=city.actor(by), at=at,
        )  # fmt: skip


def listed(register: Register, at: datetime = AT, **params: str) -> list[Any]:
    query = listing.read(register=register, params=params)
    assert not query.notes
    return list(listing.all_rows(query=query, scope=Scope.all(), at=at))


def faults(report: ImportReport) -> list[tuple[int, str, str]]:
    return [(fault.row, fault.column, fault.code) for fault in report.errors]


def doubts(report: ImportReport) -> set[tuple[int, str]]:
    return {(fault.row, fault.code) for fault in report.doubts}


def test_a_ledger_makes_its_round_and_what_is_to_be_put_right(city: City) -> None:
    report = take(city, ROW, {**ROW, "unit": "3602D040", "results": "无问题", "due_on": None})
    assert (report.errors, report.created) == ((), 2)
    made = Round.objects.get()
    assert (made.title, made.from_ledger) == (rounding.TITLE, True)
    assert Visit.objects.filter(round=made).count() == 2
    row = Inspection.objects.get(unit=city.units["farming"])
    assert row.results == (Result.OVER, Result.MISMATCH)
    assert Rectification.objects.get().due_on == rounding.day("2020-07-30")
    assert Inspection.objects.get(unit=city.units["other"]).is_fine


def test_twice_the_same_file_changes_nothing_and_a_mended_row_changes(city: City) -> None:
    take(city, ROW)
    again = take(city, ROW)
    assert (again.created, again.updated, again.unchanged) == (0, 0, 1)
    changed = take(city, {**ROW, "results": "空置未报", "due_on": "2020-08-10"})
    assert (changed.created, changed.updated) == (0, 1)
    assert Inspection.objects.get().results == (Result.VACANT,)
    assert Rectification.objects.get().due_on == rounding.day("2020-08-10")
    assert Mark.objects.count() == 1


def test_rows_of_rooms_find_their_room(city: City) -> None:
    report = take(city, {**ROW, "building": "常委楼", "room": "101",
                         "looked_at": "2020-05-13 09:30"})  # fmt: skip
    assert report.errors == ()
    row = Inspection.objects.get()
    assert (row.room, row.scanned_at) == (
        city.room("101"), AT.replace(month=5, day=13, hour=9, minute=30),
    )  # fmt: skip


def test_faults_are_named_by_row_and_column(city: City) -> None:
    report = take(
        city,
        ROW,
        {**ROW, "title": "另一次", "unit": "3602D999"},
        {**ROW, "title": "再一次", "results": "漏水"},
        {**ROW, "title": "三次", "results": "无问题、面积超标"},
        {**ROW, "title": "四次", "on": "2020-08-01", "due_on": "2020-08-30"},
        {**ROW, "title": "五次", "due_on": "2020-05-01"},
        {**ROW, "title": "六次", "building": "常委楼", "room": "999"},
        ROW,
    )
    assert set(faults(report)) == {
        (4, "单位编码", "unit_unknown"),
        (5, "检查结果", "result_unknown"),
        (6, "检查结果", "fine_and_not"),
        (7, "检查日期", "in_the_future"),
        (8, "整改期限", "due_before_look"),
        (9, "房间号", "room_unknown"),
        (10, "巡检名称", "inspection_duplicate"),
    }
    assert not Inspection.objects.exists(), "a file with a fault writes nothing"


def test_odd_rows_are_doubts(city: City) -> None:
    report = take(
        city,
        {**ROW, "due_on": None},
        {**ROW, "unit": "3602D040", "results": "无问题"},
    )
    assert doubts(report) == {(3, "problem_without_due"), (4, "fine_with_due")}
    assert not Rectification.objects.exists(), "nobody said by when"


def test_a_ledger_does_not_change_what_a_telephone_recorded(city: City) -> None:
    made = rounding.running(city)
    rounding.send(city, made, [rounding.look(city, made, "101")])
    row = {
        **ROW, "on": f"{TODAY:%Y-%m-%d}", "building": "常委楼", "room": "101",
        "looked_at": f"{AT:%Y-%m-%d %H:%M}", "due_on": f"{TODAY + timedelta(days=40):%Y-%m-%d}",
    }  # fmt: skip
    report = take(city, row)
    assert (3, "recorded_on_the_spot") in doubts(report)
    assert (report.created, report.updated, report.unchanged) == (0, 0, 1)
    assert Inspection.objects.get().is_fine


def test_only_whoever_keeps_the_ledger_takes_it_in(city: City) -> None:
    for who in ("clerk", "inspector", "supervisor"):
        with pytest.raises(NotAllowed):
            take(city, ROW, by=who)


def test_the_figures_are_the_first_and_the_last_day_and_open_their_rows(city: City) -> None:
    take(city, ROW, {**ROW, "unit": "3602D040", "on": "2020-05-22"})
    take(city, {**ROW, "title": "去年的巡检", "on": "2019-11-05", "due_on": "2019-12-05"})
    scope = Scope.all()
    told = {one.key: one.value(scope=scope, period=HALF) for one in figures.ROUNDS}
    assert told == {
        "space.inspection_start": rounding.day("2020-05-13"),
        "space.inspection_end": rounding.day("2020-05-22"),
    }
    for one in figures.ROUNDS:
        assert one.opens is not None
        shown = listed(INSPECTIONS, **one.opens(HALF))
        assert set(shown) == set(one.rows(scope=scope, period=HALF))
        assert len(shown) == 2
    mine = city.actor("stranger").scope(queries.SEE)
    assert figures.inspection_start(scope=mine, period=HALF) == rounding.day("2020-05-22")
    assert figures.inspection_start(scope=scope, period=Period.parse("2018")) is None


def test_the_list_of_what_is_put_right_shows_who_is_late(city: City) -> None:
    made = rounding.running(city)
    rect = rounding.asked(city, made)
    late = AT + timedelta(days=60)
    assert listed(RECTIFICATIONS, view="late") == []
    assert listed(RECTIFICATIONS, late, view="late") == [rect]
    assert listed(RECTIFICATIONS, view="answered") == []
    rounding.answered(city, rect)
    assert listed(RECTIFICATIONS, view="answered") == [rect]
    assert listed(RECTIFICATIONS, view="open") == []


@pytest.mark.django_db
def test_the_half_years_file_gives_the_days_of_the_report() -> None:
    expected = json.loads(departments.EXPECTED.read_text("utf-8"))["figures"]
    with time_machine.travel(JULY, tick=False):
        for key in ("org.units", "org.people"):
            register = catalogue.get(key)
            assert register
            assert file_taken(register) == (93 if key == "org.units" else 1_676, 0, 0)
        assert file_taken(INSPECTIONS) == (55, 0, 0)
        assert file_taken(INSPECTIONS) == (0, 0, 55)
    for one in figures.ROUNDS:
        assert str(one.value(scope=Scope.all(), period=HALF)) == expected[one.key]
    made = Round.objects.get()
    assert (made.state, made.inspections.count()) == (RoundState.CLOSED, 55)
    assert len(scores.scores(year=2020, scope=Scope.all(), on=JULY.date())) == 55


def file_taken(register: Register) -> tuple[int, int, int]:
    report = importing.import_file(
        register=register, path_or_file=departments.ledger(register.key), actor=SYSTEM, at=JULY
    )
    assert report.errors == ()
    return report.created, report.updated, report.unchanged
