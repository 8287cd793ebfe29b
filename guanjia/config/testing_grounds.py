"""A pytest plugin: what many tests begin with is built once and lies in a transaction around them.

    fleet_city = testing_grounds.fixture("fleet_city", build)

makes a fixture. A test that asks for it finds the rows that ``build`` made, in a transaction of
its own, and a copy of what ``build`` returned. The next test that uses the database and does not
ask for it finds an empty database: what was built is rolled back first. Tests that commit (those
with ``transaction=True``) get it built anew.

    secret = testing_grounds.fixture("secret_city", hide, on="fleet_city")

builds on what another made: ``hide`` gets what ``build`` returned, and the tests of both stand on
the same first rows.
"""

import pickle
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from pytest_django.plugin import blocking_manager_key

Build = Callable[..., Any]


@dataclass(frozen=True)
class _Plan:
    """How something is built, and what it is built on, if anything."""

    build: Build
    on: str = ""


_plans: dict[str, _Plan] = {}


def _below(name: str) -> tuple[str, ...]:
    """A plan and all it stands on, the lowest first."""
    return (*_below(_plans[name].on), name) if name else ()


def _built(name: str) -> Any:
    plan = _plans[name]
    return plan.build(_built(plan.on)) if plan.on else plan.build()


@dataclass(frozen=True)
class _Layer:
    """What was built, in a transaction of its own around all that comes."""

    name: str
    around: Any
    made: bytes


class Ground:
    """What stands in the database of this process around the tests."""

    def __init__(self) -> None:
        self.ready = False  # whether there is a database at all
        self.awaited = ""  # what the first test asks for, until there is one
        self._layers: list[_Layer] = []

    def stand(self, name: str) -> None:
        """Have just this built, and what it stands on; nothing else stays."""
        wanted = _below(name)
        while self.names != wanted[: len(self.names)]:
            self._clear_one()
        for each in wanted[len(self._layers) :]:
            self._lay(each)

    @property
    def names(self) -> tuple[str, ...]:
        """What stands, the lowest first."""
        return tuple(layer.name for layer in self._layers)

    def clear(self) -> None:
        """Roll back what stands."""
        self.stand("")

    def copied(self, name: str) -> Any:
        """What was returned when it was built, for one test."""
        for layer in self._layers:
            if layer.name == name:
                return pickle.loads(layer.made)  # noqa: S301 — our own
        return _built(name)

    def _lay(self, name: str) -> None:
        from django.db import connection, transaction  # noqa: PLC0415 — read before Django is ready

        plan, around = _plans[name], transaction.atomic()
        around.__enter__()
        try:
            made = plan.build(self.copied(plan.on)) if plan.on else plan.build()
            # Asked now, and not by every test anew.
            connection.check_constraints()
            self._layers.append(_Layer(name, around, pickle.dumps(made)))
        except BaseException:
            transaction.set_rollback(True)
            around.__exit__(None, None, None)
            raise

    def _clear_one(self) -> None:
        from django.db import transaction  # noqa: PLC0415 — as above

        transaction.set_rollback(True)
        self._layers.pop().around.__exit__(None, None, None)


_ground = Ground()


def fixture(name: str, build: Build, *, on: str = "") -> Any:
    """A fixture of that name, which must be the only one in the whole suite."""
    if name in _plans and _plans[name].build.__code__ is not build.__code__:
        raise ValueError(name)
    _plans[name] = _Plan(build, on)

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
                _ground.stand(_ground.awaited)
    return done


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Before any fixture of a test: nothing that it patches is built into the ground."""
    if not _uses_database(item):
        return
    asked = [name for name in getattr(item, "fixturenames", ()) if name in _plans]
    wanted = "" if _commits(item) else max(asked, key=lambda name: len(_below(name)), default="")
    if not _ground.ready:
        _ground.awaited = wanted
        return
    with item.config.stash[blocking_manager_key].unblock():
        _ground.stand(wanted)


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
