"""A place to start things in."""

from collections.abc import Iterator

import pytest

from guanjia.config.testing import own_folder
from tests.launcher.places import Place


@pytest.fixture(scope="module")
def place() -> Iterator[Place]:
    """One home for all tests of a file, which run in their order: starting costs seconds."""
    with own_folder() as folder:
        place = Place(folder / "home")
        yield place
        for process in place.started:
            if process.poll() is None:
                process.terminate()
                process.wait(40)
