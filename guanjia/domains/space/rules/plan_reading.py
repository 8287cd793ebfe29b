"""What a drawing that was read gives as the plan of one floor. Pure.

An outline with the number of a room in it is that room; one with a word such as 走廊 is what the
word says; what says nothing (furniture, frames, walls) is passed over and counted.
"""

import math
import re
import statistics
import unicodedata
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from guanjia.domains.space.rules import plans
from guanjia.domains.space.terms.plans import (
    CORNERS_MAX,
    LABEL_MAX,
    SHAPES_MAX,
    SIDE_MM_MAX,
    KnownRoom,
    LayerFound,
    Point,
    Reading,
    Shape,
    ShapeRole,
    Unit,
)
from guanjia.engines.floorplan import geometry
from guanjia.engines.floorplan.drawing import Drawing, Loop, Place, Unreadable
from guanjia.kernel.regulations.lawbook import LawInForce

_WORDS = (
    (ShapeRole.CORRIDOR, ("走廊", "过道", "走道", "连廊", "CORRIDOR")),
    (ShapeRole.STAIRS, ("楼梯", "电梯", "消防梯", "STAIR", "LIFT")),
    (ShapeRole.TOILETS, ("卫生间", "厕", "洗手间", "男卫", "女卫", "TOILET", "WC")),
    (ShapeRole.HALL, ("门厅", "大厅", "前厅", "候梯厅", "HALL", "LOBBY")),
    (ShapeRole.VOID, ("上空", "中庭", "天井", "VOID")),
)
# A number with a point in it is an area or a length.
_TOKEN = re.compile(r"(?<![0-9A-Z.])[0-9A-Z]+(?:-[0-9A-Z]+)*(?![0-9A-Z-]|\.[0-9])")
_LOOKS_LIKE_A_NUMBER = re.compile(r"[A-Z]?\d{3,4}[A-Z]?")
_FACTORS = {Unit.MM: 1.0, Unit.CM: 10.0, Unit.M: 1000.0}
_SAME_SHARE = 0.95  # an outline drawn twice, as a line and as a hatch
_LEAST_M2 = 0.5
# A frame holds outlines as large as rooms are, which fill much of it.
_PART_SHARE, _FRAME_SHARE = 0.02, 0.4


@dataclass
class _Outline:
    corners: tuple[Place, ...]
    layer: str
    words: list[str] = field(default_factory=list)
    room: KnownRoom | None = None
    size: float = 0.0  # of the drawing, not yet of the world


def read_as_plan(
    *,
    drawing: Drawing,
    rooms: Sequence[KnownRoom],
    layers: Collection[str] = (),
    unit: Unit | None = None,
    law: LawInForce,
) -> Reading:
    """The plan a drawing gives, with the layers and the unit that were chosen.

    Without layers, those whose outlines hold room numbers are taken; without a unit, that of the
    file, else the one that makes the rooms as large as the ledger says. ``Unreadable`` where no
    outline is left or the unit makes the floor larger than any building.
    """
    found = _layers(drawing, rooms)
    chosen = set(layers) & set(found) or {name for name, one in found.items() if one.rooms}
    if not chosen:
        chosen = set(found)
    outlines = _outlines(drawing, chosen, rooms)
    if not outlines:
        raise Unreadable(
            "plan_no_outline",
            "图里没有封闭的房间轮廓。用多段线（闭合）描出每间房，写上房间号，再导出。",
        )
    doubled = _only_one_each(outlines)
    kept, passed_over = _telling(outlines)
    if not kept:  # nothing in it says what it is: people will, on the page
        kept = _nameless(outlines)
        passed_over = len(outlines) - len(kept)
    taken, factor = _factor(drawing, kept, unit)
    shapes, lost = _shapes(kept, factor, drawing.flip)
    drawn = {shape.room_id for shape in shapes}
    strange = [s for s in shapes if s.role is ShapeRole.ROOM and s.room_id is None]
    return Reading(
        shapes=tuple(shapes),
        layers=tuple(
            LayerFound(
                name=one.name, outlines=one.outlines, words=one.words, rooms=one.rooms,
                chosen=one.name in chosen,
            )
            for one in found.values()
        ),
        unit=taken,
        matched=tuple(room for room in rooms if room.id in drawn),
        missing=tuple(room for room in rooms if room.id not in drawn),
        doubled=tuple(doubled),
        unknown=tuple(s.label for s in strange if s.label),
        nameless=sum(not s.label for s in strange),
        passed_over=passed_over + lost,
        gaps=tuple(plans.gaps(shapes=shapes, rooms=rooms, law=law)),
    )  # fmt: skip


# ── words ──────────────────────────────────────────────────────────────────────────────────


def plain(words: str) -> str:
    """Full-width letters and digits as plain ones, in capitals, without blanks around."""
    return unicodedata.normalize("NFKC", words).upper().strip()


