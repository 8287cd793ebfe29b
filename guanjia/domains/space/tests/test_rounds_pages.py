"""The pages of rounds, 整改 and scores: what is seen and by whom, and what is done from them."""

import io
import re
from collections.abc import Iterator
from datetime import timedelta
from html import unescape
from typing import Any

import openpyxl
import pytest
import time_machine
from django.http import QueryDict
from django.test import Client
from django.urls import reverse

from guanjia.domains.space.actions import rectifying
from guanjia.domains.space.models import CheckItem, Inspection, Rectification, Round, Visit
from guanjia.domains.space.terms.rounds import RectState, Result, RoundState
from guanjia.domains.space.tests import rounding
from guanjia.domains.space.tests.builders import AT, TODAY, City
from guanjia.ui.tests.reading import flat

BACKEND = "django.contrib.auth.backends.ModelBackend"


@pytest.fixture(autouse=True)
def _morning() -> Iterator[None]:
    with time_machine.travel(AT, tick=False):
        yield


def client_of(city: City, who: str) -> Client:
    client = Client()
    client.force_login(city.accounts[who], backend=BACKEND)
    return client


def text(response: Any) -> str:
    return flat(response.content)


def at(what: str, *args: Any) -> str:
    return reverse(f"space:{what}", args=args)


def get(city: City, who: str, what: str, *args: Any, status: int = 200, **query: Any) -> str:
    response = client_of(city, who).get(at(what, *args), query)
    assert response.status_code == status, text(response)[:2000]
    return text(response)


def post(city: City, who: str, what: str, *args: Any, **data: Any) -> Any:
    return client_of(city, who).post(at(what, *args), data)


# ── rounds ───────────────────────────────────────────────────────────────────────────────


def test_every_page_shows_a_unit_its_own_and_nothing_else(city: City) -> None:
    made = rounding.running(city)
    rect = rounding.asked(city, made, note="窗边多出一截")
    looked = rect.inspection
    farming, other = city.units["farming"].pk, city.units["other"].pk
    for who in ("keeper", "inspector", "decider", "supervisor", "clerk", "chief"):
        assert made.title in get(city, who, "rounds")
        assert "农业农村局" in get(city, who, "round", made.pk)
        assert "常委楼 101" in get(city, who, "round_unit", made.pk, farming)
        assert "窗边多出一截" in get(city, who, "inspection", looked.pk)
        assert "面积超标" in get(city, who, "rectification", rect.pk)
    page = get(city, "stranger", "round", made.pk)
    assert "教育局" in page
    assert "农业农村局" not in page
    for what, args in (
        ("round_unit", (made.pk, farming)),
        ("door_signs", (made.pk, farming)),
        ("inspection", (looked.pk,)),
        ("rectification", (rect.pk,)),
    ):
        get(city, "stranger", what, *args, status=404)
    get(city, "clerk", "round_unit", made.pk, other, status=404)
    get(city, "cashier", "rounds", status=403)
    lists = get(city, "stranger", "inspections_list", view="all")
    assert "101" not in lists.partition('id="reg-list"')[2]


def test_numbers_of_a_round_open_just_their_rows(city: City) -> None:
    made = rounding.running(city)
    rounding.asked(city, made)
    rounding.send(city, made, [rounding.look(city, made, "102"), rounding.look(city, made, "203")])
    earlier = rounding.look(city, made, "102", Result.OVER, scanned_at=AT - timedelta(hours=1))
    rounding.send(city, made, [earlier])  # a later look is there: does not count
    page = get(city, "keeper", "round", made.pk)
    code = city.units["farming"].code
    for view, count in (("counted", 2), ("problem", 1)):
        query = f"view={view}&amp;round={made.pk}&amp;unit={code}"
        assert f'href="{at("inspections_list")}?{query}">{count}</a>' in page
        listed = get(city, "keeper", "inspections_list", view=view, round=made.pk, unit=code)
        assert f"共 {count} 条" in listed


