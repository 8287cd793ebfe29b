"""One fuel card with everything it paid. What may be done about it is declared in ``acts``."""

from urllib.parse import urlencode

from django.db.models import Sum
from django.http import HttpResponse
from django.urls import reverse

from guanjia.domains.fleet.acts.cards import ACTS
from guanjia.domains.fleet.models import FuelCard
from guanjia.domains.fleet.queries import costs as queries
from guanjia.ui import pages, trail
from guanjia.ui.pages import PageRequest, needs

SEE = "fleet.cost.see"
SHOWN = 30


@needs(SEE)
def card(request: PageRequest, card_id: int) -> HttpResponse:
    """One card: whose it is and was, and what was paid with it."""
    actor = request.actor
    shown = queries.every_card(request.scope).get(pk=card_id)
    paid = queries.costs(actor.scope(SEE)).filter(sale__card_number=shown.number)
    context = {
        "card": shown,
        "facts": [
            ("发卡单位", shown.issuer),
            ("使用单位", str(shown.car.unit)),
            ("启用日期", f"{shown.since:%Y-%m-%d}"),
            ("停用日期", f"{shown.until:%Y-%m-%d}" if shown.until else "在用"),
            ("停用原因", shown.reason),
        ],
        "history": FuelCard.objects.within(actor.scope(SEE))
        .filter(number=shown.number)
        .select_related("car")
        .order_by("-since", "-pk"),
        "paid": paid.order_by("-spent_at", "-pk")[:SHOWN],
        "sums": paid.counted().aggregate(fen=Sum("amount_fen"), litres=Sum("litres")),
        "paid_count": paid.count(),
        "list_url": _sales_url(shown.number),
        "records": trail.told(model="fleet.fuelcard", pk=shown.pk),
        "acts": [act for act in ACTS if not act.makes and act.may(actor, shown)],
    }
    return pages.render(request, "fleet/card.html", context)


def _sales_url(number: str) -> str:
    query = urlencode({"view": "all", "card": number})
    return f"{reverse('fleet:fuel_sheet_list')}?{query}"
