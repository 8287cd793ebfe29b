"""What idle rooms put into 待办: to send, to carry out, money to pay in, uses that end."""

from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from guanjia.domains.space.queries import disposals
from guanjia.domains.space.terms.disposals import DisposalState
from guanjia.kernel.regulations.lawbook import law_at
from guanjia.kernel.values.actor import Actor
from guanjia.kernel.values.period import noon
from guanjia.ui import formats
from guanjia.ui.registers import addresses
from guanjia.ui.waiting import Rank, Source, Todo, due_words

REQUEST, DEAL = disposals.REQUEST, disposals.DEAL


def _to_send(actor: Actor, _: datetime) -> Any:
    """Whoever asked goes on with it."""
    if not actor.can(REQUEST):
        return None
    return disposals.to_send(actor.scope(REQUEST)).filter(applicant=actor.person_id)


def _show_send(row: Any, _: Actor, __: datetime) -> Todo:
    back = row.state == DisposalState.RETURNED
    return Todo(
        kind="处置利用已退回" if back else "处置利用待报批",
        tone="stop" if back else "wait",
        icon="arrow-back-up" if back else "pencil",
        title=f"{row.place} {row.get_way_display()}",
        detail=formats.joined(row.state_note or row.reason, row.number),
        url=addresses.maybe("space:disposal", row.pk),
        verb="改后再报" if back else "报批",
        rank=Rank.ANSWER,
        due_at=row.asked_at,
    )


def _to_carry(actor: Actor, _: datetime) -> Any:
    if not actor.can(DEAL):
        return None
    return disposals.to_carry_out(actor.scope(DEAL))


def _show_carry(row: Any, _: Actor, at: datetime) -> Todo:
    today = timezone.localdate(at)
    return Todo(
        kind="处置利用待办理",
        tone="wait",
        icon="gavel",
        title=f"{row.place} {row.get_way_display()}",
        detail=formats.joined(row.user, row.number),
        due=f"{formats.day(row.approved_on, today=today)}批准",
        url=addresses.maybe("space:disposal_carry", row.pk),
        verb="办理",
        rank=Rank.ARRANGE,
        due_at=noon(row.approved_on),
    )


def _to_pay(actor: Actor, at: datetime) -> Any:
    if not actor.can(DEAL):
        return None
    return disposals.to_pay(actor.scope(DEAL), on=timezone.localdate(at))


def _show_pay(row: Any, _: Actor, at: datetime) -> Todo:
    today = timezone.localdate(at)
    late = row.due_on < today
    return Todo(
        kind="处置收入待缴库",
        tone="stop" if late else "wait",
        icon="receipt",
        title=f"{row.title} {formats.yuan(row.due_fen)} 元",
        detail=formats.joined(row.disposal.user, row.disposal.place, row.disposal.number),
        due=due_words(row.due_on, today=today),
        due_tone="stop" if late else "",
        url=addresses.maybe("space:income_pay", row.pk),
        verb="登记缴库",
        rank=Rank.ACT,
        due_at=noon(row.due_on),
    )


def _to_take_back(actor: Actor, at: datetime) -> Any:
    if not actor.can(DEAL):
        return None
    day = timezone.localdate(at)
    days = int(law_at(day)["space.disposal.remind_days"].value)
    return disposals.ending(actor.scope(DEAL), on=day, days=days)


def _show_take_back(row: Any, _: Actor, at: datetime) -> Todo:
    today = timezone.localdate(at)
    over = row.last_on < today
    return Todo(
        kind="利用到期",
        tone="stop" if over else "wait",
        icon="calendar",
        title=f"{row.place} {row.get_way_display()}",
        detail=formats.joined(row.user, row.number),
        due=due_words(row.last_on, today=today, ahead="到期"),
        due_tone="stop" if over else "",
        url=addresses.maybe("space:disposal", row.pk),
        verb="收回或续办",
        rank=Rank.ANSWER,
        due_at=noon(row.last_on + timedelta(days=1)),
    )


SOURCES = (
    Source(key="space_pay", kind="处置收入待缴库", place=370, rows=_to_pay, show=_show_pay),
    Source(key="space_carry", kind="处置利用待办理", place=380, rows=_to_carry, show=_show_carry),
    Source(key="space_send", kind="处置利用待报批", place=390, rows=_to_send, show=_show_send),
    Source(
        key="space_take_back", kind="利用到期", place=400, rows=_to_take_back, show=_show_take_back
    ),
)
