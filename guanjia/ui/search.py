"""What the box in the top bar finds: each kind of row is declared by those who have it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Q

from guanjia.kernel.values.actor import Actor, Scope
from guanjia.ui.registers import addresses

LIMIT = 20  # rows of one kind


@dataclass(frozen=True, kw_only=True)
class Kind:
    """A kind of row that can be searched for by whoever has ``verb``.

    ``find(scope, text)``: the rows in their order; the first ``LIMIT`` are shown. ``says(row)``:
    what stands beside its name. ``url_name``: of its page, which takes the id. ``place``: the order
    of the kinds, the small first.
    """

    title: str
    verb: str
    url_name: str
    place: int
    find: Callable[[Scope, str], Any]
    says: Callable[[Any], str]


@dataclass(frozen=True, kw_only=True)
class Hit:
    """A row that was found; ``url`` is empty where it has no page."""

    title: str
    says: str
    url: str


@dataclass(frozen=True, kw_only=True)
class Found:
    """The rows of one kind."""

    title: str
    rows: list[Hit]


_kinds: list[Kind] = []


def enlist(*kinds: Kind) -> None:
    """Make kinds of rows known; the same again changes nothing."""
    _kinds.extend(each for each in kinds if each not in _kinds)
    _kinds.sort(key=lambda each: each.place)


def found(actor: Actor, text: str) -> list[Found]:
    """What has the text in it, each kind within the scope of its own verb."""
    groups = []
    for kind in _kinds:
        if actor.can(kind.verb):
            rows = kind.find(actor.scope(kind.verb), text)[:LIMIT]
            groups.append(Found(title=kind.title, rows=_hits(kind, rows)))
    return [group for group in groups if group.rows]


def _hits(kind: Kind, rows: Iterable[Any]) -> list[Hit]:
    return [
        Hit(title=str(row), says=kind.says(row), url=addresses.maybe(kind.url_name, row.pk))
        for row in rows
    ]


def holds(text: str, *names: str) -> Q:
    """Rows with the text in one of these columns."""
    condition = Q()
    for name in names:
        condition |= Q(**{f"{name}__icontains": text})
    return condition
