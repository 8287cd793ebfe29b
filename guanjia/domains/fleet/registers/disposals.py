"""公务用车处置登记: what is disposed of and what waits for it, declared once."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db.models import DecimalField, ExpressionWrapper, Q, Sum, Value
from django.utils import timezone

from guanjia.domains.fleet.actions import disposal_ledgers
from guanjia.domains.fleet.actions.disposal_ledgers import Known
from guanjia.domains.fleet.models import Car, Disposal
from guanjia.domains.fleet.queries import archive
from guanjia.domains.fleet.queries import disposals as reading
from guanjia.domains.fleet.registers import notations
from guanjia.domains.fleet.rules import disposals as rules
from guanjia.domains.fleet.terms.disposals import (
    REMOVALS,
    DisposalFacts,
    DisposalMethod,
    DisposalState,
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
from guanjia.kernel.regulations.lawbook import law_at
from guanjia.kernel.values.actor import Actor

SEE, ENTER, DEAL = "fleet.disposal.see", "fleet.disposal.enter", "fleet.disposal.deal"
_FEN = 100
_SUM = ExpressionWrapper(
    Sum("proceeds_fen") / Value(Decimal(_FEN)),
    output_field=DecimalField(max_digits=14, decimal_places=2),
)


def _yuan(fen: int | None) -> Decimal | None:
    return None if fen is None else (Decimal(fen) / _FEN).quantize(Decimal("0.01"))


def money(name: str) -> Callable[[Any], Decimal | None]:
    """The value of a column: a sum of money of the row, in yuan."""
    return lambda row: _yuan(getattr(row, name))


# ── what a ledger may tell ───────────────────────────────────────────────────────────────


def _check(rows: Sequence[ImportRow], actor: Actor) -> Checked:
    """Days that cannot be, cars that are gone or out of reach; what should not be so is a doubt."""
    today = timezone.localdate()
    ids = {row.values["car"].pk for row in rows}
    reach = set(
        Car.objects.within(actor.scope(ENTER)).filter(pk__in=ids).values_list("pk", flat=True)
    )
    known = disposal_ledgers.known_of(ids)
    gone = {
        row.values["car"].pk: row.values["disposed_on"]
        for row in rows
        if _removes(row) and row.values["disposed_on"]
    }
    after = reading.trips_after(gone)
    errors: list[Fault] = list(_twice(rows))
    doubts: list[Fault] = []
    named = {fault.row for fault in errors}
    for row in rows:
        if row.number in named:
            continue
        car = row.values["car"]
        there = known[car.pk]
        left_on = gone.get(car.pk) or (there.removed.disposed_on if there.removed else None)
        faults = [*_days(row, today), *_beside_known(row, there, left_on)]
        if car.pk not in reach:
            sentence = f"{car.plate}不在您的范围内"
            faults.append(DISPOSALS.fault(row, "car", "outside", sentence))
        errors += faults
        if not faults:
            doubts += _doubts(row, there, after.get(car.pk))
    return Checked(errors=errors, doubts=doubts)


def _removes(row: ImportRow) -> bool:
    return row.values["method"] in REMOVALS


def _twice(rows: Sequence[ImportRow]) -> Iterator[Fault]:
    """A car is disposed of once, however the rows say it; a transfer may come before."""
    first: dict[int, int] = {}
    for row in rows:
        if _removes(row):
            number = first.setdefault(row.values["car"].pk, row.number)
            if number != row.number:
                sentence = f"与第 {number} 行是同一辆车，一辆车只处置一次"
                yield DISPOSALS.fault(row, "car", "plate_duplicate", sentence)


def _days(row: ImportRow, today: date) -> Iterator[Fault]:
    told, car = row.values, row.values["car"]
    on, approved = told["disposed_on"], told["approved_on"]
    if on is not None and on > today:
        yield DISPOSALS.fault(row, "disposed_on", "in_the_future", "处置日期还没有到")
    if on is not None and on < car.registered_on:
        sentence = f"早于这辆车的登记日期 {car.registered_on:%Y-%m-%d}"
        yield DISPOSALS.fault(row, "disposed_on", "before_registered", sentence)
    if approved is not None and approved > today:
        yield DISPOSALS.fault(row, "approved_on", "in_the_future", "批准日期还没有到")


def _beside_known(row: ImportRow, there: Known, left_on: date | None) -> Iterator[Fault]:
    """What cannot be true beside what is known of this car."""
    facts = _facts(row.values)
    on, method = facts["disposed_on"], facts["method"]
    old, removes = there.told_before(facts), _removes(row)
    if not removes and on is not None and left_on is not None and on > left_on:
        sentence = f"{left_on:%Y-%m-%d} 已处置，不能再划转"
        yield DISPOSALS.fault(row, "method", "gone", sentence)
    moved = [each.disposed_on for each in there.moved if each.disposed_on]
    if removes and on is not None and moved and on < max(moved):
        sentence = f"{max(moved):%Y-%m-%d} 还划转过，不会更早处置"
        yield DISPOSALS.fault(row, "disposed_on", "before_transfer", sentence)
    if there.is_behind(facts):
        return
    waiting = there.under_way
    if old is None and on is None and waiting is not None:
        sentence = f"{waiting.number}{waiting.get_method_display()}在办，先办完或取消"
        yield DISPOSALS.fault(row, "method", "under_way", sentence)
    if old is not None and old.method != method and (old.lot_id or (on is None and old.asked_at)):
        sentence = f"{old.number}按{old.get_method_display()}办理，先取消再改处置方式"
        yield DISPOSALS.fault(row, "method", "contradicts_known", sentence)
    paid = facts["proceeds_fen"]
    covered = old is not None and old.payment_id is not None and paid is not None
    if covered and old is not None and paid != old.proceeds_fen:
        sentence = f"已随批次缴库 {rules.yuan(old.proceeds_fen or 0)}，不能改"
        yield DISPOSALS.fault(row, "proceeds_fen", "covered", sentence)


def _doubts(row: ImportRow, there: Known, after: Any) -> Iterator[Fault]:
    facts = _facts(row.values)
    if there.is_behind(facts):
        old = there.removed or there.told_before(facts)
        day = f"{old.disposed_on:%Y-%m-%d} " if old and old.disposed_on else ""
        sentence = f"{day}已处置，这一行没有处置日期，不改"
        yield DISPOSALS.fault(row, "disposed_on", "disposed_already", sentence)
        return
    if not _removes(row):
        yield from _transfer_doubts(row, facts, there)
        return
    car = facts.pop("car")
    disposal = DisposalFacts(plate=car.plate, registered_on=car.registered_on, **facts)
    on = facts["disposed_on"]
    law = law_at(on or facts["approved_on"] or timezone.localdate())
    findings = list(rules.ledger_doubts(disposal=disposal, law=law).warnings)
    if on is not None and after is not None:
        findings += rules.trip_after(
            plate=car.plate,
            disposed_on=on,
            number=after.number,
            went_on=timezone.localdate(after.went_at),
        ).warnings
    for finding in findings:
        cite = finding.cite.line() if finding.cite else ""
        sentence = f"{finding.text()}{cite}"
        yield DISPOSALS.fault(row, finding.field, finding.code, sentence)


def _transfer_doubts(row: ImportRow, facts: Mapping[str, Any], there: Known) -> Iterator[Fault]:
    """A ledger does not tell to whom a car goes; what was asked for here does."""
    if facts["proceeds_fen"]:
        yield DISPOSALS.fault(row, "proceeds_fen", "transfer_brings", "划转没有收入，核对处置方式")
    old = there.told_before(facts)
    if old is not None and old.to_unit_id is not None:
        return
    if facts["disposed_on"] is None:
        sentence = "台账没有接收单位；办理时重新申请划转，写明接收单位"
    else:
        sentence = "台账没有接收单位，车仍在原单位在编；在车辆台账改使用单位"
    yield DISPOSALS.fault(row, "method", "transfer_to", sentence)


def _facts(values: Mapping[str, Any]) -> dict[str, Any]:
    facts = dict(values)
    proceeds = facts["proceeds_fen"]
    facts["proceeds_fen"] = None if proceeds is None else int(proceeds * _FEN)
    return facts | {name: facts[name] or "" for name in ("document", "receipt")}


def _write(*, actor: Actor, rows: Sequence[ImportRow], at: datetime) -> Written:
    facts = [_facts(row.values) for row in rows]
    return Written.of(disposal_ledgers.enter_disposals(actor=actor, rows=facts, at=at))


def _in(*states: DisposalState) -> Any:
    return lambda _: Q(state__in=states)


DISPOSALS = Register(
    key="fleet.disposals",
    title="公务用车处置登记",
    noun="辆",
    key_column="car",
    key_with=("disposed_on",),
    columns=[
        of(
            Disposal.car,
            title="号牌号码",
            path="car.plate",
            reference=archive.cars_by_plate,
            clean=notations.plate,
            missing="车辆台账中没有 {value}",
            missing_code="car_unknown",
            unique=True,
            duplicate_code="plate_duplicate",
            link="fleet:disposal",
            widget="fleet/cells/disposal_plate.html",
            sort="car__plate",
            example="赣H12345",
        ),
        of(Disposal.number, imported=False, fold=2),
        of(Disposal.state, imported=False, widget="fleet/cells/disposal_state.html"),
        of(Disposal.method, clean=notations.method),
        Column(
            name="unit_name",
            title="单位",
            path="unit.shown",
            imported=False,
            sort="unit__position",
        ),
        of(
            Disposal.document,
            clean=notations.optional,
            widget="fleet/cells/document.html",
            example="景机管处〔2020〕1号",
        ),
        of(Disposal.approved_on, clean=notations.optional),
        of(Disposal.disposed_on, clean=notations.optional),
        Column(
            name="valuation",
            title="估值(元)",
            heading="估值",
            unit="元",
            kind=Kind.DECIMAL,
            imported=False,
            value=money("valuation_fen"),
            sort="valuation_fen",
            fold=2,
        ),
        Column(
            name="proceeds_fen",
            title="处置收入(元)",
            heading="处置收入",
            unit="元",
            kind=Kind.DECIMAL,
            value=money("proceeds_fen"),
            widget="fleet/cells/disposal_proceeds.html",
            minimum=0,
            maximum=100_000_000,
            places=2,
            clean=notations.yuan,
            sort="proceeds_fen",
            total="proceeds",
        ),
        of(Disposal.receipt, clean=notations.optional),
        Column(
            name="lot",
            title="批次",
            path="lot.title",
            imported=False,
            sort="lot__title",
            fold=2,
        ),
        of(Disposal.buyer, imported=False, fold=2, sort=""),
    ],
    rows=reading.disposals,
    see=SEE,
    take=ENTER,
    filters=[
        Filter(name="method", title="处置方式", kind="choice", choices=DisposalMethod),
        Filter(name="unit", title="单位", kind="unit", path="unit"),
        Filter(name="disposed", title="处置日期", kind="dates", path="disposed_on"),
        Filter(
            name="words",
            title="号牌、文号、凭证",
            kind="text",
            path="car__plate,number,document,receipt",
        ),
        Filter(name="state", title="状态", kind="choice", choices=DisposalState, more=True),
        Filter(name="approved", title="批准日期", kind="dates", path="approved_on", more=True),
        Filter(name="lot", title="批次", kind="text", path="lot__title", more=True),
    ],
    views=[
        View(key="all", title="全部"),
        View(
            key="asked",
            title="报批中",
            condition=_in(
                DisposalState.DRAFT,
                DisposalState.VALUED,
                DisposalState.PENDING,
                DisposalState.RETURNED,
                DisposalState.WITHDRAWN,
            ),
        ),
        View(key="agreed", title="待处置", condition=_in(DisposalState.AGREED)),
        View(
            key="to_pay",
            title="待缴库",
            condition=lambda _: Q(state=DisposalState.DEALT, proceeds_fen__gt=0),
        ),
        View(
            key="to_finish",
            title="待办结",
            condition=lambda _: (
                Q(state=DisposalState.PAID)
                | Q(state=DisposalState.DEALT) & (Q(proceeds_fen=None) | Q(proceeds_fen=0))
            ),
        ),
        View(key="done", title="已办结", condition=_in(DisposalState.DONE)),
    ],
    totals={"proceeds": _SUM},
    order=("-disposed_on", "-pk"),
    order_name="disposed_on",
    order_down=True,
    check_rows=_check,
    write_rows=_write,
    place=350,
    url="fleet:disposals_list",
    create_url="fleet:disposal_new",
    create_label="申请处置",
    create_verb="fleet.disposal.request",
)
