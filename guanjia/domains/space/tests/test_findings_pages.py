"""The pages of 用房问题: the list, a finding, and what is done from them."""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from guanjia.domains.space.actions import findings, judging, timelines
from guanjia.domains.space.models import Finding
from guanjia.domains.space.terms.findings import FindingCode, FindingState, Outcome
from guanjia.domains.space.terms.ledger import TitleState
from guanjia.domains.space.tests.builders import TODAY, City, always
from guanjia.kernel.access.tests.builders import AT
from guanjia.ui.tests.reading import flat

BACKEND = "django.contrib.auth.backends.ModelBackend"
LIST = "/space/findings/"
TAGS = re.compile(r"<[^>]+>")


@pytest.fixture(autouse=True)
def clock() -> Iterator[Any]:
    with time_machine.travel(AT, tick=False) as traveller:
        yield traveller


@pytest.fixture
def finding(city: City) -> Finding:
    """The farming bureau's room 102, over its limit by 2 ㎡."""
    judging.judge(actor=city.actor("keeper"), day=TODAY, at=AT)
    found: Finding = Finding.objects.get(room=city.room("102"))
    return found


def visit(city: City, username: str) -> Client:
    client = Client()
    client.force_login(city.accounts[username], backend=BACKEND)
    return client


def at(what: str, finding: Finding) -> str:
    return reverse(f"space:{what}", args=[finding.pk])


def page_of(city: City, who: str, finding: Finding) -> str:
    answer = visit(city, who).get(at("finding", finding))
    assert answer.status_code == 200, answer.status_code
    return flat(answer.content)


def words(page: str) -> str:
    return TAGS.sub("", page[page.index("<main") :])


def test_the_list_shows_a_unit_its_own_only(city: City, finding: Finding) -> None:
    other = Finding.objects.exclude(pk=finding.pk).get()
    for who in ("keeper", "supervisor", "inspector", "decider"):
        page = flat(visit(city, who).get(LIST).content)
        assert finding.number in page, who
        assert other.number in page, who
    for who in ("clerk", "chief"):
        page = flat(visit(city, who).get(LIST).content)
        assert finding.number in page, who
        assert other.number not in page, who
    assert visit(city, "cashier").get(LIST).status_code == 403


@pytest.mark.parametrize(
    ("query", "there"),
    [
        ("", True),
        ("view=raised", True),
        ("view=explained", False),
        ("view=mending", False),
        ("view=late", False),
        ("code=OVER_AREA", True),
        ("code=UNIT_OVER", False),
        ("unit=3602D036", True),
        ("unit=3602D040", False),
        ("words=102", True),
        ("words=999", False),
        ("judged_from=2020-05-20&judged_to=2020-05-20", True),
        ("judged_to=2020-05-19", False),
        ("view=all&outcome=GONE", False),
    ],
)
def test_the_list_narrows(city: City, finding: Finding, query: str, there: bool) -> None:
    page = flat(visit(city, "keeper").get(f"{LIST}?{query}").content)
    assert (finding.number in page) is there


def test_the_list_of_a_building_has_its_rooms_and_itself(city: City, finding: Finding) -> None:
    always(title_state=TitleState.NONE)
    judging.judge(actor=city.actor("keeper"), day=TODAY, at=AT)
    own = Finding.objects.get(code=FindingCode.UNTITLED)
    page = flat(visit(city, "keeper").get(f"{LIST}?building={city.building.pk}").content)
    assert finding.number in page
    assert own.number in page
    assert "本局" in page
    assert "这一件是本局的事" in words(page_of(city, "keeper", own))
    assert visit(city, "clerk").get(at("finding", own)).status_code == 404


def test_a_finding_shows_value_article_and_version(city: City, finding: Finding) -> None:
    page = words(page_of(city, "clerk", finding))
    for said in (
        "房间超面积", finding.number, "超出限额 2 ㎡。", "副局(处)级 1 人、每人 18 ㎡",
        "《党政机关办公用房建设标准》", "2014年11月24日起的值", "20.0 ㎡", "18.0 ㎡", "2.0 ㎡",
        "按 2020年5月20日 的台账", "常委楼 102", "6月3日",
    ):  # fmt: skip
        assert said in page, said
    assert "未核对" not in page


def test_what_nobody_had_checked_then_stays_marked(city: City, finding: Finding) -> None:
    finding.pk, finding.number, finding.subject = None, "YF202099999", "room:0"
    finding.cite_checked_on = None
    finding.save(force_insert=True)
    assert "未核对" in words(page_of(city, "clerk", finding))


