"""办公用房腾退: rooms that units give back, until when, and what became of it; it writes itself."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import BooleanField, ExpressionWrapper, Q
from django.utils import timezone

from guanjia.domains.space.models import Clearance
from guanjia.domains.space.queries import clearances as reading
from guanjia.domains.space.terms.clearances import (
    STANDING,
    WITH_UNIT,
    ClearanceReason,
    ClearanceState,
)
from guanjia.kernel.registers.declaration import Column, Filter, Kind, Register, View
from guanjia.kernel.registers.fields import of
from guanjia.kernel.values.actor import Scope


def _rows(scope: Scope) -> Any:
    late = Q(state__in=WITH_UNIT, due_on__lt=timezone.localdate())
    return reading.clearances(scope).annotate(is_late=ExpressionWrapper(late, BooleanField()))


def _is(*states: ClearanceState) -> Any:
    return lambda _: Q(state__in=states)


def _late(at: datetime) -> Q:
    return Q(state__in=WITH_UNIT, due_on__lt=timezone.localdate(at))


def _m2(row: Any) -> Decimal | None:
    found: Decimal | None = row.m2
    return found


CLEARANCES = Register(
    key="space.clearances",
    title="办公用房腾退",
    noun="件",
    key_column="number",
    columns=[
        of(Clearance.number, link="space:clearance", max_length=200),
        of(Clearance.state, widget="ui/register/state.html", required=False),
        Column(name="unit_name", title="单位", path="unit.shown", sort="unit__position"),
        of(Clearance.reason, required=False),
        Column(name="places", title="房间", unit="间", kind=Kind.INTEGER, sort="places"),
        Column(name="m2", title="使用面积", unit="㎡", kind=Kind.DECIMAL, value=_m2, sort="m2"),
        of(Clearance.begins_on, fold=1, required=False),
        of(Clearance.due_on, required=False),
        of(Clearance.handed_back_on, fold=1),
        of(Clearance.accepted_on, fold=1),
        Column(name="person", title="涉及人员", path="person.name", fold=2),
        Column(name="allocation", title="有关调配", path="allocation.number", fold=2),
        of(Clearance.note, fold=2, sort=""),
    ],
    rows=_rows,
    see=reading.SEE,
    take="space.allocation.accept",  # nobody takes clearances in; a register names a verb
    filters=[
        Filter(
            name="reason", title="腾退原因", kind="choice", choices=ClearanceReason, path="reason",
        ),
        Filter(name="unit", title="单位", kind="unit", path="unit"),
        Filter(name="words", title="单号、说明", kind="text", path="number,note"),
        Filter(name="due", title="腾退期限", kind="dates", path="due_on"),
        Filter(
            name="state", title="状态", kind="choice", choices=ClearanceState, path="state",
            more=True,
        ),
    ],
    views=[
        View(key="standing", title="在办", condition=_is(*STANDING)),
        View(key="late", title="逾期", condition=_late),
        View(key="handed_back", title="待接收", condition=_is(ClearanceState.HANDED_BACK)),
        View(key="done", title="已接收", condition=_is(ClearanceState.DONE)),
        View(key="all", title="全部"),
    ],
    order=("due_on", "pk"),
    order_name="due_on",
    place=920,
    url="space:clearances_list",
    create_url="space:clearance_new",
    create_label="发起腾退",
    create_verb="space.allocation.accept",
)  # fmt: skip
