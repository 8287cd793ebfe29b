"""Putting plain facts of a record right (更正档案): one act for all of them, whoever asks.

A field that is added to a model may be amended at once: the page's form, its judging and the audit
record come from the field. What has a rule of its own is named in ``Archive.elsewhere``.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models, transaction

from guanjia.kernel.acts import changing
from guanjia.kernel.registers.fields import title_of
from guanjia.kernel.regulations.verdict import refuse
from guanjia.kernel.values.actor import Actor


@dataclass(frozen=True, kw_only=True)
class Archive:
    """Which fields of a record are plain, and what amending them takes and leaves behind.

    ``may``: the verb it needs; rows are those ``within`` its scope. ``said``: the verb of the audit
    record. ``elsewhere``: fields that change by an act of their own or only by the ledger, with
    where. ``asks``: how a form asks for a field, as ``ui.forms.field_for`` takes it; these stand
    first, in this order. ``after``: what follows, given the row, the names changed and the moment.
    """

    model: type[models.Model]
    may: str
    said: str
    elsewhere: Mapping[str, str]
    asks: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    after: Callable[[Any, set[str], datetime], None] | None = None

    def plain(self) -> dict[str, Any]:
        """The fields that may be amended, by name, in the order in which a form asks."""
        found = {
            one.name: one
            for one in self.model._meta.concrete_fields
            if one.editable and not one.primary_key and one.name not in self.elsewhere
        }
        return {
            name: found[name] for name in [*self.asks, *(n for n in found if n not in self.asks)]
        }


@transaction.atomic
def amend(
    *, archive: Archive, actor: Actor, pk: int, facts: Mapping[str, Any], at: datetime
) -> Any:
    """Write down plain facts of one record: field name → value as the model keeps it.

    What is as it was leaves no record. Raises ``Refused`` at a field that changes elsewhere or
    whose value the model does not take; ``DoesNotExist`` outside the actor's scope.
    """
    actor.must(archive.may)
    manager: Any = archive.model._default_manager
    rows = manager.within(actor.scope(archive.may)).select_for_update(of=("self",))
    row = rows.get(pk=pk)
    judge(archive=archive, facts=facts)
    changed = put_right(actor=actor, row=row, facts=facts, said=archive.said, at=at)
    if changed and archive.after is not None:
        archive.after(row, changed, at)
    return row


def judge(*, archive: Archive, facts: Mapping[str, Any]) -> None:
    """Refuse a field that is not plain, and a value that its field does not take."""
    plain = archive.plain()
    for name, value in facts.items():
        if name not in plain:
            where = archive.elsewhere.get(name, "没有这一项。")
            refuse("not_plain", "没有保存。", where, field=name).enforce()
        known = plain[name]
        if value is None and known.null:
            continue
        try:
            known.clean(value, None)
        except ValidationError as fault:
            sentence = f"{title_of(known)}：{fault.messages[0]}"
            refuse("value_invalid", "没有保存。", sentence, field=name).enforce()


def put_right(
    *, actor: Actor, row: models.Model, facts: Mapping[str, Any], said: str, at: datetime
) -> set[str]:
    """Save those facts of a locked row that differ, with one audit record; returns their names.

    Belongs inside the transaction of a caller who has judged them.
    """
    wanted = {name: value for name, value in facts.items() if getattr(row, name) != value}
    if not wanted:
        return set()
    changing.change(row, wanted, actor=actor, verb=said, at=at)
    return set(wanted)
