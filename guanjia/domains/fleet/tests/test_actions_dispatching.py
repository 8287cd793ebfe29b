"""Dispatching: a car and a driver, changed, taken back, moved, shared, sent in an emergency."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest

from guanjia.domains.fleet.actions import dispatching, entering, journeys
from guanjia.domains.fleet.events import TripDispatched
from guanjia.domains.fleet.models import Car, Driver, Trip
from guanjia.domains.fleet.terms.cars import CarState
from guanjia.domains.fleet.terms.drivers import DriverState
from guanjia.domains.fleet.terms.trips import Paper, Purpose, TripState
from guanjia.domains.fleet.tests.builders import (
    AT,
    BUS,
    EXPIRED,
    HOUR,
    IN_REPAIR,
    OWN,
    SECOND,
    SMALL,
    SYSTEM,
    THIRD,
    City,
    car,
)
from guanjia.kernel.audit.models import Record
from guanjia.kernel.events import bus
from guanjia.kernel.registers import amending
from guanjia.kernel.regulations.verdict import Finding, Refused, verdict_from_json
from guanjia.kernel.values.actor import NotAllowed

DAY = timedelta(days=1)


def findings_of(call: Callable[[], Any]) -> tuple[Finding, ...]:
    with pytest.raises(Refused) as refused:
        call()
    return refused.value.findings


def codes_of(call: Callable[[], Any]) -> list[str]:
    return [finding.code for finding in findings_of(call)]


def fresh(trip: Trip) -> Trip:
    return Trip.objects.select_related("car", "driver", "shares").get(pk=trip.pk)


def records(verb: str) -> list[Record]:
    return list(Record.objects.filter(verb=f"fleet.trip.{verb}").order_by("pk"))


# ── a car and a driver ──────────────────────────────────────────────────────────────────


def test_an_approved_trip_gets_a_car_and_a_driver(city: City) -> None:
    trip = city.approved()
    with bus.captured() as heard:
        city.dispatch(trip, at=AT + HOUR / 2)
    sent = fresh(trip)
    assert (sent.state, sent.car, sent.driver) == (
        TripState.DISPATCHED,
        city.cars[SMALL],
        city.drivers["汪杰"],
    )
    assert (sent.dispatched_at, sent.dispatched_by) == (AT + HOUR / 2, city.person("dispatcher"))
    assert heard == [TripDispatched(trip_id=trip.pk)]
    (written,) = records("dispatched")
    assert written.before["car_id"] is None
    assert written.after["car_id"] == city.cars[SMALL].pk
    passes = [finding.code for finding in verdict_from_json(written.verdict).passes]
    assert passes == ["seats", "licence", "inspection"]


def test_a_double_click_dispatches_once(city: City) -> None:
    trip = city.dispatched()
    with bus.captured() as heard:
        city.dispatch(trip)
    assert not heard
    assert len(records("dispatched")) == 1


def test_a_dispatched_trip_gets_another_pair(city: City) -> None:
    trip = city.dispatched()
    city.dispatch(trip, car=SECOND, driver="程勇")
    assert fresh(trip).car == city.cars[SECOND]
    assert records("dispatched")[-1].before["car_id"] == city.cars[SMALL].pk
    assert city.dispatched().car == city.cars[SMALL], "the first car is free again"


def test_without_a_driver_the_usual_one_is_taken(city: City) -> None:
    city.finished(driver="方敏")
    trip = city.approved(planned_from=AT + DAY, planned_to=AT + DAY + HOUR)
    dispatching.dispatch_trip(
        actor=city.actor("dispatcher"), trip_id=trip.pk, car_id=city.cars[SMALL].pk, at=AT
    )
    assert fresh(trip).driver == city.drivers["方敏"]


def test_a_bus_gets_a_driver_who_may_drive_it(city: City) -> None:
    trip = city.approved(passengers=15)
    bus_id = city.cars[BUS].pk
    dispatcher = city.actor("dispatcher")
    dispatching.dispatch_trip(actor=dispatcher, trip_id=trip.pk, car_id=bus_id, at=AT)
    assert fresh(trip).driver == city.drivers["程勇"]
    other = city.approved(passengers=15)
    car(f"{BUS[:-1]}8", city.units["bureau"], seats=19)
    second_bus = Car.objects.get(plate=f"{BUS[:-1]}8")
    assert codes_of(
        lambda: dispatching.dispatch_trip(
            actor=dispatcher, trip_id=other.pk, car_id=second_bus.pk, at=AT
        )
    ) == ["no_driver"]


def test_a_taken_car_names_who_holds_it_until_when_and_the_three_nearest(city: City) -> None:
    held = city.dispatched()
    late = city.approved(planned_from=AT + 2 * HOUR, planned_to=AT + 4 * HOUR)
    (finding,) = findings_of(lambda: city.dispatch(late, driver="程勇"))
    assert finding.code == "car_taken"
    assert finding.sentence == (
        f"已派给{held.unit} 莫兴（乐平），占用至 5月20日 12:00，与本单重叠 1 小时。"
    )
    assert finding.cite is not None
    assert finding.cite.line() == "规则：同一车辆同一时段只能有一单"
    assert [option.act for option in finding.options] == ["trip", "car", "car", "car"]
    assert finding.options[0].value == held.number
    offered = [option.value for option in finding.options[1:]]
    assert offered == [str(city.cars[plate].pk) for plate in (SECOND, THIRD, BUS)]
    assert fresh(late).state == TripState.APPROVED


def test_a_taken_driver_is_refused_though_the_car_is_free(city: City) -> None:
    city.dispatched()
    other = city.approved()
    assert codes_of(lambda: city.dispatch(other, car=SECOND)) == ["driver_taken"]


def test_one_trip_may_follow_the_other_to_the_minute(city: City) -> None:
    city.dispatched()
    following = city.dispatched(planned_from=AT + 3 * HOUR, planned_to=AT + 4 * HOUR)
    assert following.car == city.cars[SMALL]


def test_a_car_out_beyond_its_time_is_not_given_to_the_next(city: City) -> None:
    city.out()
    following = city.approved(planned_from=AT + 6 * HOUR, planned_to=AT + 7 * HOUR)
    (finding,) = findings_of(lambda: city.dispatch(following, driver="程勇", at=AT + 5 * HOUR))
    assert finding.sentence.endswith("应于 5月20日 12:00 返回，至今未收车。")


@pytest.mark.parametrize(
    ("plate", "driver", "codes"),
    [
        (IN_REPAIR, "汪杰", ["car_not_in_use"]),
        (EXPIRED, "汪杰", ["inspection_expired"]),
        (OWN, "汪杰", ["lent"]),
        (BUS, "汪杰", ["licence_class"]),
    ],
)
def test_an_unfit_pair_is_refused(city: City, plate: str, driver: str, codes: list[str]) -> None:
    trip = city.approved()
    assert codes_of(lambda: city.dispatch(trip, car=plate, driver=driver)) == codes
    assert not records("dispatched")


def test_too_many_riders_and_an_absent_driver_are_both_named(city: City) -> None:
    Driver.objects.filter(name="方敏").update(state=DriverState.ON_LEAVE)
    trip = city.approved(passengers=5)
    codes = codes_of(lambda: city.dispatch(trip, driver="方敏"))
    assert codes == ["too_small", "driver_away"]


@pytest.mark.parametrize("stage", ["requested", "out", "finished"])
def test_a_trip_in_the_wrong_state_gets_no_car(city: City, stage: str) -> None:
    trip = getattr(city, stage)()
    assert codes_of(lambda: city.dispatch(trip, car=SECOND, driver="程勇")) == ["wrong_state"]


def test_without_the_duty_nothing_is_dispatched(city: City) -> None:
    trip = city.approved()
    pair = {"car_id": city.cars[SMALL].pk, "driver_id": city.drivers["汪杰"].pk}
    for username in ("asker", "approver", "supervisor", "driver"):
        actor = city.actor(username)
        for act in (
            lambda a=actor: dispatching.dispatch_trip(actor=a, trip_id=trip.pk, **pair, at=AT),
            lambda a=actor: dispatching.recall_trip(actor=a, trip_id=trip.pk, at=AT),
            lambda a=actor: dispatching.share_trip(
                actor=a, trip_id=trip.pk, carrier_id=trip.pk, at=AT
            ),
            lambda a=actor: dispatching.replan_trip(
                actor=a, trip_id=trip.pk, planned_from=AT, planned_to=AT + HOUR, at=AT
            ),
            lambda a=actor: dispatching.dispatch_urgently(
                actor=a, facts=city.wish(), reason="x", **pair, at=AT
            ),
        ):
            with pytest.raises(NotAllowed):
                act()


def test_what_does_not_exist_is_not_found(city: City) -> None:
    trip = city.approved()
    actor = city.actor("dispatcher")
    with pytest.raises(Trip.DoesNotExist):
        dispatching.dispatch_trip(actor=actor, trip_id=0, car_id=city.cars[SMALL].pk, at=AT)
    with pytest.raises(Car.DoesNotExist):
        dispatching.dispatch_trip(actor=actor, trip_id=trip.pk, car_id=0, at=AT)
    with pytest.raises(Driver.DoesNotExist):
        dispatching.dispatch_trip(
            actor=actor, trip_id=trip.pk, car_id=city.cars[SMALL].pk, driver_id=-1, at=AT
        )


# ── taken back, moved ───────────────────────────────────────────────────────────────────


def test_a_dispatch_is_taken_back_and_the_pair_is_free(city: City) -> None:
    trip = city.dispatched()
    told: Any = {"actor": city.actor("dispatcher"), "trip_id": trip.pk, "at": AT}
    dispatching.recall_trip(reason="车故障", **told)
    assert codes_of(lambda: dispatching.recall_trip(reason="又点", **told)) == ["state"]
    back = fresh(trip)
    assert (back.state, back.car, back.driver) == (TripState.APPROVED, None, None)
    (written,) = records("recalled")
    assert (written.before["car_id"], written.note) == (city.cars[SMALL].pk, "车故障")
    assert city.dispatched().car == city.cars[SMALL]


def test_taking_a_dispatch_back_frees_who_shared_it(city: City) -> None:
    carrier, sharer = city.dispatched(), city.approved()
    share(city, sharer, carrier)
    dispatching.recall_trip(actor=city.actor("dispatcher"), trip_id=carrier.pk, at=AT)
    assert (fresh(sharer).state, fresh(sharer).shares) == (TripState.APPROVED, None)


@pytest.mark.parametrize("stage", ["requested", "out", "finished"])
def test_what_was_not_dispatched_is_not_taken_back(city: City, stage: str) -> None:
    trip = getattr(city, stage)()
    actor = city.actor("dispatcher")
    assert codes_of(lambda: dispatching.recall_trip(actor=actor, trip_id=trip.pk, at=AT)) == [
        "state"
    ]


def replan(city: City, trip: Trip, begin: int, end: int, **hours: Any) -> Trip:
    """Move a trip to so many hours from now."""
    return dispatching.replan_trip(
        actor=city.actor("dispatcher"),
        trip_id=trip.pk,
        planned_from=AT + begin * HOUR,
        planned_to=AT + end * HOUR,
        reason="与用车人商定",
        at=AT,
    )


def test_a_trip_is_moved_to_a_free_time(city: City) -> None:
    trip = city.dispatched()
    replan(city, trip, 2, 5)
    moved = fresh(trip)
    assert (moved.planned_from, moved.planned_to) == (AT + 2 * HOUR, AT + 5 * HOUR)
    assert (moved.state, moved.car) == (TripState.DISPATCHED, city.cars[SMALL])
    (written,) = records("replanned")
    assert written.before["planned_from"] != written.after["planned_from"]
    assert written.note == "与用车人商定"


def test_a_trip_is_not_moved_onto_a_taken_slot(city: City) -> None:
    city.dispatched(planned_from=AT + 4 * HOUR, planned_to=AT + 6 * HOUR)
    trip = city.dispatched()
    codes = codes_of(lambda: replan(city, trip, 3, 5))
    assert codes == ["car_taken", "driver_taken"]
    assert fresh(trip).planned_from == AT + HOUR
    replan(city, trip, 2, 4)


def test_a_trip_without_a_car_is_moved_anywhere_but_not_backwards(city: City) -> None:
    trip = city.approved()
    replan(city, trip, 5, 6)
    assert codes_of(lambda: replan(city, trip, 6, 5)) == ["ends_before"]
    out = city.out()
    assert codes_of(lambda: replan(city, out, 5, 6)) == ["state"]


def test_an_urgent_trip_can_be_moved_too(city: City) -> None:
    trip = urgent(city)
    replan(city, trip, 2, 4)
    assert fresh(trip).planned_from == AT + 2 * HOUR


# ── shared ──────────────────────────────────────────────────────────────────────────────


def share(city: City, trip: Trip, carrier: Trip) -> Trip:
    return dispatching.share_trip(
        actor=city.actor("dispatcher"), trip_id=trip.pk, carrier_id=carrier.pk, at=AT
    )


def test_a_request_shares_a_car_and_holds_none_itself(city: City) -> None:
    carrier, trip = city.dispatched(), city.approved(destination="鸣山")
    with bus.captured() as heard:
        for _ in range(2):
            share(city, trip, carrier)
    sharer = fresh(trip)
    assert (sharer.state, sharer.shares, sharer.car) == (TripState.DISPATCHED, carrier, None)
    assert sharer.carrier == carrier
    assert heard == [TripDispatched(trip_id=trip.pk)]
    (told,) = records("shared")
    assert (told.after["shares"], told.after["state"]) == (carrier.number, "DISPATCHED")


def test_sharing_stops_at_the_last_seat(city: City) -> None:
    carrier, first, second = city.dispatched(), city.approved(), city.approved(passengers=1)
    share(city, first, carrier)
    (finding,) = findings_of(lambda: share(city, second, carrier))
    assert finding.code == "no_seats"
    assert "已有 4 人，核定 5 座" in finding.sentence


def test_sharers_go_out_and_come_back_with_their_carrier(city: City) -> None:
    carrier, trip = city.dispatched(), city.approved()
    share(city, trip, carrier)
    actor = city.actor("dispatcher")
    journeys.depart_trip(actor=actor, trip_id=carrier.pk, start_km=10_000, at=AT + HOUR)
    assert (fresh(trip).state, fresh(trip).went_at) == (TripState.OUT, AT + HOUR)
    journeys.finish_trip(actor=actor, trip_id=carrier.pk, end_km=10_050, at=AT + 3 * HOUR)
    done = fresh(trip)
    assert (done.state, done.back_at, done.driven) == (TripState.FINISHED, AT + 3 * HOUR, None)


def test_who_joins_a_car_that_is_out_is_out(city: City) -> None:
    trip = city.approved()
    carrier = city.out()
    share(city, trip, carrier)
    assert (fresh(trip).state, fresh(trip).went_at) == (TripState.OUT, carrier.went_at)


def test_a_car_is_not_shared_by_who_does_not_fit_its_time_or_state(city: City) -> None:
    carrier = city.dispatched()
    later = city.approved(planned_from=AT + 6 * HOUR, planned_to=AT + 7 * HOUR)
    waiting = city.approved()
    assert codes_of(lambda: share(city, later, carrier)) == ["other_time"]
    assert codes_of(lambda: share(city, waiting, later)) == ["no_carrier"]
    assert codes_of(lambda: share(city, city.requested(), carrier)) == ["wrong_state"]


def test_nobody_shares_with_a_sharer_or_with_themselves(city: City) -> None:
    carrier, first, second = city.dispatched(), city.approved(), city.approved()
    share(city, first, carrier)
    assert codes_of(lambda: share(city, second, first)) == ["no_carrier"]
    with pytest.raises(Trip.DoesNotExist):
        share(city, second, second)


@pytest.mark.parametrize("moved", ["carrier", "sharer"])
def test_who_shares_a_car_is_not_moved_to_another_time(city: City, moved: str) -> None:
    both = {"carrier": city.dispatched(), "sharer": city.approved()}
    share(city, both["sharer"], both["carrier"])
    trip, other = both.pop(moved), *both.values()
    (finding,) = findings_of(lambda: replan(city, trip, 6, 8))
    assert (finding.code, finding.headline) == ("other_time", "不能改时间。")
    assert finding.cite
    assert f"合乘的 {other.number} " in finding.sentence
    assert fresh(trip).planned_from == AT + HOUR
    replan(city, trip, 2, 5)
    assert fresh(trip).planned_from == AT + 2 * HOUR


def test_a_shared_car_is_not_exchanged_for_one_too_small_for_all(city: City) -> None:
    carrier, trip = city.dispatched(car=THIRD, passengers=4), city.approved(passengers=2)
    share(city, trip, carrier)
    assert codes_of(lambda: city.dispatch(carrier, car=SECOND)) == ["too_small_for_all"]
    assert fresh(carrier).car == city.cars[THIRD]


def test_a_sharer_gets_a_car_of_its_own(city: City) -> None:
    carrier, trip = city.dispatched(), city.approved()
    share(city, trip, carrier)
    city.dispatch(trip, car=SECOND, driver="程勇")
    own = fresh(trip)
    assert (own.shares, own.car, own.state) == (None, city.cars[SECOND], TripState.DISPATCHED)


# ── emergencies ─────────────────────────────────────────────────────────────────────────


def urgent(city: City, plate: str = SMALL, **changes: Any) -> Trip:
    facts = {
        "actor": city.actor("dispatcher"),
        "facts": city.wish(purpose=Purpose.EPIDEMIC),
        "car_id": city.cars[plate].pk,
        "driver_id": city.drivers["汪杰"].pk,
        "reason": "密接转运",
        "at": AT,
        **changes,
    }
    return dispatching.dispatch_urgently(**facts)


def test_an_emergency_is_sent_at_once_and_owes_its_papers(city: City) -> None:
    with bus.captured() as heard:
        trip = urgent(city)
    sent = fresh(trip)
    assert (sent.state, sent.paper, sent.urgent_reason) == (
        TripState.DISPATCHED,
        Paper.OWED,
        "密接转运",
    )
    assert sent.number.startswith("PC20200520")
    assert sent.applicant is None
    assert heard == [TripDispatched(trip_id=trip.pk)]
    (written,) = records("urgent")
    assert [f.code for f in verdict_from_json(written.verdict).warnings] == ["papers_owed"]


def test_the_same_emergency_is_sent_once(city: City) -> None:
    once = uuid4()
    assert urgent(city, once=once) == urgent(city, once=once)
    assert len(records("urgent")) == 1


def test_an_emergency_says_why_and_does_not_take_what_is_taken(city: City) -> None:
    assert codes_of(lambda: urgent(city, reason=" ")) == ["reason_missing"]
    city.dispatched()
    assert codes_of(lambda: urgent(city)) == ["car_taken", "driver_taken"]
    assert not records("urgent")
    assert Trip.objects.count() == 1


def test_an_emergency_without_a_named_driver_gets_one(city: City) -> None:
    assert urgent(city, driver_id=None).driver is not None


def test_an_emergency_is_not_put_back_into_the_queue(city: City) -> None:
    trip = urgent(city)
    actor = city.actor("dispatcher")
    assert codes_of(lambda: dispatching.recall_trip(actor=actor, trip_id=trip.pk, at=AT)) == [
        "urgent"
    ]


# ── cars themselves ─────────────────────────────────────────────────────────────────────


def set_state(city: City, plate: str, state: CarState, reason: str = "换轮胎") -> Car:
    return entering.set_car_state(
        actor=city.actor("dispatcher"),
        car_id=city.cars[plate].pk,
        state=state,
        reason=reason,
        at=AT,
    )


def test_a_car_is_taken_out_of_use_and_back(city: City) -> None:
    set_state(city, SMALL, CarState.REPAIR)
    set_state(city, SMALL, CarState.REPAIR)
    assert Car.objects.get(plate=SMALL).state == CarState.REPAIR
    (written,) = Record.objects.filter(verb="fleet.car.state_set")
    assert (written.before, written.after) == ({"state": "IN_USE"}, {"state": "REPAIR"})
    set_state(city, SMALL, CarState.IN_USE)
    assert city.dispatched().car == city.cars[SMALL]


def test_a_car_that_is_promised_or_disposed_of_stays_as_it_is(city: City) -> None:
    city.dispatched()
    assert codes_of(lambda: set_state(city, SMALL, CarState.REPAIR)) == ["car_booked"]
    assert codes_of(lambda: set_state(city, SECOND, CarState.DISPOSED)) == ["disposal"]
    assert codes_of(lambda: set_state(city, SECOND, CarState.REPAIR, " ")) == ["reason_missing"]


def amended(city: City, duty: str, **facts: Any) -> Car:
    car: Car = amending.amend(
        archive=entering.CAR, actor=city.actor(duty), pk=city.cars[EXPIRED].pk, facts=facts, at=AT
    )
    return car


def test_only_plain_facts_of_a_car_are_amended(city: City) -> None:
    amended(city, "dispatcher", inspected_until=date(2021, 4, 30))
    assert Car.objects.get(plate=EXPIRED).inspected_until == date(2021, 4, 30)
    written = Record.objects.get(verb="fleet.car.amended")
    assert written.before == {"inspected_until": "2020-04-30"}
    for name, value in {"seats": 50, "state": "DISPOSED", "wheels": 4}.items():
        refused = codes_of(lambda n=name, v=value: amended(city, "dispatcher", **{n: v}))
        assert refused == ["not_plain"], name
    for name, value in {"terminal": "1" * 21, "body": "TANK", "tank_l": "50.25"}.items():
        refused = codes_of(lambda n=name, v=value: amended(city, "dispatcher", **{n: v}))
        assert refused == ["value_invalid"], name
    amended(city, "dispatcher", inspected_until=date(2021, 4, 30))
    assert Record.objects.filter(verb="fleet.car.amended").count() == 1, "as it was"
    with pytest.raises(NotAllowed):
        amended(city, "clerk")


def test_an_older_ledger_never_turns_an_odometer_back(city: City) -> None:
    city.finished()
    assert Car.objects.get(plate=SMALL).odometer_km == 10_080
    car(SMALL, city.units["bureau"], odometer_km=9_000)
    assert Car.objects.get(plate=SMALL).odometer_km == 10_080


def test_a_driver_is_linked_to_the_person_of_the_same_name_and_mobile(city: City) -> None:
    assert city.drivers["汪杰"].person == city.person("driver")
    assert city.drivers["程勇"].person is None


def test_the_system_may_dispatch_and_is_named(city: City) -> None:
    trip = city.approved()
    dispatching.dispatch_trip(actor=SYSTEM, trip_id=trip.pk, car_id=city.cars[SMALL].pk, at=AT)
    assert records("dispatched")[0].name == "测试"
