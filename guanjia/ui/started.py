"""我发起的: what somebody asked for, declared by those who take requests."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Line:
    """A request as the list shows it; ``more``: the columns after its state and time."""

    name: str
    state: str
    when: str
    more: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Kind:
    """A kind of request. ``rows(person id)``: their own, the latest first.

    ``heads``: the titles of the columns, those of ``more`` last. ``noun``: what one is counted by,
    as 单. ``url_name``: of its page, which takes the id. ``place``: the order of the kinds, the
    small first.
    """

    key: str
    title: str
    noun: str
    url_name: str
    place: int
    heads: tuple[str, ...]
    rows: Callable[[int], Any]
    show: Callable[[Any, date], Line]


_kinds: dict[str, Kind] = {}


def enlist(*kinds: Kind) -> None:
    """Make kinds known; the same key replaces."""
    _kinds.update({kind.key: kind for kind in kinds})


def all_kinds() -> list[Kind]:
    """Every kind, in the order of their places."""
    return sorted(_kinds.values(), key=lambda kind: kind.place)
