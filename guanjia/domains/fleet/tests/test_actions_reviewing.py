"""Looking over what happened: what becomes a finding, what does not, and what a repetition does."""

from datetime import date, timedelta

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.db.models import F
from django.test.utils import CaptureQueriesContext

from guanjia.domains.fleet.actions import entering, oversight, reviewing
from guanjia.domains.fleet.events import FindingsRaised
from guanjia.domains.fleet.models import Car, Finding, Fine, GroundRow, Sighting, Trip
from guanjia.domains.fleet.terms.cars import CarState
from guanjia.domains.fleet.terms.oversight import FindingState, Outcome
from guanjia.domains.fleet.terms.trips import TripState
from guanjia.domains.fleet.tests.builders import AT, HOUR, SECOND, SMALL, SYSTEM, City
from guanjia.domains.fleet.tests.watching import codes, drove, know_places, review, seen
from guanjia.kernel.audit.models import Record
from guanjia.kernel.events import bus
from guanjia.kernel.registers import amending, remarks
from guanjia.kernel.registers.terms import RemarkKind
from guanjia.kernel.values.actor import NotAllowed
from guanjia.kernel.values.period import Period

DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def _places(city: City) -> None:
    know_places()


def astray(city: City) -> Trip:
    """Approved to 浮梁县 from 8 to 18; at 20:30 it is seen in 婺源县, back at 21:10."""
    trip = drove(
        city, "PC2020051900008", "2020-05-19T08:05", "2020-05-19T21:10",
        plan=("2020-05-19T08:00", "2020-05-19T18:00"), destination="浮梁县",
    )  # fmt: skip
    seen(city, "2020-05-19T20:30", "婺源东收费站")
    return trip


def test_a_trip_to_fuliang_that_ran_at_half_past_eight_is_one_red_finding_with_both_reasons(
    city: City,
) -> None:
    trip = astray(city)
    review()
    (finding,) = Finding.objects.all()
    assert (finding.trip, finding.level, finding.unit) == (trip, "RED", trip.unit)
    assert codes(finding) == {"OUTSIDE_PLACE": "RED", "OUTSIDE_TIME": "RED"}
    assert finding.number == "DC2020051900001"
    assert finding.on_day == date(2020, 5, 19)
    place = finding.grounds.get(code="OUTSIDE_PLACE")
    assert "婺源县" in place.headline
    assert {each["url_name"] for each in place.evidence} == {"fleet:sighting", "fleet:trip"}
    assert place.cite["title"] == "党政机关公务用车管理办法"
    record = Record.objects.get(verb="fleet.finding.raised", on_id=finding.pk)
    assert record.after["level"] == "RED"


def test_a_trip_on_a_shifted_saturday_is_not_a_finding_and_one_on_a_plain_saturday_is_pointed_out(
    city: City,
) -> None:
    drove(city, "PC2020050900001", "2020-05-09T09:00", "2020-05-09T11:00", km=(10_000, 10_060))
    drove(city, "PC2020051600001", "2020-05-16T09:00", "2020-05-16T11:00", km=(10_060, 10_120))
    review()
    (finding,) = Finding.objects.all()
    assert (finding.on_day, codes(finding)) == (date(2020, 5, 16), {"REST_DAY": "GREEN"})


def test_a_rest_day_that_was_approved_is_not_a_finding(city: City) -> None:
    saturday = AT.replace(day=23, hour=9)
    trip = city.requested(
        planned_from=saturday, planned_to=saturday + 2 * HOUR, rest_day_reason="防汛值守"
    )
    Trip.objects.filter(pk=trip.pk).update(state="APPROVED")
    Trip.objects.filter(pk=trip.pk).update(
        state="FINISHED", car=city.cars[SMALL], driver=city.drivers["汪杰"], went_at=saturday,
        back_at=saturday + HOUR, start_km=10_000, end_km=10_020,
    )  # fmt: skip
    later = AT + 5 * DAY
    assert review("2020-05-18", "2020-05-24", at=later).judged >= 1
    assert not Finding.objects.exists()


def test_the_same_review_again_changes_nothing(city: City) -> None:
    astray(city)
    first = review()
    records = Record.objects.count()
    again = review(at=AT + HOUR)
    assert (first.raised, again.raised, again.changed, again.gone) == (1, 0, 0, 0)
    assert Finding.objects.count() == 1
    assert Record.objects.count() == records, "nothing happened, nothing is recorded"


def test_what_was_explained_is_not_reopened_by_the_same_words(city: City) -> None:
    astray(city)
    review()
    finding = Finding.objects.get()
    oversight.explain_finding(
        actor=city.actor("clerk"), finding_id=finding.pk, explanation="送专家回婺源", at=AT + HOUR
    )
    review(at=AT + DAY)
    finding.refresh_from_db()
    assert finding.state == FindingState.EXPLAINED


