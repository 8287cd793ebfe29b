"""Ledgers of buildings and rooms as offices keep them: what is taken, what is refused, and why."""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.db import ProgrammingError

from guanjia.domains.space.actions import building_lives, timelines
from guanjia.domains.space.models import Building, Room
from guanjia.domains.space.queries import rooms
from guanjia.domains.space.registers.buildings import BUILDINGS
from guanjia.domains.space.registers.rooms import ROOMS
from guanjia.domains.space.terms.ledger import (
    Basis,
    BuildingState,
    RoomKind,
    RoomState,
    TitleState,
)
from guanjia.domains.space.tests.books import (
    BUILDING,
    FIRST_ROW,
    ROOM,
    counts,
    doubts,
    faults,
    take,
)
from guanjia.domains.space.tests.builders import AT, SINCE, TODAY, City
from guanjia.kernel.audit.models import Record
from guanjia.kernel.org.models import Person
from guanjia.kernel.registers import listing
from guanjia.kernel.values.actor import NotAllowed, Scope

pytestmark = pytest.mark.pg15

DAY = timedelta(days=1)
NEXT = AT + DAY


@pytest.fixture(autouse=True)
def _morning() -> Iterator[None]:
    with time_machine.travel(AT, tick=False):
        yield


def on(number: str, day: date = TODAY) -> Any:
    """A room of 常委楼 as it stood on a day."""
    return rooms.listed(Scope.all(), day).filter(number=number).first()


def sitting(number: str, day: date = TODAY) -> list[str]:
    return [seat.person.number for seat in on(number, day).sitting]


# ── buildings ────────────────────────────────────────────────────────────────────────────


def test_a_building_comes_with_its_compound_and_is_then_unchanged(city: City) -> None:
    assert counts(take(city, BUILDINGS, BUILDING)) == (1, 0, 0)
    made = Building.objects.get(name="1号楼")
    assert (made.compound.name, made.gross_m2, made.built_year) == ("老市委大院", 3663, 1987)
    assert (made.title_no, made.title_state) == ("景房权证市字第57924号", TitleState.REGISTERED)
    assert made.delivered_on == date(1989, 1, 1)
    assert counts(take(city, BUILDINGS, BUILDING)) == (0, 0, 1)
    more = {**BUILDING, "gross_m2": 3700, "title_no": None}
    assert counts(take(city, BUILDINGS, more)) == (0, 1, 0)
    made.refresh_from_db()
    assert made.title_no == "景房权证市字第57924号", "an empty cell takes nothing away"
    record = Record.objects.filter(verb="space.building.entered").latest("pk")
    assert (record.before, record.after) == ({"gross_m2": "3663.00"}, {"gross_m2": "3700.00"})


def test_two_buildings_of_one_name_lie_in_two_compounds(city: City) -> None:
    elsewhere = {**BUILDING, "compound": "市民中心"}
    assert counts(take(city, BUILDINGS, BUILDING, elsewhere)) == (2, 0, 0)
    twice = take(city, BUILDINGS, BUILDING, elsewhere, BUILDING)
    assert faults(twice) == [(FIRST_ROW + 2, "楼栋", "duplicate")]


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"gross_m2": "-5"}, ("建筑面积(㎡)", "value_too_small")),
        ({"gross_m2": "四千"}, ("建筑面积(㎡)", "number_unreadable")),
        ({"floors_above": 0}, ("层数", "value_too_small")),
        ({"floors_above": "4.5"}, ("层数", "number_not_whole")),
        ({"kind": "超高层"}, ("建筑类别", "choice_unknown")),
        ({"state": "在修"}, ("状态", "choice_unknown")),
        ({"delivered_on": "2020-02-40"}, ("交付日期", "date_unreadable")),
        ({"compound": None}, ("院落", "required_missing")),
        ({"name": " "}, ("楼栋", "required_missing")),
    ],
)
def test_what_cannot_be_of_a_building_is_refused_by_cell(
    city: City, changes: dict[str, Any], fault: tuple[str, str]
) -> None:
    report = take(city, BUILDINGS, BUILDING, {**BUILDING, "name": "2号楼", **changes})
    assert faults(report) == [(FIRST_ROW + 1, *fault)]
    assert not Building.objects.filter(name="1号楼").exists()


