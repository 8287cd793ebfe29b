"""Every act of an approval, in and out of turn."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, transaction

from guanjia.kernel.access.tests.builders import account, actor
from guanjia.kernel.approvals import actions, queries
from guanjia.kernel.approvals.models import Act, Case, CaseStep
from guanjia.kernel.approvals.terms import ActKind, CaseState, Route, Step, StepState
from guanjia.kernel.org.models import Person, Unit
from guanjia.kernel.org.tests.builders import AT, SYSTEM, person, unit
from guanjia.kernel.regulations.verdict import Refused
from guanjia.kernel.values.actor import Actor, NotAllowed, Reach

pytestmark = pytest.mark.django_db
KEEP = "org.unit.enter"  # any verb that a declared duty has
GRANT = "access.duty.grant"
ROUTE = Route(
    key="tests.route",
    title="试办",
    version=3,
    steps=(
        Step(key="first", title="单位审批", verb=KEEP),
        Step(key="second", title="领导审批", verb=GRANT, when=lambda facts: facts == "big"),
    ),
)
EMPTY = Route(
    key="tests.route",
    title="试办",
    version=3,
    steps=(Step(key="never", title="从不", verb=KEEP, when=lambda _: False),),
)


@dataclass(frozen=True)
class Office:
    """A unit with everybody an approval needs; the unit itself is what is asked about."""

    unit: Unit
    asker: Actor
    keeper: Actor
    second_keeper: Actor
    leader: Actor
    stranger: Actor

    def open(self, facts: str = "small", route: Route = ROUTE) -> Case:
        """A case of the asker."""
        return actions.open_case(
            route=route,
            subject=self.unit,
            unit=self.unit,
            applicant_id=self.asker.person_id,
            actor=self.asker,
            facts=facts,
            at=AT,
        ).case

    def resubmit(self, case: Case) -> None:
        """The asker sends it again, smaller."""
        actions.resubmit(
            case=case, route=ROUTE, unit=self.unit, actor=self.asker, facts="small", at=AT
        )

    def person(self, of: Actor) -> Person:
        """The person behind an actor."""
        return Person.objects.get(pk=of.person_id)


@pytest.fixture
def office() -> Office:
    home, other = unit("D036"), unit("D040")

    def somebody(number: str, at: Unit, *given: Any) -> Actor:
        return actor(account(number, person(number, at), *given))

    keeps = ("org.keeper", Reach.BELOW, home)
    return Office(
        unit=home,
        asker=somebody("asker", home, keeps),  # may decide, but not on their own request
        keeper=somebody("keeper", home, keeps),
        second_keeper=somebody("keeper2", home, keeps),
        leader=somebody("leader", home, ("access.security", Reach.BELOW, home)),
        stranger=somebody("stranger", other, ("org.keeper", Reach.BELOW, other)),
    )


def active(case: Case) -> CaseStep:
    step = queries.active_step(case)
    assert step is not None
    return step


def kinds(case: Case) -> list[str]:
    return [act.kind for act in queries.history(case)]


def code_of(call: Any) -> str:
    """The code of the one finding a call is refused with."""
    with pytest.raises(Refused) as refused:
        call()
    (finding,) = refused.value.findings
    return finding.code


def test_a_case_opens_on_its_first_step(office: Office) -> None:
    case = office.open()
    assert (case.state, case.version, case.route_title) == (CaseState.RUNNING, 3, "试办")
    assert [step.key for step in case.steps.all()] == ["first"]
    assert active(case).active_at == AT
    assert kinds(case) == [ActKind.SUBMIT]


def test_a_route_without_a_needed_step_is_agreed_by_the_system(office: Office) -> None:
    case = office.open(route=EMPTY)
    assert case.state == CaseState.AGREED
    agreed = queries.history(case)[-1]
    assert (agreed.kind, agreed.is_system, agreed.comment) == (ActKind.AGREE, True, "无须审批")


def test_one_step_after_the_other_is_agreed(office: Office) -> None:
    case = office.open("big")
    first = actions.agree(case=case, actor=office.keeper, comment="同意", at=AT)
    assert not first.agreed
    assert active(case).key == "second"
    second = actions.agree(case=case, actor=office.leader, at=AT + timedelta(hours=1))
    assert second.agreed
    case.refresh_from_db()
    assert (case.state, case.closed_at) == (CaseState.AGREED, AT + timedelta(hours=1))
    decided = [(step.state, step.decided_by_id) for step in case.steps.all()]
    assert decided == [
        (StepState.AGREED, office.keeper.person_id),
        (StepState.AGREED, office.leader.person_id),
    ]
    assert kinds(case) == [ActKind.SUBMIT, ActKind.AGREE, ActKind.AGREE]


def test_an_account_without_a_person_decides_nothing(office: Office) -> None:
    """It could be the one that asked: nothing would tell."""
    nobody = actor(account("nobody", None, ("org.keeper", Reach.CITY, None)))
    case = office.open()
    assert code_of(lambda: actions.agree(case=case, actor=nobody, at=AT)) == "no_person"


def test_nobody_decides_their_own_request(office: Office) -> None:
    case = office.open()
    assert code_of(lambda: actions.agree(case=case, actor=office.asker, at=AT)) == "own_request"
    assert (
        code_of(lambda: actions.send_back(case=case, actor=office.asker, comment="x", at=AT))
        == "own_request"
    )


def test_who_has_no_duty_is_turned_away(office: Office) -> None:
    with pytest.raises(NotAllowed):
        actions.agree(case=office.open(), actor=office.leader, at=AT)


def test_who_decides_elsewhere_does_not_decide_here(office: Office) -> None:
    case = office.open()
    assert code_of(lambda: actions.agree(case=case, actor=office.stranger, at=AT)) == "not_holder"


def test_a_double_click_agrees_once(office: Office) -> None:
    case = office.open("big")
    step = active(case)
    for seen in (step.pk, step.pk):
        outcome = actions.agree(case=case, actor=office.keeper, step_id=seen, at=AT)
    assert not outcome.changed
    assert kinds(case) == [ActKind.SUBMIT, ActKind.AGREE]
    assert active(case).key == "second"


def test_a_double_click_without_the_step_agrees_once(office: Office) -> None:
    case = office.open()
    assert actions.agree(case=case, actor=office.keeper, at=AT).changed
    again = actions.agree(case=case, actor=office.keeper, at=AT)
    assert (again.changed, again.agreed) == (False, True)


def test_the_second_decider_is_told_who_was_first(office: Office) -> None:
    case = office.open()
    step = active(case)
    actions.agree(case=case, actor=office.keeper, step_id=step.pk, at=AT)
    with pytest.raises(Refused, match="人keeper已于 5月20日 9:00 同意"):
        actions.send_back(
            case=case, actor=office.second_keeper, comment="不行", step_id=step.pk, at=AT
        )


def test_returning_needs_words(office: Office) -> None:
    case = office.open()
    assert (
        code_of(lambda: actions.send_back(case=case, actor=office.keeper, comment=" ", at=AT))
        == "comment_missing"
    )


def test_a_returned_request_is_changed_and_agreed(office: Office) -> None:
    case = office.open("big")
    actions.send_back(case=case, actor=office.keeper, comment="写明事由", at=AT)
    case.refresh_from_db()
    assert case.state == CaseState.RETURNED
    assert list(queries.returned_to(office.asker)) == [case]
    assert queries.active_step(case) is None
    back = queries.history(case)[-1]
    assert (back.kind, back.to, back.comment) == (ActKind.RETURN, "申请人", "写明事由")
    office.resubmit(case)
    case.refresh_from_db()
    assert (case.state, case.round) == (CaseState.RUNNING, 2)
    assert [step.key for step in case.steps.filter(round=2)] == ["first"], "facts are judged anew"
    assert actions.agree(case=case, actor=office.keeper, at=AT).agreed
    old = case.steps.filter(round=1).values_list("state", flat=True)
    assert list(old) == [StepState.RETURNED, StepState.DROPPED]


def test_a_step_sends_back_to_an_earlier_step(office: Office) -> None:
    case = office.open("big")
    actions.agree(case=case, actor=office.keeper, at=AT)
    actions.send_back(case=case, actor=office.leader, comment="再看", to_position=0, at=AT)
    case.refresh_from_db()
    assert case.state == CaseState.RUNNING
    assert active(case).key == "first"
    assert active(case).decided_by is None
    assert queries.history(case)[-1].to == "单位审批"
    actions.agree(case=case, actor=office.keeper, at=AT)
    assert actions.agree(case=case, actor=office.leader, at=AT).agreed


def test_only_an_earlier_step_can_be_sent_back_to(office: Office) -> None:
    case = office.open("big")
    for position in (0, 1, -1):
        assert (
            code_of(
                lambda where=position: actions.send_back(
                    case=case, actor=office.keeper, comment="x", to_position=where, at=AT
                )
            )
            == "not_earlier"
        )


def test_the_asker_takes_it_back_once_and_sends_it_again(office: Office) -> None:
    case = office.open()
    assert actions.withdraw(case=case, actor=office.asker, at=AT).changed
    assert not actions.withdraw(case=case, actor=office.asker, at=AT).changed
    assert queries.active_step(case) is None
    with pytest.raises(Refused, match="撤回"):
        actions.agree(case=case, actor=office.keeper, at=AT)
    office.resubmit(case)
    assert actions.agree(case=case, actor=office.keeper, at=AT).agreed


def test_only_the_asker_takes_it_back_and_only_in_time(office: Office) -> None:
    case = office.open()
    assert code_of(lambda: actions.withdraw(case=case, actor=office.keeper, at=AT)) == (
        "not_applicant"
    )
    actions.agree(case=case, actor=office.keeper, at=AT)
    case.refresh_from_db()
    assert code_of(lambda: actions.withdraw(case=case, actor=office.asker, at=AT)) == (
        "already_decided"
    )


def test_a_step_handed_over_is_that_colleagues_alone(office: Office) -> None:
    case = office.open()
    to = office.person(office.leader)
    assert actions.hand_over(case=case, actor=office.keeper, person=to, at=AT).changed
    assert not actions.hand_over(case=case, actor=office.keeper, person=to, at=AT).changed
    assert queries.history(case)[-1].to == to.name
    assert actions.holders_of(active(case), case=case, on=AT.date()) == [to]
    with pytest.raises(Refused, match="这一步已转给人leader办"):
        actions.agree(case=case, actor=office.keeper, at=AT)
    assert actions.agree(case=case, actor=office.leader, at=AT).agreed


def test_nothing_is_handed_to_the_asker(office: Office) -> None:
    case = office.open()
    asker = office.person(office.asker)
    assert (
        code_of(lambda: actions.hand_over(case=case, actor=office.keeper, person=asker, at=AT))
        == "own_request"
    )


def test_the_to_do_list_shows_what_waits_for_somebody(office: Office) -> None:
    case = office.open("big")
    step = active(case)
    assert list(queries.waiting_for(office.keeper)) == [step]
    assert list(queries.waiting_for(office.asker)) == [], "never one's own request"
    assert list(queries.waiting_for(office.leader)) == []
    assert list(queries.waiting_for(office.stranger)) == []
    leader = office.person(office.leader)
    actions.hand_over(case=case, actor=office.keeper, person=leader, at=AT)
    assert list(queries.waiting_for(office.keeper)) == []
    assert list(queries.waiting_for(office.leader)) == [step]
    actions.agree(case=case, actor=office.leader, at=AT)
    assert [each.key for each in queries.waiting_for(office.leader)] == ["second"]
    assert [act.kind for act in queries.decided_by(office.leader)] == [ActKind.AGREE]


def test_the_holders_of_a_step_never_include_the_asker(office: Office) -> None:
    case = office.open()
    found = actions.holders_of(active(case), case=case, on=AT.date())
    assert found == [office.person(office.keeper), office.person(office.second_keeper)]


def test_a_subject_has_one_case_on_a_route(office: Office) -> None:
    case = office.open()
    assert actions.case_of(office.unit, route=ROUTE.key) == case
    assert (
        queries.case_for(subject_type="org.unit", subject_id=office.unit.pk, route=ROUTE.key)
        == case
    )
    assert actions.case_of(office.unit, route="tests.other") is None


@pytest.mark.pg15
def test_an_act_is_never_rewritten_and_a_case_keeps_to_its_life(office: Office) -> None:
    case = office.open()
    with pytest.raises(DatabaseError, match="append_only"), transaction.atomic():
        Act.objects.update(comment="x")
    with pytest.raises(DatabaseError, match="append_only"), transaction.atomic():
        Act.objects.all().delete()
    actions.agree(case=case, actor=office.keeper, at=AT)
    with pytest.raises(DatabaseError), transaction.atomic():
        Case.objects.filter(pk=case.pk).update(state=CaseState.WITHDRAWN)


def test_the_system_may_close_what_an_applicant_no_longer_needs(office: Office) -> None:
    case = office.open()
    actions.withdraw(case=case, actor=SYSTEM, comment="申请取消", at=AT)
    case.refresh_from_db()
    assert case.state == CaseState.WITHDRAWN
    assert queries.history(case)[-1].is_system
