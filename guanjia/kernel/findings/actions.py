"""What is done with findings: explain, send back, decide, close, remind; by their declaration.

Each belongs inside the transaction of the department's action that calls it.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.apps import apps
from django.utils import timezone

from guanjia.kernel.acts.changing import Files, change, locked
from guanjia.kernel.audit import actions as audit
from guanjia.kernel.events import bus
from guanjia.kernel.findings.declaration import FindingKind
from guanjia.kernel.findings.models import DECISION_MAX, EXPLANATION_MAX, NOTE_MAX
from guanjia.kernel.regulations.verdict import ALLOWED, Citation, Verdict, refuse
from guanjia.kernel.values.actor import Actor
from guanjia.kernel.values.term import Term


def words(kind: FindingKind, text: str, *, what: str, field: str, most: int) -> str:
    """Words without the blanks around them; raises ``Refused`` for none and for too many."""
    said = text.strip()
    if not said:
        sentence = f"写明{what}，1 到 {most} 个字。"
        refuse(f"{field}_missing", f"没有写{what}。", sentence, kind.order, field=field).enforce()
    if len(said) > most:
        sentence = f"写了 {len(said)} 个字，最多 {most} 个字。"
        refuse(f"{field}_long", f"{what}太长。", sentence, kind.order, field=field).enforce()
    return said


def held(
    kind: FindingKind, *, actor: Actor, pk: int, act: str, when: Sequence[Term], verb: str = ""
) -> Any:
    """The finding within the reach of who decides (or of ``verb``), locked, in a given state."""
    return locked(kind.subject, actor=actor, verb=verb or kind.decides, pk=pk, act=act, when=when)


def explain(
    kind: FindingKind,
    *,
    actor: Actor,
    pk: int,
    explanation: str,
    files: Sequence[int] = (),
    at: datetime,
    may: Callable[[Any], Verdict] = lambda _: ALLOWED,
) -> Any:
    """The unit says how it came about (说明), with papers; anew until somebody decides.

    ``may``: row → what the department's own rule says.
    """
    row = held(
        kind, actor=actor, pk=pk, verb=kind.explains, act=f"写{kind.said}", when=kind.undecided
    )
    may(row).enforce()
    said = words(kind, explanation, what=kind.said, field="explanation", most=EXPLANATION_MAX)
    facts: dict[str, Any] = {
        "state": kind.explained, "explanation": said, "explained_by_id": actor.person_id,
        "explained_at": at,
    }  # fmt: skip
    if kind.first_counts and row.state == kind.explained:
        del facts["explained_at"]
    if kind.back is not None:
        facts["returned_note"] = ""
    _change(kind, row, "explained", facts, actor=actor, at=at, files=_files(kind, row, files))
    return row


def _files(kind: FindingKind, row: Any, ids: Sequence[int]) -> Files | None:
    if not ids or kind.files is None:
        return None
    return Files(ids=ids, bounds=kind.files, unit=kind.unit(row))


def send_back(kind: FindingKind, *, actor: Actor, pk: int, comment: str, at: datetime) -> Any:
    """Return the unit's words (退回), saying what is missing; where the kind says so, the unit has
    its time anew."""
    row = held(kind, actor=actor, pk=pk, act="退回", when=(kind.explained,))
    assert kind.back is not None  # noqa: S101 — only kinds with a way back declare the act
    note = words(kind, comment, what="退回意见", field="comment", most=NOTE_MAX)
    facts: dict[str, Any] = {"state": kind.back, "returned_note": note, "reminded_on": None}
    if kind.due is not None:
        facts["due_on"] = kind.due(at)
    _change(kind, row, "returned", facts, actor=actor, at=at, note=note)
    return row


def decide(
    kind: FindingKind,
    *,
    actor: Actor,
    row: Any,
    facts: Mapping[str, Any],
    decision: str,
    at: datetime,
    step: str = "decided",
    verdict: Verdict = ALLOWED,
    must: bool = True,
) -> None:
    """Decide on a locked finding (处理): state and outcome as ``facts`` name them, with reasons.

    ``must``: whether there have to be reasons.
    """
    verdict.enforce()
    said = decision.strip()
    if must or said:
        said = words(kind, decision, what="处理意见", field="decision", most=DECISION_MAX)
    told = {**facts, "decision": said, "decided_by_id": actor.person_id, "decided_at": at}
    _change(kind, row, step, told, actor=actor, at=at, note=said, verdict=verdict)


def close(
    kind: FindingKind,
    *,
    actor: Actor,
    row: Any,
    facts: Mapping[str, Any],
    closing: str,
    at: datetime,
    step: str = "closed",
    must: str = "",
) -> None:
    """Close a locked finding (办结) with what came of it.

    ``must``: what the words are, where there have to be some. ``step``: as it is recorded.
    """
    said = closing.strip()
    if must or len(said) > DECISION_MAX:
        said = words(kind, closing, what=must or "办结说明", field="closing", most=DECISION_MAX)
    told = {**facts, "closing": said, "closed_at": at}
    _change(kind, row, step, told, actor=actor, at=at, note=said)


def settle(
    kind: FindingKind, *, actor: Actor, row: Any, state: Term, explanation: str, at: datetime
) -> None:
    """End a locked finding with the words that explain it (排除): those of the unit, or of the
    system where it ended by itself."""
    said = words(kind, explanation, what=kind.said, field="explanation", most=EXPLANATION_MAX)
    facts = {
        "state": state, "explanation": said, "explained_by_id": actor.person_id,
        "explained_at": at, "closed_at": at,
    }  # fmt: skip
    _change(kind, row, "closed", facts, actor=actor, at=at)


def _change(
    kind: FindingKind,
    row: Any,
    step: str,
    facts: Mapping[str, Any],
    *,
    actor: Actor,
    at: datetime,
    note: str = "",
    files: Files | None = None,
    verdict: Verdict | None = None,
) -> None:
    happened = kind.news.get(step)
    change(
        row, facts, actor=actor, verb=kind.verb(step), at=at, note=note, files=files,
        verdict=verdict, on=kind.on(row) if kind.on else None,
        beside={name: (what, what) for name, what in kind.about(row).items()},
    )  # fmt: skip
    if happened is not None:
        bus.publish(happened(row, actor, at))


def not_yet(row: Any, *, owed: bool, today: date, cite: Citation) -> Verdict:
    """Before the unit said its words nothing is decided until its time is over."""
    if not owed or today > row.due_on:
        return ALLOWED
    return refuse(
        "not_explained", "单位还没有说明，不能处理。",
        f"说明期限到 {row.due_on:%Y-%m-%d}，过期可直接处理。", cite,
    )  # fmt: skip


def remind(kind: FindingKind, *, actor: Actor, days: int, at: datetime) -> list[int]:
    """Remind of words past their day, every so many ``days`` (催办); returns the ids.

    Safe to run twice: once a day each. Told is ``kind.late`` of all ids. What is of no unit waits
    for nobody's words.
    """
    actor.must(kind.decides)
    today, every = timezone.localdate(at), timedelta(days=days)
    model: Any = apps.get_model(kind.subject.model)
    late = model.objects.within(actor.scope(kind.decides)).filter(
        state__in=[state.value for state in kind.owed], due_on__lt=today
    )
    rows = late.select_for_update(of=("self",)).select_related(*kind.subject.beside)
    due = [
        row
        for row in rows.order_by("pk")
        if kind.unit(row) is not None
        and (row.reminded_on is None or row.reminded_on + every <= today)
    ]
    for row in due:
        row.reminded_on = today
    model.objects.bulk_update(due, ["reminded_on"])
    audit.record_many(
        audit.entry(
            actor=actor, verb=kind.verb("reminded"), on=row, at=at,
            after={"due_on": row.due_on.isoformat()},
        )
        for row in due
    )  # fmt: skip
    ids = tuple(row.pk for row in due)
    if ids and kind.late is not None:
        bus.publish(kind.late(ids, at))
    return list(ids)


def may_take_off(kind: FindingKind) -> Callable[[int], Verdict]:
    """The rule by which papers of the words go: until somebody decided by them."""

    def may(pk: int) -> Verdict:
        model: Any = apps.get_model(kind.subject.model)
        state = model.objects.filter(pk=pk).values_list("state", flat=True).first()
        if state is None or state in kind.undecided:
            return ALLOWED
        return refuse(
            "relied_on", "附件是处理的依据，处理后不能移除。", "有误的补交一份。", kind.order
        )

    return may
