"""What oversight and sealing put into 待办: findings to explain and to decide, cars to hand in."""

from datetime import date, datetime, time
from typing import Any

from django.utils import timezone

from guanjia.domains.fleet.queries import oversight, sealing
from guanjia.domains.fleet.terms.oversight import FindingState, GroundCode, Level
from guanjia.kernel.values.actor import Actor
from guanjia.kernel.values.period import SHANGHAI
from guanjia.portal import places
from guanjia.portal.inbox import Source, Todo, due_words
from guanjia.ui import formats

_EXPLAIN, _DECIDE, _HAND_IN = 4, 1, 3  # beside 已退回, 待审批 and 待派车
EXPLAIN, DECIDE = "fleet.oversight.explain", "fleet.oversight.decide"
HAND_IN, PLAN = "fleet.seal.hand_in", "fleet.seal.plan"


def _today(at: datetime) -> date:
    return timezone.localdate(at)


def _noon(day: date) -> datetime:
    return datetime.combine(day, time(12), SHANGHAI)


def _what(finding: Any) -> str:
    codes = [GroundCode(g.code).label for g in finding.grounds.all() if g.gone_at is None]
    return "、".join(dict.fromkeys(codes))


def _plate(car: Any) -> dict[str, str]:
    return {"label": car.plate, "colour": car.get_plate_colour_display()}


def _to_explain(actor: Actor, _: datetime) -> Any:
    """Findings of the own units; who decides sees all and would have a list that is not theirs."""
    if not actor.can(EXPLAIN) or actor.can(DECIDE):
        return None
    return oversight.to_explain(actor.scope(EXPLAIN))


def _show_explain(finding: Any, _: Actor, at: datetime) -> Todo:
    today = _today(at)
    late = finding.due_on < today
    return Todo(
        kind="督车待说明",
        tone="stop" if late or finding.level == Level.RED else "wait",
        icon="alert-octagon" if finding.level == Level.RED else "alert-triangle",
        **_plate(finding.car),
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
        url=places.maybe("fleet:finding", finding.pk),
        verb="说明",
        rank=_EXPLAIN,
        due_at=_noon(finding.due_on),
    )


def _to_decide(actor: Actor, at: datetime) -> Any:
    if not actor.can(DECIDE):
        return None
    return oversight.to_decide(actor.scope(DECIDE), on=_today(at))


def _show_decide(finding: Any, _: Actor, at: datetime) -> Todo:
    today = _today(at)
    over = finding.state == FindingState.OPEN
    return Todo(
        kind="督车待处理",
        tone="stop" if over else "wait",
        icon="gavel",
        **_plate(finding.car),
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
        url=places.maybe("fleet:finding", finding.pk),
        verb="处理",
        rank=_DECIDE,
        due_at=_noon(finding.due_on),
    )


def _to_hand_in(actor: Actor, at: datetime) -> Any:
    """Cars of the own units; who plans sealings has their page instead of a line for each car."""
    if not actor.can(HAND_IN) or actor.can(PLAN):
        return None
    return sealing.to_hand_in(actor.scope(HAND_IN), at=at)


def _show_hand_in(row: Any, _: Actor, at: datetime) -> Todo:
    begin = row.sealing.during.lower
    late = begin < at
    return Todo(
        kind="待封存",
        tone="stop" if late else "wait",
        icon="lock-open",
        **_plate(row.car),
        title=row.sealing.title,
        detail=f"{row.unit} · 停放、钥匙、里程表",
        due=f"{formats.daytime(begin, style='near', today=_today(at))} 前",
        due_tone="stop" if late else "",
        url=places.maybe("fleet:sealed_car", row.pk),
        verb="登记封存",
        rank=_HAND_IN,
        due_at=begin,
    )


OVERSIGHT = (
    Source(key="explain", kind="督车待说明", rows=_to_explain, show=_show_explain),
    Source(key="judge", kind="督车待处理", rows=_to_decide, show=_show_decide),
    Source(key="seal", kind="待封存", rows=_to_hand_in, show=_show_hand_in),
)
