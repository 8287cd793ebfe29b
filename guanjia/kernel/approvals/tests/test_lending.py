"""委托: who decides for a person on leave, found when a step is reached."""

from datetime import datetime

import pytest

from guanjia.kernel.approvals import queries, seating
from guanjia.kernel.approvals.actions import lending, tending
from guanjia.kernel.approvals.models import Act, Case, Delegation, Seat
from guanjia.kernel.approvals.routes import duty, people
from guanjia.kernel.approvals.terms import ActKind, Mode
from guanjia.kernel.approvals.tests import builders
from guanjia.kernel.approvals.tests.builders import (
    AT,
    DAY,
    HEAD,
    HOUR,
    KEEPER,
    SIGNER,
    Office,
    active,
    code_of,
    hands,
    lend,
    seats,
    step,
    told,
)
from guanjia.kernel.audit.models import Record
from guanjia.kernel.values.period import SHANGHAI

pytestmark = pytest.mark.django_db
ONE = step("a", people("n-an"))


@pytest.fixture
def office() -> Office:
    return builders.office()


def end(office: Office, lent: Delegation, who: str, at: datetime = AT) -> Delegation:
    return lending.end(actor=office.actor(who, at), delegation_id=lent.pk, at=at)


def test_the_colleague_decides_and_the_record_says_for_whom(office: Office) -> None:
    lent = lend(office, "an", "du")
    case = office.open(ONE)
    assert hands(case) == ["du"]
    assert told(case, ActKind.LEND) == [("系统", "", "du（代 an）")]
    with pytest.raises(Case.DoesNotExist):
        office.agree(case, "an")
    assert office.agree(case, "du").agreed
    assert told(case, ActKind.AGREE) == [("du", "an", "")]
    assert Record.objects.get(verb="approvals.delegated").after["to"] == "n-du"
    assert list(queries.delegations_of(office.actor("an"))) == [lent]
    assert list(queries.delegations_of(office.actor("du"))) == [lent]


def test_what_waited_before_stays_and_what_is_reached_within_goes(office: Office) -> None:
    case = office.open(step("a"), step("b", duty(HEAD)))
    lend(office, "head", "du")
    lend(office, "an", "en")
    assert hands(case) == ["an", "bo", "cai"]
    office.agree(case, "an")
    assert hands(case) == ["du"]


@pytest.mark.parametrize(
    ("moment", "who"),
    [
        (datetime(2020, 5, 21, 23, 59, tzinfo=SHANGHAI), "an"),
        (datetime(2020, 5, 22, 0, 0, tzinfo=SHANGHAI), "du"),
        (datetime(2020, 5, 24, 23, 59, 59, tzinfo=SHANGHAI), "du"),
        (datetime(2020, 5, 25, 0, 0, tzinfo=SHANGHAI), "an"),
    ],
)
def test_days_are_those_of_the_office(office: Office, moment: datetime, who: str) -> None:
    """In London it is still the day before: the days begin in Shanghai."""
    lend(office, "an", "du", days=(2, 5))
    case = office.open(ONE, at=moment)
    assert hands(case) == [who]


def test_a_chain_is_followed_to_its_end(office: Office) -> None:
    lend(office, "an", "du")
    lend(office, "du", "en")
    lend(office, "en", "fu", days=(1, 5))
    case = office.open(ONE)
    assert hands(case) == ["en"]
    later = office.open(ONE, subject=office.other, at=AT + DAY)
    assert hands(later) == ["fu"]


def test_a_circle_is_refused(office: Office) -> None:
    lend(office, "an", "du")
    lend(office, "du", "en")
    assert code_of(lambda: lend(office, "en", "an")) == "circle"
    assert code_of(lambda: lend(office, "du", "an")) == "lent"
    lend(office, "en", "an", days=(5, 9))


