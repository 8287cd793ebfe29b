"""What the approval of a work order leads to; called by its news, under the lock of the order.

The trail has the act itself (``fleet.order.approved`` and its like), written by whoever did it.
"""

from django.db import transaction

from guanjia.domains.fleet.actions import orders
from guanjia.domains.fleet.approvals import ORDER
from guanjia.domains.fleet.models import Order
from guanjia.domains.fleet.terms.upkeep import OrderState
from guanjia.kernel.approvals.events import CaseAgreed, CaseReturned, CaseStopped, CaseWithdrawn
from guanjia.kernel.approvals.models import Act
from guanjia.kernel.values.actor import Actor


def _of_case(order_id: int) -> Order:
    order: Order = (
        Order.objects.select_for_update(of=("self",)).select_related("unit").get(pk=order_id)
    )
    return order


def _set_state(order: Order, state: OrderState, note: str = "") -> None:
    order.state, order.state_note = state, note[:200]
    order.save(update_fields=["state", "state_note"])


@transaction.atomic
def agreed(news: CaseAgreed) -> None:
    """The car may go to the garage; one that was quoted anew in the shop stays there."""
    if news.route == ORDER.key:
        order = _of_case(news.subject_id)
        if order.state != OrderState.CANCELLED:
            orders.agreed_to(order)


@transaction.atomic
def returned(news: CaseReturned) -> None:
    """Sent back: another quote is needed."""
    if news.route == ORDER.key:
        comment = Act.objects.get(pk=news.act_id).comment
        _set_state(_of_case(news.subject_id), OrderState.RETURNED, comment)


@transaction.atomic
def withdrawn(news: CaseWithdrawn) -> None:
    """Taken back by whoever sent it."""
    if news.route == ORDER.key:
        _set_state(_of_case(news.subject_id), OrderState.WITHDRAWN)


@transaction.atomic
def stopped(news: CaseStopped) -> None:
    """Ended for good (终止): the order is dropped, and a car in the shop comes back."""
    if news.route != ORDER.key:
        return
    act = Act.objects.get(pk=news.act_id)
    order = _of_case(news.subject_id)
    orders.lock_car(order)
    orders.end_order(
        actor=Actor.system(act.name), order=order, note=f"终止审批：{act.comment}", at=act.at
    )
