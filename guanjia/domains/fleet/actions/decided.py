"""What an approval leads to; called by its news, in its transaction, under the lock of the trip.

The trail has the act itself (``fleet.trip.approved`` and its like), written by whoever did it.
"""

from django.db import transaction

from guanjia.domains.fleet.approvals import TRIP
from guanjia.domains.fleet.events import TripApproved, TripCancelled
from guanjia.domains.fleet.models import Trip
from guanjia.domains.fleet.terms.trips import Paper, TripState
from guanjia.kernel.approvals.events import CaseAgreed, CaseReturned, CaseStopped, CaseWithdrawn
from guanjia.kernel.approvals.models import Act
from guanjia.kernel.attachments import guards
from guanjia.kernel.events import bus
from guanjia.kernel.registers import remarks
from guanjia.kernel.registers.terms import RemarkKind
from guanjia.kernel.regulations.verdict import ALLOWED, Verdict


def _of_case(trip_id: int) -> Trip:
    trip: Trip = Trip.objects.select_for_update(of=("self",)).select_related("unit").get(pk=trip_id)
    return trip


def _set_state(trip: Trip, state: TripState, note: str = "") -> None:
    trip.state, trip.state_note = state, note[:200]
    trip.save(update_fields=["state", "state_note"])


def _owe_papers(trip: Trip) -> bool:
    """A journey that was made goes on without its papers; whether this is one."""
    if trip.paper != Paper.PENDING:
        return False
    trip.paper = Paper.OWED
    trip.save(update_fields=["paper"])
    return True


@transaction.atomic
def agreed(news: CaseAgreed) -> None:
    """The request waits for a car, or the papers of a journey are done."""
    if news.route != TRIP.key:
        return
    trip = _of_case(news.subject_id)
    if trip.paper == Paper.PENDING:
        trip.paper = Paper.DONE
        trip.save(update_fields=["paper"])
    elif trip.state == TripState.PENDING:
        _set_state(trip, TripState.APPROVED)
        bus.publish(TripApproved(trip_id=trip.pk))


@transaction.atomic
def returned(news: CaseReturned) -> None:
    """Sent back to be mended, with the 意见 beside the state."""
    if news.route != TRIP.key:
        return
    trip = _of_case(news.subject_id)
    if not _owe_papers(trip):
        _set_state(trip, TripState.RETURNED, Act.objects.get(pk=news.act_id).comment)


@transaction.atomic
def withdrawn(news: CaseWithdrawn) -> None:
    """The applicant took it back; it can be changed and sent again."""
    if news.route != TRIP.key:
        return
    trip = _of_case(news.subject_id)
    if not _owe_papers(trip):
        _set_state(trip, TripState.WITHDRAWN)


@transaction.atomic
def stopped(news: CaseStopped) -> None:
    """Ended for good (终止): nobody goes; a journey made without papers becomes a finding."""
    if news.route != TRIP.key:
        return
    trip, act = _of_case(news.subject_id), Act.objects.get(pk=news.act_id)
    if trip.paper not in (Paper.PENDING, Paper.OWED):
        _set_state(trip, TripState.CANCELLED, act.comment)
        bus.publish(TripCancelled(trip_id=trip.pk))
        return
    trip.paper = Paper.REFUSED
    trip.save(update_fields=["paper"])
    remarks.raise_remarks(
        register="fleet.trips",
        remarks=[
            remarks.Raised(
                object_id=trip.pk,
                code="papers_refused",
                kind=RemarkKind.FINDING,
                headline="应急先派的车，补单没有批准。",
                sentence=f"{act.name}终止审批：{act.comment}",
            )
        ],
        at=act.at,
    )


def may_take_off(trip_id: int) -> Verdict:
    """Whether papers of a trip may still be removed: only while the request is being mended."""
    trip = Trip.objects.filter(pk=trip_id).only("state", "paper").first()
    mending = (TripState.RETURNED, TripState.WITHDRAWN)
    if trip is None or trip.state in mending or trip.paper == Paper.OWED:
        return ALLOWED
    return guards.decided_on()
