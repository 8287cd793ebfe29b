"""Going out and coming back: odometer, costs, corrections."""

from datetime import datetime, timedelta
from decimal import Decimal

from django.db import transaction

from guanjia.domains.fleet.actions import dispatching, requests
from guanjia.domains.fleet.events import TripDeparted, TripFinished
from guanjia.domains.fleet.models import Car, Trip
from guanjia.domains.fleet.queries import means, sheets
from guanjia.domains.fleet.rules import journeys, times
from guanjia.domains.fleet.terms.trips import Reading, TripState
from guanjia.kernel.acts.changing import in_state
from guanjia.kernel.events import bus
from guanjia.kernel.registers import remarks
from guanjia.kernel.registers.terms import RemarkKind
from guanjia.kernel.regulations.lawbook import law_at
from guanjia.kernel.regulations.verdict import Refused, Verdict, refuse
from guanjia.kernel.values.actor import Actor

DRIVE = "fleet.trip.drive"
COSTS = ("toll_fen", "parking_fen", "fuel_l", "fuel_fen")
_AHEAD = timedelta(minutes=5)  # clocks of phones differ a little


def _load(actor: Actor, trip_id: int) -> tuple[Trip, Car]:
    verb = dispatching.DISPATCH if actor.can(dispatching.DISPATCH) else DRIVE
    actor.must(verb)
    requests.lock_with_sharers(trip_id)
    trip = (
        Trip.objects.within(actor.scope(verb))
        .select_for_update(of=("self",))
        .select_related("unit", "driver", "shares")
        .get(pk=trip_id)
    )
    if trip.shares is not None:
        raise _refused("shared", "这一单合乘别的车。", f"里程记在 {trip.shares.number}。")
    if trip.car_id is None or trip.driver is None:
        raise _refused("no_car", f"这一单{TripState(trip.state).label}，还没有派车。")
    if verb == DRIVE and trip.driver.person_id != actor.person_id:
        raise _refused("not_driver", "只有这一单的驾驶员能办。", f"驾驶员：{trip.driver}。")
    return trip, Car.objects.select_for_update().get(pk=trip.car_id)


def _refused(code: str, headline: str, sentence: str = "") -> Refused:
    return Refused(refuse(code, headline, sentence).refusals)


def _not_ahead(moment: datetime, at: datetime, field: str) -> None:
    if moment > at + _AHEAD:
        refuse(
            "in_the_future", "时间还没有到。", f"现在是 {times.moment(at)}。", field=field
        ).enforce()


@transaction.atomic
def depart_trip(
    *, actor: Actor, trip_id: int, start_km: int, went_at: datetime | None = None, at: datetime
) -> Trip:
    """Go out (出车) with the odometer reading; by the trip's driver or a dispatcher.

    ``went_at``: when it really went, if told later (a phone without net); default now. Refuses a
    reading below the last one. Twice with the same reading acts once. Publishes ``TripDeparted``.
    """
    trip, car = _load(actor, trip_id)
    went = (went_at or at).replace(microsecond=0)  # as ledgers can hold it
    if trip.state == TripState.OUT and trip.start_km == start_km:
        return trip
    if trip.state != TripState.DISPATCHED:
        raise _refused("wrong_state", f"这一单{TripState(trip.state).label}，不能出车。")
    _not_ahead(went, at, "went_at")
    last = means.reading_before(car_id=car.pk, at=went, without=trip.pk)
    journeys.may_depart(km=start_km, last=last, plate=car.plate).enforce()
    gap = journeys.gap_before(
        start=Reading(km=start_km, at=went, number=trip.number),
        before=last,
        plate=car.plate,
        law=law_at(went),
    )
    gap += journeys.not_below_ledger(
        km=start_km, ledger_km=car.odometer_km, last=last, plate=car.plate
    )
    facts = {"state": TripState.OUT, "went_at": went, "start_km": start_km}
    dispatching.change_trip(
        trip, facts, actor=actor, verb="fleet.trip.departed", at=at, verdict=gap
    )
    # Who shares the car goes out with it: the record of the carrier tells of both.
    trip.sharers.filter(state=TripState.DISPATCHED).update(state=TripState.OUT, went_at=went)
    _doubt(trip, gap, at)
    bus.publish(TripDeparted(trip_id=trip.pk))
    return trip


