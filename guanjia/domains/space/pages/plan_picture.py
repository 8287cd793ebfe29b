"""A floor as a picture: which fill a room has, which words fit into it, where they stand.

Pure of requests. Shapes come in millimetres; the picture is in pixels of its own, about 17 to the
metre, so that text of 12 px can be read and a phone may scroll it at that size.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from guanjia.domains.space.queries.plans import RoomSeen
from guanjia.domains.space.terms.ledger import RoomKind, RoomState
from guanjia.domains.space.terms.plans import Shape, ShapeRole
from guanjia.domains.space.terms.standards import Said
from guanjia.engines.floorplan import geometry
from guanjia.kernel.values.term import Term

WIDTH = 820  # of a usual floor, in px
_PX_PER_M_LEAST, _PX_PER_M_MOST = 13.0, 26.0
_PAD = 2
_LINE = 19  # px between two lines of text
_TIGHT = 6  # px left free beside text
_NARROW = 33  # a room narrower than this turns its text
_UNIT_COLOURS = 6
_PEOPLE_NAMED = 3
_LARGER_MOST = 1.8  # on a wide screen
FOREIGN = "他单位"
_PLACE_FILLS = {ShapeRole.CORRIDOR: "place", ShapeRole.ROOM: "foreign"}


class Mode(Term):
    """What the fill of a room says."""

    STATE = "state", "按状态"
    UNIT = "unit", "按单位"
    KIND = "kind", "按房间类别"
    PEOPLE = "people", "按使用人"


# Fill → what the legend says of it. The class ``sp-…`` of plan.css paints it.
STATE_WORDS = {
    "ok": "在用合标",
    "over": "超标",
    "vacant": "空置",
    "other": "服务、设备",
    "plain": "在用未判",
    "busy": "腾退、维修",
}
PEOPLE_WORDS = {
    "ok": "合标",
    "over": "超出不到一半",
    "far": "超出一半以上",
    "vacant": "空置",
    "other": "不按人判断",
    "plain": "没有使用人或限额",
}
KIND_FILLS = {
    RoomKind.OFFICE: "c1",
    RoomKind.SERVICE: "c2",
    RoomKind.EQUIPMENT: "c6",
    RoomKind.ANCILLARY: "c3",
    RoomKind.TECHNICAL: "c5",
    RoomKind.QUARTERS: "c4",
}
_SHORT_KINDS = {
    RoomKind.OFFICE: "办公室",
    RoomKind.SERVICE: "服务",
    RoomKind.EQUIPMENT: "设备",
    RoomKind.ANCILLARY: "附属",
    RoomKind.TECHNICAL: "技术业务",
    RoomKind.QUARTERS: "周转房",
}


@dataclass(frozen=True)
class Words:
    """A line of text in a room; ``look``: number, plain, over, vacant."""

    said: str
    look: str
    x: float
    y: float


@dataclass(frozen=True, kw_only=True)
class Drawn:
    """A shape as the template draws it."""

    points: str
    fill: str
    role: ShapeRole
    title: str  # what a reader hears
    room: RoomSeen | None = None
    words: tuple[Words, ...] = ()
    turned: tuple[Words, ...] = ()  # parts of one line of upright text, all at the same spot
    over: bool = False
    dashed: bool = False


@dataclass(frozen=True, kw_only=True)
class LegendLine:
    """A fill and what it says."""

    fill: str
    said: str


@dataclass(frozen=True, kw_only=True)
class Picture:
    """A floor drawn: its size in px, the places between the rooms, the rooms, the scale bar."""

    width: int
    height: int
    places: tuple[Drawn, ...] = ()
    rooms: tuple[Drawn, ...] = ()
    px_per_m: float = 1.0

    @property
    def bar_m(self) -> int:
        """How many metres the scale bar stands for."""
        return 10 if self.width / self.px_per_m > 30 else 5  # noqa: PLR2004 — metres of a wide floor

    @property
    def bar_px(self) -> float:
        """How long the scale bar is."""
        return round(self.bar_m * self.px_per_m, 1)

    @property
    def bar_y(self) -> int:
        """Where its ends begin, below the drawing."""
        return self.height + 8

    @property
    def bar_end(self) -> float:
        """Where its words begin."""
        return self.bar_px + 10

    @property
    def most(self) -> int:
        """How wide it is drawn at most: a small drawing is not blown up."""
        return round(self.width * _LARGER_MOST)

    @property
    def below(self) -> int:
        """The height with the scale bar."""
        return self.height + 20


@dataclass(frozen=True)
class Paint:
    """How one mode paints: fill and second line of a room, and the words of the legend."""

    mode: Mode
    units: Mapping[int, str] = field(default_factory=dict)  # unit → fill
    names: Mapping[int, str] = field(default_factory=dict)

    def fill(self, room: RoomSeen) -> str:
        """The fill of a room; hatched where it stands empty, whatever the mode."""
        if room.vacant:
            return "vacant"
        return _FILLS[self.mode](self, room)

    def second(self, room: RoomSeen) -> list[str]:
        """The lines below the number: who or what, as the mode asks."""
        if self.mode is Mode.UNIT and room.unit:
            return [room.unit]
        if self.mode is Mode.KIND:
            return [_SHORT_KINDS[room.kind]]
        if room.people:
            names = [one.name for one in room.people]
            if self.mode is Mode.PEOPLE and len(names) <= _PEOPLE_NAMED:
                return names
            return names if len(names) == 1 else [f"{len(names)} 人"]
        return [_SHORT_KINDS[room.kind]]

    def legend(self, rooms: Iterable[RoomSeen]) -> list[LegendLine]:
        """The fills that occur, in a fixed order, with what they say."""
        seen = {self.fill(room) for room in rooms}
        words: dict[str, str]
        if self.mode is Mode.UNIT:
            words = {fill: self.names[pk] for pk, fill in self.units.items() if fill != "c0"}
            words |= {"c0": "其他单位", "other": "公用", "vacant": "空置"}
        elif self.mode is Mode.KIND:
            words = {fill: kind.label for kind, fill in KIND_FILLS.items()} | {"vacant": "空置"}
        else:
            words = PEOPLE_WORDS if self.mode is Mode.PEOPLE else STATE_WORDS
        return [LegendLine(fill=fill, said=said) for fill, said in words.items() if fill in seen]


def _by_state(_: Paint, room: RoomSeen) -> str:
    if room.over_m2 is not None:
        return "over"
    if room.state is not RoomState.IN_USE:
        return "busy"
    if room.kind is not RoomKind.OFFICE:
        return "other"
    return "ok" if room.within else "plain"


def _by_people(_: Paint, room: RoomSeen) -> str:
    verdict = room.verdict
    if verdict is None or verdict.said in (Said.NOBODY, Said.NO_LIMIT):
        return "plain"
    if verdict.said is Said.NOT_BY_PERSON:
        return "other"
    if not verdict.over:
        return "ok"
    return "far" if verdict.limit_m2 and verdict.over_m2 * 2 >= verdict.limit_m2 else "over"


def _by_unit(paint: Paint, room: RoomSeen) -> str:
    return paint.units.get(room.unit_id, "c0") if room.unit_id is not None else "other"


def _by_kind(_: Paint, room: RoomSeen) -> str:
    return KIND_FILLS[room.kind]


_FILLS: dict[Mode, Callable[[Paint, RoomSeen], str]] = {
    Mode.STATE: _by_state,
    Mode.UNIT: _by_unit,
    Mode.KIND: _by_kind,
    Mode.PEOPLE: _by_people,
}


def paint(*, mode: Mode, rooms: Collection[RoomSeen]) -> Paint:
    """How a building is painted: the units with most space have colours of their own."""
    space: dict[int, Any] = {}
    names: dict[int, str] = {}
    for room in rooms:
        if room.unit_id is not None:
            space[room.unit_id] = space.get(room.unit_id, 0) + room.usable_m2
            names[room.unit_id] = room.unit
    largest = sorted(space, key=lambda pk: (-space[pk], pk))
    units = {
        pk: f"c{place}" if place <= _UNIT_COLOURS else "c0" for place, pk in enumerate(largest, 1)
    }
    return Paint(mode, units, names)


# ── drawing ────────────────────────────────────────────────────────────────────────────────


def draw(
    *,
    shapes: Sequence[Shape],
    width_mm: int,
    height_mm: int,
    rooms: Mapping[int, RoomSeen],
    paint: Paint,
    hidden: str = "",
    foreign: Collection[int] = (),
) -> Picture:
    """The picture of a plan; rooms that are not in ``rooms`` (out of sight, or not there that day)
    show their number only, and ``hidden`` says why. ``foreign``: those that another unit holds.
    """
    scale = min(max(WIDTH * 1000 / width_mm, _PX_PER_M_LEAST), _PX_PER_M_MOST) / 1000
    places: list[Drawn] = []
    seen: list[Drawn] = []
    for shape in shapes:
        room = rooms.get(shape.room_id) if shape.room_id is not None else None
        if room is not None:
            seen.append(_room(shape, room, scale, paint))
            continue
        elsewhere = shape.room_id in foreign
        places.append(_place(shape, scale, FOREIGN if elsewhere else hidden, told=elsewhere))
    return Picture(
        width=round(width_mm * scale) + 2 * _PAD,
        height=round(height_mm * scale) + 2 * _PAD,
        places=tuple(places),
        rooms=tuple(sorted(seen, key=lambda one: one.room.number if one.room else "")),
        px_per_m=scale * 1000,
    )


def _points(shape: Shape, scale: float) -> str:
    return " ".join(f"{_px(x, scale)},{_px(y, scale)}" for x, y in shape.corners)


def _place(shape: Shape, scale: float, hidden: str, *, told: bool) -> Drawn:
    """What is no room, or a room of which the reader learns nothing but, if ``told``, why."""
    spot = _Spot.of(shape, scale)
    unseen = shape.role is ShapeRole.ROOM
    said = shape.label or shape.role.label
    across = spot.wide(said) and not spot.narrow
    lines = [(said, "place")]
    if told and spot.wide(hidden) and spot.high >= 2 * _LINE:
        lines.append((hidden, "place"))
    return Drawn(
        points=_points(shape, scale),
        fill=_PLACE_FILLS.get(shape.role, "blank"),
        role=shape.role,
        title=f"{said}，{hidden}" if unseen and hidden else said,
        words=spot.fit(lines) if across else (),
        turned=spot.turn([(said, "place")]) if not across and spot.tall(said) else (),
        dashed=shape.role in (ShapeRole.HALL, ShapeRole.VOID),
    )


def _room(shape: Shape, room: RoomSeen, scale: float, paint: Paint) -> Drawn:
    spot = _Spot.of(shape, scale)
    lines = _lines(room, paint)
    return Drawn(
        points=_points(shape, scale),
        fill=paint.fill(room),
        role=shape.role,
        title=title_of(room),
        room=room,
        words=_best(spot, lines) if not spot.narrow else (),
        turned=spot.turn(_one_line(lines)) if spot.narrow else (),
        over=room.over_m2 is not None,
    )


def title_of(room: RoomSeen) -> str:
    """What a room is called for whoever hears the plan."""
    parts = [f"{room.number} 室", room.kind.label, f"{room.usable_m2:.1f} ㎡"]
    parts += [room.unit] if room.unit else []
    parts += ["、".join(one.name for one in room.people)] if room.people else []
    if room.over_m2 is not None:
        parts.append(f"超标 {room.over_m2:.1f} ㎡")
    elif room.state is not RoomState.IN_USE:
        parts.append(room.state.label)
    return "，".join(parts)


def _lines(room: RoomSeen, paint: Paint) -> list[tuple[str, str]]:
    lines = [(room.number, "number"), *((said, "plain") for said in paint.second(room))]
    lines.append((f"{room.usable_m2:.1f} ㎡", "plain"))
    if room.over_m2 is not None:
        lines.append((f"超 {room.over_m2:.1f}", "over"))
    elif room.vacant:
        lines.append(("空置", "vacant"))
    elif room.state is not RoomState.IN_USE:
        lines.append((room.state.label, "vacant"))
    return lines


def _best(spot: "_Spot", lines: list[tuple[str, str]]) -> tuple[Words, ...]:
    """As many lines as there is room for: the number first, then what is wrong, then the rest."""
    last = lines[-1:] if lines[-1][1] in ("over", "vacant") else []
    areas = [line for line in lines if line[0].endswith(" ㎡")]
    number, rest = lines[:1], [line for line in lines[1:] if line not in (*last, *areas)]
    for wanted in (
        [*number, *rest, *areas, *last],
        [*number, *rest[:1], *areas, *last],
        [*number, *areas, *last],
        [*number, *last],
        number,
    ):
        fitting = [(spot.shortened(said), look) for said, look in wanted]
        if len(fitting) * _LINE <= spot.high and spot.wide(fitting[0][0]):
            return spot.fit(fitting)
    return ()


def _one_line(lines: list[tuple[str, str]]) -> list[tuple[str, str]]:
    return [line for line in lines if not line[0].endswith(" ㎡")]


def _px(mm: float, scale: float) -> float:
    return round(mm * scale + _PAD, 1)


def width_of(said: str) -> float:
    """About how wide text of 12 px is."""
    return sum(12.0 if letter == "…" or ord(letter) > 0x2E7F else 7.0 for letter in said)  # noqa: PLR2004 — full-width letters begin there


@dataclass(frozen=True)
class _Spot:
    """Where the text of a shape stands, in px, and how much room it has there."""

    x: float
    y: float
    across: float
    high: float

    @classmethod
    def of(cls, shape: Shape, scale: float) -> "_Spot":
        point = geometry.anchor(shape.corners)
        across = geometry.chord(shape.corners, point) * scale
        high = geometry.chord(shape.corners, point, upright=True) * scale
        return cls(_px(point[0], scale), _px(point[1], scale), across, high)

    @property
    def narrow(self) -> bool:
        """Whether text must stand upright."""
        return self.across < _NARROW and self.high > 3 * self.across

    def wide(self, said: str) -> bool:
        """Whether words fit across."""
        return width_of(said) + 2 <= self.across

    def tall(self, said: str) -> bool:
        """Whether they fit upright."""
        return width_of(said) + _TIGHT <= self.high and self.across >= 14  # noqa: PLR2004 — one line

    def shortened(self, said: str) -> str:
        """Words cut to what fits: an area loses its unit, a name its end."""
        if self.wide(said):
            return said
        if said.endswith(" ㎡"):
            tight = said.replace(" ㎡", "㎡")
            return tight if self.wide(tight) else said.removesuffix(" ㎡")
        if said.startswith("超 "):
            return said
        while len(said) > 1 and not self.wide(said + "…"):
            said = said[:-1]
        return said + "…"

    def fit(self, lines: Sequence[tuple[str, str]]) -> tuple[Words, ...]:
        """Lines one below the other around the middle."""
        first = self.y - (len(lines) - 1) * _LINE / 2 + 4
        return tuple(
            Words(said, look, self.x, round(first + place * _LINE, 1))
            for place, (said, look) in enumerate(lines)
        )

    def turn(self, parts: Sequence[tuple[str, str]]) -> tuple[Words, ...]:
        """One upright line; what does not fit is left away from the end, but for what is wrong."""
        kept = list(parts)
        while len(kept) > 1 and sum(width_of(said) + 12 for said, _ in kept) > self.high:
            del kept[1 if len(kept) > 2 else -1]  # noqa: PLR2004 — number and what is wrong stay
        return tuple(Words(said, look, self.x + 4, self.y) for said, look in kept)