def test_floors_with_rooms_are_not_taken_away(city: City) -> None:
    low = {**BUILDING, "compound": "市发展中心北苑", "name": "常委楼", "floors_above": 1}
    report = take(city, BUILDINGS, low)
    assert [fault.message for fault in report.errors] == ["台账里 2 层还有房间，层数不能少于 2"]


@pytest.mark.parametrize(
    ("changes", "doubt"),
    [
        ({"title_no": None}, ("权属证号", "已交付而没有权属证号，按未登记记入")),
        ({"built_year": 2024}, ("建成年份", "建成年份还没有到")),
        ({"built_year": 1999}, ("交付日期", "交付早于建成")),
        ({"delivered_on": None}, ("交付日期", "已交付而没有交付日期，房间从何时起无从得知")),
    ],
)
def test_what_is_odd_about_a_building_is_a_doubt(
    city: City, changes: dict[str, Any], doubt: tuple[str, str]
) -> None:
    report = take(city, BUILDINGS, {**BUILDING, **changes})
    assert report.errors == ()
    assert doubt in doubts(report)
    state = TitleState.REGISTERED if changes.get("title_no", "1") else TitleState.NONE
    assert Building.objects.get(name="1号楼").title_state == state


# ── rooms ────────────────────────────────────────────────────────────────────────────────


def test_a_room_comes_with_unit_and_people_and_is_then_unchanged(city: City) -> None:
    assert counts(take(city, ROOMS, ROOM)) == (1, 0, 0)
    made = on("106")
    assert (made.now.kind, made.now.usable_m2, made.now.gross_m2) == (
        RoomKind.OFFICE, Decimal("21.9"), None,
    )  # fmt: skip
    assert (made.held.unit, made.held.basis) == (city.units["farming"], Basis.LEDGER)
    assert sitting("106") == ["D036016", "D036017"]
    assert on("106", TODAY - DAY) is None, "the building had rooms: this one is new today"
    assert counts(take(city, ROOMS, ROOM)) == (0, 0, 1)
    assert counts(take(city, ROOMS, {**ROOM, "people": "D036017 D036016"})) == (0, 0, 1)


def test_the_first_rooms_of_a_building_are_there_since_its_delivery(city: City) -> None:
    take(city, BUILDINGS, BUILDING, {**BUILDING, "name": "2号楼", "delivered_on": None})
    old = {**ROOM, "compound": "老市委大院", "building": "1号楼"}
    take(city, ROOMS, old, {**old, "building": "2号楼"})
    lower = {
        room.building.name: room.spells.get().during.lower
        for room in Room.objects.filter(number="106")
    }
    assert lower == {"1号楼": date(1989, 1, 1), "2号楼": None}


def test_a_change_is_dated_and_the_days_before_stay(city: City) -> None:
    row = {**ROOM, "number": "101", "kind": "服务用房", "usable_m2": 25, "people": "D036002"}
    assert counts(take(city, ROOMS, row, at=NEXT)) == (0, 1, 0)
    then, now = on("101", TODAY), on("101", TODAY + DAY)
    assert (then.now.kind, then.now.usable_m2) == (RoomKind.OFFICE, 24)
    assert (now.now.kind, now.now.usable_m2) == (RoomKind.SERVICE, 25)
    assert (sitting("101", TODAY), sitting("101", TODAY + DAY)) == (["D036001"], ["D036002"])
    assert now.held.during.lower == SINCE, "the unit is the same, and holds it since then"
    record = Record.objects.filter(verb="space.room.entered", on_id=now.pk).get()
    assert record.before == {"kind": "OFFICE", "usable_m2": "24.00", "people": ["余建国"]}
    assert record.after == {"kind": "SERVICE", "usable_m2": "25.00", "people": ["占小青"]}
    assert record.unit_path == city.units["farming"].path


