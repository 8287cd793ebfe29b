"""What the approval of a work order (维保工单) does to it."""

from guanjia.domains.fleet.actions import orders
from guanjia.domains.fleet.approvals import ORDER
from guanjia.domains.fleet.models import Order
from guanjia.domains.fleet.terms.upkeep import OrderState
from guanjia.kernel.approvals.models import Act
from guanjia.kernel.approvals.news import Follow
from guanjia.kernel.values.actor import Actor


def _of_case(order_id: int) -> Order:
    order: Order = (
        Order.objects.select_for_update(of=("self",)).select_related("unit").get(pk=order_id)
    )
    return order


def _agreed(order: Order, _: Act) -> None:
    """The car may go to the garage; one that was quoted anew in the shop stays there."""
    if order.state != OrderState.CANCELLED:
        orders.agreed_to(order)


def _drop(order: Order, act: Act) -> None:
    """Ended for good: the order is dropped, and a car in the shop comes back."""
    orders.lock_car(order)
    orders.end_order(
        actor=Actor.system(act.name), order=order, note=f"终止审批：{act.comment}", at=act.at
    )


# Sent back, another quote is needed.
OF_ORDERS = Follow(
    route=ORDER.key, row=_of_case, agreed=_agreed, returned=OrderState.RETURNED,
    withdrawn=OrderState.WITHDRAWN, stopped=_drop,
)  # fmt: skip
