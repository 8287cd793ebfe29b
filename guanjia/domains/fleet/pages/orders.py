"""Work orders: one with its acts."""

from django.http import HttpResponse
from django.utils import timezone

from guanjia.domains.fleet.pages import order_view
from guanjia.domains.fleet.queries import upkeep as queries
from guanjia.ui import pages
from guanjia.ui.pages import PageRequest, needs_sign_in


@needs_sign_in
def order(request: PageRequest, order_id: int) -> HttpResponse:
    """The whole order for whoever may see it, with the acts this person may do."""
    at, actor = timezone.now(), request.actor
    found = order_view.visible(actor=actor, order_id=order_id)
    context = order_view.page(request=request, actor=actor, order=found, at=at)
    context |= {"listed": actor.can(queries.SEE)}
    return pages.render(request, "fleet/order.html", context)