def test_a_chain_that_never_holds_on_one_day_is_no_circle(office: Office) -> None:
    lend(office, "bo", "cai", days=(0, 3))
    lend(office, "cai", "an", days=(5, 8))
    lend(office, "an", "bo", days=(0, 10))
    case = office.open(ONE)
    assert hands(case) == ["cai"]


def test_a_circle_that_came_all_the_same_ends_before_it_closes(office: Office) -> None:
    days = {"since": AT.date(), "until": AT.date() + 5 * DAY, "reason": "x", "made_at": AT}
    for one, other in (("an", "du"), ("du", "an")):
        Delegation.objects.create(
            principal=office.people[one], delegate=office.people[other], **days
        )
    assert hands(office.open(ONE)) == ["du"]


def test_it_never_goes_to_the_asker(office: Office) -> None:
    lend(office, "an", "asker")
    assert hands(office.open(ONE)) == ["an"]
    lend(office, "du", "asker")
    lend(office, "bo", "du")
    case = office.open(step("b", people("n-bo")), subject=office.other)
    assert hands(case) == ["du"], "the chain stops before the one who asks"


@pytest.mark.parametrize("gone", ["suspend", "leaves"])
def test_it_stops_before_who_cannot_decide(office: Office, gone: str) -> None:
    lend(office, "an", "du")
    lend(office, "du", "en")
    getattr(office, gone)("en")
    assert hands(office.open(ONE)) == ["du"]


def test_one_person_sits_once_in_their_own_name_first(office: Office) -> None:
    lend(office, "an", "bo")
    lend(office, "cai", "bo")
    case = office.open(step("a", mode=Mode.ALL))
    assert seats(case) == [("bo", "ACTIVE")]
    assert Seat.objects.get(step__case=case).on_behalf is None
    assert office.agree(case, "bo").agreed


def test_one_who_stands_in_for_two_sits_once(office: Office) -> None:
    lend(office, "an", "du")
    lend(office, "bo", "du")
    case = office.open(step("a", people("n-an", "n-bo"), mode=Mode.ALL))
    assert seats(case) == [("du", "ACTIVE")]
    assert office.agree(case, "du").agreed


def test_taken_back_it_is_ones_own_again(office: Office) -> None:
    lent = lend(office, "an", "du")
    case = office.open(ONE)
    end(office, lent, "an")
    assert hands(case) == ["an"]
    assert seats(case) == [("du", "HANDED"), ("an", "ACTIVE")]
    assert code_of(lambda: office.agree(case, "du")) == "not_holder"
    assert office.agree(case, "an").agreed
    assert end(office, lent, "an").ended_at == AT, "twice is once"
    assert Record.objects.filter(verb="approvals.delegation_ended").count() == 1


def test_taken_back_also_what_is_not_yet_due_and_what_waits_for_others(office: Office) -> None:
    lent = lend(office, "bo", "du")
    turn = office.open(step("a", people("n-an", "n-bo"), mode=Mode.TURN))
    paused = office.open(step("b", people("n-bo")), subject=office.other)
    office.add(paused, "du", "en")
    end(office, lent, "bo")
    office.agree(turn, "an")
    assert hands(turn) == ["bo"]
    office.agree(paused, "en")
    assert hands(paused) == ["bo"]


def test_what_the_colleague_handed_on_stays_there(office: Office) -> None:
    lent = lend(office, "an", "du")
    case = office.open(ONE)
    office.hand(case, "du", "en")
    end(office, lent, "an")
    assert hands(case) == ["en"]
    office.agree(case, "en")
    assert told(case, ActKind.AGREE) == [("en", "an", "")]


def test_handed_back_to_the_principal_they_decide_in_their_own_name(office: Office) -> None:
    lend(office, "an", "du")
    case = office.open(ONE)
    office.hand(case, "du", "an")
    office.agree(case, "an")
    assert told(case, ActKind.AGREE) == [("an", "", "")]


