"""Everything is told where it belongs: the front hall and the furniture name no department's nouns.

A new business edits its own folder, the settings, the root lists of addresses and operations, and
texts for people. What it puts into the front hall, it declares in its wiring.
"""

import re
from pathlib import Path

import guanjia
from tests.house.asking import each

ROOT = Path(guanjia.__file__).parent
DOMAINS = sorted(path.parent.name for path in (ROOT / "domains").glob("*/apps.py"))
# ``fleet.trip``, ``fleet:trip``, ``guanjia.domains.fleet``, ``fleet/parts/x.html`` in quotes.
NAMED = re.compile(
    rf"""["'](?:guanjia\.domains\.)?({"|".join(DOMAINS)})[.:/][a-z]|guanjia\.domains"""
)
# The leader's front page is for who reads the report, which stands above all departments.
TOLD_WHY = {("portal/offices.py", "report")}


def _sources() -> list[Path]:
    return [
        path
        for storey in ("engines", "kernel", "ui", "portal")
        for path in sorted((ROOT / storey).rglob("*"))
        if path.suffix in (".py", ".html") and "tests" not in path.parts
    ]


def test_the_departments_are_found() -> None:
    assert {"energy", "fleet", "report", "space"} <= set(DOMAINS)
    assert NAMED.search('places.maybe("fleet:trip", row.pk)')
    assert NAMED.search("from guanjia.domains.fleet.queries import sheets")


@each(_sources(), name=lambda path: str(path.relative_to(ROOT)))
def test_nothing_below_names_a_department(path: Path) -> None:
    here = str(path.relative_to(ROOT))
    text = "\n".join(
        line for line in path.read_text("utf-8").splitlines() if not line.strip().startswith("#")
    )
    text = re.sub(r'"""[\s\S]*?"""', "", text)  # docstrings may give examples
    found = {match.group(1) or match.group(0) for match in NAMED.finditer(text)}
    found -= {domain for where, domain in TOLD_WHY if where == here}
    assert not found, "tell it in the department, and enlist it in its wiring"
