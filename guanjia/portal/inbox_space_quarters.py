"""What 周转房 and repairs put into 待办: who must move out, what is to be planned or settled."""

from datetime import date, datetime, time
from typing import Any

from django.utils import timezone

from guanjia.domains.space.queries import tenancies, works
from guanjia.kernel.regulations.lawbook import law_at
from guanjia.kernel.values.actor import Actor
from guanjia.kernel.values.period import SHANGHAI
from guanjia.portal import places
from guanjia.portal.inbox import Source, Todo, due_words
from guanjia.ui import formats

_OUT, _RENT, _PLAN, _SETTLE = 3, 3, 4, 4


def _noon(day: date) -> datetime:
    return datetime.combine(day, time(12), SHANGHAI)


def _joined(*parts: object) -> str:
    return " · ".join(str(part) for part in parts if part)


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
        detail=_joined("已登记离任" if row.left_on else "", row.tenant.unit.shown, row.number),
        due=due_words(end, today=today, ahead="到期"),
        due_tone="stop" if over else "",
        url=places.maybe("space:tenancy", row.pk),
        verb="退房" if row.left_on else "续租或退房",
        rank=_OUT,
        due_at=_noon(end),
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
        detail=_joined(row.room, row.tenant.unit.shown, f"{row.owed_months} 个月"),
        due=due_words(row.owed_due, today=today, ahead="应交"),
        due_tone="stop" if late > 0 else "",
        url=places.maybe("space:rent_take", row.pk),
        verb="收租",
        rank=_RENT,
        due_at=_noon(row.owed_due),
    )


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
        detail=_joined(
            row.unit.shown if row.unit else "", f"估算 {formats.wan(row.estimate_fen)} 万元"
        ),
        due=f"{formats.day(row.asked_at, today=timezone.localdate(at))}申请",
        url=places.maybe("space:works_one", row.pk),
        verb="列入计划",
        rank=_PLAN,
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
        detail=_joined(row.contractor, row.number),
        due=f"{formats.day(row.accepted_on, today=today)}验收",
        due_tone="stop",
        url=places.maybe("space:works_settle", row.pk),
        verb="决算",
        rank=_SETTLE,
        due_at=_noon(row.accepted_on),
    )


SPACE_QUARTERS = (
    Source(key="space_out", kind="周转房到期", rows=_moving_out, show=_show_moving_out),
    Source(key="space_rent", kind="周转房待收租", rows=_owing, show=_show_owing),
    Source(key="space_plan", kind="大中修待列入计划", rows=_to_plan, show=_show_plan),
    Source(key="space_settle", kind="大中修决算逾期", rows=_to_settle, show=_show_settle),
)