def number_in(words: str, numbers: Mapping[str, KnownRoom]) -> KnownRoom | None:
    """The room whose number stands in the words: ``103``, ``103室``, ``1-103 会议室``."""
    told = plain(words)
    tokens = _TOKEN.findall(told)
    candidates = [told.removesuffix("室").removesuffix("号").strip(), *tokens]
    candidates += [part for token in tokens for part in token.split("-")[-1:]]
    return next((numbers[one] for one in candidates if one in numbers), None)


def role_of(words: str) -> ShapeRole | None:
    """What the words say a place is, besides rooms."""
    told = plain(words)
    return next((role for role, marks in _WORDS if any(mark in told for mark in marks)), None)


# ── outlines ───────────────────────────────────────────────────────────────────────────────


def _numbers(rooms: Iterable[KnownRoom]) -> dict[str, KnownRoom]:
    return {plain(room.number): room for room in rooms}


def _layers(drawing: Drawing, rooms: Sequence[KnownRoom]) -> dict[str, LayerFound]:
    numbers = _numbers(rooms)
    spots = [text.at for text in drawing.texts if number_in(text.words, numbers)]
    by_layer: dict[str, list[Loop]] = defaultdict(list)
    for loop in drawing.loops:
        by_layer[loop.layer].append(loop)
    words: dict[str, int] = defaultdict(int)
    for text in drawing.texts:
        words[text.layer] += 1
    found = {}
    for name in sorted({*by_layer, *words}):
        loops = by_layer.get(name, [])
        # A frame around everything holds all the numbers; a room holds one.
        hits = sum(1 for loop in loops if _holds_one(loop, spots))
        found[name] = LayerFound(name=name, outlines=len(loops), words=words[name], rooms=hits)
    return {name: one for name, one in found.items() if one.outlines}


def _holds_one(loop: Loop, spots: Sequence[Place]) -> bool:
    return sum(_inside(loop.corners, spot) for spot in spots) == 1


def _inside(corners: Sequence[Place], spot: Place) -> bool:
    x, y = spot
    inside = False
    for (x1, y1), (x2, y2) in zip(corners, [*corners[1:], corners[0]], strict=True):
        if (y1 > y) != (y2 > y) and x < (x2 - x1) * (y - y1) / (y2 - y1) + x1:
            inside = not inside
    return inside


def _size(corners: Sequence[Place]) -> float:
    return (
        abs(
            sum(
                a[0] * b[1] - b[0] * a[1]
                for a, b in zip(corners, [*corners[1:], corners[0]], strict=True)
            )
        )
        / 2
    )


def _outlines(
    drawing: Drawing, chosen: Collection[str], rooms: Sequence[KnownRoom]
) -> list[_Outline]:
    """The outlines of the chosen layers, the smallest first, each with the words in it."""
    found = [
        _Outline(corners=loop.corners, layer=loop.layer, size=_size(loop.corners))
        for loop in drawing.loops
        if loop.layer in chosen
    ]
    found = _without_twins(sorted((one for one in found if one.size > 0), key=lambda o: o.size))
    numbers = _numbers(rooms)
    for text in drawing.texts:
        home = next((one for one in found if _inside(one.corners, text.at)), None)
        if home is None:
            continue
        home.words.append(text.words)
        home.room = home.room or number_in(text.words, numbers)
    return found


def _without_twins(outlines: list[_Outline]) -> list[_Outline]:
    """Each outline once, also where it was drawn as a line and as a hatch."""
    kept: list[_Outline] = []
    for one in outlines:
        twin = any(
            other.size >= one.size * _SAME_SHARE and _same_box(other.corners, one.corners)
            for other in reversed(kept[-50:])
        )
        if not twin:
            kept.append(one)
    return kept


def _same_box(one: Sequence[Place], other: Sequence[Place]) -> bool:
    edges = []
    for corners in (one, other):
        xs, ys = [x for x, _ in corners], [y for _, y in corners]
        edges.append((min(xs), min(ys), max(xs), max(ys)))
    a, b = edges
    slack = 0.02 * max(a[2] - a[0], a[3] - a[1])
    return all(abs(p - q) <= slack for p, q in zip(a, b, strict=True))


def _only_one_each(outlines: list[_Outline]) -> list[str]:
    """Leave each number in its largest outline; returns those that stood in several."""
    by_room: dict[int, list[_Outline]] = defaultdict(list)
    for one in outlines:
        if one.room is not None:
            by_room[one.room.id].append(one)
    doubled = []
    for same in by_room.values():
        for other in sorted(same, key=lambda o: -o.size)[1:]:
            if other.room is not None:
                doubled.append(other.room.number)
            other.room = None
            other.words.clear()
    return sorted(set(doubled))


