"""台账核对: the rules against cases an official can read, the ledgers of a city, the page."""

import io
import re
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import time_machine
import yaml
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from guanjia.domains.space.actions import timelines
from guanjia.domains.space.models import RoomSpell
from guanjia.domains.space.queries import reconcile as queries
from guanjia.domains.space.rules import reconcile as rules
from guanjia.domains.space.terms.ledger import (
    Basis,
    BuildingState,
    RoomKind,
    RoomState,
    TitleState,
)
from guanjia.domains.space.terms.reconcile import (
    Against,
    BuildingTold,
    Differs,
    Mismatch,
    PaperTold,
    RoomLooked,
    RoomTold,
    Sitter,
)
from guanjia.domains.space.tests.builders import AT, TODAY, City, always
from guanjia.kernel.org.models import Person
from guanjia.kernel.values.actor import Scope

pytestmark = pytest.mark.pg15

FOLDER = Path(__file__).parent / "cases"
FARMING = "/3602/3602D036/"
DAY = timedelta(days=1)


def cases(name: str) -> list[Any]:
    read = yaml.safe_load((FOLDER / f"{name}.yaml").read_text("utf-8"))
    return [pytest.param(case, id=case["case"]) for case in read]


def room(facts: dict[str, Any], sitters: tuple[Sitter, ...] = ()) -> RoomTold:
    held = facts.get("unit", "市农业农村局")
    basis = facts.get("basis", Basis.LEDGER)
    return RoomTold(
        id=1, name="常委楼 101", building_id=1, kind=RoomKind(facts.get("kind", "OFFICE")),
        state=RoomState(facts.get("state", "IN_USE")), usable_m2=Decimal(20),
        unit_id=36 if held else None, unit=held or "", unit_path=FARMING if held else "",
        basis=Basis(basis) if held else None, paper=facts.get("paper", ""), sitters=sitters,
    )  # fmt: skip


def sitter(given: dict[str, Any]) -> Sitter:
    return Sitter(
        id=given.get("id", 7), name=given["name"], unit_path=given.get("path", FARMING),
        unit=given.get("unit", "市农业农村局"), left_on=given.get("left_on"),
    )  # fmt: skip


def said(found: list[Mismatch]) -> list[list[str]]:
    return [[each.differs.label, each.ours, each.theirs] for each in found]


@pytest.mark.parametrize("case", cases("reconcile_room"))
def test_a_room_in_itself(case: dict[str, Any]) -> None:
    told = room(case.get("room", {}), tuple(sitter(one) for one in case.get("sitters", ())))
    assert said(rules.once(rules.inside(told, on=TODAY))) == case["says"]


@pytest.mark.parametrize("case", cases("reconcile_building"))
def test_a_building_its_rooms_and_its_title(case: dict[str, Any]) -> None:
    facts = {
        "state": "DELIVERED", "title_state": "REGISTERED", "title_no": "4042号",
        "title_owner": "景德镇市机关事务管理局", **case.get("building", {}),
    }  # fmt: skip
    areas = {name: Decimal(facts[name]) for name in ("usable_m2", "title_m2", "rooms_gross_m2")
             if name in facts}  # fmt: skip
    told = BuildingTold(
        id=1, name="常委楼", gross_m2=Decimal(4607), state=BuildingState(facts["state"]),
        title_state=TitleState(facts["title_state"]), title_no=facts["title_no"] or "",
        title_owner=facts["title_owner"] or "", rooms=facts.get("rooms", 0), **areas,
    )  # fmt: skip
    assert said([*rules.sums(told), *rules.titles(told)]) == case["says"]


@pytest.mark.parametrize("case", cases("reconcile_paper"))
def test_a_room_and_its_voucher(case: dict[str, Any]) -> None:
    vouchers = {
        "A1": PaperTold(id=1, number="A1", unit_id=36),
        "B1": PaperTold(id=2, number="B1", unit_id=40, voucher=True),
    }
    assert said(rules.papers(room(case["room"]), vouchers=vouchers)) == case["says"]


def test_a_look_that_measured_and_saw_something_else_is_two_things() -> None:
    facts: dict[str, Any] = {"id": 5, "room_id": 1, "building_id": 1, "subject": "常委楼 101"}
    looks = [
        RoomLooked(**facts, what="使用面积", told="使用面积 20.0 ㎡", found="使用面积 25.0 ㎡"),
        RoomLooked(**facts, what="房间类别", told="办公室", found="服务用房"),
    ]
    found = rules.once([*rules.looked(looks), *rules.looked(looks)])
    assert [each.place for each in found] == ["使用面积", "房间类别"]
    assert {each.differs.against for each in found} == {Against.PLACE}


# ── the ledgers of a city ────────────────────────────────────────────────────────────────


def found(day: date = TODAY, scope: Scope | None = None) -> list[tuple[Differs, str]]:
    rows = queries.mismatches(day=day, scope=scope or Scope.all())
    return [(each.differs, each.subject) for each in rows]


