"""The report: the figures of the departments that are there, in their part of the period."""

from decimal import Decimal
from typing import Any

import pytest

from guanjia.domains.report import queries
from guanjia.domains.report.terms import BINDINGS, Binding
from guanjia.kernel.figures import catalogue
from guanjia.kernel.figures.declaration import Figure
from guanjia.kernel.values.actor import Scope
from guanjia.kernel.values.period import Period
from guanjia.kernel.values.rounding import Style

pytestmark = pytest.mark.pg15

HALF = Period.parse("2020-H1")


def fake(key: str, unit: str, value: Decimal | int) -> Figure:
    """A figure that always reads the same."""

    def rows(*, scope: Scope, period: Period) -> Any:
        return []

    def read(*, scope: Scope, period: Period) -> Decimal | int:
        return value

    return Figure(key=key, title=key, unit=unit, meaning="", rows=rows, value=read)


@pytest.fixture(autouse=True)
def own_catalogue(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalogue, "_figures", {})


def test_it_gives_each_figure_with_its_days_and_words() -> None:
    catalogue.enlist(
        fake("fleet.trips", "辆次", 2362),
        fake("fleet.km", "公里", Decimal("420136.00")),
        fake("fleet.epidemic_trips", "辆次", 518),
        fake("fleet.epidemic_km", "公里", 24270),
    )
    to_may = {"from": "2020-01-01", "to": "2020-05-31"}
    to_june = {"from": "2020-01-01", "to": "2020-06-30"}
    assert queries.report(scope=Scope.all(), period=HALF) == {
        "figures": {
            "fleet.trips": {"value": 2362, "unit": "辆次", "text": "2362辆次", **to_may},
            "fleet.km": {"value": 420136, "unit": "公里", "text": "42万公里", **to_may},
            "fleet.epidemic_trips": {"value": 518, "unit": "辆次", "text": "518辆次", **to_june},
            "fleet.epidemic_km": {"value": 24270, "unit": "公里", "text": "24270公里", **to_june},
        }
    }


def test_a_department_that_is_not_there_is_absent() -> None:
    catalogue.enlist(fake("fleet.trips", "辆次", 1))
    assert list(queries.report(scope=Scope.all(), period=HALF)["figures"]) == ["fleet.trips"]


@pytest.mark.parametrize("text", ["2020", "2020-H2", "2020-05", "2020-Q1"])
def test_other_periods_are_read_whole(text: str) -> None:
    period = Period.parse(text)
    assert all(binding.period_of(period) == period for binding in BINDINGS)


def test_a_fraction_stays_a_fraction() -> None:
    catalogue.enlist(fake("tests.hours", "小时", Decimal("1.50")))
    [line] = queries.lines(
        scope=Scope.all(),
        period=HALF,
        bindings=[Binding(figure="tests.hours", style=Style.EXACT, unit="个小时")],
    )
    assert (line.reading.value, line.text) == (Decimal("1.5"), "1.5个小时")


def test_no_figure_is_bound_twice() -> None:
    keys = [binding.figure for binding in BINDINGS]
    assert len(keys) == len(set(keys))
