"""Buildings and compounds on past days: what acts change from which day, and what pages, lists,
findings, reconciliation and surveys read of a day."""

import io
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import openpyxl
import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from guanjia.domains.space.actions import building_lives as lives
from guanjia.domains.space.actions import buildings, disposal_deals, timelines
from guanjia.domains.space.models import Building, Compound, Survey
from guanjia.domains.space.queries import buildings as queries
from guanjia.domains.space.queries import finding_facts, survey_reports
from guanjia.domains.space.queries import reconcile as reconciling
from guanjia.domains.space.registers.buildings import BUILDINGS
from guanjia.domains.space.rules.buildings import Title
from guanjia.domains.space.terms.disposals import DisposalWay
from guanjia.domains.space.terms.ledger import (
    BuildingState,
    RoomState,
    SafetyGrade,
    Structure,
    TitleState,
)
from guanjia.domains.space.terms.reconcile import Differs
from guanjia.domains.space.tests import idle_scenes as scenes
from guanjia.domains.space.tests.books import BUILDING, counts, take
from guanjia.domains.space.tests.builders import AT, TODAY, City, always, annex
from guanjia.kernel.audit.models import Record
from guanjia.kernel.registers import listing
from guanjia.kernel.regulations.verdict import Refused
from guanjia.kernel.values.actor import Scope
from guanjia.ui.tests.reading import flat

pytestmark = pytest.mark.pg15

DAY = timedelta(days=1)
BACKEND = "django.contrib.auth.backends.ModelBackend"
UNTITLED = {"title_state": TitleState.NONE, "title_no": "", "title_owner": ""}
BUREAU = "景德镇市机关事务管理局"


@pytest.fixture(autouse=True)
def _morning() -> Iterator[None]:
    with time_machine.travel(AT, tick=False):
        yield


@pytest.fixture
def keeper(city: City) -> Client:
    client = Client()
    client.force_login(city.accounts["keeper"], backend=BACKEND)
    return client


