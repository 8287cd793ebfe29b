"""What energy puts into 待办: filings to send and to review, doubts to explain."""

from datetime import date, datetime, time
from typing import Any

from django.utils import timezone

from guanjia.domains.energy.queries import doubts, filings
from guanjia.kernel.values.actor import Actor
from guanjia.kernel.values.period import SHANGHAI
from guanjia.portal import places
from guanjia.portal.inbox import Source, Todo
from guanjia.ui import formats

_REVIEW, _SEND, _EXPLAIN = 2, 4, 4  # beside 待审批 and 已退回


def _noon(day: date) -> datetime:
    return datetime.combine(day, time(12), SHANGHAI)


def _to_send(actor: Actor, _: datetime) -> Any:
    """Those whose returns one fills in oneself; who oversees many has the page of progress."""
    scope = actor.scope(filings.FILL)
    if not scope.person_id or actor.can(filings.REVIEW):
        return None
    return filings.to_send(scope)


def _to_review(actor: Actor, _: datetime) -> Any:
    if actor.can(filings.ACCEPT):
        return filings.at_city(actor.scope(filings.ACCEPT))
    return filings.at_county(actor.scope(filings.REVIEW)) if actor.can(filings.REVIEW) else None


def _to_explain(actor: Actor, _: datetime) -> Any:
    scope = actor.scope(doubts.EXPLAIN)
    if not scope.person_id or actor.can(filings.REVIEW):
        return None
    return doubts.waiting(scope)


def _filing(row: Any, at: datetime, *, kind: str, verb: str, rank: int) -> Todo:
    today = timezone.localdate(at)
    late = row.due_on < today
    return Todo(
        kind=kind,
        tone="stop" if late or row.state == "SENT_BACK" else "wait",
        icon="bolt",
        title=f"{row.institution} {filings.period_of(row)}能耗报表",
        detail=f"退回：{row.reason[:40]}" if row.state == "SENT_BACK" else row.get_state_display(),
        due=f"逾期 {(today - row.due_on).days} 天"
        if late
        else f"{formats.day(row.due_on, today=today)}前",
        due_tone="stop" if late else "",
        url=places.maybe("energy:filing", row.pk),
        verb=verb,
        rank=rank,
        due_at=_noon(row.due_on),
    )


def _show_send(row: Any, _: Actor, at: datetime) -> Todo:
    return _filing(row, at, kind="能耗报表待报送", verb="报送", rank=_SEND)


def _show_review(row: Any, _: Actor, at: datetime) -> Todo:
    return _filing(row, at, kind="能耗报表待审核", verb="审核", rank=_REVIEW)


def _show_explain(row: Any, _: Actor, __: datetime) -> Todo:
    month = row.month_return.month
    return Todo(
        kind="月报疑点待说明",
        tone="wait",
        icon="alert-circle",
        title=f"{row.month_return.institution} {month.year}年{month.month}月",
        detail=row.sentence,
        due="",
        url=places.maybe("energy:doubt", row.pk),
        verb="说明",
        rank=_EXPLAIN,
        due_at=row.raised_at,
    )


ENERGY = (
    Source(key="energy_send", kind="能耗报表待报送", rows=_to_send, show=_show_send),
    Source(key="energy_review", kind="能耗报表待审核", rows=_to_review, show=_show_review),
    Source(key="energy_explain", kind="月报疑点待说明", rows=_to_explain, show=_show_explain),
)
