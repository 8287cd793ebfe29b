"""The command line alone: exit codes, sentences, and no traceback whatever is asked."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.launcher.places import Place

# The database of the tests is made only where a test of the session is marked so.
# In their order: each goes on from what the one before it left in the one home.
pytestmark = [
    pytest.mark.launcher, pytest.mark.django_db, pytest.mark.random_order(disabled=True)
]  # fmt: skip


@pytest.fixture(scope="module")
def outside(place: Place, django_db_setup: None, django_db_blocker: Any) -> Iterator[Place]:
    """A place whose database is somebody else's server: that of this test run.

    A copy of the database of the tests: to make all its tables takes a processor half a minute,
    and the first start of test_up does it.
    """
    from django.db import connections  # noqa: PLC0415 — read before Django is ready

    url = os.environ["DATABASE_URL"]
    name = f"launcher_{os.getpid()}"
    with django_db_blocker.unblock():
        copied = connections["default"].settings_dict["NAME"]
        connections.close_all()  # what is copied must not be in use
    with psycopg.connect(url, autocommit=True) as server:
        server.execute(f'CREATE DATABASE {name} TEMPLATE "{copied}"')
    address, _, options = url.partition("?")
    theirs = f"{address.rpartition('/')[0]}/{name}" + (f"?{options}" if options else "")
    yield Place(place.home, {"DATABASE_URL": theirs})
    with psycopg.connect(url, autocommit=True) as server:
        server.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["fly"], "没有命令 fly"),
        (["up", "--port", "many"], "--port 应为 1 到 65535 之间的整数"),
        (["up", "--far"], "没有选项 --far"),
        (["template", "fleet.cars"], "缺少参数"),
        (["import", "fleet.cars"], "guanjia import 台账 文件"),
        (["import", "fleet.cars", "a.xlsx", "--all", "."], "guanjia import 台账 文件"),
    ],
)
def test_wrong_usage_is_exit_2_and_a_sentence(
    place: Place, arguments: list[str], sentence: str
) -> None:
    answer = place.run(*arguments)
    assert answer.returncode == 2
    assert sentence in answer.stderr
    assert not (place.home / "pgdata").exists(), "nothing is started for a wrong command"


def test_an_unreachable_database_is_a_sentence(place: Place) -> None:
    lost = Place(place.home, {"DATABASE_URL": "postgresql://x@127.0.0.1:1/x"})
    answer = lost.run("migrate")
    assert answer.returncode == 1
    assert answer.stderr.startswith("连不上 DATABASE_URL 所指的数据库")
    assert len(answer.stderr.splitlines()) == 1


def test_a_given_database_is_used_and_nothing_embedded_starts(outside: Place) -> None:
    with psycopg.connect(outside.more["DATABASE_URL"]) as server:  # one update behind
        server.execute("DROP TABLE django_session")
        server.execute("DELETE FROM django_migrations WHERE app = 'sessions'")
    refused = outside.run("audit", "verify")
    assert refused.returncode == 1
    assert "数据库结构还差 1 项更新。请先备份，再运行 guanjia migrate" in refused.stderr
    done = outside.run("migrate")
    assert (done.returncode, done.stdout) == (0, "已执行 1 项结构更新。\n"), done.stderr
    assert "数据库结构已是最新" in outside.run("migrate").stdout
    assert not (outside.home / "pgdata").exists()


def test_an_unknown_register_is_named(outside: Place, tmp_path: Path) -> None:
    answer = outside.run("template", "fleet.ships", "-o", str(tmp_path / "a.xlsx"))
    assert answer.returncode == 1
    assert "没有名为“fleet.ships”的台账" in answer.stderr


def test_a_missing_file_is_a_sentence(outside: Place, tmp_path: Path) -> None:
    answer = outside.run("import", "fleet.cars", str(tmp_path / "none.xlsx"))
    assert answer.returncode == 1
    assert "没有这个文件" in answer.stdout + answer.stderr
    assert "Traceback" not in answer.stderr


def test_a_file_that_is_no_workbook_is_a_sentence(outside: Place, tmp_path: Path) -> None:
    file = tmp_path / "cars.xlsx"
    file.write_text("not a workbook")
    answer = outside.run("import", "fleet.cars", str(file), "--json")
    assert answer.returncode == 1
    assert '"errors"' in answer.stdout
    assert answer.stderr == ""


def test_an_unreadable_period_is_wrong_usage(outside: Place) -> None:
    answer = outside.run("report", "上个月", "--format", "json")
    assert answer.returncode == 2
    assert "看不懂期间" in answer.stderr


def test_an_untouched_trail_is_whole(outside: Place) -> None:
    answer = outside.run("audit", "verify")
    assert answer.returncode == 0, answer.stderr
    assert "留痕完整" in answer.stdout


def test_the_law_is_in_order(place: Place) -> None:
    answer = place.run("check-law")
    assert answer.returncode == 0, answer.stdout


TOO_LOOSE = """space.office.per_person.prefecture:
  title: 市级机关办公室人均使用面积上限
  unit: ㎡/人
  local: may_tighten
  tighter: lower
  values:
    - since: 2026-01-01
      value: {CITY_HEAD: 42, CITY_DEPUTY: 30, BUREAU_HEAD: 24, BUREAU_DEPUTY: 18, BELOW_BUREAU: 10}
      cite: {own: 本局参数：放宽}
"""


@pytest.mark.parametrize("command", ["check-law", "up", "web", "worker"])
def test_nothing_starts_by_a_law_that_cannot_be_read(
    place: Place, tmp_path: Path, command: str
) -> None:
    (tmp_path / "local").mkdir()
    (tmp_path / "local" / "space.yaml").write_text(TOO_LOOSE, "utf-8")
    answer = Place(place.home, {"GUANJIA_REGULATIONS_DIR": str(tmp_path)}).run(command)
    assert answer.returncode == 1
    fault = "local/space.yaml：space.office.per_person.prefecture：10 宽于 9，只可从严"
    assert fault in answer.stdout
    assert "法规数据有 1 处问题，见上" in answer.stderr
    assert not (place.home / "pgdata").exists(), "nothing is started"
