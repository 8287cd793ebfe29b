"""待办 of filings (能耗报表): to send, to review."""

from datetime import datetime
from typing import Any

from django.utils import timezone

from guanjia.domains.energy.queries import filings
from guanjia.kernel.values.actor import Actor
from guanjia.kernel.values.period import noon
from guanjia.ui.registers import addresses
from guanjia.ui.waiting import Rank, Source, Todo, due_words


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


def _filing(row: Any, at: datetime, *, kind: str, verb: str, rank: Rank) -> Todo:
    today = timezone.localdate(at)
    late = row.due_on < today
    return Todo(
        kind=kind,
        tone="stop" if late or row.state == "SENT_BACK" else "wait",
        icon="bolt",
        title=f"{row.name}能耗报表",
        detail=f"退回：{row.reason[:40]}" if row.state == "SENT_BACK" else row.get_state_display(),
        due=due_words(row.due_on, today=today),
        due_tone="stop" if late else "",
        url=addresses.maybe("energy:filing", row.pk),
        verb=verb,
        rank=rank,
        due_at=noon(row.due_on),
    )


def _show_send(row: Any, _: Actor, at: datetime) -> Todo:
    return _filing(row, at, kind="能耗报表待报送", verb="报送", rank=Rank.ANSWER)


def _show_review(row: Any, _: Actor, at: datetime) -> Todo:
    return _filing(row, at, kind="能耗报表待审核", verb="审核", rank=Rank.ACT)


SOURCES = (
    Source(key="energy_send", kind="能耗报表待报送", place=480, rows=_to_send, show=_show_send),
    Source(
        key="energy_review", kind="能耗报表待审核", place=490, rows=_to_review, show=_show_review
    ),
)
