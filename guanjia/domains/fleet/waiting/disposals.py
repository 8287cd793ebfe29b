"""What the ends of cars put into 待办: requests that came back, cars to deal, money to pay in."""

from datetime import datetime
from typing import Any

from django.utils import timezone

from guanjia.domains.fleet.queries import disposals
from guanjia.domains.fleet.terms.disposals import DisposalMethod, DisposalState
from guanjia.domains.fleet.waiting.plates import plate
from guanjia.kernel.values.actor import Actor
from guanjia.kernel.values.period import noon
from guanjia.ui import formats
from guanjia.ui.registers import addresses
from guanjia.ui.waiting import RETURNED, Rank, Source, Todo, sent_back

DEAL = "fleet.disposal.deal"


def _to_deal(actor: Actor, _: datetime) -> Any:
    if not actor.can(DEAL):
        return None
    return disposals.waiting(actor.scope(DEAL), DisposalState.AGREED)


def _show_to_deal(row: Any, _: Actor, at: datetime) -> Todo:
    transfer = row.method == DisposalMethod.TRANSFER
    what = f"划转给{row.to_unit}" if transfer else f"待{row.get_method_display()}"
    approved = row.approved_on or timezone.localdate(at)
    worth = row.valuation_fen
    return Todo(
        kind="待处置",
        tone="wait",
        icon="archive",
        **plate(row.car),
        title=f"{row.unit} {what}",
        detail=formats.joined(
            row.car.make,
            f"估值 {formats.yuan(worth)} 元" if worth is not None else "",
            str(row.lot or ""),
            row.number,
        ),
        due=f"{formats.day(approved, today=timezone.localdate(at))}批准",
        url=addresses.maybe("fleet:disposal", row.pk),
        act_url=addresses.maybe(
            "fleet:disposal_transfer" if transfer else "fleet:disposal_deal", row.pk
        ),
        verb="办结划转" if transfer else "登记成交",
        rank=Rank.CHECK,
        due_at=noon(approved),
    )


def _to_pay(actor: Actor, _: datetime) -> Any:
    if not actor.can(DEAL):
        return None
    rows = disposals.waiting(actor.scope(DEAL), DisposalState.DEALT)
    return rows.filter(proceeds_fen__gt=0)


def _show_to_pay(row: Any, _: Actor, at: datetime) -> Todo:
    return Todo(
        kind="待缴库",
        tone="wait",
        icon="receipt",
        **plate(row.car),
        title=f"{row.unit} {row.get_method_display()}收入 {formats.yuan(row.proceeds_fen)} 元",
        detail=formats.joined(row.buyer, str(row.lot or ""), row.number),
        due=f"{formats.day(row.disposed_on, today=timezone.localdate(at))}成交",
        url=addresses.maybe("fleet:disposal", row.pk),
        act_url=addresses.maybe("fleet:lot_pay", row.lot_id)
        if row.lot_id
        else addresses.maybe("fleet:disposal_pay", row.pk),
        verb="登记缴库",
        rank=Rank.CHECK,
        due_at=noon(row.disposed_on),
    )


def _sent_back(actor: Actor, _: datetime) -> Any:
    if not actor.person_id or not actor.can("fleet.disposal.request"):
        return None
    return disposals.waiting(actor.scope("fleet.disposal.request"), DisposalState.RETURNED).filter(
        applicant=actor.person_id
    )


def _show_sent_back(row: Any, _: Actor, at: datetime) -> Todo:
    return sent_back(
        row,
        **plate(row.car),
        title=f"{row.unit} {row.get_method_display()}处置",
        url=addresses.maybe("fleet:disposal", row.pk),
        verb="改后再报批",
        due_at=row.asked_at or at,
    )


SOURCES = (
    Source(key="returned", kind=RETURNED, place=190, rows=_sent_back, show=_show_sent_back),
    Source(key="dispose", kind="待处置", place=200, rows=_to_deal, show=_show_to_deal),
    Source(key="pay_in", kind="待缴库", place=210, rows=_to_pay, show=_show_to_pay),
)
