"""Floor plans of the demo: some buildings drawn from their ledger, one of them changed later.

The rooms stand in two rows along a corridor, in the order of their numbers and as large as the
ledger says; stairs at both ends, toilets and a hall between them. Every floor of a building is as
long as its longest one, as walls are.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta

from guanjia.domains.space.actions import plans as acts
from guanjia.domains.space.models import Building, Floor
from guanjia.domains.space.queries import plans as reading
from guanjia.domains.space.terms.plans import KnownRoom, Shape, ShapeRole
from guanjia.kernel.access import queries as access
from guanjia.kernel.values.actor import Actor
from guanjia.kernel.values.period import SHANGHAI

_KEEPER = "pengminci"
_BUILDINGS = ("常委楼", "市委办楼", "3号楼")  # the last is where 红十字会 has its rooms
_SURVEYED = date(2020, 1, 2)  # older houses were measured then
_MOVED = ("常委楼", 4)  # the floor whose wall was moved afterwards
_MOVED_MM, _MOVED_DAYS = 500, 20

DEEP, CORRIDOR = 7200, 2400
STAIRS, TOILETS, HALL = 3600, 4200, 4800
_SHAFT_MOST, _PANTRY_MOST = 1800, 6000  # what the end of a row is, by its width


def live(*, at: datetime) -> None:
    """Draw the floors, from the day of their building on; ``at``: the moment of the demo."""
    keeper = access.actor_named(username=_KEEPER, on=at.date())
    for name in _BUILDINGS:
        building = Building.objects.get(name=name)
        since = max(building.delivered_on or _SURVEYED, _SURVEYED)
        drawn = datetime.combine(since, time(10), SHANGHAI)
        rooms = {
            floor.number: reading.known_rooms(floor=floor, day=since)
            for floor in Floor.objects.filter(building=building)
        }
        length = max(_length(row) for row in rooms.values())
        for number, row in sorted(rooms.items()):
            acts.sketch(
                actor=keeper, building_id=building.pk, number=number, at=drawn, since=since,
                shapes=plan_of(row, length=length, ground=number == 1), note="竣工测绘",
            )  # fmt: skip
    _move_a_wall(keeper, at)


def _move_a_wall(keeper: Actor, at: datetime) -> None:
    """A wall between two rooms was moved and the ledger does not know it yet: a doubt."""
    name, number = _MOVED
    when = at - timedelta(days=_MOVED_DAYS)
    floor = Floor.objects.select_related("building").get(building__name=name, number=number)
    plan = reading.plan_on(floor=floor, day=when.astimezone(SHANGHAI).date())
    if plan is None:
        return
    shapes = reading.shapes_of(plan.shapes)
    one, other = [shape for shape in shapes if shape.role is ShapeRole.ROOM][:2]
    wall = max(x for x, _ in one.corners)
    moved = [
        replace(
            shape,
            corners=tuple((x + _MOVED_MM if x == wall else x, y) for x, y in shape.corners),
        )
        if shape in (one, other)
        else shape
        for shape in shapes
    ]
    acts.sketch(
        actor=keeper, building_id=floor.building_id, number=number, shapes=moved, at=when,
        since=when.astimezone(SHANGHAI).date(), seen_edition=plan.plan.edition,
        note=f"{one.label}、{other.label} 隔断移位",
    )  # fmt: skip


def _wide(room: KnownRoom) -> int:
    """How wide a room is in its row, in mm, whole centimetres."""
    return round(room.usable_m2 * 1_000_000 / DEEP / 10) * 10


def _split(rooms: Sequence[KnownRoom]) -> tuple[Sequence[KnownRoom], Sequence[KnownRoom]]:
    """The lower row, with stairs, toilets and hall, and the upper one, about equally long."""
    cores = 2 * STAIRS + TOILETS + HALL
    total = sum(map(_wide, rooms)) + cores
    below = cores
    for count, room in enumerate(rooms):
        if below + _wide(room) / 2 > total / 2:
            return rooms[:count], rooms[count:]
        below += _wide(room)
    return rooms, ()


def _length(rooms: Sequence[KnownRoom]) -> int:
    """How long a floor with these rooms must be, in mm."""
    lower, upper = _split(rooms)
    cores = 2 * STAIRS + TOILETS + HALL
    return max(sum(map(_wide, lower)) + cores, sum(map(_wide, upper)))


def plan_of(rooms: Sequence[KnownRoom], *, length: int, ground: bool) -> list[Shape]:
    """The shapes of a floor of this length in mm, rooms first."""
    lower, upper = _split(rooms)
    third = max(1, len(lower) // 3)
    hall = length - 2 * STAIRS - TOILETS - sum(map(_wide, lower))
    lobby = (ShapeRole.HALL, "门厅" if ground else "候梯厅", hall)
    stairs = (ShapeRole.STAIRS, "楼梯", STAIRS)
    row: list[KnownRoom | tuple[ShapeRole, str, int]] = [
        stairs, *lower[:third], (ShapeRole.TOILETS, "卫生间", TOILETS),
        *lower[third : 2 * third], lobby, *lower[2 * third :], stairs,
    ]  # fmt: skip
    rest = length - sum(map(_wide, upper))
    end = [_end(rest)] if rest else []
    shapes = [*_row(row, DEEP + CORRIDOR), *_row([*upper, *end], 0)]
    shapes.append(_box(ShapeRole.CORRIDOR, "走廊", (0, DEEP), (length, CORRIDOR)))
    return sorted(shapes, key=lambda shape: (shape.role is not ShapeRole.ROOM, shape.label))


def _end(wide: int) -> tuple[ShapeRole, str, int]:
    if wide <= _SHAFT_MOST:
        return ShapeRole.WALL, "管井", wide
    return (ShapeRole.WALL, "开水间", wide) if wide <= _PANTRY_MOST else (
        ShapeRole.VOID, "上空", wide
    )  # fmt: skip


def _row(places: Sequence[KnownRoom | tuple[ShapeRole, str, int]], top: int) -> list[Shape]:
    left, shapes = 0, []
    for place in places:
        if isinstance(place, KnownRoom):
            wide = _wide(place)
            shape = _box(ShapeRole.ROOM, place.number, (left, top), (wide, DEEP), place.id)
        else:
            role, label, wide = place
            shape = _box(role, label, (left, top), (wide, DEEP))
        shapes.append(shape)
        left += wide
    return shapes


def _box(
    role: ShapeRole,
    label: str,
    place: tuple[int, int],
    size: tuple[int, int],
    room_id: int | None = None,
) -> Shape:
    (left, top), (right, bottom) = place, (place[0] + size[0], place[1] + size[1])
    return Shape(
        label=label, role=role, room_id=room_id,
        corners=((left, top), (right, top), (right, bottom), (left, bottom)),
    )  # fmt: skip
