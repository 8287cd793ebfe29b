"""待办 of repairs of buildings (大中修): to be planned, to be settled."""

from datetime import datetime
from typing import Any

from django.utils import timezone

from guanjia.domains.space.queries import works
from guanjia.kernel.values.actor import Actor
from guanjia.kernel.values.period import noon
from guanjia.ui import formats
from guanjia.ui.registers import addresses
from guanjia.ui.waiting import Rank, Source, Todo


def _to_plan(actor: Actor, _: datetime) -> Any:
    if not actor.can(works.KEEP):
        return None
    return works.to_plan(actor.scope(works.KEEP))


def _show_plan(row: Any, _: Actor, at: datetime) -> Todo:
    return Todo(
        kind="大中修待列入计划",
        tone="wait",
        icon="tool",
        title=f"{row.building} {row.title}",
        detail=formats.joined(
            row.unit.shown if row.unit else "", f"估算 {formats.wan(row.estimate_fen)} 万元"
        ),
        due=f"{formats.day(row.asked_at, today=timezone.localdate(at))}申请",
        url=addresses.maybe("space:works_one", row.pk),
        verb="列入计划",
        rank=Rank.ANSWER,
        due_at=row.asked_at,
    )


def _to_settle(actor: Actor, at: datetime) -> Any:
    if not actor.can(works.KEEP):
        return None
    return works.unsettled(actor.scope(works.KEEP), on=timezone.localdate(at))


def _show_settle(row: Any, _: Actor, at: datetime) -> Todo:
    today = timezone.localdate(at)
    return Todo(
        kind="大中修决算逾期",
        tone="stop",
        icon="receipt",
        title=f"{row.building} {row.title}",
        detail=formats.joined(row.contractor, row.number),
        due=f"{formats.day(row.accepted_on, today=today)}验收",
        due_tone="stop",
        url=addresses.maybe("space:works_settle", row.pk),
        verb="决算",
        rank=Rank.ANSWER,
        due_at=noon(row.accepted_on),
    )


SOURCES = (
    Source(key="space_plan", kind="大中修待列入计划", place=430, rows=_to_plan, show=_show_plan),
    Source(
        key="space_settle", kind="大中修决算逾期", place=440, rows=_to_settle, show=_show_settle
    ),
)
