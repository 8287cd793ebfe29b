"""Every verb that any action records has a Chinese name in the trail."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from guanjia.kernel.approvals import routes
from guanjia.portal import words
from guanjia.ui import trail

HOUSE = Path(words.__file__).parents[1]
RECORDING = {"record", "record_many", "entry", "enter", "record_door", "change", "made"}
GIVEN = re.compile(r"\bverb\s*=")  # without it no call in a file is given a verb


def _sources() -> Iterator[tuple[Path, ast.Module]]:
    for path in sorted(HOUSE.rglob("*.py")):
        if "tests" in path.parts or "migrations" in path.parts:
            continue
        text = path.read_text(encoding="utf-8")
        if GIVEN.search(text):
            yield path, ast.parse(text)


def _texts(node: ast.expr) -> Iterator[str]:
    """The verbs an expression can be: a literal, or both sides of a condition."""
    for part in ast.walk(node):
        if isinstance(part, ast.Constant) and isinstance(part.value, str) and "." in part.value:
            yield part.value


def _constants(tree: ast.Module) -> dict[str, str]:
    return {
        target.id: node.value.value
        for node in tree.body
        if isinstance(node, ast.Assign)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
        for target in node.targets
        if isinstance(target, ast.Name)
    }


@cache
def recorded_verbs() -> dict[str, str]:
    """Verb → file, from every call that writes the trail."""
    found = {}
    for path, tree in _sources():
        constants = _constants(tree)
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call):
                continue
            name = getattr(node.func, "attr", getattr(node.func, "id", ""))
            if name not in RECORDING:
                continue
            for keyword in node.keywords:
                if keyword.arg != "verb":
                    continue
                if isinstance(keyword.value, ast.Name):
                    verbs = [constants.get(keyword.value.id, "")]
                else:
                    verbs = list(_texts(keyword.value))
                found |= {verb: path.name for verb in verbs if verb}
    return found


def test_there_are_verbs_to_look_at() -> None:
    assert len(recorded_verbs()) > 30
    assert "meeting.booking.turned_down" in recorded_verbs(), "what is recorded by a change, too"


@pytest.mark.parametrize("verb", sorted(recorded_verbs()))
def test_every_recorded_verb_is_named_in_chinese(verb: str) -> None:
    title = trail.named_acts().get(verb, "")
    assert title, f"{verb}（{recorded_verbs()[verb]}）没有中文名称，补到该业务的 terms/recorded.py"
    assert not title.isascii()


@cache
def approval_verbs() -> set[str]:
    """What the approvals write on the row they are about: their verb has the row's model before."""
    found = set()
    for path, tree in _sources():
        if "approvals" not in path.parts or "kernel" not in path.parts:
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "record":
                found |= {
                    keyword.value.value
                    for keyword in node.keywords
                    if keyword.arg == "verb" and isinstance(keyword.value, ast.Constant)
                }
    return found


def test_what_the_approvals_write_is_named_for_every_route() -> None:
    assert {"approved", "returned", "withdrawn"} <= approval_verbs()
    for route in routes.all_routes():
        for verb in approval_verbs():
            title = words.verb_title(f"{route.subject}.{verb}")
            assert title
            assert not title.isascii(), f"{route.subject}.{verb}"
