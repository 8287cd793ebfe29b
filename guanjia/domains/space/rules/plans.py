"""Floor plans: may a set of shapes be the plan of a floor? Pure."""

import itertools
from collections.abc import Collection, Sequence
from decimal import Decimal

from guanjia.domains.space.terms.plans import (
    CORNERS_LEAST,
    CORNERS_MAX,
    LABEL_MAX,
    SHAPES_MAX,
    SIDE_MM_MAX,
    AreaGap,
    KnownRoom,
    Shape,
    ShapeRole,
)
from guanjia.engines.floorplan import geometry
from guanjia.kernel.regulations.lawbook import LawInForce
from guanjia.kernel.regulations.verdict import Citation, Verdict, merge, refuse, warn

_HEAD = "平面图没有保存。"
_TOLD_MAX = 8  # so many are named in a sentence, the others counted
_CENT = Decimal("0.01")
NONE = Decimal(0)
OVERLAP = "space.plan.overlap_tolerance_m2"
AREA = "space.plan.area_tolerance_percent"


def _own(title: str) -> Citation:
    return Citation(title=title, own=True)


def name_of(shape: Shape) -> str:
    """What a shape is called in a sentence."""
    return shape.label or shape.role.label


def drawn_m2(shape: Shape) -> Decimal:
    """The area of a shape, in ㎡ with two decimals."""
    return (Decimal(abs(geometry.doubled_area(shape.corners))).scaleb(-6) / 2).quantize(_CENT)


def judge(*, shapes: Sequence[Shape], rooms: Sequence[KnownRoom], law: LawInForce) -> Verdict:
    """Whether the shapes may be the plan of a floor with these rooms.

    Refused: nothing or too much, what is no polygon, a border that crosses itself, shapes that lie
    over one another by more than the bureau tolerates, a room drawn twice or of another floor.
    Warned of: rooms that are not drawn, areas that are not those of the ledger.
    """
    bounds = _bounded(shapes)
    if not bounds.allowed:
        return bounds
    plain = _simple(shapes)
    if not plain.allowed:
        return plain
    return merge(
        (
            _rooms_once(shapes, rooms),
            _apart(shapes, law[OVERLAP].decimal() or Decimal(0)),
            _told_of(shapes, rooms, law),
        )
    )


def _bounded(shapes: Sequence[Shape]) -> Verdict:
    if not any(shape.role is ShapeRole.ROOM for shape in shapes):
        why = "图上还没有房间。画出至少一间，并选房间号。"
        return refuse("plan_empty", _HEAD, why, _own("平面图至少画出一间房"))
    if len(shapes) > SHAPES_MAX:
        why = f"图形有 {len(shapes)} 个，最多 {SHAPES_MAX} 个。去掉家具、洁具等图形。"
        return refuse("plan_many", _HEAD, why, _own(f"一层平面图最多 {SHAPES_MAX} 个图形"))
    for shape in shapes:
        count = len(shape.corners)
        if not CORNERS_LEAST <= count <= CORNERS_MAX:
            why = f"{name_of(shape)}有 {count} 个顶点，应为 {CORNERS_LEAST} 到 {CORNERS_MAX} 个。"
            return refuse("plan_corners", _HEAD, why, _own("图形顶点数"))
        if len(shape.label) > LABEL_MAX:
            why = f"标注“{shape.label[:10]}…”超过 {LABEL_MAX} 个字。写短一些。"
            return refuse("plan_label", _HEAD, why, _own("图形标注长度"))
        if any(not 0 <= n <= SIDE_MM_MAX for corner in shape.corners for n in corner):
            why = f"{name_of(shape)}超出图纸范围（{SIDE_MM_MAX // 1000} 米）。核对图的单位。"
            return refuse("plan_far", _HEAD, why, _own("图纸范围"))
    return Verdict()


def _simple(shapes: Sequence[Shape]) -> Verdict:
    crossed = [name_of(shape) for shape in shapes if not geometry.is_simple(shape.corners)]
    if not crossed:
        return Verdict()
    why = f"{_listed(crossed)}的边自相交叉或没有面积。拖动顶点，让边线不交叉。"
    return refuse("plan_crossed", _HEAD, why, _own("房间轮廓的边不能交叉"))


def _rooms_once(shapes: Sequence[Shape], rooms: Sequence[KnownRoom]) -> Verdict:
    known = {room.id: room.number for room in rooms}
    drawn = [shape.room_id for shape in shapes if shape.room_id is not None]
    strange = [name_of(s) for s in shapes if s.room_id is not None and s.room_id not in known]
    if strange:
        why = f"{_listed(strange)}不是这一层的房间。重新选房间号。"
        return refuse("plan_strange", _HEAD, why, _own("平面图只画本层的房间"))
    twice = sorted({known[room] for room in drawn if drawn.count(room) > 1})
    if twice:
        why = f"{_listed(twice)}画了两次。去掉一处，或改选别的房间号。"
        return refuse("plan_twice", _HEAD, why, _own("一间房在图上只画一次"))
    return Verdict()


