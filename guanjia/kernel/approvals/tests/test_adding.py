"""加签 before and after, 减签, 转办: colleagues are drawn in and let go."""

import pytest

from guanjia.kernel.approvals import queries
from guanjia.kernel.approvals.actions import sharing
from guanjia.kernel.approvals.events import CaseAgreed, HandedOver, StepReached
from guanjia.kernel.approvals.models import Seat
from guanjia.kernel.approvals.routes import people
from guanjia.kernel.approvals.terms import ActKind, CaseState, Mode, Origin
from guanjia.kernel.approvals.tests import builders
from guanjia.kernel.approvals.tests.builders import (
    AT,
    KEEPER,
    Office,
    code_of,
    hands,
    kinds,
    seats,
    state,
    step,
    told,
)
from guanjia.kernel.events import bus

pytestmark = pytest.mark.django_db
ONE = step("a", people("n-an"))


@pytest.fixture
def office() -> Office:
    return builders.office()


def test_added_before_they_all_decide_first(office: Office) -> None:
    case = office.open(ONE)
    with bus.captured() as news:
        office.add(case, "an", "du", "en")
    assert seats(case) == [("an", "PAUSED"), ("du", "ACTIVE"), ("en", "ACTIVE")]
    assert [len(each.person_ids) for each in news if isinstance(each, StepReached)] == [2]
    assert told(case, ActKind.ADD_BEFORE) == [("an", "", "du、en")]
    assert code_of(lambda: office.agree(case, "an")) == "waits_for_added"
    office.agree(case, "en")
    assert hands(case) == ["du"]
    office.agree(case, "du")
    assert hands(case) == ["an"], "and then it is theirs again"
    assert office.agree(case, "an").agreed


def test_added_after_they_all_decide_too(office: Office) -> None:
    case = office.open(ONE)
    office.add(case, "an", "du", "en", before=False)
    assert seats(case) == [("an", "ACTIVE"), ("du", "AHEAD"), ("en", "AHEAD")]
    assert code_of(lambda: office.agree(case, "du")) == "not_yet"
    assert not office.agree(case, "an").agreed
    assert hands(case) == ["du", "en"]
    office.agree(case, "du")
    assert office.agree(case, "en").agreed


def test_both_at_once(office: Office) -> None:
    case = office.open(ONE)
    office.add(case, "an", "du", before=False)
    office.add(case, "an", "en")
    for name in ("en", "an"):
        assert not office.agree(case, name).agreed
    assert office.agree(case, "du").agreed


def test_clicking_twice_adds_once(office: Office) -> None:
    case = office.open(ONE)
    office.add(case, "an", "du", before=False)
    assert not office.add(case, "an", "du", before=False).changed
    office.add(case, "an", "en")
    assert not office.add(case, "an", "en").changed
    assert kinds(case) == [ActKind.SUBMIT, ActKind.ADD_AFTER, ActKind.ADD_BEFORE]


def test_who_was_added_sends_it_back_for_all(office: Office) -> None:
    case = office.open(step("a", mode=Mode.ALL, share=34))
    office.add(case, "an", "du")
    office.send_back(case, "du")
    assert state(case) == CaseState.RETURNED
    assert not Seat.objects.filter(step__case=case, state__in=["ACTIVE", "PAUSED"]).exists()


def test_the_added_add_others_three_deep(office: Office) -> None:
    case = office.open(ONE)
    office.add(case, "an", "bo")
    office.add(case, "bo", "cai")
    office.add(case, "cai", "du", before=False)
    assert code_of(lambda: office.add(case, "du", "en")) in ("not_yet", "too_deep")
    office.agree(case, "cai")
    assert code_of(lambda: office.add(case, "du", "en")) == "too_deep"
    office.agree(case, "du")
    assert hands(case) == ["bo"]
    office.agree(case, "bo")
    assert office.agree(case, "an").agreed


def test_whoever_else_decides_the_added_need_not(office: Office) -> None:
    case = office.open(step("a", mode=Mode.ANY))
    office.add(case, "an", "du")
    assert office.agree(case, "bo").agreed
    assert dict(Seat.objects.values_list("person__name", "state"))["du"] == "DROPPED"


def test_the_first_one_counts_and_only_whom_they_added_is_still_asked(office: Office) -> None:
    case = office.open(step("a", mode=Mode.ANY))
    office.add(case, "bo", "en")
    office.add(case, "an", "du", before=False)
    assert not office.agree(case, "an").agreed
    assert builders.open_names(case) == ["du"]
    assert code_of(lambda: office.agree(case, "en")) == "not_holder"
    assert office.agree(case, "du").agreed


def test_an_added_one_is_taken_back_and_the_asker_goes_on(office: Office) -> None:
    case = office.open(ONE)
    office.add(case, "an", "du", "en")
    office.agree(case, "du")
    assert office.remove(case, "an", "en").changed
    assert not office.remove(case, "an", "en").changed
    assert hands(case) == ["an"]
    assert told(case, ActKind.REMOVE) == [("an", "", "en")]
    assert code_of(lambda: office.remove(case, "an", "du")) == "already_decided"


