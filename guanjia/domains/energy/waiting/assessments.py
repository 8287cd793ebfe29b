"""待办 of assessments (考核): to score, to assess, appeals to answer."""

from datetime import datetime
from typing import Any

from django.utils import timezone

from guanjia.domains.energy.queries import assessing
from guanjia.domains.energy.terms.assessment import Desk
from guanjia.kernel.values.actor import Actor
from guanjia.kernel.values.period import noon
from guanjia.ui.registers import addresses
from guanjia.ui.waiting import Rank, Source, Todo, due_words


def _to_score(actor: Actor, _: datetime) -> Any:
    """Those one scores oneself; who oversees many has the list."""
    scope = actor.scope(assessing.FILL)
    if not scope.person_id or actor.can(assessing.REVIEW):
        return None
    return assessing.waiting(scope, Desk.SELF)


def _to_assess(actor: Actor, _: datetime) -> Any:
    if actor.can(assessing.DECIDE):
        return assessing.waiting(actor.scope(assessing.DECIDE), Desk.CITY)
    if actor.can(assessing.REVIEW):
        return assessing.waiting(actor.scope(assessing.REVIEW), Desk.COUNTY)
    return None


def _to_answer(actor: Actor, _: datetime) -> Any:
    if not actor.can(assessing.DECIDE):
        return None
    return assessing.appeals_waiting(actor.scope(assessing.DECIDE))


def _assessment(row: Any, at: datetime, *, kind: str, verb: str, rank: Rank) -> Todo:
    today, due = timezone.localdate(at), row.scheme.self_until
    own = row.desk == Desk.SELF
    late = own and due is not None and due < today
    back = own and row.back_why
    return Todo(
        kind=kind,
        tone="stop" if late or back else "wait",
        icon="clipboard-check",
        title=f"{row.institution} {row.scheme}",
        detail=f"退回：{row.back_why[:40]}" if back else row.get_desk_display(),
        due=due_words(due, today=today) if own and due is not None else "",
        due_tone="stop" if late else "",
        url=addresses.maybe("energy:assessment", row.pk),
        verb=verb,
        rank=rank,
        due_at=noon(due) if due is not None else at,
    )


def _show_score(row: Any, _: Actor, at: datetime) -> Todo:
    return _assessment(row, at, kind="考核待自评", verb="自评", rank=Rank.ANSWER)


def _show_assess(row: Any, _: Actor, at: datetime) -> Todo:
    return _assessment(row, at, kind="考核待评审", verb="评审", rank=Rank.ACT)


def _show_answer(row: Any, _: Actor, __: datetime) -> Todo:
    return Todo(
        kind="考核申诉待复核",
        tone="wait",
        icon="clipboard-check",
        title=f"{row.score.assessment.institution} {row.score.indicator}",
        detail=row.words,
        due="",
        url=addresses.maybe("energy:appeal", row.pk),
        verb="复核",
        rank=Rank.ACT,
        due_at=row.asked_at,
    )


SOURCES = (
    Source(key="energy_score", kind="考核待自评", place=510, rows=_to_score, show=_show_score),
    Source(key="energy_assess", kind="考核待评审", place=520, rows=_to_assess, show=_show_assess),
    Source(
        key="energy_answer", kind="考核申诉待复核", place=530, rows=_to_answer, show=_show_answer
    ),
)
