"""What the page of a work order shows: its life, approval, lines, doubts and records, in words."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import HttpRequest

from guanjia.domains.fleet.approvals import ORDER
from guanjia.domains.fleet.models import Cost, Order
from guanjia.domains.fleet.queries import upkeep as queries
from guanjia.domains.fleet.terms.costs import CostSource
from guanjia.domains.fleet.terms.upkeep import CANCELLABLE, QUOTABLE, OrderState
from guanjia.kernel.access import queries as access
from guanjia.kernel.approvals import queries as cases
from guanjia.kernel.approvals.models import Case
from guanjia.kernel.audit import queries as audit
from guanjia.kernel.registers.models import Remark
from guanjia.kernel.values.actor import Actor, Scope
from guanjia.ui import formats, trail
from guanjia.ui.approval import panel
from guanjia.ui.approval.lines import Line
from guanjia.ui.approval.panel import Station

SEE, ENTER, DECIDE = "fleet.upkeep.see", "fleet.upkeep.enter", "fleet.upkeep.decide"
SUBJECT = "fleet.order"
S = OrderState
CHIPS = {  # state → tone, icon of the chip
    S.REPORTED: ("wait", "pencil"),
    S.PENDING: ("wait", "hourglass"),
    S.RETURNED: ("stop", "arrow-back-up"),
    S.WITHDRAWN: ("idle", "arrow-back-up"),
    S.APPROVED: ("wait", "clock-hour-4"),
    S.IN_SHOP: ("move", "tool"),
    S.ACCEPTED: ("move", "receipt"),
    S.SETTLED: ("done", "circle-check"),
    S.CANCELLED: ("idle", "circle-x"),
}
PHRASES = ("同意维修", "报价偏高，再询一家", "先核对是否在质量保证期内")
_ENDED = {S.RETURNED: "已退回", S.WITHDRAWN: "已撤回", S.CANCELLED: "已取消"}


@dataclass(frozen=True, kw_only=True)
class Acts:
    """What this person may do with an order as it stands; the actions have the last word."""

    quote: bool = False
    send_in: bool = False
    accept: bool = False
    settle: bool = False
    cancel: bool = False
    explain: bool = False
    attach: bool = False


def visible(*, actor: Actor, order_id: int) -> Order:
    """The order inside the scope, or one whose approval this person has to do with; else 404."""
    try:
        return _one(actor.scope(SEE) if actor.can(SEE) else Scope(), order_id)
    except Order.DoesNotExist:
        if not cases.has_to_do_with(actor=actor, subject_type=SUBJECT, subject_id=order_id):
            raise
        return _one(Scope.all(), order_id)


def _one(scope: Scope, order_id: int) -> Order:
    rows = queries.orders(scope).select_related("car__unit", "reporter", "accident")
    found: Order = rows.get(pk=order_id)
    return found


def may(actor: Actor, verb: str, order: Order) -> bool:
    """Whether somebody's verb reaches the unit of the order."""
    scope = actor.scope(verb) if actor.can(verb) else Scope()
    return (
        scope.everything
        or order.unit_id in scope.unit_ids
        or any(order.unit.path.startswith(path) for path in scope.paths)
    )


def acts_for(*, actor: Actor, order: Order) -> Acts:
    """Every act of this person on this order."""
    enters, state = may(actor, ENTER, order), S(order.state)
    return Acts(
        quote=enters and state in QUOTABLE,
        send_in=enters and state == S.APPROVED,
        accept=enters and state == S.IN_SHOP,
        settle=may(actor, DECIDE, order) and state == S.ACCEPTED,
        cancel=enters and state in CANCELLABLE and not order.in_shop,
        explain=enters,
        attach=enters and state != S.CANCELLED,
    )


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
        "acts": acts_for(actor=actor, order=order),
        "chip": (*CHIPS[S(order.state)], S(order.state).label),
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
