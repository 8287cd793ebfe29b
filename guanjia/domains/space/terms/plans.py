"""The nouns of floor plans (一层一图): editions, shapes, what a drawing gave. Pure."""

from dataclasses import dataclass
from decimal import Decimal

from guanjia.kernel.values.term import Term

SHAPES_MAX = 400  # of one plan
CORNERS_LEAST, CORNERS_MAX = 3, 200  # of one shape
SIDE_MM_MAX = 1_000_000  # no floor is longer than a kilometre
LABEL_MAX = 40

Point = tuple[int, int]


class SourceKind(Term):
    """Where a plan comes from (来源)."""

    DXF = "DXF", "DXF 图"
    SVG = "SVG", "SVG 图"
    SKETCH = "SKETCH", "网页绘制"


class ShapeRole(Term):
    """What a shape of a plan is."""

    ROOM = "ROOM", "房间"
    CORRIDOR = "CORRIDOR", "走廊"
    STAIRS = "STAIRS", "楼梯"
    TOILETS = "TOILETS", "卫生间"
    HALL = "HALL", "门厅"
    VOID = "VOID", "上空"
    WALL = "WALL", "其他"


class Unit(Term):
    """What one unit of a drawing is; by the ledger where the drawing does not say."""

    MM = "MM", "毫米"
    CM = "CM", "厘米"
    M = "M", "米"
    FILE = "FILE", "按图中单位"
    AREA = "AREA", "按台账面积推算"


@dataclass(frozen=True, kw_only=True)
class KnownRoom:
    """A room of the floor as the ledger knows it."""

    id: int
    number: str
    usable_m2: Decimal


@dataclass(frozen=True, kw_only=True)
class Shape:
    """A polygon of a plan in mm, y down, beginning at the left upper corner of the plan."""

    label: str
    role: ShapeRole
    corners: tuple[Point, ...]
    room_id: int | None = None


@dataclass(frozen=True, kw_only=True)
class AreaGap:
    """A room whose drawn area is not that of the ledger; areas in ㎡."""

    room_id: int
    number: str
    drawn_m2: Decimal
    ledger_m2: Decimal

    @property
    def percent(self) -> int:
        """How much more (or less) is drawn, in percent of the ledger's area."""
        return round((self.drawn_m2 - self.ledger_m2) / self.ledger_m2 * 100)


@dataclass(frozen=True, kw_only=True)
class LayerFound:
    """A layer of a drawing: how many closed outlines and words it has, and rooms it would give."""

    name: str
    outlines: int
    words: int
    rooms: int
    chosen: bool = False


@dataclass(frozen=True, kw_only=True)
class Reading:
    """What a drawing becomes as a plan of one floor, before anybody adopts it.

    ``missing`` are rooms of the ledger that are not drawn, ``doubled`` numbers that stand in more
    than one outline, ``unknown`` numbers that no room of the floor has, ``nameless`` counts rooms
    without a number, ``passed_over`` outlines that say nothing.
    """

    shapes: tuple[Shape, ...] = ()
    layers: tuple[LayerFound, ...] = ()
    unit: Unit = Unit.FILE
    matched: tuple[KnownRoom, ...] = ()
    missing: tuple[KnownRoom, ...] = ()
    doubled: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    nameless: int = 0
    passed_over: int = 0
    gaps: tuple[AreaGap, ...] = ()
