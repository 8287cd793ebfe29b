"""Polygons in the plane: size, shape, overlap, and where a label stands. Pure.

A polygon is its corners in order, first not repeated, in whole millimetres; y points down as on a
screen. With whole numbers every question of left and right is answered exactly.
"""

import heapq
import math
from collections.abc import Iterator, Sequence

Point = tuple[int, int]
Polygon = Sequence[Point]
Box = tuple[int, int, int, int]  # left, top, right, bottom

_MM2_PER_M2 = 1_000_000


def doubled_area(polygon: Polygon) -> int:
    """Twice the signed area (shoelace), in mm²; positive when the corners run clockwise on a
    screen."""
    return sum(
        a[0] * b[1] - b[0] * a[1]
        for a, b in zip(polygon, [*polygon[1:], *polygon[:1]], strict=True)
    )


def area_m2(polygon: Polygon) -> float:
    """The area in ㎡, however the corners run."""
    return abs(doubled_area(polygon)) / 2 / _MM2_PER_M2


def box(polygon: Polygon) -> Box:
    """The upright rectangle around a polygon."""
    xs, ys = [x for x, _ in polygon], [y for _, y in polygon]
    return min(xs), min(ys), max(xs), max(ys)


def tidied(polygon: Polygon) -> list[Point]:
    """Without corners that come twice in a row and without those on a straight side."""
    corners = [p for i, p in enumerate(polygon) if p != polygon[i - 1] or len(polygon) == 1]
    while len(corners) > 2:  # noqa: PLR2004 — two corners have no side to be straight on
        kept = [
            corner
            for i, corner in enumerate(corners)
            if turn(corners[i - 1], corner, corners[(i + 1) % len(corners)])
        ]
        if len(kept) == len(corners):
            break
        corners = kept
    return corners


def turn(a: Point, b: Point, c: Point) -> int:
    """Which way a walk from a over b to c turns: positive, negative, or 0 straight on."""
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])


def _on(a: Point, b: Point, p: Point) -> bool:
    """Whether p, known to be in line with a and b, lies between them."""
    return min(a[0], b[0]) <= p[0] <= max(a[0], b[0]) and min(a[1], b[1]) <= p[1] <= max(a[1], b[1])


def cross(a: Point, b: Point, c: Point, d: Point) -> bool:
    """Whether the segments ab and cd share a point."""
    one, two, three, four = turn(a, b, c), turn(a, b, d), turn(c, d, a), turn(c, d, b)
    if (one > 0) != (two > 0) and (three > 0) != (four > 0) and one and two and three and four:
        return True
    return (
        (one == 0 and _on(a, b, c))
        or (two == 0 and _on(a, b, d))
        or (three == 0 and _on(c, d, a))
        or (four == 0 and _on(c, d, b))
    )


def is_simple(polygon: Polygon) -> bool:
    """Whether the border neither crosses nor touches itself, and encloses something."""
    count = len(polygon)
    if count < 3 or not doubled_area(polygon) or len(set(polygon)) < count:  # noqa: PLR2004 — a triangle is the least
        return False
    sides = [(polygon[i], polygon[(i + 1) % count]) for i in range(count)]
    for i, (a, b) in enumerate(sides):
        after = sides[(i + 1) % count][1]
        if turn(a, b, after) == 0 and _on(a, b, after):
            return False  # the next side runs back over this one
        for j in range(i + 2, count):
            if (j + 1) % count != i and cross(a, b, *sides[j]):
                return False
    return True


def contains(polygon: Polygon, point: tuple[float, float]) -> bool:
    """Whether a point lies inside; on the border it may say either."""
    x, y = point
    inside = False
    for (x1, y1), (x2, y2) in zip(polygon, [*polygon[1:], *polygon[:1]], strict=True):
        if (y1 > y) != (y2 > y) and x < (x2 - x1) * (y - y1) / (y2 - y1) + x1:
            inside = not inside
    return inside


# ── overlap ────────────────────────────────────────────────────────────────────────────────


def triangles(polygon: Polygon) -> list[tuple[Point, Point, Point]]:
    """A simple polygon cut into triangles by clipping ears; they cover it exactly."""
    corners = tidied(polygon)
    if doubled_area(corners) < 0:
        corners.reverse()
    cut: list[tuple[Point, Point, Point]] = []
    while len(corners) > 3:  # noqa: PLR2004 — the last three are a triangle
        place = _ear(corners)
        if place is None:
            return cut  # not a simple polygon: what was found so far
        cut.append((corners[place - 1], corners[place], corners[(place + 1) % len(corners)]))
        del corners[place]
    if len(corners) == 3:  # noqa: PLR2004 — a triangle
        cut.append((corners[0], corners[1], corners[2]))
    return cut


def _ear(corners: list[Point]) -> int | None:
    for i, corner in enumerate(corners):
        before, after = corners[i - 1], corners[(i + 1) % len(corners)]
        bend = turn(before, corner, after)
        if bend < 0:
            continue
        if bend == 0 or not any(
            _within(before, corner, after, other)
            for other in corners
            if other not in (before, corner, after)
        ):
            return i
    return None


