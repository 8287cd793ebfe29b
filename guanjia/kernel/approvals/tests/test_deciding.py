"""同意, 退回 to the applicant, 终止, 撤回: once, by whom it is for, and told to whoever is late."""

import pytest

from guanjia.kernel.access.tests.builders import account, actor
from guanjia.kernel.approvals import queries
from guanjia.kernel.approvals.actions import deciding, opening
from guanjia.kernel.approvals.events import CaseAgreed, CaseStopped, CaseWithdrawn, StepReached
from guanjia.kernel.approvals.models import Act, Case
from guanjia.kernel.approvals.routes import By, Condition, Holder, Op, duty
from guanjia.kernel.approvals.terms import ActKind, CaseState, StepState
from guanjia.kernel.approvals.tests import builders
from guanjia.kernel.approvals.tests.builders import (
    AT,
    BIG,
    CHIEF,
    HEAD,
    HOUR,
    IS_BIG,
    KEEPER,
    NOBODY,
    SIGN,
    SIGNER,
    SMALL,
    Office,
    active,
    code_of,
    hands,
    kinds,
    state,
    step,
    steps_of,
)
from guanjia.kernel.audit.models import Record
from guanjia.kernel.events import bus
from guanjia.kernel.org.tests.builders import SYSTEM
from guanjia.kernel.regulations.verdict import Refused, refuse
from guanjia.kernel.values.actor import Reach

pytestmark = pytest.mark.django_db
TWO = (step("a"), step("b", duty(HEAD)))


@pytest.fixture
def office() -> Office:
    return builders.office()


def test_a_case_opens_on_its_first_step_and_waits_for_who_holds_the_duty(office: Office) -> None:
    with bus.captured() as news:
        case = office.open(*TWO)
    assert (state(case), case.version, case.route_title) == (CaseState.RUNNING, 1, "试办")
    assert steps_of(case) == [("a", StepState.ACTIVE), ("b", StepState.AHEAD)]
    assert hands(case) == ["an", "bo", "cai"], "never the one who asks"
    assert active(case).active_at == AT
    assert kinds(case) == [ActKind.SUBMIT]
    (reached,) = [each for each in news if isinstance(each, StepReached)]
    assert set(reached.person_ids) == {office.people[name].pk for name in ("an", "bo", "cai")}


def test_steps_that_the_facts_do_not_need_are_left_out(office: Office) -> None:
    steps = (step("a", when=(IS_BIG,)), step("b", duty(HEAD)))
    assert steps_of(office.open(*steps)) == [("b", StepState.ACTIVE)]
    big = office.open(*steps, facts=BIG, subject=office.other)
    assert [key for key, _ in steps_of(big)] == ["a", "b"]


def test_a_route_without_a_needed_step_is_agreed_by_the_system(office: Office) -> None:
    with bus.captured() as news:
        case = office.open(step("a", when=(IS_BIG,)))
    agreed = queries.history(case)[-1]
    assert (agreed.kind, agreed.is_system, agreed.comment) == (ActKind.AGREE, True, "无须审批")
    assert state(case) == CaseState.AGREED
    assert [each.act_id for each in news if isinstance(each, CaseAgreed)] == [agreed.pk]


def test_one_step_after_the_other_is_agreed(office: Office) -> None:
    case = office.open(*TWO)
    with bus.captured() as news:
        assert not office.agree(case, "bo", comment="同意").agreed
        assert hands(case) == ["head"]
        assert office.agree(case, "head", at=AT + HOUR).agreed
    assert (state(case), case.closed_at) == (CaseState.AGREED, AT + HOUR)
    decided = [(each.state, each.decided_by_id) for each in queries.steps(case)]
    assert decided == [
        (StepState.AGREED, office.people["bo"].pk),
        (StepState.AGREED, office.people["head"].pk),
    ]
    assert kinds(case) == [ActKind.SUBMIT, ActKind.AGREE, ActKind.AGREE]
    assert [type(each) for each in news] == [StepReached, CaseAgreed]
    trail = Record.objects.filter(verb="org.unit.approved").order_by("pk")
    assert [record.name for record in trail] == ["bo", "head"]


def test_what_an_agreement_leads_to_comes_with_it_or_not_at_all(office: Office) -> None:
    case = office.open(step("a"))

    def full(news: CaseAgreed) -> None:
        refuse("full", "没有名额了。", "下月再办。").enforce()

    with bus.subscribed(CaseAgreed, full):
        assert code_of(lambda: office.agree(case, "an")) == "full"
    assert (state(case), kinds(case), hands(case)) == (
        CaseState.RUNNING,
        [ActKind.SUBMIT],
        ["an", "bo", "cai"],
    )


