"""The pages of 统计摸底: what people see, fill in and decide; nobody sees another unit's return."""

import io
import re
from datetime import timedelta
from decimal import Decimal
from html import unescape
from typing import Any

import openpyxl
import pytest
from django.test import Client
from django.urls import reverse

from guanjia.domains.space.actions import survey_reports
from guanjia.domains.space.models import Survey, SurveyDifference
from guanjia.domains.space.terms.surveys import DiffState, ReturnState, SurveyState
from guanjia.domains.space.tests import survey_scenes as scenes
from guanjia.domains.space.tests.builders import City
from guanjia.domains.space.tests.survey_scenes import HOUR, Scene
from guanjia.kernel.access.models import Grant
from guanjia.kernel.access.tests.builders import AT
from guanjia.ui.tests.reading import flat


@pytest.fixture
def scene(city: City) -> Scene:
    return scenes.survey(city)


def client_of(city: City, who: str) -> Client:
    client = Client()
    client.force_login(city.accounts[who], backend="django.contrib.auth.backends.ModelBackend")
    return client


def text(answer: Any) -> str:
    return flat(answer.content)


def act(scene: Scene, who: str, name: str, unit: str = "farming", **data: Any) -> Any:
    """Somebody does something with a unit's return."""
    url = reverse(f"space:survey_return_{name}", args=[scene.filing(unit).pk])
    return client_of(scene.city, who).post(url, data)


def test_a_survey_is_planned_on_a_page(city: City) -> None:
    client = client_of(city, "keeper")
    page = client.get(reverse("space:survey_new"))
    assert "市农业农村局" in text(page)
    data = {
        "title": "摸底", "kind": "ONCE", "as_of": "2020-05-20", "due_on": "2099-06-30",
        "units": [city.units["farming"].pk],
    }  # fmt: skip
    answer = client.post(reverse("space:survey_new"), data, follow=True)
    assert "1 个单位的填报单已按台账预填" in text(answer)
    assert Survey.objects.get().returns.count() == 1
    again = client.post(reverse("space:survey_new"), data)
    assert again.status_code == 422
    assert "已有一次统计叫这个名称" in text(again)


def test_the_bureau_sees_every_unit_and_a_unit_its_own(scene: Scene) -> None:
    url = reverse("space:survey", args=[scene.survey.pk])
    whole = text(client_of(scene.city, "keeper").get(url))
    assert "市农业农村局" in whole
    assert "市教育局" in whole
    remind = reverse("space:survey_remind", args=[scene.survey.pk])
    assert f'href="{remind}"' in whole
    assert "还有 2 个单位没有报到" in text(client_of(scene.city, "keeper").get(remind))
    own = text(client_of(scene.city, "clerk").get(url))
    assert "市教育局" not in own
    assert "统计报表" not in own
    other = reverse("space:survey_return", args=[scene.filing("other").pk])
    assert client_of(scene.city, "clerk").get(other).status_code == 404
    report = reverse("space:survey_report", args=[scene.survey.pk])
    assert client_of(scene.city, "clerk").get(report).status_code == 404
    assert client_of(scene.city, "supervisor").get(report).status_code == 200


def test_a_return_is_filled_in_on_pages(scene: Scene) -> None:
    client = client_of(scene.city, "clerk")
    filing = scene.filing()
    facts = {"established": "40", "present": "4", "leased_m2": "0", "leased_rent": "12,000.50"}
    client.post(reverse("space:survey_return_facts", args=[filing.pk]), facts)
    assert scene.filing().leased_rent_fen == 1_200_050
    row = scene.row("103")
    url = reverse("space:survey_room", args=[row.pk])
    assert "莫兴、贺思" in text(client.get(url))
    data = {"entry": "KEPT", "kind": "OFFICE", "usable_m2": "19.5", "state": "IN_USE",
            "people": "莫兴", "why": "重新测量"}  # fmt: skip
    page = text(client.post(url, data, follow=True))
    assert "台账 18.0 ㎡" in page
    assert scene.row("103").people_names == "莫兴"
    new = {**data, "compound": "市发展中心北苑", "building": "常委楼", "floor": "1",
           "number": "199", "people": "贺思"}  # fmt: skip
    client.post(reverse("space:survey_room_new", args=[filing.pk]), new)
    assert scene.row("199").why == "重新测量"
    unknown = client.post(url, {**data, "people": "某人"})
    assert unknown.status_code == 422
    assert "没有找到 某人" in text(unknown)


