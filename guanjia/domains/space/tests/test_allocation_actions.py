"""Asking for offices, choosing rooms, handing them over; what is refused, with whose article."""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.db import IntegrityError, transaction

from guanjia.domains.space.actions import allocations, clearances, granting, handing_over
from guanjia.domains.space.actions.timelines import hold
from guanjia.domains.space.models import Allocation, Clearance, Holding
from guanjia.domains.space.queries import allocations as reading
from guanjia.domains.space.terms.allocations import (
    AllocationMethod,
    AllocationState,
    LettingOut,
)
from guanjia.domains.space.terms.clearances import ClearanceReason, ClearanceState
from guanjia.domains.space.terms.ledger import Basis, RoomState
from guanjia.domains.space.tests import allotting
from guanjia.domains.space.tests.allotting import DAY, LOAN_LAST, PNG, loan_wish, wish
from guanjia.domains.space.tests.builders import AT, TODAY, City
from guanjia.kernel.approvals.actions import deciding
from guanjia.kernel.audit.models import Record
from guanjia.kernel.regulations.lawbook import law_at
from guanjia.kernel.regulations.verdict import Finding, Refused
from guanjia.kernel.values.actor import NotAllowed
from guanjia.kernel.vouchers import queries as papers
from guanjia.kernel.vouchers.terms import State

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _place(tmp_path: Any, settings: Any) -> Iterator[None]:
    settings.FILES_ROOT = tmp_path / "files"
    with time_machine.travel(AT, tick=False):
        yield


def refused(caught: Any) -> list[Finding]:
    return list(caught.value.findings)


def codes(caught: Any) -> set[str]:
    return {finding.code for finding in refused(caught)}


def state_of(city: City, number: str, day: date = TODAY) -> str:
    return str(city.room(number).spells.get(during__contains=day).state)


# ── asking ───────────────────────────────────────────────────────────────────────────────


def test_a_request_reckons_the_need_and_goes_to_its_approval(city: City) -> None:
    made = allotting.asked(city)
    # 24 + 2×18 + 20×9 of offices, and service and equipment rooms on top.
    assert made.held_m2 == Decimal(122)
    assert made.entitled_m2 is not None
    assert made.entitled_m2 > Decimal(240)
    assert (made.state, made.number) == (AllocationState.PENDING, "TP202000001")
    need = reading.need_of_allocation(made, day=TODAY, law=law_at(TODAY))
    assert need.free_m2 == made.entitled_m2 - 122


def test_who_asks_for_too_much_is_warned_and_the_approvers_see_it(city: City) -> None:
    made = allotting.asked(city, wish(wanted_m2=Decimal(900)))
    record = Record.objects.get(verb="space.allocation.requested")
    told = str(record.verdict)
    assert "比可配的多" in told
    assert "党政机关办公用房管理办法" in told
    assert allotting.case_of(made).state == "RUNNING"


@pytest.mark.parametrize("way", list(LettingOut))
def test_leasing_and_lending_out_is_refused_with_its_article(city: City, way: LettingOut) -> None:
    with pytest.raises(Refused) as caught:
        allotting.asked(city, wish(way=way))
    (finding,) = refused(caught)
    assert finding.code == "let_out"
    assert way.label in finding.headline
    assert finding.cite is not None
    assert finding.cite.article
    assert "交回" in finding.sentence
    assert not Allocation.objects.exists()


