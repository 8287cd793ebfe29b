"""What oversight puts into 待办: findings to explain and to decide."""

from datetime import datetime
from typing import Any

from django.utils import timezone

from guanjia.domains.fleet.queries import oversight
from guanjia.domains.fleet.terms.oversight import FindingState, GroundCode, Level
from guanjia.domains.fleet.waiting.plates import plate
from guanjia.kernel.values.actor import Actor
from guanjia.kernel.values.period import noon
from guanjia.ui import formats
from guanjia.ui.registers import addresses
from guanjia.ui.waiting import Rank, Source, Todo, due_words

EXPLAIN, DECIDE = "fleet.oversight.explain", "fleet.oversight.decide"
HAND_IN, PLAN = "fleet.seal.hand_in", "fleet.seal.plan"


def _what(finding: Any) -> str:
    codes = [GroundCode(g.code).label for g in finding.grounds.all() if g.gone_at is None]
    return "、".join(dict.fromkeys(codes))


def _to_explain(actor: Actor, _: datetime) -> Any:
    """Findings of the own units; who decides sees all and would have a list that is not theirs."""
    if not actor.can(EXPLAIN) or actor.can(DECIDE):
        return None
    return oversight.to_explain(actor.scope(EXPLAIN))


def _show_explain(finding: Any, _: Actor, at: datetime) -> Todo:
    today = timezone.localdate(at)
    late = finding.due_on < today
    return Todo(
        kind="督车待说明",
        tone="stop" if late or finding.level == Level.RED else "wait",
        icon="alert-octagon" if finding.level == Level.RED else "alert-triangle",
        **plate(finding.car),
        title=_what(finding),
        detail=" · ".join(
            part
            for part in (
                formats.day(finding.on_day, today=today),
                finding.trip.number if finding.trip else "没有派车单",
                f"退回：{finding.returned_note}" if finding.returned_note else "",
                finding.number,
            )
            if part
        ),
        due=due_words(finding.due_on, today=today),
        due_tone="stop" if late else "",
        url=addresses.maybe("fleet:finding", finding.pk),
        verb="说明",
        rank=Rank.ANSWER,
        due_at=noon(finding.due_on),
    )


def _to_decide(actor: Actor, at: datetime) -> Any:
    if not actor.can(DECIDE):
        return None
    return oversight.to_decide(actor.scope(DECIDE), on=timezone.localdate(at))


def _show_decide(finding: Any, _: Actor, at: datetime) -> Todo:
    today = timezone.localdate(at)
    over = finding.state == FindingState.OPEN
    return Todo(
        kind="督车待处理",
        tone="stop" if over else "wait",
        icon="gavel",
        **plate(finding.car),
        title=f"{finding.unit} {_what(finding)}",
        detail=" · ".join(
            (
                f"{finding.get_level_display()}色",
                "到期没有说明" if over else finding.explanation[:40],
                finding.number,
            )
        ),
        due=due_words(finding.due_on, today=today)
        if over
        else f"{formats.day(finding.explained_at, today=today)} 说明",
        due_tone="stop" if over else "",
        url=addresses.maybe("fleet:finding", finding.pk),
        verb="处理",
        rank=Rank.DECIDE,
        due_at=noon(finding.due_on),
    )


SOURCES = (
    Source(key="explain", kind="督车待说明", place=220, rows=_to_explain, show=_show_explain),
    Source(key="judge", kind="督车待处理", place=230, rows=_to_decide, show=_show_decide),
)
