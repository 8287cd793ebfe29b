"""Entering rows as a ledger states them: create, change or leave, one record for each change."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import models

from guanjia.kernel.audit import actions as audit
from guanjia.kernel.values.actor import Actor


@dataclass(frozen=True)
class Entered:
    """The rows an entering created and changed (with what they were), and how many stayed."""

    created: list[Any] = field(default_factory=list)
    updated: list[tuple[Any, dict[str, Any]]] = field(default_factory=list)
    unchanged: int = 0

    def counts(self) -> tuple[int, int, int]:
        """Created, updated, unchanged."""
        return len(self.created), len(self.updated), self.unchanged


def enter(
    *,
    actor: Actor,
    model: type[models.Model],
    key: str | Sequence[str],
    rows: Sequence[Mapping[str, Any]],
    verb: str,
    at: datetime,
    complete: Callable[[Any], None] | None = None,
) -> Entered:
    """Bring rows of a ledger into a table; the caller has checked duties and the facts.

    Every row maps field names to values; foreign keys are given as objects. ``key``: the field, or
    the fields together, that tell rows apart. Rows are locked in the order of their primary keys.
    ``complete`` fills derived fields of a new or changed row.
    Belongs inside the caller's transaction.
    """
    manager: Any = model._default_manager
    names = (key,) if isinstance(key, str) else tuple(key)
    wanted = {f"{name}__in": {row[name] for row in rows} for name in names}
    locked = manager.select_for_update(of=("self",)).filter(**wanted).order_by("pk")
    known = {tuple(_kept(row, name) for name in names): row for row in locked}
    entered = Entered()
    unchanged = 0
    touched: set[str] = set()
    for facts in rows:
        row = known.get(tuple(_plain(facts[name]) for name in names))
        if row is None:
            row = model(**facts)
            if complete:
                complete(row)
            entered.created.append(row)
            continue
        before = {
            name: _kept(row, name) for name, value in facts.items() if _differs(row, name, value)
        }
        if not before:
            unchanged += 1
            continue
        for name in before:
            setattr(row, name, facts[name])
        if complete:
            complete(row)
        touched |= set(facts)
        entered.updated.append((row, before))
    manager.bulk_create(entered.created, batch_size=500)
    if entered.updated:
        fields = [name for name in touched if name not in names]
        derived = [n for n in getattr(model, "derived_on_entering", ()) if n not in fields]
        manager.bulk_update([row for row, _ in entered.updated], fields + derived, batch_size=500)
    told = [(row, None) for row in entered.created] + list(entered.updated)
    audit.record_many(
        audit.entry(
            actor=actor,
            verb=verb,
            on=row,
            at=at,
            before=before,
            after=audit.facts_of(row) if before is None else {n: _kept(row, n) for n in before},
        )
        for row, before in told
    )
    return Entered(entered.created, entered.updated, unchanged)


def told(at: datetime) -> Callable[[Any], None]:
    """For ``complete``: a new or changed row was told at this moment (``told_at``, which its model
    names in ``derived_on_entering``); the same told again is not."""

    def complete(row: Any) -> None:
        row.told_at = at

    return complete


def _differs(row: models.Model, name: str, value: Any) -> bool:
    if isinstance(value, models.Model):
        return bool(getattr(row, f"{name}_id") != value.pk)
    if value is None and row._meta.get_field(name).is_relation:
        return getattr(row, f"{name}_id") is not None
    return bool(getattr(row, name) != value)


def _plain(value: Any) -> Any:
    return value.pk if isinstance(value, models.Model) else value


def _kept(row: models.Model, name: str) -> Any:
    is_relation = row._meta.get_field(name).is_relation
    return getattr(row, f"{name}_id" if is_relation else name)
