"""Work orders (维保工单): report, quote, send in, accept, settle."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.db import transaction

from guanjia.domains.fleet.actions import entering, papers, upkeep
from guanjia.domains.fleet.approvals import ORDER
from guanjia.domains.fleet.events import OrderAgreed, OrderSettled
from guanjia.domains.fleet.models import Accident, Car, Order, OrderItem
from guanjia.domains.fleet.queries import costs as spent
from guanjia.domains.fleet.queries import upkeep as queries
from guanjia.domains.fleet.rules import order_lines, times
from guanjia.domains.fleet.rules import upkeep as rules
from guanjia.domains.fleet.terms.cars import CarState
from guanjia.domains.fleet.terms.costs import CostKind, CostSource
from guanjia.domains.fleet.terms.trips import BOOKED_STATES
from guanjia.domains.fleet.terms.upkeep import (
    CANCELLABLE,
    QUOTABLE,
    ItemFacts,
    OrderKind,
    OrderState,
    QuoteFacts,
)
from guanjia.kernel.approvals.actions import opening
from guanjia.kernel.approvals.models import Case
from guanjia.kernel.approvals.terms import CaseState
from guanjia.kernel.audit import actions as audit
from guanjia.kernel.events import bus
from guanjia.kernel.numbering import actions as numbering
from guanjia.kernel.registers import remarks
from guanjia.kernel.registers.terms import RemarkKind
from guanjia.kernel.regulations.lawbook import law_at
from guanjia.kernel.regulations.verdict import Citation, Verdict, refuse
from guanjia.kernel.values.actor import Actor

ENTER, DECIDE = "fleet.upkeep.enter", "fleet.upkeep.decide"
SERIES = "fleet.order"
ONE_SHOP = Citation(title="同一车辆同一时间只在一张工单上修", own=True)
STEP_BY_STEP = Citation(title="工单按报价、审批、送修、验收、结算的次序办理", own=True)

Rows = Sequence[Mapping[str, Any]]


def locked(actor: Actor, verb: str, order_id: int) -> Order:
    """An order inside the actor's reach, locked, and its car after it."""
    actor.must(verb)
    order: Order = (
        Order.objects.within(actor.scope(verb))
        .select_for_update(of=("self",))
        .select_related("unit")
        .get(pk=order_id)
    )
    lock_car(order)
    return order


def lock_car(order: Order) -> None:
    """Lock the car of a locked order; nobody locks them the other way round."""
    order.car = (
        Car.objects.select_for_update(of=("self",)).select_related("unit").get(pk=order.car_id)
    )


def _must_stand(order: Order, *states: OrderState, act: str) -> None:
    if OrderState(order.state) not in states:
        label = OrderState(order.state).label
        refuse("wrong_state", f"这张工单{label}，不能{act}。", "看新内容。", STEP_BY_STEP).enforce()


def _day(at: datetime) -> date:
    return at.astimezone(times.ZONE).date()


def _must_follow(on: date, first: date | None, title: str, at: datetime) -> None:
    if (first or date.min) <= on <= _day(at):
        return
    since = f"{first:%Y-%m-%d} 起、" if first else ""
    refuse(
        "day_odd", f"{title}不对。", f"应在 {since}今天为止。", STEP_BY_STEP, field="on"
    ).enforce()


# ── reported, quoted ─────────────────────────────────────────────────────────────────────


@transaction.atomic
def report_order(
    *,
    actor: Actor,
    facts: Mapping[str, Any],
    items: Sequence[ItemFacts] = (),
    files: Sequence[int] = (),
    at: datetime,
) -> Order:
    """Report that a car needs the garage (报修): ``car``, ``kind``, ``service`` (of a maintenance),
    ``garage``, ``fault``, and optionally ``accident``, ``odometer_km``.

    With ``items`` the quote is given at once. Needs ``fleet.upkeep.enter`` for the car. Refuses a
    disposed car, and the accident of another one.
    """
    actor.must(ENTER)
    car: Car = (
        Car.objects.within(actor.scope(ENTER))
        .select_for_update(of=("self",))
        .select_related("unit")
        .get(pk=facts["car"].pk)
    )
    verdict = rules.may_report(car=car.facts()).enforce()
    _must_be_its_accident(car, facts.get("accident"))
    day = _day(at)
    order = Order(
        **{**facts, "car": car},
        number=f"WX{day.year}{numbering.next_number(series=SERIES, year=day.year):05d}",
        unit=spent.bearers([(car, day)])[car.pk, day],
        reported_on=day,
        reporter_id=actor.person_id,
        state=OrderState.REPORTED,
    )
    order.save(force_insert=True)
    audit.record(
        actor=actor, verb="fleet.order.reported", on=order, at=at, before=None,
        after=audit.facts_of(order), verdict=verdict,
    )  # fmt: skip
    papers.hang(actor=actor, row=order, unit=order.unit, files=files, at=at)
    if items:
        return quote_order(actor=actor, order_id=order.pk, items=items, at=at)
    return order


