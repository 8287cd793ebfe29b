"""Tabler outline icons as inline SVG: a subset, made by tools/vendor_assets.py."""

import json
from functools import cache
from pathlib import Path

from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

_FILE = Path(__file__).with_name("icons.json")


@cache
def _paths() -> dict[str, list[str]]:
    paths: dict[str, list[str]] = json.loads(_FILE.read_text(encoding="utf-8"))
    return paths


def names() -> list[str]:
    """Every icon there is."""
    return list(_paths())


@cache
def svg(name: str) -> SafeString:
    """The icon as inline SVG, hidden from screen readers (a word always stands beside it).

    Raises ``KeyError`` for a name that was not vendored: that is a mistake of the template.
    """
    inside = mark_safe("".join(f'<path d="{d}"/>' for d in _paths()[name]))  # noqa: S308 — our own file
    return format_html(
        '<svg class="gj-icon" viewBox="0 0 24 24" fill="none" stroke="currentColor"'
        ' stroke-linecap="round" stroke-linejoin="round" aria-hidden="true">{}</svg>',
        inside,
    )
