"""交通事故台账: declared once."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.db.models import Q
from django.utils import timezone

from guanjia.domains.fleet.actions import incidents as actions
from guanjia.domains.fleet.models import Accident, Trip
from guanjia.domains.fleet.queries import archive
from guanjia.domains.fleet.queries import upkeep as queries
from guanjia.domains.fleet.registers import upkeep_parts as parts
from guanjia.domains.fleet.rules import upkeep as rules
from guanjia.domains.fleet.terms.upkeep import Blame, LossFacts
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

SEE, ENTER = "fleet.fine.see", "fleet.fine.enter"
_COLUMN_OF = {"blame": "blame", "loss": "loss"}


def _check(rows: Sequence[ImportRow], actor: Actor) -> Checked:
    today = timezone.localdate()
    errors = list(
        parts.outside(register=ACCIDENTS, rows=rows, actor=actor, verb=ENTER, model=Accident)
    )
    errors += [fault for row in rows for fault in _alone(row, today)]
    ran = queries.trips_at((row.values["car"].pk, row.values["at"]) for row in rows)
    doubts = [
        ACCIDENTS.fault(row, "at", "accident_without_trip", "这个时间这辆车没有派车单")
        for row in rows
        if (row.values["car"].pk, row.values["at"]) not in ran
    ]
    return Checked(errors=errors, doubts=doubts)


def _alone(row: ImportRow, today: date) -> Iterator[Fault]:
    accident = row.values
    yield from parts.not_yet(register=ACCIDENTS, row=row, names=["at", "closed_on"], today=today)
    if accident["closed_on"] is None:
        return
    if accident["closed_on"] < timezone.localtime(accident["at"]).date():
        yield ACCIDENTS.fault(row, "closed_on", "ends_before_it_begins", "结案早于事故")
    loss = LossFacts(
        blame=accident["blame"],
        loss_fen=parts.fen(accident["loss"]),
        insurer_fen=parts.fen(accident["insurer"]),
        self_fen=parts.fen(accident["self"]),
    )
    for finding in rules.may_close(loss=loss).refusals:
        sentence = finding.text().rstrip("。")
        yield ACCIDENTS.fault(row, _COLUMN_OF[finding.field], finding.code, sentence)


def _write(*, actor: Actor, rows: Sequence[ImportRow], at: datetime) -> Written:
    facts = [_facts(row.values) for row in rows]
    return Written.of(actions.enter_accidents(actor=actor, rows=facts, at=at))


def _facts(values: Mapping[str, Any]) -> dict[str, Any]:
    facts = dict(values)
    for name in ("loss", "insurer", "self"):
        facts[f"{name}_fen"] = parts.fen(facts.pop(name))
    return facts


ACCIDENTS = Register(
    key="fleet.accidents",
    title="交通事故台账",
    noun="起",
    key_column="number",
    columns=[
        parts.number_column(Accident.number, link="fleet:accident", example="SG202000003"),
        parts.car_column(),
        parts.unit_column(),
        of(Accident.at),
        of(Accident.place),
        of(Accident.what, fold=1, sort=""),
        of(
            Accident.driver,
            path="driver.name",
            reference=archive.drivers_by_name,
            missing="驾驶员名册中没有 {value}，或有同名，改填驾驶员编号",
            missing_code="driver_unknown",
            sort="driver__name",
        ),
        of(
            Trip.number,
            name="trip_number",
            path="trip.number",
            imported=False,
            widget="fleet/cells/fine_trip.html",
            sort="",
        ),
        of(Accident.blame),
        parts.money("loss", "损失金额", field="loss_fen"),
        parts.money("insurer", "保险赔付", field="insurer_fen"),
        parts.money("self", "自付金额", field="self_fen"),
        of(Accident.closed_on, widget="fleet/cells/accident_closed.html"),
        parts.note_column(Accident.note),
    ],
    rows=queries.accidents,
    see=SEE,
    take=ENTER,
    filters=[
        Filter(name="at", title="事故日期", kind="dates", path="at"),
        Filter(name="blame", title="责任认定", kind="choice", choices=Blame),
        parts.unit_filter(),
        Filter(
            name="words",
            title="号牌、编号、地点",
            kind="text",
            path="car__plate,number,place,what,driver__name",
        ),
    ],
    views=[
        View(key="all", title="全部"),
        View(key="open", title="未结案", condition=lambda _: Q(closed_on=None)),
    ],
    totals={
        "loss_fen": parts.total("loss_fen"),
        "insurer_fen": parts.total("insurer_fen"),
        "self_fen": parts.total("self_fen"),
    },
    order=("-at", "-pk"),
    order_name="at",
    order_down=True,
    check_rows=_check,
    write_rows=_write,
    place=385,
    url="fleet:accidents_list",
    create_url="fleet:accident_new",
    create_label="登记事故",
    create_verb=ENTER,
)
