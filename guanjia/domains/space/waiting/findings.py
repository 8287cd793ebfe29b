"""What 用房问题 put into 待办: to explain and to put right for units, to decide for the bureau."""

from datetime import datetime
from typing import Any

from django.utils import timezone

from guanjia.domains.space.queries import findings
from guanjia.domains.space.terms.findings import FindingState
from guanjia.kernel.values.actor import Actor
from guanjia.kernel.values.period import noon
from guanjia.ui import formats
from guanjia.ui.registers import addresses
from guanjia.ui.waiting import Rank, Source, Todo, due_words

EXPLAIN, DECIDE = findings.EXPLAIN, findings.DECIDE


def _to_explain(actor: Actor, _: datetime) -> Any:
    """Those of the own units; who decides sees all and would have a list that is not theirs."""
    if not actor.can(EXPLAIN) or actor.can(DECIDE):
        return None
    return findings.to_explain(actor.scope(EXPLAIN))


def _show_explain(finding: Any, _: Actor, at: datetime) -> Todo:
    today = timezone.localdate(at)
    late = finding.due_on < today
    return Todo(
        kind="用房问题待说明",
        tone="stop" if late else "wait",
        icon="building",
        title=f"{finding.label} {finding.get_code_display()}",
        detail=formats.joined(finding.headline.rstrip("。"), finding.number),
        due=due_words(finding.due_on, today=today),
        due_tone="stop" if late else "",
        url=addresses.maybe("space:finding", finding.pk),
        verb="说明",
        rank=Rank.ANSWER,
        due_at=noon(finding.due_on),
    )


def _to_mend(actor: Actor, _: datetime) -> Any:
    if not actor.can(EXPLAIN) or actor.can(DECIDE):
        return None
    return findings.to_mend(actor.scope(EXPLAIN))


def _show_mend(finding: Any, _: Actor, at: datetime) -> Todo:
    today = timezone.localdate(at)
    late = finding.mend_by < today
    return Todo(
        kind="用房问题待整改",
        tone="stop" if late else "move",
        icon="tool",
        title=f"{finding.label} {finding.get_code_display()}",
        detail=formats.joined(finding.decision[:40], finding.number),
        due=due_words(finding.mend_by, today=today),
        due_tone="stop" if late else "",
        url=addresses.maybe("space:finding", finding.pk),
        verb="整改",
        rank=Rank.ANSWER,
        due_at=noon(finding.mend_by),
    )


def _to_decide(actor: Actor, at: datetime) -> Any:
    if not actor.can(DECIDE):
        return None
    return findings.to_decide(actor.scope(DECIDE), on=timezone.localdate(at))


def _show_decide(finding: Any, _: Actor, at: datetime) -> Todo:
    today = timezone.localdate(at)
    explained = finding.state == FindingState.EXPLAINED
    own = finding.unit_id is None
    why = "本局的事" if own else "到期没有说明"
    return Todo(
        kind="用房问题待处理",
        tone="wait" if explained or own else "stop",
        icon="gavel",
        title=f"{finding.unit or finding.label} {finding.get_code_display()}",
        detail=formats.joined(
            "" if own else finding.label,
            finding.explanation[:40] if explained else why,
            finding.number,
        ),
        due=f"{formats.day(finding.explained_at, today=today)} 说明"
        if explained
        else due_words(finding.due_on, today=today),
        due_tone="" if explained or own else "stop",
        url=addresses.maybe("space:finding", finding.pk),
        verb="处理",
        rank=Rank.DECIDE,
        due_at=noon(finding.due_on),
    )


SOURCES = (
    Source(
        key="space_explain", kind="用房问题待说明", place=310, rows=_to_explain, show=_show_explain
    ),
    Source(key="space_mend", kind="用房问题待整改", place=320, rows=_to_mend, show=_show_mend),
    Source(
        key="space_decide", kind="用房问题待处理", place=330, rows=_to_decide, show=_show_decide
    ),
)
