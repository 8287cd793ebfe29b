"""Reading an SVG: shapes and words only, by a parser that knows nothing of what lies outside.

Expat is told to stop at the first DOCTYPE with declarations of its own, so there are no entities
to blow up; one that only names SVG's, as drawing programs write it, declares nothing and is not
fetched; scripts, images, styles and references are never looked at. What is kept are numbers and
short words: the file itself is never served to anybody.
"""

import itertools
import math
import re
from collections import defaultdict
from collections.abc import Mapping
from xml.parsers import expat

from guanjia.engines.floorplan.drawing import (
    CORNERS_MAX,
    ENTITIES_MAX,
    LOOPS_MAX,
    TEXT_LENGTH_MAX,
    TEXTS_MAX,
    Drawing,
    Loop,
    Place,
    Text,
    Unreadable,
)

_DEEP_MAX = 64
_ENCODING = re.compile(rb"""<\?xml[^>]*?encoding=["']([A-Za-z0-9._-]+)["']""")
_CHINESE = {b"gb2312", b"gbk", b"gb18030"}
_NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")
_STEP = re.compile(r"([MmLlHhVvZzCcSsQqTtAa])([^MmLlHhVvZzCcSsQqTtAa]*)")
_TURN = re.compile(r"(matrix|translate|scale|rotate)\s*\(([^)]*)\)")
# What stands in these is drawn elsewhere or not at all.
_APART = {"defs", "symbol", "clipPath", "mask", "pattern", "marker", "script", "style", "metadata"}
_PLAIN_LAYER = "图形"
_CURVE_PARTS = 8
_LEAST = 3

Matrix = tuple[float, float, float, float, float, float]
_SAME: Matrix = (1, 0, 0, 1, 0, 0)


def read(content: bytes) -> Drawing:
    """What an SVG holds; raises ``Unreadable`` or ``expat.ExpatError`` for what is none."""
    reader = _Reader()
    content, encoding = _known(content)
    parser = expat.ParserCreate(encoding, namespace_separator=" ")
    parser.StartDoctypeDeclHandler = reader.doctype
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.words
    parser.Parse(content, True)
    if not reader.seen_root:
        raise Unreadable("plan_not_svg", "文件不是 SVG 图。在绘图软件里另存为 SVG 再传。")
    return Drawing(
        loops=tuple(reader.loops), texts=tuple(reader.texts), flip=False, cut=dict(reader.cut)
    )


def _known(content: bytes) -> tuple[bytes, str | None]:
    """Expat does not know the Chinese encodings: those bytes are told anew, and that they were."""
    declared = _ENCODING.search(content[:200])
    if declared and declared.group(1).lower() in _CHINESE:
        return content.decode("gb18030").encode(), "utf-8"
    return content, None


class _Reader:
    def __init__(self) -> None:
        self.loops: list[Loop] = []
        self.texts: list[Text] = []
        self.cut: dict[str, int] = defaultdict(int)
        self.seen_root = False
        self._stack: list[tuple[str, Matrix, str, bool]] = []  # name, matrix, layer, apart
        self._seen = 0
        self._said: list[str] = []
        self._said_at: Place | None = None

    def doctype(self, _: str, __: str | None, ___: str | None, declares: bool) -> None:
        if declares:
            raise Unreadable(
                "plan_doctype",
                "文件里有 DOCTYPE 声明，出于安全不读。在绘图软件里另存为“纯 SVG”再传。",
            )

    def start(self, full_name: str, given: Mapping[str, str]) -> None:
        name = full_name.rpartition(" ")[2]
        self._seen += 1
        if self._seen > ENTITIES_MAX or len(self._stack) >= _DEEP_MAX:
            raise Unreadable("plan_large", "图形太多或嵌套太深。只留房间轮廓和房间号再传。")
        if not self._stack:
            self.seen_root = name == "svg"
        _, matrix, layer, apart = (
            self._stack[-1] if self._stack else ("", _SAME, _PLAIN_LAYER, False)
        )
        matrix = _times(matrix, _matrix(given.get("transform", "")))
        if name == "g":
            label = next((v for k, v in given.items() if k.endswith(" label")), "")
            layer = (label or given.get("id") or layer)[:TEXT_LENGTH_MAX]
        apart = apart or name in _APART or given.get("display") == "none"
        self._stack.append((name, matrix, layer, apart))
        if apart or not self.seen_root:
            return
        if name == "text":
            self._said, self._said_at = [], _moved(matrix, _point(given, "x", "y"))
        elif name == "tspan" and not "".join(self._said).strip() and "x" in given:
            self._said_at = _moved(matrix, _point(given, "x", "y"))
        else:
            for corners in _outlines(name, given):
                self._outline(layer, [_moved(matrix, corner) for corner in corners])

    def end(self, _: str) -> None:
        name, _matrix_then, layer, _apart = self._stack.pop()
        if name != "text" or self._said_at is None:
            return
        words = " ".join("".join(self._said).split())[:TEXT_LENGTH_MAX]
        if words and len(self.texts) >= TEXTS_MAX:
            self.cut["文字"] += 1
        elif words:
            self.texts.append(Text(layer, self._said_at, words))
        self._said, self._said_at = [], None

    def words(self, said: str) -> None:
        if self._said_at is not None and len(self._said) < TEXT_LENGTH_MAX:
            self._said.append(said[:TEXT_LENGTH_MAX] + (" " if said.isspace() else ""))

    def _outline(self, layer: str, corners: list[Place]) -> None:
        if len(corners) < _LEAST:
            return
        if len(corners) > CORNERS_MAX or len(self.loops) >= LOOPS_MAX:
            self.cut["图形"] += 1
            return
        self.loops.append(Loop(layer, tuple(corners)))


