"""What a report says, as plain data: the same on a page, in a Word file, and frozen as JSON. Pure.

Numbers are kept as text (``"1234.5"``), so that what was frozen reads back digit by digit.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

SERIES_MAX = 4


def written(value: Decimal | float | None, places: int) -> str | None:
    """A number as reports keep it, rounded half up; ``None`` stays ``None``."""
    return None if value is None else rounded(value, places)


def rounded(value: Decimal | float, places: int) -> str:
    """A number with so many decimals, rounded half up."""
    return f"{Decimal(str(value)).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP):f}"


@dataclass(frozen=True, kw_only=True)
class Head:
    """A column: its title, its unit, and how many decimals its numbers have (``None``: text)."""

    title: str
    unit: str = ""
    places: int | None = None

    @property
    def whole(self) -> str:
        """Title and unit as one line."""
        return f"{self.title}（{self.unit}）" if self.unit else self.title


@dataclass(frozen=True, kw_only=True)
class Table:
    """Rows under heads; ``None`` is not known."""

    title: str
    heads: tuple[Head, ...]
    rows: tuple[tuple[str | None, ...], ...]
    note: str = ""

    def shown(self) -> list[list[str]]:
        """The cells as people read them: thousands apart, a dash for what is not known."""
        return [
            [shown(cell, head) for cell, head in zip(row, self.heads, strict=True)]
            for row in self.rows
        ]


def shown(cell: str | None, head: Head) -> str:
    """One cell as people read it."""
    if cell is None:
        return "—"
    return cell if head.places is None else f"{Decimal(cell):,.{head.places}f}"


@dataclass(frozen=True, kw_only=True)
class Series:
    """One row of values in the order of the categories."""

    name: str
    values: tuple[str | None, ...]


@dataclass(frozen=True, kw_only=True)
class Figure:
    """A chart: ``kind`` is ``bar`` or ``line``; ``noun`` says what the categories are."""

    key: str
    title: str
    unit: str
    noun: str
    kind: str
    categories: tuple[str, ...]
    series: tuple[Series, ...]
    places: int = 0

    def __post_init__(self) -> None:
        if not 1 <= len(self.series) <= SERIES_MAX:
            raise ValueError(f"{self.key}: one to {SERIES_MAX} series make a chart")
        for each in self.series:
            if len(each.values) != len(self.categories):
                raise ValueError(f"{self.key}: {each.name} has other categories")


@dataclass(frozen=True, kw_only=True)
class Section:
    """A part of a report."""

    key: str
    title: str
    sentences: tuple[str, ...] = ()
    tables: tuple[Table, ...] = ()
    figures: tuple[Figure, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Paper:
    """A whole report; ``facts`` are pairs that stand under its title, ``lines`` the title as it is
    broken on paper (default: as it comes)."""

    title: str
    lines: tuple[str, ...] = ()
    facts: tuple[tuple[str, str], ...] = ()
    sections: tuple[Section, ...] = ()
    notes: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Plain data."""
        return asdict(self)

    def section(self, key: str) -> Section:
        """The part of a key; ``KeyError`` without one."""
        return {each.key: each for each in self.sections}[key]


def paper_from_json(data: Mapping[str, Any]) -> Paper:
    """A report as it was kept by ``as_json``."""
    return Paper(
        title=data["title"],
        lines=tuple(data["lines"]),
        facts=tuple((name, value) for name, value in data["facts"]),
        sections=tuple(_section(each) for each in data["sections"]),
        notes=tuple(data["notes"]),
    )


def _section(data: Mapping[str, Any]) -> Section:
    return Section(
        key=data["key"],
        title=data["title"],
        sentences=tuple(data["sentences"]),
        tables=tuple(_table(each) for each in data["tables"]),
        figures=tuple(_figure(each) for each in data["figures"]),
    )


def _table(data: Mapping[str, Any]) -> Table:
    return Table(
        title=data["title"],
        heads=tuple(Head(**each) for each in data["heads"]),
        rows=_rows(data["rows"]),
        note=data["note"],
    )


def _rows(rows: Sequence[Sequence[str | None]]) -> tuple[tuple[str | None, ...], ...]:
    return tuple(tuple(row) for row in rows)


def _figure(data: Mapping[str, Any]) -> Figure:
    return Figure(
        **{name: data[name] for name in ("key", "title", "unit", "noun", "kind", "places")},
        categories=tuple(data["categories"]),
        series=tuple(
            Series(name=each["name"], values=tuple(each["values"])) for each in data["series"]
        ),
    )
