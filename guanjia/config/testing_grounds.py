"""A pytest plugin: what many tests begin with is built once and lies in a transaction around them.

    fleet_city = testing_grounds.fixture("fleet_city", build)

makes a fixture. A test that asks for it finds the rows that ``build`` made, in a transaction of
its own, and a copy of what ``build`` returned. The next test that uses the database and does not
ask for it finds an empty database: what was built is rolled back first. Tests that commit (those
with ``transaction=True``) get it built anew.
"""

import pickle
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from pytest_django.plugin import blocking_manager_key

Build = Callable[[], Any]

_builds: dict[str, Build] = {}


class Ground:
    """What stands in the database of this process around the tests."""

    def __init__(self) -> None:
        self.ready = False  # whether there is a database at all
        self.awaited = ""  # what the first test asks for, until there is one
        self.name = ""
        self._around: Any = None
        self._made = b""

    def lay(self, name: str) -> None:
        """Build it, around the tests that come."""
        from django.db import connection, transaction  # noqa: PLC0415 — read before Django is ready

        around = transaction.atomic()
        around.__enter__()
        try:
            self._made = pickle.dumps(_builds[name]())
            # Asked now, and not by every test anew.
            connection.check_constraints()
        except BaseException:
            transaction.set_rollback(True)
            around.__exit__(None, None, None)
            raise
        self.name, self._around = name, around

    def clear(self) -> None:
        """Roll back what stands."""
        from django.db import transaction  # noqa: PLC0415 — as above

        if self._around is not None:
            transaction.set_rollback(True)
            self._around.__exit__(None, None, None)
        self.name, self._around, self._made = "", None, b""

    def copied(self, name: str) -> Any:
        """What was returned when it was built, for one test."""
        if name != self.name:
            return _builds[name]()
        return pickle.loads(self._made)  # noqa: S301 — our own


_ground = Ground()


def fixture(name: str, build: Build) -> Any:
    """A fixture of that name, which must be the only one in the whole suite."""
    if name in _builds and _builds[name].__code__ is not build.__code__:
        raise ValueError(name)
    _builds[name] = build

    @pytest.fixture(name=name)
    def standing(db: None, _grounds: None) -> Any:  # noqa: ARG001 — fixtures
        return _ground.copied(name)

    return standing


@pytest.fixture(scope="session")
def _grounds(
    django_db_setup: None,  # noqa: ARG001 — a fixture
    django_db_blocker: Any,
) -> Iterator[None]:
    """Leaves nothing open when the database goes."""
    yield
    with django_db_blocker.unblock():
        _ground.clear()


@pytest.hookimpl(wrapper=True)
def pytest_fixture_setup(fixturedef: Any, request: Any) -> Any:
    """Learn that there is a database; the first test has asked before there was one."""
    done = yield
    if fixturedef.argname == "django_db_setup":
        _ground.ready = True
        if _ground.awaited:
            with request.config.stash[blocking_manager_key].unblock():
                _ground.lay(_ground.awaited)
    return done


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Before any fixture of a test: nothing that it patches is built into the ground."""
    if not _uses_database(item):
        return
    asked = [name for name in getattr(item, "fixturenames", ()) if name in _builds]
    wanted = "" if _commits(item) or not asked else asked[0]
    if not _ground.ready:
        _ground.awaited = wanted
        return
    if wanted == _ground.name:
        return
    with item.config.stash[blocking_manager_key].unblock():
        _ground.clear()
        if wanted:
            _ground.lay(wanted)


def _uses_database(item: pytest.Item) -> bool:
    names = getattr(item, "fixturenames", ())
    return "django_db_setup" in names or item.get_closest_marker("django_db") is not None


def _commits(item: pytest.Item) -> bool:
    names = getattr(item, "fixturenames", ())
    marker = item.get_closest_marker("django_db")
    return (
        "transactional_db" in names
        or "live_server" in names
        or (marker is not None and bool(marker.args or marker.kwargs.get("transaction")))
    )
