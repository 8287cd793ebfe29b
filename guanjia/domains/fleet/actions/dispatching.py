"""Giving trips a car and a driver: dispatch, change, take back, share, emergencies."""

from collections.abc import Collection, Mapping
from copy import copy
from datetime import datetime
from functools import partial
from typing import Any, NoReturn
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from guanjia.domains.fleet import vouchers
from guanjia.domains.fleet.actions import requests
from guanjia.domains.fleet.events import TripDispatched, TripRecalled, TripReplanned
from guanjia.domains.fleet.models import Car, Driver, Trip
from guanjia.domains.fleet.queries import means, sheets
from guanjia.domains.fleet.rules import dispatch as sending
from guanjia.domains.fleet.rules import requests as asking
from guanjia.domains.fleet.rules import times
from guanjia.domains.fleet.terms.trips import BOOKED_STATES, Paper, TripState
from guanjia.kernel.acts.changing import change, in_state, made
from guanjia.kernel.calendar import queries as calendar
from guanjia.kernel.events import bus
from guanjia.kernel.org.models import Unit
from guanjia.kernel.regulations.lawbook import law_at
from guanjia.kernel.regulations.verdict import Finding, Option, Refused, Verdict, refuse, warn
from guanjia.kernel.values.actor import Actor, Scope

DISPATCH = "fleet.trip.dispatch"
PAIR = ("state", "car_id", "driver_id", "shares_id", "planned_from", "planned_to")


def judge_dispatch(*, scope: Scope, trip: Trip, car: Car, driver: Driver, at: datetime) -> Verdict:
    """What the rules say of sending this pair; a taken car names the nearest free ones."""
    held = partial(means.held, begin=trip.planned_from, end=trip.planned_to, at=at, without=trip.pk)
    verdict = sending.may_dispatch(
        trip=trip.facts(),
        car=car.facts(),
        driver=driver.facts(),
        car_held=held(car_id=car.pk),
        driver_held=held(driver_id=driver.pk),
        law=law_at(trip.planned_from),
    )
    return with_nearest(verdict, scope=scope, trip=trip, at=at)


def with_nearest(verdict: Verdict, *, scope: Scope, trip: Trip, at: datetime) -> Verdict:
    """The same verdict, its refusals of a car offering the three nearest free ones."""
    if not any(finding.field == "car" for finding in verdict.refusals):
        return verdict
    free = tuple(
        Option(label=f"{car.plate} {car.seats} 座 · {car.note}", act="car", value=str(car.id))
        for car in means.nearest_free(scope=scope, trip=trip, at=at)
    )
    refusals = tuple(
        Finding(
            code=f.code,
            headline=f.headline,
            sentence=f.sentence,
            cite=f.cite,
            field=f.field,
            options=f.options + free if f.field == "car" else f.options,
        )
        for f in verdict.refusals
    )
    return Verdict(refusals=refusals, warnings=verdict.warnings, passes=verdict.passes)


def _load(
    actor: Actor, trip_id: int, car_id: int | None, driver_id: int | None
) -> tuple[Trip, Car | None, Driver | None]:
    """Trip, car and driver, locked in this order everywhere, so that two never wait in a ring."""
    actor.must(DISPATCH)
    scope = actor.scope(DISPATCH)
    trip = (
        Trip.objects.within(scope)
        .select_for_update(of=("self",))
        .select_related("unit", "car", "driver")
        .get(pk=trip_id)
    )
    return trip, _locked_car(scope, car_id), _locked_driver(scope, driver_id)


def _locked_car(scope: Scope, car_id: int | None) -> Car | None:
    car: Car | None = _one(Car.objects.within(scope), car_id)
    return car


def _locked_driver(scope: Scope, driver_id: int | None) -> Driver | None:
    driver: Driver | None = _one(Driver.objects.within(scope), driver_id)
    return driver


def _one(rows: "QuerySet[Any]", pk: int | None) -> Any:
    if pk is None:
        return None
    return rows.select_for_update(of=("self",)).select_related("unit").get(pk=pk)


def change_trip(trip: Trip, facts: Mapping[str, Any], **told: Any) -> None:
    """As ``change``; should the database find what the rules did not (a race), refuse with its
    sentence."""
    try:
        with transaction.atomic():
            change(trip, facts, **told)
    except IntegrityError as fault:
        raise_taken(fault)


def raise_taken(fault: IntegrityError) -> NoReturn:
    """Turn a constraint of the trips into a refusal with the constraint's own sentence."""
    text = str(fault)
    for constraint in Trip._meta.constraints:
        if constraint.name in text:
            field = "driver" if "driver" in constraint.name else "car"
            sentence = str(constraint.violation_error_message)
            cite = sending.ONE_DRIVER if field == "driver" else sending.ONE_AT_A_TIME
            raise Refused(
                refuse(constraint.name, sentence, "刷新看板后另选。", cite, field=field).refusals
            ) from fault
    raise fault


