"""Many at once, on real connections: one wins, everybody else is told in words."""

import threading
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection

from guanjia.domains.fleet.actions import dispatching, journeys, requests
from guanjia.domains.fleet.models import Trip
from guanjia.domains.fleet.terms.trips import TripState
from guanjia.domains.fleet.tests import builders
from guanjia.domains.fleet.tests.builders import AT, HOUR, SECOND, SMALL, City
from guanjia.kernel.approvals.models import Act
from guanjia.kernel.approvals.terms import ActKind
from guanjia.kernel.audit.models import Record
from guanjia.kernel.regulations.verdict import Refused

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.pg15]
MINUTE = timedelta(minutes=1)
AT_ONCE = 12  # connections at a time; the throw-away server has not many more


@pytest.fixture
def city(transactional_db: None) -> City:
    """The small city, committed, so that other connections see it."""
    return builders.city()


def all_at_once(calls: Sequence[Callable[[], Any]]) -> list[Any]:
    """What every call returned or raised; all start together, each on a connection of its own."""
    outcomes: list[Any] = [None] * len(calls)
    gate = threading.Barrier(min(len(calls), AT_ONCE))
    queue = list(enumerate(calls))
    lock = threading.Lock()

    def work() -> None:
        try:
            gate.wait(timeout=30)
            while True:
                with lock:
                    if not queue:
                        return
                    place, call = queue.pop(0)
                try:
                    outcomes[place] = call()
                except Exception as raised:  # whatever it is, it is looked at
                    outcomes[place] = raised
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(gate.parties)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=120)
    assert not any(thread.is_alive() for thread in threads), "nobody waits for ever"
    return outcomes


def parted(outcomes: Sequence[Any]) -> tuple[list[Any], list[Refused]]:
    """The winners and the refused; anything else raised is a fault."""
    winners = [each for each in outcomes if not isinstance(each, Exception)]
    refused = [each for each in outcomes if isinstance(each, Refused)]
    strange = [each for each in outcomes if isinstance(each, Exception) and each not in refused]
    assert not strange, strange
    return winners, refused


def fifty_trips(city: City) -> list[Trip]:
    """Approved trips whose times all overlap, entered without calling fifty approvals each time."""
    first = city.approved()
    rows = [
        Trip(
            number=f"PC2020052009{i:03d}",
            unit=first.unit,
            rider_name=f"用车人{i}",
            purpose=first.purpose,
            reason="x",
            origin="x",
            destination="乐平",
            passengers=1 + i % 4,
            planned_from=first.planned_from + i * MINUTE,
            planned_to=first.planned_to + i * MINUTE,
            state=TripState.APPROVED,
        )
        for i in range(49)
    ]
    Trip.objects.bulk_create(rows)
    return list(Trip.objects.filter(state=TripState.APPROVED).order_by("pk"))


def test_fifty_dispatches_of_one_car_leave_exactly_one(city: City) -> None:
    trips = fifty_trips(city)
    actor = city.actor("dispatcher")
    drivers = [builders.driver(f"J1{i:02d}", f"司机{i}", city.units["bureau"]) for i in range(50)]
    outcomes = all_at_once(
        [
            lambda trip=trip, driver=driver: dispatching.dispatch_trip(
                actor=actor,
                trip_id=trip.pk,
                car_id=city.cars[SMALL].pk,
                driver_id=driver.pk,
                at=AT,
            )
            for trip, driver in zip(trips, drivers, strict=True)
        ]
    )
    (winner,), refused = parted(outcomes)
    assert len(refused) == 49
    assert list(Trip.objects.filter(car=city.cars[SMALL])) == [winner]
    assert Record.objects.filter(verb="fleet.trip.dispatched").count() == 1
    until = f"{winner.planned_to.astimezone(AT.tzinfo):%H:%M}".lstrip("0")
    for each in refused:
        (finding,) = each.findings
        assert finding.code == "car_taken"
        assert f"{winner.rider_name}（乐平），占用至 5月20日 {until}" in finding.sentence
        assert finding.options[0].value == winner.number
        assert len([option for option in finding.options if option.act == "car"]) == 3