def test_new_facts_reopen_what_was_explained_and_say_so(city: City) -> None:
    astray(city)
    review()
    finding = Finding.objects.get()
    oversight.explain_finding(
        actor=city.actor("clerk"), finding_id=finding.pk, explanation="送专家回婺源", at=AT + HOUR
    )
    seen(city, "2020-05-19T15:00", "乐平收费站")
    with bus.captured() as news:
        done = review(at=AT + DAY)
    finding.refresh_from_db()
    assert (done.changed, finding.state) == (1, FindingState.OPEN)
    assert "新情况" in finding.returned_note
    assert finding.explanation == "送专家回婺源", "what was said stays"
    assert FindingsRaised(finding_ids=(finding.pk,), at=AT + DAY) in news


def test_a_ground_whose_facts_vanished_closes_by_itself_with_a_trace(city: City) -> None:
    trip = astray(city)
    review()
    finding = Finding.objects.get()
    Sighting.objects.all().update(at=AT - 100 * DAY)  # it was another day
    Trip.objects.filter(pk=trip.pk).update(back_at=trip.planned_to)
    done = review()
    finding.refresh_from_db()
    assert done.gone == 1
    assert (finding.state, finding.outcome) == (FindingState.CLOSED, Outcome.GONE)
    assert finding.grounds.filter(gone_at=None).count() == 0
    assert Record.objects.filter(verb="fleet.finding.gone", on_id=finding.pk).exists()


def test_one_of_two_grounds_vanishes_and_the_finding_stays_with_the_other(city: City) -> None:
    astray(city)
    review()
    Sighting.objects.all().update(area="浮梁县")
    review()
    finding = Finding.objects.get()
    assert (finding.state, codes(finding)) == (FindingState.OPEN, {"OUTSIDE_TIME": "RED"})


def test_what_was_decided_stays_decided_and_new_words_are_another_finding(city: City) -> None:
    trip = astray(city)
    review()
    finding = Finding.objects.get()
    keeper = city.actor("car_keeper")
    oversight.explain_finding(
        actor=city.actor("clerk"), finding_id=finding.pk, explanation="送专家", at=AT
    )
    oversight.decide_finding(
        actor=keeper, finding_id=finding.pk, outcome=Outcome.TRUE, decision="超出批准", at=AT
    )
    assert review().raised == 0
    Trip.objects.filter(pk=trip.pk).update(back_at=trip.back_at + 2 * HOUR)
    assert review().raised == 1
    other = Finding.objects.exclude(pk=finding.pk).get()
    assert set(codes(other)) == {"OUTSIDE_TIME", "NIGHT"}, "the place was decided already"


def test_a_car_seen_without_an_order_is_a_finding_of_its_own_unit(city: City) -> None:
    seen(city, "2020-05-18T21:00", "江湾停车场", car="赣H20001")
    review()
    (finding,) = Finding.objects.all()
    assert (finding.trip, finding.unit, codes(finding)) == (
        None, city.units["other"], {"NO_ORDER": "RED"},
    )  # fmt: skip


def test_a_clue_shortly_after_the_return_belongs_to_the_trip(city: City) -> None:
    drove(city, "PC2020051800001", "2020-05-18T09:00", "2020-05-18T11:00")
    seen(city, "2020-05-18T11:15", "市农业农村局")
    review()
    assert not Finding.objects.exists()
    seen(city, "2020-05-18T11:16", "市农业农村局")
    review()
    assert codes(Finding.objects.get()) == {"NO_ORDER": "RED"}


def test_who_rides_along_widens_what_was_approved(city: City) -> None:
    """A shared car may be where any of its riders was allowed to be."""
    trip = drove(city, "PC2020051800001", "2020-05-18T09:00", "2020-05-18T11:00")
    seen(city, "2020-05-18T10:00", "乐平收费站")
    Trip.objects.create(
        number="PC2020051800002", unit=city.units["farming"], rider_name="莫兴", purpose="SURVEY",
        reason="合乘", origin="市农业农村局", destination="乐平", passengers=1,
        planned_from=trip.planned_from, planned_to=trip.planned_to, state="FINISHED", shares=trip,
    )  # fmt: skip
    review()
    assert not Finding.objects.exists()


def test_an_unknown_destination_gives_no_verdict_about_the_place_and_says_so(city: City) -> None:
    drove(
        city, "PC2020051900008", "2020-05-19T08:05", "2020-05-19T19:00",
        plan=("2020-05-19T08:00", "2020-05-19T18:00"), destination="某某山庄",
    )  # fmt: skip
    seen(city, "2020-05-19T15:30", "婺源东收费站")
    review()
    finding = Finding.objects.get()
    assert codes(finding) == {"OUTSIDE_TIME": "YELLOW"}
    assert "某某山庄" in finding.unjudged


