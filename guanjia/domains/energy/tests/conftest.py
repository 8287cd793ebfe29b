"""A small city of institutions for every test that asks for one."""

from collections.abc import Iterator
from typing import Any

import pytest
import time_machine

from guanjia.config import testing_grounds


def _city() -> Any:
    from guanjia.domains.energy.tests import builders  # noqa: PLC0415 — read before Django is ready

    with time_machine.travel(builders.AT, tick=False):
        return builders.city()


energy_city = testing_grounds.fixture("energy_city", _city)


@pytest.fixture
def city(energy_city: Any) -> Any:
    """Units, people, institutions; nothing told yet. See ``builders.City``."""
    return energy_city


@pytest.fixture(autouse=True)
def _morning() -> Iterator[None]:
    from guanjia.domains.energy.tests import builders  # noqa: PLC0415 — read before Django is ready

    with time_machine.travel(builders.AT, tick=False):
        yield