def _must_be_its_accident(car: Car, accident: Accident | None) -> None:
    if accident is not None and accident.car_id != car.pk:
        refuse(
            "accident_of_another", f"{accident.number}不是{car.plate}的事故。", "核对事故编号。",
            field="accident",
        ).enforce()  # fmt: skip


@transaction.atomic
def quote_order(
    *,
    actor: Actor,
    order_id: int,
    items: Sequence[ItemFacts],
    files: Sequence[int] = (),
    at: datetime,
) -> Order:
    """Give an order its quote (报价), or another one.

    Above the bureau's amount it goes to approval, below it may be sent in at once; one that is
    not above what was agreed to already needs no new approval. The same part within its warranty
    becomes a doubt. Needs ``fleet.upkeep.enter``.
    """
    order = locked(actor, ENTER, order_id)
    _must_stand(order, *QUOTABLE, act="报价")
    law = law_at(at)
    quote = QuoteFacts(items=tuple(items))
    rules.may_quote(quote=quote).enforce()
    verdict = rules.same_again(
        items=quote.items,
        before=queries.done_before(
            car_id=order.car_id, titles={item.title for item in items}, without=order.pk
        ),
        on=order.in_shop_on or _day(at),
        law=law,
    )
    before = {**audit.facts_of(order, "quoted_fen", "state"), "details": _details(order)}
    case = opening.case_of(order, route=ORDER.key)
    settled = _agreed_to(order, case)
    write_items({order: list(items)})
    order.quoted_fen = quote.total_fen
    above = settled is None or quote.total_fen > settled
    asks = above and rules.needs_approval(total_fen=quote.total_fen, law=law)
    order.state = OrderState.PENDING if asks else _ready(order)
    order.state_note = ""
    order.save(update_fields=["quoted_fen", "state", "state_note"])
    audit.record(
        actor=actor, verb="fleet.order.quoted", on=order, at=at, before=before, verdict=verdict,
        after={**audit.facts_of(order, "quoted_fen", "state"), "details": _details(order)},
    )  # fmt: skip
    papers.hang(actor=actor, row=order, unit=order.unit, files=files, at=at)
    raise_doubts(order, verdict, at)
    if asks:
        _ask(actor, order, case, at)
        order.refresh_from_db(fields=["state", "state_note"])  # agreed at once without a step
    elif case is not None:
        opening.call_off(case=case, comment="报价已低于审批金额", at=at)
    return order


def _agreed_to(order: Order, case: Case | None) -> int | None:
    """What was agreed to and still stands, in 分."""
    if case is None or case.state != CaseState.AGREED:
        return None
    return order.quoted_fen


def _ready(order: Order) -> OrderState:
    return OrderState.IN_SHOP if order.in_shop else OrderState.APPROVED


def case_facts(order: Order, *, by_keeper: bool, at: datetime) -> dict[str, Any]:
    """What the steps of the route may depend on (``ORDER.facts``)."""
    total = order.quoted_fen or 0
    return {
        "amount": total,
        "large": rules.is_large(total_fen=total, law=law_at(at)),
        "kind": str(order.kind),
        "by_keeper": by_keeper,
    }


def _ask(actor: Actor, order: Order, case: Case | None, at: datetime) -> None:
    given: dict[str, Any] = {
        "route": ORDER,
        "unit": order.unit,
        "actor": actor,
        "facts": case_facts(order, by_keeper=actor.can("fleet.asset.review"), at=at),
        "summary": f"{order.car} {order.get_kind_display()} {(order.quoted_fen or 0) / 100:,.2f} 元"
        f" · {order.fault}",
        "at": at,
    }
    if case is None:
        opening.open_case(subject=order, applicant_id=actor.person_id, **given)
    else:
        opening.resubmit(case=case, **given)


