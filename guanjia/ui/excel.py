"""A plain .xlsx of a table that is no register: heading, head row, rows, totals."""

import io
from collections.abc import Iterable, Sequence
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, Side
from openpyxl.utils import get_column_letter

from guanjia.engines.printing import printable
from guanjia.kernel.registers.workbook import sheet_title

_FONT = "宋体"
_RULE = Side(style="thin", color="FFCBD2DC")
_EDGES = Border(left=_RULE, right=_RULE, top=_RULE, bottom=_RULE)
_CENTRED = Alignment(horizontal="center", vertical="center")
_WIDTH_MAX = 40


def book(
    *,
    title: str,
    notes: Sequence[str],
    heads: Sequence[str],
    rows: Iterable[Sequence[Any]],
    totals: Sequence[Any] = (),
) -> bytes:
    """The bytes of a workbook with one sheet; texts stay texts, whatever they begin with."""
    workbook = Workbook()
    sheet: Any = workbook.active  # a new workbook always has one
    sheet.title = sheet_title(title)
    _line(sheet, 1, [title], Font(name=_FONT, size=16, bold=True))
    sheet.merge_cells(start_row=1, end_row=1, start_column=1, end_column=len(heads))
    sheet.cell(1, 1).alignment = _CENTRED
    place = 2
    for note in notes:
        _line(sheet, place, [note], Font(name=_FONT, size=10))
        place += 1
    _line(sheet, place, heads, Font(name=_FONT, size=11, bold=True), edges=True)
    sheet.freeze_panes = f"A{place + 1}"
    widths = [_breadth(head) for head in heads]
    for row in (*rows, *([totals] if totals else [])):
        place += 1
        bold = row is totals
        _line(sheet, place, row, Font(name=_FONT, size=11, bold=bold), edges=True)
        widths = [max(old, _breadth(value)) for old, value in zip(widths, row, strict=True)]
    for column, width in enumerate(widths, start=1):
        sheet.column_dimensions[get_column_letter(column)].width = min(width + 2, _WIDTH_MAX)
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", 9
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    buffer = io.BytesIO()
    workbook.save(buffer)
    return buffer.getvalue()


def _line(
    sheet: Any, place: int, values: Sequence[Any], font: Font, *, edges: bool = False
) -> None:
    for column, value in enumerate(values, start=1):
        cell = sheet.cell(place, column)
        cell.value = printable(value)
        if isinstance(value, str):
            cell.data_type = "s"  # never a formula
        cell.font = font
        if edges:
            cell.border = _EDGES
        if not isinstance(value, str) and value is not None:
            cell.number_format = "#,##0" if isinstance(value, int) else "#,##0.00"


def _breadth(value: Any) -> int:
    """How wide a value is in Excel's letters; Chinese ones count twice."""
    return sum(2 if sign > "⺀" else 1 for sign in str("" if value is None else value))
