"""What the approval of a trip (派车单) does to it."""

from guanjia.domains.fleet.approvals import TRIP
from guanjia.domains.fleet.events import TripApproved, TripCancelled
from guanjia.domains.fleet.models import Trip
from guanjia.domains.fleet.terms.trips import Paper, TripState
from guanjia.kernel.approvals.models import Act
from guanjia.kernel.approvals.news import Follow, move, write
from guanjia.kernel.attachments import guards
from guanjia.kernel.events import bus
from guanjia.kernel.registers import remarks
from guanjia.kernel.registers.terms import RemarkKind
from guanjia.kernel.regulations.verdict import ALLOWED, Verdict


def _of_case(trip_id: int) -> Trip:
    trip: Trip = Trip.objects.select_for_update(of=("self",)).select_related("unit").get(pk=trip_id)
    return trip


def _owe_papers(trip: Trip) -> bool:
    """A journey that was made goes on without its papers; whether this is one."""
    if trip.paper != Paper.PENDING:
        return False
    write(trip, paper=Paper.OWED)
    return True


def _agreed(trip: Trip, _: Act) -> None:
    """The request waits for a car, or the papers of a journey are done."""
    if trip.paper == Paper.PENDING:
        write(trip, paper=Paper.DONE)
    elif trip.state == TripState.PENDING:
        move(trip, TripState.APPROVED)
        bus.publish(TripApproved(trip_id=trip.pk))


def _returned(trip: Trip, act: Act) -> None:
    if not _owe_papers(trip):
        move(trip, TripState.RETURNED, act.comment)


def _withdrawn(trip: Trip, _: Act) -> None:
    if not _owe_papers(trip):
        move(trip, TripState.WITHDRAWN)


def _stopped(trip: Trip, act: Act) -> None:
    """Ended for good: nobody goes; a journey made without papers becomes a finding."""
    if trip.paper not in (Paper.PENDING, Paper.OWED):
        move(trip, TripState.CANCELLED, act.comment)
        bus.publish(TripCancelled(trip_id=trip.pk))
        return
    write(trip, paper=Paper.REFUSED)
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


OF_TRIPS = Follow(
    route=TRIP.key, row=_of_case, agreed=_agreed, returned=_returned, withdrawn=_withdrawn,
    stopped=_stopped,
)  # fmt: skip


def may_take_off(trip_id: int) -> Verdict:
    """Whether papers of a trip may still be removed: only while the request is being mended."""
    trip = Trip.objects.filter(pk=trip_id).only("state", "paper").first()
    mending = (TripState.RETURNED, TripState.WITHDRAWN)
    if trip is None or trip.state in mending or trip.paper == Paper.OWED:
        return ALLOWED
    return guards.decided_on()