def test_a_city_in_order_has_nothing_to_list(city: City) -> None:
    assert found() == []


def test_each_thing_is_listed_once_for_its_day(city: City) -> None:
    timelines.restate(room=city.room("101"), on=TODAY, told_at=AT, state=RoomState.VACANT)
    timelines.seat(room=city.room("104"), person=city.people["stranger"], since=TODAY)
    Person.objects.filter(number="D036017").update(left_on=TODAY)
    always(title_m2=4000, title_owner="市政府办公室")
    timelines.hold(
        room=city.room("201"), unit=city.units["other"], since=TODAY, basis=Basis.ALLOTTED,
        paper="景调配〔2020〕9号",
    )  # fmt: skip
    assert found() == [
        (Differs.EMPTY_HELD, "常委楼 101"),
        (Differs.EMPTY_HELD, "常委楼 201"),
        (Differs.EMPTY_SEATED, "常委楼 101"),
        (Differs.STRANGER, "常委楼 104"),
        (Differs.LEFT, "常委楼 103"),
        (Differs.TITLE_OWNER, "市发展中心北苑 常委楼"),
        (Differs.TITLE_AREA, "市发展中心北苑 常委楼"),
        (Differs.PAPER_UNKNOWN, "常委楼 201"),
    ]
    # The titles were told to have been so all along.
    assert {differs for differs, _ in found(TODAY - DAY)} == {
        Differs.TITLE_OWNER, Differs.TITLE_AREA,
    }  # fmt: skip


def test_a_scope_lists_what_its_units_hold(city: City) -> None:
    timelines.restate(room=city.room("101"), on=TODAY, told_at=AT, state=RoomState.VACANT)
    timelines.restate(room=city.room("203"), on=TODAY, told_at=AT, state=RoomState.VACANT)
    mine = city.actor("stranger").scope("space.room.see")
    assert {subject for _, subject in found(scope=mine)} == {"常委楼 203"}
    assert {subject for _, subject in found()} == {"常委楼 101", "常委楼 203"}


def test_rooms_that_do_not_fit_are_named_with_the_buildings_area(city: City) -> None:
    RoomSpell.objects.filter(room=city.room("104")).update(usable_m2=4500)
    rows = queries.mismatches(day=TODAY, scope=Scope.all())
    assert [(each.ours, each.theirs) for each in rows] == [
        ("楼栋建筑面积 4,607.0 ㎡", "10 间使用面积合计 4,746.0 ㎡")
    ]


def test_more_rooms_ask_the_database_no_more_often(city: City) -> None:
    def asked() -> int:
        with CaptureQueriesContext(connection) as captured:
            queries.mismatches(day=TODAY, scope=Scope.all())
        return len(captured)

    few = asked()
    for number in ("101", "102", "203"):
        timelines.restate(room=city.room(number), on=TODAY, told_at=AT, state=RoomState.VACANT)
    assert asked() == few <= 16


# ── the page ─────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def keeper(city: City) -> Iterator[Client]:
    client = Client()
    client.force_login(city.accounts["keeper"], backend="django.contrib.auth.backends.ModelBackend")
    timelines.restate(room=city.room("101"), on=TODAY, told_at=AT, state=RoomState.VACANT)
    always(title_owner="市政府办公室")
    with time_machine.travel(AT, tick=False):
        yield client


def rows_of(html: str) -> int:
    body = re.search(r"<tbody>(.*?)</tbody>", html, re.S)
    return body[1].count("<tr>") if body else 0


def test_every_value_opens_its_row(city: City, keeper: Client) -> None:
    html = keeper.get("/space/reconcile/").content.decode()
    assert rows_of(html) == 3
    assert html.count(f'href="/space/rooms/{city.room("101").pk}/"') == 4
    assert f'href="/space/buildings/{city.building.pk}/"' in html
    assert "空置仍有使用单位" in html
    assert "权属人 市政府办公室" in html


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("against=PAPERS", 1),
        ("against=LEDGERS", 2),
        ("against=PLACE", 0),
        ("differs=EMPTY_SEATED", 1),
        ("words=农业", 2),
        ("on=2020-05-19", 1),
        ("against=bogus&differs=bogus&on=bogus&page=99", 3),
    ],
)
def test_the_page_is_narrowed_and_the_sheet_with_it(
    city: City, keeper: Client, query: str, count: int
) -> None:
    assert rows_of(keeper.get(f"/space/reconcile/?{query}").content.decode()) == count
    sheet = openpyxl.load_workbook(
        io.BytesIO(keeper.get(f"/space/reconcile/export/?{query}").content)
    ).active
    assert sheet is not None
    heads = [cell.value for cell in sheet[3]]
    assert heads[4:6] == ["总台账", "另一处"]
    assert sheet.max_row == 3 + count


def test_a_clerk_has_no_reconciliation(city: City) -> None:
    client = Client()
    client.force_login(city.accounts["clerk"], backend="django.contrib.auth.backends.ModelBackend")
    assert client.get("/space/reconcile/").status_code == 403
