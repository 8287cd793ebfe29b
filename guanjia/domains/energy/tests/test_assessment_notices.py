"""Who hears of an assessment, what it says, what stands in 待办; who joins later."""

import re
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.urls import reverse

from guanjia.domains.energy import jobs
from guanjia.domains.energy.actions import assessing, schemes
from guanjia.domains.energy.models import Assessment, Indicator, Scheme, Score
from guanjia.domains.energy.notices import assessments as notices
from guanjia.domains.energy.tests.browsing import post, seen, visit
from guanjia.domains.energy.tests.builders import AT, DAY, SYSTEM, TODAY, City, code
from guanjia.domains.energy.tests.scenes import judge
from guanjia.kernel.audit.models import Record
from guanjia.kernel.notices.models import Notice
from guanjia.kernel.notices.tests import golden
from guanjia.kernel.regulations.verdict import Refused
from guanjia.kernel.values.actor import NotAllowed

SCHEME = "2020 年公共机构节能在线考核"
FOLDER = Path(__file__).parent / "golden"
FACTS: dict[str, Any] = {
    "institution": "乐平市第一中学", "scheme": "2020 年公共机构节能在线考核", "due": "12月20日",
    "appeal_due": "1月15日", "late": False, "reason": "4.2 没有计量器具清单", "total": "92.5",
    "outcome": "达标", "grade": "优秀", "reasons": "", "place": 3,
    "indicator": "4.2 分户分类分项计量", "words": "分表已经装好", "upheld": False,
    "answer": "照片看不出分表", "points": "5",
}  # fmt: skip
VARIANTS: dict[str, dict[str, Any]] = {
    "energy.assessment_urged.late": {"late": True},
    "energy.assessment_decided.unmet": {
        "outcome": "未完成", "grade": "", "reasons": "1.1 人均综合能耗年度下降目标",
    },
    "energy.appeal_answered.upheld": {"upheld": True, "points": "8", "answer": "已核实"},
    "energy.assessment_published.unmet": {
        "outcome": "未完成", "grade": "", "place": None, "reasons": "1.1 人均综合能耗年度下降目标",
    },
}  # fmt: skip


@pytest.mark.parametrize("name", [*(kind.key for kind in notices.KINDS), *VARIANTS])
def test_a_notice_says_what_it_said(name: str) -> None:
    key = ".".join(name.split(".")[:2])
    (kind,) = (kind for kind in notices.KINDS if kind.key == key)
    now, before = golden.said(kind, FACTS | VARIANTS.get(name, {}), folder=FOLDER, name=name)
    assert now == before


@pytest.fixture
def scheme(city: City) -> Scheme:
    """The online assessment of 2020: school, office and hospital take part."""
    table = schemes.tables()["online"]
    made = schemes.plan_scheme(actor=SYSTEM, table=table, year=2020, at=AT)
    schemes.open_scheme(
        actor=SYSTEM, scheme_id=made.pk, self_until=TODAY + 30 * DAY,
        appeal_until=TODAY + 60 * DAY, at=AT,
    )  # fmt: skip
    return made


def told(kind: notices.NoticeKind) -> list[str]:
    rows = Notice.objects.filter(kind=kind.key).select_related("person").order_by("pk")
    return [row.person.name for row in rows]


def of(city: City, name: str) -> Assessment:
    found: Assessment = Assessment.objects.get(institution=city.institution(name))
    return found


def fill(city: City, name: str) -> None:
    for row in Indicator.objects.filter(how="EVIDENCE"):
        assessing.score_self(
            actor=SYSTEM, assessment_id=of(city, name).pk, indicator_id=row.pk,
            points=Decimal(row.points or 0), words="有文件", at=AT,
        )  # fmt: skip


def todo(city: City, who: str) -> list[str]:
    """What 待办 lists of assessments, as the page shows it."""
    page = visit(city, who).get(reverse("portal:home")).content.decode()
    wanted = (SCHEME, "4.2 分户分类分项计量")
    return [title for title in re.findall(r' title="(.*?)">', page) if title.endswith(wanted)]


def test_each_desk_hears_when_it_is_its_turn(city: City, scheme: Scheme) -> None:
    assert told(notices.ASKED) == ["江敏"], "the school's clerk; the others have none"
    pk, clerk, county, keeper = (
        of(city, "school").pk, city.actor("clerk"), city.actor("county"), city.actor("keeper"),
    )  # fmt: skip
    assert todo(city, "clerk") == ["乐平市第一中学 2020 年公共机构节能在线考核"]
    fill(city, "school")
    assessing.send(actor=clerk, assessment_id=pk, at=AT)
    assert told(notices.WAITS) == ["汪洋"], "the county, not the city"
    assert todo(city, "clerk") == []
    assert todo(city, "county") == ["乐平市第一中学 2020 年公共机构节能在线考核"]
    assert todo(city, "other_county") == []
    assessing.send_back(actor=county, assessment_id=pk, reason="缺清单", at=AT)
    assert told(notices.BACK) == ["江敏"]
    assessing.send(actor=clerk, assessment_id=pk, at=AT + DAY)
    assessing.hand_on(actor=county, assessment_id=pk, at=AT + DAY)
    assert told(notices.WAITS) == ["汪洋", "汪洋", "吴振瓷"]
    assert todo(city, "keeper") == ["乐平市第一中学 2020 年公共机构节能在线考核"]
    judge(Assessment.objects.get(pk=pk), AT)
    assessing.decide(actor=keeper, assessment_id=pk, at=AT)
    assert told(notices.DECIDED) == ["江敏"]
    score = Score.objects.get(assessment=pk, indicator__number="4.2")
    asked = assessing.appeal(actor=clerk, score_id=score.pk, words="有", at=AT)
    assert told(notices.APPEALED) == ["吴振瓷"]
    assert todo(city, "keeper") == [f"乐平市第一中学 {score.indicator}"]
    assessing.answer(actor=keeper, appeal_id=asked.pk, upheld=False, words="无", at=AT)
    assert told(notices.ANSWERED) == ["江敏"]
    assert todo(city, "keeper") == []


