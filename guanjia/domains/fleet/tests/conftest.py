"""A small city for every test that asks for one."""

from typing import Any

import pytest

from guanjia.config import testing_grounds


def _city() -> Any:
    from guanjia.domains.fleet.tests import builders  # noqa: PLC0415 — read before Django is ready

    return builders.city()


fleet_city = testing_grounds.fixture("fleet_city", _city)


@pytest.fixture
def city(fleet_city: Any) -> Any:
    """Units, people, cars and drivers; no trip yet. See ``builders.City``."""
    return fleet_city
