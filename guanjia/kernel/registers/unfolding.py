"""Tables that tell a register's rows laid out otherwise: months side by side, a line for each item.

A department says what the columns of such a table mean (``Register.unfold``); here its rows become
rows of the register, and every fault is told where the person who wrote the table sees it.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import TYPE_CHECKING, Protocol

from guanjia.kernel.registers import cells
from guanjia.kernel.registers.cells import Raw

if TYPE_CHECKING:
    from guanjia.kernel.registers.declaration import Fault

# Rows of one line of the table are told apart by this; more than Excel has rows.
STRIDE = 10_000_000
_HEADER_DEPTH = 3
_ROW_SAID = re.compile(r"第 (\d{8,}) 行")

Titles = Mapping[int, str]


@dataclass(frozen=True)
class Cell:
    """What stands in one cell of the table, and in which of its columns."""

    raw: Raw
    position: int


@dataclass(frozen=True)
class Misfit:
    """A cell that does not say what its row is about; ``sentence`` says how to mend it."""

    position: int
    code: str
    sentence: str


class Unfolding(Protocol):
    """How the columns of a table make rows of the register.

    ``known``: the positions of columns that are understood (also those that say nothing new).
    """

    @property
    def known(self) -> frozenset[int]:
        """The positions of understood columns."""
        ...

    def rows(self, line: Mapping[int, Raw]) -> Iterator[Mapping[str, Cell] | Misfit]:
        """The rows, or parts of rows with the same key, that one line tells of."""
        ...


# What ``Register.unfold`` is: titles by position and the text above them → how to read it, or
# ``None`` where the titles do not make such a table.
Unfold = Callable[[Titles, str], Unfolding | None]


@dataclass(frozen=True, kw_only=True)
class Found:
    """A header that a department understands: its last row, and what its columns are called."""

    unfolding: Unfolding
    header_row: int
    titles: Titles

    @property
    def strangers(self) -> list[str]:
        """Titles that nobody understands."""
        return [text for at, text in self.titles.items() if at not in self.unfolding.known]


def find(rows: Sequence[tuple[int, Titles]], unfold: Unfold) -> Found | None:
    """The header among the first rows of a sheet, which may be several rows deep.

    ``rows``: Excel's row number and its texts by position, top down.
    """
    best: Found | None = None
    for end in range(len(rows)):
        for depth in range(1, min(_HEADER_DEPTH, end + 1) + 1):
            part = rows[end - depth + 1 : end + 1]
            if any(after[0] - before[0] != 1 for before, after in pairwise(part)):
                continue
            titles = _composed([texts for _, texts in part])
            above = " ".join(
                text for _, texts in rows[: end - depth + 1] for text in texts.values()
            )
            unfolding = unfold(titles, above)
            if unfolding is None:
                continue
            found = Found(unfolding=unfolding, header_row=rows[end][0], titles=titles)
            if best is None or _rank(found) > _rank(best):
                best = found
    return best


def _rank(found: Found) -> tuple[int, int]:
    return len(found.unfolding.known), -len(found.strangers)


def _composed(rows: Sequence[Titles]) -> dict[int, str]:
    """The titles of a header: what stands in its upper rows is meant for the columns to the right
    too, as far as the next text (those cells are merged)."""
    last = max((position for texts in rows for position in texts), default=0)
    parts: dict[int, list[str]] = {}
    for level, texts in enumerate(rows):
        carried = ""
        for position in range(1, last + 1):
            text = texts.get(position, "")
            if level < len(rows) - 1:
                carried = text = text or carried
            if text:
                parts.setdefault(position, []).append(text)
    lowest = rows[-1]
    # A column with nothing below its upper title is one title over both rows.
    return {
        position: " ".join(texts)
        for position, texts in parts.items()
        if position in lowest or any(position in upper for upper in rows[:-1])
    }


@dataclass(frozen=True)
class Origin:
    """Where the cells of a row of the register stand in the table: row and title, by column."""

    row: int
    cells: Mapping[str, tuple[int, str]]


@dataclass(kw_only=True)
class Unfolded:
    """The rows of the register that a table tells of, by a number of our own."""

    rows: dict[int, dict[str, Raw]] = field(default_factory=dict)
    origins: dict[int, Origin] = field(default_factory=dict)
    misfits: list[tuple[int, Misfit]] = field(default_factory=list)


def unfolded(
    lines: Sequence[tuple[int, Mapping[int, Raw]]], found: Found, *, key: Sequence[str]
) -> Unfolded:
    """Rows out of the lines of a table; parts with the same ``key`` become one row, a part that
    says something twice begins another."""
    made = Unfolded()
    latest: dict[tuple[str, ...], int] = {}
    for number, line in lines:
        taken = 0
        for part in found.unfolding.rows(line):
            if isinstance(part, Misfit):
                made.misfits.append((number, part))
                continue
            named = tuple(cells.shown(part[name].raw) if name in part else "" for name in key)
            at = latest.get(named)
            if at is None or _says_twice(made.rows[at], part, key):
                at = number + taken * STRIDE
                taken += 1
                latest[named] = at
                made.rows[at], made.origins[at] = {}, Origin(number, {})
            _add(made, at, number, part, found.titles)
    return made


def _says_twice(row: Mapping[str, Raw], part: Mapping[str, Cell], key: Sequence[str]) -> bool:
    return any(name in row for name in part if name not in key)


def _add(made: Unfolded, at: int, number: int, part: Mapping[str, Cell], titles: Titles) -> None:
    places = dict(made.origins[at].cells)
    for name, cell in part.items():
        made.rows[at].setdefault(name, cell.raw)
        places.setdefault(name, (number, titles.get(cell.position, "")))
    made.origins[at] = Origin(made.origins[at].row, places)


def told_there(fault: "Fault", origins: Mapping[int, Origin], names: Mapping[str, str]) -> "Fault":
    """A fault of a row of ours, told where it stands in the table; ``names``: titles of columns to
    their names."""
    message = _ROW_SAID.sub(lambda said: f"第 {int(said[1]) % STRIDE} 行", fault.message)
    origin = origins.get(fault.row)
    if origin is None:
        return replace(fault, row=fault.row % STRIDE, message=message)
    row, title = origin.cells.get(names.get(fault.column, ""), (origin.row, fault.column))
    return replace(fault, row=row, column=title, message=message)
