"""The rules of the analysis of use against cases that an official can read."""

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml

from guanjia.domains.fleet.rules import dashboard
from guanjia.domains.fleet.terms.dashboard import Service, UseFacts
from guanjia.kernel.regulations.lawbook import law_at

FOLDER = Path(__file__).parent / "cases"
LAW = law_at(date(2026, 3, 1))


def cases(name: str) -> Any:
    found = yaml.safe_load((FOLDER / f"{name}.yaml").read_text(encoding="utf-8"))
    return pytest.mark.parametrize("case", found, ids=[case["case"] for case in found])


@cases("use_rate")
def test_use_rate(case: dict[str, Any]) -> None:
    given, expect = case["given"], case["expect"]
    use = UseFacts(
        days_used=given["days_used"],
        days_there=given["days_there"],
        minutes_out=Decimal(given["minutes_out"]),
        minutes_open=Decimal(given["minutes_open"]),
    )
    days, hours = dashboard.rate_of_days(use), dashboard.rate_of_hours(use)
    assert days == (Decimal(expect["days"]) if expect["days"] else None)
    assert hours == (Decimal(expect["hours"]) if expect["hours"] else None)
    if days is not None:
        assert dashboard.band_of(days, LAW) == expect["band"]
        assert dashboard.is_low(days, LAW) is expect["low"]


@cases("car_age")
def test_car_age(case: dict[str, Any]) -> None:
    on, registered_on = case["on_date"], case["given"]["registered_on"]
    age = dashboard.age_of(registered_on, on)
    assert age == case["expect"]["age"]
    first, last = dashboard.registered_between(age, on)
    assert first <= registered_on <= last, "the bar opens the rows it counts"


def test_every_day_of_registration_lies_in_the_bar_of_its_age() -> None:
    for on in (date(2024, 2, 29), date(2025, 2, 28), date(2025, 3, 1), date(2026, 11, 25)):
        for back in range(0, 4000, 7):
            registered_on = on - timedelta(days=back)
            first, last = dashboard.registered_between(dashboard.age_of(registered_on, on), on)
            assert first <= registered_on <= last


def test_a_car_is_there_from_its_registration_until_the_day_it_left() -> None:
    days = [date(2026, 3, day) for day in (2, 3, 4, 5, 6)]
    assert dashboard.days_there(Service(since=date(2026, 3, 4)), days) == 3
    assert dashboard.days_there(Service(since=date(2026, 3, 1), until=date(2026, 3, 4)), days) == 2
    assert dashboard.days_there(Service(since=date(2026, 3, 7)), days) == 0


def test_the_bands_are_named_with_their_edges() -> None:
    assert dashboard.bands(LAW) == ["0–20%", "20–40%", "40–60%", "60–80%", "80% 以上"]
