"""Entering work orders that are done and paid, as ledgers state them."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from guanjia.domains.fleet.actions import orders, upkeep
from guanjia.domains.fleet.models import Order, OrderItem
from guanjia.domains.fleet.queries import costs as spent
from guanjia.domains.fleet.rules import order_lines
from guanjia.domains.fleet.rules import upkeep as rules
from guanjia.domains.fleet.terms.upkeep import DoneBefore, ItemFacts, OrderState
from guanjia.kernel.audit import actions as audit
from guanjia.kernel.audit import entering
from guanjia.kernel.regulations.lawbook import law_at
from guanjia.kernel.regulations.verdict import refuse
from guanjia.kernel.values.actor import Actor

Rows = Sequence[Mapping[str, Any]]


@transaction.atomic
def enter_orders(*, actor: Actor, rows: Rows, at: datetime) -> tuple[int, int, int]:
    """Enter work orders that are done and paid, as a ledger states them.

    Each row: fields of ``Order`` by name, ``car`` as an object, ``items`` as ``ItemFacts``. One
    without a number gets one. The sums become costs; the same part within its warranty a doubt.
    Orders under way are dealt with on their page, never here. Needs ``fleet.upkeep.enter``.
    """
    actor.must(orders.ENTER)
    given = upkeep.numbered(rows=rows, series=orders.SERIES, prefix="WX", day="reported_on")
    numbers = [row["number"] for row in given]
    stand = Order.objects.select_for_update(of=("self",)).filter(number__in=numbers)
    known = {order.number: order for order in stand.order_by("pk")}
    upkeep.keep_within(actor=actor, verb=orders.ENTER, model=Order, rows=given)
    _refuse_under_way(list(known.values()))
    units = spent.bearers((row["car"], row["in_shop_on"]) for row in given)
    lines = {row["number"]: tuple(row["items"]) for row in given}
    facts = [_ledger_facts(row, units, known) for row in given]
    entered = entering.enter(
        actor=actor, model=Order, key="number", rows=facts, verb="fleet.order.entered", at=at
    )
    changed = {order.number: order for order in entered.created}
    changed |= {order.number: order for order, _ in entered.updated}
    relined = _follow_lines(actor, lines, changed, at)
    upkeep.follow_costs(
        actor=actor, rows=[orders.cost_of(order) for order in changed.values()], at=at
    )
    _tell_again([*changed.values(), *relined], at)
    return (
        len(entered.created),
        len(entered.updated) + len(relined),
        entered.unchanged - len(relined),
    )


def _refuse_under_way(stand: Sequence[Order]) -> None:
    open_ones = [order.number for order in stand if order.state != OrderState.SETTLED]
    if open_ones:
        refuse(
            "under_way", f"{open_ones[0]}还没有结算。", "在办的工单在工单页上办理，不从台账导入。",
            orders.STEP_BY_STEP, field="number",
        ).enforce()  # fmt: skip


def _ledger_facts(
    row: Mapping[str, Any], units: Mapping[Any, Any], known: Mapping[str, Order]
) -> dict[str, Any]:
    facts = {name: value for name, value in row.items() if name != "items"}
    facts["state"] = OrderState.SETTLED
    facts["settled_on"] = facts.get("settled_on") or facts["left_shop_on"]
    if facts["number"] not in known:
        facts["unit"] = units[facts["car"].pk, facts["in_shop_on"]]
    return facts


def _follow_lines(
    actor: Actor,
    lines: Mapping[str, tuple[ItemFacts, ...]],
    changed: Mapping[str, Order],
    at: datetime,
) -> list[Order]:
    """Lay down new and changed lines; returns the orders of which only these changed."""
    rows = Order.objects.filter(number__in=lines).prefetch_related("items")
    stood = {order: tuple(item.facts() for item in order.items.all()) for order in rows}
    anew = {order: lines[order.number] for order, was in stood.items()
            if _told(was) != _told(lines[order.number])}  # fmt: skip
    orders.write_items(anew)
    relined = [order for order in anew if order.number not in changed]
    audit.record_many(
        audit.entry(
            actor=actor, verb="fleet.order.entered", on=order, at=at,
            before={"details": _told(stood[order])}, after={"details": _told(anew[order])},
        )
        for order in relined
    )  # fmt: skip
    return relined


def _told(items: Sequence[ItemFacts]) -> str:
    return order_lines.write(items)


def _tell_again(changed: Sequence[Order], at: datetime) -> None:
    """Doubts about parts done again within their warranty, for many orders in one statement."""
    cars = {order.car_id for order in changed}
    items: dict[int, list[OrderItem]] = {}
    for item in OrderItem.objects.filter(order__car__in=cars).select_related("order"):
        items.setdefault(item.order.car_id, []).append(item)
    for order in changed:
        if order.in_shop_on is None:
            continue
        of_car = items.get(order.car_id, [])
        before = [
            DoneBefore(title=i.title, number=i.order.number, on=i.order.left_shop_on)
            for i in of_car
            if i.order_id != order.pk and i.order.left_shop_on is not None
        ]
        own = [item.facts() for item in of_car if item.order_id == order.pk]
        verdict = rules.same_again(items=own, before=before, on=order.in_shop_on, law=law_at(at))
        orders.raise_doubts(order, verdict, at)
