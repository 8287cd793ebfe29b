"""A bureau that keeps a room, and two units that want it."""

from typing import Any

import pytest

from guanjia.config import testing_grounds


def _halls() -> Any:
    from guanjia.domains.meeting.tests import builders  # noqa: PLC0415 — read before Django is ready

    return builders.city()


meeting_city = testing_grounds.fixture("meeting_city", _halls)


@pytest.fixture
def city(meeting_city: Any) -> Any:
    """Units, people and rooms; nothing booked yet. See ``builders.City``."""
    return meeting_city