def test_a_later_way_says_why_the_earlier_ones_will_not_do(city: City) -> None:
    with pytest.raises(Refused) as caught:
        allotting.asked(city, wish(way=AllocationMethod.RENT))
    assert codes(caught) == {"earlier_way"}
    made = allotting.asked(
        city,
        wish(
            way=AllocationMethod.RENT,
            refusals={
                AllocationMethod.REALLOCATE: "没有相邻的空房",
                AllocationMethod.SWAP: "没有单位愿意置换",
            },
        ),
    )
    told = [(way.way, way.refusal, way.told_by_id) for way in made.ways.all()]
    me = city.people["clerk"].pk
    assert told == [("REALLOCATE", "没有相邻的空房", me), ("SWAP", "没有单位愿意置换", me)]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"last_on": None}, "no_end"),
        ({"since_on": None}, "no_beginning"),
        ({"last_on": TODAY - DAY}, "ends_before"),
        ({"last_on": TODAY + timedelta(days=800)}, "loan_long"),
        ({"reason": " "}, "reason_missing"),
        ({"wanted_m2": Decimal(0)}, "no_area"),
        ({"persons": {}}, "nobody"),
        ({"back": (10**9,)}, "not_held"),
    ],
)
def test_a_request_that_cannot_be_is_refused(
    city: City, changes: dict[str, Any], code: str
) -> None:
    with pytest.raises(Refused) as caught:
        allotting.asked(city, loan_wish(**changes))
    assert code in codes(caught)


def test_a_clerk_asks_for_no_other_unit(city: City) -> None:
    with pytest.raises(Exception, match="does not exist"):
        allotting.asked(city, by="stranger")
    with pytest.raises(NotAllowed):
        allotting.asked(city, by="inspector")


def test_a_returned_request_is_mended_and_sent_again(city: City) -> None:
    made = allotting.asked(city)
    case = allotting.case_of(made)
    deciding.send_back(actor=city.actor("chief"), case_id=case.pk, comment="面积偏大", at=AT)
    made.refresh_from_db()
    assert (made.state, made.state_note) == (AllocationState.RETURNED, "面积偏大")
    allocations.mend(
        actor=city.actor("clerk"), allocation_id=made.pk, asked=wish(wanted_m2=Decimal(18)), at=AT
    )
    made.refresh_from_db()
    assert (made.state, made.wanted_m2) == (AllocationState.PENDING, Decimal(18))
    done = allotting.approve(city, made)
    assert (done.state, done.approved_on) == (AllocationState.AGREED, TODAY)


# ── choosing rooms ───────────────────────────────────────────────────────────────────────


def test_a_grant_holds_the_rooms_and_issues_two_papers(city: City) -> None:
    made = allotting.granted(city, "202")
    assert (made.state, made.paper) == (AllocationState.RESERVED, "景调配〔2020〕001号")
    assert (made.usable_m2, made.place) == (Decimal(18), "市发展中心北苑常委楼2层 1 间")
    holding = Holding.objects.get(room=city.room("202"))
    assert (holding.unit_id, holding.basis, holding.paper, holding.during.upper) == (
        city.units["farming"].pk, Basis.ALLOTTED, made.paper, None,
    )  # fmt: skip
    assert {paper.numbered for paper in papers.of(made)} == {
        "景调配〔2020〕001号", "景用房协〔2020〕001号",
    }  # fmt: skip
    assert state_of(city, "202") == RoomState.VACANT, "nobody moved in yet"


def test_rooms_beyond_what_is_approved_are_refused_with_the_article(city: City) -> None:
    few = dict.fromkeys(allotting.STAFF, 1)
    made = allotting.agreed(city, wish(persons=few))
    with pytest.raises(Refused) as caught:
        allotting.grant(city, made, "201", "202", "204")
    (finding,) = refused(caught)
    assert finding.code == "over_entitlement"
    assert finding.cite is not None
    assert finding.cite.article


def test_a_room_in_use_or_held_ahead_is_not_given(city: City) -> None:
    made = allotting.agreed(city)
    with pytest.raises(Refused) as caught:
        allotting.grant(city, made, "105")
    assert codes(caught) == {"not_empty"}
    other = city.units["other"]
    hold(
        room=city.room("202"), unit=other, since=date(2020, 9, 1), until=date(2020, 10, 1),
        basis=Basis.LOAN,
    )  # fmt: skip
    with pytest.raises(Refused) as caught:
        allotting.grant(city, made, "202")
    (finding,) = refused(caught)
    assert finding.headline == "常委楼 202 已给市教育局，2020年9月1日至2020年9月30日。"
    assert [option.label for option in finding.options][:1] == ["常委楼 204（40.0 ㎡）"]
    assert not allotting.wish().back
    assert made.state == AllocationState.AGREED


