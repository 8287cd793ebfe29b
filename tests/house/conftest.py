"""The furnished house, built once for all walks; every test leaves it as it was."""

from typing import Any

from guanjia.config import testing_grounds


def _furnished() -> Any:
    from tests.house import samples  # noqa: PLC0415 — read before Django is ready

    return samples.furnish()


def _watched(house: Any) -> Any:
    from tests.house import samples  # noqa: PLC0415 — as above

    return samples.watch(house)


# See ``samples.House`` and ``samples.Watched``.
house = testing_grounds.fixture("house", _furnished)
watched_house = testing_grounds.fixture("watched_house", _watched, on="house")
