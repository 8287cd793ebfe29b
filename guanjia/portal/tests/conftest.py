"""A small city, its people at the door, and a clock that stands still."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from guanjia.config import testing_grounds

Visit = Callable[[str], Client]


@pytest.fixture
def clock() -> Iterator[Any]:
    """Wednesday, 20 May 2020, 9:30; ``clock.move_to`` goes elsewhere."""
    from guanjia.kernel.access.tests.builders import AT  # noqa: PLC0415 — read before Django is ready

    with time_machine.travel(AT + timedelta(minutes=30), tick=False) as traveller:
        yield traveller


@pytest.fixture(autouse=True)
def _hasty_passwords(settings: Any) -> None:
    """A real hash takes longer than the test."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


def _city() -> Any:
    from guanjia.domains.fleet.tests import builders  # noqa: PLC0415 — as above
    from guanjia.kernel.values.actor import Reach  # noqa: PLC0415 — as above

    with time_machine.travel(builders.AT + timedelta(minutes=30), tick=False):
        made = builders.city()
        for who, duty in (
            ("sysadmin", "access.system"),
            ("secadmin", "access.security"),
            ("auditor", "access.audit"),
            ("keeper", "org.keeper"),
            ("reader", "report.reader"),
        ):
            made.join(who, None, (duty, Reach.CITY, None))
        made.join("nobody", None)
    return made


hall_city = testing_grounds.fixture("hall_city", _city)


@pytest.fixture
def city(hall_city: Any, clock: Any) -> Any:
    """Units, people, cars and drivers, and the three administrators; no trip yet."""
    return hall_city


@pytest.fixture
def visit(city: Any) -> Visit:
    """Somebody's browser, signed in."""

    def signed_in(username: str) -> Client:
        client = Client()
        client.force_login(
            city.accounts[username], backend="django.contrib.auth.backends.ModelBackend"
        )
        return client

    return signed_in


@pytest.fixture
def at(clock: Any) -> datetime:
    """The moment at which the clock stands."""
    from django.utils import timezone  # noqa: PLC0415 — as above

    return timezone.now()
