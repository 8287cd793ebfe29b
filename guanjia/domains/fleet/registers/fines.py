"""交通违法台账: declared once."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count, Q, Sum
from django.utils import timezone

from guanjia.domains.fleet.actions import incidents as actions
from guanjia.domains.fleet.models import Fine, Trip
from guanjia.domains.fleet.queries import archive
from guanjia.domains.fleet.queries import upkeep as queries
from guanjia.domains.fleet.registers import upkeep_parts as parts
from guanjia.domains.fleet.rules import upkeep as rules
from guanjia.domains.fleet.terms.upkeep import PaidBy
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
from guanjia.kernel.regulations.lawbook import law_at
from guanjia.kernel.values.actor import Actor

SEE, ENTER = "fleet.fine.see", "fleet.fine.enter"
_TWELVE = 12  # points a licence has


def _check(rows: Sequence[ImportRow], actor: Actor) -> Checked:
    today = timezone.localdate()
    errors = list(parts.outside(register=FINES, rows=rows, actor=actor, verb=ENTER, model=Fine))
    errors += [fault for row in rows for fault in _alone(row, today)]
    ran = queries.trips_at((row.values["car"].pk, row.values["at"]) for row in rows)
    doubts = [
        FINES.fault(row, "at", "fine_without_trip", "这个时间这辆车没有派车单")
        for row in rows
        if (row.values["car"].pk, row.values["at"]) not in ran
    ]
    return Checked(errors=errors, doubts=doubts)


def _alone(row: ImportRow, today: date) -> Iterator[Fault]:
    fine = row.values
    yield from parts.not_yet(register=FINES, row=row, names=["at", "handled_on"], today=today)
    if fine["paid_by"] is PaidBy.PUBLIC:
        (finding,) = rules.fine_is_paid_by(paid_by=PaidBy.PUBLIC, law=law_at(fine["at"])).refusals
        line = finding.cite.line() if finding.cite else ""
        sentence = f"{finding.headline.rstrip('。')}。{line}"
        yield FINES.fault(row, "paid_by", finding.code, sentence)
    if (fine["handled_on"] is None) != (fine["paid_by"] is None):
        sentence = "处理日期和缴款人要一起填，没有处理的都不填"
        yield FINES.fault(row, "paid_by", "payer_missing", sentence)
    if fine["handled_on"] and fine["handled_on"] < timezone.localtime(fine["at"]).date():
        yield FINES.fault(row, "handled_on", "ends_before_it_begins", "处理早于违法")


def _write(*, actor: Actor, rows: Sequence[ImportRow], at: datetime) -> Written:
    facts = [_facts(row.values) for row in rows]
    return Written.of(actions.enter_fines(actor=actor, rows=facts, at=at))


def _facts(values: Mapping[str, Any]) -> dict[str, Any]:
    facts = dict(values)
    facts["amount_fen"] = parts.fen(facts.pop("amount"))
    facts["points"] = facts["points"] or 0
    facts["paid_by"] = facts["paid_by"] or ""
    return facts


def _waits(_: datetime) -> Q:
    return Q(handled_on=None)


def _late(at: datetime) -> Q:
    """Not handled, and the last day for it has passed."""
    today = timezone.localdate(at)
    days = int(law_at(today)["fleet.fine.handle_days"].value)
    first = today - timedelta(days=days)
    begin = timezone.make_aware(datetime.combine(first, datetime.min.time()))
    return Q(handled_on=None, at__lt=begin)


FINES = Register(
    key="fleet.fines",
    title="交通违法台账",
    noun="起",
    key_column="number",
    columns=[
        parts.number_column(Fine.number, link="fleet:fine", example="360202194012345"),
        parts.car_column(),
        parts.unit_column(),
        of(Fine.at),
        of(Fine.place),
        of(Fine.what),
        of(Fine.points, maximum=_TWELVE, total="points"),
        parts.money("amount", "罚款", field="amount_fen", required=True),
        of(
            Fine.driver,
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
            total="unmatched",
            total_words="{value} 起无派车单",
            sort="",
        ),
        of(
            Fine.handled_on,
            widget="fleet/cells/fine_handled.html",
            total="waiting",
            total_words="{value} 起未处理",
        ),
        of(Fine.paid_by, fold=1, sort=""),
        of(Fine.payer, fold=2, sort=""),
        parts.note_column(Fine.note),
    ],
    rows=queries.fines,
    see=SEE,
    take=ENTER,
    filters=[
        Filter(name="at", title="违法日期", kind="dates", path="at"),
        parts.unit_filter(),
        Filter(
            name="words",
            title="号牌、编号、地点",
            kind="text",
            path="car__plate,number,place,what,driver__name",
        ),
        Filter(name="paid_by", title="缴款人", kind="choice", choices=PaidBy, more=True),
    ],
    views=[
        View(key="all", title="全部"),
        View(key="waiting", title="未处理", condition=_waits),
        View(key="late", title="逾期未处理", condition=_late),
        View(key="unmatched", title="没有派车单", condition=lambda _: Q(trip=None)),
    ],
    totals={
        "points": Sum("points"),
        "amount_fen": parts.total("amount_fen"),
        "unmatched": Count("pk", filter=Q(trip=None)),
        "waiting": Count("pk", filter=Q(handled_on=None)),
    },
    order=("-at", "-pk"),
    order_name="at",
    order_down=True,
    check_rows=_check,
    write_rows=_write,
    place=380,
    url="fleet:fines_list",
    create_url="fleet:fine_new",
    create_label="登记违法",
    create_verb=ENTER,
)
