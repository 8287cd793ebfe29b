"""A building without its plans: its floors as bars, and a floor that nobody drew as tiles."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from guanjia.domains.space.pages.plan_picture import Paint
from guanjia.domains.space.queries.plans import RoomSeen
from guanjia.domains.space.terms.plans import Point, Shape, ShapeRole

# ── stack plan ─────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, kw_only=True)
class Slice:
    """A part of a floor's bar."""

    fill: str
    percent: float
    title: str


@dataclass(frozen=True, kw_only=True)
class FloorBar:
    """A floor in the stack plan: its usable space, how it is used, what is over and empty."""

    number: int
    title: str
    rooms: int
    usable_m2: Any
    slices: tuple[Slice, ...]
    over: int
    over_m2: Any
    vacant: int
    vacant_m2: Any
    drawn: bool
    current: bool


def stack(
    *,
    floors: Sequence[Any],
    rooms: Sequence[RoomSeen],
    paint: Paint,
    drawn: Collection[int],
    current: int | None,
) -> list[FloorBar]:
    """Every floor as a bar, the largest as long as the page; the highest first."""
    by_floor: dict[int, list[RoomSeen]] = {floor.number: [] for floor in floors}
    for room in rooms:
        by_floor.setdefault(room.floor, []).append(room)
    most = max((sum(r.usable_m2 for r in row) for row in by_floor.values()), default=0) or 1
    order = [line.fill for line in paint.legend(rooms)]
    words = {line.fill: line.said for line in paint.legend(rooms)}
    found = []
    for floor in floors:
        row = by_floor[floor.number]
        over = [r for r in row if r.over_m2 is not None]
        vacant = [r for r in row if r.vacant]
        found.append(
            FloorBar(
                number=floor.number,
                title=floor.title,
                rooms=len(row),
                usable_m2=sum(r.usable_m2 for r in row),
                slices=_slices(row, paint, order, words, most),
                over=len(over),
                over_m2=sum(r.over_m2 or 0 for r in over),
                vacant=len(vacant),
                vacant_m2=sum(r.usable_m2 for r in vacant),
                drawn=floor.number in drawn,
                current=floor.number == current,
            )
        )
    return found


def _slices(
    row: Sequence[RoomSeen],
    paint: Paint,
    order: Sequence[str],
    words: Mapping[str, str],
    most: Any,
) -> tuple[Slice, ...]:
    space: dict[str, Any] = {}
    count: dict[str, int] = {}
    for room in row:
        fill = paint.fill(room)
        space[fill] = space.get(fill, 0) + room.usable_m2
        count[fill] = count.get(fill, 0) + 1
    return tuple(
        Slice(
            fill=fill,
            percent=round(float(space[fill] / most * 100), 2),
            title=f"{words[fill]} {count[fill]} 间 {space[fill]:,.1f} ㎡",
        )
        for fill in order
        if fill in space
    )


# ── a floor without a plan ─────────────────────────────────────────────────────────────────


def tiles(rooms: Sequence[RoomSeen]) -> tuple[list[Shape], int, int]:
    """Rooms in two rows along a corridor, as wide as their areas ask: a sketch to look at, which
    says of itself that nobody drew it. Sides in mm."""
    deep, corridor = 7_200, 2_200
    total = sum(_mm2(room) for room in rooms) or 1
    half = 0
    upper: list[RoomSeen] = []
    lower: list[RoomSeen] = []
    for room in rooms:  # by number: the lower row first, as people walk in
        row = lower if half * 2 < total else upper
        half += _mm2(room)
        row.append(room)
    shapes: list[Shape] = []
    length = 0
    for row, top in ((upper, 0), (lower, deep + corridor)):
        left = 0
        for room in row:
            wide = max(round(_mm2(room) / deep), 900)
            shapes.append(_tile(room, (left, top), (wide, deep)))
            left += wide
        length = max(length, left)
    shapes.append(
        Shape(
            label="走廊", role=ShapeRole.CORRIDOR,
            corners=((0, deep), (length, deep), (length, deep + corridor), (0, deep + corridor)),
        )
    )  # fmt: skip
    return shapes, max(length, 1), 2 * deep + corridor


def _mm2(room: RoomSeen) -> int:
    return int(room.usable_m2 * 1_000_000)


def _tile(room: RoomSeen, place: Point, size: Point) -> Shape:
    (left, top), (right, bottom) = place, (place[0] + size[0], place[1] + size[1])
    return Shape(
        label=room.number, role=ShapeRole.ROOM, room_id=room.id,
        corners=((left, top), (right, top), (right, bottom), (left, bottom)),
    )  # fmt: skip
