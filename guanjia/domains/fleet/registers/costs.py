"""公务用车运行费用: declared once; receipts come in by it, and every source is seen in it."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import DecimalField, ExpressionWrapper, Q, Sum
from django.utils import timezone

from guanjia.domains.fleet.actions import costs as actions
from guanjia.domains.fleet.models import Car, Cost
from guanjia.domains.fleet.queries import archive
from guanjia.domains.fleet.queries import costs as queries
from guanjia.domains.fleet.queries.fuel import REGISTER
from guanjia.domains.fleet.registers.cars import upper
from guanjia.domains.fleet.rules import fuel, reimbursing
from guanjia.domains.fleet.terms.costs import (
    CostKind,
    CostSource,
    CostState,
    Full,
    Tripped,
)
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
from guanjia.kernel.registers.models import Remark
from guanjia.kernel.registers.terms import RemarkState
from guanjia.kernel.regulations.lawbook import law_at
from guanjia.kernel.regulations.verdict import ALLOWED
from guanjia.kernel.values.actor import Actor

_FEN = Decimal(100)
COUNTED = Q(state=CostState.COUNTED)


def amount_yuan(cost: Cost) -> Decimal:
    """The amount in yuan, exactly."""
    return Decimal(cost.amount_fen) / _FEN


def sum_yuan() -> Any:
    """The yuan of the rows that count."""
    return ExpressionWrapper(
        Sum("amount_fen", filter=COUNTED, default=0) * Decimal("0.01"),
        output_field=DecimalField(max_digits=16, decimal_places=2),
    )


def _full(cost: Cost) -> str | None:
    return None if cost.full is None else (Full.YES if cost.full else Full.NO)


def facts_of(row: Mapping[str, Any]) -> dict[str, Any]:
    """A ledger's row as the action takes it."""
    full = row["full"]
    return {
        "number": row["number"],
        "car": row["car"],
        "kind": row["kind"],
        "spent_on": row["spent_on"],
        "amount_fen": int(row["amount"] * _FEN),
        "litres": row["litres"],
        "kwh": row["kwh"],
        "full": None if full is None else full == Full.YES,
        "odometer_km": row["odometer_km"],
        "place": row["place"],
        "note": row["note"],
    }


def _check(rows: Sequence[ImportRow], actor: Actor) -> Checked:
    """What is not reimbursed, not one's own, or told by somebody else; what is odd."""
    today = timezone.localdate()
    known = queries.by_number([row.values["number"] for row in rows])
    cars = {row.values["car"].pk for row in rows}
    mine = set(
        Car.objects.within(actor.scope(actions.ENTER))
        .filter(pk__in=cars)
        .values_list("pk", flat=True)
    )
    errors: list[Fault] = []
    doubts: list[Fault] = []
    for row in rows:
        facts = facts_of(row.values)
        named = known.get(facts["number"])
        if named is not None and not actions.differences(named, facts):
            continue  # as it stands here already, whatever became of it
        if facts["car"].pk not in mine:
            errors.append(COSTS.fault(row, "car", "car_outside", "这辆车不在您的范围内"))
        if facts["spent_on"] > today:
            errors.append(COSTS.fault(row, "spent_on", "in_the_future", "这一天还没有到"))
        if named is not None and not _changeable(named):
            what = f"{CostSource(named.source).label}，{CostState(named.state).label}"
            sentence = f"这个号已有一笔（{what}），不能从台账改"
            errors.append(COSTS.fault(row, "number", "not_changeable", sentence))
        errors += _not_paid(row, facts)
        doubts += _odd(row, facts)
    return Checked(errors=errors, doubts=doubts)


def _changeable(cost: Cost) -> bool:
    return cost.source == CostSource.HAND and cost.state == CostState.COUNTED


def _not_paid(row: ImportRow, facts: Mapping[str, Any]) -> Iterator[Fault]:
    claim = actions.claim_of(facts)
    for finding in reimbursing.may_reimburse(facts=claim, law=law_at(facts["spent_on"])).refusals:
        yield COSTS.fault(row, "note", finding.code, finding.text())


def _odd(row: ImportRow, facts: Mapping[str, Any]) -> Iterator[Fault]:
    car, law, verdict = facts["car"], law_at(facts["spent_on"]), ALLOWED
    if facts["kind"] == CostKind.FUEL:
        if facts["litres"] is None:
            yield COSTS.fault(row, "litres", "litres_missing", "加油没有升数，油耗算不出")
        else:
            verdict += fuel.within_tank(litres=facts["litres"], tank_l=car.tank_l, plate=car.plate)
            verdict += fuel.usual_price(
                litres=facts["litres"], amount_fen=facts["amount_fen"], law=law
            )
    if facts["kind"] == CostKind.CHARGE and facts["kwh"] is not None:
        verdict += fuel.within_battery(
            kwh=facts["kwh"], battery_kwh=car.battery_kwh, plate=car.plate, law=law
        )
    for finding in verdict.warnings:
        yield COSTS.fault(row, finding.field, finding.code, finding.text())


def _write(*, actor: Actor, rows: Sequence[ImportRow], at: datetime) -> Written:
    facts = [facts_of(row.values) for row in rows]
    return Written.of(actions.enter_costs(actor=actor, rows=facts, at=at))


