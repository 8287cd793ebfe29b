"""或签, 会签 of all or a share, 依次, 一人办."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guanjia.kernel.approvals import moving
from guanjia.kernel.approvals.models import CaseStep, Seat
from guanjia.kernel.approvals.routes import people
from guanjia.kernel.approvals.terms import ActKind, CaseState, Mode, Origin, SeatState
from guanjia.kernel.approvals.tests import builders
from guanjia.kernel.approvals.tests.builders import (
    Office,
    code_of,
    hands,
    kinds,
    seats,
    state,
    step,
)

pytestmark = pytest.mark.django_db
FOUR = people("n-an", "n-bo", "n-cai", "n-du")


@pytest.fixture
def office() -> Office:
    return builders.office()


def test_of_those_who_may_decide_the_first_decides(office: Office) -> None:
    case = office.open(step("a", mode=Mode.ANY))
    assert office.agree(case, "bo").agreed
    assert code_of(lambda: office.agree(case, "an")) == "already_decided"


def test_where_one_person_decides_it_is_the_first_of_the_list(office: Office) -> None:
    case = office.open(step("a", people("n-asker", "n-cai", "n-an"), mode=Mode.ONE))
    assert hands(case) == ["cai"], "the applicant is passed over"
    assert office.agree(case, "cai").agreed


def test_all_of_them_must_agree(office: Office) -> None:
    case = office.open(step("a", mode=Mode.ALL))
    assert hands(case) == ["an", "bo", "cai"]
    for name in ("bo", "an"):
        assert not office.agree(case, name).agreed
    assert hands(case) == ["cai"]
    assert not office.agree(case, "an").changed, "a double click counts once"
    assert office.agree(case, "cai").agreed


def test_where_all_must_agree_one_sends_it_back(office: Office) -> None:
    case = office.open(step("a", mode=Mode.ALL))
    office.agree(case, "an")
    office.send_back(case, "bo")
    assert state(case) == CaseState.RETURNED
    assert code_of(lambda: office.agree(case, "cai")) == "already_decided"


def test_a_share_suffices_and_who_is_left_need_not_decide(office: Office) -> None:
    case = office.open(step("a", FOUR, mode=Mode.ALL, share=50))
    office.agree(case, "an")
    assert office.agree(case, "du").agreed
    states = Seat.objects.filter(step__case=case).order_by("place").values_list("state", flat=True)
    assert list(states) == [
        SeatState.AGREED,
        SeatState.DROPPED,
        SeatState.DROPPED,
        SeatState.AGREED,
    ]


def test_who_disagrees_is_heard_and_the_share_can_still_be_reached(office: Office) -> None:
    case = office.open(step("a", FOUR, mode=Mode.ALL, share=50))
    office.send_back(case, "an", comment="不妥")
    office.send_back(case, "bo", comment="也不妥")
    assert (state(case), hands(case)) == (CaseState.RUNNING, ["cai", "du"])
    assert kinds(case) == [ActKind.SUBMIT, ActKind.OBJECT, ActKind.OBJECT]
    office.agree(case, "cai")
    assert office.agree(case, "du").agreed


def test_who_makes_the_share_impossible_sends_it_back(office: Office) -> None:
    case = office.open(step("a", FOUR, mode=Mode.ALL, share=75))
    office.send_back(case, "an")
    assert state(case) == CaseState.RUNNING
    office.send_back(case, "cai", comment="够了")
    assert state(case) == CaseState.RETURNED
    assert kinds(case) == [ActKind.SUBMIT, ActKind.OBJECT, ActKind.RETURN]


def test_after_objections_it_can_be_taken_back_and_asked_anew(office: Office) -> None:
    case = office.open(step("a", FOUR, mode=Mode.ALL, share=50))
    office.send_back(case, "an")
    office.withdraw(case)
    office.resubmit(case)
    assert hands(case) == ["an", "bo", "cai", "du"]


def test_whom_an_objector_added_to_follow_need_not_decide(office: Office) -> None:
    case = office.open(step("a", FOUR, mode=Mode.ALL, share=50))
    office.add(case, "an", "en", before=False)
    office.send_back(case, "an")
    assert builders.open_names(case) == ["bo", "cai", "du"]


@given(st.integers(1, 60), st.integers(1, 100))
def test_a_share_is_rounded_up_and_never_nobody(voters: int, share: int) -> None:
    table = moving.Table.__new__(moving.Table)
    table.step = CaseStep(share=share)
    table.seats = table.tops = [
        Seat(origin=Origin.ROUTE, state=SeatState.ACTIVE) for _ in range(voters)
    ]
    wanted = table.wanted()
    assert 1 <= wanted <= voters
    assert wanted * 100 >= voters * share, "never fewer than the share"
    assert (wanted - 1) * 100 < voters * share, "nor one more than needed"
    assert math.ceil(voters * share / 100) in (wanted, wanted + 1, wanted - 1)


def test_one_after_the_other(office: Office) -> None:
    case = office.open(step("a", people("n-bo", "n-an", "n-cai"), mode=Mode.TURN))
    assert seats(case) == [("bo", "ACTIVE"), ("an", "AHEAD"), ("cai", "AHEAD")]
    assert code_of(lambda: office.agree(case, "an")) == "not_yet"
    office.agree(case, "bo")
    assert hands(case) == ["an"]
    office.agree(case, "an")
    assert hands(case) == ["cai"]
    assert office.agree(case, "cai").agreed


def test_in_turn_whoever_is_handed_it_stands_in_the_same_place(office: Office) -> None:
    case = office.open(step("a", people("n-bo", "n-an", "n-cai"), mode=Mode.TURN))
    office.agree(case, "bo")
    office.hand(case, "an", "du")
    assert seats(case)[1:] == [("an", "HANDED"), ("du", "ACTIVE"), ("cai", "AHEAD")]
    office.agree(case, "du")
    assert hands(case) == ["cai"]


def test_in_turn_who_was_added_to_follow_comes_before_the_next(office: Office) -> None:
    case = office.open(step("a", people("n-bo", "n-an"), mode=Mode.TURN))
    office.add(case, "bo", "du", before=False)
    office.agree(case, "bo")
    assert hands(case) == ["du"]
    office.agree(case, "du")
    assert hands(case) == ["an"]


def test_in_turn_the_next_takes_the_place_of_who_may_no_longer(office: Office) -> None:
    case = office.open(step("a", people("n-bo", "n-an", "n-cai"), mode=Mode.TURN))
    office.suspend("bo")
    assert hands(case) == ["an"]
    assert ("bo", "REMOVED") in seats(case)