def test_taking_back_the_last_one_ends_the_step_once(office: Office) -> None:
    case = office.open(ONE)
    office.add(case, "an", "du", before=False)
    office.agree(case, "an")
    with bus.captured() as news:
        assert office.remove(case, "an", "du").agreed
    agreed = [each for each in news if isinstance(each, CaseAgreed)]
    assert [each.act_id for each in agreed] == [
        act.pk for act in queries.history(case) if act.kind == ActKind.AGREE
    ]
    assert case.steps.get().decided_by == office.people["an"]


def test_with_one_go_those_they_added(office: Office) -> None:
    case = office.open(ONE)
    office.add(case, "an", "bo")
    office.add(case, "bo", "cai")
    office.add(case, "cai", "du")
    office.remove(case, "an", "bo")
    assert builders.open_names(case) == ["an"]
    assert hands(case) == ["an"]


def test_only_who_added_them_takes_them_back_or_a_keeper(office: Office) -> None:
    case = office.open(step("a", mode=Mode.ALL))
    office.add(case, "an", "du", "en")
    assert code_of(lambda: office.remove(case, "bo", "du")) == "not_asker"
    assert code_of(lambda: office.remove(case, "du", "du")) == "not_asker"
    assert code_of(lambda: office.remove(case, "an", "bo")) == "not_added"
    office.grant("asker", KEEPER)
    assert code_of(lambda: office.remove(case, "asker", "du")) == "not_asker", "not on one's own"
    office.grant("fu", KEEPER)
    assert office.remove(case, "fu", "du").changed


def test_a_part_handed_over_takes_along_whom_was_added(office: Office) -> None:
    case = office.open(ONE)
    office.add(case, "an", "du", before=False)
    office.hand(case, "an", "bo")
    assert code_of(lambda: office.remove(case, "an", "du")) == "not_asker"
    office.agree(case, "bo")
    assert hands(case) == ["du"]
    assert office.agree(case, "du").agreed


def test_an_added_part_is_handed_over_too(office: Office) -> None:
    case = office.open(ONE)
    office.add(case, "an", "du")
    office.hand(case, "du", "en")
    seat = Seat.objects.get(person=office.people["en"])
    assert (seat.origin, seat.asked_by.person.name) == (Origin.BEFORE, "an")
    office.agree(case, "en")
    assert hands(case) == ["an"]


def test_what_is_handed_over_is_that_colleagues_alone(office: Office) -> None:
    case = office.open(ONE)
    with bus.captured() as news:
        assert office.hand(case, "an", "du", comment="请您看").changed
    assert not office.hand(case, "an", "du").changed
    assert [type(each) for each in news] == [HandedOver]
    assert told(case, ActKind.HAND_OVER) == [("an", "", "du")]
    assert hands(case) == ["du"]
    assert code_of(lambda: office.agree(case, "an")) == "not_holder"
    assert office.agree(case, "du").agreed


def test_nothing_is_handed_or_added_to_the_asker_or_who_cannot_decide(office: Office) -> None:
    case = office.open(step("a"))
    office.suspend("en")
    office.leaves("fu")
    for draw in (office.hand, office.add):
        assert code_of(lambda d=draw: d(case, "an", "asker")) == "own_request"
        assert code_of(lambda d=draw: d(case, "an", "stranger")) == "no_colleague"
        assert code_of(lambda d=draw: d(case, "an", "en")) == "no_colleague"
        assert code_of(lambda d=draw: d(case, "an", "fu")) == "no_colleague"
        assert code_of(lambda d=draw: d(case, "an", "bo")) == "seated"
    assert not office.hand(case, "an", "an").changed
    assert code_of(lambda: office.add(case, "an")) == "person_missing"


def test_nobody_is_asked_twice_in_one_step(office: Office) -> None:
    case = office.open(step("a", mode=Mode.ALL))
    office.agree(case, "bo")
    assert code_of(lambda: office.hand(case, "an", "bo")) == "seated"
    office.add(case, "an", "du")
    assert code_of(lambda: office.add(case, "cai", "du")) == "seated"


def test_how_many_are_drawn_in_is_bounded(office: Office) -> None:
    case = office.open(ONE)
    actor = office.actor("an")
    many = [office.hire(f"m{i}").pk for i in range(11)]
    assert (
        code_of(
            lambda: sharing.add(actor=actor, case_id=case.pk, person_ids=many, before=True, at=AT)
        )
        == "too_many"
    )


def test_a_keeper_names_who_decides_where_nobody_does(office: Office) -> None:
    office.grant("du", KEEPER)
    office.grant("en", KEEPER)
    case = office.open(step("a", people("n-never")))
    assert hands(case) == ["du", "en"]
    for act in (office.agree, office.send_back):
        assert code_of(lambda a=act: a(case, "du")) == "name_somebody"
    assert code_of(lambda: office.add(case, "du", "fu")) == "name_somebody"
    office.hand(case, "du", "en")
    assert hands(case) == ["en"], "also another keeper, who then decides like anybody"
    assert office.agree(case, "en").agreed


def test_where_all_must_agree_the_one_a_keeper_named_suffices(office: Office) -> None:
    office.grant("du", KEEPER)
    case = office.open(step("a", people("n-never"), mode=Mode.ALL))
    office.hand(case, "du", "fu")
    assert office.agree(case, "fu").agreed
