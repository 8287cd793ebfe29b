"""What the database refuses, whatever Python believes."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from guanjia.kernel.approvals.models import Act, Case, CaseStep, Delegation, Edition, Seat
from guanjia.kernel.approvals.routes import duty
from guanjia.kernel.approvals.terms import CaseState, Origin, SeatState, StepState
from guanjia.kernel.approvals.tests import builders
from guanjia.kernel.approvals.tests.builders import AT, DAY, HEAD, Office, active, lend, step

pytestmark = [pytest.mark.django_db, pytest.mark.pg15]


@pytest.fixture
def office() -> Office:
    return builders.office()


@contextmanager
def refused(match: str) -> Iterator[None]:
    """The statements fail, at the latest when the transaction would end."""
    try:
        with transaction.atomic():
            yield
            with connection.cursor() as cursor:
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")
    except DatabaseError as error:
        assert match in str(error)  # noqa: PT017 — the block is the caller's
    else:
        raise AssertionError(f"nothing said: {match}")


def test_the_applicant_gets_no_seat_by_any_way(office: Office) -> None:
    case = office.open(step("a"))
    asker = office.people["asker"]
    with refused("the applicant cannot decide"):
        Seat.objects.create(
            step=active(case), visit=1, place=9, person=asker, origin=Origin.ROUTE, state="ACTIVE"
        )
    with refused("the applicant cannot decide"):
        Seat.objects.filter(step=active(case)).update(person=asker)
    with refused("the applicant cannot decide"):
        Case.objects.filter(pk=case.pk).update(applicant=office.people["an"])
    Case.objects.filter(pk=case.pk).update(applicant=office.people["du"])


@pytest.mark.parametrize(
    "leave",
    [
        lambda case: Seat.objects.filter(step__case=case).update(state=SeatState.DROPPED),
        lambda case: CaseStep.objects.filter(case=case, position=0).update(state=StepState.AGREED),
        lambda case: CaseStep.objects.filter(case=case, position=0).update(state=StepState.AHEAD),
    ],
    ids=["seats", "step agreed", "step ahead"],
)
def test_no_running_case_is_left_waiting_for_nobody(
    office: Office, leave: Callable[[Case], Any]
) -> None:
    case = office.open(step("a"), step("b", duty(HEAD)))
    with refused("runs and waits for nobody"):
        leave(case)


def test_no_case_begins_without_somebody_to_decide(office: Office) -> None:
    with refused("runs and waits for nobody"):
        Case.objects.create(
            route="tests.raw", route_title="x", version=1, subject_type="org.unit",
            subject_id=office.subject.pk, subject_label="x", unit=office.bureau,
            state=CaseState.RUNNING, opened_at=AT,
        )  # fmt: skip


@pytest.mark.parametrize(
    ("end", "wrong"),
    [
        ("AGREED", "WITHDRAWN"),
        ("AGREED", "RETURNED"),
        ("STOPPED", "RUNNING"),
        ("WITHDRAWN", "AGREED"),
        ("RETURNED", "AGREED"),
    ],
)
def test_a_case_keeps_to_its_life(office: Office, end: str, wrong: str) -> None:
    case = office.open(step("a"))
    {
        "AGREED": lambda: office.agree(case, "an"),
        "STOPPED": lambda: office.stop(case, "an"),
        "WITHDRAWN": lambda: office.withdraw(case),
        "RETURNED": lambda: office.send_back(case, "an"),
    }[end]()
    with refused("Invalid transition"):
        Case.objects.filter(pk=case.pk).update(state=wrong)


@pytest.mark.parametrize(("was", "wrong"), [("AGREED", "ACTIVE"), ("HANDED", "AGREED")])
def test_a_seat_keeps_to_its_life(office: Office, was: str, wrong: str) -> None:
    case = office.open(step("a"), step("b", duty(HEAD)))
    office.hand(case, "an", "du")
    office.agree(case, "bo")
    assert Seat.objects.filter(state=was).exists()
    with refused("Invalid transition"):
        Seat.objects.filter(state=was).update(state=wrong)


def test_two_steps_are_never_active_nor_one_person_twice_on_a_step(office: Office) -> None:
    case = office.open(step("a"), step("b", duty(HEAD)))
    with refused("approvals_one_step_is_active"):
        CaseStep.objects.filter(case=case).update(state=StepState.ACTIVE)
    seat = Seat.objects.filter(step__case=case).first()
    assert seat is not None
    with refused("approvals_one_open_seat_per_person_and_step"):
        Seat.objects.create(
            step=seat.step, visit=1, place=8, person=seat.person, origin="ROUTE", state="AHEAD"
        )
    with refused("approvals_added_seat_names_who_added_it"):
        Seat.objects.create(
            step=seat.step, visit=1, place=8, person=office.people["du"], origin="BEFORE",
            state="AHEAD",
        )  # fmt: skip
    with refused("approvals_share_is_a_share"):
        CaseStep.objects.filter(case=case).update(share=0)


def test_one_request_has_one_case_on_a_route(office: Office) -> None:
    case = office.open(step("a"))
    with refused("approvals_case_one_per_subject_and_route"):
        Case.objects.create(
            route=case.route, route_title="x", version=1, subject_type=case.subject_type,
            subject_id=case.subject_id, subject_label="x", unit=office.bureau,
            state=CaseState.WITHDRAWN, opened_at=AT,
        )  # fmt: skip


def test_what_was_done_is_never_rewritten(office: Office) -> None:
    office.open(step("a"))
    with refused("append_only"):
        Act.objects.update(comment="x")
    with refused("append_only"):
        Act.objects.all().delete()


def test_an_edition_stays_as_it_was_kept(office: Office) -> None:
    office.open(step("a"))
    with refused("Cannot update"):
        Edition.objects.update(steps=[])
    with refused("Cannot delete"):
        Edition.objects.all().delete()
    with refused("Invalid transition"):
        Edition.objects.update(state="DRAFT")
    kept = Edition.objects.get()
    again = {"route": kept.route, "title": "x", "steps": [], "made_at": AT, "made_by_name": "x"}
    with refused("approvals_one_edition_is_in_force"):
        Edition.objects.create(number=2, state="IN_FORCE", **again)
    with refused("approvals_edition_has_its_number"):
        Edition.objects.create(number=1, state="DRAFT", **again)
    Edition.objects.create(number=2, state="DRAFT", **again)
    with refused("approvals_one_draft_per_route"):
        Edition.objects.create(number=3, state="DRAFT", **again)


def test_a_delegation_has_its_days_and_its_two_people(office: Office) -> None:
    lent = lend(office, "an", "du")
    same = {"principal": lent.principal, "delegate": lent.delegate, "reason": "x", "made_at": AT}
    today = AT.date()
    with refused("approvals_one_stand_in_at_a_time"):
        Delegation.objects.create(since=today + 4 * DAY, until=today + 9 * DAY, **same)
    with refused("approvals_delegation_ends_after_it_begins"):
        Delegation.objects.create(since=today + 9 * DAY, until=today + 9 * DAY, **same)
    with refused("approvals_nobody_stands_in_for_themselves"):
        Delegation.objects.create(
            since=today + 9 * DAY, until=today + 12 * DAY, **{**same, "delegate": lent.principal}
        )
    Delegation.objects.create(since=today + 5 * DAY, until=today + 9 * DAY, **same)


def test_nothing_a_case_hangs_on_is_deleted_under_it(office: Office) -> None:
    office.open(step("a"))
    with pytest.raises(Exception, match="protected"):
        office.people["an"].delete()
    with pytest.raises(Exception, match="protected"):
        office.bureau.delete()
