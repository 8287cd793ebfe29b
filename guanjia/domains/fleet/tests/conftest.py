"""A small city for every test that asks for one."""

from typing import Any

import pytest


@pytest.fixture
def city(db: None) -> Any:
    """Units, people, cars and drivers; no trip yet. See ``builders.City``."""
    from guanjia.domains.fleet.tests import builders  # noqa: PLC0415 — read before Django is ready

    return builders.city()
