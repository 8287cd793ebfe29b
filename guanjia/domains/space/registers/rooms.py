"""房间台账: the rooms as they stand on a day, declared once."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.db.models import Count, Q, Sum
from django.utils import timezone

from guanjia.domains.space.actions import room_ledger
from guanjia.domains.space.models import Building, Compound, Floor, Room
from guanjia.domains.space.queries import buildings, rooms, standards
from guanjia.domains.space.registers import room_checks
from guanjia.domains.space.rules import ledger
from guanjia.domains.space.terms.ledger import BuildingState, RoomKind, RoomState
from guanjia.kernel.org import queries as org
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


def _rows(scope: Scope) -> Any:
    return rooms.listed(scope, timezone.localdate())


def _check(rows: Sequence[ImportRow], _: Actor) -> Checked:
    """Buildings, floors and areas that cannot be; what is odd, and what the ledger must leave."""
    places = {
        (one.compound.name, one.name): one
        for one in Building.objects.select_related("compound").filter(
            name__in={row.values["building"] for row in rows}
        )
    }
    known = room_checks.known(places.values(), on=timezone.localdate())
    errors: list[Fault] = []
    doubts: list[Fault] = []
    for row in rows:
        errors += _errors(row, places, known)
        for column, code, sentence in room_checks.doubts(row, places, known):
            doubts.append(ROOMS.fault(row, column, code, sentence))
    return Checked(errors=errors, doubts=doubts)


def _errors(
    row: ImportRow, places: Mapping[tuple[str, str], Building], known: room_checks.Known
) -> list[Fault]:
    told = row.values
    building = places.get((told["compound"], told["building"]))
    if building is None:
        sentence = f"{told['compound']}没有这栋楼，先导入楼栋台账"
        return [ROOMS.fault(row, "building", "building_unknown", sentence)]
    found = []
    if high := ledger.above_the_roof(floor=told["floor"], floors_above=building.floors_above):
        found.append(ROOMS.fault(row, "floor", "floor_unknown", high))
    if big := ledger.bigger_than_the_house(usable_m2=told["usable_m2"], house_m2=building.gross_m2):
        found.append(ROOMS.fault(row, "usable_m2", "area_big", big))
    elsewhere = known.floors.get((building.pk, told["number"]))
    if elsewhere is None and building.state == BuildingState.DISPOSED:
        sentence = f"{building} 已处置，不能再登记房间"
        found.append(ROOMS.fault(row, "building", "building_disposed", sentence))
    if elsewhere not in (None, told["floor"]):
        sentence = f"台账里这间房在 {elsewhere} 层，核对楼层和房间号"
        found.append(ROOMS.fault(row, "floor", "floor_differs", sentence))
    if small := ledger.gross_too_small(usable_m2=told["usable_m2"], gross_m2=told["gross_m2"]):
        found.append(ROOMS.fault(row, "gross_m2", "gross_too_small", small))
    return found


def _write(*, actor: Actor, rows: Sequence[ImportRow], at: datetime) -> Written:
    facts = [dict(row.values) for row in rows]
    return Written.of(room_ledger.enter_rooms(actor=actor, rows=facts, at=at))


def _is(state: RoomState) -> Any:
    return lambda _: Q(state_now=state)


def _unheld(_: datetime) -> Q:
    return rooms.unheld()


def _day(row: Any) -> date | None:
    return row.held.during.lower if row.held else None


ROOMS = Register(
    key="space.rooms",
    title="办公用房房间台账",
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
            example="市民中心",
            unique=False,
        ),
        of(
            Building.name,
            name="building",
            path="building.name",
            sort="building__position",
            widget="space/cells/building.html",
            example="市民中心A座",
        ),
        of(
            Floor.number,
            name="floor",
            path="floor.number",
            minimum=-20,
            maximum=200,
            check=ledger.floor_fault,
            check_code="floor_unknown",
            sort="level",
            example="3",
        ),
        of(Room.number, unique=True, link="space:room", example="301"),
        Column(
            name="kind",
            title="房间类别",
            kind=Kind.CHOICE,
            choices=RoomKind,
            required=True,
            path="now.kind",
            sort="now__kind",
        ),
        Column(
            name="usable_m2",
            title="使用面积(㎡)",
            heading="使用面积",
            unit="㎡",
            kind=Kind.DECIMAL,
            shown=1,
            required=True,
            above=0,
            maximum=100_000,
            path="now.usable_m2",
            sort="now__usable_m2",
            total="usable_m2",
            example="21.9",
        ),
        Column(
            name="gross_m2",
            title="建筑面积(㎡)",
            heading="建筑面积",
            unit="㎡",
            kind=Kind.DECIMAL,
            shown=1,
            above=0,
            maximum=100_000,
            path="now.gross_m2",
            sort="now__gross_m2",
            fold=2,
        ),
        Column(
            name="unit",
            title="使用单位编码",
            kind=Kind.REFERENCE,
            reference=org.units_by_code,
            missing="单位名录中没有 {value}",
            missing_code="unit_unknown",
            path="held.unit.code",
            fold=2,
        ),
        Column(
            name="unit_name",
            title="使用单位",
            path="held.unit.shown",
            imported=False,
            widget="space/cells/holder.html",
            sort="held__unit__position",
        ),
        Column(
            name="people",
            title="使用人工号",
            kind=Kind.REFERENCE,
            reference=org.people_by_number,
            many=True,
            missing="人员名录中没有 {value}",
            missing_code="person_unknown",
            max_length=2_000,
            value=lambda row: tuple(one.person.number for one in row.sitting),
            fold=2,
            example="D045005、D045006",
        ),
        Column(
            name="sitters",
            title="使用人",
            imported=False,
            value=lambda row: tuple(one.person.name for one in row.sitting),
        ),
        Column(
            name="state",
            title="状态",
            kind=Kind.CHOICE,
            choices=RoomState,
            required=True,
            path="now.state",
            widget="space/cells/room_state.html",
            sort="now__state",
        ),
        Column(name="since", title="使用起始", kind=Kind.DATE, value=_day, imported=False, fold=2),
        Column(name="paper", title="凭证号", path="held.paper", imported=False, fold=2),
    ],
    rows=_rows,
    rows_on=rooms.listed,
    see="space.room.see",
    take="space.room.enter",
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
        Filter(name="floor", title="楼层", kind="pick", path="level", options=buildings.floors),
        Filter(name="kind", title="类别", kind="choice", path="kind_now", choices=RoomKind),
        Filter(name="state", title="状态", kind="choice", path="state_now", choices=RoomState),
        Filter(name="unit", title="使用单位", kind="unit", apply=rooms.held_below),
        Filter(name="on", title="截至", kind="day"),
        Filter(
            name="words",
            title="房间号、单位",
            kind="text",
            apply=rooms.named,
            more=True,
        ),
        Filter(
            name="counted",
            title="计入实有面积的单位",
            kind="pick",
            options=standards.answering,
            apply=standards.counted_for,
            more=True,
        ),
        Filter(
            name="person",
            title="使用人",
            kind="text",
            apply=rooms.sat_by,
            more=True,
        ),
    ],
    views=[
        View(key="all", title="全部"),
        # Most rooms: the count of all says nearly as much, and counting them twice takes time.
        View(key="in_use", title="在用", condition=_is(RoomState.IN_USE), count=False),
        View(key="vacant", title="空置", condition=_is(RoomState.VACANT)),
        View(key="unheld", title="没有使用单位", condition=_unheld, count=False),
    ],
    totals={"rooms": Count("pk"), "usable_m2": Sum("now__usable_m2")},
    # As the index has it: a page of 50 is read without sorting the city.
    order=("building_id", "level", "number"),
    order_name="building",
    check_rows=_check,
    write_rows=_write,
    place=420,
    url="space:rooms_list",
    create_url="space:room_new",
    create_label="新建房间",
    create_verb="space.room.enter",
)