def test_fifty_dispatches_of_one_driver_leave_exactly_one(city: City) -> None:
    trips = fifty_trips(city)
    actor = city.actor("dispatcher")
    cars = [builders.car(f"赣H40{i:03d}", city.units["bureau"]) for i in range(50)]
    outcomes = all_at_once(
        [
            lambda trip=trip, car=car: dispatching.dispatch_trip(
                actor=actor,
                trip_id=trip.pk,
                car_id=car.pk,
                driver_id=city.drivers["汪杰"].pk,
                at=AT,
            )
            for trip, car in zip(trips, cars, strict=True)
        ]
    )
    (winner,), refused = parted(outcomes)
    assert len(refused) == 49
    assert list(Trip.objects.filter(driver=city.drivers["汪杰"])) == [winner]
    for each in refused:
        assert [finding.code for finding in each.findings] == ["driver_taken"]
        assert winner.rider_name in each.findings[0].sentence


def test_two_dispatchers_giving_each_others_cars_never_wait_for_ever(city: City) -> None:
    one, other = city.dispatched(), city.dispatched(car=SECOND, driver="程勇")
    actor = city.actor("dispatcher")

    def exchange(trip: Trip, plate: str, driver: str) -> Callable[[], Trip]:
        return lambda: dispatching.dispatch_trip(
            actor=actor,
            trip_id=trip.pk,
            car_id=city.cars[plate].pk,
            driver_id=city.drivers[driver].pk,
            at=AT,
        )

    outcomes = all_at_once([exchange(one, SECOND, "程勇"), exchange(other, SMALL, "汪杰")])
    winners, refused = parted(outcomes)
    assert (len(winners), len(refused)) == (0, 2)
    assert Trip.objects.get(pk=one.pk).car == city.cars[SMALL]


def test_urgent_and_planned_dispatches_of_one_car_leave_one(city: City) -> None:
    trip = city.approved()
    actor = city.actor("dispatcher")
    pair = {"car_id": city.cars[SMALL].pk, "driver_id": city.drivers["汪杰"].pk}

    def urgent() -> Trip:
        return dispatching.dispatch_urgently(
            actor=actor, facts=city.wish(), reason="密接转运", at=AT, **pair
        )

    def planned() -> Trip:
        return dispatching.dispatch_trip(actor=actor, trip_id=trip.pk, at=AT, **pair)

    winners, refused = parted(all_at_once([urgent, planned, urgent, planned, urgent, urgent]))
    assert len(set(winners)) == 1
    assert len(winners) + len(refused) == 6
    assert Trip.objects.filter(car=city.cars[SMALL]).count() == 1


def test_agreeing_and_returning_at_once_decides_once(city: City) -> None:
    trip = city.requested()
    approver, head = city.actor("approver"), city.actor("head")

    def agree() -> Trip:
        return requests.approve_trip(actor=approver, trip_id=trip.pk, at=AT)

    def send_back() -> Trip:
        return requests.return_trip(actor=head, trip_id=trip.pk, comment="改一下", at=AT)

    outcomes = all_at_once([agree, send_back] * 5)
    _, refused = parted(outcomes)
    acts = Counter(
        Act.objects.filter(kind__in=[ActKind.AGREE, ActKind.RETURN]).values_list("kind", flat=True)
    )
    assert sum(acts.values()) == 1
    assert len(refused) == 5, "whoever came second; the first one's double clicks are no error"
    state = Trip.objects.get(pk=trip.pk).state
    assert state == (TripState.APPROVED if acts[ActKind.AGREE] else TripState.RETURNED)
    assert all(each.findings[0].code == "already_decided" for each in refused)


def test_agreeing_and_withdrawing_at_once_one_wins_and_the_other_is_told(city: City) -> None:
    """The trip is locked before its case by both, so that neither waits for the other."""
    approver, asker = city.actor("approver"), city.actor("asker")
    for _ in range(6):
        trip = city.requested()
        outcomes = all_at_once(
            [
                partial(requests.approve_trip, actor=approver, trip_id=trip.pk, at=AT),
                partial(requests.withdraw_trip, actor=asker, trip_id=trip.pk, at=AT),
            ]
        )
        (winner,), (loser,) = parted(outcomes)
        acts = Act.objects.filter(
            case__subject_id=trip.pk, kind__in=[ActKind.AGREE, ActKind.WITHDRAW]
        )
        agreed = [act.kind for act in acts] == [ActKind.AGREE]
        assert agreed or [act.kind for act in acts] == [ActKind.WITHDRAW]
        state = Trip.objects.get(pk=trip.pk).state
        assert state == (TripState.APPROVED if agreed else TripState.WITHDRAWN)
        assert winner.state == state
        (finding,) = loser.findings
        assert finding.code == "already_decided"
        first = "邵红已于 5月20日 9:00 同意" if agreed else "莫兴已于 5月20日 9:00 撤回"
        assert first in finding.headline


