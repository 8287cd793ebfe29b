"""What this very person may do with a trip as it stands; the actions have the last word."""

from dataclasses import dataclass, field
from datetime import date

from guanjia.domains.fleet.models import Trip
from guanjia.domains.fleet.terms import OPEN_STATES, Paper, TripState
from guanjia.kernel.access import queries as access
from guanjia.kernel.access.models import Grant
from guanjia.kernel.approvals.models import Case, CaseStep
from guanjia.kernel.org import queries as org
from guanjia.kernel.org.models import Person, Unit
from guanjia.kernel.values.actor import Actor, Scope

ASK = "fleet.trip.request"
DISPATCH = "fleet.trip.dispatch"
_PLANNED = (TripState.APPROVED, TripState.DISPATCHED)


@dataclass(frozen=True, kw_only=True)
class Acts:
    """The acts a page offers; ``decide`` is the step that waits for this person."""

    decide: CaseStep | None = None
    colleagues: list[Person] = field(default_factory=list)
    change: bool = False
    withdraw: bool = False
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


def acts_for(
    *, actor: Actor, trip: Trip, case: Case | None, step: CaseStep | None, on: date
) -> Acts:
    """Every act of this person on this trip."""
    asks = _within(actor, ASK, trip) and actor.person_id in (trip.applicant_id, trip.rider_id)
    sends = _within(actor, DISPATCH, trip)
    corrects = _within(actor, "fleet.trip.correct", trip)
    own = trip.shares_id is None
    deciding = step if case and step and may_decide(actor, case, step) else None
    drives = bool(trip.driver and trip.driver.person_id == actor.person_id and actor.person_id)
    return Acts(
        decide=deciding,
        colleagues=colleagues(actor=actor, case=case, on=on) if deciding and case else [],
        change=asks and trip.state in OPEN_STATES,
        withdraw=_may_withdraw(asks, actor, trip, case),
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


def _may_withdraw(asks: bool, actor: Actor, trip: Trip, case: Case | None) -> bool:
    return (
        asks
        and case is not None
        and case.applicant_id == actor.person_id
        and trip.state == TripState.PENDING
    )


def may_decide(actor: Actor, case: Case, step: CaseStep) -> bool:
    """Whether the step waits for this person: handed to them, or of their duty and units."""
    if actor.person_id is None or actor.person_id == case.applicant_id:
        return False
    if step.holder_id is not None:
        return step.holder_id == actor.person_id
    if not actor.can(step.verb):
        return False
    return Unit.objects.within(actor.scope(step.verb)).filter(pk=case.unit_id).exists()


def colleagues(*, actor: Actor, case: Case, on: date) -> list[Person]:
    """To whom a decision can be given: people of the unit who can open the trip."""
    duties = access.duties_with("fleet.trip.see")
    found: list[Person] = list(
        Person.objects.serving()
        .filter(
            unit__path__startswith=org.home_unit(case.unit).path,
            account__is_active=True,
            account__grants__in=Grant.objects.in_force(on).filter(duty__in=duties),
        )
        .exclude(pk__in=[pk for pk in (actor.person_id, case.applicant_id) if pk])
        .select_related("unit")
        .distinct()
        .order_by("number")
    )
    return found
