"""Changing a row: locked within the actor's reach, judged, saved, recorded, published.

An action locks the row with ``locked``, asks its rules, and hands what changes to ``change``.
Both belong inside the action's transaction.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.apps import apps
from django.db import models

from guanjia.kernel.access.subjects import Subject
from guanjia.kernel.attachments import actions as attachments
from guanjia.kernel.attachments import retention
from guanjia.kernel.attachments.terms import Bounds
from guanjia.kernel.audit import actions as audit
from guanjia.kernel.events import bus
from guanjia.kernel.regulations.verdict import Citation, Refused, Verdict, refuse
from guanjia.kernel.values.actor import Actor
from guanjia.kernel.values.term import Term


class OutOfState(Refused):
    """The act does not belong to the state in which the row stands: 409."""


@dataclass(frozen=True, kw_only=True)
class Files:
    """Uploads that come with a change: their ids, what may be attached, and for which unit."""

    ids: Sequence[int]
    bounds: Bounds
    unit: Any = None


def locked(
    subject: Subject,
    *,
    actor: Actor,
    verb: str,
    pk: int,
    act: str = "",
    to: Term | None = None,
    when: Sequence[Term] = (),
) -> Any:
    """The row within the reach of the verb, locked.

    ``act``: what is to be done, as a refusal says it (决算). ``to``: the state it leads to; the
    life says from where. ``when``: the states in which it may be done, where it leads to none or to
    fewer than the life allows. Raises ``NotAllowed`` (403), ``DoesNotExist`` outside the reach
    (404), ``OutOfState`` (409).
    """
    actor.must(verb)
    model: Any = apps.get_model(subject.model)
    rows = model.objects.within(actor.scope(verb)).select_for_update(of=("self",))
    row = rows.select_related(*subject.beside).get(pk=pk)
    in_state(subject, row, act=act, to=to, when=when)
    return row


def in_state(
    subject: Subject, row: Any, *, act: str, to: Term | None = None, when: Sequence[Term] = ()
) -> None:
    """Refuse an act that does not belong to where the row stands; raises ``OutOfState``."""
    life = subject.life
    allowed = when or (life.before(to) if life and to else ())
    if life is None or not allowed:
        return
    value = getattr(row, life.field)
    if life.stands(value, allowed):
        return
    sentence = f"{subject.name_of(row)}现在是{life.of(value).label}。"
    cite = Citation(title=life.rule, own=True)
    raise OutOfState(refuse("state", f"不能{act}。", sentence, cite).refusals)


def change(  # noqa: PLR0913 — one keyword for each thing a change may bring along
    row: models.Model,
    facts: Mapping[str, Any],
    *,
    actor: Actor,
    verb: str,
    at: datetime,
    verdict: Verdict | None = None,
    enforced: bool = True,
    note: str = "",
    files: Files | None = None,
    beside: Mapping[str, tuple[Any, Any]] | None = None,
    also: Mapping[str, Any] | None = None,
    on: models.Model | None = None,
    unit_path: str = "",
    news: Iterable[object] = (),
) -> None:
    """Save facts of a locked row, record what they were and are, and publish the news.

    ``facts``: field name → value; just these are saved and recorded. ``verdict``: what the rules
    said; one that refuses raises ``Refused`` before anything is saved, unless the change rests on
    the refusal (``enforced=False``: money that is not paid by that rule). Texts lose the blanks
    around them. ``files``: what is attached with the change. ``beside``: what is recorded with the
    facts but saved elsewhere, like the lines of a quote: name → what it was, what it is. ``also``:
    what is recorded of the change itself, like the day from which it holds. ``on``: the row whose
    trail tells it, where the changed one is a part of that. ``unit_path``: the unit within whose
    reach the record is, where the row names none.
    """
    if verdict is not None and enforced:
        verdict.enforce()
    elsewhere = dict(beside or {})
    before = _facts(row, facts) | {name: was for name, (was, _) in elsewhere.items()}
    for name, value in facts.items():
        setattr(row, name, value.strip() if type(value) is str else value)
    row.save(update_fields=[*facts])
    attach(row, files, actor=actor, at=at)
    audit.record(
        actor=actor, verb=verb, on=on or row, at=at, before=before,
        after=_facts(row, facts) | {name: now for name, (_, now) in elsewhere.items()}
        | dict(also or {}),
        verdict=verdict, note=note.strip(), unit_path=unit_path,
    )  # fmt: skip
    for told in news:
        bus.publish(told)


def _facts(row: models.Model, names: Mapping[str, Any]) -> dict[str, Any]:
    """What the named facts are; of none, nothing: what changes may be saved elsewhere only."""
    return audit.facts_of(row, *names) if names else {}


def made(  # noqa: PLR0913 — one keyword for each thing that may come along
    row: models.Model,
    *names: str,
    actor: Actor,
    verb: str,
    at: datetime,
    verdict: Verdict | None = None,
    note: str = "",
    files: Files | None = None,
    beside: Mapping[str, Any] | None = None,
    on: models.Model | None = None,
    unit_path: str = "",
) -> None:
    """Record the making of a row with the named facts, or all its columns where nothing is named
    and nothing stands ``beside``, and attach what came with it.

    What the rules say is enforced before the row is made: here it is only recorded. ``beside``:
    what is recorded with the facts but saved elsewhere: name → what it is. ``on``, ``unit_path``:
    as ``change``.
    """
    attach(row, files, actor=actor, at=at)
    after = (audit.facts_of(row, *names) if names or beside is None else {}) | dict(beside or {})
    audit.record(
        actor=actor, verb=verb, on=on or row, at=at, after=after, verdict=verdict,
        note=note.strip(), unit_path=unit_path,
    )  # fmt: skip


def gone(row: models.Model, *names: str, actor: Actor, verb: str, at: datetime) -> None:
    """Take a locked row away, and record the named facts as they were."""
    audit.record(actor=actor, verb=verb, on=row, at=at, before=audit.facts_of(row, *names))
    row.__class__._base_manager.filter(pk=row.pk).delete()


def attach(row: models.Model, files: Files | None, *, actor: Actor, at: datetime) -> None:
    """Attach uploads to a row, kept as long as the rules of retention say."""
    if files is not None:
        attachments.claim(
            actor=actor, ids=list(files.ids), subject=row, unit=files.unit, bounds=files.bounds,
            at=at, retain_until=retention.until(at=at),
        )  # fmt: skip


def reasoned(reason: str) -> str:
    """The reason without the blanks around it; raises ``Refused`` where there is none."""
    if not reason.strip():
        refuse("reason_missing", "没有写原因。", "写明原因。", field="reason").enforce()
    return reason.strip()
