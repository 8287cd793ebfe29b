"""抄送 and 催办: by whom, to whom, how often; and what people find in their lists."""

from datetime import datetime

import pytest

from guanjia.kernel.approvals import preview, queries
from guanjia.kernel.approvals.actions import sharing
from guanjia.kernel.approvals.events import CaseCopied, CaseUrged
from guanjia.kernel.approvals.models import Case, Copy
from guanjia.kernel.approvals.routes import duty
from guanjia.kernel.approvals.terms import ActKind, Mode
from guanjia.kernel.approvals.tests import builders
from guanjia.kernel.approvals.tests.builders import (
    AT,
    BIG,
    HEAD,
    HOUR,
    IS_BIG,
    KEEPER,
    NOBODY,
    SMALL,
    Office,
    code_of,
    hands,
    kinds,
    lend,
    step,
    told,
)
from guanjia.kernel.events import bus
from guanjia.kernel.regulations.verdict import Refused
from guanjia.kernel.values.period import SHANGHAI

pytestmark = pytest.mark.django_db
TWO = (step("a"), step("b", duty(HEAD)))


@pytest.fixture
def office() -> Office:
    return builders.office()


def copy(office: Office, case: Case, who: str, *to: str) -> sharing.Outcome:
    return sharing.copy(
        actor=office.actor(who), case_id=case.pk, at=AT,
        person_ids=[office.people[name].pk for name in to],
    )  # fmt: skip


def urge(office: Office, case: Case, who: str, at: datetime = AT) -> sharing.Outcome:
    return sharing.urge(actor=office.actor(who, at), case_id=case.pk, at=at)


def test_a_copy_lets_a_colleague_read_and_nobody_gets_it_twice(office: Office) -> None:
    case = office.open(*TWO)
    with bus.captured() as news:
        assert copy(office, case, "asker", "du", "en", "du").changed
        assert copy(office, case, "an", "en", "fu").changed
        assert not copy(office, case, "an", "en").changed
    assert [len(each.person_ids) for each in news if isinstance(each, CaseCopied)] == [2, 1]
    assert told(case, ActKind.COPY) == [("asker", "", "du、en"), ("an", "", "fu")]
    assert [each.case for each in queries.copies_for(office.actor("du"))] == [case]
    assert Copy.objects.count() == 3
    assert queries.involved(actor=office.actor("du"), case=case)
    assert code_of(lambda: office.agree(case, "du")) == "not_holder", "to read, not to decide"


def test_who_has_nothing_to_do_with_it_neither_copies_nor_urges(office: Office) -> None:
    case = office.open(*TWO)
    for act in (lambda: copy(office, case, "du", "en"), lambda: urge(office, case, "stranger")):
        with pytest.raises(Case.DoesNotExist):
            act()


def test_copies_go_to_colleagues_only_and_are_bounded(office: Office) -> None:
    case = office.open(*TWO)
    assert code_of(lambda: copy(office, case, "asker")) == "person_missing"
    assert code_of(lambda: copy(office, case, "asker", "stranger")) == "no_colleague"
    assert not copy(office, case, "an", "asker").changed, "the one who asks reads it anyway"


def test_they_are_urged_and_again_after_some_working_hours(office: Office) -> None:
    case = office.open(*TWO)
    with bus.captured() as news:
        urge(office, case, "asker", AT + HOUR)
    (urged,) = [each for each in news if isinstance(each, CaseUrged)]
    assert set(urged.person_ids) == {office.people[name].pk for name in ("an", "bo", "cai")}
    with pytest.raises(Refused, match="asker刚催过。12:00 以后可以再催"):
        urge(office, case, "an", AT + 2 * HOUR)
    urge(office, case, "an", AT + 6 * HOUR)
    assert kinds(case) == [ActKind.SUBMIT, ActKind.URGE, ActKind.URGE]


