"""Ledgers of old meetings: taken in once, faults told by row and column, and the figure."""

import io
import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

import openpyxl
import pytest
import time_machine

from guanjia.demo import departments
from guanjia.domains.meeting import actions, figures, queries
from guanjia.domains.meeting.models import Booking, MeetingRoom
from guanjia.domains.meeting.registers import BOOKINGS
from guanjia.domains.meeting.tests.builders import City
from guanjia.kernel.access.tests.builders import AT, SYSTEM
from guanjia.kernel.org import actions as org
from guanjia.kernel.org.tests import builders as units
from guanjia.kernel.registers import importing
from guanjia.kernel.registers.importing import ImportReport
from guanjia.kernel.regulations.verdict import Refused
from guanjia.kernel.values.actor import NotAllowed, Scope
from guanjia.kernel.values.period import SHANGHAI, Period

pytestmark = pytest.mark.django_db
HALF = Period.parse("2020-H1")
ROW: dict[str, Any] = {
    "title": "市政府复工复产工作会", "unit": "3602D036", "room": "市民中心报告厅 ",
    "starts_at": "2020-05-08 09:00", "ends_at": "2020/5/8 11:00", "people": "45",
    "services": "茶水、音响、桌签", "state": "已召开",
}  # fmt: skip


@pytest.fixture(autouse=True)
def _afternoon() -> Iterator[None]:
    with time_machine.travel(AT, tick=False):
        yield


def take(city: City, *rows: Mapping[str, Any], by: str = "city_keeper") -> ImportReport:
    """What an import of these rows says."""
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    sheet.append(["会议服务登记"])
    sheet.append([column.title for column in BOOKINGS.importable()])
    for row in rows:
        sheet.append([row[column.name] for column in BOOKINGS.importable()])
    sheet.append(["填表人：          审核人：          填表日期："])
    buffer = io.BytesIO()
    workbook.save(buffer)
    return importing.import_file(
        register=BOOKINGS, path_or_file=buffer.getvalue(), actor=city.actor(by), at=AT
    )


def counts(report: ImportReport) -> tuple[int, int, int]:
    assert report.errors == ()
    return report.created, report.updated, report.unchanged


def faults(report: ImportReport) -> list[tuple[int, str, str]]:
    return [(fault.row, fault.column, fault.code) for fault in report.errors]


def held(scope: Scope | None = None) -> int:
    found = figures.meetings_held(scope=scope or Scope.all(), period=HALF)
    return int(found)


def test_the_ledger_of_the_half_year_gives_the_known_figure_and_comes_in_once() -> None:
    path = departments.ledger("meeting.bookings")
    sheet = openpyxl.load_workbook(path).active
    codes = {row[1] for row in sheet.iter_rows(min_row=3, values_only=True) if row[1]}
    rows = [units.unit_row("3602"), *(units.unit_row(code, "3602") for code in codes)]
    org.enter_units(actor=SYSTEM, rows=rows, at=AT)

    def taken() -> tuple[int, int, int]:
        with time_machine.travel(datetime(2020, 7, 10, tzinfo=SHANGHAI), tick=False):
            report = importing.import_file(
                register=BOOKINGS, path_or_file=path, actor=SYSTEM, at=AT
            )
        return counts(report)

    assert taken() == (76, 0, 0)
    assert held() == json.loads(departments.EXPECTED.read_text())["figures"]["meeting.held"]
    assert held() == 70
    before = list(Booking.objects.order_by("pk").values())
    assert taken() == (0, 0, 76)
    assert list(Booking.objects.order_by("pk").values()) == before
    assert MeetingRoom.objects.count() == 5
    assert set(MeetingRoom.objects.values_list("asking", "unit")) == {("ASKED", None)}


def test_the_figure_opens_the_rows_behind_it_and_keeps_to_the_scope(city: City) -> None:
    take(city, ROW, ROW | {"title": "取消的会", "state": "已取消"})
    assert held() == 1
    assert held(city.actor("clerk").scope(queries.SEE)) == 1
    assert held(city.actor("stranger").scope(queries.SEE)) == 0
    assert queries.held(scope=Scope.all(), period=HALF).get().title == ROW["title"]
    assert figures._held(HALF)["starts_to"] == "2020-06-30"