def test_what_a_page_takes_a_sheet_takes_back(scene: Scene) -> None:
    client = client_of(scene.city, "clerk")
    url = reverse("space:survey_room", args=[scene.row("103").pk])
    struck = {"entry": "STRUCK", "kind": "OFFICE", "usable_m2": "18", "state": "IN_USE"}
    refused = client.post(url, struck)
    assert refused.status_code == 422
    assert "核减要写原因" in text(refused), "the sheet asks for it as well"
    assert client.post(url, struck | {"why": "已交回"}).status_code == 302
    scene.fill(scene.told("199", usable_m2=Decimal(12), why="新隔出"))
    url = reverse("space:survey_room", args=[scene.row("199").pk])
    kept = client.post(url, struck | {"entry": "KEPT"})
    assert "新增要写原因" in text(kept)
    assert client.post(url, struck).status_code == 302, "what was added goes without a word"
    assert not scene.filing().rooms.filter(number="199").exists()


def test_before_the_first_check_a_return_does_not_say_that_nothing_is_odd(scene: Scene) -> None:
    url = reverse("space:survey_return", args=[scene.filing().pk])
    page = text(client_of(scene.city, "clerk").get(url))
    assert "没有疑点" not in page
    assert "还没有核对，先填单位情况" in page


def test_a_doubt_is_explained_where_it_stands(scene: Scene) -> None:
    scene.facts(present=1)
    doubt = scene.filing().doubts.get(code="MORE_SEATED")
    client = client_of(scene.city, "clerk")
    url = reverse("space:survey_doubt_explain", args=[doubt.pk])
    assert client.post(url, {"explanation": " "}).status_code == 422
    page = text(client.post(url, {"explanation": "含借调人员"}, follow=True))
    assert "含借调人员" in page
    assert client_of(scene.city, "stranger").post(url, {"explanation": "一"}).status_code == 404


def test_a_return_goes_up_and_back_on_pages(scene: Scene) -> None:
    refused = act(scene, "clerk", "send")
    assert refused.status_code == 422
    assert "《党政机关办公用房管理办法》第七条" in text(refused)
    scene.facts()
    scene.explain_all()
    assert act(scene, "clerk", "send").status_code == 302
    act(scene, "chief", "back", why="缺档案室")
    page = client_of(scene.city, "clerk").get(
        reverse("space:survey_return", args=[scene.filing().pk])
    )
    assert "退回：缺档案室" in text(page)
    act(scene, "clerk", "send")
    act(scene, "chief", "approve")
    act(scene, "keeper", "accept")
    assert scene.filing().state == ReturnState.ACCEPTED
    act(scene, "keeper", "excuse", unit="other", why="涉密单位另报")
    url = reverse("space:survey_publish", args=[scene.survey.pk])
    page = text(client_of(scene.city, "keeper").post(url, follow=True))
    assert "统计报表已发布" in page
    assert Survey.objects.get().state == SurveyState.PUBLISHED


def test_who_sends_a_return_is_told_whose_turn_it_is(scene: Scene) -> None:
    scene.facts()
    scene.explain_all()
    client = client_of(scene.city, "clerk")
    send = reverse("space:survey_return_send", args=[scene.filing().pk])
    assert "等单位审批人审批" in text(client.post(send, follow=True))
    act(scene, "clerk", "recall")
    day = AT.date() - timedelta(days=1)
    Grant.objects.filter(account=scene.city.accounts["chief"]).update(until=day)
    page = text(client.post(send, follow=True))
    assert "单位没有审批人，直接报到办公用房管理科" in page
    assert "等单位审批人审批" not in page


def test_units_are_reminded_in_one_click(scene: Scene) -> None:
    client = client_of(scene.city, "keeper")
    url = reverse("space:survey_remind", args=[scene.survey.pk])
    assert "已催报 2 个单位" in text(client.post(url, follow=True))
    assert "没有要催的单位" in text(client.post(url, follow=True))
    one = reverse("space:survey_return_remind", args=[scene.filing().pk])
    assert "没有要催的单位" in text(client.post(one, follow=True))
    assert client_of(scene.city, "clerk").post(one).status_code == 403
    done = client.post(f"/api/space/surveys/returns/{scene.filing().pk}/remind", {}, "text/json")
    assert (done.json()["name"], done.json()["state"]) == (scene.filing().number, "FILLING")
    assert client_of(scene.city, "clerk").post(url).status_code == 403


def test_a_difference_is_decided_on_its_page(scene: Scene) -> None:
    scene.fill(scene.told("101", usable_m2=25, why="重新测量"))
    scene.accepted()
    client = client_of(scene.city, "keeper")
    found = SurveyDifference.objects.get()
    page = text(client.get(reverse("space:survey_difference", args=[found.pk])))
    assert "24 ㎡" in page
    assert "25 ㎡" in page
    decline = reverse("space:survey_difference_decline", args=[found.pk])
    assert client.post(decline, {"why": ""}).status_code == 422
    client.post(decline, {"why": "竣工测绘报告为准"})
    adopt = reverse("space:survey_difference_adopt", args=[found.pk])
    assert client.post(adopt, {"since": "2099-01-01"}).status_code == 422
    client.post(adopt, {"since": "2020-05-20"})
    found.refresh_from_db()
    assert found.state == DiffState.ADOPTED


