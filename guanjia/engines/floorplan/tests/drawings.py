"""Drawings made for tests: a small floor as a DXF and as an SVG."""

import io
from collections.abc import Callable, Iterable
from typing import Any

import ezdxf

# A corridor with three rooms above it; metres, y up: x, y, width, depth, words.
FLOOR = (
    (0.0, 2.0, 4.0, 6.0, "101"),
    (4.0, 2.0, 3.0, 6.0, "102室"),
    (7.0, 2.0, 3.0, 6.0, "１０３ 办公室"),
    (0.0, 0.0, 10.0, 2.0, "走廊"),
)


def dxf(draw: Callable[[Any], None], *, units: int = 6, release: str = "R2010") -> bytes:
    """A DXF with what ``draw`` puts into its model space; ``units`` as in ``$INSUNITS``."""
    document = ezdxf.new(release, units=units)
    draw(document.modelspace())
    out = io.StringIO()
    document.write(out)
    return out.getvalue().encode()


def corners(x: float, y: float, wide: float, deep: float) -> list[tuple[float, float]]:
    """A rectangle."""
    return [(x, y), (x + wide, y), (x + wide, y + deep), (x, y + deep)]


def outlined(space: Any, *, scale: float = 1.0, layer: str = "房间") -> None:
    """The floor as closed polylines with a word in each."""
    for x, y, wide, deep, words in FLOOR:
        ring = [(a * scale, b * scale) for a, b in corners(x, y, wide, deep)]
        space.add_lwpolyline(ring, close=True, dxfattribs={"layer": layer})
        text = space.add_text(words, height=0.3 * scale, dxfattribs={"layer": "文字"})
        text.set_placement(((x + wide / 3) * scale, (y + deep / 2) * scale))


def walled(space: Any) -> None:
    """The same floor as single lines that cross and overlap."""
    segments: Iterable[tuple[tuple[float, float], tuple[float, float]]] = (
        ((0, 0), (10, 0)), ((10, 0), (10, 8)), ((10, 8), (0, 8)), ((0, 8), (0, 0)),
        ((-1, 2), (11, 2)),  # longer than the house
        ((4, 2), (4, 8)), ((7, 2), (7, 8)), ((7, 4), (7, 8)),  # one drawn twice
        ((2, 8), (2, 9)),  # a loose end
    )  # fmt: skip
    for start, end in segments:
        space.add_line(start, end, dxfattribs={"layer": "墙"})
    for x, y, wide, deep, words in FLOOR:
        space.add_mtext(words, dxfattribs={"layer": "文字", "insert": (x + wide / 2, y + deep / 2)})


SVG = """<?xml version="1.0" encoding="UTF-8"?>
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1000 800">
<defs><rect x="0" y="0" width="50" height="50"/></defs>
<g id="rooms" transform="translate(10 20) scale(100)">
<rect x="0" y="0" width="4" height="6"/><text x="2" y="3">101</text>
<polygon points="4,0 7,0 7,6 4,6"/><text x="5.5" y="3"><tspan>10</tspan><tspan>2</tspan></text>
<path d="M7 0 h3 v6 h-3 z"/><text x="8.5" y="3">103</text>
<path d="M0 6 L10 6 10 8 0 8 0 6"/><text x="5" y="7">走廊</text>
<path d="M0 0 L1 1"/>
</g>
<g display="none"><rect x="0" y="0" width="900" height="700"/></g>
</svg>
"""
