"""Giving rooms back: until when, handed back, accepted or sent back; what becomes of papers."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.db import IntegrityError, transaction

from guanjia.domains.space.actions import clearances
from guanjia.domains.space.models import Allocation, Clearance, ClearanceRoom, Holding, Occupant
from guanjia.domains.space.queries import clearances as reading
from guanjia.domains.space.terms.allocations import AllocationState
from guanjia.domains.space.terms.clearances import ClearanceReason, ClearanceState
from guanjia.domains.space.terms.ledger import RoomState
from guanjia.domains.space.tests import allotting
from guanjia.domains.space.tests.allotting import LOAN_LAST, loan_wish
from guanjia.domains.space.tests.builders import AT, TODAY, City
from guanjia.kernel.regulations.verdict import Refused
from guanjia.kernel.values.actor import NotAllowed, Scope
from guanjia.kernel.vouchers import queries as papers
from guanjia.kernel.vouchers.terms import State

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _place(tmp_path: Any, settings: Any) -> Iterator[None]:
    settings.FILES_ROOT = tmp_path / "files"
    with time_machine.travel(AT, tick=False):
        yield


def opened(city: City, *numbers: str, **more: Any) -> Clearance:
    given: dict[str, Any] = {
        "actor": city.actor("keeper"), "unit_id": city.units["farming"].pk,
        "reason": ClearanceReason.LEFT, "begins_on": date(2020, 5, 4), "at": AT,
        "room_ids": [city.room(number).pk for number in numbers or ("102",)],
    }  # fmt: skip
    return clearances.open_clearance(**(given | more))


def back(city: City, clearance: Clearance, **more: Any) -> Clearance:
    given = {"actor": city.actor("clerk"), "clearance_id": clearance.pk, "on": TODAY, "at": AT}
    return clearances.hand_back(**(given | more))


def accepted(city: City, clearance: Clearance, **more: Any) -> Clearance:
    given = {"actor": city.actor("keeper"), "clearance_id": clearance.pk, "on": TODAY, "at": AT}
    return clearances.accept(**(given | more))


@pytest.mark.parametrize(
    ("reason", "due"),
    [
        (ClearanceReason.LEFT, date(2020, 6, 4)),
        (ClearanceReason.POST_ENDED, date(2020, 7, 4)),
        (ClearanceReason.NEW_FOR_OLD, date(2020, 6, 4)),
        (ClearanceReason.REFORMED, date(2020, 8, 4)),
    ],
)
def test_the_reason_says_until_when(city: City, reason: ClearanceReason, due: date) -> None:
    made = opened(city, reason=reason)
    assert (made.due_on, made.state, made.number) == (due, ClearanceState.OPEN, "TT202000001")
    assert city.room("102").spells.get(during__contains=TODAY).state == RoomState.CLEARING
    assert Holding.objects.on(TODAY).filter(room=city.room("102")).exists(), "still theirs"


def test_rooms_come_back_empty_and_held_by_nobody(city: City) -> None:
    made = opened(city)
    assert reading.being_cleared([city.room("102").pk])[city.room("102").pk] == made
    with pytest.raises(Refused):
        accepted(city, made)
    back(city, made)
    done = accepted(city, made)
    assert (done.state, done.accepted_on) == (ClearanceState.DONE, TODAY)
    room = city.room("102")
    assert room.spells.get(during__contains=TODAY).state == RoomState.VACANT
    assert not Holding.objects.on(TODAY).filter(room=room).exists()
    assert not Occupant.objects.on(TODAY).filter(room=room).exists()
    assert not ClearanceRoom.objects.filter(standing=True).exists()


def test_late_is_taken_and_said_and_not_accepted_goes_back(city: City) -> None:
    made = opened(city, begins_on=date(2020, 3, 2))
    assert [each.overdue_days for each in reading.open_on(TODAY)] == [48]
    back(city, made)
    clearances.send_back(
        actor=city.actor("keeper"), clearance_id=made.pk, reason="钥匙没有交齐", at=AT
    )
    made.refresh_from_db()
    assert (made.state, made.state_note) == (ClearanceState.RETURNED, "钥匙没有交齐")
    assert reading.due_soon(scope=Scope.all(), on=TODAY, days=0).count() == 1
    back(city, made)
    assert accepted(city, made).state == ClearanceState.DONE
    assert reading.open_on(TODAY) == []


def test_who_may_what(city: City) -> None:
    with pytest.raises(NotAllowed):
        opened(city, actor=city.actor("clerk"))
    made = opened(city)
    with pytest.raises(Clearance.DoesNotExist):
        back(city, made, actor=city.actor("stranger"))
    with pytest.raises(NotAllowed):
        accepted(city, made, actor=city.actor("clerk"))


@pytest.mark.parametrize(("numbers", "code"), [(("201",), "not_held"), (("203",), "not_held")])
def test_rooms_of_somebody_else_are_not_cleared(
    city: City, numbers: tuple[str, ...], code: str
) -> None:
    with pytest.raises(Refused) as caught:
        opened(city, *numbers)
    assert caught.value.findings[0].code == code


@pytest.mark.pg15
def test_a_room_is_cleared_once_at_a_time(city: City) -> None:
    opened(city)
    other = opened(city, "103")
    with pytest.raises(Refused) as caught:
        opened(city)
    assert caught.value.findings[0].code == "cleared_already"
    with pytest.raises(IntegrityError, match="cleared_once_at_a_time"), transaction.atomic():
        ClearanceRoom.objects.create(
            clearance=other, room=city.room("102"), usable_m2=Decimal(1), standing=True
        )


def test_called_off_the_rooms_are_in_use_again(city: City) -> None:
    made = opened(city)
    clearances.call_off(actor=city.actor("keeper"), clearance_id=made.pk, reason="弄错了", at=AT)
    assert city.room("102").spells.get(during__contains=TODAY).state == RoomState.IN_USE
    assert opened(city).pk != made.pk


def test_a_loan_that_ran_out_opens_one_clearance_however_often_the_job_runs(city: City) -> None:
    loan = allotting.handed_over(city, "202", what=loan_wish())
    assert clearances.end_loans(actor=city.actor("keeper"), at=AT) == []
    late = AT.replace(month=9, day=1)
    (made,) = clearances.end_loans(actor=city.actor("keeper"), at=late)
    assert clearances.end_loans(actor=city.actor("keeper"), at=late) == []
    assert (made.reason, made.begins_on, made.due_on) == (
        ClearanceReason.LOAN_ENDED, LOAN_LAST, date(2020, 9, 7),
    )  # fmt: skip
    day = late.date()
    back(city, made, on=day, at=late)
    accepted(city, made, on=day, at=late)
    loan.refresh_from_db()
    assert (loan.state, loan.ended_on) == (AllocationState.ENDED, day)
    assert {paper.state(day) for paper in papers.of(loan)} == {State.VOID}
    assert clearances.end_loans(actor=city.actor("keeper"), at=late) == []


def test_an_allotment_that_keeps_a_room_gets_another_paper(city: City) -> None:
    made = allotting.handed_over(city, "201", "202")
    one = opened(city, "201", reason=ClearanceReason.OVER, begins_on=TODAY)
    back(city, one)
    accepted(city, one)
    kept = Allocation.objects.get(pk=made.pk)
    assert (kept.state, kept.paper, kept.usable_m2) == (
        AllocationState.IN_USE, "景调配〔2020〕002号", Decimal(18),
    )  # fmt: skip
    assert Holding.objects.on(TODAY).get(room=city.room("202")).paper == kept.paper
    rest = opened(city, "202", reason=ClearanceReason.OVER, begins_on=TODAY)
    back(city, rest)
    accepted(city, rest)
    kept.refresh_from_db()
    assert kept.state == AllocationState.ENDED
    assert State.VALID not in {paper.state(TODAY) for paper in papers.of(kept)}
