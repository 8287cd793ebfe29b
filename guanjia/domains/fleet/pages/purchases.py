"""Purchases (更新购置): their list, and the page of one."""

from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.utils import timezone

from guanjia.domains.fleet.pages import purchase_view
from guanjia.domains.fleet.queries import purchases as reading
from guanjia.domains.fleet.terms.cars import Use
from guanjia.domains.fleet.terms.purchases import MENDING, PurchaseState
from guanjia.kernel.org.models import Unit
from guanjia.ui import pages
from guanjia.ui.pages import PageRequest, needs, needs_sign_in

_PER_PAGE = 50
_TABS = (
    ("", "在办", (PurchaseState.PENDING, PurchaseState.REPORTED, PurchaseState.AGREED, *MENDING)),
    ("pending", "审批中", (PurchaseState.PENDING,)),
    ("returned", "待修改", MENDING),
    ("reported", "报省待批", (PurchaseState.REPORTED,)),
    ("agreed", "待登记新车", (PurchaseState.AGREED,)),
    ("done", "已办结", (PurchaseState.CARDED, PurchaseState.RECORDED)),
    ("dead", "未批准、已取消", (PurchaseState.REFUSED, PurchaseState.CANCELLED)),
)


@needs(reading.SEE)
def purchases(request: PageRequest) -> HttpResponse:
    """更新购置: what is under way, by its state; the approved renewals have a register."""
    view = request.GET.get("view", "")
    states = next((found for key, _, found in _TABS if key == view), _TABS[0][2])
    rows = reading.purchases(request.scope).filter(state__in=states)
    use = request.GET.get("use", "")
    if use in Use.__members__:
        rows = rows.filter(use=use)
    unit = request.GET.get("unit", "")[:40]
    if unit:
        rows = rows.filter(unit__code=unit)
    counted = reading.counts(request.scope)
    context = {
        "page": Paginator(rows.order_by("-pk"), _PER_PAGE).get_page(request.GET.get("page")),
        "use": Use[use] if use in Use.__members__ else None,
        "unit": Unit.objects.within(request.scope).filter(code=unit).first() if unit else None,
        "tabs": [
            {
                "title": title,
                "url": f"?{urlencode({'view': key})}" if key else ".",
                "current": key == view,
                "count": sum(counted.get(state, 0) for state in found),
            }
            for key, title, found in _TABS
        ],
        "may_ask": request.actor.can(reading.ASK),
    }
    return pages.render(request, "fleet/purchases.html", context)


@needs_sign_in
def purchase(request: PageRequest, purchase_id: int) -> HttpResponse:
    """A purchase with its approval, for whoever may see it or has to do with it."""
    found = reading.purchase(actor=request.actor, purchase_id=purchase_id)
    context = purchase_view.page(
        request=request, actor=request.actor, purchase=found, at=timezone.now()
    )
    return pages.render(request, "fleet/purchase.html", context)
