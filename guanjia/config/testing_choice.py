"""A pytest plugin: ``--for energy`` leaves out the walks over the other domains.

The tests of the house ask the same of every page, register and operation; their parameters are
called after it (``fleet:trip``, ``fleet.cars``, ``GET /api/fleet/…``).
"""

import re
from pathlib import Path

import pytest

DOMAINS = Path(__file__).parents[1] / "domains"


def pytest_addoption(parser: pytest.Parser) -> None:
    """``--for``."""
    parser.addoption("--for", dest="domain", default="", help="only what this domain needs")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Take out what is called after another domain."""
    wanted = config.getoption("domain")
    if wanted:
        left = {item for item in items if is_of_another(parameter(item), wanted=wanted)}
        config.hook.pytest_deselected(items=list(left))
        items[:] = [item for item in items if item not in left]


def parameter(item: pytest.Item) -> str:
    """What a test is called after, besides its function; ``""`` for one without parameters."""
    callspec = getattr(item, "callspec", None)
    return callspec.id if callspec is not None else ""


def is_of_another(name: str, *, wanted: str) -> bool:
    """Whether a page, register or operation of this name belongs to another domain."""
    others = [path.name for path in DOMAINS.iterdir() if path.is_dir() and path.name != wanted]
    return re.search(rf"\b({'|'.join(others)})[.:/]", name) is not None