def raise_doubts(order: Order, verdict: Verdict, at: datetime) -> None:
    """What is odd about an order waits for an explanation."""
    remarks.raise_remarks(
        register="fleet.orders",
        remarks=[
            remarks.Raised.of(object_id=order.pk, kind=RemarkKind.DOUBT, finding=finding)
            for finding in verdict.warnings
        ],
        at=at,
    )


def _details(order: Order) -> str:
    return order_lines.write([item.facts() for item in order.items.order_by("position")])


def write_items(lines: Mapping[Order, Sequence[ItemFacts]]) -> None:
    """Lay down the lines of orders anew; the trail keeps what they were."""
    OrderItem.objects.filter(order__in=list(lines)).delete()
    OrderItem.objects.bulk_create(
        OrderItem(
            order=order, position=place, title=item.title, kind=item.kind,
            quantity=item.quantity, price_fen=item.price_fen,
        )
        for order, items in lines.items()
        for place, item in enumerate(items, start=1)
    )  # fmt: skip


@transaction.atomic
def cancel_order(*, actor: Actor, order_id: int, reason: str, at: datetime) -> Order:
    """Drop an order before its car is in the shop (取消), with the reason."""
    order = locked(actor, ENTER, order_id)
    if order.state == OrderState.CANCELLED:
        return order
    _must_stand(order, *CANCELLABLE, act="取消")
    if order.in_shop:
        refuse("in_shop", "车还在厂里，不能取消。", "验收出厂后结算。", STEP_BY_STEP).enforce()
    if not reason.strip():
        refuse("reason_missing", "没有写取消原因。", "写明原因。", field="reason").enforce()
    case = opening.case_of(order, route=ORDER.key)
    if case is not None:
        opening.call_off(case=case, comment="工单取消", at=at)
    end_order(actor=actor, order=order, note=reason, at=at)
    return order


def end_order(*, actor: Actor, order: Order, note: str, at: datetime) -> None:
    """An order ends without being done; a car that stands in the shop comes back."""
    before = audit.facts_of(order, "state", "left_shop_on")
    order.state, order.state_note = OrderState.CANCELLED, note.strip()[:200]
    if order.in_shop:
        order.left_shop_on = max(_day(at), order.in_shop_on or date.min)
        give_back(actor=actor, order=order, at=at)
    order.save(update_fields=["state", "state_note", "left_shop_on"])
    audit.record(
        actor=actor, verb="fleet.order.cancelled", on=order, at=at, before=before,
        after=audit.facts_of(order, "state", "left_shop_on"), note=note,
    )  # fmt: skip


# ── in the shop and back ─────────────────────────────────────────────────────────────────


@transaction.atomic
def send_in(
    *, actor: Actor, order_id: int, on: date, odometer_km: int | None = None, at: datetime
) -> Order:
    """The car goes to the garage (送修); it cannot be dispatched until it is back.

    Refuses while the car is promised or out, while it stands in another shop, and a day to come.
    Needs ``fleet.upkeep.enter``.
    """
    order = locked(actor, ENTER, order_id)
    if order.state == OrderState.IN_SHOP and order.in_shop_on == on:
        return order
    _must_stand(order, OrderState.APPROVED, act="送修")
    car = order.car
    _must_be_free(car)
    if on > _day(at):
        refuse("in_the_future", "送修日期还没有到。", "写当天或以前。", field="on").enforce()
    other = Order.objects.filter(car=car, in_shop_on__isnull=False, left_shop_on=None).first()
    if other is not None:
        refuse(
            "in_another_shop", f"{car.plate}还在 {other.number} 上修。", "先办那一张的验收。",
            ONE_SHOP,
        ).enforce()  # fmt: skip
    before = audit.facts_of(order, "state", "in_shop_on", "odometer_km")
    order.state, order.in_shop_on = OrderState.IN_SHOP, on
    order.odometer_km = car.odometer_km if odometer_km is None else odometer_km
    order.save(update_fields=["state", "in_shop_on", "odometer_km"])
    audit.record(
        actor=actor, verb="fleet.order.sent_in", on=order, at=at, before=before,
        after=audit.facts_of(order, "state", "in_shop_on", "odometer_km"),
    )  # fmt: skip
    if car.state == CarState.IN_USE:
        note = f"送修 {order.number}"
        entering.write_car_state(actor=actor, car=car, state=CarState.REPAIR, note=note, at=at)
    return order


