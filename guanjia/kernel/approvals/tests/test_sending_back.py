"""退回: to the applicant or an earlier step, the long way again or straight back."""

import pytest

from guanjia.kernel.approvals import queries
from guanjia.kernel.approvals.events import CaseAgreed, CaseReturned
from guanjia.kernel.approvals.models import CaseStep
from guanjia.kernel.approvals.routes import duty, people
from guanjia.kernel.approvals.terms import ActKind, CaseState, StepState
from guanjia.kernel.approvals.tests import builders
from guanjia.kernel.approvals.tests.builders import (
    AT,
    BIG,
    HEAD,
    IS_BIG,
    KEEPER,
    Office,
    code_of,
    hands,
    kinds,
    state,
    step,
    steps_of,
)
from guanjia.kernel.events import bus

pytestmark = pytest.mark.django_db
THREE = (step("a", people("n-an")), step("b", people("n-bo")), step("c", people("n-cai")))
AHEAD, ACTIVE, AGREED, CARRIED = (
    StepState.AHEAD,
    StepState.ACTIVE,
    StepState.AGREED,
    StepState.CARRIED,
)


@pytest.fixture
def office() -> Office:
    return builders.office()


def at_third(office: Office, **facts: object) -> builders.Case:
    case = office.open(*THREE, **facts)  # type: ignore[arg-type]
    office.agree(case, "an")
    office.agree(case, "bo")
    return case


def test_sending_back_needs_words(office: Office) -> None:
    case = office.open(*THREE)
    assert code_of(lambda: office.send_back(case, "an", comment=" \n")) == "comment_missing"


def test_a_returned_request_is_changed_and_decided_from_the_start(office: Office) -> None:
    case = at_third(office)
    with bus.captured() as news:
        office.send_back(case, "cai", comment="写明事由")
    back = queries.history(case)[-1]
    assert (back.kind, back.to, back.comment) == (ActKind.RETURN, "申请人", "写明事由")
    assert [each.act_id for each in news if isinstance(each, CaseReturned)] == [back.pk]
    assert state(case) == CaseState.RETURNED
    assert hands(case) == []
    office.resubmit(case)
    assert (state(case), case.round) == (CaseState.RUNNING, 2)
    assert steps_of(case) == [("a", ACTIVE), ("b", AHEAD), ("c", AHEAD)]
    old = CaseStep.objects.filter(case=case, round=1).order_by("position")
    assert [each.state for each in old] == [AGREED, AGREED, StepState.RETURNED]
    for name in ("an", "bo", "cai"):
        outcome = office.agree(case, name)
    assert outcome.agreed


def test_it_comes_straight_back_to_who_sent_it(office: Office) -> None:
    case = at_third(office)
    office.send_back(case, "cai", straight=True)
    assert queries.history(case)[-1].to == "申请人，改后直接回到步骤c"
    office.resubmit(case)
    assert steps_of(case) == [("a", CARRIED), ("b", CARRIED), ("c", ACTIVE)]
    assert office.agree(case, "cai").agreed


@pytest.mark.parametrize("changed", ["facts", "unit", "applicant"])
def test_what_was_agreed_does_not_hold_for_another_request(office: Office, changed: str) -> None:
    case = at_third(office)
    office.send_back(case, "cai", straight=True)
    if changed == "facts":
        office.resubmit(case, facts=BIG)
    elif changed == "unit":
        office.resubmit(case, unit=office.section)
    else:
        office.resubmit(case, by="du")
    assert [each for _, each in steps_of(case)] == [ACTIVE, AHEAD, AHEAD]
    assert queries.history(case)[-1].comment == "申请的要件有变，从头逐步审批"


def test_who_asks_now_does_not_profit_from_having_agreed_before(office: Office) -> None:
    case = at_third(office)
    office.send_back(case, "cai", straight=True)
    office.grant("fu", KEEPER)
    office.resubmit(case, by="an")
    assert hands(case) == ["fu"], "the first step was theirs; now somebody must be named"
    assert code_of(lambda: office.agree(case, "an")) == "own_request"