def test_a_second_import_of_the_day_mends_the_first(city: City) -> None:
    row = {**ROOM, "number": "101", "people": None}
    take(city, ROOMS, {**row, "usable_m2": 2400, "unit": "3602D040"})
    take(city, ROOMS, {**row, "usable_m2": 24.5})
    assert Room.objects.get(number="101").spells.count() == 2
    assert Room.objects.get(number="101").holdings.count() == 2
    now = on("101")
    assert (now.now.usable_m2, now.held.unit) == (Decimal("24.5"), city.units["farming"])


def test_a_room_goes_to_another_unit_and_its_people_stay_behind(city: City) -> None:
    row = {**ROOM, "number": "101", "usable_m2": 24, "unit": "3602D040", "people": None}
    assert counts(take(city, ROOMS, row, at=NEXT)) == (0, 1, 0)
    assert on("101", TODAY + DAY).held.unit == city.units["other"]
    assert sitting("101", TODAY + DAY) == []
    empty = {**row, "unit": None, "state": "空置"}
    assert counts(take(city, ROOMS, empty, at=NEXT + DAY)) == (0, 1, 0)
    assert on("101", TODAY + 2 * DAY).held is None
    assert on("101", TODAY).held.unit == city.units["farming"]


def test_a_voucher_is_not_written_over_by_a_ledger(city: City) -> None:
    room, farming = city.room("201"), city.units["farming"]
    timelines.hold(room=room, unit=farming, since=TODAY, basis=Basis.ALLOTTED, paper="景调配1号")
    timelines.restate(room=room, on=TODAY, told_at=AT, state=RoomState.IN_USE)
    row = {**ROOM, "number": "201", "floor": 2, "usable_m2": 24, "people": None}
    report = take(city, ROOMS, {**row, "unit": "3602D040", "state": "空置", "kind": "服务用房"})
    assert ("使用单位编码", "市农业农村局按景调配1号使用，使用单位和状态不改") in doubts(report)
    now = on("201")
    assert (now.held.unit, now.now.state, now.now.kind) == (
        farming, RoomState.IN_USE, RoomKind.SERVICE,
    )  # fmt: skip


def test_a_room_that_was_merged_away_is_not_brought_back(city: City) -> None:
    timelines.release(room=city.room("101"), on=TODAY)
    timelines.unseat(room=city.room("101"), on=TODAY)
    timelines.leave(room=city.room("101"), on=TODAY)
    report = take(city, ROOMS, {**ROOM, "number": "101", "people": None})
    assert counts(report) == (0, 0, 1)
    gone = "2020-05-20 起已不在台账里（合并、拆分或处置）"
    assert doubts(report) == [("房间号", f"{gone}，这一行不改动它")]
    assert on("101") is None


