"""Papers (附件) of work orders, accidents and fines: kept once they were relied on."""

from guanjia.domains.fleet.models import Accident, Fine, Order
from guanjia.domains.fleet.terms.upkeep import OrderState
from guanjia.kernel.regulations.verdict import ALLOWED, Verdict, refuse

LOOSE = (OrderState.REPORTED, OrderState.RETURNED, OrderState.WITHDRAWN)


def may_take_off_order(order_id: int) -> Verdict:
    """Papers of an order may be removed only before somebody decides or pays by them."""
    order = Order.objects.only("state").get(pk=order_id)
    return ALLOWED if order.state in LOOSE else _kept("审批和结算的依据，交上去后")


def may_take_off_accident(accident_id: int) -> Verdict:
    """Papers of an accident may be removed until it is closed."""
    accident = Accident.objects.only("closed_on").get(pk=accident_id)
    return ALLOWED if accident.closed_on is None else _kept("结案的依据，结案后")


def may_take_off_fine(fine_id: int) -> Verdict:
    """Papers of a fine may be removed until it is paid."""
    fine = Fine.objects.only("handled_on").get(pk=fine_id)
    return ALLOWED if fine.handled_on is None else _kept("处理的依据，处理后")


def _kept(what: str) -> Verdict:
    return refuse("relied_on", f"附件是{what}不能移除。", "有误的补交一份。")
