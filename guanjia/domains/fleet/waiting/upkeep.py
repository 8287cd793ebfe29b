"""待办 of maintenance and fines: what falls due, and what waits for a hand."""

from datetime import datetime
from typing import Any

from django.db.models import Case, CharField, IntegerField, Value, When
from django.utils import timezone

from guanjia.domains.fleet.models import Car
from guanjia.domains.fleet.queries import upkeep
from guanjia.domains.fleet.terms.upkeep import DueState, OrderState
from guanjia.domains.fleet.waiting.plates import plate
from guanjia.kernel.values.actor import Actor
from guanjia.kernel.values.period import noon
from guanjia.ui import formats
from guanjia.ui.registers import addresses
from guanjia.ui.waiting import RETURNED, Rank, Source, Todo, days_left, sent_back

ENTER, DECIDE, FINE = "fleet.upkeep.enter", "fleet.upkeep.decide", "fleet.fine.enter"


# ── maintenance that is due ──────────────────────────────────────────────────────────────


def _services(actor: Actor, at: datetime) -> Any:
    """The cars whose maintenance is due or near; each told by its most urgent service."""
    if not actor.can(ENTER):
        return None
    today = timezone.localdate(at)
    first: dict[int, upkeep.DueThing] = {}
    for thing in upkeep.due_for_service(scope=actor.scope(ENTER), on=today):
        first.setdefault(thing.car.pk, thing)
    if not first:
        return None

    def told(what: Any, field: Any) -> Any:
        whens = [When(pk=pk, then=Value(what(thing))) for pk, thing in first.items()]
        return Case(*whens, output_field=field)

    return (
        Car.objects.filter(pk__in=first)
        .select_related("unit")
        .annotate(
            service=told(lambda thing: thing.title, CharField()),
            service_due=told(_due, CharField()),
            service_over=told(lambda thing: int(thing.state is DueState.OVERDUE), IntegerField()),
        )
        .order_by("-service_over", "plate")
    )


def _due(thing: upkeep.DueThing) -> str:
    due = thing.due
    parts = []
    if due.days_left is not None:
        parts.append(days_left(due.days_left, "到期"))
    if due.km_left is not None:
        km = due.km_left
        parts.append(f"超 {-km:,} 公里" if km < 0 else f"还剩 {km:,} 公里")
    return "，".join(parts)


def _show_service(car: Any, _: Actor, at: datetime) -> Todo:
    over = bool(car.service_over)
    given = f"car={car.plate}&kind=MAINTENANCE&service={car.service}&fault=到期保养"
    return Todo(
        kind="到期提醒",
        tone="stop" if over else "wait",
        icon="tool",
        **plate(car),
        title=f"{car.service}{'已到期' if over else '快到期'}",
        detail=formats.joined(car.unit, car.get_use_display(), car.make),
        due=car.service_due,
        due_tone="stop" if over else "",
        url=addresses.maybe("fleet:car", car.pk),
        act_url=addresses.maybe("fleet:order_new", query=given),
        verb="报修保养",
        rank=Rank.ENDING,
        due_at=at,
    )


# ── orders that wait for a hand ──────────────────────────────────────────────────────────


def _to_settle(actor: Actor, _: datetime) -> Any:
    if not actor.can(DECIDE):
        return None
    return upkeep.orders(actor.scope(DECIDE)).filter(state=OrderState.ACCEPTED)


def _show_to_settle(order: Any, _: Actor, at: datetime) -> Todo:
    quoted = f"报价 {formats.yuan(order.quoted_fen)} 元" if order.quoted_fen is not None else ""
    return Todo(
        kind="维保待结算",
        tone="move",
        icon="receipt",
        **plate(order.car),
        title=order.fault,
        detail=formats.joined(order.unit, order.garage, quoted, order.number),
        due=f"{formats.day(order.left_shop_on, today=timezone.localdate(at))}出厂",
        url=addresses.maybe("fleet:order", order.pk),
        verb="结算",
        rank=Rank.CHECK,
        due_at=noon(order.left_shop_on),
    )


def _orders_sent_back(actor: Actor, _: datetime) -> Any:
    if not actor.can(ENTER) or not actor.person_id:
        return None
    rows = upkeep.orders(actor.scope(ENTER))
    return rows.filter(state=OrderState.RETURNED, reporter_id=actor.person_id)


def _show_order_sent_back(order: Any, _: Actor, at: datetime) -> Todo:
    return sent_back(
        order,
        **plate(order.car),
        title=order.fault,
        due=f"{formats.day(order.reported_on, today=timezone.localdate(at))}报修",
        url=addresses.maybe("fleet:order", order.pk),
        act_url=addresses.maybe("fleet:order_requote", order.pk),
        verb="改报价后再交",
        due_at=noon(order.reported_on),
    )


# ── fines nobody has paid ────────────────────────────────────────────────────────────────


def _fines(actor: Actor, _: datetime) -> Any:
    if not actor.can(FINE):
        return None
    return upkeep.fines_to_handle(actor.scope(FINE))


def _show_fine(fine: Any, _: Actor, at: datetime) -> Todo:
    driver = f"驾驶员 {fine.driver.name}" if fine.driver else "没有对应的派车单"
    return Todo(
        kind="违法待处理",
        tone="wait",
        icon="alert-triangle",
        **plate(fine.car),
        title=fine.what,
        detail=formats.joined(
            fine.place, driver, f"罚款 {formats.yuan(fine.amount_fen)} 元", fine.number
        ),
        due=f"{formats.day(fine.at, today=timezone.localdate(at))}违法",
        url=addresses.maybe("fleet:fine", fine.pk),
        verb="登记处理",
        rank=Rank.CHECK,
        due_at=fine.at,
    )


SOURCES = (
    Source(
        key="returned", kind=RETURNED, place=580, rows=_orders_sent_back, show=_show_order_sent_back
    ),
    Source(key="due", kind="到期提醒", place=590, rows=_services, show=_show_service),
    Source(key="settle", kind="维保待结算", place=600, rows=_to_settle, show=_show_to_settle),
    Source(key="fine", kind="违法待处理", place=610, rows=_fines, show=_show_fine),
)