def with_words(rows: Any, words: str) -> Any:
    """Cars are looked up first: they are few, and the costs need no join then."""
    cars = list(Car.objects.filter(plate__icontains=upper(words)).values_list("pk", flat=True))
    return rows.filter(
        Q(car__in=cars)
        | Q(source_no__icontains=words)
        | Q(place__icontains=words)
        | Q(note__icontains=words)
    )


def tripped(rows: Any, value: str) -> Any:
    """Costs with or without a trip."""
    return rows.filter(trip__isnull=value == Tripped.WITHOUT)


def doubtful(_: datetime) -> Q:
    """Costs with a remark that waits for an explanation."""
    return Q(
        pk__in=Remark.objects.filter(register=REGISTER, state=RemarkState.OPEN).values("object_id")
    )


def is_counted(_: datetime) -> Q:
    """Costs that count."""
    return COUNTED


def _replaced(_: datetime) -> Q:
    return Q(state=CostState.REPLACED)


def _refused(_: datetime) -> Q:
    return Q(state__in=[CostState.REFUSED, CostState.VOID])


def car_column(**more: Any) -> Column:
    """The plate as ledgers write it, with or without dot and blanks."""
    return Column(
        name="car",
        title="号牌号码",
        kind=Kind.REFERENCE,
        reference=archive.cars_by_plate,
        clean=upper,
        missing="车辆台账中没有 {value}",
        missing_code="car_unknown",
        value=lambda cost: cost.car.plate,
        widget="fleet/cells/cost_plate.html",
        sort="car__plate",
        example="赣H12345",
        **more,
    )


def amount_column(title: str = "金额(元)") -> Column:
    """Money in yuan; its total is of what counts."""
    return Column(
        name="amount",
        title=title,
        heading="金额",
        unit="元",
        kind=Kind.DECIMAL,
        value=amount_yuan,
        minimum=0,
        maximum=10_000_000,
        places=2,
        required=True,
        total="amount",
        sort="amount_fen",
        example="311.00",
    )


COSTS = Register(
    key=REGISTER,
    title="公务用车运行费用",
    noun="笔",
    key_column="number",
    columns=[
        of(Cost.spent_on, link="fleet:cost"),
        car_column(required=True),
        of(Cost.kind, heading="类别"),
        of(Cost.state, imported=False, widget="ui/register/state.html"),
        amount_column(),
        of(
            Cost.litres,
            title="升数",
            heading="",
            unit="L",
            above=0,
            maximum=2_000,
            total="litres",
            example="48.50",
        ),
        of(Cost.kwh, unit="kWh", above=0, maximum=2_000, total="kwh", fold=1, example="36.20"),
        Column(name="full", title="加满", kind=Kind.CHOICE, choices=Full, value=_full, fold=1),
        of(Cost.odometer_km, title="里程表", heading="", unit="km", maximum=3_000_000, fold=1),
        of(Cost.place, sort=""),
        Column(
            name="trip",
            title="派车单号",
            heading="派车单",
            value=lambda cost: cost.trip.number if cost.trip else None,
            widget="fleet/cells/cost_trip.html",
            imported=False,
        ),
        Column(
            name="unit_name",
            title="承担单位",
            path="unit.shown",
            imported=False,
            sort="unit__position",
            fold=1,
        ),
        of(Cost.source, imported=False),
        Column(
            name="number",
            title="票据号",
            required=True,
            unique=True,
            max_length=60,
            duplicate_code="number_duplicate",
            fold=2,
            example="036022000111",
        ),
        of(Cost.note, fold=2, sort=""),
    ],
    rows=queries.costs,
    see="fleet.cost.see",
    take="fleet.cost.enter",
    filters=[
        Filter(name="spent", title="日期", kind="dates", path="spent_on"),
        Filter(name="kind", title="费用类别", kind="choice", choices=CostKind),
        Filter(name="unit", title="承担单位", kind="unit", path="unit"),
        Filter(name="words", title="号牌、票据、地点", kind="text", apply=with_words),
        Filter(name="source", title="来源", kind="choice", choices=CostSource),
        Filter(name="state", title="状态", kind="choice", choices=CostState, more=True),
        Filter(
            name="tripped", title="派车单", kind="choice", choices=Tripped, apply=tripped, more=True
        ),
    ],
    views=[
        View(key="counted", title="计入", condition=is_counted, count=False),
        View(key="doubts", title="待说明", condition=doubtful),
        View(key="replaced", title="已由对账单代替", condition=_replaced, count=False),
        View(key="refused", title="不予报销和作废", condition=_refused, count=False),
        View(key="all", title="全部", count=False),
    ],
    totals={
        "amount": sum_yuan(),
        "litres": Sum("litres", filter=COUNTED),
        "kwh": Sum("kwh", filter=COUNTED),
    },
    order=("-spent_on", "-pk"),
    order_name="spent_on",
    order_down=True,
    check_rows=_check,
    write_rows=_write,
    place=350,
    url="fleet:costs_list",
    create_url="fleet:cost_new",
    create_label="登记费用",
    create_verb="fleet.cost.enter",
)
