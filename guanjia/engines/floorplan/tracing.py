"""Closed loops among single lines: the rooms of a drawing whose walls are only strokes. Pure.

The lines are cut where they meet, loose ends fall away, every face that is left is walked round.
"""

import itertools
import math
from collections import defaultdict
from collections.abc import Iterable

from guanjia.engines.floorplan.drawing import Place

Segment = tuple[Place, Place]
_Knot = tuple[int, int]

_FACE_CORNERS_MAX = 2_000
_SPLITS_MAX = 20_000


def faces(segments: Iterable[Segment], *, snap: float) -> list[list[Place]]:
    """The faces that the lines enclose, each as its corners; ``snap``: ends closer than this are
    one point. Faces between the two lines of a wall are among them."""
    pieces = _cut_where_they_meet(list(segments), snap)
    beside = _graph(pieces, snap)
    _drop_loose_ends(beside)
    return [[(x * snap, y * snap) for x, y in face] for face in _walks(beside)]


def _cut_where_they_meet(segments: list[Segment], snap: float) -> list[Segment]:
    """The lines cut at every crossing and wherever one ends on another."""
    ordered = sorted(segments, key=lambda s: min(s[0][0], s[1][0]))
    cuts: list[list[float]] = [[0.0, 1.0] for _ in ordered]
    splits = 0
    for i, one in enumerate(ordered):
        right = max(one[0][0], one[1][0]) + snap
        top, bottom = sorted((one[0][1], one[1][1]))
        for j in range(i + 1, len(ordered)):
            other = ordered[j]
            if min(other[0][0], other[1][0]) > right:
                break
            if (
                max(other[0][1], other[1][1]) < top - snap
                or min(other[0][1], other[1][1]) > bottom + snap
            ):
                continue
            for mine, theirs in _meetings(one, other, snap):
                cuts[i].append(mine)
                cuts[j].append(theirs)
                splits += 1
        if splits > _SPLITS_MAX:
            return []  # a scribble, not a plan
    pieces: list[Segment] = []
    for segment, parts in zip(ordered, cuts, strict=True):
        at = sorted(parts)
        pieces.extend(
            (_along(segment, a), _along(segment, b)) for a, b in itertools.pairwise(at) if b > a
        )
    return pieces


def _along(segment: Segment, part: float) -> Place:
    (x1, y1), (x2, y2) = segment
    return x1 + part * (x2 - x1), y1 + part * (y2 - y1)


def _meetings(one: Segment, other: Segment, snap: float) -> list[tuple[float, float]]:
    """Where two lines meet, as the parts of the way along each of them."""
    (ax, ay), (bx, by) = one
    (cx, cy), (dx, dy) = other
    ux, uy, vx, vy = bx - ax, by - ay, dx - cx, dy - cy
    length, other_length = math.hypot(ux, uy), math.hypot(vx, vy)
    across = ux * vy - uy * vx
    if abs(across) > 1e-9 * length * other_length:
        mine = ((cx - ax) * vy - (cy - ay) * vx) / across
        theirs = ((cx - ax) * uy - (cy - ay) * ux) / across
        slack, other_slack = snap / length, snap / other_length
        if -slack <= mine <= 1 + slack and -other_slack <= theirs <= 1 + other_slack:
            return [(min(1.0, max(0.0, mine)), min(1.0, max(0.0, theirs)))]
        return []
    if abs((cx - ax) * uy - (cy - ay) * ux) > snap * length:
        return []  # side by side
    # In one line: each end of one that lies on the other cuts it there.
    found = []
    for place, theirs in ((other[0], 0.0), (other[1], 1.0)):
        mine = ((place[0] - ax) * ux + (place[1] - ay) * uy) / length**2
        if 0 < mine < 1:
            found.append((mine, theirs))
    for place, mine in ((one[0], 0.0), (one[1], 1.0)):
        theirs = ((place[0] - cx) * vx + (place[1] - cy) * vy) / other_length**2
        if 0 < theirs < 1:
            found.append((mine, theirs))
    return found


def _graph(pieces: list[Segment], snap: float) -> dict[_Knot, set[_Knot]]:
    beside: dict[_Knot, set[_Knot]] = defaultdict(set)
    for a, b in pieces:
        one = (round(a[0] / snap), round(a[1] / snap))
        other = (round(b[0] / snap), round(b[1] / snap))
        if one != other:
            beside[one].add(other)
            beside[other].add(one)
    return beside


def _drop_loose_ends(beside: dict[_Knot, set[_Knot]]) -> None:
    loose = [knot for knot, others in beside.items() if len(others) == 1]
    while loose:
        knot = loose.pop()
        for other in beside.pop(knot, set()):
            beside[other].discard(knot)
            if len(beside[other]) == 1:
                loose.append(other)


def _walks(beside: dict[_Knot, set[_Knot]]) -> list[list[_Knot]]:
    """Every face walked round once, the outer side of each heap of lines left out."""
    around = {
        knot: sorted(others, key=lambda o, k=knot: math.atan2(o[1] - k[1], o[0] - k[0]))  # type: ignore[misc]
        for knot, others in beside.items()
    }
    place = {(knot, other): i for knot, others in around.items() for i, other in enumerate(others)}
    todo = set(place)
    found = []
    while todo:
        start = a, b = todo.pop()
        walk = [a]
        while True:
            # At b, leave by the line next to the one we came along.
            after = around[b][(place[b, a] - 1) % len(around[b])]
            a, b = b, after
            walk.append(a)
            if (a, b) == start or (a, b) not in todo:
                break
            todo.discard((a, b))
        corners = walk[:-1]
        doubled = sum(
            p[0] * q[1] - p[1] * q[0]
            for p, q in zip(corners, [*corners[1:], corners[0]], strict=True)
        )
        if doubled > 0 and len(corners) <= _FACE_CORNERS_MAX:
            found.append(corners)
    return found