@pytest.mark.parametrize(
    ("changes", "fault", "sentence"),
    [
        ({"unit": "3602D999"}, ("使用单位编码", "unit_unknown"), "单位名录中没有 3602D999"),
        ({"people": "D036016、X1、X2"}, ("使用人工号", "person_unknown"), "人员名录中没有 X1、X2"),
        ({"building": "9号楼"}, ("楼栋", "building_unknown"),
         "市发展中心北苑没有这栋楼，先导入楼栋台账"),
        ({"compound": "市民中心"}, ("楼栋", "building_unknown"),
         "市民中心没有这栋楼，先导入楼栋台账"),
        ({"usable_m2": "-21.9"}, ("使用面积(㎡)", "value_too_small"), "应大于 0"),
        ({"usable_m2": 0}, ("使用面积(㎡)", "value_too_small"), "应大于 0"),
        ({"usable_m2": None}, ("使用面积(㎡)", "required_missing"), ""),
        ({"usable_m2": "约20"}, ("使用面积(㎡)", "number_unreadable"), ""),
        ({"usable_m2": 21900}, ("使用面积(㎡)", "area_big"),
         "比整栋楼的建筑面积 4,607.0 ㎡ 还大，核对位数和单位"),
        ({"gross_m2": 20}, ("建筑面积(㎡)", "gross_too_small"),
         "建筑面积不能小于使用面积 21.9 ㎡"),
        ({"kind": "会客室"}, ("房间类别", "choice_unknown"), ""),
        ({"state": "占用"}, ("状态", "choice_unknown"), ""),
        ({"floor": 0}, ("楼层", "floor_unknown"), "没有 0 层：地上从 1 起，地下写 -1"),
        ({"floor": 6}, ("楼层", "floor_unknown"), "这栋楼只有 5 层"),
        ({"floor": "一"}, ("楼层", "number_unreadable"), ""),
        ({"number": "101", "floor": 2}, ("楼层", "floor_differs"),
         "台账里这间房在 1 层，核对楼层和房间号"),
        ({"number": None}, ("房间号", "required_missing"), ""),
    ],
)  # fmt: skip
def test_what_cannot_be_of_a_room_is_refused_by_cell(
    city: City, changes: dict[str, Any], fault: tuple[str, str], sentence: str
) -> None:
    report = take(city, ROOMS, ROOM, {**ROOM, "number": "107", **changes})
    assert faults(report) == [(FIRST_ROW + 1, *fault)]
    assert sentence in report.errors[0].message
    assert on("106") is None, "nothing of a refused file is written"


def test_a_building_that_was_disposed_of_gets_no_more_rooms(city: City) -> None:
    building_lives.restate(
        city.building, on=TODAY, facts={"state": BuildingState.DISPOSED}, why="拆除", told_at=AT
    )
    report = take(city, ROOMS, ROOM, {**ROOM, "number": "101", "people": None})
    assert faults(report) == [(FIRST_ROW, "楼栋", "building_disposed")]


def test_the_same_room_twice_is_refused_and_the_same_number_elsewhere_is_not(city: City) -> None:
    take(city, BUILDINGS, BUILDING)
    elsewhere = {**ROOM, "compound": "老市委大院", "building": "1号楼"}
    report = take(city, ROOMS, ROOM, elsewhere, {**ROOM, "usable_m2": 30})
    assert [(fault.row, fault.message) for fault in report.errors] == [
        (FIRST_ROW + 2, f"与第 {FIRST_ROW} 行相同")
    ]


@pytest.mark.parametrize(
    ("changes", "doubt"),
    [
        ({"state": "空置", "people": None},
         ("使用单位编码", "空置仍有使用单位：空置，使用单位 市农业农村局")),
        ({"unit": None, "people": None}, ("使用单位编码", "在用没有使用单位：在用，没有使用单位")),
        ({"unit": None, "state": "维修"}, ("使用单位编码", "写了使用人，没有使用单位")),
        ({"people": "D040016"},
         ("使用人工号", "使用人不是使用单位的人：使用单位 市农业农村局，洪涛 在 市教育局")),
        ({"usable_m2": 950}, ("使用面积(㎡)", "比一层的平均建筑面积 921.4 ㎡ 还大")),
    ],
)  # fmt: skip
def test_what_is_odd_about_a_room_is_a_doubt(
    city: City, changes: dict[str, Any], doubt: tuple[str, str]
) -> None:
    report = take(city, ROOMS, {**ROOM, **changes})
    assert counts(report) == (1, 0, 0)
    assert doubt in doubts(report)


def test_who_has_left_is_a_doubt(city: City) -> None:
    Person.objects.filter(number="D036017").update(left_on=TODAY)
    report = take(city, ROOMS, ROOM)
    assert doubts(report) == [("使用人工号", "使用人已离职：使用人 贺思，贺思 2020-05-20 离职")]


def test_only_the_keeper_takes_ledgers_in(city: City) -> None:
    for who in ("clerk", "inspector", "decider", "supervisor"):
        with pytest.raises(NotAllowed):
            take(city, ROOMS, ROOM, by=who)
        with pytest.raises(NotAllowed):
            take(city, BUILDINGS, BUILDING, by=who)


