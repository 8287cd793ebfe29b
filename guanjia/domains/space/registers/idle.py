"""闲置用房台账: the empty rooms as they stood on a day; it writes itself from the ledger."""

from datetime import date, datetime
from typing import Any

from django.db.models import Count, Q, Sum
from django.utils import timezone

from guanjia.domains.space.models import Building, Compound, Room
from guanjia.domains.space.queries import buildings, idle
from guanjia.domains.space.terms.disposals import IdleCause, IdlePlan
from guanjia.domains.space.terms.ledger import RoomKind
from guanjia.kernel.registers.declaration import Column, Filter, Kind, Register, View
from guanjia.kernel.registers.fields import of
from guanjia.kernel.regulations.lawbook import law_at
from guanjia.kernel.values.actor import Scope

LONG_DAYS = "space.idle.long_days"


def long_days(day: date) -> int:
    """How many days make a room long empty, by the bureau's own parameter."""
    return int(law_at(day)[LONG_DAYS].value)


def _rows(scope: Scope) -> Any:
    return _rows_on(scope, timezone.localdate())


def _rows_on(scope: Scope, day: date) -> Any:
    return idle.idle(day=day, scope=scope)


def _days(row: Any) -> int | None:
    return None if row.since is None else (row.asked - row.since).days


def _term(row: Any, name: str, term: type[IdleCause] | type[IdlePlan]) -> str:
    value = getattr(row, name)
    return term(value).label if value else ""


def _long(at: datetime) -> Q:
    day = timezone.localdate(at)
    return idle.long_idle(day=day, days=long_days(day))


def _untold(_: datetime) -> Q:
    return Q(cause=None)


def _free(_: datetime) -> Q:
    return Q(use_number=None)


IDLE = Register(
    key="space.idle",
    title="闲置用房台账",
    noun="间",
    key_column="number",
    key_with=("compound", "building"),
    columns=[
        of(
            Compound.name,
            name="compound",
            path="building.compound.name",
            sort="building__compound__position",
            fold=1,
            required=False,
            unique=False,
            max_length=200,
        ),
        of(
            Building.name,
            name="building",
            path="building.name",
            sort="building__position",
            max_length=200,
        ),
        of(Room.number, unique=True, link="space:idle_room", max_length=200),
        Column(
            name="kind",
            title="房间类别",
            kind=Kind.CHOICE,
            choices=RoomKind,
            path="now.kind",
            sort="now__kind",
        ),
        Column(
            name="usable_m2",
            title="使用面积(㎡)",
            heading="使用面积",
            unit="㎡",
            kind=Kind.DECIMAL,
            path="now.usable_m2",
            sort="now__usable_m2",
            total="usable_m2",
            shown=1,
        ),
        Column(name="since", title="闲置起始", kind=Kind.DATE, sort="since"),
        Column(
            name="idle_days",
            title="闲置天数",
            kind=Kind.INTEGER,
            value=_days,
            unit="天",
        ),
        Column(
            name="cause",
            title="闲置原因",
            value=lambda row: _term(row, "cause", IdleCause),
            sort="cause",
            widget="space/cells/idle_cause.html",
        ),
        Column(
            name="plan",
            title="处理打算",
            value=lambda row: _term(row, "plan", IdlePlan),
            sort="plan",
        ),
        Column(name="note", title="说明", fold=1),
        Column(
            name="use_number",
            title="在办处置",
            sort="use_number",
            widget="space/cells/idle_use.html",
        ),
    ],
    rows=_rows,
    rows_on=_rows_on,
    see=idle.SEE,
    take=idle.DEAL,  # nobody takes it in: it is read from the ledger of rooms
    filters=[
        Filter(
            name="compound",
            title="院落",
            kind="pick",
            path="building__compound",
            options=buildings.compounds,
        ),
        Filter(
            name="building", title="楼栋", kind="pick", path="building", options=buildings.buildings
        ),
        Filter(name="kind", title="类别", kind="choice", path="now__kind", choices=RoomKind),
        Filter(name="cause", title="原因", kind="choice", path="cause", choices=IdleCause),
        Filter(name="on", title="截至", kind="day"),
        Filter(name="plan", title="打算", kind="choice", path="plan", choices=IdlePlan, more=True),
        Filter(
            name="words", title="房间号、楼栋", kind="text", path="number,building__name", more=True
        ),
    ],
    views=[
        View(key="all", title="全部"),
        View(key="long", title="长期闲置", condition=_long),
        View(key="untold", title="未登记原因", condition=_untold),
        View(key="free", title="未安排", condition=_free),
    ],
    totals={"rooms": Count("pk"), "usable_m2": Sum("now__usable_m2")},
    order=(
        "building__compound__position",
        "building__position",
        "building",
        "floor__number",
        "number",
    ),
    order_name="building",
    create_url="space:disposal_new",
    create_label="申请处置利用",
    create_verb="space.disposal.request",
    place=930,
    url="space:idle_list",
)
