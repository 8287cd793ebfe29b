"""Time limits in working hours, superiors, and other people on the same step."""

from datetime import date, datetime

import pytest

from guanjia.kernel.approvals import jobs
from guanjia.kernel.approvals.actions import tending
from guanjia.kernel.approvals.events import StepLate
from guanjia.kernel.approvals.models import Act, Case
from guanjia.kernel.approvals.routes import Step, duty, people
from guanjia.kernel.approvals.terms import ActKind, CaseState, Late, Mode
from guanjia.kernel.approvals.tests import builders
from guanjia.kernel.approvals.tests.builders import (
    AT,
    CHIEF,
    DAY,
    HEAD,
    HOUR,
    KEEPER,
    MINUTE,
    NOBODY,
    SIGN,
    SIGNER,
    Office,
    active,
    code_of,
    hands,
    kinds,
    lend,
    seats,
    state,
    step,
    told,
)
from guanjia.kernel.audit.models import Record
from guanjia.kernel.calendar import actions as calendar
from guanjia.kernel.calendar.terms import DayKind
from guanjia.kernel.events import bus
from guanjia.kernel.org.tests.builders import SYSTEM
from guanjia.kernel.values.period import SHANGHAI

pytestmark = pytest.mark.django_db


@pytest.fixture
def office() -> Office:
    return builders.office()


def moment(*parts: int) -> datetime:
    return datetime(2020, *parts, tzinfo=SHANGHAI)  # type: ignore[arg-type]


def remind(case: Case, at: datetime) -> bool:
    """What the job does at a moment."""
    due = tending.due_steps(at)
    return any(tending.remind(step_id=pk, at=at) for pk in due if pk == active(case).pk)


@pytest.mark.parametrize(
    ("opened", "hours", "due"),
    [
        (moment(5, 20, 9, 0), 2, moment(5, 20, 11, 0)),
        (moment(5, 20, 11, 0), 2, moment(5, 20, 15, 30)),  # over noon
        (moment(5, 22, 17, 0), 1, moment(5, 25, 9, 0)),  # Friday to Monday
        (moment(5, 23, 10, 0), 1, moment(5, 25, 9, 30)),  # begun on a Saturday
        (moment(4, 30, 16, 30), 2, moment(5, 6, 9, 30)),  # over the holiday of May
        (moment(5, 8, 16, 30), 2, moment(5, 9, 9, 30)),  # a Saturday that is worked
    ],
)
def test_a_step_is_due_in_working_hours(
    office: Office, opened: datetime, hours: int, due: datetime
) -> None:
    assert active(office.open(step("a", hours=hours), at=opened)).due_at == due


def test_a_step_without_a_limit_is_never_late(office: Office) -> None:
    case = office.open(step("a"))
    assert active(case).due_at is None
    assert tending.due_steps(AT + 400 * DAY) == []
    assert not tending.remind(step_id=active(case).pk, at=AT + 400 * DAY)


def test_a_day_set_by_hand_moves_what_is_reached_after(office: Office) -> None:
    calendar.set_day(actor=SYSTEM, day=date(2020, 5, 21), kind=DayKind.REST, reason="防汛", at=AT)
    case = office.open(step("a", hours=1), at=moment(5, 20, 17, 0))
    assert active(case).due_at == moment(5, 22, 9, 0)


def test_they_are_reminded_once_before_and_once_after(office: Office) -> None:
    case = office.open(step("a", hours=4))  # due at 15:30
    assert tending.due_steps(moment(5, 20, 14, 29)) == []
    with bus.captured() as news:
        for at in (moment(5, 20, 14, 30), moment(5, 20, 15, 0), moment(5, 20, 15, 29)):
            remind(case, at)
        assert [each.escalated for each in news if isinstance(each, StepLate)] == [False]
        for at in (moment(5, 20, 15, 30), moment(5, 20, 16, 0), moment(5, 27, 16, 0)):
            remind(case, at)
    late = [each for each in news if isinstance(each, StepLate)]
    assert [(each.escalated, len(each.person_ids)) for each in late] == [(False, 3), (False, 3)]
    assert kinds(case) == [ActKind.SUBMIT, ActKind.REMIND, ActKind.REMIND]
    assert hands(case) == ["an", "bo", "cai"], "this route only reminds"
    assert Record.objects.filter(verb="org.unit.reminded").count() == 1
    assert Record.objects.filter(verb="org.unit.overdue").count() == 1


