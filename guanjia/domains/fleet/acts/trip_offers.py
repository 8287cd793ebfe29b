"""What this very person may do with a trip as it stands; the actions have the last word."""

from dataclasses import dataclass

from guanjia.domains.fleet.models import Trip
from guanjia.domains.fleet.terms.trips import OPEN_STATES, Paper, TripState
from guanjia.kernel.values.actor import Actor, Scope

ASK = "fleet.trip.request"
DISPATCH = "fleet.trip.dispatch"
_PLANNED = (TripState.APPROVED, TripState.DISPATCHED)


@dataclass(frozen=True, kw_only=True)
class Acts:
    """The acts a page offers, besides those of the approval."""

    change: bool = False
    cancel: bool = False
    dispatch: bool = False
    redispatch: bool = False
    recall: bool = False
    replan: bool = False
    drive: bool = False
    stand_in: bool = False
    rate: bool = False
    correct: bool = False
    explain: bool = False
    paper: bool = False
    reveal: bool = False


def holds(scope: Scope, trip: Trip) -> bool:
    """Whether a trip lies inside a scope, judged without asking the database again."""
    if scope.everything or trip.unit_id in scope.unit_ids:
        return True
    if any(trip.unit.path.startswith(path) for path in scope.paths):
        return True
    own = {trip.applicant_id, trip.rider_id}
    own |= {each.driver.person_id for each in (trip, trip.carrier) if each.driver}
    return scope.person_id is not None and scope.person_id in own


def acts_for(*, actor: Actor, trip: Trip) -> Acts:
    """Every act of this person on this trip."""
    asks = _within(actor, ASK, trip) and actor.person_id in (trip.applicant_id, trip.rider_id)
    sends = _within(actor, DISPATCH, trip)
    corrects = _within(actor, "fleet.trip.correct", trip)
    own = trip.shares_id is None
    drives = bool(trip.driver and trip.driver.person_id == actor.person_id and actor.person_id)
    return Acts(
        change=asks and trip.state in OPEN_STATES,
        cancel=(sends or asks) and trip.state in (*OPEN_STATES, TripState.DISPATCHED),
        dispatch=sends and trip.state == TripState.APPROVED,
        redispatch=sends and own and trip.state == TripState.DISPATCHED,
        recall=sends and trip.state == TripState.DISPATCHED and not trip.urgent,
        replan=sends and own and trip.state in _PLANNED,
        drive=drives
        and own
        and trip.state in (TripState.DISPATCHED, TripState.OUT)
        and actor.can("fleet.trip.drive"),
        stand_in=sends
        and own
        and not drives
        and trip.state in (TripState.DISPATCHED, TripState.OUT),
        rate=asks and trip.state == TripState.FINISHED and trip.stars is None,
        correct=corrects and trip.state == TripState.FINISHED and trip.car_id is not None,
        explain=corrects,
        paper=_within(actor, "fleet.trip.paper", trip) and trip.paper == Paper.OWED,
        reveal=drives or asks or actor.can("fleet.driver.reveal"),
    )


def _within(actor: Actor, verb: str, trip: Trip) -> bool:
    return actor.can(verb) and holds(actor.scope(verb), trip)