def test_over_night_the_day_is_named_too(office: Office) -> None:
    case = office.open(*TWO)
    evening = datetime(2020, 5, 22, 17, 0, tzinfo=SHANGHAI)
    urge(office, case, "asker", evening)
    with pytest.raises(Refused, match="5月25日 10:00 以后可以再催"):
        urge(office, case, "asker", evening + HOUR)


def test_the_next_step_may_be_urged_at_once(office: Office) -> None:
    case = office.open(*TWO)
    urge(office, case, "asker")
    office.agree(case, "an", at=AT + HOUR)
    urge(office, case, "asker", AT + HOUR)
    office.send_back(case, "head", to=0, at=AT + 2 * HOUR)
    urge(office, case, "asker", AT + 2 * HOUR)
    assert told(case, ActKind.URGE)[1] == ("asker", "", "head")


def test_keepers_who_must_name_somebody_are_urged(office: Office) -> None:
    office.grant("fu", KEEPER)
    case = office.open(step("a", duty(NOBODY)))
    urge(office, case, "asker")
    assert told(case, ActKind.URGE) == [("asker", "", "fu")]


def test_an_ended_case_is_not_urged(office: Office) -> None:
    case = office.open(*TWO)
    office.send_back(case, "an")
    assert code_of(lambda: urge(office, case, "asker")) == "already_decided"


def test_the_to_do_list_shows_what_waits_for_somebody(office: Office) -> None:
    case = office.open(*TWO)
    mine = [seat.step.case for seat in queries.waiting_for(office.actor("an"))]
    assert mine == [case]
    rows = queries.waiting_subjects(office.actor("an"), subject_type=builders.SUBJECT)
    assert list(rows) == [{"step__case__subject_id": case.subject_id}]
    for name in ("asker", "head", "stranger"):
        assert not queries.waiting_for(office.actor(name)).exists()
    office.hand(case, "an", "du")
    assert not queries.waiting_for(office.actor("an")).exists()
    assert queries.waiting_for(office.actor("du")).count() == 1
    office.agree(case, "du")
    assert queries.waiting_for(office.actor("head")).count() == 1
    assert [act.kind for act in queries.decided_by(office.actor("du"))] == [ActKind.AGREE]


def test_who_has_to_do_with_a_row_may_see_it(office: Office) -> None:
    case = office.open(*TWO)

    def sees(name: str) -> bool:
        return queries.has_to_do_with(
            actor=office.actor(name), subject_type=case.subject_type, subject_id=case.subject_id
        )

    assert [name for name in office.people if sees(name)] == ["asker", "an", "bo", "cai"]
    office.hand(case, "an", "du")
    office.grant("fu", KEEPER)
    assert sees("du")
    assert sees("fu")
    assert sees("an"), "who handed it over still sees what becomes of it"


def test_a_form_shows_who_would_decide(office: Office) -> None:
    lend(office, "head", "du")
    asked = builders.route(step("a", mode=Mode.ALL), step("b", duty(HEAD), when=(IS_BIG,), hours=8))

    def ahead(facts: object) -> list[tuple[str, list[str]]]:
        steps = preview.ahead(
            route=asked, unit=office.bureau, facts=facts,  # type: ignore[arg-type]
            applicant_id=office.people["asker"].pk, at=AT,
        )  # fmt: skip
        return [(each.title, [s.person.name for s in each.sittings]) for each in steps]

    assert ahead(SMALL) == [("步骤a", ["an", "bo", "cai"])]
    assert ahead(BIG) == [("步骤a", ["an", "bo", "cai"]), ("步骤b", ["du"])]
    assert not Case.objects.exists()


def test_colleagues_are_those_of_the_own_unit_and_of_the_cases(office: Office) -> None:
    case = office.open(*TWO)
    names = {person.name for person in queries.colleagues(actor=office.actor("an"), case=case)}
    assert names == {"bo", "cai", "head", "du", "en", "fu", "clerk"}
    assert hands(case) == ["an", "bo", "cai"]