def test_a_round_is_planned_from_the_page_and_begun(city: City) -> None:
    page = get(city, "keeper", "round_new")
    for shown in ("农业农村局", "教育局", "程勇", "面积超标", "30 天"):
        assert shown in page
    data = {
        "title": "秋季巡检", "begins_on": "2020-05-20", "ends_on": "2020-05-29",
        "units": [city.units["farming"].pk], "inspectors": [city.people["inspector"].pk],
        "on_OVER": "on", "text_OVER": "超过核定面积", "points_OVER": "6",
        "text_OWN": "走廊堆物", "points_OWN": "2.5", "basis_OWN": "本局消防安全要求",
        "notice": "带平面图",
    }  # fmt: skip
    response = post(city, "keeper", "round_new", **data)
    made = Round.objects.get(title="秋季巡检")
    assert response.headers["Location"] == at("round", made.pk)
    lines = CheckItem.objects.filter(round=made).order_by("position")
    assert [(one.result, one.text, str(one.points)) for one in lines] == [
        ("OVER", "超过核定面积", "6.0"), ("OTHER", "走廊堆物", "2.5"),
    ]  # fmt: skip
    assert [one.unit for one in Visit.objects.all()] == [city.units["farming"]]
    assert post(city, "keeper", "round_begin", made.pk).status_code == 302
    assert Round.objects.get().state == RoundState.RUNNING
    again = post(city, "keeper", "round_begin", made.pk)
    assert again.status_code == 409
    assert "进行中" in text(again)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"title": ""}, "补填巡检名称"),
        ({"begins_on": "昨天"}, "写成 2020-05-08 这样的日期"),
        ({"ends_on": "2020-05-01"}, "结束日期早于开始日期"),
        ({"units": []}, "没有巡检单位"),
        ({"units": ["999999"]}, "刷新后重新选"),
        ({"on_OVER": ""}, "没有检查项"),
        ({"points_OVER": "很多"}, "扣分只填数字"),
        ({"points_OVER": "101"}, "扣分不大于 100"),
    ],
)
def test_a_plan_comes_back_with_what_is_wrong(
    city: City, changes: dict[str, Any], sentence: str
) -> None:
    data = {
        "title": "秋季巡检", "begins_on": "2020-05-20", "ends_on": "2020-05-29",
        "units": [city.units["farming"].pk], "on_OVER": "on", "points_OVER": "5",
    }  # fmt: skip
    response = post(city, "keeper", "round_new", **(data | changes))
    assert response.status_code == 422
    assert sentence in text(response)
    assert not Round.objects.exists()


def test_acts_are_offered_to_whom_they_belong(city: City) -> None:
    made = rounding.planned(city)
    assert at("round_begin", made.pk) in get(city, "keeper", "round", made.pk)
    for who in ("clerk", "inspector", "supervisor"):
        page = get(city, who, "round", made.pk)
        assert at("round_begin", made.pk) not in page
        assert post(city, who, "round_begin", made.pk).status_code == 403
    get(city, "clerk", "round_new", status=403)


def test_closing_asks_why_a_unit_was_not_visited(city: City) -> None:
    made = rounding.running(city)
    rounding.send(city, made, [rounding.look(city, made, "101")])
    refused = post(city, "keeper", "round_close", made.pk, closing="小结")
    assert refused.status_code == 422
    assert "逐家写明没有检查的原因" in text(refused)
    other = city.units["other"].pk
    done = post(city, "keeper", "round_close", made.pk, **{f"excuse_{other}": "正在搬迁"})
    assert done.status_code == 302
    assert "没有检查：正在搬迁" in get(city, "keeper", "round", made.pk)


def test_reasons_that_were_written_stay_when_others_are_missing(city: City) -> None:
    made = rounding.running(city)
    other = city.units["other"].pk
    refused = post(city, "keeper", "round_close", made.pk, **{f"excuse_{other}": "正在搬迁"})
    assert refused.status_code == 422
    assert 'value="正在搬迁"' in text(refused)


def test_a_record_says_by_which_article_and_whose_clock(city: City) -> None:
    made = rounding.running(city)
    ahead = timedelta(minutes=30)
    look = rounding.look(city, made, "101", Result.OVER, scanned_at=AT + ahead)
    rounding.send(city, made, [look], sent_at=AT + ahead)
    page = get(city, "clerk", "inspection", Inspection.objects.get().pk)
    for shown in ("第十九条", "未核对", "手机时钟快 30 分钟", "手机巡检，列表选房"):
        assert shown in page


def test_door_signs_carry_a_code_for_every_room_of_the_unit(city: City) -> None:
    made = rounding.running(city)
    page = get(city, "clerk", "door_signs", made.pk, city.units["farming"].pk)
    assert page.count("<svg") >= 4
    assert page.count('class="door-sign"') == 4


# ── 整改 ─────────────────────────────────────────────────────────────────────────────────


