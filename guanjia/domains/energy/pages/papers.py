"""A report on a page: its sentences, tables and charts, and as a sheet to take away."""

import csv
import io
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from guanjia.engines.wordreports.paper import Figure, Head, Paper, Table
from guanjia.kernel.registers.workbook import STARTS_FORMULA
from guanjia.ui import excel
from guanjia.ui.charts import Chart, Series

# Where a value of a chart leads: figure, name of the series, place of the category; "" nowhere.
Opens = Callable[[Figure, str, int], str]
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


def _nowhere(_: Figure, __: str, ___: int) -> str:
    return ""


def sections(
    paper: Paper, *, opens: Opens = _nowhere, links: dict[str, tuple[str, str]] | None = None,
    words: str = "",
) -> list[dict[str, Any]]:  # fmt: skip
    """The parts for ``energy/paper.html``; ``links``: title and address beside the head of a part;
    ``words``: only rows of tables that hold them."""
    return [
        {
            "key": section.key,
            "title": section.title,
            "link": (links or {}).get(section.key),
            "sentences": section.sentences,
            "tables": [_table(table, words) for table in section.tables],
            "charts": [_chart(section.key, figure, opens) for figure in section.figures],
        }
        for section in paper.sections
    ]


def _table(table: Table, words: str) -> dict[str, Any]:
    shown = [row for row in table.shown() if not words or any(words in cell for cell in row)]
    return {
        "title": table.title,
        "heads": table.heads,
        "rows": [list(zip(row, table.heads, strict=True)) for row in shown],
        "note": table.note,
        "left_out": len(table.rows) - len(shown),
    }


def _chart(section: str, figure: Figure, opens: Opens) -> Chart:
    return Chart(
        key=f"{section}_{figure.key}",
        title=figure.title,
        unit=figure.unit,
        noun=figure.noun,
        categories=figure.categories,
        places=figure.places,
        flat=figure.kind == "bar" and len(figure.categories) > 4,  # noqa: PLR2004 — names side by side
        series=[
            Series(
                name=each.name,
                values=[None if text is None else Decimal(text) for text in each.values],
                urls=_urls(figure, each.name, opens),
            )
            for each in figure.series
        ],
    )


def _urls(figure: Figure, name: str, opens: Opens) -> list[str]:
    found = [opens(figure, name, place) for place in range(len(figure.categories))]
    return found if any(found) else []


# ── to take away ─────────────────────────────────────────────────────────────────────────


def book(paper: Paper, *, notes: list[str]) -> bytes:
    """Every table of a report in one sheet, numbers as numbers."""
    heads, rows = _rows(paper)
    return excel.book(title=paper.title, notes=notes, heads=heads, rows=rows)


def _rows(paper: Paper) -> tuple[list[str], list[list[Any]]]:
    """The tables below each other: the heads of the first, its rows, an empty row, the next."""
    tables = [table for section in paper.sections for table in section.tables]
    width = max((len(table.heads) for table in tables), default=1)
    found: list[list[Any]] = []
    for place, table in enumerate(tables):
        heads = _wide([head.whole for head in table.heads], width)
        found += [[None] * width, heads] if place else [heads]
        found += [_wide(_cells(row, table.heads), width) for row in table.rows]
    first, *rest = found or [[""]]
    return [str(cell or "") for cell in first], rest


def _cells(row: tuple[str | None, ...], heads: tuple[Head, ...]) -> list[Any]:
    return [
        cell if cell is None or head.places is None else float(Decimal(cell))
        for cell, head in zip(row, heads, strict=True)
    ]


def _wide(cells: list[Any], width: int) -> list[Any]:
    return [*cells, *[None] * (width - len(cells))]


def comma_separated(paper: Paper, *, notes: list[str]) -> bytes:
    """Every table as CSV that Excel opens in Chinese; no cell is a formula."""
    text = io.StringIO()
    lines = csv.writer(text)
    for line in (paper.title, *notes):
        lines.writerow([_harmless(line)])
    for section in paper.sections:
        for table in section.tables:
            lines.writerow([])
            lines.writerow([table.title])
            lines.writerow([head.whole for head in table.heads])
            lines.writerows(
                [
                    "" if cell is None else cell if head.places is not None else _harmless(cell)
                    for cell, head in zip(row, table.heads, strict=True)
                ]
                for row in table.rows
            )
    return text.getvalue().encode("utf-8-sig")


def _harmless(text: str) -> str:
    return f"'{text}" if text.startswith(STARTS_FORMULA) else text
