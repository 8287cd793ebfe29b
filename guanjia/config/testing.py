"""A pytest plugin: every run of the tests has its own throw-away PostgreSQL.

It is loaded with `-p` (see pyproject.toml), because the settings are imported before any
conftest.py and must find DATABASE_URL. With pytest-xdist the controller starts the one server;
the workers inherit its address, and pytest-django gives each its own database in it.

GUANJIA_TEST_DATABASE_URL names a server to use instead; GUANJIA_TEST_PG=15 takes that version
from where Debian installs it.
"""

import json
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import psutil
import pytest

from guanjia.config import postgres

pytest_plugins = (
    "guanjia.config.testing_choice",
    "guanjia.config.testing_grounds",
    "guanjia.config.testing_pace",
)

PREFIX = "guanjia-test-"


@contextmanager
def own_folder() -> Iterator[Path]:
    """A temporary folder for servers; what a killed run leaves in it, the next run ends.

    Not one of pytest's: when run as root, every other run of pytest shuts those for the account
    that servers run as.
    """
    _remove_leftovers()
    folder = Path(tempfile.mkdtemp(prefix=PREFIX))
    (folder / "owner").write_text(json.dumps(_identity(os.getpid())))
    try:
        yield folder
    finally:
        _remove(folder)


@contextmanager
def _throwaway(*, version: str) -> Iterator[postgres.Database]:
    """The server of this run, in a folder of its own."""
    bindir = _installed(version) if version else postgres.embedded_bindir()
    options: Mapping[str, str] = {**postgres.SERVER_OPTIONS, **postgres.HASTY_OPTIONS}
    with own_folder() as folder:
        cluster = postgres.Cluster(root=folder, bindir=bindir, options=options)
        with postgres.ensure_database(cluster=cluster) as database:
            yield database


def _installed(version: str) -> Path:
    bindir = Path("/usr/lib/postgresql") / version / "bin"
    if not (bindir / "postgres").exists():
        raise pytest.UsageError(f"GUANJIA_TEST_PG={version}, but {bindir} has no server.")
    return bindir


def _identity(pid: int) -> list[float]:
    """Number and birth of a process: numbers are given again, the pair is not."""
    return [pid, psutil.Process(pid).create_time()]


def _remove_leftovers() -> None:
    for owner in Path(tempfile.gettempdir()).glob(f"{PREFIX}*/owner"):
        with suppress(OSError, ValueError, psutil.Error):  # somebody else's, or going just now
            pid, born = json.loads(owner.read_text())
            if not psutil.pid_exists(int(pid)) or _identity(int(pid)) != [pid, born]:
                _remove(owner.parent)


def _remove(folder: Path) -> None:
    """Stop the servers in a folder and delete it."""
    for left in folder.rglob("pgdata/postmaster.pid"):
        postgres.Cluster(root=left.parent.parent).stop()
    shutil.rmtree(folder, ignore_errors=True)


_open = ExitStack()


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests() -> None:
    """Start the server before pytest-django reads the settings."""
    given = os.environ.get("GUANJIA_TEST_DATABASE_URL")
    if given:
        os.environ["DATABASE_URL"] = given
        return
    version = os.environ.get("GUANJIA_TEST_PG", "")
    database = _open.enter_context(_throwaway(version=version))
    os.environ["DATABASE_URL"] = os.environ["GUANJIA_TEST_DATABASE_URL"] = database.url
    home = _open.enter_context(own_folder())
    (home / "static").mkdir()  # whitenoise warns when it is missing, and warnings are errors
    os.environ["GUANJIA_HOME"] = str(home)  # never that of the developer's own installation


@pytest.hookimpl(trylast=True)
def pytest_unconfigure() -> None:
    """Stop and remove it."""
    _open.close()
