"""The rules of floor plans against cases that an official can read, and what a drawing becomes."""

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml

from guanjia.domains.space.rules import plan_reading, plans
from guanjia.domains.space.terms.plans import KnownRoom, Shape, ShapeRole, Unit
from guanjia.engines.floorplan import dxf, svg
from guanjia.engines.floorplan.drawing import Drawing, Loop, Text, Unreadable
from guanjia.engines.floorplan.tests import drawings
from guanjia.kernel.regulations.lawbook import law_at

FOLDER = Path(__file__).parent / "cases"
LAW = law_at(date(2026, 3, 1))


def _rooms(**sizes: str) -> list[KnownRoom]:
    return [
        KnownRoom(id=place, number=number.lstrip("r"), usable_m2=Decimal(m2))
        for place, (number, m2) in enumerate(sizes.items(), start=1)
    ]


ROOMS = _rooms(r101="24", r102="18")
FLOOR = _rooms(r101="24", r102="18", r103="18")


def cases(name: str) -> Any:
    found = yaml.safe_load((FOLDER / f"{name}.yaml").read_text(encoding="utf-8"))
    return pytest.mark.parametrize("case", found, ids=[case["case"] for case in found])


def _shape(told: dict[str, Any]) -> Shape:
    if "box" in told:
        x, y, wide, deep = told["box"]
        ring = [(x, y), (x + wide, y), (x + wide, y + deep), (x, y + deep)]
    else:
        ring = told["corners"]
    room = told.get("room")
    known = {known.number: known.id for known in ROOMS}
    return Shape(
        label=told.get("label", room or ""),
        role=ShapeRole(told.get("role", "ROOM")),
        corners=tuple((round(x * 1000), round(y * 1000)) for x, y in ring),
        room_id=known.get(room, 99) if room else None,
    )


@cases("plan_judge")
def test_may_be_the_plan(case: dict[str, Any]) -> None:
    shapes, expect = [_shape(told) for told in case["shapes"]], case["expect"]
    verdict = plans.judge(shapes=shapes, rooms=ROOMS, law=LAW)
    assert [each.code for each in verdict.refusals] == (
        [expect["refused"]] if "refused" in expect else []
    )
    if verdict.allowed:
        assert [each.code for each in verdict.warnings] == expect.get("warned", [])
    said = "".join(each.sentence for each in (*verdict.refusals, *verdict.warnings))
    assert expect.get("told", "") in said
    if verdict.allowed:
        gaps = plans.gaps(shapes=shapes, rooms=ROOMS, law=LAW)
        assert [gap.number for gap in gaps] == expect.get("gaps", [])


def test_too_many_shapes_are_furniture() -> None:
    box = _shape({"room": "101", "box": [0, 0, 1, 1]})
    verdict = plans.judge(shapes=[box] * 401, rooms=ROOMS, law=LAW)
    assert [each.code for each in verdict.refusals] == ["plan_many"]


def test_shapes_move_to_the_corner_of_their_plan() -> None:
    shapes = [_shape({"room": "101", "box": [5, 7, 4, 6]})]
    moved, wide, high = plans.fitted(shapes, margin=100)
    assert (wide, high) == (4200, 6200)
    assert moved[0].corners == ((100, 100), (4100, 100), (4100, 6100), (100, 6100))


def test_the_drawn_area_is_exact() -> None:
    corner = Shape(label="", role=ShapeRole.ROOM, corners=((0, 0), (1001, 0), (0, 1000)))
    assert plans.drawn_m2(corner) == Decimal("0.50")
    assert plans.drawn_m2(_shape({"box": [0, 0, 3.33, 3]})) == Decimal("9.99")


# ── words ──────────────────────────────────────────────────────────────────────────────────


@cases("plan_words")
def test_what_words_say(case: dict[str, Any]) -> None:
    rooms = [
        KnownRoom(id=place, number=number, usable_m2=Decimal(20))
        for place, number in enumerate(("101", "102", "B103", "1-104"))
    ]
    known = {room.number: room for room in rooms}
    room = plan_reading.number_in(case["words"], known)
    assert (room.number if room else None) == case.get("room")
    if room is None:
        role = plan_reading.role_of(case["words"])
        assert (role.value if role else "") == case.get("role", "")


# ── drawings ───────────────────────────────────────────────────────────────────────────────


def _read(drawing: Drawing, rooms: list[KnownRoom] = FLOOR, **chosen: Any) -> Any:
    return plan_reading.read_as_plan(drawing=drawing, rooms=rooms, law=LAW, **chosen)


def test_a_dxf_becomes_the_rooms_of_the_floor() -> None:
    found = _read(dxf.read(drawings.dxf(drawings.outlined)))
    assert [room.number for room in found.matched] == ["101", "102", "103"]
    assert (found.missing, found.unknown, found.doubled, found.gaps) == ((), (), (), ())
    first = found.shapes[0]
    # The corridor lies below in the drawing and below on the screen.
    assert first.corners == ((0, 6000), (4000, 6000), (4000, 0), (0, 0))
    assert found.shapes[-1].role is ShapeRole.CORRIDOR
    assert plans.judge(shapes=found.shapes, rooms=FLOOR, law=LAW).allowed


def test_an_svg_becomes_the_same_rooms_by_their_areas() -> None:
    found = _read(svg.read(drawings.SVG.encode()))
    assert [room.number for room in found.matched] == ["101", "102", "103"]
    # A hundred units are a metre there; nothing says so but the ledger's areas.
    assert found.unit is Unit.CM
    assert not found.gaps