def _apart(shapes: Sequence[Shape], tolerance: Decimal) -> Verdict:
    """Nothing lies over another shape; the void of a hall may lie over anything."""
    solid = [shape for shape in shapes if shape.role is not ShapeRole.VOID]
    found = []
    for one, other in itertools.combinations(solid, 2):
        shared = geometry.overlap_m2(one.corners, other.corners)
        if shared > tolerance:
            found.append(f"{name_of(one)}与{name_of(other)}重叠 {shared:.1f} ㎡")
    if not found:
        return Verdict()
    return refuse(
        "plan_overlap", _HEAD, f"{_listed(found)}。移动边线，让它们分开。",
        _own(f"图形之间重叠不超过 {tolerance} ㎡"),
    )  # fmt: skip


def no_names(*, shapes: Sequence[Shape], people: Collection[str]) -> Verdict:
    """No label is the name of somebody who sits on the floor: labels are shown to every unit in
    the building, who sits where is not."""
    names = {_bare(name) for name in people}
    found = [s.label for s in shapes if s.room_id is None and _bare(s.label) in names]
    if not found:
        return Verdict()
    why = (
        f"标注“{_listed(sorted(set(found)))}”是在本层办公的人的姓名，楼里各单位都看得到标注。"
        "改写用途，如“接待室”；谁在哪间办公登记在房间的使用人里。"
    )
    return refuse("plan_named", _HEAD, why, _own("平面图的标注不写人名"))


def _bare(words: str) -> str:
    return "".join(words.split())


def gaps(*, shapes: Sequence[Shape], rooms: Sequence[KnownRoom], law: LawInForce) -> list[AreaGap]:
    """The rooms whose drawn area differs from the ledger's by more than the bureau tolerates."""
    known = {room.id: room for room in rooms}
    share = (law[AREA].decimal() or Decimal(0)) / 100
    found = []
    for shape in shapes:
        room = known.get(shape.room_id or 0)
        if room is None:
            continue
        drawn = drawn_m2(shape)
        if abs(drawn - room.usable_m2) > room.usable_m2 * share:
            found.append(
                AreaGap(
                    room_id=room.id, number=room.number, drawn_m2=drawn, ledger_m2=room.usable_m2
                )
            )
    return found


def _told_of(shapes: Sequence[Shape], rooms: Sequence[KnownRoom], law: LawInForce) -> Verdict:
    drawn = {shape.room_id for shape in shapes}
    missing = [room.number for room in rooms if room.id not in drawn]
    said = []
    if missing:
        said.append(
            warn(
                "plan_missing", f"还有 {len(missing)} 间没有画。",
                f"{_listed(missing)}只列在图下。",
                _own("平面图应画全本层房间"),
            )
        )  # fmt: skip
    apart = gaps(shapes=shapes, rooms=rooms, law=law)
    if apart:
        words = [f"{g.number} 图上 {g.drawn_m2:.1f} ㎡、台账 {g.ledger_m2:.1f} ㎡" for g in apart]
        said.append(
            warn(
                "plan_area", f"有 {len(apart)} 间图上面积与台账不符。",
                f"{_listed(words)}。采用后记为存疑，由台账核对。",
                _own(f"图上面积与台账使用面积相差不超过 {law[AREA].value}%"),
            )
        )  # fmt: skip
    return merge(said)


def _listed(words: Sequence[str]) -> str:
    told = "、".join(words[:_TOLD_MAX])
    return f"{told}等 {len(words)} 处" if len(words) > _TOLD_MAX else told


def fitted(shapes: Sequence[Shape], *, margin: int = 0) -> tuple[list[Shape], int, int]:
    """The shapes moved to the left upper corner of their plan, with its width and height in mm."""
    boxes = [geometry.box(shape.corners) for shape in shapes]
    left, top = min(box[0] for box in boxes) - margin, min(box[1] for box in boxes) - margin
    wide = max(box[2] for box in boxes) - left + margin
    high = max(box[3] for box in boxes) - top + margin
    moved = [
        Shape(
            label=shape.label, role=shape.role, room_id=shape.room_id,
            corners=tuple((x - left, y - top) for x, y in shape.corners),
        )
        for shape in shapes
    ]  # fmt: skip
    return moved, wide, high