def test_a_step_nobody_can_decide_is_not_reached(office: Office) -> None:
    assert code_of(lambda: office.open(step("a", duty(NOBODY)))) == "nobody_next"
    assert not Case.objects.exists()
    case = office.open(step("a"), step("b", duty(NOBODY)))
    assert code_of(lambda: office.agree(case, "an")) == "nobody_next"
    assert hands(case) == ["an", "bo", "cai"], "the agreement was not taken"


def test_who_decides_for_the_unit_above_or_a_named_unit(office: Office) -> None:
    above = office.open(step("a", Holder(by=By.ABOVE, verb=SIGN)), unit=office.section)
    assert hands(above) == ["mayor"], "a section's unit answers for it; above stands the city"
    there = office.open(step("a", Holder(by=By.AT, verb=SIGN, unit="B2")), subject=office.other)
    assert hands(there) == ["stranger"]
    nowhere = Holder(by=By.AT, verb=SIGN, unit="B9")
    assert code_of(lambda: office.open(step("a", nowhere), subject=office.city)) == "nobody_next"


def test_nobody_decides_their_own_request(office: Office) -> None:
    case = office.open(step("a"))
    for act in (office.agree, office.send_back, office.stop):
        assert code_of(lambda act=act: act(case, "asker")) == "own_request"
    office.grant("asker", KEEPER)
    assert code_of(lambda: office.stop(case, "asker")) == "own_request", "nor a keeper their own"


def test_who_has_nothing_to_do_with_a_case_does_not_even_see_it(office: Office) -> None:
    case = office.open(step("a"))
    for act in (office.agree, office.send_back, office.stop, office.withdraw):
        with pytest.raises(Case.DoesNotExist):
            act(case, "stranger")


def test_who_saw_the_case_but_does_not_hold_it_is_told_who_does(office: Office) -> None:
    case = office.open(*TWO)
    office.agree(case, "an")
    with pytest.raises(Refused, match="“步骤b”这一步不归您办。现在由head办理"):
        deciding.agree(actor=office.actor("bo"), case_id=case.pk, step_id=active(case).pk, at=AT)


def test_an_account_without_a_person_decides_nothing(office: Office) -> None:
    """It could be the one that asked: nothing would tell."""
    nobody = actor(account("nobody", None, (KEEPER, Reach.CITY, None)))
    case = office.open(step("a"))
    with pytest.raises(Case.DoesNotExist):
        deciding.agree(actor=nobody, case_id=case.pk, at=AT)
    assert code_of(lambda: deciding.agree(actor=SYSTEM, case_id=case.pk, at=AT)) == "no_person"
    asked_by_nobody = office.open(step("a"), by=None, subject=office.other)
    with pytest.raises(Case.DoesNotExist):
        opening.withdraw(actor=nobody, case_id=asked_by_nobody.pk, at=AT)


def test_a_duty_taken_away_takes_the_seat(office: Office) -> None:
    case = office.open(step("a", Holder(by=By.ABOVE, verb=SIGN)), unit=office.section)
    stale = office.actor("mayor")
    office.hire("vice", office.city, (SIGNER, Reach.BELOW, office.city))
    office.revoke("mayor", SIGNER)
    assert hands(case) == ["vice"]
    with pytest.raises(Refused):
        deciding.agree(actor=stale, case_id=case.pk, at=AT)


def test_a_duty_that_ended_by_its_date_does_not_decide_either(office: Office) -> None:
    case = office.open(step("a", Holder(by=By.ABOVE, verb=SIGN)), unit=office.section)
    given = office.accounts["mayor"].grants.get(duty=SIGNER)
    type(given).objects.filter(pk=given.pk).update(until=(AT + 24 * HOUR).date())
    assert code_of(lambda: office.agree(case, "mayor", at=AT + 48 * HOUR)) == "duty_lost"
    assert hands(case) == ["mayor"], "the round of the job gives it to somebody else"


def test_a_double_click_agrees_once(office: Office) -> None:
    case = office.open(*TWO)
    seen = active(case).pk
    assert office.agree(case, "an", step_id=seen).changed
    assert not office.agree(case, "an", step_id=seen).changed
    assert kinds(case) == [ActKind.SUBMIT, ActKind.AGREE]
    assert not office.agree(case, "an").changed, "without the step too"


def test_an_agreement_of_an_earlier_visit_is_no_double_click(office: Office) -> None:
    case = office.open(*TWO)
    seen = active(case).pk
    office.agree(case, "an", step_id=seen)
    office.send_back(case, "head", to=0, at=AT + HOUR)
    office.add(case, "an", "du", at=AT + HOUR)
    again = lambda: office.agree(case, "an", step_id=seen, at=AT + HOUR)  # noqa: E731 — called twice
    assert code_of(again) == "waits_for_added"
    office.agree(case, "du", at=AT + HOUR)
    assert again().changed


