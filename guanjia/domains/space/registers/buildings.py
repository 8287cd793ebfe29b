"""楼栋台账: the buildings with offices, declared once."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db.models import Count, Max, Q, Sum
from django.utils import timezone

from guanjia.domains.space.actions import buildings as actions
from guanjia.domains.space.models import Building, Compound, Room
from guanjia.domains.space.queries import buildings
from guanjia.domains.space.terms.ledger import (
    BuildingKind,
    BuildingState,
    SafetyGrade,
    TitleState,
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
from guanjia.kernel.values.actor import Actor, Scope

FIRST_YEAR = 1800


def _rows(scope: Scope) -> Any:
    return buildings.listed(scope, timezone.localdate())


def _check(rows: Sequence[ImportRow], _: Actor) -> Checked:
    """Floors that have rooms and would be gone; what is odd about a row."""
    today = timezone.localdate()
    tops = _tops(rows)
    errors: list[Fault] = []
    doubts: list[Fault] = []
    for row in rows:
        told = row.values
        top = tops.get((told["compound"], told["name"]))
        if top is not None and told["floors_above"] < top:
            sentence = f"台账里 {top} 层还有房间，层数不能少于 {top}"
            errors.append(BUILDINGS.fault(row, "floors_above", "rooms_above", sentence))
        doubts += _doubts(row, today.year)
    return Checked(errors=errors, doubts=doubts)


def _tops(rows: Sequence[ImportRow]) -> dict[tuple[str, str], int]:
    """The highest floor with a room, by compound and building."""
    found = (
        Room.objects.filter(building__name__in={row.values["name"] for row in rows})
        .values("building__compound__name", "building__name")
        .annotate(top=Max("floor__number"))
    )
    return {(one["building__compound__name"], one["building__name"]): one["top"] for one in found}


def _doubts(row: ImportRow, year: int) -> list[Fault]:
    told, found = row.values, []
    delivered = told["state"] is BuildingState.DELIVERED
    if delivered and not told["title_no"]:
        sentence = "已交付而没有权属证号，按未登记记入"
        found.append(BUILDINGS.fault(row, "title_no", "title_missing", sentence))
    if delivered and told["delivered_on"] is None:
        sentence = "已交付而没有交付日期，房间从何时起无从得知"
        found.append(BUILDINGS.fault(row, "delivered_on", "delivery_missing", sentence))
    if told["built_year"] is not None and told["built_year"] > year:
        found.append(BUILDINGS.fault(row, "built_year", "year_ahead", "建成年份还没有到"))
    since, built = told["delivered_on"], told["built_year"]
    if since and built and since.year < built:
        found.append(BUILDINGS.fault(row, "delivered_on", "before_built", "交付早于建成"))
    return found


def _write(*, actor: Actor, rows: Sequence[ImportRow], at: datetime) -> Written:
    facts = [dict(row.values) for row in rows]
    return Written.of(actions.enter_buildings(actor=actor, rows=facts, at=at))


def _untitled(_: datetime) -> Q:
    return Q(state_now=BuildingState.DELIVERED) & ~Q(
        title_state_now__in=[TitleState.REGISTERED, TitleState.FILED]
    )


def _is(state: BuildingState) -> Any:
    return lambda _: Q(state_now=state)


BUILDINGS = Register(
    key="space.buildings",
    title="办公用房楼栋台账",
    noun="栋",
    key_column="name",
    key_with=("compound",),
    columns=[
        of(
            Compound.name,
            name="compound",
            path="compound.name",
            sort="compound__position",
            widget="space/cells/compound.html",
            example="市民中心",
            unique=False,
        ),
        of(
            Building.name,
            unique=True,
            link="space:building",
            link_dated=True,
            example="市民中心A座",
        ),
        of(
            Building.gross_m2,
            unit="㎡",
            shown=1,
            above=0,
            maximum=10_000_000,
            sort="now__gross_m2",
            total="gross_m2",
            example="4607",
        ),
        of(Building.floors_above, minimum=1, maximum=200, sort="now__floors_above", example="5"),
        of(Building.kind, sort="now__kind"),
        of(
            Building.built_year,
            minimum=FIRST_YEAR,
            maximum=2200,
            widget="space/cells/year.html",
            sort="now__built_year",
            example="2019",
        ),
        of(Building.title_no, fold=1, sort="now__title_no"),
        of(Building.title_owner, fold=1, sort=""),
        of(Building.delivered_on, sort="now__delivered_on"),
        of(Building.state, widget="space/cells/building_state.html", sort="now__state"),
        of(
            Building.title_state,
            title="权属",
            imported=False,
            widget="space/cells/title_state.html",
            sort="now__title_state",
        ),
        Column(
            name="rooms_count",
            title="房间数",
            unit="间",
            kind=Kind.INTEGER,
            imported=False,
            sort="rooms_count",
            total="rooms_count",
        ),
        Column(
            name="usable_m2",
            title="使用面积合计",
            unit="㎡",
            kind=Kind.DECIMAL,
            places=1,
            imported=False,
            sort="usable_m2",
            total="usable_m2",
        ),
        of(Building.safety, imported=False, fold=2, sort="now__safety"),
    ],
    rows=_rows,
    rows_on=buildings.listed,
    see="space.room.see",
    take="space.building.enter",
    filters=[
        Filter(
            name="compound", title="院落", kind="pick", path="compound", options=buildings.compounds
        ),
        Filter(name="kind", title="建筑类别", kind="choice", path="kind_now", choices=BuildingKind),
        Filter(name="state", title="状态", kind="choice", path="state_now", choices=BuildingState),
        Filter(
            name="title_state",
            title="权属",
            kind="choice",
            path="title_state_now",
            choices=TitleState,
        ),
        Filter(name="on", title="截至", kind="day"),
        Filter(
            name="words",
            title="楼栋、证号",
            kind="text",
            path="name,title_no_now,title_owner_now",
        ),
        Filter(
            name="delivered", title="交付日期", kind="dates", path="delivered_on_now", more=True
        ),
        Filter(
            name="safety",
            title="安全等级",
            kind="choice",
            path="safety_now",
            choices=SafetyGrade,
            more=True,
        ),
    ],
    views=[
        View(key="all", title="全部"),
        View(key="delivered", title="已交付", condition=_is(BuildingState.DELIVERED)),
        View(key="building", title="在建", condition=_is(BuildingState.BUILDING)),
        View(key="untitled", title="已交付未登记", condition=_untitled),
    ],
    totals={
        "buildings": Count("pk"),
        "gross_m2": Sum("now__gross_m2"),
        "rooms_count": Sum("rooms_count"),
        "usable_m2": Sum("usable_m2"),
    },
    order=("compound__position", "position", "pk"),
    order_name="compound",
    check_rows=_check,
    write_rows=_write,
    place=410,
    url="space:buildings_list",
    create_url="space:building_new",
    create_label="新建楼栋",
    create_verb="space.building.enter",
)
