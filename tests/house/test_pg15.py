"""What leans on the database says so: `make test` runs it a second time on PostgreSQL 15.

The marker `pg15` belongs on tests whose subject is the database: constraints and triggers,
concurrency and locks, migrations, raw SQL, time lines, sealed trails, figures, and lists as
``kernel/registers`` asks for them (the archive of each department, not every register built alike).
A test that provokes an error of the database, commits, or asks it in SQL is told by its words.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from tests.house.asking import each

ROOT = Path(__file__).parents[2]
LEANS = re.compile(
    r"\b(IntegrityError|InternalError|DataError|OperationalError|psycopg|transactional_db)\b"
    r"|connection\.cursor|transaction=True"
)
MARKED = re.compile(r"\bpg15\b")


def modules() -> Iterator[Path]:
    """The tests of what keeps rows; pages and browsers are the same on every version."""
    for where in ("guanjia/kernel", "guanjia/domains", "tests/house"):
        for path in sorted((ROOT / where).rglob("test_*.py")):
            if path != Path(__file__):
                yield path


def unmarked(source: str) -> list[str]:
    """Tests and helpers of a module that lean on the database without the marker."""
    body = ast.parse(source).body
    lines = source.splitlines(keepends=True)
    # ``ast.get_source_segment`` would take the whole source apart for each of them.
    text = {node: "".join(lines[node.lineno - 1 : node.end_lineno]) for node in body}
    marks = [text[node] for node in body if text[node].startswith("pytestmark")]
    if any(MARKED.search(mark) for mark in marks):
        return []
    found = [text[node].partition("\n")[0] for node in body
             if text[node].startswith("pytestmark") and LEANS.search(text[node])]  # fmt: skip
    for node in body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            decorators = " ".join(ast.unparse(one) for one in node.decorator_list)
            if LEANS.search(text[node] + decorators) and not MARKED.search(decorators):
                found.append(node.name)
    return found


@each(modules(), name=lambda path: str(path.relative_to(ROOT)))
def test_what_leans_on_the_database_is_marked(path: Path) -> None:
    assert unmarked(path.read_text()) == []


def test_a_forgotten_marker_is_found() -> None:
    told = "def test_twice():\n    with raises(IntegrityError):\n        twice()\n"
    assert unmarked(told) == ["test_twice"]
    assert unmarked(f"@pytest.mark.pg15\n{told}") == []
    assert unmarked(f"pytestmark = pytest.mark.pg15\n{told}") == []
    assert unmarked("from django.db import IntegrityError\n") == []
    assert unmarked("pytestmark = pytest.mark.django_db(transaction=True)\n") != []


def test_every_version_is_run_by_the_marker_alone() -> None:
    """Not by a list of folders and of words in the names of files."""
    makefile = (ROOT / "Makefile").read_text()
    assert '-m "pg15 and not browser and not launcher and not slow"' in makefile
    assert not re.search(r"PG15_(TESTS|LEFT)", makefile)
