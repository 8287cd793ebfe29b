"""Asking for a car: request, change, withdraw, cancel, decide, rate."""

from collections.abc import Mapping, Sequence
from copy import copy
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Q

from guanjia.domains.fleet import vouchers
from guanjia.domains.fleet.approvals import TRIP
from guanjia.domains.fleet.events import TripCancelled, TripRequested
from guanjia.domains.fleet.models import Car, Trip
from guanjia.domains.fleet.queries import sheets
from guanjia.domains.fleet.rules import dispatch as sending
from guanjia.domains.fleet.rules import requests, times
from guanjia.domains.fleet.terms.trips import FILES, OPEN_STATES, Paper, Purpose, TripState
from guanjia.kernel.acts.changing import Files, change, in_state, made
from guanjia.kernel.approvals import telling
from guanjia.kernel.approvals.actions import deciding, opening, sharing
from guanjia.kernel.approvals.models import Case
from guanjia.kernel.calendar import queries as calendar
from guanjia.kernel.events import bus
from guanjia.kernel.numbering import actions as numbering
from guanjia.kernel.org import queries as org
from guanjia.kernel.org.models import Person, Unit
from guanjia.kernel.regulations.lawbook import law_at
from guanjia.kernel.regulations.verdict import Refused, Verdict, refuse, warn
from guanjia.kernel.values.actor import Actor

SERIES = "fleet.trip"
WITHOUT_CAR: Mapping[str, None] = {"car_id": None, "driver_id": None, "shares_id": None}
ASKED = (
    "unit_id",
    "rider_id",
    "rider_name",
    "rider_mobile",
    "purpose",
    "reason",
    "origin",
    "destination",
    "passengers",
    "planned_from",
    "planned_to",
    "rest_day_reason",
    "wished_car_id",
)


def rest_days(begin: datetime, end: datetime) -> list[date]:
    """The rest days that a stretch of time touches (调休 considered); at most a year's."""
    first = begin.astimezone(times.ZONE).date()
    last = max(first, (end - timedelta(microseconds=1)).astimezone(times.ZONE).date())
    last = min(last, first + timedelta(days=366))
    days = calendar.days(first, last + timedelta(days=1))
    return [day for day, kind in sorted(days.items()) if not kind.works]


def new_number(planned_from: datetime) -> str:
    """The next 派车单号: ``PC``, the planned day, a running number of the year."""
    day = planned_from.astimezone(times.ZONE).date()
    number = numbering.next_number(series=SERIES, year=day.year)
    return f"PC{day:%Y%m%d}{number:05d}"


def judge_request(*, trip: Trip, at: datetime) -> Verdict:
    """What the rules say of a request as it stands, also before it is submitted."""
    law = law_at(at)
    facts = trip.facts()
    days = rest_days(trip.planned_from, trip.planned_to)
    verdict = requests.may_request(trip=facts, rest_days=days, at=at, law=law)
    if trip.wished_car is not None:
        verdict += sending.wish_fits(trip=facts, car=trip.wished_car.facts(), law=law)
    return verdict


def _rider(facts: Mapping[str, Any], unit: Unit) -> dict[str, Any]:
    """The rider as a person when the unit has one of that name, else just the name."""
    given = dict(facts)
    rider_id = given.get("rider_id")
    if rider_id:
        person = Person.objects.get(pk=rider_id)
        given["rider_name"] = person.name
        given["rider_mobile"] = given.get("rider_mobile") or person.mobile
        return given
    same = list(
        Person.objects.filter(name=given["rider_name"], unit__path__startswith=unit.path)[:2]
    )
    if len(same) == 1:
        given["rider_id"] = same[0].pk
        given["rider_mobile"] = given.get("rider_mobile") or same[0].mobile
    return given


def draft(*, actor: Actor, facts: Mapping[str, Any], at: datetime) -> Trip:
    """A request that is not written: for checking a form while it is filled in."""
    trip = Trip(state=TripState.PENDING, applicant_id=actor.person_id, asked_at=at, **facts)
    if trip.wished_car_id:
        trip.wished_car = Car.objects.select_related("unit").get(pk=trip.wished_car_id)
    return trip


