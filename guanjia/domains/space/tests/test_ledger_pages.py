"""The pages of the ledger: compounds, buildings, rooms, a unit's ledger, and what is done there."""

import re
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.test import Client

from guanjia.domains.space.actions import timelines
from guanjia.domains.space.models import Building, Room
from guanjia.domains.space.queries import rooms
from guanjia.domains.space.terms.ledger import (
    Basis,
    BuildingState,
    RoomKind,
    RoomState,
    SafetyGrade,
    TitleState,
)
from guanjia.domains.space.tests.builders import AT, TODAY, City
from guanjia.kernel.values.actor import Scope

BACKEND = "django.contrib.auth.backends.ModelBackend"
REFUSED = 422
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def _morning() -> Iterator[None]:
    with time_machine.travel(AT, tick=False):
        yield


def visit(city: City, who: str) -> Client:
    client = Client()
    client.force_login(city.accounts[who], backend=BACKEND)
    return client


@pytest.fixture
def keeper(city: City) -> Client:
    return visit(city, "keeper")


def text(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, address
    return answer.content.decode()


def on(number: str) -> Any:
    return rooms.listed(Scope.all(), TODAY).filter(number=number).first()


def of(city: City, number: str, act: str = "") -> str:
    return f"/space/rooms/{city.room(number).pk}/{act}"


# ── looking ──────────────────────────────────────────────────────────────────────────────


def test_a_building_floor_by_floor_and_unit_by_unit(city: City, keeper: Client) -> None:
    html = text(keeper, f"/space/buildings/{city.building.pk}/")
    floors = re.findall(r"floor=(-?\d+)\">(\d+)</a>", html)
    assert floors == [("2", "4"), ("1", "5"), ("-1", "1")]
    for told in ("地下 1 层", "赣(2020)景德镇市不动产权第4042号", "没有使用单位", "农业农村局"):
        assert told in html
    assert "只列出本单位使用的房间" not in html


def test_a_building_is_read_as_at_a_day(city: City, keeper: Client) -> None:
    timelines.restate(room=city.room("201"), on=TODAY, told_at=AT, usable_m2=Decimal(99))
    assert ">381.0</td>" in text(keeper, f"/space/buildings/{city.building.pk}/")
    html = text(keeper, f"/space/buildings/{city.building.pk}/?on=2020-05-19")
    assert ">306.0</td>" in html
    assert "&amp;on=2020-05-19" in html, "what a figure opens is of the same day"
    nothing = text(keeper, f"/space/buildings/{city.building.pk}/?on=2018-01-01")
    assert "这一天台账里没有这栋楼的房间" in nothing


def test_a_clerk_sees_the_house_and_only_the_units_rooms(city: City) -> None:
    html = text(visit(city, "clerk"), f"/space/buildings/{city.building.pk}/")
    assert "只列出本单位使用的房间" in html
    assert "教育局" not in html
    assert "更正楼栋" not in html


def test_compounds_with_land_and_buildings(city: City, keeper: Client) -> None:
    assert "新区大道 1 号" in text(keeper, "/space/compounds/")
    compound = city.building.compound_id
    answer = keeper.post(
        f"/space/compounds/{compound}/amend/",
        {
            "address": "新区大道 1 号",
            "land_m2": "12,000.5",
            "land_title_no": "景土国用1号",
            "since": "ALWAYS",
            "on": "",
            "why": "按土地证",
        },
    )
    assert answer.status_code == 302
    assert "12,000.5 ㎡" in text(keeper, f"/space/compounds/{compound}/")


def test_a_room_with_who_holds_it_who_sits_there_and_its_story(city: City, keeper: Client) -> None:
    html = text(keeper, of(city, "103"))
    for told in ("农业农村局", "莫兴", "贺思", "18.0 ㎡", "台账登记", "2019-01-01 起"):
        assert told in html
    story = html[html.index("来历") :]
    assert "莫兴 在此办公" in story
    assert "办公室，使用面积 18.0 ㎡，在用" in story


def test_a_room_is_read_as_at_a_day(city: City, keeper: Client) -> None:
    timelines.restate(room=city.room("103"), on=TODAY, told_at=AT, kind=RoomKind.SERVICE)
    assert "服务用房，使用面积 18.0 ㎡" in text(keeper, of(city, "103"))
    past = text(keeper, of(city, "103", "?on=2020-05-19"))
    assert "办公室，使用面积 18.0 ㎡" in past
    assert "登记变动" not in past, "what is past is not acted on"
    assert "这一天台账里没有这间房" in text(keeper, of(city, "103", "?on=2018-01-01"))


def test_who_held_a_room_once_sees_what_it_was_then_and_no_more(city: City) -> None:
    clerk = visit(city, "clerk")
    assert clerk.get(of(city, "203")).status_code == 404
    room = city.room("103")
    timelines.release(room=room, on=TODAY)
    timelines.unseat(room=room, on=TODAY)
    timelines.hold(room=room, unit=city.units["other"], since=TODAY, basis=Basis.LEDGER)
    timelines.seat(room=room, person=city.people["stranger"], since=TODAY)
    timelines.restate(room=room, on=TODAY, told_at=AT, usable_m2=Decimal("77"))
    html = text(clerk, of(city, "103"))
    assert "不再由本单位使用" in html
    assert "莫兴 在此办公" in html
    for secret in ("洪涛", "教育局", "77.0"):
        assert secret not in html


def test_a_units_ledger_with_its_sums(city: City, keeper: Client) -> None:
    address = f"/space/units/{city.units['farming'].pk}/"
    html = text(keeper, address)
    assert "4 间合计" in html
    assert ">122.0</td>" in html
    assert text(visit(city, "clerk"), address).count("<tr>") == html.count("<tr>")
    assert visit(city, "stranger").get(address).status_code == 404
    timelines.release(room=city.room("104"), on=TODAY)
    assert "3 间合计" in text(keeper, address)
    assert "4 间合计" in text(keeper, f"{address}?on=2020-05-19")


# ── doing ────────────────────────────────────────────────────────────────────────────────


def test_a_title_is_filed_and_shown_with_its_change(city: City, keeper: Client) -> None:
    address = f"/space/buildings/{city.building.pk}/title/"
    assert 'value="REGISTERED" ' in text(keeper, address)
    given = {"state": "FILED", "number": "", "owner": "市机关事务管理局", "on": "2020-05-20",
             "area_m2": "4,600", "note": "原件遗失"}  # fmt: skip
    refused = keeper.post(address, given)
    assert refused.status_code == REFUSED
    html = refused.content.decode()
    assert "补填备案号" in html
    assert "原件遗失" in html, "what was typed is kept"
    done = keeper.post(address, given | {"number": "权备1号"}, follow=True)
    html = done.content.decode()
    assert "已登记 常委楼 的权属：权属备案" in html
    assert "已登记 → 权属备案" in html
    assert Building.objects.get(pk=city.building.pk).title_state == TitleState.FILED


def test_an_appraisal_and_an_amendment(city: City, keeper: Client) -> None:
    root = f"/space/buildings/{city.building.pk}/"
    given = {"grade": "C", "on": "2020-05-01", "note": "报告 12 号"}
    html = keeper.post(f"{root}appraisal/", given, follow=True).content.decode()
    assert "C级（2020-05-01 鉴定）" in html
    assert Building.objects.get().safety == SafetyGrade.C
    facts = {"gross_m2": "4607", "floors_above": "1", "kind": "MULTI", "structure": "FRAME",
             "built_year": "2019", "delivered_on": "2019-01-01", "state": "DELIVERED",
             "since": "DAY", "on": "2020-05-20", "why": "更正"}  # fmt: skip
    assert "层数不能少于 2" in keeper.post(f"{root}amend/", facts).content.decode()
    assert keeper.post(f"{root}amend/", facts | {"floors_above": "6"}).status_code == 302
    assert Building.objects.get().floors_above == 6


def test_a_building_and_a_room_are_entered(city: City, keeper: Client) -> None:
    facts = {"compound": "东院", "name": "附楼", "gross_m2": "900", "floors_above": "3",
             "kind": "LOW", "structure": "", "built_year": "", "delivered_on": "",
             "state": "DELIVERED"}  # fmt: skip
    assert keeper.post("/space/buildings/new/", facts).status_code == 302
    made = Building.objects.get(name="附楼")
    assert (made.state, made.compound.name) == (BuildingState.DELIVERED, "东院")
    room = {"building": made.pk, "floor": "2", "number": "201", "kind": "OFFICE",
            "usable_m2": "18.5", "gross_m2": "", "state": "VACANT", "on": "2020-05-20",
            "why": "漏登"}  # fmt: skip
    high = keeper.post("/space/rooms/new/", room | {"floor": "9"})
    assert (high.status_code, "这栋楼只有 3 层" in high.content.decode()) == (REFUSED, True)
    assert keeper.post("/space/rooms/new/", room).status_code == 302
    assert Room.objects.get(building=made).spells.get().usable_m2 == Decimal("18.5")


def test_a_change_of_a_room(city: City, keeper: Client) -> None:
    given = {"kind": "SERVICE", "usable_m2": "18", "gross_m2": "", "state": "IN_USE",
             "on": "2020-05-21", "why": "改作会议室"}  # fmt: skip
    refused = keeper.post(of(city, "103", "change/"), given)
    assert "2020-05-21 还没有到，到那天再登记" in refused.content.decode()
    html = keeper.post(
        of(city, "103", "change/"), given | {"on": "2020-05-20"}, follow=True
    ).content.decode()
    assert "已登记 常委楼 103 2020-05-20 起的变动" in html
    assert "办公室 → 服务用房" in html
    assert on("103").now.why == "改作会议室"


def test_a_clerk_seats_people_by_name_or_number(city: City) -> None:
    clerk = visit(city, "clerk")
    assert "登记使用人" in text(clerk, of(city, "103"))
    assert "登记变动" not in text(clerk, of(city, "103"))
    given = {"people": "占小青、D036017", "on": "2020-05-20", "why": ""}
    assert clerk.post(of(city, "103", "seat/"), given).status_code == 302
    assert [seat.person.name for seat in on("103").sitting] == ["占小青", "贺思"]
    wrong = clerk.post(of(city, "103", "seat/"), given | {"people": "占小清"}).content.decode()
    assert "没有找到 占小清，写工号或本单位人员的姓名" in wrong
    assert clerk.post(of(city, "203", "seat/"), given).status_code == 404
    assert clerk.post(of(city, "103", "change/"), {}).status_code == 403


def test_the_holder_is_told_by_code_or_name(city: City, keeper: Client) -> None:
    for unit in ("3602D040", "市教育局", "教育局"):
        given = {"unit": unit, "on": "2020-05-20", "why": "补登"}
        assert keeper.post(of(city, "201", "holder/"), given).status_code == 302
        assert on("201").held.unit == city.units["other"]
    unknown = keeper.post(of(city, "201", "holder/"), {"unit": "某局", "on": "2020-05-20"})
    assert "单位名录中没有“某局”" in unknown.content.decode()
    keeper.post(of(city, "201", "holder/"), {"unit": "", "on": "2020-05-20", "why": "登错"})
    assert (on("201").held, on("201").now.state) == (None, RoomState.VACANT)


def test_rooms_are_merged_and_split(city: City, keeper: Client) -> None:
    given = {"rooms": "102、199", "number": "101", "usable_m2": "", "on": "2020-05-20",
             "why": "拆墙"}  # fmt: skip
    refused = keeper.post(of(city, "101", "merge/"), given)
    assert "常委楼没有 199，核对房间号" in refused.content.decode()
    assert keeper.post(of(city, "101", "merge/"), given | {"rooms": "102"}).status_code == 302
    assert (on("101").now.usable_m2, on("102")) == (44, None)
    parts = {"parts": "101 办公室 24\n102 会议 20", "on": "2020-05-20", "why": "隔墙"}
    unread = keeper.post(of(city, "101", "split/"), parts).content.decode()
    assert "第 2 行读不懂" in unread
    parts["parts"] = "101 办公室 24\n102 服务用房 18.5 ㎡\n"
    html = keeper.post(of(city, "101", "split/"), parts, follow=True).content.decode()
    assert "已拆分为 101、102，使用面积合计 42.5 ㎡，原来 44.0 ㎡" in html
    assert on("102").now.kind == RoomKind.SERVICE


# ── the lists ────────────────────────────────────────────────────────────────────────────


def test_the_lists_open_rooms_buildings_and_units(city: City, keeper: Client) -> None:
    html = text(keeper, "/space/rooms/")
    for address in (
        of(city, "103"), f"/space/buildings/{city.building.pk}/",
        f"/space/units/{city.units['farming'].pk}/",
    ):  # fmt: skip
        assert f'href="{address}"' in html
    assert "None" not in html
    assert ">306.0<" in html
    assert f'href="/space/compounds/{city.building.compound_id}/"' in text(
        keeper, "/space/buildings/"
    )


def test_a_past_list_says_its_day_and_goes_out_as_it_is_shown(city: City, keeper: Client) -> None:
    timelines.restate(room=city.room("103"), on=TODAY, told_at=AT, kind=RoomKind.SERVICE)
    html = text(keeper, "/space/rooms/?view=all&on=2020-05-19&kind=SERVICE")
    assert 'value="2020-05-19"' in html
    assert of(city, "103") not in html
    assert of(city, "103") in text(keeper, "/space/rooms/?view=all&kind=SERVICE")
    answer = keeper.get("/space/rooms/export/?view=all&on=2020-05-19&kind=SERVICE")
    assert answer.status_code == 200
    assert answer["Content-Type"].endswith("sheet")
