"""维保工单台账: declared once. Orders that are done come in; those under way live on their page."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db.models import Q
from django.utils import timezone

from guanjia.domains.fleet.actions import order_ledger
from guanjia.domains.fleet.models import Order
from guanjia.domains.fleet.queries import upkeep as queries
from guanjia.domains.fleet.registers import upkeep_parts as parts
from guanjia.domains.fleet.rules import order_lines
from guanjia.domains.fleet.terms.upkeep import DONE, OrderKind, OrderState, QuoteFacts
from guanjia.kernel.registers.declaration import (
    Checked,
    Column,
    Fault,
    Filter,
    ImportRow,
    Kind,
    Register,
    View,
    Written,
)
from guanjia.kernel.registers.fields import of
from guanjia.kernel.values.actor import Actor

SEE, ENTER = "fleet.upkeep.see", "fleet.upkeep.enter"
_NEEDED = ("in_shop_on", "left_shop_on", "amount")


def _details_fault(text: str) -> str | None:
    try:
        order_lines.read(text)
    except order_lines.LineUnreadable as fault:
        return str(fault)
    return None


# ── what a ledger may tell ───────────────────────────────────────────────────────────────


def _check(rows: Sequence[ImportRow], actor: Actor) -> Checked:
    today = timezone.localdate()
    known = _known(rows)
    errors = list(parts.outside(register=ORDERS, rows=rows, actor=actor, verb=ENTER, model=Order))
    doubts: list[Fault] = []
    for row in rows:
        old = known.get(row.values["number"])
        if row.values["state"] is not OrderState.SETTLED or _under_way(old):
            errors += _open(row, old)
            continue
        faults = list(_alone(row, today))
        errors += faults
        if not faults:
            doubts += _odd(row)
    return Checked(errors=errors, doubts=doubts)


def _known(rows: Sequence[ImportRow]) -> Mapping[str, Order]:
    numbers = [row.values["number"] for row in rows]
    found = Order.objects.filter(number__in=numbers).select_related("car")
    return {order.number: order for order in found.prefetch_related("items")}


def _under_way(order: Order | None) -> bool:
    return order is not None and order.state != OrderState.SETTLED


def _open(row: ImportRow, old: Order | None) -> Iterator[Fault]:
    """An order under way may stand in an export that comes back, but nothing of it may differ."""
    if old is None:
        label = row.values["state"].label
        sentence = f"台账只收已结算的工单，{label}的在系统中报修"
        yield ORDERS.fault(row, "state", "state_unknown", sentence)
        return
    for name, was in _as_cells(old).items():
        if row.values[name] != was:
            sentence = f"{old.number} {OrderState(old.state).label}，在工单页上办理，不从台账改"
            yield ORDERS.fault(row, name, "under_way", sentence)


def _as_cells(order: Order) -> dict[str, Any]:
    """An order under way as its row reads."""
    return {
        "car": order.car,
        "kind": OrderKind(order.kind),
        "state": OrderState(order.state),
        "service": order.service,
        "garage": order.garage,
        "fault": order.fault,
        "in_shop_on": order.in_shop_on,
        "left_shop_on": order.left_shop_on,
        "amount": parts.yuan(order.amount_fen),
    }


def _alone(row: ImportRow, today: date) -> Iterator[Fault]:
    """What cannot be true of an order that is paid."""
    order = row.values
    for name in _NEEDED:
        if order[name] is None:
            sentence = f"已结算的要填{ORDERS.column(name).title}"
            yield ORDERS.fault(row, name, "required_missing", sentence)
    maintained = order["kind"] is OrderKind.MAINTENANCE
    if maintained and not order["service"]:
        yield ORDERS.fault(row, "service", "required_missing", "保养的要填保养项目，如 小保养")
    if not maintained and order["service"]:
        yield ORDERS.fault(row, "service", "contradicts_kind", "只有保养的工单填保养项目")
    days = ("reported_on", "in_shop_on", "left_shop_on", "settled_on")
    yield from parts.not_yet(register=ORDERS, row=row, names=days, today=today)
    for first, second, words in (
        ("in_shop_on", "left_shop_on", "出厂早于送修"),
        ("left_shop_on", "settled_on", "结算早于出厂"),
    ):
        if order[first] and order[second] and order[second] < order[first]:
            yield ORDERS.fault(row, second, "ends_before_it_begins", words)
    yield from _sum(row)


def _sum(row: ImportRow) -> Iterator[Fault]:
    amount = row.values["amount"]
    items = order_lines.read(row.values["details"])
    if amount is None or not items or any(item.price_fen is None for item in items):
        return
    total = Decimal(QuoteFacts(items=items).total_fen) / parts.FEN
    if total != amount:
        sentence = f"明细合计 {total:,.2f} 元，与结算金额相差 {abs(total - amount):,.2f} 元"
        yield ORDERS.fault(row, "amount", "sum_differs", sentence)


def _odd(row: ImportRow) -> Iterator[Fault]:
    if row.values["kind"] is OrderKind.MAINTENANCE and row.values["odometer_km"] is None:
        sentence = "没有里程表读数，下次保养只能按月份算"
        yield ORDERS.fault(row, "odometer_km", "odometer_missing", sentence)


def _write(*, actor: Actor, rows: Sequence[ImportRow], at: datetime) -> Written:
    """Settled orders are entered; those under way stand there as they are."""
    done = [row for row in rows if row.values["state"] is OrderState.SETTLED]
    facts = [_facts(row.values) for row in done]
    written = Written.of(order_ledger.enter_orders(actor=actor, rows=facts, at=at))
    return Written(
        created=written.created,
        updated=written.updated,
        unchanged=written.unchanged + len(rows) - len(done),
    )


def _facts(values: Mapping[str, Any]) -> dict[str, Any]:
    facts = {name: value for name, value in values.items() if name not in ("state", "quoted")}
    facts["amount_fen"] = parts.fen(facts.pop("amount"))
    facts["items"] = order_lines.read(facts.pop("details"))
    return facts


def _is(*states: OrderState) -> Any:
    return lambda _: Q(state__in=states)


ORDERS = Register(
    key="fleet.orders",
    title="维保工单台账",
    noun="单",
    key_column="number",
    columns=[
        parts.number_column(Order.number, link="fleet:order", example="WX202000012"),
        parts.car_column(),
        parts.unit_column("unit.shown", "unit__position"),
        of(Order.kind),
        of(Order.state, widget="ui/register/state.html"),
        of(Order.service, example="小保养"),
        of(Order.garage),
        of(Order.fault, fold=1, sort=""),
        of(Order.reported_on, fold=1),
        of(Order.in_shop_on),
        of(Order.left_shop_on, fold=1),
        of(Order.odometer_km, title="里程表读数(km)", unit="km", maximum=3_000_000, fold=2),
        Column(
            name="details", title="项目明细", max_length=2000, fold=2,
            check=_details_fault, check_code="lines_unreadable",
            example="机油 4×80.00；机滤 1×45.00；更换工时 1×120.00",
        ),
        Column(
            name="quoted", title="报价(元)", heading="报价", unit="元", kind=Kind.DECIMAL,
            value=parts.of("quoted_fen"), imported=False, sort="quoted_fen", fold=2,
        ),
        parts.money("amount", "结算金额", field="amount_fen"),
        of(Order.settled_on, fold=2),
        of(Order.accepted_by, fold=2, sort=""),
        of(Order.invoice_no, fold=2, sort=""),
    ],
    rows=queries.orders,
    see=SEE,
    take=ENTER,
    filters=[
        Filter(name="reported", title="报修日期", kind="dates", path="reported_on"),
        Filter(name="kind", title="维保类别", kind="choice", choices=OrderKind),
        Filter(name="state", title="工单状态", kind="choice", choices=OrderState),
        parts.unit_filter("unit"),
        Filter(name="words", title="工单号、号牌、厂", kind="text",
               path="number,car__plate,garage,fault"),
        Filter(name="settled", title="结算日期", kind="dates", path="settled_on", more=True),
        Filter(name="service", title="保养项目", kind="text", path="service", more=True),
    ],
    views=[
        View(key="all", title="全部"),
        View(
            key="open", title="在办",
            condition=lambda _: ~Q(state__in=[*DONE, OrderState.CANCELLED]),
        ),
        View(key="in_shop", title="在修", condition=_is(OrderState.IN_SHOP)),
        View(key="to_settle", title="待结算", condition=_is(OrderState.ACCEPTED)),
        View(key="settled", title="已结算", condition=_is(OrderState.SETTLED), count=False),
    ],
    totals={"amount_fen": parts.total("amount_fen")},
    order=("-reported_on", "-pk"),
    order_name="reported_on",
    order_down=True,
    check_rows=_check,
    write_rows=_write,
    place=370,
    url="fleet:orders_list",
    create_url="fleet:order_new",
    create_label="报修",
    create_verb=ENTER,
)  # fmt: skip
