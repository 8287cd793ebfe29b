"""Entering the car that was bought (登记新车), and the renewals that ledgers state."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.db import transaction

from guanjia.domains.fleet.actions import disposals, entering, purchases, stays
from guanjia.domains.fleet.actions import quotas as places
from guanjia.domains.fleet.events import CarCarded
from guanjia.domains.fleet.models import Car, CarStay, Disposal, Purchase
from guanjia.domains.fleet.queries import purchases as reading
from guanjia.domains.fleet.rules import purchases as rules
from guanjia.domains.fleet.rules import quotas as quota_rules
from guanjia.domains.fleet.rules.times import day_of
from guanjia.domains.fleet.terms.cars import CarState, Use
from guanjia.domains.fleet.terms.disposals import UNDER_WAY, DisposalMethod
from guanjia.domains.fleet.terms.purchases import PurchaseKind, PurchaseState
from guanjia.domains.fleet.terms.stays import CameBy, LeftBy
from guanjia.domains.fleet.terms.trips import BOOKED_STATES
from guanjia.kernel.acts.changing import change, in_state, locked
from guanjia.kernel.audit import entering as ledgers
from guanjia.kernel.events import bus
from guanjia.kernel.registers import remarks
from guanjia.kernel.registers.terms import RemarkKind
from guanjia.kernel.regulations.lawbook import law_at
from guanjia.kernel.regulations.verdict import ALLOWED, Citation, Finding, Verdict, refuse
from guanjia.kernel.values.actor import Actor

REGISTER = "fleet.renewals"
_TAKEN_OVER = ("use", "body", "energy", "make", "displacement_l", "seats", "price_fen")
PURCHASES = reading.PURCHASES

Rows = Sequence[Mapping[str, Any]]


@transaction.atomic
def card_purchase(
    *,
    actor: Actor,
    purchase_id: int,
    car: Mapping[str, Any],
    method: DisposalMethod | None = None,
    document: str = "",
    at: datetime,
) -> Purchase:
    """Enter the car that was bought (登记新车); for a renewal the old car goes its way.

    ``car``: ``plate``, ``plate_colour``, ``vin``, ``registered_on``, ``keeping`` and other fields
    of ``Car``; what is not told is as it was agreed to. ``method``: how the old car is disposed of.
    Needs ``fleet.purchase.card``. On the day the new car is registered it comes onto the unit's
    books, and the old one leaves them, waits for its disposal and owes its plate. Publishes
    ``CarCarded``.
    """
    purchase: Purchase = locked(PURCHASES, actor=actor, verb=reading.CARD, pk=purchase_id)
    if purchase.new_car is not None and purchase.new_car.plate == car["plate"]:
        return purchase  # the same form twice
    in_state(PURCHASES, purchase, act="登记新车", to=PurchaseState.CARDED)
    facts = {name: getattr(purchase, name) for name in _TAKEN_OVER} | dict(car)
    document = document.strip() or purchase.document
    day, today = facts["registered_on"], day_of(at)
    _may_card(purchase, facts, document, today).enforce()
    old = _lock_old_car(purchase)
    _place(purchase, today, at).enforce()
    if old is not None:
        stays.leave(car=old, on=day, by=LeftBy.DISPOSAL)
    new = _entered(actor, purchase, facts, at)
    change(
        purchase,
        {
            "state": PurchaseState.CARDED, "state_note": "", "document": document,
            "new_car_id": new.pk, "carded_on": day, "holding": purchases.freed(purchase, on=day),
        },
        actor=actor, verb="fleet.purchase.carded", at=at,
        note=f"旧车 {old.plate} 出编待处置，号牌交回车管所" if old else "",
    )  # fmt: skip
    if old is not None:
        _send_off(actor, purchase, old, method or DisposalMethod.AUCTION, at)
    bus.publish(CarCarded(car_id=new.pk, purchase_id=purchase.pk))
    return purchase


def _may_card(purchase: Purchase, facts: Mapping[str, Any], document: str, today: date) -> Verdict:
    verdict = ALLOWED
    if not document:
        verdict += refuse(
            "document_missing", "没有批准文号。", "填批准购置的文号。", _own(), field="document"
        )
    if not (purchase.approved_on and purchase.make and purchase.energy):
        verdict += refuse(
            "not_whole", "更新台账没有写明批准日期、新车型号或能源类型。", "补全台账后再登记新车。",
            _own(),
        )  # fmt: skip
    day = facts["registered_on"]
    if day > today:
        verdict += refuse(
            "in_the_future", "登记日期还没有到。", "按行驶证填写。", _own(), field="registered_on"
        )
    if purchase.approved_on is not None and day < purchase.approved_on:
        verdict += refuse(
            "before_approval", f"登记日期早于批准日期 {purchase.approved_on:%Y-%m-%d}。",
            "先批准后购置；批准前已有的车在车辆台账登记。", _own(), field="registered_on",
        )  # fmt: skip
    taken = Car.objects.filter(plate=facts["plate"]).exists()
    if taken:
        verdict += refuse(
            "plate_taken", f"车辆台账中已有 {facts['plate']}。", "核对号牌号码。", _own(),
            field="plate",
        )  # fmt: skip
    owner = Car.objects.filter(vin=facts["vin"]).values_list("plate", flat=True).first()
    if owner is not None and not taken:
        verdict += refuse(
            "vin_taken", f"与 {owner} 的识别代号相同。", "核对车辆识别代号。", _own(), field="vin"
        )
    paid, agreed = facts["price_fen"], purchase.price_fen
    if paid is not None and agreed is not None and paid > agreed:
        verdict += refuse(
            "above_approved", f"购置价格高于批准的 {agreed / 1_000_000:.2f} 万元。",
            "按批准的价格购置，或重新报批。", _own(), field="price_wan",
        )  # fmt: skip
    return verdict


def _own() -> Citation:
    return Citation(title="新车按批准的购置登记", own=True)


def _lock_old_car(purchase: Purchase) -> Car | None:
    """The old car, locked; it may not be promised to a trip any more."""
    if purchase.old_car_id is None:
        return None
    old: Car = (
        Car.objects.select_for_update(of=("self",))
        .select_related("unit")
        .get(pk=purchase.old_car_id)
    )
    booked = old.trips.filter(state__in=BOOKED_STATES).first()
    if booked is not None:
        refuse(
            "car_booked", f"旧车 {old.plate} 还有 {booked.number} 没有办结。", "先改派或收车。",
            Citation(title="旧车出编前须收车", own=True),
        ).enforce()  # fmt: skip
    return old


def _place(purchase: Purchase, today: date, at: datetime) -> Verdict:
    """The place is still there: ledgers may have brought cars meanwhile."""
    if not purchases.needs_place(purchase, today):
        return ALLOWED
    standing = places.place_of(
        unit_id=purchase.unit_id, use=purchase.use, on=today, without=purchase.pk
    )
    return quota_rules.takes_a_place(
        standing=standing, unit_name=str(purchase.unit), use=Use(purchase.use), law=law_at(at)
    )


def _entered(actor: Actor, purchase: Purchase, facts: Mapping[str, Any], at: datetime) -> Car:
    row = {
        "odometer_km": 0,
        "terminal": "",
        **facts,
        "seats": facts["seats"] or 5,
        "unit": purchase.unit,
        "state": CarState.IN_USE,
    }
    entering.enter_cars(actor=actor, rows=[row], at=at)
    new: Car = Car.objects.get(plate=row["plate"])
    CarStay.objects.filter(car=new).update(came_by=CameBy.PURCHASE)
    return new


def _send_off(
    actor: Actor, purchase: Purchase, old: Car, method: DisposalMethod, at: datetime
) -> None:
    """The old car waits for its disposal, which sees to its plate."""
    if old.state == CarState.DISPOSED:
        return  # a ledger tells that it went before
    reason = f"{purchase.number} 已更新为 {purchase.new_car}，号牌待交回"
    disposals.set_aside(actor=actor, car=old, note=reason, at=at)
    if Disposal.objects.filter(car=old, state__in=UNDER_WAY).exists():
        return  # somebody began it already
    disposals.open_disposal(
        actor=actor, car_id=old.pk, method=method, reason=reason, purchase_id=purchase.pk, at=at
    )


# ── what ledgers state ─────────────────────────────────────────────────────────────────────


@transaction.atomic
def enter_renewals(*, actor: Actor, rows: Rows, at: datetime) -> tuple[int, int, int]:
    """Enter renewals that were approved, as a ledger states them: fields of ``Purchase``.

    Each row: ``old_car`` as an object, ``make``, ``use``, ``energy``, ``displacement_l``,
    ``price_fen``, ``approved_on``, ``document``; what is not known yet is empty and takes nothing
    away that is known. They are facts: what a rule would not have allowed becomes a finding.
    Needs ``fleet.purchase.enter``. Returns created, changed, unchanged.
    """
    actor.must(reading.ENTER)
    known = reading.renewals_of([row["old_car"].pk for row in rows])
    filled = []
    for row in rows:
        old, there = row["old_car"], known.get(row["old_car"].pk)
        if there is None:
            year = (row["approved_on"] or day_of(at)).year
            filled.append({**row, **_recorded(old), "number": purchases.new_number(year)})
        else:
            filled.append({**told(row), "number": there.number})
    entered = ledgers.enter(
        actor=actor, model=Purchase, key="number", rows=filled, verb="fleet.purchase.entered", at=at
    )
    remarks.raise_remarks(
        register=REGISTER,
        remarks=[
            remarks.Raised.of(object_id=purchase.pk, kind=RemarkKind.FINDING, finding=finding)
            for purchase in [*entered.created, *(each for each, _ in entered.updated)]
            for finding in findings(purchase)
        ],
        at=at,
    )
    return entered.counts()


def told(row: Mapping[str, Any]) -> dict[str, Any]:
    """What a row tells; an empty cell means 'not known' or 'not yet'."""
    return {name: value for name, value in row.items() if value not in (None, "")}


def _recorded(old: Car) -> dict[str, Any]:
    return {
        "kind": PurchaseKind.RENEWAL,
        "unit": old.unit,
        "state": PurchaseState.RECORDED,
        "reason": f"更新 {old.plate}",
    }


def findings(purchase: Purchase) -> list[Finding]:
    """What the rules would not have allowed of a renewal that a ledger tells of."""
    on, car = purchase.approved_on, purchase.facts()
    if on is None:
        return []
    found = [*rules.ceiling_findings(car=car, law=law_at(on))]
    if car.old_car is not None:
        found += rules.old_enough(old=car.old_car, on=on, law=law_at(on)).warnings
    return found
