"""Two at once in oversight and sealing: reviews, an explanation, a decision, a closing, keys."""

import threading
from datetime import timedelta
from functools import partial

import pytest
from django.db import connection, transaction

from guanjia.domains.fleet.actions import oversight, reviewing, sealing
from guanjia.domains.fleet.models import Car, Finding, SealedCar, Trip
from guanjia.domains.fleet.terms.oversight import FindingState, Outcome
from guanjia.domains.fleet.tests import builders
from guanjia.domains.fleet.tests.builders import AT, HOUR, SMALL, SYSTEM, City
from guanjia.domains.fleet.tests.test_concurrency import all_at_once, parted
from guanjia.domains.fleet.tests.watching import codes, drove, know_places, moment, review, seen
from guanjia.kernel.audit.models import Record
from guanjia.kernel.values.period import Period

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.pg15]
MAY = Period.parse("2020-05")


@pytest.fixture
def city(transactional_db: None) -> City:
    """The small city, committed, with a journey that went astray and a clue without a journey."""
    made = builders.city()
    know_places()
    drove(
        made, "PC2020051900008", "2020-05-19T08:05", "2020-05-19T21:10",
        plan=("2020-05-19T08:00", "2020-05-19T18:00"), destination="浮梁县",
    )  # fmt: skip
    seen(made, "2020-05-19T20:30", "婺源东收费站")
    seen(made, "2020-05-11T15:00", "乐平收费站")
    return made


def explained(city: City) -> Finding:
    """The journey's finding, explained by its unit."""
    review()
    found: Finding = Finding.objects.get(trip__isnull=False)
    return oversight.explain_finding(
        actor=city.actor("clerk"), finding_id=found.pk, explanation="送专家回婺源", at=AT
    )


def test_two_reviews_at_once_raise_each_finding_once(city: City) -> None:
    look = partial(reviewing.review, actor=city.actor("car_keeper"), period=MAY, at=AT)
    winners, refused = parted(all_at_once([look, look, look]))
    assert not refused
    assert sorted(done.raised for done in winners) == [0, 0, 2]
    assert all(done.gone == done.changed == 0 for done in winners)
    assert Finding.objects.count() == 2
    assert Record.objects.filter(verb="fleet.finding.raised").count() == 2
    astray = Finding.objects.get(trip__isnull=False)
    assert codes(astray) == {"OUTSIDE_PLACE": "RED", "OUTSIDE_TIME": "RED"}


def test_a_review_beside_an_explanation_takes_neither_back(city: City) -> None:
    review()
    found = Finding.objects.get(trip__isnull=False)
    say = partial(
        oversight.explain_finding,
        actor=city.actor("clerk"), finding_id=found.pk, explanation="送专家回婺源", at=AT,
    )  # fmt: skip
    look = partial(reviewing.review, actor=SYSTEM, period=MAY, at=AT + HOUR)
    winners, refused = parted(all_at_once([say, look, look]))
    assert (len(winners), len(refused)) == (3, 0)
    found.refresh_from_db()
    assert (found.state, found.explanation) == (FindingState.EXPLAINED, "送专家回婺源")


def test_a_review_that_waited_for_a_decision_does_not_undo_it(city: City) -> None:
    """The facts vanish while the keeper decides: what was decided stays decided."""
    found = explained(city)
    Trip.objects.filter(pk=found.trip_id).update(back_at=moment("2020-05-19T17:00"))

    def decide() -> Finding:
        return oversight.decide_finding(
            actor=city.actor("car_keeper"), finding_id=found.pk, outcome=Outcome.TRUE,
            decision="属实，已提醒", at=AT + HOUR,
        )  # fmt: skip

    def look() -> reviewing.Reviewed:
        return reviewing.review(actor=SYSTEM, period=MAY, at=AT + HOUR)

    winners, refused = parted(all_at_once([decide, look]))
    found.refresh_from_db()
    verbs = set(Record.objects.filter(on_id=found.pk).values_list("verb", flat=True))
    if refused:  # the review was first, and told whoever came second
        assert refused[0].findings[0].code == "state"
        assert (found.state, found.outcome) == (FindingState.CLOSED, Outcome.GONE)
        assert "fleet.finding.decided" not in verbs
    else:
        assert len(winners) == 2
        assert (found.state, found.outcome) == (FindingState.DECIDED, Outcome.TRUE)
        assert "fleet.finding.gone" not in verbs


