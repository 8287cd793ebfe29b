"""Work orders (维保工单): report, quote, send in, accept, settle."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.db import transaction

from guanjia.domains.fleet.actions import entering, upkeep
from guanjia.domains.fleet.approvals import ORDER
from guanjia.domains.fleet.events import OrderAgreed, OrderSettled
from guanjia.domains.fleet.models import Accident, Car, Order, OrderItem
from guanjia.domains.fleet.queries import costs as spent
from guanjia.domains.fleet.queries import upkeep as queries
from guanjia.domains.fleet.queries.upkeep import ORDERS
from guanjia.domains.fleet.rules import times
from guanjia.domains.fleet.rules import upkeep as rules
from guanjia.domains.fleet.terms.cars import CarState
from guanjia.domains.fleet.terms.costs import CostKind, CostSource
from guanjia.domains.fleet.terms.trips import BOOKED_STATES
from guanjia.domains.fleet.terms.upkeep import (
    ATTACHABLE,
    FILES,
    ORDER_LIFE,
    QUOTABLE,
    ItemFacts,
    OrderKind,
    OrderState,
    QuoteFacts,
)
from guanjia.kernel.acts import changing
from guanjia.kernel.acts.changing import Files, change, made, reasoned
from guanjia.kernel.approvals import news
from guanjia.kernel.approvals.actions import opening
from guanjia.kernel.approvals.models import Case
from guanjia.kernel.approvals.terms import CaseState
from guanjia.kernel.events import bus
from guanjia.kernel.numbering import actions as numbering
from guanjia.kernel.registers import remarks
from guanjia.kernel.registers.terms import RemarkKind
from guanjia.kernel.regulations.lawbook import law_at
from guanjia.kernel.regulations.verdict import Citation, Verdict, refuse
from guanjia.kernel.values.actor import Actor

ENTER, DECIDE = queries.ENTER, queries.DECIDE
S = OrderState
SERIES = "fleet.order"
ONE_SHOP = Citation(title="同一车辆同一时间只在一张工单上修", own=True)
STEP_BY_STEP = Citation(title=ORDER_LIFE.rule, own=True)

Rows = Sequence[Mapping[str, Any]]


def _locked(actor: Actor, verb: str, order_id: int, **told: Any) -> Order:
    """An order inside the actor's reach, locked, and its car after it."""
    order: Order = changing.locked(ORDERS, actor=actor, verb=verb, pk=order_id, **told)
    lock_car(order)
    return order


def lock_car(order: Order) -> None:
    """Lock the car of a locked order; nobody locks them the other way round."""
    order.car = (
        Car.objects.select_for_update(of=("self",)).select_related("unit").get(pk=order.car_id)
    )


def _files(order: Order, files: Sequence[int]) -> Files:
    return Files(ids=files, bounds=FILES, unit=order.unit)


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
        state=S.REPORTED,
    )
    order.save(force_insert=True)
    made(
        order, actor=actor, verb="fleet.order.reported", at=at, verdict=verdict,
        files=_files(order, files),
    )  # fmt: skip
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
    order = _locked(actor, ENTER, order_id, act="报价", when=QUOTABLE)
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
    details = order.details
    case = opening.case_of(order, route=ORDER.key)
    settled = _agreed_to(order, case)
    write_items({order: list(items)})
    above = settled is None or quote.total_fen > settled
    asks = above and rules.needs_approval(total_fen=quote.total_fen, law=law)
    change(
        order,
        {
            "quoted_fen": quote.total_fen, "state": S.PENDING if asks else _ready(order),
            "state_note": "",
        },
        actor=actor, verb="fleet.order.quoted", at=at, verdict=verdict,
        files=_files(order, files), beside={"details": (details, order.details)},
    )  # fmt: skip
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
    return S.IN_SHOP if order.in_shop else S.APPROVED


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
    order = _locked(actor, ENTER, order_id, act="取消", to=S.CANCELLED)
    if order.in_shop:
        refuse("in_shop", "车还在厂里，不能取消。", "验收出厂后结算。", STEP_BY_STEP).enforce()
    note = reasoned(reason)
    case = opening.case_of(order, route=ORDER.key)
    if case is not None:
        opening.call_off(case=case, comment="工单取消", at=at)
    end_order(actor=actor, order=order, note=note, at=at)
    return order


def end_order(*, actor: Actor, order: Order, note: str, at: datetime) -> None:
    """An order ends without being done; a car that stands in the shop comes back."""
    facts: dict[str, Any] = {"state": S.CANCELLED, "state_note": note[:200]}
    stands = order.in_shop
    if stands:
        facts["left_shop_on"] = max(_day(at), order.in_shop_on or date.min)
    change(order, facts, actor=actor, verb="fleet.order.cancelled", at=at, note=note)
    if stands:
        give_back(actor=actor, order=order, at=at)


@transaction.atomic
def attach_papers(*, actor: Actor, order_id: int, files: Sequence[int], at: datetime) -> Order:
    """Hang files on a work order (补交附件), at any time of its life until it is dropped.

    Needs ``fleet.upkeep.enter``.
    """
    order = _locked(actor, ENTER, order_id, act="补交附件", when=ATTACHABLE)
    changing.attach(order, _files(order, files), actor=actor, at=at)
    return order


# ── in the shop and back ─────────────────────────────────────────────────────────────────


@transaction.atomic
def send_in(
    *, actor: Actor, order_id: int, on: date, odometer_km: int | None = None, at: datetime
) -> Order:
    """The car goes to the garage (送修); it cannot be dispatched until it is back.

    Refuses while the car is promised or out, while it stands in another shop, and a day to come.
    Needs ``fleet.upkeep.enter``.
    """
    order = _locked(actor, ENTER, order_id, act="送修", when=(S.APPROVED,))
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
    km = car.odometer_km if odometer_km is None else odometer_km
    change(
        order, {"state": S.IN_SHOP, "in_shop_on": on, "odometer_km": km}, actor=actor,
        verb="fleet.order.sent_in", at=at,
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
    order = _locked(actor, ENTER, order_id, act="验收", to=S.ACCEPTED)
    _must_follow(on, order.in_shop_on, "出厂日期", at)
    said = note.strip()
    if passed:
        facts = {
            "state": S.ACCEPTED, "state_note": "", "left_shop_on": on,
            "accepted_by": actor.name[:60], "accepted_note": said[:200],
        }  # fmt: skip
    elif not said:
        refuse("reason_missing", "没有写返修的原因。", "写明原因。", field="note").enforce()
    else:
        facts = {"state_note": f"返修：{said}"[:200]}
    change(
        order, facts, actor=actor, at=at, note=said,
        verb="fleet.order.accepted" if passed else "fleet.order.not_accepted",
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
    order = _locked(actor, DECIDE, order_id, act="结算", to=S.SETTLED)
    verdict = rules.may_settle(quoted_fen=order.quoted_fen, amount_fen=amount_fen)
    verdict.enforce()
    _must_follow(on, order.left_shop_on, "结算日期", at)
    change(
        order,
        {
            "state": S.SETTLED, "amount_fen": amount_fen, "settled_on": on,
            "invoice_no": invoice_no.strip()[:40],
        },
        actor=actor, verb="fleet.order.settled", at=at, verdict=verdict,
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
    news.move(order, _ready(order))
    bus.publish(OrderAgreed(order_id=order.pk))