def _must_be_free(car: Car) -> None:
    booked = car.trips.filter(state__in=BOOKED_STATES).first()
    if booked is not None:
        refuse(
            "car_booked", f"{car.plate}还有 {booked.number} 没有办结。", "先改派或收车，再送修。",
            STEP_BY_STEP,
        ).enforce()  # fmt: skip


def give_back(*, actor: Actor, order: Order, at: datetime) -> None:
    """The car of an order may be dispatched again, where it was in repair."""
    if order.car.state == CarState.REPAIR:
        entering.write_car_state(
            actor=actor, car=order.car, state=CarState.IN_USE, note=f"出厂 {order.number}", at=at
        )


@transaction.atomic
def accept_order(
    *, actor: Actor, order_id: int, on: date, passed: bool = True, note: str = "", at: datetime
) -> Order:
    """Check what the garage did (验收): accepted, the car comes back and the order waits for its
    bill; not accepted (``passed=False``), it stays in the shop, with the reason.

    Needs ``fleet.upkeep.enter``.
    """
    order = locked(actor, ENTER, order_id)
    if order.state == OrderState.ACCEPTED and passed:
        return order
    _must_stand(order, OrderState.IN_SHOP, act="验收")
    _must_follow(on, order.in_shop_on, "出厂日期", at)
    if not passed and not note.strip():
        refuse("reason_missing", "没有写返修的原因。", "写明原因。", field="note").enforce()
    before = audit.facts_of(order, "state", "left_shop_on", "state_note")
    names = ["state", "state_note"]
    if passed:
        order.state, order.left_shop_on, order.state_note = OrderState.ACCEPTED, on, ""
        order.accepted_by, order.accepted_note = actor.name[:60], note.strip()[:200]
        names += ["left_shop_on", "accepted_by", "accepted_note"]
    else:
        order.state_note = f"返修：{note.strip()}"[:200]
    order.save(update_fields=names)
    audit.record(
        actor=actor, verb="fleet.order.accepted" if passed else "fleet.order.not_accepted",
        on=order, at=at, before=before, after=audit.facts_of(order, *names), note=note,
    )  # fmt: skip
    if passed:
        give_back(actor=actor, order=order, at=at)
    return order


@transaction.atomic
def settle_order(
    *, actor: Actor, order_id: int, amount_fen: int, on: date, invoice_no: str, at: datetime
) -> Order:
    """Pay the garage (结算): not more than was agreed to; the sum becomes a cost of the car.

    Needs ``fleet.upkeep.decide``. Publishes ``OrderSettled``.
    """
    order = locked(actor, DECIDE, order_id)
    same = (order.amount_fen, order.settled_on, order.invoice_no) == (amount_fen, on, invoice_no)
    if order.state == OrderState.SETTLED and same:
        return order
    _must_stand(order, OrderState.ACCEPTED, act="结算")
    verdict = rules.may_settle(quoted_fen=order.quoted_fen, amount_fen=amount_fen).enforce()
    _must_follow(on, order.left_shop_on, "结算日期", at)
    before = audit.facts_of(order, "state")
    order.state, order.amount_fen, order.settled_on = OrderState.SETTLED, amount_fen, on
    order.invoice_no = invoice_no.strip()[:40]
    names = ["state", "amount_fen", "settled_on", "invoice_no"]
    order.save(update_fields=names)
    audit.record(
        actor=actor, verb="fleet.order.settled", on=order, at=at, before=before, verdict=verdict,
        after=audit.facts_of(order, *names),
    )  # fmt: skip
    upkeep.follow_costs(actor=actor, rows=[cost_of(order)], at=at)
    bus.publish(OrderSettled(order_id=order.pk))
    return order


def cost_of(order: Order) -> dict[str, Any]:
    """The cost that a settled order is, for ``follow_costs``."""
    maintained = order.kind == OrderKind.MAINTENANCE
    return {
        "car": order.car,
        "kind": CostKind.MAINTENANCE if maintained else CostKind.REPAIR,
        "spent_on": order.settled_on,
        "amount_fen": order.amount_fen,
        "odometer_km": order.odometer_km,
        "source": CostSource.ORDER,
        "source_no": order.number,
        "place": order.garage,
        "note": order.fault,
    }


def agreed_to(order: Order) -> None:
    """The quote was agreed to: the car may go to the garage, or stays where it stands."""
    order.state, order.state_note = _ready(order), ""
    order.save(update_fields=["state", "state_note"])
    bus.publish(OrderAgreed(order_id=order.pk))
