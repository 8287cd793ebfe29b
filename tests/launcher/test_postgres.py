"""The database we bring along: it starts clean whatever happened to it before."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
import pytest

from guanjia.config import postgres
from guanjia.config.testing import own_folder

# In their order: each goes on from what the one before it left on the one server.
pytestmark = [pytest.mark.launcher, pytest.mark.random_order(disabled=True)]


@pytest.fixture(scope="module")
def root() -> Iterator[Path]:
    with own_folder() as folder:
        postgres.ensure_database(cluster=cluster(folder)).close()
        yield folder


def cluster(root: Path) -> postgres.Cluster:
    options = {**postgres.SERVER_OPTIONS, **postgres.HASTY_OPTIONS, "shared_buffers": "16MB"}
    return postgres.Cluster(root=root, options=options)


def ask(url: str, question: str) -> object:
    with psycopg.connect(url) as server:
        row = server.execute(question).fetchone()
    return row[0] if row else None


def test_it_makes_a_database_that_knows_chinese_letters(root: Path) -> None:
    with postgres.ensure_database(cluster=cluster(root)) as database:
        assert ask(database.url, "SHOW server_encoding") == "UTF8"
        assert ask(database.url, "SHOW timezone") == "Asia/Shanghai"
        assert ask(database.url, "SELECT '车' ~ '^[[:alpha:]]$'") is True
        assert ask(database.url, "SELECT rolsuper FROM pg_roles WHERE rolname = current_user") is (
            False
        )
    assert cluster(root).postmaster() is None


def test_the_last_one_out_stops_it(root: Path) -> None:
    first = postgres.ensure_database(cluster=cluster(root))
    second = postgres.ensure_database(cluster=cluster(root))
    first.close()
    assert ask(second.url, "SELECT 1") == 1
    second.close()
    assert cluster(root).postmaster() is None


def test_a_server_whose_owner_was_killed_is_adopted(root: Path) -> None:
    owner = (
        "import os, pathlib; from guanjia.config import postgres as p;"
        f"c = p.Cluster(root=pathlib.Path({str(root)!r}));"
        "kept = p.ensure_database(cluster=c); os.kill(os.getpid(), 9)"
    )
    assert subprocess.run([sys.executable, "-c", owner], check=False).returncode == -9
    orphan = cluster(root).postmaster()
    assert orphan is not None
    with postgres.ensure_database(cluster=cluster(root)) as database:
        assert ask(database.url, "SELECT 1") == 1
        assert cluster(root).postmaster() == orphan
    assert cluster(root).postmaster() is None


def test_a_killed_server_starts_again(root: Path) -> None:
    with postgres.ensure_database(cluster=cluster(root)) as database:
        process = cluster(root).postmaster()
        assert process is not None
        process.kill()
        process.wait(10)
        assert database.revive() is True
        assert ask(database.url, "SELECT 1") == 1
        assert database.revive() is False


def test_a_number_given_to_somebody_else_is_not_our_server(root: Path) -> None:
    with postgres.ensure_database(cluster=cluster(root)):
        kept = cluster(root).pgdata.joinpath("postmaster.pid").read_text()
    lines = [str(os.getpid()), *kept.splitlines()[1:]]
    cluster(root).pgdata.joinpath("postmaster.pid").write_text("\n".join(lines))
    assert cluster(root).postmaster() is None
    with postgres.ensure_database(cluster=cluster(root)) as database:
        assert ask(database.url, "SELECT 1") == 1


def test_a_broken_first_start_leaves_nothing_in_the_way(root: Path) -> None:
    half = root / "half"
    (half / "pgdata.new").mkdir(parents=True)
    (half / "pgdata.new" / "leftover").touch()
    with postgres.ensure_database(cluster=cluster(half)) as database:
        assert ask(database.url, "SELECT 1") == 1


def test_a_long_path_is_no_obstacle(root: Path) -> None:
    deep = root / ("很长的目录名" * 6)
    deep.mkdir()
    with postgres.ensure_database(cluster=cluster(deep)) as database:
        assert ask(database.url, "SELECT 1") == 1


def test_two_servers_run_side_by_side(root: Path) -> None:
    with (
        postgres.ensure_database(cluster=cluster(root)) as one,
        postgres.ensure_database(cluster=cluster(root / "half")) as two,
    ):
        assert one.url != two.url
        assert ask(one.url, "SELECT 1") == ask(two.url, "SELECT 1") == 1


def test_data_of_another_version_is_refused_with_a_sentence(root: Path) -> None:
    version = cluster(root).pgdata / "PG_VERSION"
    kept = version.read_text()
    version.write_text("14\n")
    try:
        with pytest.raises(postgres.DatabaseUnavailable, match="由 PostgreSQL 14 建立"):
            postgres.ensure_database(cluster=cluster(root))
    finally:
        version.write_text(kept)


def test_a_server_that_cannot_be_reached_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://nobody@127.0.0.1:1/nothing")
    with pytest.raises(postgres.DatabaseUnavailable, match="连不上"):
        postgres.ensure_database()


def test_a_server_that_is_too_old_is_refused(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with postgres.ensure_database(cluster=cluster(root)) as database:
        monkeypatch.setenv("DATABASE_URL", database.url)
        monkeypatch.setattr(postgres, "OLDEST_VERSION", 99)
        with pytest.raises(postgres.DatabaseUnavailable, match="需要 99 或更新的版本"):
            postgres.ensure_database()


def test_no_server_is_left_behind(root: Path) -> None:
    mine = [
        process.pid
        for process in psutil.process_iter(["name", "cmdline"])
        if process.info["name"] == "postgres"
        and str(root) in " ".join(process.info["cmdline"] or [])
    ]
    assert mine == []