def _within(a: Point, b: Point, c: Point, p: Point) -> bool:
    return turn(a, b, p) >= 0 and turn(b, c, p) >= 0 and turn(c, a, p) >= 0


def overlap_m2(one: Polygon, other: Polygon) -> float:
    """How much of the plane two simple polygons share, in ㎡."""
    if not _boxes_meet(box(one), box(other)):
        return 0.0
    shared = 0.0
    theirs = triangles(other)
    for mine in triangles(one):
        around = box(mine)
        shared += sum(_shared(mine, each) for each in theirs if _boxes_meet(around, box(each)))
    return shared / _MM2_PER_M2


def _boxes_meet(a: Box, b: Box) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


def _shared(one: Sequence[Point], other: Sequence[Point]) -> float:
    """The area two triangles share, in mm²: one is cut at each side of the other."""
    left: list[tuple[float, float]] = [(float(x), float(y)) for x, y in one]
    for i in range(3):
        left = _cut(left, other[i], other[(i + 1) % 3])
        if len(left) < 3:  # noqa: PLR2004 — nothing with an area is left
            return 0.0
    total = sum(a[0] * b[1] - b[0] * a[1] for a, b in zip(left, [*left[1:], left[0]], strict=True))
    return abs(total) / 2


def _cut(corners: list[tuple[float, float]], a: Point, b: Point) -> list[tuple[float, float]]:
    """What of a convex polygon lies left of the line from a to b."""

    def side(p: tuple[float, float]) -> float:
        return (b[0] - a[0]) * (p[1] - a[1]) - (b[1] - a[1]) * (p[0] - a[0])

    kept = []
    for i, corner in enumerate(corners):
        before = corners[i - 1]
        here, there = side(corner), side(before)
        if (here >= 0) != (there >= 0):
            part = there / (there - here)
            kept.append(
                (
                    before[0] + part * (corner[0] - before[0]),
                    before[1] + part * (corner[1] - before[1]),
                )
            )
        if here >= 0:
            kept.append(corner)
    return kept


# ── labels ─────────────────────────────────────────────────────────────────────────────────


def anchor(polygon: Polygon, *, precision: int = 100) -> Point:
    """The inner point farthest from the border (to ``precision`` mm): where a label has room.

    Squares are split, the most promising first, as in Mapbox's polylabel.
    """
    left, top, right, bottom = box(polygon)
    # A corridor a hundred times as long as wide is still looked at in few squares.
    size = max(min(right - left, bottom - top), max(right - left, bottom - top) / 64, 1)
    best = _cell(polygon, (left + right) / 2, (top + bottom) / 2, 0)
    waiting = [
        _cell(polygon, x + size / 2, y + size / 2, size / 2)
        for x in _steps(left, right, size)
        for y in _steps(top, bottom, size)
    ]
    heapq.heapify(waiting)
    for _ in range(2_000):  # enough for any room; a bound all the same
        if not waiting:
            break
        cell = heapq.heappop(waiting)
        if cell[1] > best[1] + precision:  # in a long room the middle stays the middle
            best = cell
        if -cell[0] - best[1] <= precision:
            break
        _, _, x, y, half = cell
        for dx in (-half / 2, half / 2):
            for dy in (-half / 2, half / 2):
                heapq.heappush(waiting, _cell(polygon, x + dx, y + dy, half / 2))
    return round(best[2]), round(best[3])


def _steps(start: int, end: int, size: float) -> Iterator[float]:
    return (start + i * size for i in range(max(1, math.ceil((end - start) / size))))


_Cell = tuple[float, float, float, float, float]  # -best within, distance, x, y, half


def _cell(polygon: Polygon, x: float, y: float, half: float) -> _Cell:
    distance = distance_inside(polygon, (x, y))
    return (-(distance + half * math.sqrt(2)), distance, x, y, half)


def distance_inside(polygon: Polygon, point: tuple[float, float]) -> float:
    """How far a point is from the border, in mm; negative outside."""
    x, y = point
    least = math.inf
    for (x1, y1), (x2, y2) in zip(polygon, [*polygon[1:], *polygon[:1]], strict=True):
        dx, dy = x2 - x1, y2 - y1
        length = dx * dx + dy * dy
        part = max(0.0, min(1.0, ((x - x1) * dx + (y - y1) * dy) / length)) if length else 0.0
        least = min(least, math.hypot(x - x1 - part * dx, y - y1 - part * dy))
    return least if contains(polygon, point) else -least


def chord(polygon: Polygon, point: Point, *, upright: bool = False) -> int:
    """How long the line through an inner point is within the polygon, in mm; level, or upright."""
    x, y = (point[1], point[0]) if upright else point
    cuts = []
    for a, b in zip(polygon, [*polygon[1:], *polygon[:1]], strict=True):
        (x1, y1), (x2, y2) = ((a[1], a[0]), (b[1], b[0])) if upright else (a, b)
        if (y1 > y) != (y2 > y):
            cuts.append((x2 - x1) * (y - y1) / (y2 - y1) + x1)
    before = [cut for cut in cuts if cut <= x]
    after = [cut for cut in cuts if cut > x]
    return round(min(after) - max(before)) if before and after else 0
