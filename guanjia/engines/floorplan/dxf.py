"""Reading a DXF: closed outlines, hatches, walls drawn as lines, and the words between them.

Runs in a process of its own (see ``child``): ezdxf is large, and files come from anywhere.
"""

import io
import itertools
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

from ezdxf import path as paths
from ezdxf import recover
from ezdxf.lldxf.const import DXFError

from guanjia.engines.floorplan import tracing
from guanjia.engines.floorplan.drawing import (
    CORNERS_MAX,
    ENTITIES_MAX,
    LOOPS_MAX,
    SEGMENTS_MAX,
    TEXT_LENGTH_MAX,
    TEXTS_MAX,
    Drawing,
    Loop,
    Place,
    Text,
    Unreadable,
)

# $INSUNITS → millimetres; 0 says that nobody knows.
UNITS_MM = {1: 25.4, 2: 304.8, 4: 1.0, 5: 10.0, 6: 1000.0, 14: 100.0}
_OUTLINES = {"LWPOLYLINE", "POLYLINE", "HATCH", "MPOLYGON", "SOLID", "SPLINE"}
_WORDS = {"TEXT", "MTEXT", "ATTRIB"}
_DEEP_MAX = 4  # blocks within blocks
_CORNER_LEAST = 3
_SHARE_OF_SIZE = 1e-4  # ends closer than this share of the drawing are one point


def read(content: bytes) -> Drawing:
    """What a DXF holds; raises ``DXFError``, ``ValueError`` or ``KeyError`` for what is none, and
    ``Unreadable`` for one that was cut off."""
    document, _ = recover.read(io.BytesIO(content))
    reader = _Reader()
    for entity in itertools.islice(_exploded(document.modelspace(), 0), ENTITIES_MAX):
        reader.take(entity)
    drawing = reader.drawing(UNITS_MM.get(int(document.header.get("$INSUNITS", 0) or 0)))
    if not drawing.loops and not content.rstrip().endswith(b"EOF"):
        # The reader passes over a section without an end, and with it over everything drawn.
        raise Unreadable("plan_cut_off", "文件不完整，后面一段没有了。重新导出或重新下载再传。")
    return drawing


def _exploded(entities: Iterable[Any], deep: int) -> Iterator[Any]:
    for entity in entities:
        if entity.dxftype() != "INSERT":
            yield entity
            continue
        yield from entity.attribs
        if deep < _DEEP_MAX:  # one block may be placed in rows and columns
            for one in entity.multi_insert() if entity.mcount > 1 else (entity,):
                yield from _exploded(one.virtual_entities(), deep + 1)


class _Reader:
    def __init__(self) -> None:
        self.loops: list[Loop] = []
        self.lines: dict[str, list[tracing.Segment]] = defaultdict(list)
        self.texts: list[Text] = []
        self.cut: dict[str, int] = defaultdict(int)

    def take(self, entity: Any) -> None:
        kind = entity.dxftype()
        layer = str(entity.dxf.get("layer", "0"))[:TEXT_LENGTH_MAX]
        if kind == "LINE":
            start, end = entity.dxf.start, entity.dxf.end
            self._line(layer, (start.x, start.y), (end.x, end.y))
        elif kind in _WORDS:
            self._words(layer, entity)
        elif kind in _OUTLINES:
            for path in _paths(entity):
                self._outline(layer, path)

    def _line(self, layer: str, start: Place, end: Place) -> None:
        if start == end:
            return
        if len(self.lines[layer]) < SEGMENTS_MAX:
            self.lines[layer].append((start, end))
        else:
            self.cut["线段"] += 1

    def _outline(self, layer: str, corners: list[Place]) -> None:
        closed = len(corners) > _CORNER_LEAST and corners[0] == corners[-1]
        if not closed:
            for a, b in itertools.pairwise(corners):
                self._line(layer, a, b)
            return
        ring = corners[:-1]
        if len(ring) > CORNERS_MAX or len(self.loops) >= LOOPS_MAX:
            self.cut["图形"] += 1
            return
        self.loops.append(Loop(layer, tuple(ring)))

    def _words(self, layer: str, entity: Any) -> None:
        said = entity.plain_text() if entity.dxftype() in ("MTEXT", "TEXT", "ATTRIB") else ""
        words = " ".join(str(said).split())[:TEXT_LENGTH_MAX]
        if not words:
            return
        if len(self.texts) >= TEXTS_MAX:
            self.cut["文字"] += 1
            return
        self.texts.append(Text(layer, _middle(entity, words), words))

    def drawing(self, unit_mm: float | None) -> Drawing:
        snap = self._size() * _SHARE_OF_SIZE
        for layer, segments in self.lines.items():
            faces = tracing.faces(segments, snap=snap) if snap else []
            for face in faces:
                if len(face) > CORNERS_MAX or len(self.loops) >= LOOPS_MAX:
                    self.cut["图形"] += 1
                else:
                    self.loops.append(Loop(layer, tuple(face), traced=True))
        return Drawing(
            loops=tuple(self.loops), texts=tuple(self.texts), unit_mm=unit_mm, cut=dict(self.cut)
        )

    def _size(self) -> float:
        ends = [p for segments in self.lines.values() for segment in segments for p in segment]
        if not ends:
            return 0.0
        xs, ys = [x for x, _ in ends], [y for _, y in ends]
        return max(max(xs) - min(xs), max(ys) - min(ys))


def _paths(entity: Any) -> Iterator[list[Place]]:
    """The outlines of an entity as corners; arcs become short lines, a closed one ends where it
    began."""
    try:
        made = (
            list(paths.from_hatch(entity))
            if entity.dxftype() in ("HATCH", "MPOLYGON")
            else [paths.make_path(entity)]
        )
    except (TypeError, ValueError, DXFError):
        return
    for path in made:
        if len(path) == 0:
            continue
        yield _corners(path, closed=path.is_closed or _says_closed(entity))


def _corners(path: Any, *, closed: bool) -> list[Place]:
    # Arcs bend off their chords by a four hundredth of the outline at most.
    points = [(p.x, p.y) for p in path.flattening(_reach(path) / 400, segments=8)]
    if closed and points[0] != points[-1]:
        points.append(points[0])
    return points


def _reach(path: Any) -> float:
    spots = [(float(p.x), float(p.y)) for p in path.control_vertices()]
    xs, ys = [x for x, _ in spots], [y for _, y in spots]
    return max(max(xs) - min(xs), max(ys) - min(ys), 1e-6)


def _says_closed(entity: Any) -> bool:
    return bool(getattr(entity, "is_closed", False) or getattr(entity, "closed", False))


def _middle(entity: Any, words: str) -> Place:
    """About the middle of the words: they are drawn from their left end, or from a point that the
    alignment names."""
    dxf = entity.dxf
    if entity.dxftype() == "MTEXT":
        return dxf.insert.x, dxf.insert.y
    if dxf.get("halign", 0) or dxf.get("valign", 0):
        point = dxf.get("align_point") or dxf.insert
        return point.x, point.y
    height = float(dxf.get("height", 0) or 0)
    wide = sum(1.0 if ord(letter) > 255 else 0.6 for letter in words)  # noqa: PLR2004 — full width
    return dxf.insert.x + wide * height / 2, dxf.insert.y + height / 2