# ── the lists ────────────────────────────────────────────────────────────────────────────


def numbers(scope: Scope, **params: str) -> set[str]:
    query = listing.read(register=ROOMS, params={"view": "all", **params})
    assert not query.notes
    return {row.number for row in listing.look(query=query, scope=scope, at=AT).rows}


def test_the_list_is_read_as_of_a_day(city: City) -> None:
    take(city, ROOMS, ROOM, {**ROOM, "number": "101", "kind": "服务用房", "people": None})
    everything = Scope.all()
    assert "106" in numbers(everything)
    assert "106" not in numbers(everything, on="2020-05-19")
    assert "101" in numbers(everything, kind="SERVICE")
    assert "101" not in numbers(everything, kind="SERVICE", on="2020-05-19")
    assert "101" in numbers(everything, kind="OFFICE", on="2020-05-19")
    assert numbers(everything, on="2018-12-31") == set()


def test_a_unit_finds_its_own_rooms_alone(city: City) -> None:
    scope = city.actor("clerk").scope(rooms.SEE)
    mine = {"101", "102", "103", "104"}
    assert numbers(scope) == mine
    assert numbers(scope, unit="3602D040") == set()
    assert numbers(Scope.all(), unit="3602D036") == mine
    # Given away, it stays in the unit's ledger of the days before.
    take(city, ROOMS, {**ROOM, "number": "101", "unit": "3602D040", "people": None})
    assert numbers(scope) == mine - {"101"}
    assert numbers(scope, on="2020-05-19") == mine


def test_a_floor_that_is_told_later_stands_in_its_place(city: City) -> None:
    take(city, ROOMS, {**ROOM, "number": "B202", "floor": -2, "people": None})
    take(city, ROOMS, {**ROOM, "number": "300", "floor": 3, "people": None})
    query = listing.read(register=ROOMS, params={"view": "all"})
    page = listing.look(query=query, scope=Scope.all(), at=AT)
    assert [row.number for row in page.rows][:3] == ["B202", "B101", "101"]
    assert [row.number for row in page.rows][-2:] == ["204", "300"]
    assert {row.level for row in page.rows} == {-2, -1, 1, 2, 3}


def test_a_floor_keeps_its_number(city: City) -> None:
    floor = city.room("101").floor
    floor.number = 4
    with pytest.raises(ProgrammingError, match="Cannot update"):
        floor.save()


@pytest.mark.parametrize(
    ("params", "found"),
    [
        ({"floor": "-1"}, {"B101"}),
        ({"state": "VACANT"}, {"201", "202", "204", "B101"}),
        ({"view": "unheld"}, {"105", "201", "202", "204", "B101"}),
        ({"person": "莫兴"}, {"103"}),
        ({"person": "D036017"}, {"103"}),
        ({"person": "莫兴", "on": "2018-12-31"}, set()),
        ({"words": "教育"}, {"203"}),
        ({"words": "10"}, {"101", "102", "103", "104", "105", "B101"}),
        ({"words": "教育", "on": "2018-12-31"}, set()),
        ({"unit": "3602D036", "on": "2018-12-31"}, set()),
        ({"unit": "3602D03601"}, set()),
    ],
)
def test_the_list_is_narrowed(city: City, params: dict[str, str], found: set[str]) -> None:
    assert numbers(Scope.all(), **params) == found


def test_totals_are_of_all_rows_of_the_day(city: City) -> None:
    query = listing.read(register=ROOMS, params={"view": "all", "state": "VACANT"})
    page = listing.look(query=query, scope=Scope.all(), at=AT)
    assert (page.count, page.totals["usable_m2"]) == (4, Decimal(127))
    buildings = listing.read(register=BUILDINGS, params={"view": "all"})
    found = listing.look(query=buildings, scope=Scope.all(), at=AT)
    assert (found.totals["rooms_count"], found.totals["usable_m2"]) == (10, Decimal(306))
