"""What was read from a drawing, as plain data that fits into JSON. Pure.

Coordinates are those of the drawing; ``flip`` says that y points up there. ``unit_mm`` is how many
millimetres one of its units is, ``None`` where the drawing does not say.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

BYTES_MAX = 20 * 1024 * 1024
ENTITIES_MAX = 200_000
LOOPS_MAX = 2_000
CORNERS_MAX = 200
TEXTS_MAX = 4_000
TEXT_LENGTH_MAX = 60
LAYERS_MAX = 200
SEGMENTS_MAX = 4_000  # of one layer: every line is compared with those beside it

Place = tuple[float, float]


@dataclass(frozen=True)
class Loop:
    """A closed line; ``traced`` where it was found among single lines."""

    layer: str
    corners: tuple[Place, ...]
    traced: bool = False


@dataclass(frozen=True)
class Text:
    """Words and where they stand."""

    layer: str
    at: Place
    words: str


@dataclass(frozen=True, kw_only=True)
class Drawing:
    """Everything of a drawing that a floor plan can be made of."""

    loops: tuple[Loop, ...] = ()
    texts: tuple[Text, ...] = ()
    unit_mm: float | None = None
    flip: bool = True
    # What was left out because there was too much of it, by name: 图形, 文字, 线段.
    cut: Mapping[str, int] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """Plain data."""
        return asdict(self)


def from_json(told: Mapping[str, Any]) -> Drawing:
    """A drawing as ``as_json`` wrote it; ``KeyError``/``TypeError`` for anything else."""
    return Drawing(
        loops=tuple(
            Loop(one["layer"], tuple((p[0], p[1]) for p in one["corners"]), one["traced"])
            for one in told["loops"]
        ),
        texts=tuple(
            Text(one["layer"], (one["at"][0], one["at"][1]), one["words"]) for one in told["texts"]
        ),
        unit_mm=told["unit_mm"],
        flip=told["flip"],
        cut=told["cut"],
    )


class Unreadable(Exception):
    """The drawing cannot be used: a code, and in one sentence why and what to do."""

    def __init__(self, code: str, why: str) -> None:
        self.code, self.why = code, why
        super().__init__(why)