def _numbers(text: str) -> list[float]:
    return [float(number) for number in _NUMBER.findall(text[:20_000])]


def _point(given: Mapping[str, str], x: str, y: str) -> Place:
    return next(iter(_numbers(given.get(x, "0"))), 0.0), next(
        iter(_numbers(given.get(y, "0"))), 0.0
    )


def _outlines(name: str, given: Mapping[str, str]) -> list[list[Place]]:
    """The closed outlines an element draws, in its own coordinates."""
    if name == "rect":
        (x, y), (wide, high) = _point(given, "x", "y"), _point(given, "width", "height")
        return [[(x, y), (x + wide, y), (x + wide, y + high), (x, y + high)]]
    if name in ("polygon", "polyline"):
        numbers = _numbers(given.get("points", ""))
        corners = list(zip(numbers[::2], numbers[1::2], strict=False))
        closed = name == "polygon" or (len(corners) > _LEAST and corners[0] == corners[-1])
        return [_unclosed(corners)] if closed else []
    if name == "path":
        return _closed_parts(given.get("d", ""))
    return []


def _unclosed(corners: list[Place]) -> list[Place]:
    return corners[:-1] if len(corners) > 1 and corners[0] == corners[-1] else corners


def _closed_parts(text: str) -> list[list[Place]]:
    """The closed parts of a path. Curves are taken as short lines, arcs as straight ones."""
    done: list[list[Place]] = []
    now: list[Place] = []
    for step, told in _STEP.findall(text[:200_000]):
        numbers = _numbers(told)
        here = now[-1] if now else (0.0, 0.0)
        if step in "Zz":
            if len(now) >= _LEAST:
                done.append(_unclosed(now))
            now = now[:1]
        elif step in "Mm":
            if len(now) > _LEAST and now[0] == now[-1]:
                done.append(now[:-1])
            now = _lines(here, numbers, relative=step == "m")
        else:
            now.extend(_stepped(step, here, numbers))
    if len(now) > _LEAST and now[0] == now[-1]:
        done.append(now[:-1])
    return done


def _lines(here: Place, numbers: list[float], *, relative: bool) -> list[Place]:
    made = []
    for x, y in zip(numbers[::2], numbers[1::2], strict=False):
        here = (here[0] + x, here[1] + y) if relative else (x, y)
        made.append(here)
    return made


def _stepped(step: str, here: Place, numbers: list[float]) -> list[Place]:
    relative = step.islower()
    kind = step.upper()
    if kind == "L":
        return _lines(here, numbers, relative=relative)
    if kind in "HV":
        made = []
        for number in numbers:
            across = number + (here[kind == "V"] if relative else 0)
            here = (across, here[1]) if kind == "H" else (here[0], across)
            made.append(here)
        return made
    size = {"C": 6, "S": 4, "Q": 4, "T": 2, "A": 7}[kind]
    made = []
    for start in range(0, len(numbers) - size + 1, size):
        part = numbers[start : start + size]
        spots = _lines(here, part[-2:] if kind in "AT" else part, relative=False)
        if relative:
            spots = [(here[0] + x, here[1] + y) for x, y in spots]
        made.extend(_bent([here, *spots]))
        here = spots[-1]
    return made


def _bent(spots: list[Place]) -> list[Place]:
    """A Bézier curve as short lines, without its first point (de Casteljau)."""
    if len(spots) == 2:  # noqa: PLR2004 — a straight line
        return spots[1:]
    made = []
    for i in range(1, _CURVE_PARTS + 1):
        part, row = i / _CURVE_PARTS, spots
        while len(row) > 1:
            row = [
                (a[0] + part * (b[0] - a[0]), a[1] + part * (b[1] - a[1]))
                for a, b in itertools.pairwise(row)
            ]
        made.append(row[0])
    return made


def _matrix(text: str) -> Matrix:
    whole = _SAME
    for kind, told in _TURN.findall(text[:2_000]):
        numbers = _numbers(told)
        if kind == "matrix" and len(numbers) == 6:  # noqa: PLR2004 — as SVG has it
            part: Matrix = (numbers[0], numbers[1], numbers[2], numbers[3], numbers[4], numbers[5])
        elif kind == "translate" and numbers:
            part = (1, 0, 0, 1, numbers[0], numbers[1] if len(numbers) > 1 else 0)
        elif kind == "scale" and numbers:
            part = (numbers[0], 0, 0, numbers[-1], 0, 0)
        elif kind == "rotate" and numbers:
            part = _rotation(numbers)
        else:
            continue
        whole = _times(whole, part)
    return whole


def _rotation(numbers: list[float]) -> Matrix:
    angle = math.radians(numbers[0])
    c, s = math.cos(angle), math.sin(angle)
    x, y = (numbers[1], numbers[2]) if len(numbers) > 2 else (0.0, 0.0)  # noqa: PLR2004 — around a point
    return (c, s, -s, c, x - c * x + s * y, y - s * x - c * y)


def _times(one: Matrix, other: Matrix) -> Matrix:
    a, b, c, d, e, f = one
    g, h, i, j, k, m = other
    return (
        a * g + c * h, b * g + d * h, a * i + c * j, b * i + d * j,
        a * k + c * m + e, b * k + d * m + f,
    )  # fmt: skip


def _moved(matrix: Matrix, place: Place) -> Place:
    a, b, c, d, e, f = matrix
    return a * place[0] + c * place[1] + e, b * place[0] + d * place[1] + f
