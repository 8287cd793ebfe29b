"""The page of a floor, its panel, the stack of the building, and making a plan from the pages."""

import json
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from guanjia.domains.space.actions import timelines
from guanjia.domains.space.models import FloorPlan, PlanUpload
from guanjia.domains.space.terms.ledger import Basis
from guanjia.domains.space.terms.plans import Shape, ShapeRole
from guanjia.domains.space.tests.builders import SINCE, TODAY, City
from guanjia.domains.space.tests.test_plan_actions import row_of, sent, sketched
from guanjia.engines.floorplan.tests import drawings
from guanjia.kernel.access.tests.builders import AT
from guanjia.ui.tests.reading import flat

BACKEND = "django.contrib.auth.backends.ModelBackend"
SVG = re.compile(r"<svg class=\"sp-svg\".*?</svg>", re.DOTALL)
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def _morning() -> Iterator[None]:
    with time_machine.travel(AT, tick=False):
        yield


@pytest.fixture
def plan(city: City) -> FloorPlan:
    """The first floor, drawn since the ledger began."""
    corridor = Shape(
        label="走廊", role=ShapeRole.CORRIDOR,
        corners=((0, 6000), (25_000, 6000), (25_000, 8000), (0, 8000)),
    )  # fmt: skip
    return sketched(city, [*row_of(city), corridor], since=SINCE)


def visit(city: City, who: str) -> Client:
    client = Client()
    client.force_login(city.accounts[who], backend=BACKEND)
    return client


def address(city: City, name: str, *args: Any, floor: int = 1) -> str:
    return reverse(f"space:{name}", args=(city.building.pk, floor, *args))


def seen(city: City, who: str, url: str, **query: Any) -> str:
    answer = visit(city, who).get(url, query)
    assert answer.status_code == 200, answer.status_code
    return flat(answer.content)


def drawing(page: str) -> str:
    """The picture of a page."""
    found = SVG.search(page)
    assert found, "no plan on the page"
    return found.group()


# ── a floor ────────────────────────────────────────────────────────────────────────────────


def test_the_keeper_sees_every_room_with_who_and_how_much(city: City, plan: FloorPlan) -> None:
    page = seen(city, "keeper", address(city, "floor"))
    picture = drawing(page)
    for said in ("101", "余建国", "24.0 ㎡", "102", "占小青", "2 人", "走廊", "设备"):
        assert said in picture
    assert "第 1 版" in page
    # 占小青 is a deputy with 18 ㎡ at most and sits on 20; the shared room is at its limit.
    assert picture.count('class="sp-over"') == 1
    assert "超 2.0" in picture
    figures = page[page.index("sp-figures") : page.index("sp-scroll")]
    assert "152.0" in figures
    assert reverse("space:rooms_list") in figures


@pytest.mark.parametrize(
    ("mode", "there"),
    [
        ("state", ("sp-over", "sp-other", "sp-ok")),
        ("unit", ("sp-c1", "sp-other")),
        ("kind", ("sp-c1", "sp-c2", "sp-c6")),
        ("people", ("sp-over", "sp-ok", "sp-other")),
        ("nonsense", ("sp-over", "sp-other", "sp-ok")),
    ],
)
def test_every_mode_paints_and_says_what_it_paints(
    city: City, plan: FloorPlan, mode: str, there: tuple[str, ...]
) -> None:
    page = seen(city, "keeper", address(city, "floor"), mode=mode)
    legend = page[page.index('class="gj-sub sp-legend"') :]
    for fill in there:
        assert f'class="{fill}"' in drawing(page)
        assert f'class="{fill}"' in legend[: legend.index("sp-figures")]


def test_a_vacant_room_is_hatched_in_every_mode(city: City) -> None:
    for mode in ("state", "unit", "kind", "people"):
        page = seen(city, "keeper", address(city, "floor", floor=2), mode=mode)
        assert drawing(page).count('class="sp-vacant"') == 3
        assert "空置" in drawing(page)