def late_step(**facts: object) -> Step:
    return step("a", hours=1, late=Late.ESCALATE, **facts)


def test_where_the_route_says_so_it_goes_to_who_is_above(office: Office) -> None:
    case = office.open(late_step())
    with bus.captured() as news:
        for _ in range(2):
            remind(case, AT + 2 * HOUR)
    assert hands(case) == ["an", "bo", "cai", "mayor"]
    assert told(case, ActKind.ESCALATE) == [("系统", "", "mayor")]
    assert [each.escalated for each in news if isinstance(each, StepLate)] == [True]
    assert office.agree(case, "mayor", at=AT + 3 * HOUR).agreed


def test_who_is_above_may_be_on_leave_too(office: Office) -> None:
    office.hire("vice", office.city)
    lend(office, "mayor", "vice")
    case = office.open(late_step())
    remind(case, AT + 2 * HOUR)
    assert hands(case) == ["an", "bo", "cai", "vice"]
    office.agree(case, "vice", at=AT + 3 * HOUR)
    assert told(case, ActKind.AGREE) == [("vice", "mayor", "")]


def test_where_all_must_agree_who_is_above_is_told_but_does_not_sit(office: Office) -> None:
    case = office.open(late_step(mode=Mode.ALL))
    remind(case, AT + 2 * HOUR)
    assert told(case, ActKind.ESCALATE) == [("系统", "", "mayor")]
    assert hands(case) == ["an", "bo", "cai"]


def test_where_nobody_is_above_the_keepers_may_hand_it_on_but_not_decide(office: Office) -> None:
    office.grant("du", KEEPER)
    case = office.open(late_step(holder=people("n-an")))
    remind(case, AT + 2 * HOUR)
    assert hands(case) == ["an", "du"]
    assert code_of(lambda: office.agree(case, "du")) == "name_somebody"
    tending.reseat(step_id=active(case).pk, at=AT + 3 * HOUR)
    assert hands(case) == ["an", "du"], "the round leaves them there"
    office.hand(case, "du", "en", at=AT + 3 * HOUR)
    assert office.agree(case, "en", at=AT + 3 * HOUR).agreed


def test_who_decides_above_loses_it_with_the_duty(office: Office) -> None:
    case = office.open(late_step())
    remind(case, AT + 2 * HOUR)
    stale = office.actor("mayor")
    office.revoke("mayor", SIGNER)
    assert hands(case) == ["an", "bo", "cai"]
    assert SIGN in {verb for held in stale.held for verb in held.verbs}


def test_reached_again_the_time_begins_anew(office: Office) -> None:
    case = office.open(step("a", hours=2), step("b", duty(HEAD)))
    remind(case, AT + 2 * HOUR)
    office.agree(case, "an", at=AT + 2 * HOUR)
    office.send_back(case, "head", to=0, at=moment(5, 21, 8, 30))
    again = active(case)
    assert (again.due_at, again.reminded_at, again.escalated_at) == (
        moment(5, 21, 10, 30),
        None,
        None,
    )


def test_an_ended_case_is_not_reminded_of(office: Office) -> None:
    case = office.open(step("a", hours=1))
    pk = active(case).pk
    office.withdraw(case)
    assert tending.due_steps(AT + DAY) == []
    assert not tending.remind(step_id=pk, at=AT + DAY)
    assert not tending.reseat(step_id=pk, at=AT + DAY)


# ── other people ─────────────────────────────────────────────────────────────────────────


def test_who_wins_a_duty_sits_on_what_waits(office: Office) -> None:
    case = office.open(step("a"))
    office.grant("du", SIGNER)
    assert hands(case) == ["an", "bo", "cai", "du"]
    assert told(case, ActKind.RESEAT) == [("系统", "", "du")]
    assert Record.objects.filter(verb="org.unit.reseated").count() == 1


def test_who_loses_it_rises_and_may_come_back(office: Office) -> None:
    case = office.open(step("a"))
    office.revoke("an", SIGNER)
    assert hands(case) == ["bo", "cai"]
    office.grant("an", SIGNER)
    assert hands(case) == ["bo", "cai", "an"]


