"""垃圾分类投放点 and 垃圾清运台账: declared once."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import Count, Q, QuerySet, Sum
from django.utils import timezone

from guanjia.domains.energy.actions import waste as actions
from guanjia.domains.energy.models import WastePoint, WasteRemoval
from guanjia.domains.energy.queries import waste as queries
from guanjia.domains.energy.queries import work as working
from guanjia.domains.energy.registers.entry import of_institution
from guanjia.domains.energy.registers.works import AREA, WORDS, code, facts_of, name, unfit
from guanjia.domains.energy.terms.waste import WasteKind
from guanjia.kernel.registers.declaration import (
    Checked,
    Column,
    Filter,
    ImportRow,
    Kind,
    Register,
    View,
    Written,
)
from guanjia.kernel.registers.fields import of
from guanjia.kernel.values.actor import Actor

WEIGHT_MAX_KG = 100_000
UNKNOWN = f"没有“{{value}}”这一类，从{'、'.join(WasteKind.labels())}中选"


def _kinds(labels: Collection[str]) -> Mapping[str, WasteKind]:
    known = {kind.label: kind for kind in WasteKind}
    return {label: known[label] for label in labels if label in known}


def _kinds_of(row: Any) -> tuple[str, ...]:
    return tuple(WasteKind(kind).label for kind in row.kinds)


def _not_yet(register: Register, rows: Sequence[ImportRow], column: str) -> list[Any]:
    today = timezone.localdate()
    return [
        register.fault(row, column, "in_the_future", "日期还没有到")
        for row in rows
        if row.values[column] > today
    ]


def _check_points(rows: Sequence[ImportRow], actor: Actor) -> Checked:
    errors = unfit(POINTS, rows, actor, actions.TELL) + _not_yet(POINTS, rows, "since")
    errors += [
        POINTS.fault(row, "until", "ends_before", "停用晚于启用")
        for row in rows
        if row.values["until"] is not None and row.values["until"] <= row.values["since"]
    ]
    errors += [
        POINTS.fault(row, "kinds", "required_missing", "补填收哪几类")
        for row in rows
        if not row.values["kinds"]
    ]
    return Checked(errors=errors)


def _write_points(*, actor: Actor, rows: Sequence[ImportRow], at: datetime) -> Written:
    told = facts_of(rows, POINTS, "place", "kinds", "since", "until")
    for each in told:
        each["kinds"] = [kind.value for kind in WasteKind if kind in each["kinds"]]
    return Written.of(actions.enter_points(actor=actor, rows=told, at=at))


def _in_use(at: datetime) -> Q:
    return Q(until=None) | Q(until__gt=timezone.localdate(at))


POINTS = Register(
    key="energy.waste_points",
    title="垃圾分类投放点",
    noun="个",
    key_column="code",
    key_with=("name", "place"),
    columns=[
        code(),
        name(),
        of(WastePoint.place, example="东门岗亭旁"),
        Column(
            name="kinds",
            title="收哪几类",
            kind=Kind.REFERENCE,
            reference=_kinds,
            many=True,
            required=True,
            missing=UNKNOWN,
            missing_code="choice_unknown",
            value=_kinds_of,
            example="可回收物、其他垃圾",
        ),
        of(WastePoint.since),
        of(WastePoint.until),
    ],
    rows=queries.points,
    see=working.SEE,
    take=actions.TELL,
    filters=[AREA, WORDS],
    views=[View(key="now", title="在用", condition=_in_use), View(key="all", title="全部")],
    totals={"points": Count("pk")},
    order=("institution__position", "place"),
    check_rows=_check_points,
    write_rows=_write_points,
    place=655,
    url="energy:waste_points_list",
    entry=of_institution("登记投放点", today=("since",)),
)


# ── 清运台账 ─────────────────────────────────────────────────────────────────────────────


def _check_removals(rows: Sequence[ImportRow], actor: Actor) -> Checked:
    errors = unfit(REMOVALS, rows, actor, actions.TELL) + _not_yet(REMOVALS, rows, "on")
    return Checked(errors=errors)


def _write_removals(*, actor: Actor, rows: Sequence[ImportRow], at: datetime) -> Written:
    told = facts_of(rows, REMOVALS, "on", "kind", "weight_kg", "carrier")
    return Written.of(actions.enter_removals(actor=actor, rows=told, at=at))


def _of_kind(kind: WasteKind) -> Any:
    return lambda _: Q(kind=kind)


def _sums(rows: QuerySet[Any]) -> dict[str, Decimal]:
    return {"weight_kg": rows.aggregate(kg=Sum("weight_kg"))["kg"] or Decimal(0)}


REMOVALS = Register(
    key="energy.waste",
    title="垃圾清运台账",
    noun="次",
    key_column="code",
    key_with=("name", "on", "kind", "carrier"),
    columns=[
        code(),
        name(),
        of(WasteRemoval.on),
        of(WasteRemoval.kind),
        of(
            WasteRemoval.weight_kg,
            unit="kg",
            above=0,
            maximum=WEIGHT_MAX_KG,
            total="weight_kg",
            example="86.5",
        ),
        of(WasteRemoval.carrier, example="市环卫处"),
    ],
    rows=queries.removals,
    see=working.SEE,
    take=actions.TELL,
    filters=[
        Filter(name="kind", title="类别", kind="choice", choices=WasteKind, path="kind"),
        Filter(name="on", title="清运日期", kind="dates", path="on"),
        AREA,
        WORDS,
    ],
    views=[
        View(key="all", title="全部"),
        *(View(key=kind.lower(), title=kind.label, condition=_of_kind(kind)) for kind in WasteKind),
    ],
    totals={"times": Count("pk")},
    totals_of=_sums,
    order=("-on", "-pk"),
    order_name="on",
    order_down=True,
    check_rows=_check_removals,
    write_rows=_write_removals,
    place=656,
    url="energy:waste_list",
    entry=of_institution("登记清运", today=("on",)),
)
