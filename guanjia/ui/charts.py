"""Charts: bars and lines of a few series, each value of which opens its rows.

A page makes a ``Chart`` and shows it by ``{% chart … %}`` of ``gj_charts``; it loads
``ui/charts.css``, ``ui/echarts.min.js`` and ``ui/charts.js`` besides. Without script, for screen
readers and behind 看数据 there is the same as a table.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

SERIES_MAX = 4  # more are a table
_LABELLED = 12  # so many bars carry their values

Value = int | float | Decimal | None


@dataclass(frozen=True, kw_only=True)
class Series:
    """One row of values, in the order of the categories; ``urls`` open the rows behind each."""

    name: str
    values: Sequence[Value]
    urls: Sequence[str] = ()


@dataclass(frozen=True, kw_only=True)
class Line:
    """A line across the bars before a category, with what it says."""

    before: int
    title: str


@dataclass(frozen=True, kw_only=True)
class Chart:
    """Bars over categories; ``flat`` lays them on their side, ``stacked`` puts series on each
    other. ``key`` is unique on the page; ``noun`` is the head of the categories in the table."""

    key: str
    title: str
    unit: str
    noun: str
    categories: Sequence[str]
    series: Sequence[Series]
    flat: bool = False
    stacked: bool = False
    places: int = 0
    line: Line | None = None

    def __post_init__(self) -> None:
        if len(self.series) > SERIES_MAX:
            raise ValueError(f"{self.key}: more than {SERIES_MAX} series are a table")
        for each in self.series:
            if len(each.values) != len(self.categories):
                raise ValueError(f"{self.key}: {each.name} has other categories")

    @property
    def empty(self) -> bool:
        """Whether there is nothing to draw."""
        return not any(value for each in self.series for value in each.values)

    @property
    def height(self) -> int:
        """Pixels: flat bars need a row each."""
        return max(120, 26 * len(self.categories) + 36) if self.flat else 240

    def data(self) -> dict[str, Any]:
        """What the script draws."""
        return {
            "unit": self.unit,
            "flat": self.flat,
            "stacked": self.stacked,
            "places": self.places,
            "labels": len(self.categories) <= _LABELLED,
            "categories": list(self.categories),
            "line": {"before": self.line.before, "title": self.line.title} if self.line else None,
            "series": [
                {
                    "name": each.name,
                    "values": [_number(value) for value in each.values],
                    "urls": list(each.urls),
                }
                for each in self.series
            ],
        }

    def rows(self) -> list[tuple[str, list[tuple[Value, str]]]]:
        """The table: category, then value and address of each series."""
        return [
            (category, [(each.values[n], _at(each.urls, n)) for each in self.series])
            for n, category in enumerate(self.categories)
        ]


def _number(value: Value) -> float | int | None:
    return float(value) if isinstance(value, Decimal) else value


def _at(urls: Sequence[str], place: int) -> str:
    return urls[place] if place < len(urls) else ""
