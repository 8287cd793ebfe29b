"""Who takes a decision that a peer sent us; the departments declare it. Pure."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from guanjia.kernel.values.actor import Actor


@dataclass(frozen=True, kw_only=True)
class Decision:
    """A decision as a taker is given it."""

    external_id: str
    kind: str
    number: str
    revision: int
    data: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Taker:
    """What is done with one kind of decisions.

    ``take`` runs in the transaction that marks the decision as applied: both or neither. It
    raises ``Refused`` or ``LookupError`` (no such matter) where it cannot be applied.
    """

    kind: str
    title: str
    take: Callable[[Actor, Decision, datetime], None]


_takers: dict[str, Taker] = {}


def declare(*takers: Taker) -> None:
    """Make takers known, from the ``apps.py`` of their department."""
    for taker in takers:
        _takers[taker.kind] = taker


def get(kind: str) -> Taker | None:
    """Who takes this kind; ``None`` when nobody does."""
    return _takers.get(kind)


def all_takers() -> list[Taker]:
    """Every taker in the order of declaration."""
    return list(_takers.values())