@transaction.atomic
def dispatch_trip(
    *, actor: Actor, trip_id: int, car_id: int, driver_id: int | None = None, at: datetime
) -> Trip:
    """Give an approved trip (待派车) a car and a driver (派车), or change them (改派).

    Needs ``fleet.trip.dispatch``. Without ``driver_id`` the usual driver of the car is taken. The
    car and the driver must be free, fit and licensed; refusals name who holds them until when and
    the three nearest free cars. Records the verdict; publishes ``TripDispatched``; issues the trip
    sheet (派车单), in the place of the one there was.
    """
    trip, changed = _give(actor, trip_id, car_id, driver_id, at)
    if changed:
        _issue_sheets(actor, trip, at)
    return trip


def _issue_sheets(actor: Actor, trip: Trip, at: datetime) -> None:
    """The sheets of a trip and of those who share its car; their numbers are locked last."""
    vouchers.issue_sheet(actor=actor, trip=trip, at=at)
    shared = trip.sharers.filter(state=TripState.DISPATCHED).order_by("pk")
    for sharer in shared.select_related("unit"):
        sharer.shares = trip
        vouchers.issue_sheet(actor=actor, trip=sharer, reason="同车的单改派", at=at)


@transaction.atomic
def _give(
    actor: Actor, trip_id: int, car_id: int, driver_id: int | None, at: datetime
) -> tuple[Trip, bool]:
    """Car and driver for a trip, without its sheet yet; whether that changed anything."""
    requests.lock_with_sharers(trip_id)
    trip, car, _ = _load(actor, trip_id, car_id, None)
    assert car is not None  # noqa: S101 — an id was given
    driver = _locked_driver(actor.scope(DISPATCH), driver_id or _usual(actor, trip, car, at))
    assert driver is not None  # noqa: S101 — as above
    if trip.state not in (TripState.APPROVED, TripState.DISPATCHED):
        _wrong_state(trip)
    if trip.state == TripState.DISPATCHED and (trip.car_id, trip.driver_id) == (car.pk, driver.pk):
        return trip, False
    verdict = judge_dispatch(
        scope=actor.scope(DISPATCH), trip=trip, car=car, driver=driver, at=at
    ).enforce()
    _lay_off_sharers(trip, car)
    instead_of = trip.driver_id
    facts = {
        "car_id": car.pk, "driver_id": driver.pk, "shares_id": None,
        "state": TripState.DISPATCHED, "state_note": "", "dispatched_at": at,
        "dispatched_by_id": actor.person_id,
    }  # fmt: skip
    change_trip(trip, facts, actor=actor, verb="fleet.trip.dispatched", at=at, verdict=verdict)
    trip.car, trip.driver = car, driver  # as they are locked here
    bus.publish(TripDispatched(trip_id=trip.pk, instead_of=instead_of))
    return trip, True


TOGETHER_MAX = 50


@transaction.atomic
def dispatch_together(*, actor: Actor, trip_ids: Collection[int], at: datetime) -> list[Trip]:
    """Give each of several waiting trips the car wished for or the nearest free one (一并派车).

    Needs ``fleet.trip.dispatch``. All or none: a trip that does not wait, or finds no car, is
    named and nothing is dispatched. One record each, as when dispatched singly.
    """
    actor.must(DISPATCH)
    trips = list(
        Trip.objects.within(actor.scope(DISPATCH))
        .filter(pk__in=trip_ids)
        .select_related("unit")
        .order_by("planned_from", "pk")
    )
    if len(trips) < len(set(trip_ids)):
        raise Trip.DoesNotExist
    if not trips:
        refuse("none_chosen", "没有选派车单。", "先勾选待派车的单。").enforce()
    if len(trips) > TOGETHER_MAX:
        refuse("too_many", f"一次最多一并派 {TOGETHER_MAX} 单。", "分几次派。").enforce()
    for trip in trips:
        if trip.state != TripState.APPROVED:
            refuse(
                "wrong_state", f"{trip.number} {TripState(trip.state).label}，不能一并派车。",
                "只选待派车的单。",
            ).enforce()  # fmt: skip
    given = [_nearest_car(actor, trip, at) for trip in trips]
    for trip in given:  # only now: who holds the counter of the numbers waits for no car
        _issue_sheets(actor, trip, at)
    return given