def test_kilometres_between_two_trips_are_asked_about_with_both_trips(city: City) -> None:
    drove(city, "PC2020051800001", "2020-05-18T09:00", "2020-05-18T11:00", km=(10_000, 10_060))
    drove(city, "PC2020051900001", "2020-05-19T09:00", "2020-05-19T11:00", km=(10_111, 10_160))
    review()
    finding = Finding.objects.get()
    assert codes(finding) == {"ODOMETER_GAP": "YELLOW"}
    numbers = {each["title"] for each in finding.grounds.get().evidence}
    assert numbers == {"派车单 PC2020051900001", "派车单 PC2020051800001"}


def test_a_car_out_since_days_is_asked_about_whenever_it_went(city: City) -> None:
    trip = city.out()
    later = AT + 3 * DAY
    review("2020-05-23", "2020-05-23", at=later)
    finding = Finding.objects.get()
    assert finding.trip_id == trip.pk
    assert codes(finding)["OUTSIDE_TIME"] == "RED"


def test_idle_cars_are_those_that_stood_while_others_drove(city: City) -> None:
    for n in range(31):
        day = date(2020, 4, 1) + n * DAY
        drove(city, f"PC{day:%Y%m%d}00001", f"{day}T09:00", f"{day}T10:00")
    review("2020-05-20", "2020-05-20")
    idle = Finding.objects.filter(grounds__code="IDLE")
    plates = set(idle.values_list("car__plate", flat=True))
    assert SECOND in plates
    assert SMALL not in plates
    Car.objects.filter(plate=SECOND).update(state=CarState.STOPPED)
    review("2020-05-20", "2020-05-20", at=AT + HOUR)
    gone = Finding.objects.get(car__plate=SECOND)
    assert gone.outcome == Outcome.GONE, "a car out of use is not idle"


def test_an_inspection_renewed_later_does_not_undo_the_journey(city: City) -> None:
    expired = city.cars["赣H10005"]
    drove(city, "PC2020051900001", "2020-05-19T09:00", "2020-05-19T10:00", car=expired)
    review()
    assert codes(Finding.objects.get()) == {"INSPECTION": "RED"}
    facts = {"inspected_until": date(2021, 4, 30)}
    amending.amend(archive=entering.CAR, actor=SYSTEM, pk=expired.pk, facts=facts, at=AT)
    review()
    assert Finding.objects.get().state == FindingState.OPEN


def test_a_cancelled_trip_takes_its_finding_along(city: City) -> None:
    trip = city.out()
    later = AT + 2 * DAY
    review("2020-05-20", "2020-05-22", at=later)
    assert Finding.objects.get().state == FindingState.OPEN
    Trip.objects.filter(pk=trip.pk).update(
        state=TripState.FINISHED, back_at=trip.planned_to, end_km=10_010
    )
    review("2020-05-20", "2020-05-22", at=later)
    assert Finding.objects.get().outcome == Outcome.GONE


def move(trip: Trip, days: int) -> None:
    """The sheet was dated wrongly: the whole journey was another day, and so was what was seen."""
    by = days * DAY
    Sighting.objects.all().update(at=F("at") + by)
    Trip.objects.filter(pk=trip.pk).update(
        planned_from=trip.planned_from + by, planned_to=trip.planned_to + by,
        went_at=trip.out.at + by, back_at=trip.back.at + by,
    )  # fmt: skip


@pytest.mark.parametrize(
    "looked_over", [("2020-05-01", "2020-05-19"), ("2020-04-01", "2020-04-30")]
)
def test_a_finding_goes_along_with_its_trip_to_another_month_and_keeps_what_was_said(
    city: City, looked_over: tuple[str, str]
) -> None:
    trip = astray(city)
    review()
    finding = Finding.objects.get()
    oversight.explain_finding(
        actor=city.actor("clerk"), finding_id=finding.pk, explanation="送专家回婺源", at=AT + HOUR
    )
    move(trip, -28)
    review(*looked_over, at=AT + DAY)
    moved = Finding.objects.get()
    assert (moved.pk, moved.on_day) == (finding.pk, date(2020, 4, 21))
    assert moved.explanation == "送专家回婺源"
    assert codes(moved) == {"OUTSIDE_PLACE": "RED", "OUTSIDE_TIME": "RED"}
    assert "4月21日 20:30" in moved.grounds.get(code="OUTSIDE_PLACE").sentence
    assert Record.objects.filter(verb="fleet.finding.moved", on_id=finding.pk).count() == 1
    standing = list(moved.grounds.values_list("sentence", "gone_at"))
    review(*looked_over, at=AT + 2 * DAY)
    assert list(moved.grounds.values_list("sentence", "gone_at")) == standing