def test_a_floor_without_a_plan_says_so_and_shows_tiles(city: City) -> None:
    page = seen(city, "keeper", address(city, "floor", floor=2))
    assert "这层还没有平面图" in page
    assert "位置和形状不作准" in page
    for number in ("201", "202", "203", "204"):
        assert number in drawing(page)
    assert "这层还没有平面图" not in seen(city, "supervisor", address(city, "floor", floor=2))


def test_a_unit_sees_the_walls_and_of_others_nothing_but_their_number(
    city: City, plan: FloorPlan
) -> None:
    timelines.lock([city.room("102").pk])
    timelines.release(room=city.room("102"), on=TODAY - DAY)
    timelines.hold(
        room=city.room("102"), unit=city.units["other"], since=TODAY - DAY, basis=Basis.LEDGER
    )
    own = seen(city, "clerk", address(city, "floor"))
    theirs = seen(city, "stranger", address(city, "floor"))
    for page in (own, theirs):
        assert all(number in drawing(page) for number in ("101", "102", "103", "104", "105"))
        assert "他单位" in drawing(page)
        assert "只填写本单位的房间" in page
    assert "余建国" in own
    assert "余建国" not in theirs
    assert "农业农村局" not in theirs[theirs.index("<main") :]
    assert "占小青" not in own[own.index("<main") :], "not their room any more"
    # 105 is held by nobody: no other unit's room, and not theirs.
    assert "105，不是本单位的房间" in drawing(own)
    figures = theirs[theirs.index("sp-figures") :]
    assert "1<span" in figures[: figures.index("本层房间")]
    # On the day before, the room was still of the farming bureau.
    before = seen(city, "clerk", address(city, "floor"), on=(TODAY - 2 * DAY).isoformat())
    assert "占小青" in before


def test_whoever_has_no_room_in_the_house_does_not_open_it(city: City, plan: FloorPlan) -> None:
    client = visit(city, "clerk")
    timelines.lock([city.room("203").pk])
    assert client.get(address(city, "floor")).status_code == 200
    assert client.get(address(city, "floor", floor=5)).status_code == 404
    assert client.get(reverse("space:floor", args=(999_999, 1))).status_code == 404
    # The cashier takes rents and reads no rooms.
    assert visit(city, "cashier").get(address(city, "floor")).status_code == 403
    for room in city.rooms.values():
        room.holdings.filter(unit=city.units["other"]).delete()
    assert visit(city, "stranger").get(address(city, "floor")).status_code == 404
    assert visit(city, "stranger").get(reverse("space:plan", args=(plan.pk,))).status_code == 404


def test_a_past_day_shows_its_edition_and_its_people(city: City, plan: FloorPlan) -> None:
    sketched(city, row_of(city, r105=5100), seen_edition=1, since=TODAY)
    timelines.unseat(room=city.room("101"), on=TODAY)
    today = seen(city, "keeper", address(city, "floor"))
    before = seen(city, "keeper", address(city, "floor"), on=(TODAY - DAY).isoformat())
    assert "第 2 版" in today
    assert "第 1 版" in before
    assert "余建国" in drawing(before)
    assert "余建国" not in drawing(today)
    long_ago = visit(city, "keeper").get(address(city, "floor"), {"on": "2018-01-01"})
    assert "这一天这层没有您能看的房间" not in flat(long_ago.content)
    assert "2018-01-01 还没有图，按这一版画" in flat(long_ago.content)


def test_a_day_that_is_none_is_said(city: City, plan: FloorPlan) -> None:
    for told in ("2020-13-45", "昨天"):
        assert "日期写成" in seen(city, "keeper", address(city, "floor"), on=told)


def test_the_address_of_an_edition_leads_to_its_day(city: City, plan: FloorPlan) -> None:
    answer = visit(city, "clerk").get(reverse("space:plan", args=(plan.pk,)))
    assert answer.url == f"{address(city, 'floor')}?on={SINCE}"


def test_rooms_that_the_plan_lacks_are_named(city: City) -> None:
    sketched(city, row_of(city)[:3], since=SINCE)
    page = seen(city, "keeper", address(city, "floor"))
    assert "图上没有的 2 间" in page


