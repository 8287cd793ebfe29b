"""待办 of 用房问题: units explain and mend, the bureau decides; nobody has somebody else's."""

from datetime import timedelta
from typing import Any

import pytest

from guanjia.domains.space.actions import findings, judging
from guanjia.domains.space.models import Finding
from guanjia.domains.space.terms.findings import Outcome
from guanjia.domains.space.terms.ledger import TitleState
from guanjia.domains.space.tests import builders
from guanjia.domains.space.tests.builders import AT, TODAY, City, always
from guanjia.domains.space.waiting.findings import SOURCES
from guanjia.ui.waiting import Todo

AFTER = AT + timedelta(days=20)
MEND_BY = TODAY + timedelta(days=10)


@pytest.fixture
def offices(db: None) -> City:
    """A room over its limit (the farming bureau's 102), another of the stranger's."""
    city = builders.city()
    judging.judge(actor=city.actor("keeper"), day=TODAY, at=AT)
    return city


def todos(city: City, who: str, at: Any = AT) -> list[Todo]:
    actor = city.actor(who)
    return [
        source.show(row, actor, at) for source in SOURCES for row in (source.rows(actor, at) or ())
    ]


def kinds(city: City, who: str, at: Any = AT) -> list[tuple[str, str, str]]:
    return [(todo.kind, todo.due, todo.due_tone) for todo in todos(city, who, at)]


def test_the_way_of_a_finding_through_the_inboxes(offices: City) -> None:
    finding = Finding.objects.get(room=offices.room("102"))
    (todo,) = todos(offices, "clerk")
    assert (todo.kind, todo.title, todo.verb) == ("用房问题待说明", "常委楼 102 房间超面积", "说明")
    assert todo.due == "6月3日前"
    assert todo.url == f"/space/findings/{finding.pk}/"
    assert kinds(offices, "keeper") == []

    findings.explain_finding(
        actor=offices.actor("clerk"), finding_id=finding.pk, explanation="合并后没有隔断", at=AT
    )
    assert kinds(offices, "clerk") == []
    (waiting,) = todos(offices, "keeper")
    assert (waiting.kind, waiting.verb) == ("用房问题待处理", "处理")
    assert "合并后没有隔断" in waiting.detail

    findings.decide_finding(
        actor=offices.actor("keeper"), finding_id=finding.pk, outcome=Outcome.MEND,
        decision="隔断", mend_by=MEND_BY, at=AT,
    )  # fmt: skip
    assert kinds(offices, "keeper") == []
    assert kinds(offices, "clerk") == [("用房问题待整改", "5月30日前", "")]
    assert kinds(offices, "clerk", AFTER) == [("用房问题待整改", "逾期 10 天", "stop")]


def test_without_an_explanation_in_time_the_bureau_decides(offices: City) -> None:
    assert kinds(offices, "clerk", AFTER) == [("用房问题待说明", "逾期 6 天", "stop")]
    assert {kind for kind, _, _ in kinds(offices, "keeper", AFTER)} == {"用房问题待处理"}
    assert len(todos(offices, "keeper", AFTER)) == 2


def test_what_is_the_bureaus_own_waits_for_the_bureau_at_once(offices: City) -> None:
    always(title_state=TitleState.NONE)
    judging.judge(actor=offices.actor("keeper"), day=TODAY, at=AT)
    (todo,) = todos(offices, "keeper")
    assert (todo.kind, todo.title) == ("用房问题待处理", "常委楼 权属未登记")
    assert len(todos(offices, "clerk")) == 1


@pytest.mark.parametrize("who", ["chief", "inspector", "decider", "supervisor", "cashier"])
def test_the_others_have_nothing_to_do(offices: City, who: str) -> None:
    assert todos(offices, who, AFTER) == []