def fined(city: City, *, trip: Trip | None = None) -> None:
    Fine.objects.create(
        number="360200202003001", car=city.cars[SMALL], trip=trip, at=AT - 50 * DAY,
        place="迎宾大道", what="超速", amount_fen=20_000,
    )  # fmt: skip


def test_what_stands_about_a_day_long_past_leaves_alone_what_else_was_found_then(
    city: City,
) -> None:
    day = (AT - 50 * DAY).date().isoformat()
    seen(city, f"{day}T15:00", "江湾停车场", car=SECOND)
    review(day, day)
    assert Finding.objects.get().car == city.cars[SECOND]
    fined(city)
    done = review("2020-05-10", "2020-05-20")
    assert (done.raised, done.gone) == (1, 0), "another car's clue of that day was not judged"


def test_a_fine_on_a_trip_long_past_leaves_its_other_grounds_standing(city: City) -> None:
    trip = astray(city)
    move(trip, -50)
    day = (trip.out.at - 50 * DAY).date().isoformat()
    review(day, day)
    before = codes(Finding.objects.get())
    fined(city, trip=trip)
    review("2020-05-10", "2020-05-20")
    assert codes(Finding.objects.get()) == {**before, "FINE": "YELLOW"}


def test_an_open_doubt_about_a_card_is_found_and_its_explanation_ends_it(city: City) -> None:
    from guanjia.domains.fleet.actions import costs  # noqa: PLC0415 — of another area

    (cost,) = costs.record_costs(
        actor=SYSTEM,
        rows=[{
            "car": city.cars[SMALL], "unit": city.units["bureau"], "kind": "FUEL",
            "spent_on": date(2020, 5, 18), "amount_fen": 30_000, "source": "HAND",
        }],
        at=AT,
    )  # fmt: skip
    remarks.raise_remarks(
        register="fleet.costs",
        remarks=[remarks.Raised(
            object_id=cost.pk, code="card_of_other", kind=RemarkKind.DOUBT,
            headline="油卡非本车。", sentence="这张卡是别的车的。",
        )],
        at=AT,
    )  # fmt: skip
    review("2020-05-20", "2020-05-20")
    finding = Finding.objects.get()
    assert (codes(finding), finding.on_day) == ({"CARD": "RED"}, date(2020, 5, 18))
    (remark,) = remarks.open_remarks(register="fleet.costs", object_ids=[cost.pk])[cost.pk]
    remarks.explain(actor=SYSTEM, remark_id=remark.pk, explanation="卡已调换登记", at=AT)
    review("2020-05-20", "2020-05-20")
    assert Finding.objects.get().outcome == Outcome.GONE


def test_only_whoever_decides_may_look_over(city: City) -> None:
    period = Period.day(AT.date())
    with pytest.raises(NotAllowed):
        reviewing.review(actor=city.actor("clerk"), period=period, at=AT)
    with pytest.raises(NotAllowed):
        reviewing.review(actor=city.actor("supervisor"), period=period, at=AT)
    assert reviewing.review(actor=city.actor("car_keeper"), period=period, at=AT).judged == 0


@pytest.mark.pg15
def test_the_database_forbids_what_must_never_be(city: City) -> None:
    astray(city)
    review()
    finding = Finding.objects.get()
    for wrong in (
        {"state": "EXPLAINED"},  # without words
        {"state": "DECIDED"},  # without an outcome
        {"state": "CLOSED", "outcome": "GONE"},  # without when
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            Finding.objects.filter(pk=finding.pk).update(**wrong)
    with pytest.raises(DatabaseError, match="Cannot delete"), transaction.atomic():
        finding.grounds.all().delete()
    with (
        pytest.raises(DatabaseError, match="Cannot delete"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("DELETE FROM fleet_finding WHERE id = %s", [finding.pk])
    row = GroundRow.objects.filter(finding=finding).first()
    assert row is not None
    row.pk = None  # the same mark once more
    with pytest.raises(IntegrityError), transaction.atomic():
        row.save(force_insert=True)


def test_a_review_asks_the_database_equally_often_for_more_journeys(city: City) -> None:
    drove(city, "PC2020051800001", "2020-05-18T08:00", "2020-05-18T09:00")
    drove(city, "PC2020051800002", "2020-05-18T09:00", "2020-05-18T11:00")
    review()
    with CaptureQueriesContext(connection) as few:
        review()
    for hour in range(11, 17):
        drove(city, f"PC20200518000{hour}", f"2020-05-18T{hour}:00", f"2020-05-18T{hour}:30")
    with CaptureQueriesContext(connection) as many:
        review()
    assert len(many) == len(few)