def test_the_same_form_sent_many_times_at_once_asks_once(city: City) -> None:
    once, asker = uuid4(), city.actor("asker")
    outcomes = all_at_once(
        [lambda: requests.request_trip(actor=asker, facts=city.wish(), once=once, at=AT)] * 10
    )
    winners, refused = parted(outcomes)
    assert not refused
    assert len({trip.pk for trip in winners}) == 1
    assert Trip.objects.count() == 1
    assert Act.objects.filter(kind=ActKind.SUBMIT).count() == 1
    assert city.requested().number.endswith("00002"), "no number was lost"


def test_the_same_emergency_sent_many_times_at_once_goes_once(city: City) -> None:
    once, actor = uuid4(), city.actor("dispatcher")

    def send() -> Trip:
        return dispatching.dispatch_urgently(
            actor=actor,
            facts=city.wish(),
            car_id=city.cars[SMALL].pk,
            driver_id=city.drivers["汪杰"].pk,
            reason="密接转运",
            once=once,
            at=AT,
        )

    winners, refused = parted(all_at_once([send] * 6))
    assert not refused, [each.findings for each in refused]
    assert len({trip.pk for trip in winners}) == 1
    assert Trip.objects.count() == 1


def test_requests_at_once_get_numbers_without_gaps(city: City) -> None:
    asker = city.actor("asker")
    calls: list[Callable[[], Any]] = [
        lambda i=i: requests.request_trip(
            actor=asker,
            # Every third one is refused, and gives no number away.
            facts=city.wish(passengers=1, planned_to=AT if i % 3 == 2 else AT + 3 * HOUR),
            at=AT,
        )
        for i in range(30)
    ]
    winners, refused = parted(all_at_once(calls))
    assert (len(winners), len(refused)) == (20, 10)
    numbers = sorted(int(trip.number[-5:]) for trip in winners)
    assert numbers == list(range(1, 21))


def test_who_shares_a_car_and_who_carries_never_wait_in_a_ring(city: City) -> None:
    """Sharers are locked with their carrier, lower ids first, whoever asks for what."""
    dispatcher, asker = city.actor("dispatcher"), city.actor("asker")
    for turn in range(4):
        begin = AT + HOUR + turn * 6 * HOUR
        times = {"planned_from": begin, "planned_to": begin + 2 * HOUR}
        sharer, carrier = city.approved(**times), city.dispatched(**times)
        share = {"actor": dispatcher, "trip_id": sharer.pk, "carrier_id": carrier.pk, "at": AT}
        dispatching.share_trip(**share)
        one = {"actor": dispatcher, "trip_id": sharer.pk}
        own = {"actor": dispatcher, "trip_id": carrier.pk}
        pair = {"car_id": carrier.car_id, "driver_id": carrier.driver_id}
        acts: list[Callable[[], Any]] = [
            partial(dispatching.dispatch_trip, **one, **pair, at=AT),
            partial(dispatching.share_trip, **share),
            partial(journeys.depart_trip, **own, start_km=10_000 + turn, at=begin),
            partial(dispatching.recall_trip, **own, at=AT),
            partial(requests.cancel_trip, actor=asker, trip_id=carrier.pk, reason="x", at=AT),
            partial(requests.cancel_trip, actor=asker, trip_id=sharer.pk, reason="x", at=AT),
        ]
        parted(all_at_once(acts * 2))
        if Trip.objects.filter(pk=carrier.pk, state=TripState.OUT).exists():
            journeys.finish_trip(**own, end_km=10_000 + turn, at=begin + HOUR)
        for trip in Trip.objects.filter(state__in=[TripState.APPROVED, TripState.DISPATCHED]):
            requests.cancel_trip(actor=dispatcher, trip_id=trip.pk, reason="x", at=AT)