@transaction.atomic
def request_trip(
    *,
    actor: Actor,
    facts: Mapping[str, Any],
    files: Sequence[int] = (),
    once: UUID | None = None,
    at: datetime,
) -> Trip:
    """Ask for a car (用车申请): who, why, where, when, how many.

    ``facts`` holds ``unit_id``, ``rider_name`` (and ``rider_id`` if known), ``purpose``,
    ``reason``, ``origin``, ``destination``, ``passengers``, ``planned_from``, ``planned_to`` and
    optionally ``rest_day_reason``, ``wished_car_id``, ``rider_mobile``. ``files``: papers that
    wait for this form. ``once``: a token of the form; the same token again returns the same trip.
    Needs ``fleet.trip.request`` for the unit.
    Refuses what the rules refuse; opens the case of the unit's approval; publishes
    ``TripRequested``.
    """
    actor.must("fleet.trip.request")
    if once and (known := Trip.objects.filter(once=once, applicant_id=actor.person_id).first()):
        return known
    unit = askable_units(actor).get(pk=facts["unit_id"])
    trip = draft(actor=actor, facts=_rider(facts, unit), at=at)
    verdict = judge_request(trip=trip, at=at).enforce()
    trip.once = once
    try:
        with transaction.atomic():  # the number inside: it is given back when the row is refused
            trip.number = new_number(trip.planned_from)
            trip.save(force_insert=True)
    except IntegrityError:
        # The same form sent twice at once; a token of somebody else's form gives nothing away.
        if once and (known := Trip.objects.filter(once=once).first()):
            if known.applicant_id == actor.person_id:
                return known
            refuse("form_used", "这张表已经交过。", "重新打开用车申请再填。").enforce()
        raise
    made(
        trip, *ASKED, actor=actor, verb="fleet.trip.requested", at=at, verdict=verdict,
        files=_papers(trip, files),
    )  # fmt: skip
    outcome = opening.open_case(
        route=TRIP,
        subject=trip,
        unit=unit,
        applicant_id=actor.person_id,
        actor=actor,
        facts=case_facts(trip),
        summary=summary_of(trip),
        at=at,
    )
    telling.tell_checked(case=outcome.case, verdict=verdict, at=at)
    bus.publish(TripRequested(trip_id=trip.pk))
    trip.refresh_from_db(fields=["state", "state_note"])  # agreed at once where no step is needed
    return trip


def _papers(trip: Trip, ids: Sequence[int]) -> Files | None:
    """The papers of a form (公函、通知), which hang on its trip."""
    return Files(ids=ids, bounds=FILES, unit=trip.unit) if ids else None


def askable_units(actor: Actor) -> Any:
    """The units an actor may ask for: those of their reach, and their own with its sections."""
    scope = actor.scope("fleet.trip.request")
    if scope.everything:
        return Unit.objects.open()
    wanted = Q(pk__in=scope.unit_ids)
    for path in scope.paths:
        wanted |= Q(path__startswith=path)
    if scope.person_id and actor.unit_id:
        home = org.home_unit(Unit.objects.select_related("parent").get(pk=actor.unit_id))
        wanted |= Q(path__startswith=home.path)
    return Unit.objects.open().filter(wanted)


def case_facts(trip: Trip) -> dict[str, Any]:
    """What the steps of the route may depend on (``TRIP.facts``)."""
    length = trip.planned_to - trip.planned_from
    return {
        "on_rest_day": bool(rest_days(trip.planned_from, trip.planned_to)),
        "purpose": str(trip.purpose),
        "passengers": trip.passengers,
        "hours": round(length / timedelta(hours=1), 1),
        "urgent": trip.urgent,
    }


def summary_of(trip: Trip) -> str:
    """The request in one line, for lists of many kinds of requests."""
    begin = trip.planned_from.astimezone(times.ZONE)
    when = f"{begin.month}月{begin.day}日 {begin.hour}:{begin.minute:02d}"
    who = f"{trip.rider_name} {trip.passengers} 人"
    return f"{who} · {trip.destination} · {when} · {trip.reason}"


def _locked(actor: Actor, verb: str, trip_id: int) -> Trip:
    actor.must(verb)
    trip: Trip = (
        Trip.objects.within(actor.scope(verb))
        .select_for_update(of=("self",))
        .select_related("unit", "car__unit", "driver", "wished_car__unit")
        .get(pk=trip_id)
    )
    return trip


def lock_with_sharers(trip_id: int) -> None:
    """Lock a trip and who shares its car by id, before anything else, so that none wait in a ring.

    For whatever changes the sharers too; who merely moves one of them locks that one first.
    """
    both = Q(pk=trip_id) | Q(shares_id=trip_id)
    list(Trip.objects.select_for_update().filter(both).order_by("pk").values_list("pk"))


def _is_applicant(trip: Trip, actor: Actor) -> bool:
    return actor.is_system or actor.person_id in (trip.applicant_id, trip.rider_id)


