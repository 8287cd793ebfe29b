"""What the page of a work order shows: its life, approval, lines, doubts and records, in words."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest

from guanjia.domains.fleet.acts.orders import ACTS
from guanjia.domains.fleet.approvals import ORDER
from guanjia.domains.fleet.models import Cost, Order
from guanjia.domains.fleet.queries import upkeep as queries
from guanjia.domains.fleet.terms.costs import CostSource
from guanjia.domains.fleet.terms.upkeep import OrderState
from guanjia.kernel.access import queries as access
from guanjia.kernel.approvals import queries as cases
from guanjia.kernel.approvals.models import Case
from guanjia.kernel.attachments import queries as attachments
from guanjia.kernel.audit import queries as audit
from guanjia.kernel.registers.models import Remark
from guanjia.kernel.values.actor import Actor, Scope
from guanjia.ui import formats, trail
from guanjia.ui.approval import panel
from guanjia.ui.approval.lines import Line
from guanjia.ui.approval.panel import Station

SEE, ENTER = queries.SEE, queries.ENTER
SUBJECT = queries.ORDERS.model
S = OrderState
PHRASES = ("同意维修", "报价偏高，再询一家", "先核对是否在质量保证期内")
_ENDED = {S.RETURNED: "已退回", S.WITHDRAWN: "已撤回", S.CANCELLED: "已取消"}


def visible(*, actor: Actor, order_id: int) -> Order:
    """The order inside the scope, or one whose approval this person has to do with; else 404."""
    scope = Scope.all() if queries.sees_order(actor, order_id) else Scope()
    rows = queries.orders(scope).select_related("car__unit", "reporter", "accident")
    found: Order = rows.get(pk=order_id)
    return found


def page(*, request: HttpRequest, actor: Actor, order: Order, at: datetime) -> dict[str, Any]:
    """Everything the template shows."""
    case = cases.case_for(subject_type=SUBJECT, subject_id=order.pk, route=ORDER.key)
    shown = _approval(request, actor, order, case, at) if case else None
    items = [item.facts() for item in order.items.all()]
    cost = Cost.objects.filter(source=CostSource.ORDER, source_no=order.number).first()
    return {
        "order": order,
        "car": order.car,
        "approval": shown,
        "acts": [act for act in ACTS if not act.makes and act.may(actor, order)],
        "may_explain": queries.ORDERS.reaches(actor, ENTER, order.pk),
        "files": attachments.of(model=SUBJECT, row_id=order.pk),
        "chip": order.chip,
        "facts": _facts(order),
        "items": items,
        "unpriced": any(item.price_fen is None for item in items),
        "life": life(order, shown),
        "remarks": Remark.objects.filter(register="fleet.orders", object_id=order.pk)
        .select_related("explained_by")
        .order_by("-state", "pk"),
        "records": trail.told_beside_story(model=SUBJECT, pk=order.pk),
        "cost": cost if actor.can("fleet.cost.see") else None,
        "sees_car": actor.can("fleet.car.see"),
        "about": f"{order.car} {order.get_kind_display()} · {order.fault}",
        "at": at,
    }


def _facts(order: Order) -> list[tuple[str, str]]:
    km = f"{formats.num(order.odometer_km)} 公里" if order.odometer_km is not None else ""
    return [
        ("维保类别", order.get_kind_display()),
        ("保养项目", order.service),
        ("报修内容", order.fault),
        ("定点厂", order.garage),
        ("承担单位", str(order.unit)),
        ("报修人", order.reporter.name if order.reporter else "台账登记"),
        ("里程表", km),
        ("验收", " ".join(part for part in (order.accepted_by, order.accepted_note) if part)),
        ("发票号", order.invoice_no),
    ]


def _approval(
    request: HttpRequest, actor: Actor, order: Order, case: Case, at: datetime
) -> panel.Shown:
    after = []
    if order.state in (S.RETURNED, S.WITHDRAWN):
        who = order.reporter.name if order.reporter else "报修单位"
        after.append(Line(tone="wait", icon="pencil", who=who, act="改报价后再交，或取消工单"))
    elif order.state == S.APPROVED:
        after.append(Line(tone="idle", icon="tool", who=str(order.unit), act=f"送{order.garage}"))
    return panel.show(request=request, actor=actor, case=case, at=at, after=after, phrases=PHRASES)


def life(order: Order, shown: panel.Shown | None) -> list[Station]:
    """From the report to the bill; where it ended early, the last station is red and says why."""
    who = order.reporter.name if order.reporter else "台账登记"
    stations = [_at("报修", order.reported_on, who)]
    if order.quoted_fen is not None:
        stations.append(
            Station(at="done", title="报价", when=f"{formats.yuan(order.quoted_fen)} 元")
        )
    elif order.state == S.REPORTED:
        stations.append(Station(at="now", title="报价", when="等报价", who=order.garage))
    stations += shown.stations if shown else []
    if order.state in _ENDED:
        last = audit.about(on_type=SUBJECT, on_id=order.pk).first()
        note = " ".join(part for part in (last.name if last else "", order.state_note) if part)
        done = [station for station in stations if station.at == "done"]
        when = formats.daytime(last.at) if last else ""
        return [*done, Station(at="stop", title=_ENDED[S(order.state)], when=when, who=note)]
    return [*stations, *_ahead(order)]


def _ahead(order: Order) -> list[Station]:
    state, found = S(order.state), []
    for title, day, who, waits in (
        ("送修", order.in_shop_on, order.garage, S.APPROVED),
        ("验收出厂", order.left_shop_on, order.accepted_by, S.IN_SHOP),
        ("结算", order.settled_on, _paid(order), S.ACCEPTED),
    ):
        if day is not None:
            found.append(_at(title, day, who))
        else:
            found.append(Station(at="now" if state == waits else "later", title=title))
    return found


def _paid(order: Order) -> str:
    return f"{formats.yuan(order.amount_fen)} 元" if order.amount_fen is not None else ""


def _at(title: str, day: Any, who: str) -> Station:
    return Station(at="done", title=title, when=formats.day(day), who=who)


def after_approval(order_id: int, at: datetime) -> str:
    """Who has an order once its approval is over, for the line after the last act."""
    order = Order.objects.select_related("unit").get(pk=order_id)
    if order.state != S.APPROVED:
        return ""
    people = access.holders(verb=ENTER, unit=order.unit, on=at.date())
    names = "、".join(person.name for person in people[:2])
    return f"等{names or order.unit}送修"