def test_a_room_smaller_on_the_plan_than_in_the_ledger_is_listed(city: City) -> None:
    sketched(city, row_of(city, r101=3000), since=SINCE)
    page = seen(city, "keeper", address(city, "floor"), list="gap")
    rows = page[page.index('class="sp-list"') :]
    words = re.sub(r"<[^>]*>", " ", rows[: rows.index("</ul>")])  # no key in an address
    assert "图 18.0" in words
    assert "101" in words
    assert "102" not in words


# ── one room ───────────────────────────────────────────────────────────────────────────────


def test_the_panel_tells_who_how_much_and_by_which_paper(city: City, plan: FloorPlan) -> None:
    timelines.lock([city.room("102").pk])
    city.room("102").holdings.update(paper="景调配〔2020〕014号")
    panel = visit(city, "keeper").get(
        address(city, "floor_room", city.room("102").pk), headers={"HX-Request": "true"}
    )
    page = flat(panel.content)
    assert "<html" not in page
    for said in (
        "102 室", "超标", "占小青", "景调配〔2020〕014号", "超出限额 2.0 ㎡", "依据：", "来历",
        "农业农村局使用", "楼栋交付",
    ):  # fmt: skip
        assert said in page, said


def test_the_panel_alone_is_the_page_with_it(city: City, plan: FloorPlan) -> None:
    room = city.room("101").pk
    answer = visit(city, "clerk").get(address(city, "floor_room", room))
    assert answer.url == f"{address(city, 'floor')}?room={room}"
    page = seen(city, "clerk", address(city, "floor"), room=room)
    assert "101 室" in page
    assert page.count('aria-current="true"') >= 2
    chosen = re.search(r'class="sp-chosen"[^>]*points="([^"]*)"', page)
    assert chosen
    assert chosen.group(1)


def test_the_panel_of_anothers_room_stays_shut(city: City, plan: FloorPlan) -> None:
    hx = {"HX-Request": "true"}
    shut = visit(city, "stranger").get(address(city, "floor_room", city.room("101").pk), headers=hx)
    assert shut.status_code == 404
    assert "余建国" not in flat(shut.content)
    other_floor = address(city, "floor_room", city.room("203").pk)
    assert visit(city, "keeper").get(other_floor, headers=hx).status_code == 404
    assert "101 室" not in seen(city, "stranger", address(city, "floor"), room=city.room("101").pk)


# ── the building ───────────────────────────────────────────────────────────────────────────


def test_the_stack_shows_every_floor_the_highest_first(city: City, plan: FloorPlan) -> None:
    page = seen(city, "keeper", reverse("space:floor_stack", args=(city.building.pk,)))
    bars = page[page.index('class="sp-bars"') :]
    assert bars.index("2 层") < bars.index("1 层") < bars.index("地下 1 层")
    assert "超标 1 间" in bars
    assert "空置 82.0" in bars


def test_the_first_page_lists_buildings_or_leads_to_the_only_one(
    city: City, plan: FloorPlan
) -> None:
    answer = visit(city, "keeper").get(reverse("space:floors"))
    assert answer.url == address(city, "floor")
    city.building.pk = None
    city.building.name = "政府楼"
    city.building.save()
    page = seen(city, "keeper", reverse("space:floors"))
    assert "常委楼" in page
    assert "没有登记房间" in page
    assert "已画 1 层" in page


# ── making a plan ──────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("name", ["plan_new", "plan_sketch"])
def test_only_the_keeper_makes_plans(city: City, plan: FloorPlan, name: str) -> None:
    assert visit(city, "keeper").get(address(city, name)).status_code == 200
    for who in ("clerk", "inspector", "supervisor"):
        assert visit(city, who).get(address(city, name)).status_code == 403
    assert address(city, "plan_new") not in seen(city, "clerk", address(city, "floor"))


