"""Going out, coming back, correcting, and what is recorded afterwards."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from guanjia.domains.fleet.actions import dispatching, entering, journeys
from guanjia.domains.fleet.events import TripDeparted, TripFinished
from guanjia.domains.fleet.models import Car, Trip
from guanjia.domains.fleet.terms.trips import TripState
from guanjia.domains.fleet.tests.builders import AT, HOUR, SECOND, SMALL, City
from guanjia.kernel.audit.models import Record
from guanjia.kernel.events import bus
from guanjia.kernel.registers.models import Remark
from guanjia.kernel.regulations.verdict import Refused, verdict_from_json
from guanjia.kernel.values.actor import NotAllowed

MINUTE = timedelta(minutes=1)


def codes_of(call: Callable[[], Any]) -> list[str]:
    with pytest.raises(Refused) as refused:
        call()
    return [finding.code for finding in refused.value.findings]


def fresh(trip: Trip) -> Trip:
    return Trip.objects.get(pk=trip.pk)


def record(verb: str) -> Record:
    return Record.objects.get(verb=f"fleet.trip.{verb}")


def depart(city: City, trip: Trip, km: int = 10_000, by: str = "driver", **more: Any) -> Trip:
    facts = {"at": AT + HOUR, **more}
    return journeys.depart_trip(actor=city.actor(by), trip_id=trip.pk, start_km=km, **facts)


def finish(city: City, trip: Trip, km: int = 10_080, by: str = "driver", **more: Any) -> Trip:
    facts = {"at": AT + 3 * HOUR, **more}
    return journeys.finish_trip(actor=city.actor(by), trip_id=trip.pk, end_km=km, **facts)


# ── out ─────────────────────────────────────────────────────────────────────────────────


def test_the_driver_goes_out_with_the_odometer(city: City) -> None:
    trip = city.dispatched()
    with bus.captured() as heard:
        for _ in range(2):
            depart(city, trip)
    out = fresh(trip)
    assert (out.state, out.went_at, out.start_km) == (TripState.OUT, AT + HOUR, 10_000)
    assert heard == [TripDeparted(trip_id=trip.pk)]
    assert record("departed").after["start_km"] == 10_000


def test_a_phone_without_net_tells_later_when_it_really_went(city: City) -> None:
    trip = city.dispatched()
    depart(city, trip, went_at=AT + HOUR, at=AT + 2 * HOUR)
    assert fresh(trip).went_at == AT + HOUR
    assert record("departed").at == AT + 2 * HOUR


def test_the_future_is_not_told_although_clocks_differ_a_little(city: City) -> None:
    trip = city.dispatched()
    late = AT + HOUR + 6 * MINUTE
    assert codes_of(lambda: depart(city, trip, went_at=late)) == ["in_the_future"]
    depart(city, trip, went_at=AT + HOUR + 4 * MINUTE)


def test_a_reading_below_the_last_one_is_refused_and_names_it(city: City) -> None:
    last = city.finished()
    trip = city.dispatched(planned_from=AT + 4 * HOUR, planned_to=AT + 5 * HOUR)
    at = AT + 4 * HOUR
    with pytest.raises(Refused) as refused:
        depart(city, trip, 10_079, at=at)
    (finding,) = refused.value.findings
    assert finding.sentence == (
        f"{SMALL}上次收车（{last.number}，5月20日 12:00）为 10,080 公里，现填 10,079 公里。"
    )
    assert fresh(trip).state == TripState.DISPATCHED
    depart(city, trip, 10_080, at=at)


def test_kilometres_without_a_sheet_become_a_doubt(city: City) -> None:
    city.finished()
    trip = city.dispatched(planned_from=AT + 4 * HOUR, planned_to=AT + 5 * HOUR)
    depart(city, trip, 10_200, at=AT + 4 * HOUR)
    remark = Remark.objects.get(register="fleet.trips", object_id=trip.pk)
    assert (remark.code, remark.kind) == ("odometer_gap", "DOUBT")
    written = Record.objects.filter(verb="fleet.trip.departed").first()
    assert [f.code for f in verdict_from_json(written.verdict).warnings] == ["odometer_gap"]


def test_a_first_trip_below_the_ledgers_reading_becomes_a_doubt(city: City) -> None:
    trip = city.dispatched()
    depart(city, trip, 9_990)  # the ledger says 10,000
    assert Remark.objects.get(object_id=trip.pk).code == "below_ledger"


def test_only_the_trips_own_driver_or_a_dispatcher_goes_out(city: City) -> None:
    trip = city.dispatched(driver="方敏")
    with pytest.raises(Trip.DoesNotExist):
        depart(city, trip, by="driver")
    for username in ("asker", "supervisor"):
        with pytest.raises(NotAllowed):
            depart(city, trip, by=username)
    depart(city, trip, by="dispatcher")
    assert fresh(trip).state == TripState.OUT


def test_a_trip_goes_out_only_after_its_dispatch(city: City) -> None:
    waiting, out = city.approved(), city.out()
    assert codes_of(lambda: depart(city, waiting, by="dispatcher")) == ["no_car"]
    assert codes_of(lambda: depart(city, out, 10_001, by="dispatcher")) == ["wrong_state"]


def test_a_sharer_has_no_odometer_of_its_own(city: City) -> None:
    carrier, trip = city.dispatched(), city.approved()
    dispatching.share_trip(
        actor=city.actor("dispatcher"), trip_id=trip.pk, carrier_id=carrier.pk, at=AT
    )
    assert codes_of(lambda: depart(city, trip, by="dispatcher")) == ["shared"]


def test_a_car_that_is_out_does_not_go_out_again(city: City) -> None:
    city.out()
    # Dispatched ahead for after the first trip's plan, which then takes longer.
    following = city.dispatched(planned_from=AT + 4 * HOUR, planned_to=AT + 5 * HOUR)
    assert codes_of(lambda: depart(city, following, at=AT + 4 * HOUR)) == [
        "fleet_one_journey_per_car_and_time"
    ]
    assert fresh(following).state == TripState.DISPATCHED


# ── back ────────────────────────────────────────────────────────────────────────────────


def test_the_driver_comes_back_with_odometer_and_costs(city: City) -> None:
    trip = city.out()
    costs = {"toll_fen": 4500, "parking_fen": 500, "fuel_l": Decimal("38.2"), "fuel_fen": 21_800}
    with bus.captured() as heard:
        for _ in range(2):
            finish(city, trip, **costs)
    back = fresh(trip)
    assert (back.state, back.back_at, back.end_km, back.driven) == (
        TripState.FINISHED,
        AT + 3 * HOUR,
        10_080,
        80,
    )
    assert {name: getattr(back, name) for name in costs} == costs
    assert Car.objects.get(plate=SMALL).odometer_km == 10_080
    assert heard == [TripFinished(trip_id=trip.pk)]
    assert record("finished").after["toll_fen"] == 4500


def test_a_lower_reading_or_an_earlier_time_is_refused(city: City) -> None:
    trip = city.out()
    assert codes_of(lambda: finish(city, trip, 9_999)) == ["odometer_back"]
    assert codes_of(lambda: finish(city, trip, back_at=AT + HOUR)) == ["back_before"]
    assert codes_of(lambda: finish(city, trip, back_at=AT + 4 * HOUR)) == ["in_the_future"]
    assert fresh(trip).state == TripState.OUT


def test_coming_back_later_than_the_next_booking_is_fine(city: City) -> None:
    trip = city.out()
    following = city.dispatched(planned_from=AT + 3 * HOUR, planned_to=AT + 5 * HOUR)
    finish(city, trip, at=AT + 4 * HOUR)
    assert fresh(trip).back_at == AT + 4 * HOUR
    depart(city, following, 10_080, at=AT + 4 * HOUR)
    assert fresh(following).state == TripState.OUT


def test_very_many_kilometres_become_a_doubt(city: City) -> None:
    trip = city.out()
    finish(city, trip, 10_601)
    assert fresh(trip).state == TripState.FINISHED
    assert Remark.objects.get(object_id=trip.pk).code == "km_doubt"


def test_a_trip_comes_back_only_after_it_went(city: City) -> None:
    trip = city.dispatched()
    assert codes_of(lambda: finish(city, trip)) == ["wrong_state"]
    done = city.finished(car=SECOND, driver="程勇")
    assert codes_of(lambda: finish(city, done, 10_081, by="dispatcher")) == ["wrong_state"]


def test_another_driver_does_not_bring_it_back(city: City) -> None:
    trip = city.out(driver="方敏")
    with pytest.raises(Trip.DoesNotExist):
        finish(city, trip)
    with pytest.raises(NotAllowed):
        finish(city, trip, by="clerk")


# ── recorded afterwards ─────────────────────────────────────────────────────────────────


def test_a_sheet_recorded_afterwards_moves_the_reading_on(city: City) -> None:
    trip = city.recorded("PC2020051900041", start_km=10_000, end_km=10_060)
    assert (trip.driven, trip.state) == (60, TripState.FINISHED)
    assert Car.objects.get(plate=SMALL).odometer_km == 10_060
    written = record("recorded")
    assert written.after["number"] == "PC2020051900041"
    assert trip.rider is None, "the asker belongs to a section, the sheet to the unit"


def test_numbers_of_a_ledger_are_kept_clear(city: City) -> None:
    city.recorded("PC2020051900041")
    assert city.requested().number == "PC2020052000042"


def test_recording_the_same_again_changes_nothing(city: City) -> None:
    city.recorded("PC2020051900041")
    before = Record.objects.count()
    rows = [city.sheet("PC2020051900041")]
    counts = entering.record_trips(actor=city.actor("dispatcher"), rows=rows, at=AT)
    assert counts == (0, 0, 1)
    assert Record.objects.count() == before


def test_what_the_rules_would_not_have_allowed_becomes_a_finding(city: City) -> None:
    trip = city.recorded("PC2020051900041", passengers=7)
    remark = Remark.objects.get(object_id=trip.pk)
    assert (remark.code, remark.kind) == ("too_small", "FINDING")


def test_only_the_dispatcher_records(city: City) -> None:
    for username in ("asker", "clerk", "supervisor"):
        with pytest.raises(NotAllowed):
            entering.record_trips(actor=city.actor(username), rows=[], at=AT)


# ── corrected ───────────────────────────────────────────────────────────────────────────


def correct(city: City, trip: Trip, start: int, end: int, by: str = "dispatcher") -> Trip:
    return journeys.correct_odometer(
        actor=city.actor(by), trip_id=trip.pk, start_km=start, end_km=end, reason="抄错", at=AT
    )


def three_sheets(city: City) -> Trip:
    """Three trips one after the other; the middle one is returned."""
    day = 24 * HOUR
    for number, back, start in (("1", 3, 9_000), ("2", 2, 9_100), ("3", 1, 9_300)):
        went = AT - back * day
        city.recorded(
            f"PC202005170000{number}",
            planned_from=went,
            planned_to=went + HOUR,
            went_at=went,
            back_at=went + HOUR,
            start_km=start,
            end_km=start + 80,
        )
    return Trip.objects.get(number="PC2020051700002")


def test_a_correction_fits_between_its_neighbours(city: City) -> None:
    trip = three_sheets(city)
    correct(city, trip, 9_080, 9_300)
    assert (fresh(trip).start_km, fresh(trip).end_km) == (9_080, 9_300)
    written = record("corrected")
    assert written.before == {"start_km": 9_100, "end_km": 9_180}
    assert written.note == "抄错"


@pytest.mark.parametrize(("start", "end"), [(9_079, 9_200), (9_100, 9_301)])
def test_a_correction_that_does_not_fit_names_both_neighbours(
    city: City, start: int, end: int
) -> None:
    trip = three_sheets(city)
    with pytest.raises(Refused) as refused:
        correct(city, trip, start, end)
    (finding,) = refused.value.findings
    assert finding.code == "odometer_between"
    assert "PC2020051700001" in finding.sentence
    assert "PC2020051700003" in finding.sentence
    assert fresh(trip).start_km == 9_100


def test_a_correction_is_the_dispatchers_and_says_why(city: City) -> None:
    trip = three_sheets(city)
    with pytest.raises(NotAllowed):
        correct(city, trip, 9_100, 9_170, by="driver")
    assert codes_of(
        lambda: journeys.correct_odometer(
            actor=city.actor("dispatcher"),
            trip_id=trip.pk,
            start_km=9_100,
            end_km=9_170,
            reason="",
            at=AT,
        )
    ) == ["reason_missing"]
    assert codes_of(lambda: correct(city, city.out(), 1, 2)) == ["state"]


def test_a_correction_backwards_is_refused(city: City) -> None:
    trip = three_sheets(city)
    assert codes_of(lambda: correct(city, trip, 9_170, 9_100)) == ["odometer_back"]


def test_correcting_the_last_trip_moves_the_cars_own_reading(city: City) -> None:
    trip = city.finished(end_km=10_800)
    correct(city, trip, 10_000, 10_080)
    assert Car.objects.get(plate=SMALL).odometer_km == 10_080


def test_out_and_back_within_one_second_still_follow_each_other(city: City) -> None:
    trip = city.dispatched()
    moment = AT + timedelta(milliseconds=300)
    depart(city, trip, at=moment)
    dispatcher = city.actor("dispatcher")
    back = moment + timedelta(milliseconds=400)
    journeys.finish_trip(actor=dispatcher, trip_id=trip.pk, end_km=10_001, at=back)
    done = fresh(trip)
    assert (done.went_at, done.back_at) == (AT, AT + timedelta(seconds=1))