def test_the_second_decider_is_told_who_was_first(office: Office) -> None:
    case = office.open(*TWO)
    seen = active(case).pk
    office.agree(case, "an", step_id=seen)
    with pytest.raises(Refused, match="这件已不在您手上，an已于 5月20日 9:00 同意。刷新后看新内容"):
        office.send_back(case, "bo", step_id=seen)


def test_they_are_told_who_it_was_also_when_the_system_acted_after(office: Office) -> None:
    builders.lend(office, "head", "du")
    case = office.open(*TWO)
    seen = active(case).pk
    office.agree(case, "an", step_id=seen)
    assert kinds(case)[-1] == ActKind.LEND
    with pytest.raises(Refused, match="an已于 5月20日 9:00 同意"):
        office.agree(case, "bo", step_id=seen)


def test_ending_it_needs_a_reason_and_is_for_good(office: Office) -> None:
    case = office.open(*TWO)
    assert code_of(lambda: office.stop(case, "an", comment=" ")) == "comment_missing"
    with bus.captured() as news:
        office.stop(case, "an")
    assert not office.stop(case, "an").changed
    assert (state(case), case.closed_at) == (CaseState.STOPPED, AT)
    assert [type(each) for each in news] == [CaseStopped]
    assert code_of(lambda: office.resubmit(case)) == "stopped"
    assert code_of(lambda: office.agree(case, "bo")) == "already_decided"
    assert code_of(lambda: office.withdraw(case)) == "already_decided"


def test_a_keeper_ends_it_in_any_state_before_its_end(office: Office) -> None:
    office.grant("fu", KEEPER)
    case = office.open(*TWO)
    office.send_back(case, "an")
    office.stop(case, "fu")
    assert state(case) == CaseState.STOPPED


def test_the_asker_takes_it_back_once_and_sends_it_again(office: Office) -> None:
    case = office.open(*TWO)
    with bus.captured() as news:
        assert office.withdraw(case).changed
        assert not office.withdraw(case).changed
    assert [type(each) for each in news] == [CaseWithdrawn]
    assert queries.active_step(case) is None
    with pytest.raises(Refused, match="asker已于 5月20日 9:00 撤回"):
        office.agree(case, "an")
    office.resubmit(case)
    office.agree(case, "an")
    assert office.agree(case, "head").agreed


def test_only_the_asker_takes_it_back_and_only_in_time(office: Office) -> None:
    case = office.open(step("a"))
    assert code_of(lambda: office.withdraw(case, "an")) == "not_applicant"
    office.agree(case, "an")
    assert code_of(lambda: office.withdraw(case)) == "already_decided"


def test_a_department_calls_a_case_off_without_news(office: Office) -> None:
    case = office.open(*TWO)
    with bus.captured() as news:
        opening.call_off(case=case, comment="申请取消", at=AT)
        opening.call_off(case=case, comment="再来一次", at=AT)
    assert (state(case), news, hands(case)) == (CaseState.WITHDRAWN, [], [])
    assert kinds(case) == [ActKind.SUBMIT, ActKind.WITHDRAW]


def test_an_agreed_request_that_changes_is_decided_anew(office: Office) -> None:
    case = office.open(step("a"))
    office.agree(case, "an")
    office.resubmit(case, facts=BIG)
    assert (state(case), case.round, case.closed_at) == (CaseState.RUNNING, 2, None)
    assert hands(case) == ["an", "bo", "cai"]


def test_long_words_are_cut_and_not_refused(office: Office) -> None:
    case = office.open(step("a"))
    office.agree(case, "an", comment="好" * 600)
    assert len(Act.objects.get(case=case, kind=ActKind.AGREE).comment) == 500


def test_an_agreement_asks_the_database_little(
    office: Office, django_assert_max_num_queries: object
) -> None:
    case = office.open(*TWO)
    who = office.actor("an")
    with django_assert_max_num_queries(25):  # type: ignore[operator]
        deciding.agree(actor=who, case_id=case.pk, at=AT)


def test_a_condition_on_a_level_is_judged_when_a_round_begins(office: Office) -> None:
    town = Condition(fact="level", op=Op.IS, value="town")
    case = office.open(step("a"), step("b", duty(HEAD), when=(town,)))
    office.resubmit(case, facts={**SMALL, "level": "town"})
    assert [key for key, _ in steps_of(case)] == ["a", "b"]
    assert office.accounts["head"].grants.get().duty == CHIEF
