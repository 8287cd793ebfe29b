"""The demo loaded whole, and the city before its day: each built once for all tests of a file."""

from typing import Any

from guanjia.config import testing_grounds


def _loaded() -> None:
    from tests.demo import moments  # noqa: PLC0415 — read before Django is ready

    moments.load_all()


def _city() -> Any:
    from tests.demo import moments  # noqa: PLC0415 — as above

    return moments.take_ledgers()


demo_loaded = testing_grounds.fixture("demo_loaded", _loaded)
demo_city = testing_grounds.fixture("demo_city", _city)