def test_a_suspended_account_rises_from_every_seat(office: Office) -> None:
    named = office.open(step("a", people("n-an", "n-bo")))
    handed = office.open(step("b", people("n-cai")), subject=office.other)
    office.hand(handed, "cai", "an")
    added = office.open(step("c", people("n-bo")), subject=office.city)
    office.add(added, "bo", "an")
    office.suspend("an")
    assert hands(named) == ["bo"]
    assert hands(handed) == ["cai"], "back to who handed it over"
    assert hands(added) == ["bo"], "nobody is waited for any more"


def test_who_left_is_noticed_by_the_round(office: Office) -> None:
    case = office.open(step("a", people("n-an", "n-bo"), mode=Mode.TURN))
    office.leaves("an")
    assert tending.reseat(step_id=active(case).pk, at=AT)
    assert not tending.reseat(step_id=active(case).pk, at=AT), "twice changes nothing"
    assert seats(case) == [("an", "REMOVED"), ("bo", "ACTIVE")]


def test_newcomers_do_not_join_what_is_half_decided(office: Office) -> None:
    case = office.open(step("a", mode=Mode.ALL))
    office.agree(case, "an")
    office.grant("du", SIGNER)
    assert hands(case) == ["bo", "cai"]
    office.revoke("bo", SIGNER)
    assert office.agree(case, "cai").agreed


def test_when_the_last_one_wanting_may_no_longer_it_is_agreed_once(office: Office) -> None:
    case = office.open(step("a", people("n-an", "n-bo"), mode=Mode.ALL))
    office.agree(case, "an")
    with bus.captured() as news:
        office.suspend("bo")
    assert state(case) == CaseState.AGREED
    agreed = Act.objects.get(case=case, kind=ActKind.AGREE)
    assert [each.act_id for each in news if hasattr(each, "act_id")] == [agreed.pk]
    assert case.steps.get().decided_by == office.people["an"]


def test_where_nobody_is_left_the_keepers_say_who(office: Office) -> None:
    office.grant("fu", KEEPER)
    case = office.open(step("a", people("n-an")))
    office.suspend("an")
    assert hands(case) == ["fu"]
    office.suspend("an", active=True)
    tending.reseat(step_id=active(case).pk, at=AT)
    assert hands(case) == ["an"], "and rise when the one named is back"


def test_keepers_rise_when_somebody_wins_the_duty(office: Office) -> None:
    office.grant("fu", KEEPER)
    case = office.open(step("a", duty(NOBODY)))
    assert hands(case) == ["fu"]
    office.grant("en", KEEPER)
    assert hands(case) == ["fu", "en"]
    office.revoke("fu", KEEPER)
    assert hands(case) == ["en"]
    office.grant("du", builders.VACANT)
    assert hands(case) == ["du"]


def test_without_keepers_the_old_one_stays_and_losing_the_duty_is_not_refused(
    office: Office,
) -> None:
    case = office.open(step("a", duty(HEAD)))
    office.suspend("mayor")
    office.revoke("head", CHIEF)
    assert hands(case) == ["head"]
    assert code_of(lambda: office.agree(case, "head")) == "duty_lost"
    office.withdraw(case)


def test_a_duty_can_be_taken_away_though_the_next_step_would_find_nobody(office: Office) -> None:
    case = office.open(step("a", people("n-an", "n-bo"), mode=Mode.ALL), step("b", duty(NOBODY)))
    office.agree(case, "an")
    office.suspend("bo")
    assert (state(case), hands(case)) == (CaseState.RUNNING, ["bo"])
    office.grant("fu", KEEPER)
    tending.reseat(step_id=active(case).pk, at=AT)
    assert active(case).key == "b"
    assert hands(case) == ["fu"]


def test_one_that_fails_does_not_keep_the_job_from_the_others() -> None:
    seen: list[int] = []

    def act(step_id: int) -> None:
        seen.append(step_id)
        if step_id == 1:
            raise ValueError("broken")

    with pytest.raises(ExceptionGroup) as failed:
        jobs.each([1, 2, 3], act)
    assert (seen, len(failed.value.exceptions)) == ([1, 2, 3], 1)


def test_a_limit_passes_by_the_minute(office: Office) -> None:
    case = office.open(step("a", hours=1))
    assert not remind(case, AT - 2 * MINUTE)
    assert remind(case, AT + HOUR)