def text(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, address
    return flat(answer.content)


def then(day: date, name: str = "常委楼") -> Any:
    return queries.as_at(Building.objects.filter(name=name), day).get()


def amend(city: City, on: date | None, why: str = "测绘", **facts: Any) -> Building:
    return buildings.amend_building(
        actor=city.actor("keeper"), building_id=city.building.pk, facts=facts, on=on, why=why, at=AT
    )


def title(city: City, on: date | None, number: str = "赣权1号", **more: Any) -> None:
    state = TitleState.REGISTERED if on else TitleState.PENDING
    told = Title(**{"state": state, "number": number if on else "", "owner": BUREAU, "on": on,
                    **more})  # fmt: skip
    buildings.record_title(
        actor=city.actor("keeper"), building_id=city.building.pk, title=told, at=AT
    )


def codes(refused: pytest.ExceptionInfo[Refused]) -> list[str]:
    return [finding.code for finding in refused.value.findings]


# ── what acts change, and from which day ─────────────────────────────────────────────────


def test_a_title_holds_from_its_day(city: City) -> None:
    always(**UNTITLED)
    begun = TODAY - 100 * DAY
    title(city, begun)
    assert then(begun - DAY).title_state == TitleState.NONE
    assert (then(begun).title_no, then(TODAY).title_no) == ("赣权1号", "赣权1号")
    title(city, None)
    assert then(TODAY - DAY).title_state == TitleState.REGISTERED
    assert then(TODAY).title_state == TitleState.PENDING, "without a day it holds from today"


@pytest.mark.parametrize("days", [40, 400])
def test_a_title_told_again_with_another_day_is_moved_there(city: City, days: int) -> None:
    always(**UNTITLED)
    title(city, TODAY - 200 * DAY)
    moved = TODAY - days * DAY
    title(city, moved, area_m2=Decimal(4600))
    assert [one.since for one in lives.life_of(city.building)] == [None, moved]
    assert then(moved - DAY).title_state == TitleState.NONE
    assert (then(TODAY).titled_on, then(TODAY).title_m2) == (moved, 4600)


def test_a_title_of_a_ledger_that_is_dated_afterwards_was_not_there_before(city: City) -> None:
    title(city, TODAY - 9 * DAY, number=city.building.title_no)
    assert then(TODAY - 10 * DAY).title_state == TitleState.NONE
    assert then(TODAY - 9 * DAY).title_no == city.building.title_no


def test_an_older_title_that_is_found_later_leaves_the_newer_one(city: City) -> None:
    always(**UNTITLED)
    title(city, TODAY - DAY)
    title(city, TODAY - 90 * DAY, number="老证", state=TitleState.FILED)
    assert then(TODAY - 2 * DAY).title_no == "老证"
    assert then(TODAY).title_no == "赣权1号"


def test_an_appraisal_holds_from_its_day(city: City) -> None:
    on = TODAY - 5 * DAY
    buildings.record_appraisal(
        actor=city.actor("keeper"), building_id=city.building.pk, grade=SafetyGrade.C, on=on, at=AT
    )
    assert (then(on - DAY).safety, then(on).safety) == ("", "C")


def test_a_building_is_amended_from_a_day_or_all_along(city: City) -> None:
    built = date(2018, 5, 1)
    amend(city, built, "加层", floors_above=6)
    amend(city, None, "抄错", structure=Structure.FRAME, gross_m2=Decimal(4670))
    assert (then(built - DAY).floors_above, then(built).floors_above) == (5, 6)
    assert {(then(day).gross_m2, then(day).structure) for day in (date(1999, 1, 1), TODAY)} == {
        (Decimal(4670), "FRAME")
    }
    told = Record.objects.filter(verb="space.building.amended").order_by("pk")
    assert [(one.before["floors_above"], one.after["since"]) for one in told[:1]] == [
        (5, "2018-05-01")
    ]
    assert told[1].after["since"] == "always"


def test_no_building_is_amended_ahead_of_time(city: City) -> None:
    for facts in ({"floors_above": 6}, {"state": BuildingState.CLOSED}):
        with pytest.raises(Refused) as refused:
            amend(city, TODAY + DAY, **facts)
        assert codes(refused) == ["day_ahead"]
    with pytest.raises(Refused) as refused:
        buildings.amend_compound(
            actor=city.actor("keeper"), compound_id=city.building.compound_id,
            facts={"land_m2": Decimal(1)}, on=TODAY + DAY, why=" ", at=AT,
        )  # fmt: skip
    assert codes(refused) == ["day_ahead", "reason_missing"]


def test_a_building_was_not_closed_while_units_held_its_rooms(city: City) -> None:
    for room in city.rooms.values():
        timelines.release(room=room, on=TODAY)
    for day in (TODAY - DAY, None):
        with pytest.raises(Refused) as refused:
            amend(city, day, "停用", state=BuildingState.CLOSED)
        assert codes(refused) == ["rooms_held"]
        assert f"到 {TODAY - DAY:%Y-%m-%d} 楼里还有" in refused.value.findings[0].sentence
    amend(city, TODAY, "停用", state=BuildingState.CLOSED)
    assert then(TODAY - DAY).state == BuildingState.DELIVERED


def test_a_storey_is_needed_on_the_days_on_which_it_has_rooms(city: City) -> None:
    """The rooms of the second floor are there since 2019: before, the house may have been low."""
    raised = date(2019, 1, 1)
    with pytest.raises(Refused) as refused:
        amend(city, TODAY, floors_above=1)
    assert codes(refused) == ["rooms_above"]
    with pytest.raises(Refused) as refused:
        amend(city, None, floors_above=1)
    assert codes(refused) == ["rooms_above"]
    amend(city, raised, "加层", floors_above=6)
    buildings.amend_building(
        actor=city.actor("keeper"), building_id=city.building.pk, facts={"floors_above": 1},
        on=None, seen=raised - DAY, why="原为平房", at=AT,
    )  # fmt: skip
    assert (then(raised - DAY).floors_above, then(raised).floors_above) == (1, 6)


def test_a_building_is_disposed_of_from_the_day_of_the_deal(city: City) -> None:
    dealt = TODAY
    for number in city.rooms:
        room = city.room(number)
        timelines.release(room=room, on=dealt - DAY)
        timelines.restate(room=room, on=dealt - DAY, told_at=AT, state=RoomState.VACANT)
    made = scenes.agreed(city, *city.rooms, way=DisposalWay.DEMOLISH)
    disposal_deals.carry_out(
        actor=city.actor("keeper"), reuse_id=made.pk,
        carried=scenes.facts(price_fen=0, on=dealt, last_on=None), at=AT + 3 * DAY,
    )  # fmt: skip
    assert (then(dealt - DAY).state, then(dealt).state) == ("DELIVERED", "DISPOSED")
    assert [one.since for one in lives.life_of(city.building)] == [None, dealt]


def test_a_changed_ledger_is_taken_twice(city: City) -> None:
    assert counts(take(city, BUILDINGS, BUILDING)) == (1, 0, 0)
    changed = {**BUILDING, "gross_m2": 3700, "title_no": "新证"}
    assert counts(take(city, BUILDINGS, changed)) == (0, 1, 0)
    assert counts(take(city, BUILDINGS, changed)) == (0, 0, 1)
    made = then(TODAY, "1号楼")
    assert [one.since for one in lives.life_of(made)] == [None, TODAY]
    assert [one.why for one in lives.life_of(made)] == ["", "导入台账"]
    assert (made.gross_m2, made.title_no) == (3700, "新证")
    assert then(TODAY - DAY, "1号楼").gross_m2 == 3663
    later = AT + DAY
    with time_machine.travel(later, tick=False):
        assert counts(take(city, BUILDINGS, BUILDING, at=later)) == (0, 1, 0)
    assert then(TODAY, "1号楼").gross_m2 == 3700
    assert then(TODAY + DAY, "1号楼").gross_m2 == 3663


# ── what is read of a day ────────────────────────────────────────────────────────────────


def found(day: date) -> set[str]:
    return {one.label for one in finding_facts.found_on(day) if one.code.value == "UNTITLED"}


def test_a_finding_of_a_past_day_is_of_what_was_then(city: City) -> None:
    always(**UNTITLED)
    title(city, TODAY)
    assert (found(TODAY - DAY), found(TODAY)) == ({"常委楼"}, set()), "no later title mends it"
    title(city, TODAY - 10 * DAY, number="老证")
    assert (found(TODAY - 11 * DAY), found(TODAY - 10 * DAY)) == ({"常委楼"}, set())
    amend(city, TODAY - 50 * DAY, "未交付", state=BuildingState.BUILDING)
    amend(city, TODAY - 20 * DAY, "交付", state=BuildingState.DELIVERED)
    assert [found(TODAY - n * DAY) for n in (21, 20)] == [set(), {"常委楼"}]


def test_reconciliation_of_a_past_day_compares_what_was_then(city: City) -> None:
    lives.restate(
        city.building, on=TODAY, facts={"title_owner": "市政府办公室", "title_m2": Decimal(4000)},
        why="", told_at=AT,
    )  # fmt: skip

    def told(day: date) -> set[Differs]:
        return {one.differs for one in reconciling.mismatches(day=day, scope=Scope.all())}

    assert told(TODAY) == {Differs.TITLE_OWNER, Differs.TITLE_AREA}
    assert told(TODAY - DAY) == set()


def test_a_survey_counts_the_buildings_of_its_day(city: City) -> None:
    gone = annex(city)
    lives.restate(gone, on=TODAY, facts={"state": BuildingState.DISPOSED}, why="拆除", told_at=AT)
    amend(city, TODAY, gross_m2=Decimal(5000))

    def told(day: date) -> list[tuple[str, int]]:
        rows = survey_reports.buildings_now(Survey(as_of=day))
        return [(row.name, int(row.gross_m2)) for row in rows]

    assert told(TODAY - DAY) == [("常委楼", 4607), ("1号楼", 3663)]
    assert told(TODAY) == [("常委楼", 5000)]


def look(**params: str) -> Any:
    query = listing.read(register=BUILDINGS, params={"view": "all", **params})
    return listing.look(query=query, scope=Scope.all(), at=AT)


def test_a_list_of_a_day_has_its_rows_totals_and_views(city: City) -> None:
    annex(city)
    lives.restate(city.building, on=TODAY, facts=UNTITLED, why="", told_at=AT)
    amend(city, TODAY, gross_m2=Decimal(5000))
    timelines.leave(room=city.room("101"), on=TODAY)
    past = {"on": f"{TODAY - DAY:%Y-%m-%d}"}
    now, before = look(), look(**past)
    assert (now.totals["gross_m2"], before.totals["gross_m2"]) == (8663, 8270)
    assert (now.totals["rooms_count"], before.totals["rooms_count"]) == (10, 11)
    assert (now.view_counts["untitled"], before.view_counts["untitled"]) == (2, 1)
    assert [(row.name, row.gross_m2) for row in before.rows] == [("常委楼", 4607), ("1号楼", 3663)]
    assert [row.name for row in look(view="untitled", **past).rows] == ["1号楼"]
    for params, rows in (
        ({"words": "赣(2020)"}, [0, 1]), ({"title_state": "NONE"}, [2, 1]),
        ({"state": "DELIVERED"}, [2, 2]), ({"kind": "HIGH"}, [0, 0]), ({"safety": "C"}, [0, 0]),
        ({"delivered_from": "2019-01-01"}, [2, 2]), ({"delivered_from": "2019-01-02"}, [0, 0]),
    ):  # fmt: skip
        assert [look(**params).count, look(**params, **past).count] == rows, params
    order = [row.name for row in look(sort="gross_m2").rows]
    assert order == ["1号楼", "常委楼"]


def test_a_list_of_a_day_is_exported_as_it_was(city: City, keeper: Client) -> None:
    amend(city, TODAY, gross_m2=Decimal(5000))
    address = f"/space/buildings/export/?view=all&on={TODAY - DAY:%Y-%m-%d}"
    sheet = openpyxl.load_workbook(io.BytesIO(keeper.get(address).content)).active
    assert sheet is not None
    cells = {cell.value for row in sheet.iter_rows() for cell in row}
    assert 4607 in cells
    assert 5000 not in cells
    html = text(keeper, f"/space/buildings/?view=all&on={TODAY - DAY:%Y-%m-%d}")
    assert "4,607.0" in html
    assert f'/space/buildings/{city.building.pk}/?on=2020-05-19"' in html, "it opens as of the day"
    assert "5,000.0" not in html


def test_a_ledger_that_changes_nothing_reads_no_days(city: City) -> None:
    more = [{**BUILDING, "name": f"{n}号楼"} for n in range(2, 30)]
    assert counts(take(city, BUILDINGS, BUILDING, *more)) == (29, 0, 0)
    with CaptureQueriesContext(connection) as asked:
        assert counts(take(city, BUILDINGS, BUILDING, *more)) == (0, 0, 29)
    assert not [query for query in asked if "buildingspell" in query["sql"]]


def test_more_buildings_ask_the_database_no_more_often(
    city: City, django_assert_num_queries: Any
) -> None:
    annex(city)
    for n in range(6):
        amend(city, TODAY - n * DAY, floors_above=5 + n)
    with django_assert_num_queries(2):
        assert len([row.compound.address for row in queries.listed(Scope.all(), TODAY)]) == 2


# ── pages ────────────────────────────────────────────────────────────────────────────────


def test_a_building_is_shown_with_its_changes_and_as_it_was(city: City, keeper: Client) -> None:
    amend(city, TODAY - 9 * DAY, "加层", floors_above=6, gross_m2=Decimal("4707.5"))
    title(city, TODAY - 3 * DAY)
    address = f"/space/buildings/{city.building.pk}/"
    html = text(keeper, address)
    for told in ("历次变动", "层数 5 → 6", "建筑面积 4,607.0 → 4,707.5", "加层", "最早的登记",
                 "证号 赣(2020)景德镇市不动产权第4042号 → 赣权1号"):  # fmt: skip
        assert told in html, told
    before = text(keeper, f"{address}?on={TODAY - 10 * DAY:%Y-%m-%d}")
    for told in ("4,607.0 ㎡", "5 层", f"{address}amend/?on=2020-05-10"):
        assert told in before, told
    assert "登记安全鉴定</a>" not in before, "what is told anew is told of today"
    stack = text(keeper, f"/space/floors/{city.building.pk}/?on=2020-05-10")
    assert "5 层" in stack


def test_a_form_asks_from_which_day(city: City, keeper: Client) -> None:
    address = f"/space/buildings/{city.building.pk}/amend/"
    facts = {"gross_m2": "4,607.00", "floors_above": "6", "kind": "MULTI", "structure": "",
             "built_year": "2019", "delivered_on": "2019-01-01", "state": "DELIVERED",
             "why": "加层"}  # fmt: skip
    for given, told in (
        ({}, "还是原来就记错了。"),
        ({"since": "DAY", "on": ""}, "补填从哪天起"),
        ({"since": "DAY", "on": "2020-06-01"}, "还没有到"),
    ):
        answer = keeper.post(address, facts | given)
        assert (answer.status_code, told in flat(answer.content)) == (422, True), told
    assert keeper.post(address, facts | {"since": "DAY", "on": "2020-01-01"}).status_code == 302
    assert [one.since for one in lives.life_of(city.building)] == [None, date(2020, 1, 1)]
    past = f"{address}?on=2019-12-31"
    assert 'value="5"' in text(keeper, past), "the form has the facts of the day"
    done = flat(
        keeper.post(
            past, facts | {"floors_above": "4", "since": "ALWAYS", "on": "2019-12-31"}, follow=True
        ).content
    )
    assert "层数后来另有登记，今天的不变" in done
    assert [one.facts["floors_above"] for one in lives.life_of(city.building)] == [4, 6]
    same = facts | {"floors_above": "6", "since": "ALWAYS", "on": ""}
    assert "没有改动" in flat(keeper.post(address, same, follow=True).content)


def test_a_past_day_is_told_above_the_form_and_led_back_to(city: City, keeper: Client) -> None:
    for address in (
        f"/space/buildings/{city.building.pk}/", f"/space/compounds/{city.building.compound_id}/",
    ):  # fmt: skip
        shown = text(keeper, f"{address}amend/?on=2019-12-31")
        assert "以下是 2019-12-31 的登记" in shown
        assert f'href="{address}?on=2019-12-31"' in shown
        assert 'value="2019-12-31"' in shown
        for odd in ("", "?on=morgen"):
            shown = text(keeper, f"{address}amend/{odd}")
            assert "以下是" not in shown
            assert "morgen" not in shown


def test_a_building_is_amended_over_the_api(city: City, keeper: Client) -> None:
    """What a call leaves out stays as it is; outside the reach there is no building."""
    address = f"/api/space/buildings/{city.building.pk}/amend"
    given = {"gross_m2": "4607", "floors_above": 6, "kind": "MULTI", "state": "DELIVERED",
             "since": "DAY", "on": "2020-01-01", "why": "加层"}  # fmt: skip
    answer = keeper.post(address, given, content_type="application/json")
    assert (answer.status_code, answer.json()["said"]) == (200, "已更正 常委楼 的台账")
    building = Building.objects.get()
    assert (building.floors_above, building.built_year) == (6, 2019)
    flat_ = given | {"floors_above": 0}
    assert keeper.post(address, flat_, content_type="application/json").status_code == 422
    gone = address.replace(str(city.building.pk), "999999")
    assert keeper.post(gone, given, content_type="application/json").status_code == 404
    deed = {"state": "FILED", "number": "备1", "owner": "局", "on": "2020-01-01"}
    titled = keeper.post(
        address.replace("amend", "title"), deed, content_type="application/json"
    )  # fmt: skip
    assert titled.json()["said"] == "已登记 常委楼 的权属：权属备案"


def test_a_compound_is_amended_and_read_as_at_a_day(city: City, keeper: Client) -> None:
    address = f"/space/compounds/{city.building.compound_id}/"
    given = {"address": "昌南大道 9 号", "land_m2": "86,000", "land_title_no": "", "since": "DAY",
             "on": "2020-03-01", "why": "换发土地证"}  # fmt: skip
    assert keeper.post(f"{address}amend/", given).status_code == 302
    assert Compound.objects.get().address == "昌南大道 9 号"
    html = text(keeper, address)
    assert "地址 新区大道 1 号 → 昌南大道 9 号" in html
    for page in (address, "/space/compounds/"):
        then_ = text(keeper, f"{page}?on=2020-02-29")
        assert "新区大道 1 号" in then_
        assert "86,000" not in then_.split("历次变动")[0]
    building = text(keeper, f"/space/buildings/{city.building.pk}/?on=2020-02-29")
    assert "新区大道 1 号" in building