def _telling(outlines: list[_Outline]) -> tuple[list[_Outline], int]:
    """Those that are rooms or say what they are; how many are passed over."""
    kept = [
        one for one in outlines
        if one.room is not None or _role(one) is not None or _strange_number(one)
    ]  # fmt: skip
    spots = [one for one in kept if one.room is not None]
    # A frame with the name of the floor in it, or a heap of rooms under one title, is no room.
    kept = [
        one for one in kept
        if one.room is not None or not _holds_rooms(one, spots)
    ]  # fmt: skip
    return kept, len(outlines) - len(kept)


def _nameless(outlines: list[_Outline]) -> list[_Outline]:
    """The outlines that may be rooms where no word tells: neither a frame around several of them,
    nor what stands in one."""
    taken: list[_Outline] = []
    for one in sorted(outlines, key=lambda o: -o.size):
        if any(_inside(other.corners, _middle(one.corners)) for other in taken):
            continue
        within = [
            other.size
            for other in outlines
            if other is not one
            and other.size >= one.size * _PART_SHARE
            and _inside(one.corners, _middle(other.corners))
        ]
        if len(within) > 1 and sum(within) >= one.size * _FRAME_SHARE:
            continue
        taken.append(one)
    return taken[:SHAPES_MAX]


def _holds_rooms(one: _Outline, rooms: Sequence[_Outline]) -> bool:
    return (
        any(
            room is not one and room.size < one.size and _inside(one.corners, _middle(room.corners))
            for room in rooms
        )
        and _role(one) is not ShapeRole.VOID
    )


def _middle(corners: Sequence[Place]) -> Place:
    return sum(x for x, _ in corners) / len(corners), sum(y for _, y in corners) / len(corners)


def _role(one: _Outline) -> ShapeRole | None:
    return next((role for role in map(role_of, one.words) if role), None)


def _strange_number(one: _Outline) -> str:
    """A number as rooms have them, of a room that is not of this floor."""
    for words in one.words:
        for token in _TOKEN.findall(plain(words)):
            if _LOOKS_LIKE_A_NUMBER.fullmatch(token):
                return str(token)
    return ""


# ── the world ──────────────────────────────────────────────────────────────────────────────


def _factor(
    drawing: Drawing, outlines: Sequence[_Outline], unit: Unit | None
) -> tuple[Unit, float]:
    """Millimetres per unit of the drawing."""
    if unit in _FACTORS:
        return unit, _FACTORS[unit]
    if unit in (None, Unit.FILE) and drawing.unit_mm:
        return Unit.FILE, drawing.unit_mm
    ratios = [
        float(one.room.usable_m2) * 1e6 / one.size for one in outlines if one.room is not None
    ]
    if not ratios:
        return Unit.MM, 1.0
    by_area = math.sqrt(statistics.median(ratios))
    if unit is None:
        # A round unit that comes close is the unit; walls make outlines a little larger.
        for known, factor in _FACTORS.items():
            if 0.8 < by_area / factor < 1.25:  # noqa: PLR2004 — a quarter more or less
                return known, factor
    return Unit.AREA, by_area


def _shapes(outlines: Sequence[_Outline], factor: float, flip: bool) -> tuple[list[Shape], int]:
    """Shapes in mm with y down, from the left upper corner; how many were too small or odd."""
    corners = [corner for one in outlines for corner in one.corners]
    if not corners:
        return [], 0
    left, up = min(x for x, _ in corners), (max if flip else min)(y for _, y in corners)
    shapes, lost = [], 0
    for one in outlines:
        ring: list[Point] = []
        for x, y in one.corners:
            across, down = (x - left) * factor, ((up - y) if flip else (y - up)) * factor
            if across > SIDE_MM_MAX or down > SIDE_MM_MAX:
                raise Unreadable(
                    "plan_far", f"按这个单位，楼层会超过 {SIDE_MM_MAX // 1000} 米。换一个单位再看。"
                )
            ring.append((round(across), round(down)))
        ring = geometry.tidied(ring)
        fit = 3 <= len(ring) <= CORNERS_MAX and geometry.is_simple(ring)  # noqa: PLR2004 — a triangle
        if not fit or geometry.area_m2(ring) < _LEAST_M2:
            lost += 1
            continue
        shapes.append(_shape(one, tuple(ring)))
    return sorted(shapes, key=lambda s: (s.role is not ShapeRole.ROOM, s.label)), lost


def _shape(one: _Outline, ring: tuple[Point, ...]) -> Shape:
    if one.room is not None:
        return Shape(label=one.room.number, role=ShapeRole.ROOM, corners=ring, room_id=one.room.id)
    role = _role(one)
    label = next((w for w in one.words if role_of(w)), "") if role else _strange_number(one)
    return Shape(label=label[:LABEL_MAX], role=role or ShapeRole.ROOM, corners=ring)