def test_a_loan_before_somebody_elses_beginning_is_given(city: City) -> None:
    hold(room=city.room("202"), unit=city.units["other"], since=date(2020, 9, 1),
         basis=Basis.ALLOTTED)  # fmt: skip
    made = allotting.granted(city, "202", what=loan_wish(last_on=LOAN_LAST))
    assert made.paper == "景借调〔2020〕001号"
    holding = Holding.objects.get(room=city.room("202"), unit=city.units["farming"])
    assert (holding.during.lower, holding.during.upper, holding.basis) == (
        TODAY, date(2020, 9, 1), Basis.LOAN,
    )  # fmt: skip


@pytest.mark.pg15
def test_the_database_itself_forbids_a_second_holder(city: City) -> None:
    allotting.granted(city, "202")
    with pytest.raises(IntegrityError, match="held_by_one_unit"), transaction.atomic():
        hold(room=city.room("202"), unit=city.units["other"], since=date(2021, 1, 1),
             until=date(2021, 2, 1), basis=Basis.LOAN)  # fmt: skip


def test_other_rooms_replace_the_papers(city: City) -> None:
    made = allotting.granted(city, "202")
    granting.choose_again(
        actor=city.actor("keeper"), allocation_id=made.pk, reason="要朝南的", at=AT
    )
    assert not Holding.objects.filter(room=city.room("202")).exists()
    assert {paper.state(TODAY) for paper in papers.of(made)} == {State.VOID}, "nobody's room"
    made.refresh_from_db()
    assert (made.paper, made.place, made.granted_at) == ("", "", None)
    again = allotting.grant(city, made, "201")
    assert again.paper == "景调配〔2020〕002号"
    states = {paper.numbered: paper.state(TODAY) for paper in papers.of(again)}
    assert states["景调配〔2020〕001号"] == State.REPLACED
    assert states["景调配〔2020〕002号"] == State.VALID


def test_called_off_before_the_move_the_rooms_are_free_and_the_papers_void(city: City) -> None:
    made = allotting.granted(city, "202")
    with pytest.raises(Refused):
        allocations.call_off(
            actor=city.actor("clerk"), allocation_id=made.pk, reason="不要了", at=AT
        )
    allocations.call_off(
        actor=city.actor("keeper"), allocation_id=made.pk, reason="机构撤并", at=AT
    )
    assert not Holding.objects.filter(room=city.room("202")).exists()
    assert {paper.state(TODAY) for paper in papers.of(made)} == {State.VOID}


def test_a_lease_needs_the_approval_it_needs(city: City) -> None:
    refusals = {AllocationMethod.REALLOCATE: "没有空房", AllocationMethod.SWAP: "没有可换的"}
    made = allotting.agreed(city, wish(way=AllocationMethod.RENT, refusals=refusals))
    with pytest.raises(Refused) as caught:
        allotting.grant(city, made, "202")
    assert codes(caught) == {"outside"}
    facts: dict[str, Any] = {
        "actor": city.actor("keeper"), "allocation_id": made.pk, "place": "瓷都大道 88 号",
        "gross_m2": Decimal(400), "since_on": TODAY, "at": AT,
    }  # fmt: skip
    with pytest.raises(Refused) as caught:
        granting.grant_outside(document=" ", **facts)
    (finding,) = refused(caught)
    assert (finding.code, finding.cite and finding.cite.article) == ("no_document", "第二十三条")
    done = granting.grant_outside(document="景府办〔2020〕9号", **facts)
    assert (done.state, done.paper) == (AllocationState.IN_USE, "景调配〔2020〕001号")


# ── handing over, the old rooms, the end ─────────────────────────────────────────────────