def test_a_unit_answers_and_the_bureau_accepts(city: City) -> None:
    rect = rounding.asked(city, rounding.running(city))
    assert "提交整改情况" in get(city, "clerk", "rectification", rect.pk)
    assert "提交整改情况" not in get(city, "chief", "rectification", rect.pk)
    assert "验收销号</a>" not in get(city, "keeper", "rectification", rect.pk)
    empty = post(city, "clerk", "rectification_answer", rect.pk, explanation="")
    assert empty.status_code == 422
    assert "没有写整改情况" in text(empty)
    post(city, "clerk", "rectification_answer", rect.pk, explanation="已隔出一间")
    page = get(city, "keeper", "rectification", rect.pk)
    assert "已隔出一间" in page
    assert "验收销号</a>" in page
    back = post(city, "keeper", "rectification_return", rect.pk, comment="")
    assert back.status_code == 422
    post(city, "keeper", "rectification_return", rect.pk, comment="附照片")
    assert "附照片" in get(city, "clerk", "rectification", rect.pk)
    post(city, "clerk", "rectification_answer", rect.pk, explanation="已附照片")
    post(city, "keeper", "rectification_accept", rect.pk, closing="已看")
    rect.refresh_from_db()
    assert (rect.state, rect.closing) == (RectState.DONE, "已看")
    late = post(city, "clerk", "rectification_answer", rect.pk, explanation="再改")
    assert late.status_code == 409


def test_only_the_bureau_ends_what_is_put_right(city: City) -> None:
    rect = rounding.answered(city, rounding.asked(city, rounding.running(city)))
    for who in ("clerk", "inspector", "chief"):
        for act in ("accept", "return", "call_off"):
            response = post(city, who, f"rectification_{act}", rect.pk, words="好")
            assert response.status_code == 403
    stranger = post(city, "stranger", "rectification_answer", rect.pk, explanation="好")
    assert stranger.status_code == 404
    post(city, "keeper", "rectification_call_off", rect.pk, reason="量错了")
    assert Rectification.objects.get().state == RectState.CALLED_OFF


# ── scores ───────────────────────────────────────────────────────────────────────────────


def test_scores_open_their_deductions(city: City) -> None:
    made = rounding.running(city)
    for room in ("101", "102", "103", "104"):
        rounding.asked(city, made, room)
    rounding.send(city, made, [rounding.look(city, made, "203")])
    page = get(city, "keeper", "scores", year="2020")
    farming = city.units["farming"]
    assert f'href="{at("score_unit", farming.pk)}?year=2020' in page
    assert "<b>85</b>" in page
    unit = get(city, "keeper", "score_unit", farming.pk, year="2020")
    assert unit.count("<b>5</b>") == 3
    assert "已扣满 3 次" in unit
    mine = get(city, "stranger", "scores", year="2020")
    assert "教育局" in mine
    assert "农业农村局" not in mine
    get(city, "stranger", "score_unit", farming.pk, status=404, year="2020")
    assert "没有检查过" in get(city, "keeper", "scores", year="2019")


def test_numbers_of_the_year_open_just_their_rows(city: City) -> None:
    made = rounding.running(city)
    rounding.asked(city, made)
    off = rounding.asked(city, made, "102")
    rectifying.call_off(actor=city.actor("keeper"), rectification_id=off.pk, reason="量错了", at=AT)
    seen = [rounding.look(city, made, "103"),
            rounding.look(city, made, "103", scanned_at=AT - timedelta(hours=1))]  # fmt: skip
    rounding.send(city, made, seen)
    page = get(city, "keeper", "scores", year="2020")
    shown = dict.fromkeys(("counted", "deducted", "all"), "")
    for href, number in re.findall(r'<a class="gj-figref" href="([^"]+)">(\d+)</a>', page):
        path, _, query = unescape(href).partition("?")
        if path in (at("inspections_list"), at("rectifications_list")):
            shown[QueryDict(query)["view"]] = number
            listed = text(client_of(city, "keeper").get(unescape(href)))
            assert f"共 {number} " in listed, href
    assert shown == {"counted": "3", "deducted": "1", "all": "1"}


def test_late_mending_is_listed_with_its_days(city: City) -> None:
    rect = rounding.asked(city, rounding.running(city))
    rounding.answered(city, rect, at=AT + timedelta(days=(rect.due_on - TODAY).days + 12))
    with time_machine.travel(AT + timedelta(days=100), tick=False):
        page = get(city, "keeper", "score_unit", city.units["farming"].pk, year="2020")
    assert rect.number in page
    assert ">12<" in page.replace('<span class="gj-narrow gj-unit">天</span>', "<")
    assert "<b>2</b>" in page


def test_the_sheet_tells_what_the_page_tells(city: City) -> None:
    made = rounding.running(city)
    rounding.asked(city, made)
    response = client_of(city, "keeper").get(at("scores_export"), {"year": "2020"})
    sheet = openpyxl.load_workbook(io.BytesIO(response.content)).active
    assert sheet is not None
    rows = [row for row in sheet.iter_rows(values_only=True) if row[0] == "3602D036"]
    assert rows == [("3602D036", "市农业农村局", 1, 1, 1, 0, 5, 0, 95)]


def test_odd_years_do_no_harm(city: City) -> None:
    for odd in ("", "abc", "0", "99999999999999", "20２0", "-1"):
        get(city, "keeper", "scores", year=odd)
    rectifying.remind(actor=city.actor("keeper"), at=AT)
