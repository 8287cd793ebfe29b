"""What rounds (巡检) put into 待办: to go, to put right for units, to accept for the bureau."""

from datetime import date, datetime, time
from typing import Any

from django.db.models import Q
from django.utils import timezone

from guanjia.domains.space.queries import rounds
from guanjia.kernel.values.actor import Actor
from guanjia.kernel.values.period import SHANGHAI
from guanjia.portal import places
from guanjia.portal.inbox import Source, Todo, due_words
from guanjia.ui import formats

_ACCEPT, _RECTIFY, _GO = 1, 4, 4  # beside 待审批 and 已退回
INSPECT, PLAN = "space.round.inspect", "space.round.plan"
RECTIFY, ACCEPT = "space.round.rectify", "space.round.accept"


def _noon(day: date) -> datetime:
    return datetime.combine(day, time(12), SHANGHAI)


def _detail(*parts: object) -> str:
    return " · ".join(str(part) for part in parts if part)


def _what(row: Any) -> str:
    return "、".join(each.label for each in row.inspection.results)


def _to_go(actor: Actor, _: datetime) -> Any:
    """Rounds under way that name this person, or nobody; who plans them has the list of all."""
    if not actor.can(INSPECT) or actor.can(PLAN):
        return None
    named = Q(inspectors__person=actor.person_id) | Q(inspectors=None)
    return rounds.running(actor.scope(INSPECT)).filter(named).distinct()


def _show_go(row: Any, _: Actor, at: datetime) -> Todo:
    today = timezone.localdate(at)
    return Todo(
        kind="巡检",
        tone="stop" if row.ends_on < today else "move",
        icon="clipboard-list",
        title=row.title,
        detail=_detail("出发前在手机上打开一次，没有网络也能记"),
        due=due_words(row.ends_on, today=today),
        due_tone="stop" if row.ends_on < today else "",
        url=places.maybe("space:round", row.pk),
        act_url=places.maybe("space:patrol_round", row.pk),
        verb="巡检",
        rank=_GO,
        due_at=_noon(row.ends_on),
    )


def _to_rectify(actor: Actor, _: datetime) -> Any:
    """What the own units have to put right; who accepts sees all and has a list of their own."""
    if not actor.can(RECTIFY) or actor.can(ACCEPT):
        return None
    return rounds.to_rectify(actor.scope(RECTIFY))


def _show_rectify(row: Any, _: Actor, at: datetime) -> Todo:
    today = timezone.localdate(at)
    late = row.due_on < today
    return Todo(
        kind="巡检整改",
        tone="stop" if late or row.returned_note else "wait",
        icon="tool",
        title=f"{row.room or row.unit} {_what(row)}",
        detail=_detail(f"退回：{row.returned_note}" if row.returned_note else "", row.number),
        due=due_words(row.due_on, today=today),
        due_tone="stop" if late else "",
        url=places.maybe("space:rectification", row.pk),
        verb="整改",
        rank=_RECTIFY,
        due_at=_noon(row.due_on),
    )


def _to_accept(actor: Actor, _: datetime) -> Any:
    if not actor.can(ACCEPT):
        return None
    return rounds.to_accept(actor.scope(ACCEPT))


def _show_accept(row: Any, _: Actor, at: datetime) -> Todo:
    today = timezone.localdate(at)
    return Todo(
        kind="整改待验收",
        tone="wait",
        icon="clipboard-check",
        title=f"{row.unit} {_what(row)}",
        detail=_detail(row.room, row.answer[:40], row.number),
        due=f"{formats.day(row.answered_at, today=today)} 填报",
        url=places.maybe("space:rectification", row.pk),
        verb="验收",
        rank=_ACCEPT,
        due_at=row.answered_at,
    )


SPACE_ROUNDS = (
    Source(key="space_round", kind="巡检", rows=_to_go, show=_show_go),
    Source(key="space_rectify", kind="巡检整改", rows=_to_rectify, show=_show_rectify),
    Source(key="space_accept", kind="整改待验收", rows=_to_accept, show=_show_accept),
)