def test_from_the_explanation_to_the_decision(city: City, finding: Finding) -> None:
    clerk, keeper = visit(city, "clerk"), visit(city, "keeper")
    assert "处理</a>" not in page_of(city, "clerk", finding)
    answer = clerk.post(at("finding_explain", finding), {"explanation": "由两间合并而成"})
    assert answer.status_code == 302
    finding.refresh_from_db()
    assert finding.state == FindingState.EXPLAINED
    page = page_of(city, "keeper", finding)
    assert "由两间合并而成" in page
    assert at("finding_decide", finding) in page
    form = flat(keeper.get(at("finding_decide", finding)).content)
    field = form[form.index('name="mend_by"') :]
    assert "value=" not in field[: field.index(">")], "no day yet"
    assert at("finding_explain", finding) not in page, "the unit's words are the unit's"
    answer = keeper.post(
        at("finding_decide", finding),
        {"outcome": "MEND", "decision": "隔断", "mend_by": "2020-06-19"},
    )
    assert answer.status_code == 302
    finding.refresh_from_db()
    assert (finding.state, finding.outcome) == (FindingState.MENDING, Outcome.MEND)
    page = words(page_of(city, "clerk", finding))
    assert "整改期限 2020年6月19日" in page
    assert "核查时情形消除即办结" in page
    for verb in ("列出用房问题", "说明用房问题", "处理用房问题"):
        assert verb in page


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"outcome": "MEND", "decision": "隔断"}, "没有写整改期限"),
        ({"outcome": "MEND", "decision": "隔断", "mend_by": "五月"}, "写成 2020-05-08 这样的日期"),
        ({"outcome": "MEND", "decision": "隔断", "mend_by": "2020-05-01"}, "没有写整改期限"),
        ({"outcome": "MEND", "decision": "", "mend_by": "2020-06-19"}, "没有写处理意见"),
        ({"outcome": "GONE", "decision": "好"}, "从列出的结果中选一项"),
        ({"decision": "好"}, "没有选处理结果"),
    ],
)
def test_a_refused_decision_says_why_and_keeps_what_was_typed(
    city: City, finding: Finding, given: dict[str, str], says: str
) -> None:
    findings.explain_finding(
        actor=city.actor("clerk"), finding_id=finding.pk, explanation="合并", at=AT
    )
    answer = visit(city, "keeper").post(at("finding_decide", finding), given)
    page = flat(answer.content)
    assert answer.status_code == 422
    assert says in page
    if given["decision"]:
        assert given["decision"] in page
    finding.refresh_from_db()
    assert finding.state == FindingState.EXPLAINED


def test_an_empty_explanation_is_refused(city: City, finding: Finding) -> None:
    answer = visit(city, "clerk").post(at("finding_explain", finding), {"explanation": " "})
    assert answer.status_code == 422
    assert "没有写情况说明" in flat(answer.content)


def test_nobody_acts_past_their_scope(city: City, finding: Finding) -> None:
    assert visit(city, "stranger").get(at("finding", finding)).status_code == 404
    explained = {"explanation": "别人的"}
    answer = visit(city, "stranger").post(at("finding_explain", finding), explained)
    assert answer.status_code == 404
    for who in ("chief", "supervisor", "inspector"):
        answer = visit(city, who).post(at("finding_explain", finding), explained)
        assert answer.status_code == 403, who
    decided = {"outcome": "UNFOUNDED", "decision": "好"}
    for who in ("clerk", "supervisor", "inspector", "decider"):
        answer = visit(city, who).post(at("finding_decide", finding), decided)
        assert answer.status_code == 403, who
    finding.refresh_from_db()
    assert finding.state == FindingState.RAISED


def test_the_time_to_explain_runs_out(city: City, finding: Finding, clock: Any) -> None:
    clock.move_to(AT + timedelta(days=20))
    assert "逾期未说明" in page_of(city, "clerk", finding)
    assert finding.number in flat(visit(city, "keeper").get(f"{LIST}?view=late").content)
    page = flat(visit(city, "keeper").get(at("finding_decide", finding)).content)
    assert "单位过了期限没有说明的，可以直接处理" in page


def test_look_everything_over_at_once(city: City) -> None:
    address = reverse("space:findings_judge")
    assert address in flat(visit(city, "keeper").get(LIST).content)
    assert address not in flat(visit(city, "clerk").get(LIST).content)
    assert visit(city, "clerk").get(address).status_code == 403
    keeper = visit(city, "keeper")
    assert "2020-05-20" in flat(keeper.get(address).content)
    answer = keeper.post(address, {"day": "2020-05-20"}, follow=True)
    assert "新列 2 件" in flat(answer.content)
    for day, says in (("2021-01-01", "这一天还没有到"), ("x", "写成 2020-05-08 这样的日期")):
        answer = keeper.post(address, {"day": day})
        assert answer.status_code == 422
        assert says in flat(answer.content)


def test_a_continued_finding_leads_to_the_next(city: City, finding: Finding) -> None:
    timelines.restate(room=city.room("102"), on=TODAY, told_at=AT, usable_m2=19)
    judging.judge(actor=city.actor("keeper"), day=TODAY, at=AT)
    new = Finding.objects.get(continues=finding)
    assert new.number in page_of(city, "clerk", finding)
    assert "承接" in words(page_of(city, "clerk", new))