@transaction.atomic
def change_trip(
    *,
    actor: Actor,
    trip_id: int,
    facts: Mapping[str, Any],
    files: Sequence[int] = (),
    comment: str = "",
    at: datetime,
) -> Trip:
    """Change a request that has no car yet (修改); an approved one must be approved again.

    Only the applicant. Starts a new round of the approval with the changed facts.
    """
    trip = _locked(actor, "fleet.trip.request", trip_id)
    if trip.state not in OPEN_STATES:
        refuse(
            "too_late", f"这一单{TripState(trip.state).label}，不能再改。", "联系调度员改派或取消。"
        ).enforce()
    if not actor.is_system and actor.person_id != trip.applicant_id:
        # Not the rider either: a rider who is also the approver would decide on their own text.
        refuse("not_applicant", "只有申请人能改。", f"申请人：{trip.applicant}。").enforce()
    changed = _rider(facts, askable_units(actor).get(pk=facts.get("unit_id", trip.unit_id)))
    wanted = copy(trip)
    for name, value in changed.items():
        setattr(wanted, name, value)
    verdict = judge_request(trip=wanted, at=at)
    told = {**changed, "state": TripState.PENDING, "state_note": ""}
    change(
        trip, told, actor=actor, verb="fleet.trip.changed", at=at, verdict=verdict,
        files=_papers(trip, files),
    )  # fmt: skip
    case = _case(trip)
    telling.tell_checked(case=case, verdict=verdict, at=at)
    opening.resubmit(
        case=case,
        route=TRIP,
        unit=trip.unit,
        actor=actor,
        facts=case_facts(trip),
        summary=summary_of(trip),
        comment=comment,
        at=at,
    )
    trip.refresh_from_db(fields=["state", "state_note"])
    return trip


def _case(trip: Trip) -> Case:
    case = opening.case_of(trip, route=TRIP.key)
    if case is None:
        raise Refused(refuse("no_case", "这一单没有审批。", "它由台账补录。").refusals)
    return case


def withdraw_trip(*, actor: Actor, trip_id: int, at: datetime) -> Trip:
    """Take a request back before it is decided (撤回); it can be changed and sent again."""
    actor.must("fleet.trip.request")
    opening.withdraw(actor=actor, case_id=_case_id(trip_id), at=at)
    return Trip.objects.get(pk=trip_id)


@transaction.atomic
def cancel_trip(*, actor: Actor, trip_id: int, reason: str, at: datetime) -> Trip:
    """Cancel a trip that has not gone out (取消), with the reason; who shared its car is told.

    The applicant, or a dispatcher. Requests that shared its car go back to waiting.
    """
    verb = "fleet.trip.dispatch" if actor.can("fleet.trip.dispatch") else "fleet.trip.request"
    lock_with_sharers(trip_id)
    trip = _locked(actor, verb, trip_id)
    in_state(sheets.TRIPS, trip, act="取消用车", to=TripState.CANCELLED)
    if verb == "fleet.trip.request" and not _is_applicant(trip, actor):
        refuse("not_applicant", "只有申请人或调度员能取消。").enforce()
    if not reason.strip():
        refuse("reason_missing", "没有写取消原因。", "写明原因。", field="reason").enforce()
    why, driver_id = f"合乘的 {trip.number} 取消，待重新派车", trip.driver_id
    sharers = let_sharers_wait(actor, trip, why, at)
    case = opening.case_of(trip, route=TRIP.key)
    if case is not None:
        opening.call_off(case=case, comment="申请取消", at=at)
    facts = {
        **WITHOUT_CAR, "state": TripState.CANCELLED, "state_note": reason.strip()[:200],
        "paper": Paper.NONE,  # nothing was driven, so nothing is owed
    }  # fmt: skip
    change(trip, facts, actor=actor, verb="fleet.trip.cancelled", at=at, note=reason)
    vouchers.void_sheets(actor=actor, trips=[trip, *sharers], reason=reason, at=at)
    bus.publish(
        TripCancelled(
            trip_id=trip.pk,
            driver_id=driver_id,
            sharer_ids=tuple(sharer.pk for sharer in sharers),
            by_id=actor.person_id,
            at=at,
        )
    )
    return trip


def let_sharers_wait(actor: Actor, trip: Trip, why: str, at: datetime) -> list[Trip]:
    """Who shared the car of a trip waits for another one; the caller has locked them."""
    sharers = list(trip.sharers.filter(state=TripState.DISPATCHED).order_by("pk"))
    for sharer in sharers:
        facts = {"shares_id": None, "state": TripState.APPROVED, "state_note": why}
        change(sharer, facts, actor=actor, verb="fleet.trip.recalled", at=at, note=why)
    return sharers


def _case_id(trip_id: int) -> int:
    """The case of a trip; one without is as if it were not there: its ledger asked nobody."""
    found = Case.objects.filter(
        subject_type="fleet.trip", subject_id=trip_id, route=TRIP.key
    ).values_list("pk", flat=True)
    return int(found.get())


