"""The furnished house, built once for all walks; every test leaves it as it was."""

from collections.abc import Iterator
from typing import Any

import pytest


@pytest.fixture(scope="package")
def furnished(django_db_setup: None, django_db_blocker: Any) -> Iterator[Any]:
    """See ``samples.House``. Lies in a transaction around all tests that use it."""
    from django.db import transaction  # noqa: PLC0415 — read before Django is ready

    from tests.house import samples  # noqa: PLC0415 — as above

    with django_db_blocker.unblock(), transaction.atomic():
        yield samples.furnish()
        transaction.set_rollback(True)


@pytest.fixture
def house(furnished: Any, db: None) -> Any:
    """The furnished house; what a test changes is undone."""
    return furnished