def _nearest_car(actor: Actor, trip: Trip, at: datetime) -> Trip:
    wished = [trip.wished_car_id] if trip.wished_car_id else []
    why = ""
    near = means.nearest_free(scope=actor.scope(DISPATCH), trip=trip, at=at)
    for car_id in [*wished, *(car.id for car in near)]:
        try:
            return _give(actor, trip.pk, car_id, None, at)[0]
        except Refused as refused:
            why = str(refused)
    why = why or "这段时间没有坐得下的空车。"
    raise Refused(refuse("no_car", f"{trip.number} 派不出车。", f"{why}这几单都没有派。").refusals)


def _usual(actor: Actor, trip: Trip, car: Car, at: datetime) -> int:
    driver = means.suggested_driver(
        scope=actor.scope(DISPATCH),
        car=car,
        begin=trip.planned_from,
        end=trip.planned_to,
        law=law_at(trip.planned_from),
        at=at,
    )
    if driver is None:
        raise Refused(
            refuse(
                "no_driver",
                "这段时间没有空着的驾驶员能驾这辆车。",
                "换一辆车，或改时间。",
                sending.ONE_DRIVER,
                field="driver",
            ).refusals
        )
    return int(driver.pk)


def _wrong_state(trip: Trip) -> NoReturn:
    held = f"，由{trip.dispatched_by}派的" if trip.dispatched_by_id else ""
    raise Refused(
        refuse(
            "wrong_state",
            f"这一单{TripState(trip.state).label}{held}，不能派车。",
            "刷新后看新内容。",
        ).refusals
    )


def _lay_off_sharers(trip: Trip, car: Car) -> None:
    if means.riders_in(trip) + 1 <= car.seats:
        return
    refuse(
        "too_small_for_all",
        f"不能派{car.plate}。",
        f"这一单连同合乘共 {means.riders_in(trip)} 人，该车 {car.seats} 座。",
        sending.SEATS,
        field="car",
    ).enforce()


@transaction.atomic
def recall_trip(*, actor: Actor, trip_id: int, reason: str = "", at: datetime) -> Trip:
    """Take a dispatch back before the car goes (不派了); the request waits again."""
    requests.lock_with_sharers(trip_id)
    trip, _, _ = _load(actor, trip_id, None, None)
    in_state(sheets.TRIPS, trip, act="收回派车", when=(TripState.DISPATCHED,))
    if trip.urgent:
        refuse("urgent", "应急先派的单不能退回待派。", "取消这一单，或改派别的车。").enforce()
    driver_id = trip.driver_id
    sharers = requests.let_sharers_wait(actor, trip, f"合乘的 {trip.number} 不派了，待重新派车", at)
    facts = {**requests.WITHOUT_CAR, "state": TripState.APPROVED}
    change(trip, facts, actor=actor, verb="fleet.trip.recalled", at=at, note=reason)
    vouchers.void_sheets(actor=actor, trips=[trip, *sharers], reason=reason or "不派了", at=at)
    bus.publish(
        TripRecalled(
            trip_id=trip.pk,
            driver_id=driver_id,
            sharer_ids=tuple(sharer.pk for sharer in sharers),
            by_id=actor.person_id,
            reason=reason,
            at=at,
        )
    )
    return trip


@transaction.atomic
def replan_trip(
    *,
    actor: Actor,
    trip_id: int,
    planned_from: datetime,
    planned_to: datetime,
    reason: str = "",
    at: datetime,
) -> Trip:
    """Move a trip to a time agreed with the rider (改时间); a promised car must be free.

    Who shares a car (合乘) still goes when it goes.
    """
    requests.lock_with_sharers(trip_id)
    trip, _, _ = _load(actor, trip_id, None, None)
    in_state(sheets.TRIPS, trip, act="改时间", when=(TripState.APPROVED, TripState.DISPATCHED))
    wanted = copy(trip)
    wanted.planned_from, wanted.planned_to = planned_from, planned_to
    verdict = requests.judge_request(trip=wanted, at=at)
    if trip.car is not None and trip.driver is not None:
        verdict += judge_dispatch(
            scope=actor.scope(DISPATCH), trip=wanted, car=trip.car, driver=trip.driver, at=at
        )
    shared = [trip.shares] if trip.shares else trip.sharers.filter(state=TripState.DISPATCHED)
    others = {other.number: other.facts() for other in shared}
    verdict += sending.stays_shared(trip=wanted.facts(), others=others)
    facts = {"planned_from": planned_from, "planned_to": planned_to}
    change_trip(
        trip, facts, actor=actor, verb="fleet.trip.replanned", at=at, verdict=verdict, note=reason
    )
    if trip.state == TripState.DISPATCHED:
        vouchers.issue_sheet(actor=actor, trip=trip, reason=reason or "改时间", at=at)
    bus.publish(TripReplanned(trip_id=trip.pk, by_id=actor.person_id, at=at))
    return trip


