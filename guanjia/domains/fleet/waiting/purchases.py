"""待办 of purchases: new cars to enter, requests that came back."""

from datetime import datetime
from typing import Any

from django.utils import timezone

from guanjia.domains.fleet.queries import purchases
from guanjia.domains.fleet.waiting.plates import plate
from guanjia.kernel.values.actor import Actor
from guanjia.kernel.values.period import noon
from guanjia.ui import formats
from guanjia.ui.registers import addresses
from guanjia.ui.waiting import RETURNED, Rank, Source, Todo, sent_back


def _to_card(actor: Actor, _: datetime) -> Any:
    if not actor.can("fleet.purchase.card"):
        return None
    return purchases.to_card(actor.scope("fleet.purchase.card"))


def _show_to_card(purchase: Any, _: Actor, at: datetime) -> Todo:
    old = purchase.old_car
    return Todo(
        kind="待登记新车",
        tone="wait",
        icon="car",
        **plate(old),
        title=f"{purchase.unit} {purchase.make}",
        detail=formats.joined(
            purchase.get_use_display(),
            purchase.get_kind_display(),
            f"{formats.day(purchase.approved_on, today=timezone.localdate(at))}批准",
            purchase.document,
            purchase.number,
        ),
        url=addresses.maybe("fleet:purchase", purchase.pk),
        act_url=addresses.maybe("fleet:purchase_card", purchase.pk),
        verb="登记新车",
        rank=Rank.CHECK,
        due_at=noon(purchase.approved_on),
    )


def _purchases_sent_back(actor: Actor, _: datetime) -> Any:
    if not actor.person_id or not actor.can("fleet.purchase.request"):
        return None
    return purchases.sent_back(person_id=actor.person_id)


def _show_purchase_sent_back(purchase: Any, _: Actor, at: datetime) -> Todo:
    return sent_back(
        purchase,
        title=f"{purchase.unit} {purchase.make}",
        url=addresses.maybe("fleet:purchase", purchase.pk),
        act_url=addresses.maybe("fleet:purchase_mend", purchase.pk),
        verb="修改后再交",
        due_at=purchase.asked_at or at,
    )


SOURCES = (
    Source(
        key="returned",
        kind=RETURNED,
        place=80,
        rows=_purchases_sent_back,
        show=_show_purchase_sent_back,
    ),
    Source(key="card", kind="待登记新车", place=100, rows=_to_card, show=_show_to_card),
)
