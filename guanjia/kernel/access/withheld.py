"""What is not shared with the outside: rows that only scopes of one's own see (不对外的行). Pure.

The scope of whoever looks in from outside is *shared* (``Scope.shared``). A department leaves the
rows that such a scope must not see out of its own queries, and says here which they are: tables
that only tell of other rows by model and id (the trail, vouchers) leave out what tells of them.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from guanjia.kernel.values.actor import Scope

# A query set of the ids of withheld rows, for use in a subquery.
Ids = Callable[[], Any]


@dataclass(frozen=True, kw_only=True)
class Follower:
    """A table whose rows are withheld with the row they tell of: ``model`` and ``row_id`` name
    the fields that say which that is."""

    rows: Ids
    model: str
    row_id: str


_withheld: dict[str, Ids] = {}
_whether: dict[str, Callable[[], bool]] = {}
_followers: dict[str, Follower] = {}


def _always() -> bool:
    return True


def declare(model: str, ids: Ids, *, whether: Callable[[], bool] = _always) -> None:
    """Say which rows of a model (``org.unit``) are withheld; called from an ``apps.py``.

    ``whether`` tells whether there is anything at all; models that share it are asked once.
    """
    _withheld[model], _whether[model] = ids, whether


def follow(label: str, *, rows: Ids, model: str, row_id: str) -> None:
    """Say that the rows of a table are withheld with what they tell of (a paper, a file)."""
    _followers[label] = Follower(rows=rows, model=model, row_id=row_id)


def share(rows: Any, scope: Scope, *, model: str, row_id: str) -> Any:
    """The rows of a query set that a scope may be told: all but those about a withheld row.

    ``model`` and ``row_id``: the fields that name the row a row tells of.
    """
    if not scope.shared:
        return rows
    for label, ids in _all():
        rows = rows.exclude(**{model: label, f"{row_id}__in": ids})
    return rows


def shares(scope: Scope, *, model: str, row_id: int) -> bool:
    """Whether a scope may be told of one row."""
    if not scope.shared:
        return True
    return not any(ids.filter(pk=row_id).exists() for label, ids in _all() if label == model)


def _all() -> Iterator[tuple[str, Any]]:
    asked: dict[Callable[[], bool], bool] = {}
    there = {}
    for label, ids in _withheld.items():
        whether = _whether[label]
        if whether not in asked:
            asked[whether] = whether()
        if asked[whether]:
            there[label] = ids
            yield label, ids()
    for label, follower in _followers.items():
        for led, ids in there.items():
            about = {follower.model: led, f"{follower.row_id}__in": ids()}
            yield label, follower.rows().filter(**about).order_by().values("pk")
