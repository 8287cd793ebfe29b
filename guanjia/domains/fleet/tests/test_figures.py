"""The figures of the department: what counts, what does not, and that the rows can be opened."""

from datetime import timedelta

import pytest

from guanjia.domains.fleet import figures
from guanjia.domains.fleet.actions import dispatching, journeys
from guanjia.domains.fleet.queries import sheets
from guanjia.domains.fleet.registers.trips import TRIPS
from guanjia.domains.fleet.terms.trips import Purpose, TripState
from guanjia.domains.fleet.tests.builders import AT, HOUR, SECOND, City
from guanjia.kernel.registers import listing
from guanjia.kernel.values.actor import Scope
from guanjia.kernel.values.period import Period

pytestmark = pytest.mark.pg15

MAY = Period.parse("2020-05")
ALL = Scope.all()


def values(scope: Scope = ALL, period: Period = MAY) -> dict[str, int]:
    return {figure.key: figure.value(scope=scope, period=period) for figure in figures.TRIPS}


def test_finished_journeys_count_and_nothing_else(city: City) -> None:
    city.finished()
    city.requested()
    city.out(car=SECOND, driver="程勇")
    city.recorded(
        "PC2020051900041",
        state=TripState.CANCELLED,
        went_at=None,
        back_at=None,
        start_km=None,
        end_km=None,
        car=None,
        driver=None,
    )
    assert values() == {
        "fleet.trips": 1,
        "fleet.km": 80,
        "fleet.epidemic_trips": 0,
        "fleet.epidemic_km": 0,
    }


def test_a_shared_journey_counts_once(city: City) -> None:
    carrier, trip = city.dispatched(), city.approved()
    dispatcher = city.actor("dispatcher")
    dispatching.share_trip(actor=dispatcher, trip_id=trip.pk, carrier_id=carrier.pk, at=AT)
    journeys.depart_trip(actor=dispatcher, trip_id=carrier.pk, start_km=10_000, at=AT)
    journeys.finish_trip(actor=dispatcher, trip_id=carrier.pk, end_km=10_050, at=AT + HOUR)
    assert (values()["fleet.trips"], values()["fleet.km"]) == (1, 50)


def test_the_epidemic_is_counted_apart(city: City) -> None:
    city.finished(purpose=Purpose.EPIDEMIC)
    city.finished(car=SECOND, driver="程勇", end_km=10_020)
    assert values() == {
        "fleet.trips": 2,
        "fleet.km": 100,
        "fleet.epidemic_trips": 1,
        "fleet.epidemic_km": 80,
    }


@pytest.mark.parametrize(
    ("went", "inside"),
    [("2020-04-30T23:59", False), ("2020-05-01T00:00", True), ("2020-05-19T08:00", True)],
)
def test_a_journey_belongs_to_the_period_it_departed_in(
    city: City, went: str, inside: bool
) -> None:
    went_at = AT.fromisoformat(went).replace(tzinfo=AT.tzinfo)
    city.recorded("PC2020050100041", went_at=went_at, back_at=went_at + timedelta(hours=2))
    assert values()["fleet.trips"] == int(inside)


def test_a_period_ends_before_its_last_midnight(city: City) -> None:
    went_at = AT.fromisoformat("2020-05-01T00:00").replace(tzinfo=AT.tzinfo)
    city.recorded("PC2020050100041", went_at=went_at, back_at=went_at + HOUR)
    assert values(period=Period.parse("2020-04"))["fleet.trips"] == 0


def test_a_figure_sees_no_further_than_its_reader(city: City) -> None:
    city.finished()
    other = Scope(paths=(city.units["other"].path,))
    assert values(scope=other)["fleet.trips"] == 0
    assert values(scope=Scope(paths=(city.units["farming"].path,)))["fleet.trips"] == 1


@pytest.mark.parametrize("figure", figures.TRIPS, ids=lambda figure: figure.key)
def test_a_figure_opens_exactly_its_rows(city: City, figure: object) -> None:
    city.finished(purpose=Purpose.EPIDEMIC)
    city.finished(car=SECOND, driver="程勇", end_km=10_020)
    city.requested()
    rows = figure.rows(scope=ALL, period=MAY)  # type: ignore[attr-defined]  # a Figure
    params = figure.opens(MAY)  # type: ignore[attr-defined]  # a Figure
    query = listing.read(register=TRIPS, params=params)
    assert not query.notes
    shown = listing.look(query=query, scope=ALL, at=AT)
    assert set(shown.rows) == set(rows)
    expected = figure.value(scope=ALL, period=MAY)  # type: ignore[attr-defined]  # a Figure
    counted = shown.totals["driven"] if figure.key.endswith("km") else shown.count  # type: ignore[attr-defined]  # a Figure
    assert counted == expected


def test_the_day_in_a_few_numbers(city: City) -> None:
    city.out()
    city.finished(car=SECOND, driver="程勇")
    facts = sheets.day_facts(scope=ALL, day=AT.date(), at=AT + 2 * HOUR)
    assert (facts["out"], facts["late"], facts["back"], facts["km"]) == (1, 0, 1, 80)
    assert facts["journeys"] == 2
