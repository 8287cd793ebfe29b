"""What people do with a finding: explain, send back, decide, close; and the monthly list."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, transaction

from guanjia.domains.fleet.actions import oversight
from guanjia.domains.fleet.models import Car, Finding, MonthlyList
from guanjia.domains.fleet.queries import oversight as queries
from guanjia.domains.fleet.terms.oversight import FindingState, Outcome
from guanjia.domains.fleet.tests.builders import AT, HOUR, SMALL, SYSTEM, City
from guanjia.domains.fleet.tests.watching import drove, know_places, review, seen
from guanjia.kernel.audit.models import Record
from guanjia.kernel.notices.models import Notice
from guanjia.kernel.regulations.verdict import Refused
from guanjia.kernel.values.actor import NotAllowed

DAY = timedelta(days=1)
DUE = date(2020, 5, 27)  # five workdays after Wednesday the 20th


@pytest.fixture
def finding(city: City) -> Finding:
    """An open red finding of the farming bureau."""
    know_places()
    drove(
        city, "PC2020051900008", "2020-05-19T08:05", "2020-05-19T21:10",
        plan=("2020-05-19T08:00", "2020-05-19T18:00"), destination="浮梁县",
    )  # fmt: skip
    seen(city, "2020-05-19T20:30", "婺源东收费站")
    review()
    found: Finding = Finding.objects.get()
    return found


def explain(city: City, finding: Finding, **more: Any) -> Finding:
    given = {"explanation": "送专家回婺源", "at": AT + HOUR, **more}
    return oversight.explain_finding(actor=city.actor("clerk"), finding_id=finding.pk, **given)


def decide(city: City, finding: Finding, **more: Any) -> Finding:
    given = {"outcome": Outcome.MEND, "decision": "责令整改", "at": AT + 2 * HOUR, **more}
    return oversight.decide_finding(actor=city.actor("car_keeper"), finding_id=finding.pk, **given)


def refused(doing: Any) -> list[str]:
    with pytest.raises(Refused) as caught:
        doing()
    return [found.code for found in caught.value.findings]


def test_a_finding_goes_from_found_to_closed_and_every_step_is_recorded(
    city: City, finding: Finding
) -> None:
    assert finding.due_on == DUE
    explain(city, finding)
    decide(city, finding)
    closed = oversight.close_finding(
        actor=city.actor("car_keeper"), finding_id=finding.pk, closing="已谈话提醒", at=AT + DAY
    )
    assert (closed.state, closed.outcome) == (FindingState.CLOSED, Outcome.MEND)
    verbs = Record.objects.filter(on_type="fleet.finding", on_id=finding.pk).order_by("pk")
    assert list(verbs.values_list("verb", flat=True)) == [
        "fleet.finding.raised",
        "fleet.finding.explained",
        "fleet.finding.decided",
        "fleet.finding.closed",
    ]


def test_the_clerk_is_told_of_the_finding_and_of_the_decision(city: City, finding: Finding) -> None:
    explain(city, finding)
    decide(city, finding)
    told = Notice.objects.filter(person=city.person("clerk"), kind__startswith="fleet.finding")
    assert set(told.values_list("kind", flat=True)) == {"fleet.findings", "fleet.finding_decided"}
    assert all(n.subject_id == finding.pk for n in told)
    assert not Notice.objects.filter(person=city.person("stranger_boss"), kind="fleet.findings")


def test_an_explanation_needs_words_and_a_duty_for_the_unit(city: City, finding: Finding) -> None:
    assert refused(lambda: explain(city, finding, explanation="  ")) == ["explanation_missing"]
    assert refused(lambda: explain(city, finding, explanation="长" * 1001)) == ["explanation_long"]
    explain(city, finding, explanation="长" * 1000)
    with pytest.raises(NotAllowed):
        oversight.explain_finding(
            actor=city.actor("asker"), finding_id=finding.pk, explanation="我", at=AT
        )
    with pytest.raises(NotAllowed):
        oversight.explain_finding(
            actor=city.actor("supervisor"), finding_id=finding.pk, explanation="我", at=AT
        )


def test_nobody_decides_before_the_unit_had_its_time(city: City, finding: Finding) -> None:
    last = AT.replace(day=27, hour=23)
    assert refused(lambda: decide(city, finding, at=last)) == ["not_explained"]
    assert decide(city, finding, at=last + 2 * HOUR).state == FindingState.DECIDED


def test_an_explanation_that_is_not_enough_goes_back_with_what_is_missing(
    city: City, finding: Finding
) -> None:
    keeper = city.actor("car_keeper")
    explain(city, finding)
    returned = oversight.return_finding(
        actor=keeper, finding_id=finding.pk, comment="附会议通知", at=AT + DAY
    )
    assert (returned.state, returned.returned_note) == (FindingState.OPEN, "附会议通知")
    assert returned.due_on == DUE + DAY
    assert Notice.objects.filter(kind="fleet.finding_returned").exists()
    again = explain(city, finding, explanation="通知附上", at=AT + 2 * DAY)
    assert (again.state, again.returned_note) == (FindingState.EXPLAINED, "")
    assert refused(
        lambda: oversight.return_finding(actor=keeper, finding_id=finding.pk, comment=" ", at=AT)
    ) == ["comment_missing"]


def test_what_is_decided_is_not_explained_anew_nor_decided_twice(
    city: City, finding: Finding
) -> None:
    explain(city, finding)
    decide(city, finding)
    assert refused(lambda: explain(city, finding)) == ["state"]
    assert refused(lambda: decide(city, finding)) == ["state"]


def test_who_decides_does_not_rewrite_what_the_unit_said(city: City, finding: Finding) -> None:
    keeper = city.actor("car_keeper")
    explain(city, finding, explanation="送专家")
    with pytest.raises(Refused) as raised:
        oversight.explain_finding(
            actor=keeper, finding_id=finding.pk, explanation="承认违规", at=AT
        )
    (said,) = raised.value.findings
    assert (said.code, said.cite and said.cite.title) == (
        "said_by_the_unit", "谁处理，谁不改单位的说明",
    )  # fmt: skip
    finding.refresh_from_db()
    assert finding.explanation == "送专家"
    oversight.return_finding(actor=keeper, finding_id=finding.pk, comment="附通知", at=AT)
    assert refused(
        lambda: oversight.explain_finding(
            actor=keeper, finding_id=finding.pk, explanation="承认违规", at=AT
        )
    ) == ["said_by_the_unit"], "sent back, it is still the unit's to mend"


def test_for_a_unit_that_says_nothing_the_keeper_may_take_its_words_down(
    city: City, finding: Finding
) -> None:
    keeper = city.actor("car_keeper")
    for words in ("来函说明：送专家", "来函说明：送专家，附通知"):
        done = oversight.explain_finding(
            actor=keeper, finding_id=finding.pk, explanation=words, at=AT
        )
        assert done.explanation == words, "and mend what was taken down"


def test_mending_says_what_came_of_it_before_it_is_closed(city: City, finding: Finding) -> None:
    keeper = city.actor("car_keeper")
    explain(city, finding)
    assert refused(lambda: oversight.close_finding(actor=keeper, finding_id=finding.pk, at=AT)) == [
        "state"
    ]
    decide(city, finding)
    assert refused(
        lambda: oversight.close_finding(actor=keeper, finding_id=finding.pk, closing="", at=AT)
    ) == ["closing_missing"]


def test_a_decision_is_one_of_four_and_has_its_reasons(city: City, finding: Finding) -> None:
    explain(city, finding)
    assert refused(lambda: decide(city, finding, outcome=Outcome.GONE)) == ["outcome"]
    assert refused(lambda: decide(city, finding, decision="")) == ["decision_missing"]
    assert decide(city, finding, outcome=Outcome.UNTRUE).outcome == Outcome.UNTRUE


def test_a_unit_is_reminded_on_the_day_after_and_every_three_days(
    city: City, finding: Finding
) -> None:
    def reminded(day: int) -> list[int]:
        return oversight.remind(actor=SYSTEM, at=AT.replace(day=day))

    assert reminded(27) == []
    assert reminded(28) == [finding.pk]
    assert Notice.objects.filter(kind="fleet.finding_late", person=city.person("clerk")).exists()
    assert reminded(28) == [], "once a day"
    assert reminded(30) == []
    assert reminded(31) == [finding.pk]
    explain(city, finding)
    assert oversight.remind(actor=SYSTEM, at=AT + 30 * DAY) == []


# ── the monthly list ─────────────────────────────────────────────────────────────────────


def make(city: City, **more: Any) -> MonthlyList:
    given = {"month": date(2020, 5, 1), "at": AT + HOUR, **more}
    return oversight.make_monthly_list(actor=city.actor("car_keeper"), **given)


def test_a_list_is_frozen_and_goes_to_the_supervisors(city: City, finding: Finding) -> None:
    made = make(city)
    assert (made.total, made.edition) == (1, 1)
    assert made.rows[0]["number"] == finding.number
    (told,) = Notice.objects.filter(kind="fleet.monthly_list")
    assert told.person == city.person("supervisor")
    assert "红 1 件" in told.body
    explain(city, finding)
    made.refresh_from_db()
    assert made.rows[0]["state"] == "待说明", "what was sent stays as it was sent"
    for change in ({"total": 0}, {"rows": []}):
        with pytest.raises(DatabaseError), transaction.atomic():
            MonthlyList.objects.filter(pk=made.pk).update(**change)
    with pytest.raises(DatabaseError), transaction.atomic():
        made.delete()


def test_the_same_content_is_the_same_edition_and_other_content_says_why(
    city: City, finding: Finding
) -> None:
    first = make(city)
    assert make(city, at=AT + DAY).pk == first.pk
    explain(city, finding)
    assert refused(lambda: make(city)) == ["note_missing"]
    again = make(city, note="单位已说明")
    assert (again.edition, again.note) == (2, "单位已说明")
    assert refused(lambda: make(city, month=date(2020, 6, 1))) == ["in_the_future"]


def test_secret_cars_and_other_units_are_not_in_the_list_one_sees(
    city: City, finding: Finding
) -> None:
    seen(city, "2020-05-18T21:00", "江湾停车场", car="赣H20001")
    review()
    made = make(city)
    assert made.total == 2
    clerk = city.actor("clerk").scope("fleet.oversight.see")
    assert [row["number"] for row in queries.rows_of(scope=clerk, made=made)] == [finding.number]
    Car.objects.filter(plate=SMALL).update(secret=True)
    outside = city.actor("supervisor").scope("fleet.oversight.see")
    assert SMALL not in str(queries.rows_of(scope=outside, made=made)), "also an older list"
    assert queries.findings(outside).count() == 1
    assert make(city, note="有车转为保密").total == 1
