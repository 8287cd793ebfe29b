"""A small city for every test that asks for one."""

from typing import Any

import pytest

from guanjia.config import testing_grounds


def _city() -> Any:
    from guanjia.domains.space.tests import builders  # noqa: PLC0415 — read before Django is ready

    return builders.city()


space_city = testing_grounds.fixture("space_city", _city)


@pytest.fixture
def city(space_city: Any) -> Any:
    """Units, people, a building with rooms; nothing asked for yet. See ``builders.City``."""
    return space_city