def test_the_ranks_are_told_to_everybody(city: City, scheme: Scheme) -> None:
    for name in ("school", "office", "hospital"):
        fill(city, name)
        pk = of(city, name).pk
        assessing.send(actor=SYSTEM, assessment_id=pk, at=AT)
        if name != "hospital":
            assessing.hand_on(actor=SYSTEM, assessment_id=pk, at=AT)
        judge(of(city, name), AT)
        assessing.decide(actor=SYSTEM, assessment_id=pk, at=AT)
    later = AT + timedelta(days=61)
    with time_machine.travel(later, tick=False):
        schemes.publish(actor=SYSTEM, scheme_id=scheme.pk, at=later)
    assert told(notices.PUBLISHED) == ["江敏"]
    title = Notice.objects.get(kind=notices.PUBLISHED.key).title
    assert "未完成" in title
    assert "名" not in title.partition("未完成")[2], "who is unfinished has no place"


def test_the_day_before_is_reminded_once(city: City, scheme: Scheme) -> None:
    for days, count in ((24, 0), (25, 1), (26, 1), (31, 2), (32, 2)):
        with time_machine.travel(AT + days * DAY, tick=False):
            for _ in range(2):
                jobs.remind(timestamp=0)
        assert len(told(notices.URGED)) == count, days
    titles = Notice.objects.filter(kind=notices.URGED.key).order_by("pk")
    assert [("已过" in row.title) for row in titles] == [False, True]


def test_whom_one_may_review_one_may_urge(city: City, scheme: Scheme) -> None:
    ids = list(Assessment.objects.values_list("pk", flat=True))
    assert assessing.urge(actor=city.actor("other_county"), assessment_ids=ids, at=AT) == 0
    assert assessing.urge(actor=city.actor("county"), assessment_ids=ids, at=AT) == 2
    assert Record.objects.filter(verb="energy.assessment.urged").count() == 2
    with pytest.raises(NotAllowed):
        assessing.urge(actor=city.actor("clerk"), assessment_ids=ids, at=AT)
    assert "一键催报" in seen(city, "keeper", "scheme", scheme.pk)
    assert "一键催报" not in seen(city, "clerk", "scheme", scheme.pk)
    post(city, "keeper", "scheme_urge", scheme.pk)
    assert Record.objects.filter(verb="energy.assessment.urged").count() == 5


# ── who takes part ───────────────────────────────────────────────────────────────────────


def draft() -> Scheme:
    table = schemes.tables()["demonstration"]
    return schemes.plan_scheme(actor=SYSTEM, table=table, year=2020, at=AT)


OPEN = {"self_until": "2020-12-20", "appeal_until": "2021-01-15"}


def test_a_scheme_opens_for_those_named(city: City) -> None:
    made = draft()
    answer = post(city, "keeper", "scheme_open", made.pk, **OPEN, members="月球站\n浮梁县卫生院")
    assert answer.status_code == 422
    assert "名录库中没有“月球站”" in answer.content.decode()
    assert "月球站\n浮梁县卫生院" in answer.content.decode(), "nothing typed is lost"
    given = f"浮梁县卫生院\n\n {code(1)} \n浮梁县卫生院"
    assert post(city, "keeper", "scheme_open", made.pk, **OPEN, members=given).status_code == 302
    names = set(Assessment.objects.values_list("institution__name", flat=True))
    assert names == {"浮梁县卫生院", "乐平市第一中学"}


def test_more_may_join_while_it_is_open(city: City, scheme: Scheme) -> None:
    how = {"actor": city.actor("keeper"), "scheme_id": scheme.pk, "at": AT}
    clinic = city.institution("clinic").pk
    assert schemes.join(**how, institution_ids=[clinic, city.institution("school").pk]) == 1
    assert Score.objects.filter(assessment__institution=clinic).exists(), "data counts at once"
    assert Record.objects.get(verb="energy.scheme.joined").after["members"] == ["浮梁县卫生院"]
    with pytest.raises(Refused, match="都已经参加"):
        schemes.join(**how, institution_ids=[clinic])
    with pytest.raises(NotAllowed):
        schemes.join(**how | {"actor": city.actor("county")}, institution_ids=[clinic])
    how["scheme_id"] = draft().pk
    with pytest.raises(Refused, match="编制中"):
        schemes.join(**how, institution_ids=[clinic])


def test_the_page_lets_them_join(city: City, scheme: Scheme) -> None:
    assert post(city, "keeper", "scheme_join", scheme.pk, members=" ").status_code == 422
    assert post(city, "keeper", "scheme_join", scheme.pk, members="浮梁县卫生院").status_code == 302
    assert post(city, "county", "scheme_join", scheme.pk, members="x").status_code == 403
    assert Assessment.objects.count() == 4