def test_a_row_changes_only_what_a_ledger_told(city: City) -> None:
    assert counts(take(city, ROW)) == (1, 0, 0)
    assert counts(take(city, ROW | {"people": "50", "services": None})) == (0, 1, 0)
    told = Booking.objects.get()
    assert (told.people, told.services, told.asked_at) == (50, "", None)
    assert faults(take(city, ROW | {"state": "已取消"})) == [(3, "状态", "state_fixed")]
    made = city.booked()
    again = {
        **ROW, "title": made.title, "starts_at": "2020-05-21 09:00", "ends_at": "2020-05-21 12:00",
    }  # fmt: skip
    assert counts(take(city, again)) == (0, 0, 1), "what was booked here is done here"
    assert Booking.objects.get(pk=made.pk).ends_at == made.ends_at


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"title": None}, ("会议名称", "required_missing")),
        ({"unit": "3602D987"}, ("主办单位编码", "unit_unknown")),
        ({"room": ""}, ("会议室", "required_missing")),
        ({"starts_at": "5月8日上午"}, ("开始时间", "date_unreadable")),
        ({"ends_at": "2020-05-08 09:00"}, ("结束时间", "ends_before")),
        ({"people": "0"}, ("参会人数", "value_too_small")),
        ({"people": "五十"}, ("参会人数", "number_unreadable")),
        ({"state": "待审批"}, ("状态", "not_over")),
        ({"state": "开过了"}, ("状态", "choice_unknown")),
        (
            {"starts_at": "2020-05-20 10:00", "ends_at": "2020-05-20 11:00"},
            ("开始时间", "in_the_future"),
        ),
    ],
)
def test_a_fault_is_told_by_row_and_column_and_nothing_is_written(
    city: City, change: dict[str, Any], fault: tuple[str, str]
) -> None:
    sound = ROW | {"title": "另一场", "room": "发展中心一会议室"}
    assert faults(take(city, sound, ROW | change)) == [(4, *fault)]
    assert not Booking.objects.exists()


def test_two_meetings_in_one_room_at_once_are_told(city: City) -> None:
    late = ROW | {"title": "后一场", "starts_at": "2020-05-08 10:00", "ends_at": "2020-05-08 12:00"}
    report = take(city, late, ROW)
    assert faults(report) == [(4, "开始时间", "overlap")]
    assert report.errors[0].message == "和第 3 行在同一会议室、时间重叠"
    assert faults(take(city, ROW, ROW)) == [(4, "会议名称", "duplicate")]
    apart = late | {"starts_at": "2020-05-08 11:00"}
    assert counts(take(city, ROW, apart, late | {"state": "已取消"})) == (3, 0, 0)
    known = Booking.objects.get(title=ROW["title"])
    report = take(city, late | {"title": "又一场"})
    assert report.errors[0].message == f"和{known.number}在同一会议室、时间重叠"
    longer = ROW | {"ends_at": "2020-05-08 11:30"}
    assert faults(take(city, longer)) == [(3, "开始时间", "overlap")]
    assert counts(take(city, ROW | {"ends_at": "2020-05-08 10:30"})) == (0, 1, 0)


def test_who_keeps_the_rooms_of_one_unit_enters_no_meetings_of_others(city: City) -> None:
    report = take(city, ROW | {"unit": "3602D040"}, by="their_keeper")
    assert faults(report) == [(3, "主办单位编码", "outside")]
    with pytest.raises(NotAllowed):
        take(city, ROW, by="clerk")


def test_a_room_that_a_ledger_named_gets_seats_and_a_keeper(city: City) -> None:
    take(city, ROW | {"room": "常委楼会议室"})
    room = MeetingRoom.objects.get(name="常委楼会议室")
    assert city.booked(room=room, people=900).state == "REQUESTED"
    facts = {
        "name": room.name, "seats": 40, "equipment": "", "asking": "FREE", "standing": "OPEN",
    }  # fmt: skip
    keeper = city.actor("keeper")
    with pytest.raises(MeetingRoom.DoesNotExist):
        actions.amend_room(actor=keeper, meetingroom_id=room.pk, facts=facts, at=AT)
    amended = actions.amend_room(
        actor=city.actor("city_keeper"), meetingroom_id=room.pk, facts=facts, at=AT
    )
    assert amended.unit == city.units["bureau"]
    with pytest.raises(Refused):
        city.booked(room=amended, people=41)