def test_a_review_that_finds_the_row_taken_looks_at_it_as_it_was_left(city: City) -> None:
    """The decision holds the row first, for sure; the review waits and leaves it alone."""
    found = explained(city)
    Trip.objects.filter(pk=found.trip_id).update(back_at=moment("2020-05-19T17:00"))
    begun: list[reviewing.Reviewed] = []

    def look() -> None:
        try:
            begun.append(reviewing.review(actor=SYSTEM, period=MAY, at=AT + HOUR))
        finally:
            connection.close()

    waiting = threading.Thread(target=look)
    with transaction.atomic():
        oversight.decide_finding(
            actor=city.actor("car_keeper"), finding_id=found.pk, outcome=Outcome.TRUE,
            decision="属实，已提醒", at=AT + HOUR,
        )  # fmt: skip
        waiting.start()
        waiting.join(timeout=1.0)
        assert waiting.is_alive(), "it waits for the row"
    waiting.join(timeout=30)
    assert not waiting.is_alive()
    found.refresh_from_db()
    assert (begun[0].gone, found.state, found.outcome) == (0, FindingState.DECIDED, Outcome.TRUE)


@pytest.mark.parametrize("act", ["decide", "close"])
def test_what_two_do_to_one_finding_is_done_once(city: City, act: str) -> None:
    found = explained(city)
    keeper = city.actor("car_keeper")
    decide = partial(
        oversight.decide_finding,
        actor=keeper, finding_id=found.pk, outcome=Outcome.TRUE, decision="属实", at=AT,
    )  # fmt: skip
    if act == "close":
        decide()
    close = partial(oversight.close_finding, actor=keeper, finding_id=found.pk, at=AT)
    call = decide if act == "decide" else close
    winners, refused = parted(all_at_once([call, call]))
    assert (len(winners), len(refused)) == (1, 1)
    assert refused[0].findings[0].code == "state"
    verb = {"decide": "fleet.finding.decided", "close": "fleet.finding.closed"}[act]
    assert Record.objects.filter(verb=verb, on_id=found.pk).count() == 1


def test_a_monthly_list_made_by_two_at_once_is_one_edition(city: City) -> None:
    review()
    make = partial(
        oversight.make_monthly_list, actor=city.actor("car_keeper"), month=MAY.start, at=AT
    )
    winners, refused = parted(all_at_once([make, make]))
    assert not refused
    assert {made.edition for made in winners} == {1}


def test_two_sealings_of_one_time_and_two_hands_on_one_car(city: City) -> None:
    keeper = city.actor("car_keeper")
    plan = partial(
        sealing.plan_sealing, actor=keeper, title="端午节封存", notice="封存停驶。",
        begin_at=moment("2020-06-24T18:00"), end_at=moment("2020-06-28T08:00"), at=AT,
    )  # fmt: skip
    winners, refused = parted(all_at_once([plan, plan]))
    assert (len(winners), len(refused)) == (1, 1)
    assert refused[0].findings[0].code == "taken"
    row = SealedCar.objects.get(car=city.cars[SMALL])
    km = Car.objects.get(pk=row.car_id).odometer_km
    seal = partial(
        sealing.seal_car, actor=keeper, sealed_id=row.pk, place="院内", keys_to="办公室", km=km,
        at=AT + timedelta(days=1),
    )  # fmt: skip
    winners, refused = parted(all_at_once([seal, seal]))
    assert (len(winners), len(refused)) == (1, 1)
    assert refused[0].findings[0].code == "state"
