"""What settlement puts into 待办: bills to answer, disputes to decide, bills to settle."""

from datetime import datetime
from typing import Any

from django.utils import timezone

from guanjia.domains.fleet.queries import bills
from guanjia.kernel.values import money
from guanjia.kernel.values.actor import Actor
from guanjia.kernel.values.period import noon
from guanjia.ui import formats
from guanjia.ui.registers import addresses
from guanjia.ui.waiting import Rank, Source, Todo, due_words


def _to_answer(actor: Actor, _: datetime) -> Any:
    """Bills of the own units; who draws bills sees all and would have a list that is not theirs."""
    if not actor.can(bills.ANSWER) or actor.can(bills.DRAW):
        return None
    return bills.to_answer(actor)


def _show_answer(bill: Any, _: Actor, at: datetime) -> Todo:
    today = timezone.localdate(at)
    left = (bill.answer_due_on - today).days
    late = left < 0
    again = bill.answered_at is not None
    return Todo(
        kind="待答复账单",
        tone="stop" if late else "wait",
        icon="receipt",
        title=f"{bill.month.year}年{bill.month.month}月用车结算 {money.yuan(bill.seen_fen)}",
        detail=" · ".join(
            part
            for part in (
                f"{bill.seen_lines} 行",
                "异议已处理，再答复" if again else "逐单核对",
                bill.number,
            )
            if part
        ),
        due=due_words(bill.answer_due_on, today=today),
        due_tone="stop" if late else "",
        url=addresses.maybe("fleet:bill", bill.pk),
        verb="答复账单",
        rank=Rank.ANSWER,
        due_at=noon(bill.answer_due_on),
    )


def _to_decide(actor: Actor, _: datetime) -> Any:
    if not actor.can(bills.DRAW):
        return None
    return bills.to_decide(actor.scope(bills.DRAW))


def _show_decide(bill: Any, _: Actor, at: datetime) -> Todo:
    today = timezone.localdate(at)
    return Todo(
        kind="账单异议",
        tone="stop",
        icon="message",
        title=f"{bill.unit} {bill.disputes} 行有异议",
        detail=" · ".join((f"{bill.month:%Y-%m}", money.yuan(bill.seen_fen), bill.number)),
        due=f"{formats.day(bill.answered_at, today=today)} 答复",
        url=addresses.maybe("fleet:bill", bill.pk),
        verb="处理异议",
        rank=Rank.DECIDE,
        due_at=bill.answered_at,
    )


SOURCES = (
    Source(key="bill", kind="待答复账单", place=160, rows=_to_answer, show=_show_answer),
    Source(key="dispute", kind="账单异议", place=170, rows=_to_decide, show=_show_decide),
)