def test_straight_back_to_the_first_step_is_simply_the_first_step(office: Office) -> None:
    case = office.open(*THREE)
    office.send_back(case, "an", straight=True)
    office.resubmit(case)
    assert [each for _, each in steps_of(case)] == [ACTIVE, AHEAD, AHEAD]
    assert kinds(case)[-1] == ActKind.RESUBMIT, "nothing is said of changed facts"


def test_what_holds_still_holds_when_it_is_sent_back_twice(office: Office) -> None:
    case = at_third(office)
    for _ in range(2):
        office.send_back(case, "cai", straight=True)
        office.resubmit(case)
    assert [each for _, each in steps_of(case)] == [CARRIED, CARRIED, ACTIVE]


def test_taken_back_and_sent_anew_it_goes_the_whole_way(office: Office) -> None:
    case = at_third(office)
    office.send_back(case, "cai", straight=True)
    office.withdraw(case)
    office.resubmit(case)
    assert [each for _, each in steps_of(case)] == [ACTIVE, AHEAD, AHEAD]


def test_steps_the_facts_need_now_are_added(office: Office) -> None:
    steps = (step("a"), step("b", duty(HEAD), when=(IS_BIG,)))
    case = office.open(*steps)
    office.send_back(case, "an")
    office.resubmit(case, facts=BIG)
    assert steps_of(case) == [("a", ACTIVE), ("b", AHEAD)]


def test_an_earlier_step_decides_again_and_so_do_those_between(office: Office) -> None:
    case = at_third(office)
    office.send_back(case, "cai", to=0)
    assert steps_of(case) == [("a", ACTIVE), ("b", AHEAD), ("c", AHEAD)]
    first = queries.active_step(case)
    assert first is not None
    assert (first.decided_by, first.visit) == (None, 2)
    assert queries.history(case)[-1].to == "步骤a"
    with bus.captured() as news:
        for name in ("an", "bo", "cai"):
            office.agree(case, name)
    assert [type(each) for each in news].count(CaseAgreed) == 1


def test_an_earlier_step_decides_again_and_it_comes_straight_back(office: Office) -> None:
    case = at_third(office)
    office.send_back(case, "cai", to=0, straight=True)
    assert steps_of(case) == [("a", ACTIVE), ("b", AGREED), ("c", AHEAD)]
    office.agree(case, "an")
    assert hands(case) == ["cai"]


def test_a_carried_step_can_be_asked_again(office: Office) -> None:
    case = at_third(office)
    office.send_back(case, "cai", straight=True)
    office.resubmit(case)
    office.send_back(case, "cai", to=1)
    assert steps_of(case) == [("a", CARRIED), ("b", ACTIVE), ("c", AHEAD)]
    office.agree(case, "bo")
    assert office.agree(case, "cai").agreed


def test_only_an_earlier_step_that_was_decided_can_be_sent_back_to(office: Office) -> None:
    case = office.open(*THREE)
    office.agree(case, "an")
    for position in (1, 2, 9, -1):
        assert code_of(lambda to=position: office.send_back(case, "bo", to=to)) == "not_earlier"


def test_a_step_whose_holder_left_goes_to_the_keepers(office: Office) -> None:
    case = at_third(office)
    office.leaves("an")
    assert code_of(lambda: office.send_back(case, "cai", to=0)) == "nobody_next"
    assert hands(case) == ["cai"]
    office.grant("fu", KEEPER)
    office.send_back(case, "cai", to=0)
    assert hands(case) == ["fu"]
    office.hand(case, "fu", "du")
    office.agree(case, "du")
    assert hands(case) == ["bo"]


def test_a_request_changed_while_it_is_decided_starts_anew_on_its_edition(office: Office) -> None:
    case = office.open(*THREE)
    office.agree(case, "an")
    office.resubmit(case, facts=BIG)
    assert (case.round, case.version, hands(case)) == (1, 1, ["an"])
    assert state(case) == CaseState.RUNNING
    assert case.round == 2
    dropped = CaseStep.objects.filter(case=case, round=1).order_by("position")
    assert [each.state for each in dropped] == [AGREED, StepState.DROPPED, StepState.DROPPED]
    assert case.opened_at == AT
