"""One work order (维保工单) and the answers to its doubts; its acts are declared in ``acts``."""

from collections.abc import Iterable

from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_POST

from guanjia.domains.fleet.forms import upkeep as forms
from guanjia.domains.fleet.pages import filling, order_view
from guanjia.domains.fleet.queries import upkeep as queries
from guanjia.kernel.regulations.verdict import Finding
from guanjia.ui import pages
from guanjia.ui.pages import PageRequest, needs, needs_sign_in

SEE, ENTER = queries.SEE, queries.ENTER


@needs_sign_in
def order(request: PageRequest, order_id: int) -> HttpResponse:
    """The whole order for whoever may see it, with the acts this person may do."""
    return _page(request, order_id)


def _page(request: PageRequest, order_id: int, findings: Iterable[Finding] = ()) -> HttpResponse:
    at, actor = timezone.now(), request.actor
    found = order_view.visible(actor=actor, order_id=order_id)
    context = order_view.page(request=request, actor=actor, order=found, at=at)
    refused = tuple(findings)
    context |= {"refused": refused, "listed": actor.can(SEE)}
    status = filling.REFUSED if refused else 200
    return pages.render(request, "fleet/order.html", context, status=status)


@require_POST
@needs(ENTER)
def explain(request: PageRequest, order_id: int, remark_id: int) -> HttpResponse:
    """The answer to a doubt on an order."""
    queries.orders(request.scope).get(pk=order_id)  # outside the scope: 404
    doing = filling.answering(
        request, register="fleet.orders", row_id=order_id, remark_id=remark_id
    )
    return filling.act(
        request, kind=forms.Explanation, doing=doing, done="fleet:order", done_id=order_id,
        again=lambda findings: _page(request, order_id, findings),
    )  # fmt: skip
