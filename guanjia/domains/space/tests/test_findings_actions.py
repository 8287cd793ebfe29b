"""Explaining and deciding on findings (用房问题): who may, in which order, what is left behind."""

from datetime import date, timedelta
from typing import Any

import pytest

from guanjia.domains.space.actions import findings, judging
from guanjia.domains.space.models import Finding
from guanjia.domains.space.queries import findings as queries
from guanjia.domains.space.terms.findings import FindingCode, FindingState, Outcome
from guanjia.domains.space.terms.ledger import TitleState
from guanjia.domains.space.tests.builders import TODAY, City, always
from guanjia.kernel.access.tests.builders import AT
from guanjia.kernel.audit.models import Record
from guanjia.kernel.notices.models import Notice
from guanjia.kernel.org.tests.builders import SYSTEM
from guanjia.kernel.regulations.verdict import Refused
from guanjia.kernel.values.actor import NotAllowed

MEND_BY = TODAY + timedelta(days=30)
LATER = AT + timedelta(days=20)


@pytest.fixture
def finding(city: City) -> Finding:
    """The farming bureau's room 102, over its limit by 2 ㎡."""
    judging.judge(actor=city.actor("keeper"), day=TODAY, at=AT)
    found: Finding = Finding.objects.get(room=city.room("102"))
    return found


def explain(city: City, finding: Finding, who: str = "clerk", **facts: Any) -> Finding:
    given = {"explanation": "由两间合并，尚未隔断。", "at": AT, **facts}
    return findings.explain_finding(actor=city.actor(who), finding_id=finding.pk, **given)


def decide(city: City, finding: Finding, who: str = "keeper", **facts: Any) -> Finding:
    given = {
        "outcome": Outcome.MEND, "decision": "隔断", "mend_by": MEND_BY, "at": AT, **facts,
    }  # fmt: skip
    return findings.decide_finding(actor=city.actor(who), finding_id=finding.pk, **given)


def told(city: City, who: str) -> list[str]:
    return list(
        Notice.objects.filter(person=city.people[who]).order_by("pk").values_list("kind", flat=True)
    )


def test_from_found_to_mended(city: City, finding: Finding) -> None:
    assert told(city, "clerk") == ["space.findings"]

    explained = explain(city, finding)
    assert (explained.state, explained.explained_by) == (
        FindingState.EXPLAINED, city.people["clerk"],
    )  # fmt: skip

    decided = decide(city, finding)
    assert (decided.state, decided.mend_by, decided.decision) == (
        FindingState.MENDING, MEND_BY, "隔断",
    )  # fmt: skip
    assert told(city, "clerk") == ["space.findings", "space.finding_decided"]
    verbs = Record.objects.filter(on_type="space.finding", on_id=finding.pk).order_by("pk")
    assert list(verbs.values_list("verb", flat=True)) == [
        "space.finding.raised", "space.finding.explained", "space.finding.decided",
    ]  # fmt: skip


def test_a_unit_hears_once_of_all_that_was_found(city: City, finding: Finding) -> None:
    assert told(city, "stranger") == ["space.findings"]
    assert told(city, "keeper") == []
    notice = Notice.objects.get(person=city.people["clerk"])
    assert "常委楼 102" in notice.body
    judging.judge(actor=city.actor("keeper"), day=TODAY, at=AT + timedelta(hours=1))
    assert told(city, "clerk") == ["space.findings"], "nothing new, nothing told"


def test_what_is_unfounded_is_closed_with_its_reason(city: City, finding: Finding) -> None:
    explain(city, finding)
    closed = decide(city, finding, outcome=Outcome.UNFOUNDED, mend_by=None, decision="登记有误")
    assert (closed.state, closed.outcome, closed.mend_by) == (
        FindingState.CLOSED, Outcome.UNFOUNDED, None,
    )  # fmt: skip
    for again in (explain, decide):
        with pytest.raises(Refused, match="现在是办结"):
            again(city, finding)


def test_an_explanation_may_be_written_anew_until_somebody_decides(
    city: City, finding: Finding
) -> None:
    explain(city, finding)
    assert explain(city, finding, explanation="已申请隔断。").explanation == "已申请隔断。"
    decide(city, finding)
    with pytest.raises(Refused, match="现在是整改中"):
        explain(city, finding)


@pytest.mark.parametrize(
    ("words", "said"),
    [("", "没有写情况说明"), ("  ", "没有写情况说明"), ("说" * 1001, "情况说明太长")],
)
def test_an_explanation_has_words_but_not_too_many(
    city: City, finding: Finding, words: str, said: str
) -> None:
    with pytest.raises(Refused, match=said):
        explain(city, finding, explanation=words)


