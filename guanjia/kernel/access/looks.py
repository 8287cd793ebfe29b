"""Looks (监督浏览): whoever comes from outside leaves a trace of what they looked at.

A duty is *watched* when its holders come from outside. What they open under it is recorded by the
front hall, one row for each page, sheet or call; the rows are never changed or deleted.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from guanjia.kernel.access import duties
from guanjia.kernel.access.models import Look, Looks
from guanjia.kernel.values.actor import Actor, Held, Scope

QUERY_MAX, PATH_MAX, TITLE_MAX = 500, 300, 100


def watched(actor: Actor) -> list[Held]:
    """The duties of an actor under which looks are recorded."""
    found = []
    for held in actor.held:
        duty = duties.get(held.duty)
        if duty is not None and duty.watched:
            found.append(held)
    return found


def duty_for(actor: Actor, verb: str = "") -> Held | None:
    """The watched duty that opens what needs a verb; ``None`` where only others do.

    Somebody who holds another duty with the same verb is recorded all the same: what the watched
    duty opens reaches farther. Without a verb (a page for everybody signed in) any of them counts.
    """
    return next((held for held in watched(actor) if not verb or verb in held.verbs), None)


def record_look(  # noqa: PLR0913 — one keyword for each fact of a look
    *,
    actor: Actor,
    duty: str,
    page: str,
    title: str = "",
    path: str = "",
    query: str = "",
    register: str = "",
    subject: tuple[str, int] | None = None,
    rows: int | None = None,
    exported: bool = False,
    refused: bool = False,
    at: datetime,
) -> Look:
    """Write down one look; one statement. ``rows``: how many rows were shown or taken out."""
    if actor.account_id is None:
        raise ValueError("the system looks at nothing: only accounts leave looks")
    model, row_id = subject or ("", None)
    look = Look(
        account_id=actor.account_id,
        duty=duty,
        at=at,
        page=page[:80],
        title=title[:TITLE_MAX],
        path=path[:PATH_MAX],
        query=query[:QUERY_MAX],
        register=register[:60],
        subject_type=model,
        subject_id=row_id,
        rows=rows,
        exported=exported,
        refused=refused,
        address=actor.address or None,
    )
    look.save(force_insert=True)
    return look


def looked_since(*, actor: Actor, path: str, query: str, refused: bool, since: datetime) -> bool:
    """Whether somebody looked at just the same since a moment."""
    same = Look.objects.filter(
        account_id=actor.account_id or -1, at__gt=since, path=path[:PATH_MAX],
        query=query[:QUERY_MAX], refused=refused,
    )  # fmt: skip
    return bool(same.exists())


def looks(scope: Scope) -> Looks:
    """The looks inside the scope: by people of its units, and one's own; the newest first."""
    rows: Looks = Look.objects.within(scope).select_related("account__person__unit")
    return rows.order_by("-pk")


def looks_at(*, scope: Scope, model: str, row_id: int) -> Looks:
    """Who looked at one row, the newest first."""
    rows: Looks = looks(scope).filter(subject_type=model, subject_id=row_id)
    return rows


def own_looks(actor: Actor) -> Looks:
    """What somebody looked at themselves, the newest first."""
    rows: Looks = Look.objects.filter(account_id=actor.account_id or -1).order_by("-pk")
    return rows


def labels_of(rows: list[Look], *, labels: Mapping[str, Any]) -> dict[tuple[str, int], str]:
    """What the rows that were looked at are called, by model and id; one statement per model.

    ``labels``: model → query set of the rows that may be named.
    """
    wanted: dict[str, set[int]] = {}
    for look in rows:
        if look.subject_id is not None and look.subject_type in labels:
            wanted.setdefault(look.subject_type, set()).add(look.subject_id)
    return {
        (model, row.pk): str(row)
        for model, ids in wanted.items()
        for row in labels[model].filter(pk__in=ids)
    }