def test_every_number_of_a_published_report_opens_its_rows(scene: Scene) -> None:
    client = client_of(scene.city, "keeper")
    url = reverse("space:survey_report", args=[scene.survey.pk])
    draft = text(client.get(url))
    assert "还有 2 个单位没有通过" in draft
    scene.accepted_all()
    survey_reports.publish_survey(
        actor=scene.city.actor("keeper"), survey_id=scene.survey.pk, at=AT + 9 * HOUR
    )
    page = text(client.get(url))
    link = (
        f"/space/surveys/facts/?survey={scene.survey.pk}&amp;unit={scene.city.units['farming'].pk}"
    )
    assert f'href="{link}">4</a>' in page
    rows = client.get(link.replace("&amp;", "&"))
    assert "共 4 间" in text(rows)
    assert "122" in text(rows)
    clerk = client_of(scene.city, "stranger").get(reverse("space:survey_facts_list"))
    assert "共 1 间" in text(clerk)


def test_every_number_of_a_draft_opens_what_it_counts_now(scene: Scene) -> None:
    """An accepted return beside the ledger: each figure says what its rows add up to."""
    scene.fill(scene.told("101", usable_m2=25, why="重新测量"))
    scene.accepted()
    client = client_of(scene.city, "keeper")
    page = text(client.get(reverse("space:survey_report", args=[scene.survey.pk])))
    rooms = re.findall(r'href="(/space/surveys/\d+/report/rooms/\?[^"]*)">([\d,.]+)<', page)
    houses = re.findall(r'href="(/space/surveys/\d+/report/buildings/\?[^"]*)">([\d,.]+)<', page)
    assert len(rooms) > 30
    assert len(houses) >= 2
    for url, figure in (*rooms, *houses):
        opened = text(client.get(unescape(url)))
        said = re.search(r"([\d,]+) [间栋]，(?:使用|建筑)面积 ([\d,.]+) ㎡", opened)
        assert said, url
        assert figure in said.groups(), (url, figure, said.groups())
    farming = scene.city.units["farming"].pk
    (area,) = (f for url, f in rooms if url.endswith(f"unit={farming}") and "." in f)
    assert area == "123.0", "as returned, 1 ㎡ more than the ledger"
    assert client_of(scene.city, "clerk").get(unescape(rooms[0][0])).status_code == 404


def test_a_drafts_address_leads_on_to_what_was_published(scene: Scene) -> None:
    scene.accepted_all()
    survey_reports.publish_survey(
        actor=scene.city.actor("keeper"), survey_id=scene.survey.pk, at=AT + 9 * HOUR
    )
    client = client_of(scene.city, "keeper")
    for what, register in (("rooms", "facts"), ("buildings", "buildings")):
        url = reverse(f"space:survey_draft_{what}", args=[scene.survey.pk])
        answer = client.get(url, {"of": "now", "kind": "OFFICE", "name": "x", "survey": "7"})
        assert answer["Location"].startswith(f"/space/surveys/{register}/?")
        assert f"survey={scene.survey.pk}" in answer["Location"]
        assert client.get(answer["Location"]).status_code == 200


@pytest.mark.parametrize(
    "query",
    ["unit=x", "unit=99999999", "place=%00", "place=9999999999999999999999", "kind=,,X",
     "view=others", "view=unheld", "page=99", "title=1"],
)  # fmt: skip
def test_odd_addresses_of_a_draft_are_no_faults(scene: Scene, query: str) -> None:
    client = client_of(scene.city, "keeper")
    for what in ("rooms", "buildings"):
        url = reverse(f"space:survey_draft_{what}", args=[scene.survey.pk])
        assert client.get(f"{url}?{query}").status_code == 200


def test_the_report_is_a_workbook_with_a_sheet_for_each_table(scene: Scene) -> None:
    url = reverse("space:survey_report_export", args=[scene.survey.pk])
    answer = client_of(scene.city, "keeper").get(url)
    book = openpyxl.load_workbook(io.BytesIO(answer.content))
    assert book.sheetnames == [
        "分单位统计", "分类别统计", "分楼栋统计", "核定面积对照", "闲置用房", "权属登记",
    ]  # fmt: skip
    units = [row[0].value for row in book["分单位统计"].iter_rows(min_row=4)]
    assert units == ["市农业农村局", "市教育局", "没有使用单位的房间", "合计"]


@pytest.mark.parametrize(
    "name",
    ["surveys", "survey_returns", "survey_rooms", "survey_doubts", "survey_differences",
     "survey_facts", "survey_buildings"],
)  # fmt: skip
def test_every_list_opens_for_bureau_and_unit(scene: Scene, name: str) -> None:
    scene.accepted()
    for who in ("keeper", "clerk", "chief", "supervisor"):
        answer = client_of(scene.city, who).get(reverse(f"space:{name}_list"), {"view": "all"})
        assert answer.status_code == 200
