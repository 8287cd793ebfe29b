"""What the applicant is told after the approval: the province's answer, the new car."""

from datetime import datetime
from typing import Any

from guanjia.domains.fleet.events import CarCarded, PurchaseAnswered
from guanjia.domains.fleet.models import Purchase
from guanjia.domains.fleet.terms.purchases import PurchaseState
from guanjia.kernel.audit.models import Record
from guanjia.kernel.events import bus
from guanjia.kernel.notices.actions.notices import about, send
from guanjia.kernel.notices.kinds import NoticeKind

ANSWERED = NoticeKind(
    key="fleet.purchase_answered", title="省级批复", template="fleet/notices/purchase_answered.txt"
)
CARDED = NoticeKind(
    key="fleet.purchase_carded", title="新车已登记", template="fleet/notices/purchase_carded.txt"
)
KINDS = (ANSWERED, CARDED)


def facts_of(purchase: Purchase) -> dict[str, Any]:
    """What every text about a purchase may name."""
    return {
        "number": purchase.number,
        "unit": str(purchase.unit),
        "make": purchase.make,
        "old": purchase.old_car.plate if purchase.old_car else "",
        "new": purchase.new_car.plate if purchase.new_car else "",
        "agreed": purchase.state == PurchaseState.AGREED,
        "document": purchase.document,
        "note": purchase.state_note,
    }


def _told(purchase_id: int, kind: NoticeKind, at: datetime) -> None:
    purchase = Purchase.objects.select_related("unit", "old_car", "new_car").get(pk=purchase_id)
    send(
        kind=kind, to=[purchase.applicant_id], facts=facts_of(purchase), subject=about(purchase),
        once=str(purchase.pk), at=at,
    )  # fmt: skip


def answered(news: PurchaseAnswered) -> None:
    """省级批复 to the applicant."""
    _told(news.purchase_id, ANSWERED, news.at)


def carded(news: CarCarded) -> None:
    """新车已登记 to the applicant."""
    record = Record.objects.filter(
        verb="fleet.purchase.carded", on_type="fleet.purchase", on_id=news.purchase_id
    ).latest("pk")
    _told(news.purchase_id, CARDED, record.at)


def subscribe() -> None:
    """Hear of everything above."""
    bus.subscribe(PurchaseAnswered, answered)
    bus.subscribe(CarCarded, carded)
