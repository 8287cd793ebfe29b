"""Allocations (调配): what is under way, and one; the acts stand in ``acts``."""

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.utils import timezone

from guanjia.domains.space.pages import allocation_view as view
from guanjia.domains.space.queries import allocations as reading
from guanjia.domains.space.terms.allocations import (
    OVER,
    UNDER_WAY,
    UNSENT,
    AllocationState,
)
from guanjia.ui import pages
from guanjia.ui.pages import PageRequest, needs, needs_sign_in

REQUEST = reading.REQUEST
_PER_PAGE = 50
_TABS = (
    ("", "在办", UNDER_WAY),
    ("pending", "审批中", (AllocationState.PENDING,)),
    ("unsent", "待修改", UNSENT),
    ("agreed", "待选房、登记", (AllocationState.AGREED,)),
    ("reserved", "待交接", (AllocationState.RESERVED,)),
    ("in_use", "使用中", (AllocationState.IN_USE, AllocationState.RECORDED)),
    ("over", "已结束、已取消", OVER),
)


@needs(reading.SEE)
def allocations(request: PageRequest) -> HttpResponse:
    """办公用房调配: what is under way, by its state; what has a voucher is a register besides."""
    view_key = request.GET.get("view", "")
    states = next((found for key, _, found in _TABS if key == view_key), _TABS[0][2])
    rows = reading.allocations(request.scope).filter(state__in=states)
    counted = reading.counts(request.scope)
    context = {
        "page": Paginator(rows.order_by("-pk"), _PER_PAGE).get_page(request.GET.get("page")),
        "tabs": [
            {
                "title": title,
                "url": f"?view={key}" if key else ".",
                "current": key == view_key,
                "count": sum(counted.get(state, 0) for state in found),
            }
            for key, title, found in _TABS
        ],
        "may_ask": request.actor.can(REQUEST),
    }
    return pages.render(request, "space/allocations.html", context)


# ── one allocation ───────────────────────────────────────────────────────────────────────


@needs_sign_in
def allocation(request: PageRequest, allocation_id: int) -> HttpResponse:
    """An allocation with its approval, for whoever may see it or has to do with it."""
    at, actor = timezone.now(), request.actor
    found = view.visible(actor=actor, allocation_id=allocation_id)
    context = view.page(request=request, actor=actor, allocation=found, at=at)
    return pages.render(request, "space/allocation.html", context)
