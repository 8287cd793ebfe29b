"""Polygons: what they measure, whether they cross themselves, how much they share."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guanjia.engines.floorplan import geometry
from guanjia.engines.floorplan.geometry import Point

SQUARE = ((0, 0), (4000, 0), (4000, 3000), (0, 3000))
L_SHAPE = ((0, 0), (6000, 0), (6000, 2000), (2000, 2000), (2000, 5000), (0, 5000))
BOW_TIE = ((0, 0), (4000, 4000), (4000, 0), (0, 4000))


def _moved(polygon: tuple[Point, ...], x: int, y: int) -> list[Point]:
    return [(a + x, b + y) for a, b in polygon]


def test_the_area_does_not_ask_which_way_round() -> None:
    assert geometry.area_m2(SQUARE) == geometry.area_m2(SQUARE[::-1]) == 12.0
    assert geometry.area_m2(L_SHAPE) == 18.0


@pytest.mark.parametrize(
    ("polygon", "simple"),
    [
        (SQUARE, True),
        (L_SHAPE, True),
        (BOW_TIE, False),
        (((0, 0), (4000, 0), (2000, 0)), False),  # flat
        (((0, 0), (4000, 0)), False),
        (((0, 0), (4000, 0), (4000, 4000), (2000, 0), (0, 4000)), False),  # touches its own side
        (((0, 0), (4000, 0), (4000, 4000), (4000, 1000), (0, 1000)), False),  # runs back
    ],
)
def test_a_border_that_meets_itself_is_no_room(polygon: tuple[Point, ...], simple: bool) -> None:
    assert geometry.is_simple(polygon) is simple


def test_corners_on_a_straight_side_are_left_out() -> None:
    ring = [(0, 0), (2000, 0), (4000, 0), (4000, 0), (4000, 3000), (0, 3000)]
    assert geometry.tidied(ring) == list(SQUARE)


def test_neighbours_share_nothing() -> None:
    assert geometry.overlap_m2(SQUARE, _moved(SQUARE, 4000, 0)) == 0
    assert geometry.overlap_m2(SQUARE, _moved(SQUARE, 0, 3000)) == 0


def test_what_lies_over_one_another_is_measured() -> None:
    assert geometry.overlap_m2(SQUARE, _moved(SQUARE, 3000, 2000)) == pytest.approx(1.0)
    # The notch of the L is empty.
    assert geometry.overlap_m2(L_SHAPE, [(2000, 2000), (6000, 2000), (6000, 5000)]) == 0
    assert geometry.overlap_m2(L_SHAPE, SQUARE) == pytest.approx(10.0)


@given(
    st.integers(-9000, 9000), st.integers(-9000, 9000),
    st.integers(500, 9000), st.integers(500, 9000),
)  # fmt: skip
def test_two_rectangles_share_what_arithmetic_says(x: int, y: int, wide: int, high: int) -> None:
    other = ((x, y), (x + wide, y), (x + wide, y + high), (x, y + high))
    across = max(0, min(4000, x + wide) - max(0, x))
    down = max(0, min(3000, y + high) - max(0, y))
    assert geometry.overlap_m2(SQUARE, other) == pytest.approx(across * down / 1e6)
    assert geometry.overlap_m2(other, SQUARE) == pytest.approx(across * down / 1e6)


@given(st.lists(st.integers(1500, 9000), min_size=3, max_size=24))
def test_a_label_stands_inside(reaches: list[int]) -> None:
    count = len(reaches)
    star = [
        (
            10_000 + round(reach * math.cos(math.tau * i / count)),
            10_000 + round(reach * math.sin(math.tau * i / count)),
        )
        for i, reach in enumerate(reaches)
    ]
    spot = geometry.anchor(star)
    assert geometry.contains(star, spot)
    assert geometry.chord(star, spot) > 0


def test_the_label_of_an_l_stands_in_its_broad_part() -> None:
    x, y = geometry.anchor(L_SHAPE)
    assert x <= 2000 or y <= 2000
    assert geometry.distance_inside(L_SHAPE, (x, y)) >= 900
    assert geometry.distance_inside(L_SHAPE, (5000, 4000)) < 0


@given(st.lists(st.integers(1000, 9000), min_size=3, max_size=12))
def test_triangles_cover_a_polygon(reaches: list[int]) -> None:
    count = len(reaches)
    star = [
        (
            round(reach * math.cos(math.tau * i / count)),
            round(reach * math.sin(math.tau * i / count)),
        )
        for i, reach in enumerate(reaches)
    ]
    if not geometry.is_simple(star):
        return
    covered = sum(geometry.area_m2(part) for part in geometry.triangles(star))
    assert covered == pytest.approx(geometry.area_m2(star))
