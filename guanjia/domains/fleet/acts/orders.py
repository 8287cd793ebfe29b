"""What may be done about work orders (维保工单)."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from guanjia.domains.fleet.actions import orders as actions
from guanjia.domains.fleet.acts import of_car
from guanjia.domains.fleet.approvals import ORDER
from guanjia.domains.fleet.forms import orders as forms
from guanjia.domains.fleet.forms.quote_lines import Lines
from guanjia.domains.fleet.forms.upkeep import Attach
from guanjia.domains.fleet.models import Order
from guanjia.domains.fleet.queries import upkeep as reading
from guanjia.domains.fleet.terms.upkeep import ATTACHABLE, REQUOTABLE, OrderState
from guanjia.kernel.approvals import queries as cases
from guanjia.kernel.regulations.lawbook import law_at
from guanjia.kernel.values.actor import Actor
from guanjia.ui import formats
from guanjia.ui.acts.declaration import Act
from guanjia.ui.approval.life import waiting

ENTER, DECIDE, ORDERS = reading.ENTER, reading.DECIDE, reading.ORDERS
S = OrderState
_FORM = "fleet/order_act.html"


def _of_cars(row: Any, actor: Actor, today: date) -> Mapping[str, Any]:
    return {**of_car.cars(ENTER)(row, actor, today), "scope": actor.scope(ENTER)}


def _above(_: Any, __: Any, ___: Actor, at: datetime) -> Mapping[str, Any]:
    return {"above": int(law_at(at)["fleet.order.approval_above"].value)}


def _suggested(row: Any, form: Any, actor: Actor, at: datetime) -> Mapping[str, Any]:
    return {
        **of_car.suggested(row, form, actor, at),
        "garages": reading.garages(form.scope)[:50],
        "services": reading.services(),
        "accidents": reading.accidents(form.scope).filter(closed_on=None)[:50],
        **_above(row, form, actor, at),
    }


def _next(order: Order) -> str:
    """In whose hands an order is now."""
    if order.state == S.PENDING:
        case = cases.case_for(subject_type=ORDERS.model, subject_id=order.pk, route=ORDER.key)
        return waiting(case) or "等审批"
    return "可以送修" if order.state == S.APPROVED else "等报价"


def _quoted(order: Order) -> str:
    return f"已报价 {formats.yuan(order.quoted_fen or 0)} 元，{_next(order)}"


def _checked(order: Order) -> str:
    if order.state == S.ACCEPTED:
        return f"已验收，{order.car.plate} 现在{order.car.get_state_display()}，等结算"
    return f"验收不合格，{order.car.plate} 留厂返修"


def _lines(order: Order, _: date) -> Mapping[str, Any]:
    return {"items": Lines.of(item.facts() for item in order.items.all())}


def _bill(order: Order, today: date) -> Mapping[str, Any]:
    quoted = formats.yuan(order.quoted_fen) if order.quoted_fen is not None else ""
    return {"amount_fen": quoted, "on": today}


NEW = Act(
    key="new", title="报修", button="提交报修", on=ORDERS, verb=ENTER, makes=True, form=forms.New,
    fit=_of_cars, do=actions.report_order, template=_FORM, more=_suggested, keep="不报修",
    said=lambda order: f"已报修 {order.car.plate}，{_next(order)}",
)  # fmt: skip
CANCEL = Act(
    key="cancel", title="取消工单", on=ORDERS, verb=ENTER, to=S.CANCELLED, form=forms.Cancel,
    offered=lambda order, _: not order.in_shop, do=actions.cancel_order, keep="不取消",
    lead="取消后不能再办，需要时另报一单", said="工单已取消", main=False,
)  # fmt: skip
ATTACH = Act(
    key="attach", title="补交附件", button="附上文件", on=ORDERS, verb=ENTER, when=ATTACHABLE,
    form=Attach, do=actions.attach_papers, keep="不补交", said="已附上文件",
    icon="paperclip", main=False,
)  # fmt: skip
QUOTE = Act(
    key="quote", title="报价", button="提交报价", on=ORDERS, verb=ENTER, when=(S.REPORTED,),
    form=forms.Quote, do=actions.quote_order, template=_FORM, more=_above, keep="不报价",
    said=_quoted,
)  # fmt: skip
REQUOTE = Act(
    key="requote", title="改报价", button="提交报价", on=ORDERS, verb=ENTER, when=REQUOTABLE,
    form=forms.Quote, first=_lines, do=actions.quote_order, template=_FORM, more=_above,
    keep="不改", said=_quoted, main=False,
)  # fmt: skip
SEND_IN = Act(
    key="send_in", title="送修", on=ORDERS, verb=ENTER, when=(S.APPROVED,), form=forms.SendIn,
    first=lambda order, today: {"on": today, "odometer_km": order.car.odometer_km},
    do=actions.send_in, keep="不送修", lead="验收出厂前不派车", icon="tool",
    said="{car.plate} 已送{garage}，验收前不派车",
)  # fmt: skip
ACCEPT = Act(
    key="accept", title="验收", button="登记验收", on=ORDERS, verb=ENTER, to=S.ACCEPTED,
    form=forms.Accept, first=lambda _, today: {"on": today, "passed": "1"},
    do=actions.accept_order, keep="不验收", icon="clipboard-check",
    lead="逐项核对报价明细，验收合格的车即可派出", said=_checked,
)  # fmt: skip
SETTLE = Act(
    key="settle", title="结算", on=ORDERS, verb=DECIDE, to=S.SETTLED, form=forms.Settle,
    first=_bill, do=actions.settle_order, keep="不结算", icon="receipt",
    lead="结算后记入这辆车的运行费用", said="已结算 {amount_fen:yuan}，记入 {car.plate} 的运行费用",
)  # fmt: skip

# In the order of the buttons on the page of an order.
ACTS = (NEW, CANCEL, ATTACH, QUOTE, REQUOTE, SEND_IN, ACCEPT, SETTLE)
