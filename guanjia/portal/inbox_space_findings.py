"""What 用房问题 put into 待办: to explain and to put right for units, to decide for the bureau."""

from datetime import date, datetime, time
from typing import Any

from django.utils import timezone

from guanjia.domains.space.queries import findings
from guanjia.domains.space.terms.findings import FindingState
from guanjia.kernel.values.actor import Actor
from guanjia.kernel.values.period import SHANGHAI
from guanjia.portal import places
from guanjia.portal.inbox import Source, Todo, due_words
from guanjia.ui import formats

_DECIDE, _EXPLAIN, _MEND = 1, 4, 4  # beside 待审批 and 已退回
EXPLAIN, DECIDE = findings.EXPLAIN, findings.DECIDE


def _today(at: datetime) -> date:
    return timezone.localdate(at)


def _noon(day: date) -> datetime:
    return datetime.combine(day, time(12), SHANGHAI)


def _detail(*parts: object) -> str:
    return " · ".join(str(part) for part in parts if part)


def _to_explain(actor: Actor, _: datetime) -> Any:
    """Those of the own units; who decides sees all and would have a list that is not theirs."""
    if not actor.can(EXPLAIN) or actor.can(DECIDE):
        return None
    return findings.to_explain(actor.scope(EXPLAIN))


def _show_explain(finding: Any, _: Actor, at: datetime) -> Todo:
    today = _today(at)
    late = finding.due_on < today
    return Todo(
        kind="用房问题待说明",
        tone="stop" if late else "wait",
        icon="building",
        title=f"{finding.label} {finding.get_code_display()}",
        detail=_detail(finding.headline.rstrip("。"), finding.number),
        due=due_words(finding.due_on, today=today),
        due_tone="stop" if late else "",
        url=places.maybe("space:finding", finding.pk),
        verb="说明",
        rank=_EXPLAIN,
        due_at=_noon(finding.due_on),
    )


def _to_mend(actor: Actor, _: datetime) -> Any:
    if not actor.can(EXPLAIN) or actor.can(DECIDE):
        return None
    return findings.to_mend(actor.scope(EXPLAIN))


def _show_mend(finding: Any, _: Actor, at: datetime) -> Todo:
    today = _today(at)
    late = finding.mend_by < today
    return Todo(
        kind="用房问题待整改",
        tone="stop" if late else "move",
        icon="tool",
        title=f"{finding.label} {finding.get_code_display()}",
        detail=_detail(finding.decision[:40], finding.number),
        due=due_words(finding.mend_by, today=today),
        due_tone="stop" if late else "",
        url=places.maybe("space:finding", finding.pk),
        verb="整改",
        rank=_MEND,
        due_at=_noon(finding.mend_by),
    )


def _to_decide(actor: Actor, at: datetime) -> Any:
    if not actor.can(DECIDE):
        return None
    return findings.to_decide(actor.scope(DECIDE), on=_today(at))


def _show_decide(finding: Any, _: Actor, at: datetime) -> Todo:
    today = _today(at)
    explained = finding.state == FindingState.EXPLAINED
    own = finding.unit_id is None
    why = "本局的事" if own else "到期没有说明"
    return Todo(
        kind="用房问题待处理",
        tone="wait" if explained or own else "stop",
        icon="gavel",
        title=f"{finding.unit or finding.label} {finding.get_code_display()}",
        detail=_detail(
            "" if own else finding.label,
            finding.explanation[:40] if explained else why,
            finding.number,
        ),
        due=f"{formats.day(finding.explained_at, today=today)} 说明"
        if explained
        else due_words(finding.due_on, today=today),
        due_tone="" if explained or own else "stop",
        url=places.maybe("space:finding", finding.pk),
        verb="处理",
        rank=_DECIDE,
        due_at=_noon(finding.due_on),
    )


SPACE_FINDINGS = (
    Source(key="space_explain", kind="用房问题待说明", rows=_to_explain, show=_show_explain),
    Source(key="space_mend", kind="用房问题待整改", rows=_to_mend, show=_show_mend),
    Source(key="space_decide", kind="用房问题待处理", rows=_to_decide, show=_show_decide),
)
