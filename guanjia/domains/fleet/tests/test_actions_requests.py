"""Asking for a car: request, change, withdraw, cancel, decide, rate, paper."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from guanjia.domains.fleet import events as fleet_events
from guanjia.domains.fleet.actions import dispatching, journeys, requests
from guanjia.domains.fleet.events import TripApproved, TripCancelled, TripRequested
from guanjia.domains.fleet.models import Trip
from guanjia.domains.fleet.queries import sheets
from guanjia.domains.fleet.terms.trips import Paper, Purpose, TripState
from guanjia.domains.fleet.tests.builders import AT, HOUR, OWN, SECOND, SMALL, SYSTEM, City
from guanjia.kernel.access import actions as access
from guanjia.kernel.access.tests.builders import LONG_AGO
from guanjia.kernel.approvals import queries as approvals
from guanjia.kernel.approvals.actions import deciding
from guanjia.kernel.approvals.models import Case
from guanjia.kernel.approvals.terms import ActKind, CaseState
from guanjia.kernel.audit.models import Record
from guanjia.kernel.calendar import queries as calendar
from guanjia.kernel.events import bus
from guanjia.kernel.org.models import Unit
from guanjia.kernel.registers.models import Remark
from guanjia.kernel.regulations.verdict import Refused, verdict_from_json
from guanjia.kernel.values.actor import NotAllowed, Reach

SATURDAY = AT + timedelta(days=3)


def record(verb: str) -> Record:
    """The one record of a verb."""
    return Record.objects.get(verb=f"fleet.trip.{verb}")


def codes_of(call: Any) -> list[str]:
    """The codes of what a call is refused with."""
    with pytest.raises(Refused) as refused:
        call()
    return [finding.code for finding in refused.value.findings]


def case_of(trip: Trip) -> Case:
    return Case.objects.get(subject_type="fleet.trip", subject_id=trip.pk)


def of_fleet(heard: list[Any]) -> list[Any]:
    """The news of this department; approvals tell their own."""
    return [news for news in heard if type(news).__module__ == fleet_events.__name__]


def kinds(trip: Trip) -> list[str]:
    return [act.kind for act in approvals.history(case_of(trip))]


def fresh(trip: Trip) -> Trip:
    return Trip.objects.get(pk=trip.pk)


# ── asking ──────────────────────────────────────────────────────────────────────────────


def test_a_request_waits_for_its_approval(city: City) -> None:
    with bus.captured() as heard:
        trip = city.requested()
    kept = fresh(trip)
    assert (kept.state, kept.applicant, kept.asked_at) == (
        TripState.PENDING,
        city.person("asker"),
        AT,
    )
    assert kept.number == "PC2020052000001"
    assert of_fleet(heard) == [TripRequested(trip_id=trip.pk)]
    written = record("requested")
    assert written.verdict == {}
    assert written.after["destination"] == "乐平"
    assert written.unit_path == city.units["farming"].path
    assert kinds(trip) == [ActKind.SUBMIT, ActKind.CHECK]
    waiting = approvals.waiting_for(city.actor("approver"))
    assert [seat.step.case.subject_id for seat in waiting] == [trip.pk]


def test_the_rider_is_known_by_name_where_only_one_bears_it(city: City) -> None:
    trip = city.requested(rider_name="贺思")
    assert trip.rider == city.person("colleague")
    assert city.requested(rider_name="外单位客人").rider is None
    assert city.requested(rider_name="洪涛").rider is None, "a namesake of another unit"


def test_numbers_run_without_gaps_although_one_was_refused(city: City) -> None:
    first = city.requested()
    with pytest.raises(Refused):
        city.requested(planned_to=AT)
    second = city.requested()
    assert int(second.number[-5:]) == int(first.number[-5:]) + 1


def test_the_same_form_sent_twice_asks_once(city: City) -> None:
    once, asker = uuid4(), city.actor("asker")
    first = requests.request_trip(actor=asker, facts=city.wish(), once=once, at=AT)
    second = requests.request_trip(actor=asker, facts=city.wish(), once=once, at=AT + HOUR)
    assert first == second
    assert Trip.objects.count() == 1
    assert Record.objects.filter(verb="fleet.trip.requested").count() == 1


def test_a_form_token_of_somebody_else_tells_nothing(city: City) -> None:
    once = uuid4()
    requests.request_trip(actor=city.actor("asker"), facts=city.wish(), once=once, at=AT)
    wish = city.wish(unit_id=city.units["other"].pk)
    assert codes_of(
        lambda: requests.request_trip(actor=city.actor("stranger"), facts=wish, once=once, at=AT)
    ) == ["form_used"]


def test_a_refused_request_leaves_nothing(city: City) -> None:
    with bus.captured() as heard:
        assert codes_of(lambda: city.requested(planned_to=AT, planned_from=AT)) == [
            "ends_before",
            "in_the_past",
        ]
    assert not heard
    assert not Trip.objects.exists()
    assert not Record.objects.filter(verb="fleet.trip.requested").exists()


def test_a_rest_day_goes_to_the_head_with_its_reason(city: City) -> None:
    times = {"planned_from": SATURDAY, "planned_to": SATURDAY + HOUR}
    assert codes_of(lambda: city.requested(**times)) == ["rest_day_reason"]
    trip = city.requested(**times, rest_day_reason="防汛值班")
    assert [step.key for step in case_of(trip).steps.all()] == ["head"]
    judged = verdict_from_json(record("requested").verdict)
    assert [finding.code for finding in judged.warnings] == ["rest_day"]
    assert codes_of(
        lambda: requests.approve_trip(actor=city.actor("approver"), trip_id=trip.pk, at=AT)
    ) == ["not_holder"]
    requests.approve_trip(actor=city.actor("head"), trip_id=trip.pk, at=AT)
    assert fresh(trip).state == TripState.APPROVED


def test_a_working_saturday_is_no_rest_day(city: City) -> None:
    begin = AT.replace(month=5, day=9)  # 调休 after the holidays of May 2020
    assert requests.rest_days(begin, begin + HOUR) == []
    assert requests.rest_days(begin + timedelta(days=1), begin + timedelta(days=1, hours=1))


def test_another_units_own_car_cannot_be_wished_for(city: City) -> None:
    own = city.cars[OWN].pk
    assert codes_of(lambda: city.requested(wished_car_id=own)) == ["lent"]
    assert city.requested(wished_car_id=city.cars[SMALL].pk).wished_car == city.cars[SMALL]


def test_one_asks_for_ones_own_unit_only(city: City) -> None:
    with pytest.raises(Unit.DoesNotExist):
        city.requested(unit_id=city.units["other"].pk)
    with pytest.raises(Unit.DoesNotExist):
        city.requested(unit_id=city.units["city"].pk)
    assert city.requested(unit_id=city.units["section"].pk).unit == city.units["section"]


def test_who_has_no_duty_does_not_ask(city: City) -> None:
    for username in ("driver", "supervisor", "approver"):
        with pytest.raises(NotAllowed):
            city.requested(by=username)


# ── deciding ────────────────────────────────────────────────────────────────────────────


def test_an_approved_request_waits_for_a_car(city: City) -> None:
    trip = city.requested()
    with bus.captured() as heard:
        requests.approve_trip(
            actor=city.actor("approver"), trip_id=trip.pk, comment="同意", at=AT + HOUR
        )
    assert fresh(trip).state == TripState.APPROVED
    assert of_fleet(heard) == [TripApproved(trip_id=trip.pk)]
    assert record("approved").note == "同意"
    assert case_of(trip).state == CaseState.AGREED


def test_a_double_click_approves_once(city: City) -> None:
    trip = city.requested()
    with bus.captured() as heard:
        for _ in range(2):
            requests.approve_trip(actor=city.actor("approver"), trip_id=trip.pk, at=AT)
    assert of_fleet(heard) == [TripApproved(trip_id=trip.pk)]
    assert Record.objects.filter(verb="fleet.trip.approved").count() == 1


def test_the_second_decider_is_told_who_was_first(city: City) -> None:
    trip = city.requested()
    requests.approve_trip(actor=city.actor("approver"), trip_id=trip.pk, at=AT)
    with pytest.raises(Refused, match="邵红已于 5月20日 9:00 同意"):
        requests.return_trip(actor=city.actor("head"), trip_id=trip.pk, comment="不行", at=AT)
    assert fresh(trip).state == TripState.APPROVED


def test_nobody_approves_their_own_request(city: City) -> None:
    approver = city.accounts["approver"]
    access.grant(
        actor=SYSTEM,
        account_id=approver.pk,
        duty="fleet.applicant",
        reach=Reach.OWN,
        since=LONG_AGO,
        at=AT,
    )
    trip = city.requested(by="approver")
    assert codes_of(
        lambda: requests.approve_trip(actor=city.actor("approver"), trip_id=trip.pk, at=AT)
    ) == ["own_request"]
    assert codes_of(
        lambda: requests.return_trip(
            actor=city.actor("approver"), trip_id=trip.pk, comment="x", at=AT
        )
    ) == ["own_request"]


def test_another_units_approver_does_not_even_see_it(city: City) -> None:
    trip = city.requested()
    boss = city.actor("stranger_boss")
    for decide in (
        lambda: requests.approve_trip(actor=boss, trip_id=trip.pk, at=AT),
        lambda: requests.return_trip(actor=boss, trip_id=trip.pk, comment="x", at=AT),
        lambda: requests.hand_over_trip(
            actor=boss, trip_id=trip.pk, person_id=boss.person_id or 0, at=AT
        ),
    ):
        with pytest.raises(Case.DoesNotExist):
            decide()
    assert fresh(trip).state == TripState.PENDING


def test_a_returned_request_is_changed_and_agreed(city: City) -> None:
    trip = city.requested()
    requests.return_trip(
        actor=city.actor("approver"), trip_id=trip.pk, comment="写明随行人员", at=AT
    )
    assert (fresh(trip).state, fresh(trip).state_note) == (TripState.RETURNED, "写明随行人员")
    assert record("returned").note == "写明随行人员"
    requests.change_trip(
        actor=city.actor("asker"),
        trip_id=trip.pk,
        facts=city.wish(passengers=3),
        comment="已补充",
        at=AT + HOUR / 2,
    )
    changed = fresh(trip)
    assert (changed.state, changed.state_note, changed.passengers) == (TripState.PENDING, "", 3)
    written = record("changed")
    assert (written.before["passengers"], written.after["passengers"]) == (2, 3)
    requests.approve_trip(actor=city.actor("approver"), trip_id=trip.pk, at=AT + HOUR / 2)
    assert fresh(trip).state == TripState.APPROVED
    assert [kind for kind in kinds(trip) if kind != ActKind.CHECK] == [
        ActKind.SUBMIT,
        ActKind.RETURN,
        ActKind.RESUBMIT,
        ActKind.AGREE,
    ]


def test_an_approved_request_that_changes_is_approved_again(city: City) -> None:
    trip = city.approved()
    facts = city.wish(destination="婺源")
    requests.change_trip(actor=city.actor("asker"), trip_id=trip.pk, facts=facts, at=AT)
    assert fresh(trip).state == TripState.PENDING
    requests.approve_trip(actor=city.actor("approver"), trip_id=trip.pk, at=AT)
    assert fresh(trip).state == TripState.APPROVED


def test_a_change_to_a_rest_day_goes_to_the_head(city: City) -> None:
    trip = city.requested()
    facts = city.wish(planned_from=SATURDAY, planned_to=SATURDAY + HOUR, rest_day_reason="防汛值班")
    requests.change_trip(actor=city.actor("asker"), trip_id=trip.pk, facts=facts, at=AT)
    assert [s.key for s in case_of(trip).steps.filter(state="ACTIVE")] == ["head"]


def test_only_the_applicant_changes_and_not_once_a_car_is_given(city: City) -> None:
    trip = city.dispatched()

    def change(by: str) -> Any:
        return requests.change_trip(
            actor=city.actor(by), trip_id=trip.pk, facts=city.wish(passengers=1), at=AT
        )

    assert codes_of(lambda: change("asker")) == ["too_late"]
    dispatching.recall_trip(actor=city.actor("dispatcher"), trip_id=trip.pk, at=AT)
    assert codes_of(lambda: change("clerk")) == ["not_applicant"]
    with pytest.raises(Trip.DoesNotExist):
        change("stranger")


def test_a_change_to_another_unit_is_not_possible(city: City) -> None:
    trip = city.requested()
    facts = city.wish(unit_id=city.units["other"].pk)
    with pytest.raises(Unit.DoesNotExist):
        requests.change_trip(actor=city.actor("asker"), trip_id=trip.pk, facts=facts, at=AT)


def test_a_change_to_ones_section_moves_the_case_along(city: City) -> None:
    trip = city.requested()
    facts = city.wish(unit_id=city.units["section"].pk)
    requests.change_trip(actor=city.actor("asker"), trip_id=trip.pk, facts=facts, at=AT)
    assert fresh(trip).unit == city.units["section"]
    assert case_of(trip).unit == city.units["section"]


def test_a_request_is_taken_back_and_sent_again(city: City) -> None:
    trip = city.requested()
    for _ in range(2):
        requests.withdraw_trip(actor=city.actor("asker"), trip_id=trip.pk, at=AT)
    assert fresh(trip).state == TripState.WITHDRAWN
    record("withdrawn")
    with pytest.raises(Refused):
        requests.approve_trip(actor=city.actor("approver"), trip_id=trip.pk, at=AT)
    requests.change_trip(actor=city.actor("asker"), trip_id=trip.pk, facts=city.wish(), at=AT)
    assert fresh(trip).state == TripState.PENDING


def test_only_the_applicant_takes_it_back_and_only_before_it_is_decided(city: City) -> None:
    trip = city.requested()
    assert codes_of(
        lambda: requests.withdraw_trip(actor=city.actor("clerk"), trip_id=trip.pk, at=AT)
    ) == ["not_applicant"]
    requests.approve_trip(actor=city.actor("approver"), trip_id=trip.pk, at=AT)
    assert codes_of(
        lambda: requests.withdraw_trip(actor=city.actor("asker"), trip_id=trip.pk, at=AT)
    ) == ["already_decided"]


def test_a_decision_is_handed_to_a_colleague_who_then_decides(city: City) -> None:
    trip = city.requested()
    colleague = city.person("colleague")
    requests.hand_over_trip(
        actor=city.actor("approver"), trip_id=trip.pk, person_id=colleague.pk, at=AT
    )
    assert record("handed_over").after == {"to": colleague.number}
    with pytest.raises(Refused, match="不归您办。现在由余建国、贺思办理"):
        requests.approve_trip(actor=city.actor("approver"), trip_id=trip.pk, at=AT)
    requests.approve_trip(actor=city.actor("colleague"), trip_id=trip.pk, at=AT)
    assert fresh(trip).state == TripState.APPROVED


def test_a_decision_is_not_handed_to_the_applicant_or_outside(city: City) -> None:
    trip = city.requested()
    approver = city.actor("approver")
    asker, outsider = city.person("asker"), city.person("stranger")
    assert codes_of(
        lambda: requests.hand_over_trip(actor=approver, trip_id=trip.pk, person_id=asker.pk, at=AT)
    ) == ["own_request"]
    assert codes_of(
        lambda: requests.hand_over_trip(
            actor=approver, trip_id=trip.pk, person_id=outsider.pk, at=AT
        )
    ) == ["no_colleague"]


def test_a_trip_from_a_ledger_has_nothing_to_decide(city: City) -> None:
    trip = city.recorded("PC2020051900077")
    with pytest.raises(Case.DoesNotExist):
        requests.approve_trip(actor=city.actor("approver"), trip_id=trip.pk, at=AT)
    with pytest.raises(Refused, match="这一单已完成，不能再改"):
        requests.change_trip(actor=SYSTEM, trip_id=trip.pk, facts=city.wish(), at=AT)


# ── cancelling ──────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("stage", ["requested", "approved", "dispatched"])
def test_a_trip_is_cancelled_until_it_goes_out(city: City, stage: str) -> None:
    trip = getattr(city, stage)()
    with bus.captured() as heard:
        requests.cancel_trip(actor=city.actor("asker"), trip_id=trip.pk, reason="会议取消", at=AT)
    gone = fresh(trip)
    assert (gone.state, gone.state_note, gone.car, gone.driver) == (
        TripState.CANCELLED,
        "会议取消",
        None,
        None,
    )
    told = [news for news in heard if isinstance(news, TripCancelled)]
    assert [news.trip_id for news in told] == [trip.pk]
    assert record("cancelled").note == "会议取消"
    again: Any = {"actor": city.actor("asker"), "trip_id": trip.pk, "reason": "又点", "at": AT}
    assert codes_of(lambda: requests.cancel_trip(**again)) == ["state"]
    assert Record.objects.filter(verb="fleet.trip.cancelled").count() == 1


def test_a_cancelled_request_waits_for_nobody(city: City) -> None:
    trip = city.requested()
    requests.cancel_trip(actor=city.actor("asker"), trip_id=trip.pk, reason="会议取消", at=AT)
    assert list(approvals.waiting_for(city.actor("approver"))) == []


def test_cancelling_a_returned_request_takes_it_from_the_applicants_list(city: City) -> None:
    trip = city.requested()
    requests.return_trip(actor=city.actor("approver"), trip_id=trip.pk, comment="改", at=AT)
    requests.cancel_trip(actor=city.actor("asker"), trip_id=trip.pk, reason="不去了", at=AT)
    assert not sheets.sent_back(person_id=city.person("asker").pk).exists()
    assert fresh(trip).state == TripState.CANCELLED


def test_the_car_of_a_cancelled_trip_is_free_again(city: City) -> None:
    trip = city.dispatched()
    requests.cancel_trip(actor=city.actor("dispatcher"), trip_id=trip.pk, reason="封路", at=AT)
    assert city.dispatched().car == city.cars[SMALL]


def test_who_shared_a_cancelled_car_waits_again(city: City) -> None:
    carrier, sharer = city.dispatched(), city.approved(destination="鸣山")
    dispatching.share_trip(
        actor=city.actor("dispatcher"), trip_id=sharer.pk, carrier_id=carrier.pk, at=AT
    )
    requests.cancel_trip(actor=city.actor("asker"), trip_id=carrier.pk, reason="不去了", at=AT)
    freed = fresh(sharer)
    assert (freed.state, freed.shares) == (TripState.APPROVED, None)
    assert carrier.number in freed.state_note


def test_a_trip_that_went_is_not_cancelled(city: City) -> None:
    out = city.out()
    done = city.finished(car=SECOND, driver="程勇")
    for trip in (out, done):
        assert codes_of(
            lambda trip=trip: requests.cancel_trip(
                actor=city.actor("dispatcher"), trip_id=trip.pk, reason="x", at=AT
            )
        ) == ["state"]


def test_cancelling_says_why_and_is_the_applicants_or_the_dispatchers(city: City) -> None:
    trip = city.requested()
    assert codes_of(
        lambda: requests.cancel_trip(actor=city.actor("asker"), trip_id=trip.pk, reason=" ", at=AT)
    ) == ["reason_missing"]
    assert codes_of(
        lambda: requests.cancel_trip(actor=city.actor("clerk"), trip_id=trip.pk, reason="x", at=AT)
    ) == ["not_applicant"]
    with pytest.raises(Trip.DoesNotExist):
        requests.cancel_trip(actor=city.actor("stranger"), trip_id=trip.pk, reason="x", at=AT)
    with pytest.raises(NotAllowed):
        requests.cancel_trip(actor=city.actor("driver"), trip_id=trip.pk, reason="x", at=AT)


# ── rating ──────────────────────────────────────────────────────────────────────────────


def test_a_finished_trip_is_rated_once(city: City) -> None:
    trip = city.finished()
    for _ in range(2):
        requests.rate_trip(
            actor=city.actor("asker"), trip_id=trip.pk, stars=5, comment="准时", at=AT + 4 * HOUR
        )
    rated = fresh(trip)
    assert (rated.stars, rated.stars_comment, rated.rated_at) == (5, "准时", AT + 4 * HOUR)
    told = record("rated").after
    assert (told["stars"], told["stars_comment"]) == (5, "准时")
    assert codes_of(
        lambda: requests.rate_trip(actor=city.actor("asker"), trip_id=trip.pk, stars=1, at=AT)
    ) == ["rated"]


def test_the_rider_may_rate_what_somebody_asked_for_them(city: City) -> None:
    trip = city.finished(rider_name="贺思")
    requests.rate_trip(actor=city.actor("colleague"), trip_id=trip.pk, stars=4, at=AT)
    assert fresh(trip).stars == 4


def test_a_rating_out_of_turn_is_refused(city: City) -> None:
    trip = city.out()
    asker = city.actor("asker")

    def rate(stars: int, by: Any = asker) -> Any:
        return requests.rate_trip(actor=by, trip_id=trip.pk, stars=stars, at=AT)

    assert codes_of(lambda: rate(5)) == ["state"]
    journeys.finish_trip(
        actor=city.actor("dispatcher"), trip_id=trip.pk, end_km=10_050, at=AT + 3 * HOUR
    )
    assert codes_of(lambda: rate(0)) == ["stars"]
    assert codes_of(lambda: rate(6)) == ["stars"]
    assert codes_of(lambda: rate(5, city.actor("clerk"))) == ["not_rider"]
    with pytest.raises(Trip.DoesNotExist):
        rate(5, city.actor("stranger"))


# ── emergencies and their papers ────────────────────────────────────────────────────────


def urgent(city: City, **changes: Any) -> Trip:
    return dispatching.dispatch_urgently(
        actor=city.actor("dispatcher"),
        facts=city.wish(purpose=Purpose.EPIDEMIC, **changes),
        car_id=city.cars[SMALL].pk,
        driver_id=city.drivers["汪杰"].pk,
        reason="密接转运",
        at=AT,
    )


def test_an_emergency_goes_first_is_papered_and_agreed(city: City) -> None:
    trip = urgent(city)
    assert fresh(trip).paper == Paper.OWED
    requests.paper_trip(
        actor=city.actor("clerk"), trip_id=trip.pk, facts={"reason": "转运"}, at=AT + HOUR
    )
    papered = fresh(trip)
    assert (papered.paper, papered.reason) == (Paper.PENDING, "转运")
    assert papered.applicant == city.person("clerk")
    assert record("papered").after["reason"] == "转运"
    requests.approve_trip(actor=city.actor("approver"), trip_id=trip.pk, at=AT + HOUR)
    assert (fresh(trip).paper, fresh(trip).state) == (Paper.DONE, TripState.DISPATCHED)


def test_papers_sent_back_are_owed_again_and_the_trip_goes_on(city: City) -> None:
    trip = urgent(city)
    clerk = city.actor("clerk")
    requests.paper_trip(actor=clerk, trip_id=trip.pk, facts={}, at=AT)
    requests.return_trip(actor=city.actor("approver"), trip_id=trip.pk, comment="写明批准人", at=AT)
    assert (fresh(trip).paper, fresh(trip).state) == (Paper.OWED, TripState.DISPATCHED)
    requests.paper_trip(actor=clerk, trip_id=trip.pk, facts={"reason": "局长电话批准"}, at=AT)
    requests.approve_trip(actor=city.actor("approver"), trip_id=trip.pk, at=AT)
    assert fresh(trip).paper == Paper.DONE


def test_papers_that_were_stopped_are_refused_and_the_journey_is_a_finding(city: City) -> None:
    trip = urgent(city)
    requests.paper_trip(actor=city.actor("clerk"), trip_id=trip.pk, facts={}, at=AT)
    case = Case.objects.get(subject_type="fleet.trip", subject_id=trip.pk)
    deciding.stop(actor=city.actor("approver"), case_id=case.pk, comment="不属应急", at=AT)
    assert (fresh(trip).paper, fresh(trip).state) == (Paper.REFUSED, TripState.DISPATCHED)
    (finding,) = Remark.objects.filter(register="fleet.trips", object_id=trip.pk)
    assert (finding.kind, finding.headline) == ("FINDING", "应急先派的车，补单没有批准。")
    assert "不属应急" in finding.sentence
    assert codes_of(
        lambda: requests.paper_trip(actor=city.actor("clerk"), trip_id=trip.pk, facts={}, at=AT)
    ) == ["no_paper_owed"]


def test_papers_are_brought_once_and_by_the_unit(city: City) -> None:
    trip, usual = urgent(city), city.approved(planned_from=AT + 5 * HOUR, planned_to=AT + 6 * HOUR)
    assert codes_of(
        lambda: requests.paper_trip(actor=city.actor("clerk"), trip_id=usual.pk, facts={}, at=AT)
    ) == ["no_paper_owed"]
    with pytest.raises(NotAllowed):
        requests.paper_trip(actor=city.actor("asker"), trip_id=trip.pk, facts={}, at=AT)
    requests.paper_trip(actor=city.actor("clerk"), trip_id=trip.pk, facts={}, at=AT)
    assert codes_of(
        lambda: requests.paper_trip(actor=city.actor("clerk"), trip_id=trip.pk, facts={}, at=AT)
    ) == ["no_paper_owed"]


def test_the_papers_are_due_some_working_days_later(city: City) -> None:
    trip = urgent(city)
    assert trip.paper_due_on == calendar.add_workdays(AT.date(), 3)
    assert f"{trip.paper_due_on:%d}" == "25", "a Wednesday and three working days"


def test_a_withdrawn_paper_is_owed_again(city: City) -> None:
    trip = urgent(city)
    requests.paper_trip(actor=city.actor("clerk"), trip_id=trip.pk, facts={}, at=AT)
    actor = city.actor("clerk")
    requests.withdraw_trip(actor=actor, trip_id=trip.pk, at=AT)
    assert (fresh(trip).paper, fresh(trip).state) == (Paper.OWED, TripState.DISPATCHED)


def test_the_form_begins_with_what_one_asked_for_last(city: City) -> None:
    assert requests.usual(actor=city.actor("asker")) == {}
    city.requested(destination="婺源", passengers=3)
    usual = requests.usual(actor=city.actor("asker"))
    assert (usual["destination"], usual["passengers"], usual["purpose"]) == (
        "婺源",
        3,
        Purpose.SURVEY,
    )
