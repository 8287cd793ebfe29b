"""Figures: declared once, read for a scope and a period, opened by a query."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from guanjia.kernel.figures import catalogue
from guanjia.kernel.figures.declaration import figure
from guanjia.kernel.values.actor import Scope
from guanjia.kernel.values.period import Period

pytestmark = pytest.mark.pg15

MAY = Period.parse("2020-05")


def rows(*, scope: Scope, period: Period) -> Any:
    return []


@figure(
    "tests.kilometres",
    title="里程",
    unit="公里",
    meaning="已完成的单",
    rows=rows,
    register="tests.trips",
    opens=lambda period: {"state": "已完成", "from": f"{period.start}", "to": f"{period.last}"},
)
def kilometres(*, scope: Scope, period: Period) -> Decimal:
    """Twelve and a half for everybody."""
    return Decimal("12.50") if scope.everything else Decimal("12.00")


@pytest.fixture(autouse=True)
def own_catalogue(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(catalogue, "_figures", {})
    return


def test_a_figure_is_known_once_it_is_enlisted() -> None:
    assert catalogue.get("tests.kilometres") is None
    catalogue.enlist(kilometres)
    assert catalogue.get("tests.kilometres") is kilometres
    assert catalogue.all_figures() == [kilometres]


def test_it_is_read_for_a_scope_and_a_period() -> None:
    reading = catalogue.evaluate(kilometres, scope=Scope.all(), period=MAY)
    assert (reading.value, reading.period) == (Decimal("12.5"), MAY)
    assert reading.query == ("state=%E5%B7%B2%E5%AE%8C%E6%88%90&from=2020-05-01&to=2020-05-31")


def test_a_whole_number_comes_as_one() -> None:
    value = catalogue.evaluate(kilometres, scope=Scope(), period=MAY).value
    assert isinstance(value, int)
    assert value == 12
    assert date(2020, 5, 31) == MAY.last