def test_walls_become_rooms_too() -> None:
    found = _read(dxf.read(drawings.dxf(drawings.walled)))
    assert [room.number for room in found.matched] == ["101", "102", "103"]
    assert not found.gaps


def test_the_unit_is_guessed_from_the_ledger_or_chosen() -> None:
    def in_mm(space: Any) -> None:
        drawings.outlined(space, scale=1000)

    drawing = dxf.read(drawings.dxf(in_mm, units=0))
    assert _read(drawing).unit is Unit.MM
    chosen = _read(drawing, unit=Unit.CM)
    assert chosen.unit is Unit.CM
    assert len(chosen.gaps) == 3  # ten times as long and wide
    odd = dxf.read(drawings.dxf(lambda space: drawings.outlined(space, scale=3.28), units=0))
    by_area = _read(odd)
    assert by_area.unit is Unit.AREA
    assert not by_area.gaps


def test_a_unit_that_makes_a_town_of_it_is_refused() -> None:
    drawing = dxf.read(drawings.dxf(lambda space: drawings.outlined(space, scale=1000), units=0))
    with pytest.raises(Unreadable, match="换一个单位"):
        _read(drawing, unit=Unit.M)


def test_missing_unknown_and_doubled_numbers_are_told() -> None:
    rooms = _rooms(r101="24", r102="18", r104="20")
    drawing = Drawing(
        loops=(
            _box(0, 0, 4, 6), _box(4, 0, 3, 6), _box(7, 0, 1, 1), _box(8, 0, 3, 6),
            _box(20, 0, 2, 2),
        ),
        texts=(
            Text("t", (1, 1), "101"), Text("t", (5, 1), "102"), Text("t", (7.5, 0.5), "102"),
            Text("t", (9, 1), "199"),
        ),
        unit_mm=1000.0,
    )  # fmt: skip
    found = _read(drawing, rooms)
    assert [room.number for room in found.matched] == ["101", "102"]
    assert [room.number for room in found.missing] == ["104"]
    assert found.doubled == ("102",)
    assert found.unknown == ("199",)
    assert found.passed_over == 2  # the smaller 102, and what says nothing
    assert {shape.label: plans.drawn_m2(shape) for shape in found.shapes}["102"] == 18


def test_a_frame_around_all_is_no_room() -> None:
    drawing = Drawing(
        loops=(_box(0, 0, 4, 6), _box(4, 0, 3, 6), _box(-1, -2, 20, 20)),
        texts=(
            Text("t", (1, 1), "101"), Text("t", (5, 1), "102"), Text("t", (10, -1.5), "205 图签"),
        ),
        unit_mm=1000.0,
    )  # fmt: skip
    assert [shape.label for shape in _read(drawing).shapes] == ["101", "102"]


def test_an_outline_drawn_twice_counts_once() -> None:
    drawing = Drawing(
        loops=(_box(0, 0, 4, 6), _box(0, 0, 4, 6.001), _box(4, 0, 3, 6)),
        texts=(Text("t", (1, 1), "101"), Text("t", (5, 1), "102")),
        unit_mm=1000.0,
    )
    found = _read(drawing)
    assert not found.doubled
    assert len(found.shapes) == 2


def test_layers_with_rooms_are_taken_unless_others_are_chosen() -> None:
    drawing = Drawing(
        loops=(_box(0, 0, 4, 6), _box(0.5, 0.5, 1, 1, "家具"), _box(4, 0, 3, 6)),
        texts=(Text("字", (3, 3), "101"), Text("字", (5, 1), "102"), Text("字", (1, 1), "柜")),
        unit_mm=1000.0,
    )
    found = _read(drawing)
    assert {layer.name: layer.chosen for layer in found.layers} == {"房间": True, "家具": False}
    chosen = _read(drawing, layers=("家具",))
    assert [layer.name for layer in chosen.layers if layer.chosen] == ["家具"]
    assert [shape.room_id for shape in chosen.shapes] == [None]  # a room that says nothing


def test_outlines_without_any_word_are_rooms_to_be_named() -> None:
    drawing = Drawing(
        loops=(
            _box(0, 0, 4, 6), _box(4, 0, 3, 6), _box(7, 0, 3, 6),
            _box(0, 0, 10, 6.1),  # the house around them
            _box(1, 1, 1.2, 0.8), _box(5, 1, 0.5, 0.5),  # a desk, a chair
        ),
        unit_mm=1000.0,
    )  # fmt: skip
    found = _read(drawing)
    assert sorted(plans.drawn_m2(shape) for shape in found.shapes) == [18, 18, 24]
    assert {(shape.role, shape.label, shape.room_id) for shape in found.shapes} == {
        (ShapeRole.ROOM, "", None)
    }
    assert [room.number for room in found.missing] == ["101", "102", "103"]
    assert found.passed_over == 3
    assert (found.nameless, found.unknown) == (3, ())


def test_a_drawing_without_outlines_gets_a_sentence() -> None:
    with pytest.raises(Unreadable, match="没有封闭的房间轮廓"):
        _read(Drawing(texts=(Text("t", (1, 1), "101"),)))


def _box(x: float, y: float, wide: float, deep: float, layer: str = "房间") -> Loop:
    return Loop(layer, tuple(drawings.corners(x, y, wide, deep)))
