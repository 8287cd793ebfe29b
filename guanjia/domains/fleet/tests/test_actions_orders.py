"""Work orders: from the report to the bill, and ledgers of those that are done."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction

from guanjia.domains.fleet.actions import order_ledger, orders
from guanjia.domains.fleet.events import OrderAgreed, OrderSettled
from guanjia.domains.fleet.models import Car, Cost, Order
from guanjia.domains.fleet.rules import order_lines
from guanjia.domains.fleet.terms.cars import CarState
from guanjia.domains.fleet.terms.upkeep import ItemFacts, OrderKind, OrderState
from guanjia.domains.fleet.tests import builders
from guanjia.domains.fleet.tests import upkeep_rows as rows
from guanjia.domains.fleet.tests.builders import AT, SECOND, SMALL, TODAY, City
from guanjia.domains.fleet.tests.upkeep_rows import CHEAP, DAY, ENGINE, GEARBOX
from guanjia.kernel.acts.changing import OutOfState
from guanjia.kernel.approvals.actions import deciding, opening
from guanjia.kernel.approvals.models import Case
from guanjia.kernel.approvals.queries import active_step, deciders
from guanjia.kernel.audit.models import Record
from guanjia.kernel.events import bus
from guanjia.kernel.registers.models import Remark
from guanjia.kernel.regulations.verdict import Refused
from guanjia.kernel.values.actor import NotAllowed


def refused(call: Any) -> list[str]:
    with pytest.raises(Refused) as caught, transaction.atomic():
        call()
    assert all(finding.text().endswith("。") for finding in caught.value.findings)
    return [finding.code for finding in caught.value.findings]


def state(order: Order) -> OrderState:
    return OrderState(Order.objects.get(pk=order.pk).state)


def car_state(plate: str = SMALL) -> CarState:
    return CarState(Car.objects.get(plate=plate).state)


def case_of(order: Order) -> Case:
    return Case.objects.get(subject_type="fleet.order", subject_id=order.pk)


def agree(city: City, order: Order, by: str) -> None:
    deciding.agree(actor=city.actor(by), case_id=case_of(order).pk, at=AT)


# ── report and quote ─────────────────────────────────────────────────────────────────────


def test_a_cheap_quote_needs_nobody(city: City) -> None:
    made = rows.report(city)
    assert (made.state, made.number, made.unit) == (
        OrderState.REPORTED, "WX202000001", city.units["bureau"],
    )  # fmt: skip
    quoted = orders.quote_order(
        actor=city.actor("car_keeper"), order_id=made.pk, items=CHEAP, at=AT
    )
    assert (quoted.state, quoted.quoted_fen) == (OrderState.APPROVED, 48_500)
    assert not Case.objects.filter(subject_type="fleet.order").exists()
    verbs = Record.objects.filter(on_type="fleet.order").values_list("verb", flat=True)
    assert set(verbs) == {"fleet.order.reported", "fleet.order.quoted"}


def test_a_dear_quote_goes_to_the_unit_then_to_the_bureau(city: City) -> None:
    heard: list[Any] = []
    bus.subscribe(OrderAgreed, heard.append)
    made = rows.report(city, by="clerk", car=rows.clerk_car(city), items=(GEARBOX,))
    assert made.state == OrderState.PENDING
    assert [p.name for p in deciders(case_of(made))] == ["余建国"]
    agree(city, made, "head")
    assert [p.name for p in deciders(case_of(made))] == ["冯海"]
    agree(city, made, "car_keeper")
    assert state(made) == OrderState.APPROVED
    assert heard == [OrderAgreed(order_id=made.pk)]


def test_a_very_dear_one_goes_to_the_leader_too(city: City) -> None:
    made = rows.report(city, by="clerk", car=rows.clerk_car(city), items=(ENGINE,))
    agree(city, made, "head")
    agree(city, made, "car_keeper")
    assert state(made) == OrderState.PENDING
    agree(city, made, "car_decider")
    assert state(made) == OrderState.APPROVED


def test_the_keeper_does_not_review_their_own(city: City) -> None:
    rows.bureau_head(city)
    made = rows.report(city, items=(GEARBOX,))
    step = active_step(case_of(made))
    assert step is not None
    agree(city, made, "bureau_head")
    assert state(made) == OrderState.APPROVED, "the step of the bureau's own keeper is left out"


def test_a_returned_quote_is_mended_and_a_lower_one_needs_nobody(city: City) -> None:
    made = rows.report(city, by="clerk", car=rows.clerk_car(city), items=(GEARBOX,))
    deciding.send_back(
        actor=city.actor("head"), case_id=case_of(made).pk, comment="再询一家", at=AT
    )
    returned = Order.objects.get(pk=made.pk)
    assert (returned.state, returned.state_note) == (OrderState.RETURNED, "再询一家")
    again = orders.quote_order(actor=city.actor("clerk"), order_id=made.pk, items=CHEAP, at=AT)
    assert again.state == OrderState.APPROVED
    assert not deciders(case_of(made)), "nobody has it any more"


def test_it_is_taken_back_by_whoever_sent_it(city: City) -> None:
    made = rows.report(city, by="clerk", car=rows.clerk_car(city), items=(GEARBOX,))
    opening.withdraw(actor=city.actor("clerk"), case_id=case_of(made).pk, at=AT)
    made.refresh_from_db()
    assert made.state == OrderState.WITHDRAWN
    sent = orders.quote_order(actor=city.actor("clerk"), order_id=made.pk, items=(GEARBOX,), at=AT)
    assert sent.state == OrderState.PENDING


def test_what_was_agreed_to_may_be_undercut_but_not_exceeded(city: City) -> None:
    made = rows.report(city, by="clerk", car=rows.clerk_car(city), items=(GEARBOX,))
    agree(city, made, "head")
    agree(city, made, "car_keeper")
    lower = ItemFacts(title="变速箱阀体", price_fen=290_000)
    clerk = city.actor("clerk")
    assert orders.quote_order(actor=clerk, order_id=made.pk, items=(lower,), at=AT).state == (
        OrderState.APPROVED
    )
    assert orders.quote_order(actor=clerk, order_id=made.pk, items=(GEARBOX,), at=AT).state == (
        OrderState.PENDING
    )


def test_a_quote_needs_lines_and_nobody_elses_order_exists(city: City) -> None:
    made = rows.report(city)
    keeper, clerk = city.actor("car_keeper"), city.actor("clerk")
    empty = lambda: orders.quote_order(actor=keeper, order_id=made.pk, items=(), at=AT)  # noqa: E731
    assert refused(empty) == ["quote_empty"]
    with pytest.raises(Order.DoesNotExist):
        orders.quote_order(actor=clerk, order_id=made.pk, items=CHEAP, at=AT)
    with pytest.raises(Car.DoesNotExist):
        rows.report(city, by="clerk")
    with pytest.raises(NotAllowed):
        rows.report(city, by="supervisor")
    Car.objects.filter(plate=SECOND).update(state=CarState.DISPOSED)
    assert refused(lambda: rows.report(city, car=city.cars[SECOND])) == ["car_disposed"]


# ── in the shop and back ─────────────────────────────────────────────────────────────────


def test_the_whole_way_of_an_order(city: City) -> None:
    heard: list[Any] = []
    bus.subscribe(OrderSettled, heard.append)
    keeper = city.actor("car_keeper")
    made = rows.in_shop(city)
    assert (made.state, made.odometer_km, car_state()) == (
        OrderState.IN_SHOP, 10_000, CarState.REPAIR,
    )  # fmt: skip
    back = orders.accept_order(
        actor=keeper, order_id=made.pk, on=TODAY, passed=False, note="异响还在", at=AT
    )
    assert (back.state, back.state_note) == (OrderState.IN_SHOP, "返修：异响还在")
    back = orders.accept_order(actor=keeper, order_id=made.pk, on=TODAY, at=AT)
    assert (back.state, back.accepted_by, car_state()) == (
        OrderState.ACCEPTED, "冯海", CarState.IN_USE,
    )  # fmt: skip
    paid = orders.settle_order(
        actor=keeper, order_id=made.pk, amount_fen=48_000, on=TODAY, invoice_no="0123", at=AT
    )
    assert (paid.state, paid.amount_fen) == (OrderState.SETTLED, 48_000)
    cost = Cost.objects.get()
    assert (cost.kind, cost.source, cost.source_no) == ("REPAIR", "ORDER", made.number)
    assert (cost.amount_fen, cost.odometer_km, cost.place) == (48_000, 10_000, "瓷都汽修")
    assert heard == [OrderSettled(order_id=made.pk)]
    with pytest.raises(OutOfState):
        orders.settle_order(
            actor=keeper, order_id=made.pk, amount_fen=48_000, on=TODAY, invoice_no="0123", at=AT
        )
    assert Cost.objects.count() == 1, "the same click twice"


def test_maintenance_is_a_cost_of_its_own_kind(city: City) -> None:
    made = rows.report(city, kind=OrderKind.MAINTENANCE, service="小保养", items=CHEAP)
    keeper = city.actor("car_keeper")
    orders.send_in(actor=keeper, order_id=made.pk, on=TODAY, at=AT)
    orders.accept_order(actor=keeper, order_id=made.pk, on=TODAY, at=AT)
    orders.settle_order(
        actor=keeper, order_id=made.pk, amount_fen=48_500, on=TODAY, invoice_no="", at=AT
    )
    assert Cost.objects.get().kind == "MAINTENANCE"


def test_a_promised_car_is_not_sent_to_the_garage(city: City) -> None:
    made = rows.report(city, items=CHEAP)
    trip = city.dispatched()
    keeper = city.actor("car_keeper")
    with pytest.raises(Refused, match=trip.number):
        orders.send_in(actor=keeper, order_id=made.pk, on=TODAY, at=AT)
    assert car_state() == CarState.IN_USE


def test_a_car_stands_in_one_shop_at_a_time(city: City) -> None:
    rows.in_shop(city)
    other = rows.report(city, items=CHEAP)
    send = lambda: orders.send_in(  # noqa: E731 — tried once
        actor=city.actor("car_keeper"), order_id=other.pk, on=TODAY, at=AT
    )
    assert refused(send) == ["in_another_shop"]


@pytest.mark.parametrize(("days", "code"), [(1, "in_the_future"), (0, None), (-3, None)])
def test_no_car_is_sent_in_tomorrow(city: City, days: int, code: str | None) -> None:
    made = rows.report(city, items=CHEAP)
    send = lambda: orders.send_in(  # noqa: E731 — tried once
        actor=city.actor("car_keeper"), order_id=made.pk, on=TODAY + days * DAY, at=AT
    )
    if code is None:
        assert send().state == OrderState.IN_SHOP
    else:
        assert refused(send) == [code]


@pytest.mark.parametrize(("fen", "fits"), [(48_500, True), (48_501, False)])
def test_nothing_is_paid_above_the_quote(city: City, fen: int, fits: bool) -> None:
    made = rows.accepted(city)
    settle = lambda: orders.settle_order(  # noqa: E731 — tried once
        actor=city.actor("car_keeper"), order_id=made.pk, amount_fen=fen, on=TODAY,
        invoice_no="", at=AT,
    )  # fmt: skip
    if fits:
        assert settle().state == OrderState.SETTLED
    else:
        assert refused(settle) == ["above_quote"]
        assert not Cost.objects.exists()


def test_more_is_found_in_the_shop_and_the_car_stays_there(city: City) -> None:
    rows.bureau_head(city)
    made = rows.in_shop(city)
    keeper = city.actor("car_keeper")
    more = orders.quote_order(actor=keeper, order_id=made.pk, items=(GEARBOX,), at=AT)
    assert (more.state, car_state()) == (OrderState.PENDING, CarState.REPAIR)
    assert refused(
        lambda: orders.accept_order(actor=keeper, order_id=made.pk, on=TODAY, at=AT)
    ) == ["state"]
    agree(city, made, "bureau_head")
    assert state(made) == OrderState.IN_SHOP
    orders.accept_order(actor=keeper, order_id=made.pk, on=TODAY, at=AT)
    assert car_state() == CarState.IN_USE


def test_a_stopped_approval_gives_the_car_back(city: City) -> None:
    rows.bureau_head(city)
    made = rows.in_shop(city)
    keeper = city.actor("car_keeper")
    orders.quote_order(actor=keeper, order_id=made.pk, items=(GEARBOX,), at=AT)
    deciding.stop(
        actor=city.actor("bureau_head"), case_id=case_of(made).pk, comment="不修了", at=AT
    )
    assert (state(made), car_state()) == (OrderState.CANCELLED, CarState.IN_USE)
    assert Record.objects.filter(verb="fleet.order.cancelled").count() == 1


def test_an_order_is_dropped_with_its_reason_before_the_car_is_in_the_shop(city: City) -> None:
    keeper = city.actor("car_keeper")
    made = rows.report(city, items=CHEAP)

    def cancel(order: Order, reason: str) -> Order:
        return orders.cancel_order(actor=keeper, order_id=order.pk, reason=reason, at=AT)

    assert refused(lambda: cancel(made, " ")) == ["reason_missing"]
    assert cancel(made, "另一家便宜").state == OrderState.CANCELLED
    assert refused(lambda: cancel(made, "再点一次")) == ["state"]
    standing = rows.in_shop(city)
    assert refused(lambda: cancel(standing, "不修了")) == ["state"]


def test_only_the_keeper_settles(city: City) -> None:
    made = rows.accepted(city)
    with pytest.raises(NotAllowed):
        orders.settle_order(
            actor=city.actor("clerk"), order_id=made.pk, amount_fen=1, on=TODAY, invoice_no="",
            at=AT,
        )  # fmt: skip


# ── ledgers ──────────────────────────────────────────────────────────────────────────────


def enter(city: City, *given: dict[str, Any]) -> tuple[int, int, int]:
    return order_ledger.enter_orders(actor=city.actor("car_keeper"), rows=list(given), at=AT)


def test_a_ledger_of_orders_brings_lines_and_costs(city: City) -> None:
    car = city.cars[SMALL]
    assert enter(city, rows.done_order(car)) == (1, 0, 0)
    order = Order.objects.get()
    assert (order.state, order.amount_fen, order.unit) == (
        OrderState.SETTLED, 48_500, city.units["bureau"],
    )  # fmt: skip
    lines = [item.facts() for item in order.items.all()]
    assert order_lines.write(lines) == "机油 4×80.00；机油滤清器 1×45.00；更换工时 1×120.00"
    assert Cost.objects.get().kind == "MAINTENANCE"
    assert car_state() == CarState.IN_USE


def test_the_same_ledger_twice_changes_nothing_and_new_lines_count_as_a_change(
    city: City,
) -> None:
    given = rows.done_order(city.cars[SMALL])
    enter(city, given)
    records = Record.objects.count()
    assert enter(city, given) == (0, 0, 1)
    assert Record.objects.count() == records
    other = {**given, "items": (ItemFacts(title="机油", price_fen=48_500),)}
    assert enter(city, other) == (0, 1, 0)
    told = Record.objects.order_by("-pk")[0]
    assert told.after == {"details": "机油 1×485.00"}
    assert Order.objects.get().items.get().quantity == Decimal(1)


def test_a_corrected_amount_corrects_the_cost(city: City) -> None:
    given = rows.done_order(city.cars[SMALL])
    enter(city, given)
    assert enter(city, {**given, "amount_fen": 50_000, "items": ()}) == (0, 1, 0)
    assert Cost.objects.get().amount_fen == 50_000


def test_an_order_under_way_is_no_ledgers_business(city: City) -> None:
    made = rows.report(city)
    given = rows.done_order(city.cars[SMALL], made.number)
    assert refused(lambda: enter(city, given)) == ["under_way"]


@pytest.mark.parametrize(("left_on", "doubtful"), [
    (date(2020, 2, 20), True), (date(2020, 2, 19), False),
])  # fmt: skip
def test_the_same_part_within_its_warranty_waits_for_an_answer(
    city: City, left_on: date, doubtful: bool
) -> None:
    part = (ItemFacts(title="刹车片", price_fen=60_000),)
    first = rows.done_order(
        city.cars[SMALL], "WX1", items=part, reported_on=left_on - DAY, in_shop_on=left_on - DAY,
        left_shop_on=left_on, settled_on=left_on, amount_fen=60_000,
    )  # fmt: skip
    again = rows.done_order(
        city.cars[SMALL], "WX2", items=part, amount_fen=60_000, in_shop_on=TODAY,
        left_shop_on=TODAY, settled_on=TODAY,
    )  # fmt: skip
    elsewhere = rows.done_order(city.cars[SECOND], "WX3", items=part, amount_fen=60_000)
    enter(city, first, again, elsewhere)
    found = Remark.objects.filter(register="fleet.orders")
    assert [r.object_id for r in found] == (
        [Order.objects.get(number="WX2").pk] if doubtful else []
    )


def test_a_quote_says_at_once_that_the_part_is_under_warranty(city: City) -> None:
    enter(city, rows.done_order(city.cars[SMALL]))
    made = rows.report(city, items=CHEAP)
    titles = sorted(r.headline for r in Remark.objects.filter(object_id=made.pk))
    assert titles == [
        "“机油”在质量保证期内再次维修。",
        "“机油滤清器”在质量保证期内再次维修。",
    ], "labour is not compared"
    assert made.car.plate == builders.SMALL