@transaction.atomic
def share_trip(*, actor: Actor, trip_id: int, carrier_id: int, at: datetime) -> Trip:
    """Let a waiting request share the car of another trip (合乘)."""
    actor.must(DISPATCH)
    inside = Trip.objects.within(actor.scope(DISPATCH)).select_related("unit", "car", "driver")
    both = {
        trip.pk: trip
        for trip in inside.select_for_update(of=("self",))
        .filter(pk__in=[trip_id, carrier_id])
        .order_by("pk")
    }
    if len(both) < 2:  # noqa: PLR2004 — the two of them
        raise Trip.DoesNotExist
    trip, carrier = both[trip_id], both[carrier_id]
    if trip.shares_id == carrier.pk:
        return trip
    if trip.state != TripState.APPROVED:
        _wrong_state(trip)
    if carrier.state not in BOOKED_STATES or carrier.car is None:
        sentence = f"{carrier.number} 还没有派车。"
        raise Refused(refuse("no_carrier", "不能合乘。", sentence, field="shares").refusals)
    verdict = sending.may_share(
        trip=trip.facts(),
        carrier=carrier.facts(),
        riders=means.riders_in(carrier),
        seats=carrier.car.seats,
    ).enforce()
    facts = {
        "shares_id": carrier.pk, "state": carrier.state, "dispatched_at": at,
        "dispatched_by_id": actor.person_id,
    }  # fmt: skip
    if carrier.state == TripState.OUT:
        facts["went_at"] = carrier.went_at
    change(
        trip, facts, actor=actor, verb="fleet.trip.shared", at=at, verdict=verdict,
        also={"shares": carrier.number},
    )  # fmt: skip
    trip.shares = carrier
    vouchers.issue_sheet(actor=actor, trip=trip, at=at)
    bus.publish(TripDispatched(trip_id=trip.pk))
    return trip


@transaction.atomic
def dispatch_urgently(
    *,
    actor: Actor,
    facts: Mapping[str, Any],
    car_id: int,
    driver_id: int | None = None,
    reason: str,
    once: UUID | None = None,
    at: datetime,
) -> Trip:
    """Send a car first and paper it later (应急先派), with the reason; marked until it is papered.

    ``facts`` as in ``request_trip``. The papers are due some working days later (本局参数).
    """
    actor.must(DISPATCH)
    if not reason.strip():
        refuse(
            "reason_missing", "没有写应急原因。", "写明为什么先派后补。", field="urgent_reason"
        ).enforce()
    unit = Unit.objects.open().get(pk=facts["unit_id"])
    car = _locked_car(actor.scope(DISPATCH), car_id)
    assert car is not None  # noqa: S101 — an id was given
    if once and (known := _sent_already(once, actor)):  # asked after waiting for the lock
        return known
    trip = Trip(
        state=TripState.DISPATCHED,
        asked_at=at,
        urgent_reason=reason.strip()[:100],
        paper=Paper.OWED,
        once=once,
        dispatched_at=at,
        dispatched_by_id=actor.person_id,
        **facts,
    )
    trip.unit, trip.car = unit, car
    law = law_at(at)
    driver = _locked_driver(actor.scope(DISPATCH), driver_id or _usual(actor, trip, car, at))
    assert driver is not None  # noqa: S101 — as above
    trip.driver = driver
    due = calendar.add_workdays(
        at.astimezone(times.ZONE).date(), int(law["fleet.trip.paper_days"].value)
    )
    trip.paper_due_on = due
    verdict = asking.may_request(trip=trip.facts(), rest_days=[], at=at, law=law)
    verdict += judge_dispatch(scope=actor.scope(DISPATCH), trip=trip, car=car, driver=driver, at=at)
    verdict += warn(
        "papers_owed",
        "先派车，后补单。",
        f"{due:%Y-%m-%d} 前由{unit}补齐手续。",
        law["fleet.trip.paper_days"].cite,
    )
    verdict.enforce()
    try:
        with transaction.atomic():  # the number inside: it is given back when the row is refused
            trip.number = requests.new_number(trip.planned_from)
            trip.save(force_insert=True)
    except IntegrityError as fault:
        if once and (known := _sent_already(once, actor)):
            return known
        raise_taken(fault)
    made(
        trip, *requests.ASKED, *PAIR, actor=actor, verb="fleet.trip.urgent", at=at,
        verdict=verdict, note=reason,
    )  # fmt: skip
    vouchers.issue_sheet(actor=actor, trip=trip, at=at)
    bus.publish(TripDispatched(trip_id=trip.pk))
    return trip


def _sent_already(once: UUID, actor: Actor) -> Trip | None:
    """What this form made when it was sent before; ``None`` for a form of somebody else."""
    return Trip.objects.filter(once=once, dispatched_by_id=actor.person_id).first()