@transaction.atomic
def finish_trip(
    *,
    actor: Actor,
    trip_id: int,
    end_km: int,
    back_at: datetime | None = None,
    toll_fen: int | None = None,
    parking_fen: int | None = None,
    fuel_l: Decimal | None = None,
    fuel_fen: int | None = None,
    at: datetime,
) -> Trip:
    """Come back (收车) with the odometer reading, tolls, parking and fuel.

    Refuses a reading below that of departure. Moves the car's own reading on. Publishes
    ``TripFinished``. Twice with the same reading acts once.
    """
    trip, car = _load(actor, trip_id)
    back = (back_at or at).replace(microsecond=0)
    if trip.state == TripState.FINISHED and trip.end_km == end_km:
        return trip
    if trip.state != TripState.OUT:
        raise _refused(
            "wrong_state", f"这一单{TripState(trip.state).label}，不能收车。", "先出车。"
        )
    if back == trip.out.at < (back_at or at):
        back += timedelta(seconds=1)  # within one second, whose parts ledgers cannot hold
    _not_ahead(back, at, "back_at")
    verdict = journeys.may_finish(
        went_at=trip.out.at, back_at=back, start_km=trip.out.km, end_km=end_km, law=law_at(back)
    ).enforce()
    verdict += journeys.fits_between(
        start=trip.out,
        end=Reading(km=end_km, at=back, number=trip.number),
        before=None,
        after=means.reading_after(car_id=car.pk, at=trip.out.at, without=trip.pk),
        plate=car.plate,
    ).enforce()
    verdict += journeys.registered(missing=_missing(trip), law=law_at(back))
    facts = {
        "state": TripState.FINISHED, "back_at": back, "end_km": end_km, "toll_fen": toll_fen,
        "parking_fen": parking_fen, "fuel_l": fuel_l, "fuel_fen": fuel_fen,
    }  # fmt: skip
    dispatching.change_trip(
        trip, facts, actor=actor, verb="fleet.trip.finished", at=at, verdict=verdict
    )
    trip.sharers.filter(state=TripState.OUT).update(state=TripState.FINISHED, back_at=back)
    if end_km > car.odometer_km:
        _read_on(car, end_km)
    _doubt(trip, verdict, at)
    bus.publish(TripFinished(trip_id=trip.pk))
    return trip


@transaction.atomic
def correct_odometer(
    *, actor: Actor, trip_id: int, start_km: int, end_km: int, reason: str, at: datetime
) -> Trip:
    """Correct the readings of a finished trip (更正里程); they must fit between the neighbours.

    The car's own reading follows when it came from this trip.
    """
    actor.must("fleet.trip.correct")
    trip = (
        Trip.objects.within(actor.scope("fleet.trip.correct"))
        .select_for_update(of=("self",))
        .select_related("unit", "car")
        .get(pk=trip_id)
    )
    in_state(sheets.TRIPS, trip, act="更正里程", when=(TripState.FINISHED,))
    if trip.car is None:
        raise _refused("no_car", "这一单合乘别的车，没有里程可更正。")
    if not reason.strip():
        refuse(
            "reason_missing", "没有写更正原因。", "写明原因，留痕备查。", field="reason"
        ).enforce()
    car = Car.objects.select_for_update().get(pk=trip.car.pk)
    out, back = trip.out, trip.back
    verdict = journeys.may_finish(
        went_at=out.at, back_at=back.at, start_km=start_km, end_km=end_km, law=law_at(back.at)
    )
    verdict += journeys.fits_between(
        start=Reading(km=start_km, at=out.at, number=trip.number),
        end=Reading(km=end_km, at=back.at, number=trip.number),
        before=means.reading_before(car_id=car.pk, at=out.at, without=trip.pk),
        after=means.reading_after(car_id=car.pk, at=back.at, without=trip.pk),
        plate=car.plate,
    )
    dispatching.change_trip(
        trip, {"start_km": start_km, "end_km": end_km}, actor=actor,
        verb="fleet.trip.corrected", at=at, verdict=verdict, note=reason,
    )  # fmt: skip
    if car.odometer_km == back.km or car.odometer_km < end_km:  # this trip set the car's reading
        _read_on(car, end_km)
    return trip


def _read_on(car: Car, km: int) -> None:
    """The reading of a car follows its trips, whose trail tells of it."""
    Car.objects.filter(pk=car.pk).update(odometer_km=km)


def _missing(trip: Trip) -> list[str]:
    """What a finished trip should say and does not."""
    said = {
        "用车人": trip.rider_name,
        "事由": trip.reason,
        "出发地": trip.origin,
        "目的地": trip.destination,
    }
    return [name for name, text in said.items() if not text.strip()]


def _doubt(trip: Trip, verdict: Verdict, at: datetime) -> None:
    """Let what is odd wait for a look (里程待核)."""
    remarks.raise_remarks(
        register="fleet.trips",
        remarks=[
            remarks.Raised.of(object_id=trip.pk, kind=RemarkKind.DOUBT, finding=finding)
            for finding in verdict.warnings
        ],
        at=at,
    )
