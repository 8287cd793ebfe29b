"""车辆检验台账: declared once."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.db.models import Q
from django.utils import timezone

from guanjia.domains.fleet.actions import upkeep as actions
from guanjia.domains.fleet.models import Inspection
from guanjia.domains.fleet.queries import upkeep as queries
from guanjia.domains.fleet.registers import upkeep_parts as parts
from guanjia.domains.fleet.terms.upkeep import Passed
from guanjia.kernel.registers.declaration import (
    Checked,
    Fault,
    Filter,
    ImportRow,
    Register,
    View,
    Written,
)
from guanjia.kernel.registers.fields import of
from guanjia.kernel.values.actor import Actor

SEE, ENTER = "fleet.upkeep.see", "fleet.upkeep.enter"


def _check(rows: Sequence[ImportRow], actor: Actor) -> Checked:
    today = timezone.localdate()
    errors = list(
        parts.outside(register=INSPECTIONS, rows=rows, actor=actor, verb=ENTER, model=Inspection)
    )
    errors += [fault for row in rows for fault in _alone(row, today)]
    return Checked(errors=errors)


def _alone(row: ImportRow, today: date) -> Iterator[Fault]:
    """What cannot be true of one row."""
    passed, end = row.values["result"] is Passed.PASSED, row.values["valid_until"]
    yield from parts.not_yet(register=INSPECTIONS, row=row, names=["on"], today=today)
    if passed and end is None:
        yield INSPECTIONS.fault(row, "valid_until", "required_missing", "合格的要填检验有效期止")
    if not passed and end is not None:
        sentence = "不合格的没有检验有效期"
        yield INSPECTIONS.fault(row, "valid_until", "contradicts_result", sentence)
    if end is not None and end < row.values["on"]:
        sentence = "检验有效期止早于检验日期"
        yield INSPECTIONS.fault(row, "valid_until", "ends_before_it_begins", sentence)


def _write(*, actor: Actor, rows: Sequence[ImportRow], at: datetime) -> Written:
    facts = [_facts(row.values) for row in rows]
    return Written.of(actions.enter_inspections(actor=actor, rows=facts, at=at))


def _facts(values: Mapping[str, Any]) -> dict[str, Any]:
    facts = dict(values)
    facts["fee_fen"] = parts.fen(facts.pop("fee"))
    return facts


INSPECTIONS = Register(
    key="fleet.inspections",
    title="车辆检验台账",
    noun="次",
    key_column="number",
    columns=[
        parts.number_column(Inspection.number, example="JY202000012"),
        parts.car_column(),
        parts.unit_column(),
        of(Inspection.on),
        of(Inspection.result, widget="fleet/cells/passed.html"),
        of(Inspection.valid_until),
        of(Inspection.station),
        parts.money("fee", "检验费", field="fee_fen", required=True),
        parts.note_column(Inspection.note),
    ],
    rows=queries.inspections,
    see=SEE,
    take=ENTER,
    filters=[
        Filter(name="on", title="检验日期", kind="dates", path="on"),
        Filter(name="result", title="检验结论", kind="choice", choices=Passed),
        parts.unit_filter(),
        Filter(name="words", title="号牌、编号、机构", kind="text",
               path="car__plate,number,station"),
        Filter(name="until", title="检验有效期止", kind="dates", path="valid_until", more=True),
    ],
    views=[
        View(key="all", title="全部"),
        View(key="failed", title="不合格", condition=lambda _: Q(result=Passed.FAILED)),
    ],
    totals={"fee_fen": parts.total("fee_fen")},
    order=("-on", "-pk"),
    order_name="on",
    order_down=True,
    check_rows=_check,
    write_rows=_write,
    place=365,
    url="fleet:inspections_list",
    create_url="fleet:inspection_new",
    create_label="登记检验",
    create_verb=ENTER,
)  # fmt: skip