def test_handed_over_with_a_signature_the_old_rooms_are_due_in_a_month(city: City) -> None:
    back = (city.room("104").pk,)
    made = allotting.granted(city, "204", what=wish(back=back))
    with pytest.raises(Refused) as caught:
        handing_over.hand_over(
            actor=city.actor("clerk"), allocation_id=made.pk, on=TODAY, receiver="",
            signature=None, at=AT,
        )  # fmt: skip
    assert codes(caught) == {"no_receiver", "signature_missing"}
    done = handing_over.hand_over(
        actor=city.actor("clerk"), allocation_id=made.pk, on=TODAY, receiver="莫兴",
        signature=PNG, at=AT,
    )  # fmt: skip
    assert (done.state, done.handed_over_on) == (AllocationState.IN_USE, TODAY)
    assert state_of(city, "204") == RoomState.IN_USE
    clearance = Clearance.objects.get(allocation=done)
    assert (clearance.reason, clearance.begins_on, clearance.due_on) == (
        ClearanceReason.NEW_FOR_OLD, TODAY, date(2020, 6, 20),
    )  # fmt: skip
    assert state_of(city, "104") == RoomState.CLEARING


def test_a_loan_is_made_longer_with_a_paper_of_its_own(city: City) -> None:
    loan = allotting.handed_over(city, "202", what=loan_wish())
    with pytest.raises(Refused) as caught:
        allocations.extend(
            actor=city.actor("clerk"), allocation_id=loan.pk, last_on=LOAN_LAST, reason="x", at=AT
        )
    assert "ends_before" in codes(caught)
    more = allocations.extend(
        actor=city.actor("clerk"), allocation_id=loan.pk, last_on=date(2020, 12, 31),
        reason="普查延期", at=AT,
    )  # fmt: skip
    with pytest.raises(Refused) as caught:
        allocations.extend(
            actor=city.actor("clerk"), allocation_id=loan.pk, last_on=date(2020, 12, 31),
            reason="再延", at=AT,
        )  # fmt: skip
    assert codes(caught) == {"extended_already"}
    more = allotting.approve(city, more)
    done = granting.grant_extension(actor=city.actor("keeper"), allocation_id=more.pk, at=AT)
    assert (done.paper, done.since_on) == ("景借调〔2020〕002号", LOAN_LAST + DAY)
    loan.refresh_from_db()
    assert (loan.state, loan.ended_on) == (AllocationState.ENDED, LOAN_LAST)
    held = list(Holding.objects.filter(room=city.room("202")).order_by("during"))
    assert [each.during.upper for each in held] == [LOAN_LAST + DAY, date(2021, 1, 1)]


def test_an_extension_that_comes_late_calls_the_clearance_off(city: City) -> None:
    loan = allotting.handed_over(city, "202", what=loan_wish())
    late = AT.replace(month=9, day=2)
    clearances.end_loans(actor=city.actor("keeper"), at=late)
    assert Clearance.objects.get().state == ClearanceState.OPEN
    more = allocations.extend(
        actor=city.actor("clerk"), allocation_id=loan.pk, last_on=date(2020, 12, 31),
        reason="普查延期", at=late,
    )  # fmt: skip
    allotting.approve(city, more, at=late)
    granting.grant_extension(actor=city.actor("keeper"), allocation_id=more.pk, at=late)
    assert Clearance.objects.get().state == ClearanceState.CALLED_OFF
    assert state_of(city, "202", late.date()) == RoomState.IN_USE


def test_what_a_ledger_told_of_can_be_ended(city: City) -> None:
    made = Allocation.objects.create(
        number="TP1", paper="景借调〔2019〕001号", unit=city.units["farming"],
        way=AllocationMethod.LOAN, state=AllocationState.RECORDED, approved_on=date(2019, 3, 1),
        since_on=date(2019, 4, 1), last_on=date(2020, 3, 31), gross_m2=Decimal(54),
    )  # fmt: skip
    allocations.end_recorded(
        actor=city.actor("keeper"), allocation_id=made.pk, on=date(2020, 3, 31), at=AT
    )
    made.refresh_from_db()
    assert (made.state, made.ended_on) == (AllocationState.ENDED, date(2020, 3, 31))
