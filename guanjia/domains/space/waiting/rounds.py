"""What rounds (巡检) put into 待办: to go, to put right for units, to accept for the bureau."""

from datetime import datetime
from typing import Any

from django.db.models import Q
from django.utils import timezone

from guanjia.domains.space.queries import rounds
from guanjia.kernel.values.actor import Actor
from guanjia.kernel.values.period import noon
from guanjia.ui import formats
from guanjia.ui.registers import addresses
from guanjia.ui.waiting import Rank, Source, Todo, due_words

INSPECT, PLAN = "space.round.inspect", "space.round.plan"
RECTIFY, ACCEPT = "space.round.rectify", "space.round.accept"


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
        detail=formats.joined("出发前在手机上打开一次，没有网络也能记"),
        due=due_words(row.ends_on, today=today),
        due_tone="stop" if row.ends_on < today else "",
        url=addresses.maybe("space:round", row.pk),
        act_url=addresses.maybe("space:patrol_round", row.pk),
        verb="巡检",
        rank=Rank.ANSWER,
        due_at=noon(row.ends_on),
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
        detail=formats.joined(
            f"退回：{row.returned_note}" if row.returned_note else "", row.number
        ),
        due=due_words(row.due_on, today=today),
        due_tone="stop" if late else "",
        url=addresses.maybe("space:rectification", row.pk),
        verb="整改",
        rank=Rank.ANSWER,
        due_at=noon(row.due_on),
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
        detail=formats.joined(row.room, row.explanation[:40], row.number),
        due=f"{formats.day(row.explained_at, today=today)} 填报",
        url=addresses.maybe("space:rectification", row.pk),
        verb="验收",
        rank=Rank.DECIDE,
        due_at=row.explained_at,
    )


SOURCES = (
    Source(key="space_round", kind="巡检", place=340, rows=_to_go, show=_show_go),
    Source(key="space_rectify", kind="巡检整改", place=350, rows=_to_rectify, show=_show_rectify),
    Source(key="space_rectified", kind="整改待验收", place=360, rows=_to_accept, show=_show_accept),
)