def test_a_drawing_goes_from_its_file_to_the_page(city: City) -> None:
    client = visit(city, "keeper")
    file = SimpleUploadedFile("一层.svg", drawings.SVG.encode())
    answer = client.post(address(city, "plan_new"), {"file": file})
    waiting = PlanUpload.objects.get()
    assert answer.url == reverse("space:plan_upload", args=(waiting.pk,))
    preview = flat(client.get(answer.url).content)
    for said in ("核对 一层.svg", "对上台账", "图上没有：104、105", "102", "采用平面图", "rooms"):
        assert said in preview
    assert "一层.svg" in flat(client.get(address(city, "plan_new")).content)
    chosen = flat(client.get(answer.url, {"unit": "M", "layer": "rooms"}).content)
    assert "面积不符的" in chosen
    done = client.post(answer.url, {"since": TODAY.isoformat(), "note": "竣工图", "unit": ""})
    assert done.url == address(city, "floor")
    assert "换上第 1 版平面图" in flat(client.get(done.url).content)
    assert FloorPlan.objects.get().source_name == "一层.svg"
    assert client.get(answer.url).status_code == 404


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "先选一个 DXF 或 SVG 文件"),
        (b"AC1032 a drawing of AutoCAD", "另存为”DXF"),
        (b"<svg", "文件读不出来，可能已损坏"),
    ],
)
def test_a_file_that_is_no_drawing_gets_a_sentence(
    city: City, content: bytes | None, said: str
) -> None:
    data = {"file": SimpleUploadedFile("一层.dwg", content)} if content else {}
    answer = visit(city, "keeper").post(address(city, "plan_new"), data)
    assert answer.status_code == 422
    assert said in flat(answer.content)


def test_a_plan_is_not_adopted_without_a_day(city: City) -> None:
    waiting = sent(city)
    url = reverse("space:plan_upload", args=(waiting.pk,))
    answer = visit(city, "keeper").post(url, {"since": "明天"})
    assert answer.status_code == 422
    assert "写成 2026-05-08 这样的日期" in flat(answer.content)
    assert visit(city, "keeper_too").get(url).status_code == 404
    discard = reverse("space:plan_discard", args=(waiting.pk,))
    for other in (visit(city, "keeper_too").get(discard), visit(city, "keeper_too").post(discard)):
        assert other.status_code == 404
    gone = visit(city, "keeper").post(discard)
    assert gone.url == address(city, "floor")
    assert not PlanUpload.objects.exists()


def test_a_drawing_may_be_mended_on_the_page(city: City) -> None:
    waiting = sent(city)
    page = seen(city, "keeper", address(city, "plan_sketch"), upload=waiting.pk)
    told = json.loads(re.search(r'<script id="drawing"[^>]*>(.*?)</script>', page).group(1))  # type: ignore[union-attr]
    assert {shape["room"] for shape in told["shapes"]} >= {city.room("101").pk}
    assert [room["number"] for room in told["rooms"]] == ["101", "102", "103", "104", "105"]


def _sheet(shapes: list[Shape], edition: int = 0, **more: str) -> dict[str, Any]:
    plain = [
        {"role": s.role.value, "label": s.label, "room": s.room_id, "corners": s.corners}
        for s in shapes
    ]
    told = {"shapes": json.dumps(plain), "edition": edition, "since": TODAY.isoformat()}
    return told | more


def test_what_is_drawn_on_the_page_is_saved_as_an_edition(city: City, plan: FloorPlan) -> None:
    client = visit(city, "keeper")
    saved = client.post(address(city, "plan_sketch"), _sheet(row_of(city), edition=1))
    assert saved.url == address(city, "floor")
    assert FloorPlan.objects.filter(floor=plan.floor).count() == 2


def test_what_is_refused_is_not_lost(city: City) -> None:
    client = visit(city, "keeper")
    shapes = [*row_of(city), row_of(city)[0]]
    refused = client.post(address(city, "plan_sketch"), _sheet(shapes, note="南侧"))
    page = flat(refused.content)
    assert refused.status_code == 422
    assert "101画了两次" in page
    assert page.count('"corners"') == 6
    assert 'value="南侧"' in page
    empty = client.post(address(city, "plan_sketch"), {"shapes": "[]", "edition": "0"})
    assert empty.status_code == 422
    assert "没有填启用日期" in flat(empty.content)
