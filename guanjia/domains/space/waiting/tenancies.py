"""待办 of 周转房: who must move out, and rent to collect."""

from datetime import datetime
from typing import Any

from django.utils import timezone

from guanjia.domains.space.queries import tenancies
from guanjia.kernel.regulations.lawbook import law_at
from guanjia.kernel.values.actor import Actor
from guanjia.kernel.values.period import noon
from guanjia.ui import formats
from guanjia.ui.registers import addresses
from guanjia.ui.waiting import Rank, Source, Todo, due_words


def _moving_out(actor: Actor, at: datetime) -> Any:
    if not actor.can(tenancies.KEEP):
        return None
    day = timezone.localdate(at)
    days = int(law_at(day)["space.tenancy.remind_days"].value)
    return tenancies.ending(actor.scope(tenancies.KEEP), on=day, days=days)


def _show_moving_out(row: Any, _: Actor, at: datetime) -> Todo:
    today = timezone.localdate(at)
    end = min(one for one in (row.last_on, row.leave_by) if one is not None)
    over = end < today
    return Todo(
        kind="周转房到期",
        tone="stop" if over else "wait",
        icon="home",
        title=f"{row.tenant.name} {row.room}",
        detail=formats.joined(
            "已登记离任" if row.left_on else "", row.tenant.unit.shown, row.number
        ),
        due=due_words(end, today=today, ahead="到期"),
        due_tone="stop" if over else "",
        url=addresses.maybe("space:tenancy", row.pk),
        verb="退房" if row.left_on else "续租或退房",
        rank=Rank.ARRANGE,
        due_at=noon(end),
    )


def _owing(actor: Actor, _: datetime) -> Any:
    if not actor.can(tenancies.COLLECT):
        return None
    return tenancies.with_arrears(actor.scope(tenancies.COLLECT))


def _show_owing(row: Any, _: Actor, at: datetime) -> Todo:
    today = timezone.localdate(at)
    late = (today - row.owed_due).days
    return Todo(
        kind="周转房待收租",
        tone="stop" if late > 0 else "wait",
        icon="receipt",
        title=f"{row.tenant.name} {formats.yuan(row.owed_fen)} 元",
        detail=formats.joined(row.room, row.tenant.unit.shown, f"{row.owed_months} 个月"),
        due=due_words(row.owed_due, today=today, ahead="应交"),
        due_tone="stop" if late > 0 else "",
        url=addresses.maybe("space:tenancy_take", row.pk),
        verb="收租",
        rank=Rank.ARRANGE,
        due_at=noon(row.owed_due),
    )


SOURCES = (
    Source(key="space_out", kind="周转房到期", place=410, rows=_moving_out, show=_show_moving_out),
    Source(key="space_rent", kind="周转房待收租", place=420, rows=_owing, show=_show_owing),
)
