"""What comes late or by halves: rooms not back when the next begins, extensions sent back."""

from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from guanjia.domains.space.actions import (
    allocation_reminding,
    allocations,
    clearances,
    granting,
    handing_over,
)
from guanjia.domains.space.models import Allocation, Clearance, Holding
from guanjia.domains.space.queries import allocations as reading
from guanjia.domains.space.terms.allocations import AllocationMethod, AllocationState
from guanjia.domains.space.terms.clearances import ClearanceReason
from guanjia.domains.space.terms.ledger import RoomState
from guanjia.domains.space.tests import allotting
from guanjia.domains.space.tests.allotting import DAY, LOAN_LAST, PNG, STAFF, loan_wish, wish
from guanjia.domains.space.tests.builders import AT, TODAY, City
from guanjia.kernel.approvals.actions import deciding, opening
from guanjia.kernel.audit.models import Record
from guanjia.kernel.org.terms import Rank
from guanjia.kernel.regulations.verdict import Refused
from guanjia.kernel.vouchers import queries as papers
from guanjia.kernel.vouchers.terms import State

pytestmark = pytest.mark.django_db
ASKED = "space.allocation.requested"
LATE = AT.replace(month=9, day=2)


@pytest.fixture(autouse=True)
def _place(tmp_path: Any, settings: Any) -> Iterator[None]:
    settings.FILES_ROOT = tmp_path / "files"
    with time_machine.travel(AT, tick=False):
        yield


def receive(city: City, made: Allocation, at: datetime) -> Allocation:
    return handing_over.hand_over(
        actor=city.actor("keeper"), allocation_id=made.pk, on=at.date(), receiver="莫兴",
        signature=PNG, at=at,
    )  # fmt: skip


def longer(city: City, loan: Allocation) -> Allocation:
    return allocations.extend(
        actor=city.actor("clerk"), allocation_id=loan.pk, last_on=date(2020, 12, 31),
        reason="普查延期", at=AT,
    )  # fmt: skip


def cleared(city: City, made: Clearance, at: datetime) -> None:
    day = at.date()
    clearances.hand_back(actor=city.actor("clerk"), clearance_id=made.pk, on=day, at=at)
    clearances.accept(actor=city.actor("keeper"), clearance_id=made.pk, on=day, at=at)


def two_loans_of_one_room(city: City) -> tuple[Allocation, Allocation]:
    """One unit until the end of August, another from September on; both chosen while it was
    empty, the first has moved in."""
    first = allotting.granted(city, "202", what=loan_wish())
    since, last = LOAN_LAST + DAY, date(2020, 12, 31)
    wanted = loan_wish(since_on=since, last_on=last, persons=STAFF)
    second = allotting.granted(city, "202", what=wanted, unit="other", by="stranger")
    return receive(city, first, AT), second


def test_a_room_that_is_not_empty_yet_is_not_handed_over(city: City) -> None:
    _, second = two_loans_of_one_room(city)
    (made,) = clearances.end_loans(actor=city.actor("keeper"), at=LATE)
    with pytest.raises(Refused) as caught:
        receive(city, second, LATE)
    (finding,) = caught.value.findings
    assert (finding.code, "腾退中" in finding.text()) == ("not_empty", True)
    cleared(city, made, LATE)
    assert receive(city, second, LATE).state == AllocationState.IN_USE


def test_taking_rooms_back_late_leaves_them_to_whoever_holds_them_since(city: City) -> None:
    _, second = two_loans_of_one_room(city)
    (made,) = clearances.end_loans(actor=city.actor("keeper"), at=LATE)
    cleared(city, made, LATE)
    held = Holding.objects.on(LATE.date()).get(room=city.room("202"))
    assert (held.unit_id, held.paper) == (second.unit_id, second.paper)


@pytest.mark.parametrize("how", ["sent back", "taken back"])
def test_an_extension_that_is_not_under_way_does_not_keep_a_loan_from_its_end(
    city: City, how: str
) -> None:
    loan = allotting.handed_over(city, "202", what=loan_wish())
    case = allotting.case_of(longer(city, loan))
    assert clearances.end_loans(actor=city.actor("keeper"), at=LATE) == [], "it waits"
    if how == "sent back":
        deciding.send_back(actor=city.actor("chief"), case_id=case.pk, comment="到期交回", at=AT)
    else:
        opening.withdraw(actor=city.actor("clerk"), case_id=case.pk, at=AT)
    assert allocation_reminding.remind(actor=city.actor("keeper"), at=LATE)[0] == 1
    assert len(clearances.end_loans(actor=city.actor("keeper"), at=LATE)) == 1
    returned = Allocation.objects.get(extends=loan)
    with pytest.raises(Refused, match="续借不能修改"):
        allocations.mend(
            actor=city.actor("clerk"), allocation_id=returned.pk, asked=loan_wish(), at=AT
        )
    with pytest.raises(Refused, match="先取消它，再申请"):
        longer(city, loan)


