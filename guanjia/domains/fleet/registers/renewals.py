"""公务用车更新审批: the renewals that were agreed to, declared once."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db.models import Count, Sum
from django.utils import timezone

from guanjia.domains.fleet.actions import carding
from guanjia.domains.fleet.models import Purchase
from guanjia.domains.fleet.queries import archive, purchases
from guanjia.domains.fleet.registers import notations
from guanjia.domains.fleet.rules import purchases as rules
from guanjia.domains.fleet.terms.cars import Energy, Use
from guanjia.domains.fleet.terms.purchases import OldCarFacts, PurchaseFacts, PurchaseState
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
from guanjia.kernel.regulations.lawbook import law_at
from guanjia.kernel.values.actor import Actor

_NO_ENGINE = (Energy.ELECTRIC, Energy.FUEL_CELL)


def _price_wan(purchase: Purchase) -> Decimal | None:
    return None if purchase.price_fen is None else Decimal(purchase.price_fen) / 1_000_000


def _plate(purchase: Purchase) -> str:
    return purchase.old_car.plate if purchase.old_car else ""


def _check(rows: Sequence[ImportRow], _: Actor) -> Checked:
    """What cannot be true of an approved renewal, and what is odd about it."""
    today = timezone.localdate()
    known = purchases.renewals_of([row.values["old_car"].pk for row in rows])
    errors: list[Fault] = []
    doubts: list[Fault] = []
    for row in rows:
        there = known.get(row.values["old_car"].pk)
        errors += _errors(row, there, today)
        doubts += _odd(row, there)
    return Checked(errors=errors, doubts=doubts)


def _errors(row: ImportRow, there: Purchase | None, today: date) -> Iterator[Fault]:
    renewal = row.values
    on = renewal["approved_on"]
    if on is not None and on > today:
        yield RENEWALS.fault(row, "approved_on", "in_the_future", "批准日期还没有到")
    if on is not None and on < renewal["old_car"].registered_on:
        yield RENEWALS.fault(row, "approved_on", "before_registration", "早于旧车的登记日期")
    if there is not None and there.state != PurchaseState.RECORDED and _differs(there, row):
        state = PurchaseState(there.state).label
        yield RENEWALS.fault(
            row, "old_car", "contradicts_known", f"已有更新 {there.number}，{state}，与这一行不同"
        )


def _differs(there: Purchase, row: ImportRow) -> bool:
    """What the row tells is not what is known; what it does not tell says nothing."""
    facts = carding.told(_facts(row.values, there))
    return any(getattr(there, name) != value for name, value in facts.items())


def _odd(row: ImportRow, there: Purchase | None) -> Iterator[Fault]:
    """What waits for an explanation: findings of the rules come from the action."""
    renewal = row.values
    if renewal["approved_on"] and not renewal["document"] and not (there and there.document):
        yield RENEWALS.fault(row, "document", "document_missing", "没有批准文号")
    if renewal["document"] and not renewal["approved_on"] and not (there and there.approved_on):
        sentence = "有批准文号，没有批准日期，不计入更新数"
        yield RENEWALS.fault(row, "approved_on", "approval_missing", sentence)
    if renewal["use"] is None and there is None:
        sentence = f"没有填，按旧车记为{Use(renewal['old_car'].use).label}"
        yield RENEWALS.fault(row, "use", "use_assumed", sentence)
    energy, engine = renewal["energy"], renewal["displacement_l"]
    if energy in _NO_ENGINE and engine:
        yield RENEWALS.fault(row, "displacement_l", "displacement_odd", "这种能源没有排气量")
    if energy is not None and energy not in _NO_ENGINE and not engine:
        sentence = f"{energy.label}车应有排气量"
        yield RENEWALS.fault(row, "displacement_l", "displacement_missing", sentence)
    for finding in _findings(renewal, there):
        yield RENEWALS.fault(row, finding.field, finding.code, finding.text())


def _findings(renewal: Mapping[str, Any], there: Purchase | None) -> list[Any]:
    """The same that the action hangs on the row, shown before it is written."""
    if renewal["approved_on"] is None:
        return []
    law, old = law_at(renewal["approved_on"]), renewal["old_car"]
    facts = _facts(renewal, there)
    car = PurchaseFacts(
        use=facts["use"] or Use(old.use),
        energy=renewal["energy"],
        price_fen=facts["price_fen"],
        displacement_l=facts["displacement_l"],
    )
    whose = OldCarFacts(
        plate=old.plate, registered_on=old.registered_on, use=Use(old.use), unit_id=old.unit_id
    )
    young = rules.old_enough(old=whose, on=renewal["approved_on"], law=law)
    return [*rules.ceiling_findings(car=car, law=law), *young.warnings]


def _facts(values: Mapping[str, Any], there: Purchase | None) -> dict[str, Any]:
    """The fields of a purchase; what is not known yet is empty.

    A car that is not chosen yet takes the place of the old one, so it is of its class.
    """
    facts = dict(values)
    price = facts.pop("price_wan")
    facts["price_fen"] = None if price is None else int(price * 1_000_000)
    facts["displacement_l"] = facts["displacement_l"] or None  # electric cars: 0
    if facts["use"] is None and there is None:
        facts["use"] = Use(facts["old_car"].use)
    return facts | {name: facts[name] or "" for name in ("document", "make", "energy")}


def _write(*, actor: Actor, rows: Sequence[ImportRow], at: datetime) -> Written:
    known = purchases.renewals_of([row.values["old_car"].pk for row in rows])
    facts = [_facts(row.values, known.get(row.values["old_car"].pk)) for row in rows]
    return Written.of(carding.enter_renewals(actor=actor, rows=facts, at=at))


def _state(rows: Any, value: str) -> Any:
    return rows.filter(state=value)


RENEWALS = Register(
    key="fleet.renewals",
    title="公务用车更新审批",
    noun="辆",
    key_column="old_car",
    columns=[
        of(Purchase.number, imported=False, link="fleet:purchase"),
        Column(
            name="old_car",
            title="旧车号牌号码",
            heading="旧车",
            kind=Kind.REFERENCE,
            reference=archive.cars_by_plate,
            clean=notations.plate,
            missing="车辆台账中没有 {value}",
            missing_code="car_unknown",
            required=True,
            unique=True,
            duplicate_code="renewed_twice",
            value=_plate,
            widget="fleet/cells/old_car.html",
            sort="old_car__plate",
            total="cars",
            total_words="共 {value} 辆",
            example="赣H12345",
        ),
        Column(
            name="unit_name",
            title="单位",
            path="unit.shown",
            imported=False,
            sort="unit__position",
        ),
        of(Purchase.make, title="新车品牌型号", heading="新车", clean=notations.optional),
        of(
            Purchase.use,
            title="新车车辆类别",
            heading="类别",
            clean=notations.use_or_nothing,
            required=False,
        ),
        of(Purchase.energy, title="新车能源类型", heading="能源", clean=notations.energy),
        of(
            Purchase.displacement_l,
            title="新车排气量(L)",
            unit="L",
            minimum=0,
            maximum=10,
            clean=notations.litres,
            fold=1,
            example="1.5",
        ),
        Column(
            name="price_wan",
            title="新车价格(万元)",
            heading="价格",
            unit="万元",
            kind=Kind.DECIMAL,
            value=_price_wan,
            above=0,
            maximum=10_000,
            places=4,
            clean=notations.wan,
            widget="fleet/cells/price_wan.html",
            sort="price_fen",
            example="14.98",
        ),
        of(Purchase.approved_on, clean=notations.optional),
        of(Purchase.document, clean=notations.optional, widget="fleet/cells/document.html"),
        of(Purchase.state, imported=False, widget="fleet/cells/purchase_state.html"),
    ],
    rows=purchases.renewals,
    see="fleet.purchase.see",
    take="fleet.purchase.enter",
    filters=[
        Filter(name="approved", title="批准日期", kind="dates", path="approved_on"),
        Filter(name="use", title="新车类别", kind="choice", choices=Use),
        Filter(name="energy", title="能源类型", kind="choice", choices=Energy),
        Filter(name="unit", title="单位", kind="unit", path="unit"),
        Filter(
            name="words",
            title="号牌、型号、文号",
            kind="text",
            path="old_car__plate,make,document,number",
        ),
    ],
    views=[
        View(key="all", title="全部"),
        View(
            key="waiting",
            title="待登记新车",
            apply=lambda rows, _: _state(rows, PurchaseState.AGREED),
        ),
    ],
    totals={"cars": Count("pk"), "price": Sum("price_fen")},
    order=("-approved_on", "-pk"),
    order_name="approved_on",
    order_down=True,
    check_rows=_check,
    write_rows=_write,
    place=340,
    url="fleet:renewals_list",
    create_url="fleet:purchase_request",
    create_label="申请更新购置",
    create_verb="fleet.purchase.request",
)