def approve_trip(
    *, actor: Actor, trip_id: int, step_id: int | None = None, comment: str = "", at: datetime
) -> Trip:
    """Agree to a request (同意), or to the papers of an emergency (补单); twice acts once."""
    case_id = _case_id(trip_id)
    deciding.agree(actor=actor, case_id=case_id, step_id=step_id, comment=comment, at=at)
    return Trip.objects.get(pk=trip_id)


def return_trip(
    *,
    actor: Actor,
    trip_id: int,
    comment: str,
    to_position: int | None = None,
    straight: bool = False,
    step_id: int | None = None,
    at: datetime,
) -> Trip:
    """Send a request back (退回) to the applicant or an earlier step, saying what to mend."""
    deciding.send_back(
        actor=actor, case_id=_case_id(trip_id), comment=comment, to_position=to_position,
        straight=straight, step_id=step_id, at=at,
    )  # fmt: skip
    return Trip.objects.get(pk=trip_id)


def hand_over_trip(
    *, actor: Actor, trip_id: int, person_id: int, comment: str = "", at: datetime
) -> Trip:
    """Give the decision to a colleague (转办); never to the applicant."""
    sharing.hand_over(
        actor=actor, case_id=_case_id(trip_id), person_id=person_id, comment=comment, at=at
    )
    return Trip.objects.get(pk=trip_id)


@transaction.atomic
def rate_trip(*, actor: Actor, trip_id: int, stars: int, comment: str = "", at: datetime) -> Trip:
    """Rate a finished trip (评价), one to five stars, once; by whoever asked or rode."""
    trip = _locked(actor, "fleet.trip.request", trip_id)
    in_state(sheets.TRIPS, trip, act="评价", when=(TripState.FINISHED,))
    if not _is_applicant(trip, actor):
        refuse("not_rider", "只有申请人或用车人能评价。").enforce()
    if trip.stars is not None:
        if trip.stars == stars:
            return trip
        refuse("rated", f"已评 {trip.stars} 星。", "评价提交后不改。").enforce()
    if not 1 <= stars <= 5:  # noqa: PLR2004 — five stars, as the constraint says
        refuse("stars", "评价为一至五星。", "选一个星级。", field="stars").enforce()
    facts = {"stars": stars, "stars_comment": comment.strip()[:200], "rated_at": at}
    change(trip, facts, actor=actor, verb="fleet.trip.rated", at=at, note=comment)
    return trip


@transaction.atomic
def paper_trip(
    *,
    actor: Actor,
    trip_id: int,
    facts: Mapping[str, Any],
    files: Sequence[int] = (),
    comment: str = "",
    at: datetime,
) -> Trip:
    """Bring the papers of an emergency dispatch (补单): what a request says, then its approval.

    By somebody of the unit (``fleet.trip.request``). ``facts`` may mend ``rider_name``,
    ``reason``, ``purpose``, ``passengers``; the journey itself stays as it was.
    """
    trip = _locked(actor, "fleet.trip.paper", trip_id)
    if trip.paper != Paper.OWED:
        refuse("no_paper_owed", f"这一单{Paper(trip.paper).label}。").enforce()
    allowed = {"rider_name", "rider_mobile", "reason", "purpose", "passengers"}
    told = {name: facts.get(name, getattr(trip, name)) for name in sorted(allowed)} | {
        "applicant_id": actor.person_id, "paper": Paper.PENDING, "asked_at": trip.asked_at or at,
    }  # fmt: skip
    change(
        trip, told, actor=actor, verb="fleet.trip.papered", at=at, files=_papers(trip, files),
        verdict=warn("papered_late", "先派车，后补单。", trip.urgent_reason),
    )  # fmt: skip
    case = opening.case_of(trip, route=TRIP.key)
    asked: dict[str, Any] = {
        "route": TRIP,
        "unit": trip.unit,
        "actor": actor,
        "facts": case_facts(trip),
    }
    if case is not None:
        opening.resubmit(case=case, summary=summary_of(trip), comment=comment, at=at, **asked)
    else:
        opening.open_case(
            subject=trip, applicant_id=actor.person_id, summary=summary_of(trip),
            comment=comment or "应急先派，补办手续", at=at, **asked,
        )  # fmt: skip
    trip.refresh_from_db(fields=["paper"])
    return trip


def usual(*, actor: Actor) -> dict[str, Any]:
    """What this person asked for last time, to begin a form with (从上次复制)."""
    last = (
        sheets.trips(actor.scope("fleet.trip.request"))
        .filter(applicant_id=actor.person_id)
        .order_by("-pk")
        .first()
    )
    if last is None:
        return {}
    names = ("purpose", "reason", "origin", "destination", "passengers", "rider_name", "unit_id")
    return {name: getattr(last, name) for name in names} | {"purpose": Purpose(last.purpose)}