def test_before_the_time_is_over_nothing_is_decided_without_the_unit(
    city: City, finding: Finding
) -> None:
    with pytest.raises(Refused, match="单位还没有说明"):
        decide(city, finding)
    late = decide(city, finding, at=LATER)
    assert (late.state, late.explanation) == (FindingState.MENDING, "")


def test_the_day_to_mend_may_be_set_anew_and_is_never_past(city: City, finding: Finding) -> None:
    explain(city, finding)
    decide(city, finding)
    other = decide(city, finding, mend_by=MEND_BY + timedelta(days=30), decision="改期")
    assert other.mend_by == MEND_BY + timedelta(days=30)
    for day in (None, TODAY - timedelta(days=1), date(2030, 1, 1)):
        with pytest.raises(Refused) as refused:
            decide(city, finding, mend_by=day)
        assert all(one.cite for one in refused.value.findings)


def test_the_bureaus_own_findings_need_no_explanation(city: City) -> None:
    always(title_state=TitleState.NONE)
    judging.judge(actor=city.actor("keeper"), day=TODAY, at=AT)
    own = Finding.objects.get(code=FindingCode.UNTITLED)
    assert own.unit is None
    assert not queries.FINDINGS.sees_row(city.actor("clerk"), own.pk)
    with pytest.raises(Finding.DoesNotExist):
        explain(city, own)
    assert decide(city, own).state == FindingState.MENDING


def test_nobody_sees_or_does_anything_past_their_scope(city: City, finding: Finding) -> None:
    for who in ("stranger", "stranger_chief"):
        assert not queries.FINDINGS.sees_row(city.actor(who), finding.pk), who
    for who in ("clerk", "chief", "keeper", "inspector", "decider", "supervisor"):
        assert queries.FINDINGS.sees_row(city.actor(who), finding.pk), who
    with pytest.raises(Finding.DoesNotExist):
        explain(city, finding, "stranger")
    for who in ("chief", "inspector", "supervisor", "decider"):
        with pytest.raises(NotAllowed):
            explain(city, finding, who)
    for who in ("clerk", "chief", "inspector", "supervisor", "decider"):
        with pytest.raises(NotAllowed):
            decide(city, finding, who)


def test_papers_may_be_taken_off_until_somebody_decides_by_them(
    city: City, finding: Finding
) -> None:
    explain(city, finding)
    assert findings.may_take_off(finding.pk).allowed
    decide(city, finding)
    assert not findings.may_take_off(finding.pk).allowed


def test_an_explanation_that_is_not_enough_goes_back_and_the_time_begins_anew(
    city: City, finding: Finding
) -> None:
    explain(city, finding)
    keeper = city.actor("keeper")
    for words, said in (("", "没有写退回意见"), ("缺" * 301, "退回意见太长")):
        with pytest.raises(Refused, match=said):
            findings.return_finding(actor=keeper, finding_id=finding.pk, comment=words, at=AT)
    later = AT + timedelta(days=7)
    back = findings.return_finding(actor=keeper, finding_id=finding.pk, comment="附批复", at=later)
    assert (back.state, back.returned_note) == (FindingState.RAISED, "附批复")
    assert back.due_on == finding.due_on + timedelta(days=7)
    assert told(city, "clerk")[-1] == "space.finding_returned"
    again = explain(city, finding, explanation="批复附上", at=later)
    assert (again.state, again.returned_note) == (FindingState.EXPLAINED, "")
    with pytest.raises(NotAllowed):
        findings.return_finding(
            actor=city.actor("clerk"), finding_id=finding.pk, comment="x", at=later
        )


def test_a_unit_is_reminded_the_day_after_and_every_three_days(
    city: City, finding: Finding
) -> None:
    def reminded(days: int) -> list[int]:
        at = AT.replace(
            year=finding.due_on.year, month=finding.due_on.month, day=finding.due_on.day
        )
        found = findings.remind(actor=SYSTEM, at=at + timedelta(days=days))
        return [pk for pk in found if pk == finding.pk]

    assert reminded(0) == []
    assert reminded(1) == [finding.pk]
    assert reminded(1) == [], "once a day"
    assert reminded(3) == []
    assert reminded(4) == [finding.pk]
    assert told(city, "clerk").count("space.finding_late") == 2
    explain(city, finding)
    assert reminded(30) == []


def test_nobody_is_reminded_of_what_is_the_bureaus_own(city: City) -> None:
    always(title_state=TitleState.NONE)
    judging.judge(actor=city.actor("keeper"), day=TODAY, at=AT)
    own = Finding.objects.get(code=FindingCode.UNTITLED)
    assert own.pk not in findings.remind(actor=SYSTEM, at=AT + timedelta(days=60))
    own.refresh_from_db()
    assert own.reminded_on is None