def test_an_extension_leaves_out_the_rooms_that_went_back_before(city: City) -> None:
    loan = allotting.handed_over(city, "201", "202", what=loan_wish(wanted_m2=42))
    one = clearances.open_clearance(
        actor=city.actor("keeper"), unit_id=loan.unit_id, reason=ClearanceReason.OVER,
        room_ids=[city.room("201").pk], begins_on=TODAY, at=AT,
    )  # fmt: skip
    cleared(city, one, AT)
    more = allotting.approve(city, longer(city, Allocation.objects.get(pk=loan.pk)))
    done = granting.grant_extension(actor=city.actor("keeper"), allocation_id=more.pk, at=AT)
    assert [row.room for row in reading.given(done)] == [city.room("202")]
    assert not Holding.objects.on(date(2020, 10, 1)).filter(room=city.room("201")).exists()
    assert city.room("201").spells.get(during__contains=TODAY).state == RoomState.VACANT


def test_rooms_that_come_back_before_their_longer_loan_begins_are_free(city: City) -> None:
    loan = allotting.handed_over(city, "202", what=loan_wish())
    more = allotting.approve(city, longer(city, loan))
    more = granting.grant_extension(actor=city.actor("keeper"), allocation_id=more.pk, at=AT)
    early = clearances.open_clearance(
        actor=city.actor("keeper"), unit_id=loan.unit_id, reason=ClearanceReason.OVER,
        room_ids=[city.room("202").pk], begins_on=TODAY, at=AT,
    )  # fmt: skip
    cleared(city, early, AT)
    assert not Holding.objects.filter(room=city.room("202"), during__endswith__gt=TODAY).exists()
    more.refresh_from_db()
    assert (more.state, more.ended_on) == (AllocationState.ENDED, TODAY)
    assert {paper.state(TODAY) for paper in papers.of(more)} <= {State.VOID}


def test_rooms_are_not_given_from_before_the_approval(city: City) -> None:
    made = allotting.agreed(city, wish())
    with pytest.raises(Refused) as caught:
        allotting.grant(city, made, since_on=TODAY - DAY)
    assert [finding.code for finding in caught.value.findings] == ["before_approval"]


def test_who_asks_for_more_people_than_the_unit_has_is_told_to_the_approvers(city: City) -> None:
    unit = city.units["farming"]
    known = reading.people_of(unit=unit, day=TODAY)
    assert known
    made = allotting.asked(city, wish(persons={Rank.BELOW_BUREAU: known + 5}))
    assert "比编制多 5 人" in str(Record.objects.get(on_id=made.pk, verb=ASKED).verdict)
    same = allotting.asked(city, wish(persons={Rank.BELOW_BUREAU: known}))
    assert "比编制多" not in str(Record.objects.get(on_id=same.pk, verb=ASKED).verdict)


def test_what_came_back_late_says_so_ever_after(city: City) -> None:
    made = clearances.open_clearance(
        actor=city.actor("keeper"), unit_id=city.units["farming"].pk, begins_on=date(2020, 3, 2),
        reason=ClearanceReason.LEFT, room_ids=[city.room("102").pk], at=AT,
    )  # fmt: skip
    cleared(city, made, AT)
    client = Client()
    backend = "django.contrib.auth.backends.ModelBackend"
    client.force_login(city.accounts["clerk"], backend=backend)
    page = client.get(reverse("space:clearance", args=[made.pk]))
    assert "逾期 48 天" in page.content.decode()


def test_a_lease_that_is_over_is_written_down_and_its_papers_are_void(city: City) -> None:
    refusals = {AllocationMethod.REALLOCATE: "没有沿街的空房", AllocationMethod.SWAP: "没有愿意的"}
    rent = allotting.agreed(city, wish(way=AllocationMethod.RENT, refusals=refusals))
    granting.grant_outside(
        actor=city.actor("keeper"), allocation_id=rent.pk, place="广场北路 12 号", since_on=TODAY,
        gross_m2=Decimal(75), document="景府办字〔2020〕8号", last_on=TODAY, at=AT,
    )  # fmt: skip
    done = allocations.end_recorded(
        actor=city.actor("keeper"), allocation_id=rent.pk, on=TODAY, at=AT
    )
    assert (done.state, done.ended_on) == (AllocationState.ENDED, TODAY)
    assert {paper.state(TODAY) for paper in papers.of(done)} == {State.VOID}
    stock = allotting.handed_over(city, "202")
    with pytest.raises(Refused, match="不能登记归还"):
        allocations.end_recorded(
            actor=city.actor("keeper"), allocation_id=stock.pk, on=TODAY, at=AT
        )