def test_who_left_gets_nothing_back(office: Office) -> None:
    lent = lend(office, "an", "du")
    case = office.open(ONE)
    office.leaves("an")
    office.hire("keeper", None, (KEEPER, builders.Reach.BELOW, office.bureau))
    end(office, lent, "keeper")
    assert hands(case) == ["du"]
    tending.reseat(step_id=active(case).pk, at=AT)
    assert hands(case) == ["keeper"], "the route names somebody who is not there"


def test_only_the_principal_or_a_keeper_takes_it_back(office: Office) -> None:
    lent = lend(office, "an", "du")
    for name in ("du", "bo", "stranger"):
        with pytest.raises(Delegation.DoesNotExist):
            end(office, lent, name)
    office.hire("keeper", office.other, (KEEPER, builders.Reach.BELOW, office.other))
    with pytest.raises(Delegation.DoesNotExist):
        end(office, lent, "keeper")
    office.grant("fu", KEEPER)
    assert end(office, lent, "fu").ended_at == AT


def test_when_the_principal_loses_the_duty_the_colleague_rises_too(office: Office) -> None:
    lend(office, "an", "du")
    case = office.open(step("a"))
    assert hands(case) == ["du", "bo", "cai"]
    office.revoke("an", SIGNER)
    assert hands(case) == ["bo", "cai"]


def test_when_the_colleague_is_suspended_it_goes_back(office: Office) -> None:
    lend(office, "an", "du")
    case = office.open(ONE)
    office.suspend("du")
    assert hands(case) == ["an"]


@pytest.mark.parametrize(
    ("to", "days", "code"),
    [
        ("an", (0, 5), "oneself"),
        ("stranger", (0, 5), "not_colleague"),
        ("mayor", (0, 5), "not_colleague"),
        ("du", (3, 3), "no_time"),
        ("du", (5, 3), "no_time"),
        ("du", (-5, 0), "over"),
        ("du", (0, 367), "too_long"),
    ],
)
def test_what_cannot_be_lent(office: Office, to: str, days: tuple[int, int], code: str) -> None:
    assert code_of(lambda: lend(office, "an", to, days=days)) == code
    assert not Delegation.objects.exists()


def test_a_reason_is_needed_and_a_colleague_with_an_account(office: Office) -> None:
    office.suspend("en")
    assert code_of(lambda: lend(office, "an", "en")) == "not_colleague"
    actor, du = office.actor("an"), office.people["du"].pk
    first, last = AT.date(), AT.date() + DAY

    def without_reason() -> Delegation:
        return lending.delegate(
            actor=actor, person_id=du, since=first, until=last, reason=" ", at=AT
        )

    assert code_of(without_reason) == "reason_missing"


def test_after_it_was_taken_back_the_days_are_free_again(office: Office) -> None:
    lent = lend(office, "an", "du")
    assert code_of(lambda: lend(office, "an", "en", days=(4, 9))) == "lent"
    end(office, lent, "an")
    lend(office, "an", "en")
    assert hands(office.open(ONE)) == ["en"]


def test_everybodys_stand_in_is_found_with_one_question_per_link(
    office: Office, django_assert_num_queries: object
) -> None:
    lend(office, "an", "du")
    lend(office, "du", "en")
    asked = [office.people[name] for name in ("an", "bo", "cai")]
    with django_assert_num_queries(3):  # type: ignore[operator]
        found = seating.stand_ins(asked, on=AT.date())
    assert [person.name for person in found] == ["en", "bo", "cai"]


def test_after_its_last_day_what_waits_stays_with_the_colleague(office: Office) -> None:
    lend(office, "an", "du", days=(0, 1))
    case = office.open(ONE)
    tending.reseat(step_id=active(case).pk, at=AT + 3 * DAY)
    assert hands(case) == ["du"]
    assert Act.objects.filter(case=case, kind=ActKind.RESEAT).count() == 0
    assert office.agree(case, "du", at=AT + 3 * DAY + HOUR).agreed
