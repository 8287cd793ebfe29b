"""Registers as Excel files: the template people fill in, and the export that can come back."""

import io
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter, quote_sheetname
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from guanjia.engines.printing import printable
from guanjia.kernel.registers import listing
from guanjia.kernel.registers.cells import short_title
from guanjia.kernel.registers.declaration import Column, Kind, Register
from guanjia.kernel.registers.reading import CHOICES_SHEET, HELP_SHEET
from guanjia.kernel.values.period import SHANGHAI

AUTHOR = "管家"

_TITLE_ROW, _HEADER_ROW, _FIRST_ROW = 1, 2, 3
_TEMPLATE_ROWS = 10_000  # as far down as drop-downs reach
_LIST_LENGTH_MAX = 255  # Excel's bound for a list written into the cell's rule
_SHEET_NAME_MAX = 31
_TEXT_MAX = 32_767  # what one cell of Excel holds
_EXCEL_DIGITS = 15  # a whole number with more would lose its last digits
_WIDTHS = {
    Kind.DATE: 12,
    Kind.MONTH: 12,
    Kind.DATETIME: 17,
    Kind.INTEGER: 12,
    Kind.DECIMAL: 12,
    Kind.CHOICE: 14,
}

_FONT = "宋体"
_RULE = Side(style="thin", color="FFCBD2DC")
_EDGES = Border(left=_RULE, right=_RULE, top=_RULE, bottom=_RULE)
_TITLE_FONT = Font(name=_FONT, size=16, bold=True)
_HEAD_FONT = Font(name=_FONT, size=11, bold=True)
_BODY_FONT = Font(name=_FONT, size=11)
_CENTRED = Alignment(horizontal="center", vertical="center", wrap_text=True)
_REQUIRED_FILL = PatternFill("solid", fgColor="FFD6E4F7")
_OPTIONAL_FILL = PatternFill("solid", fgColor="FFF0F2F5")
STARTS_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_NOT_IN_SHEET_NAME = re.compile(r"[\[\]:*?/\\]")


def sheet_name(register: Register) -> str:
    """The register's title as Excel takes it for a sheet."""
    return sheet_title(register.title)


def sheet_title(title: str) -> str:
    """A title as Excel takes it for a sheet."""
    return _NOT_IN_SHEET_NAME.sub(" ", printable(title))[:_SHEET_NAME_MAX]


def number_format(column: Column) -> str:
    """Excel's format for the cells of a column."""
    if column.kind is Kind.DECIMAL:
        return f"0.{'0' * column.places}" if column.places else "0"
    return {
        Kind.INTEGER: "0",
        Kind.DATE: "yyyy-mm-dd",
        Kind.DATETIME: "yyyy-mm-dd hh:mm",
    }.get(column.kind, "@")


def _width(column: Column) -> int:
    return max(_WIDTHS.get(column.kind, 16), 2 * len(column.title) + 2)


# ── the template ──────────────────────────────────────────────────────────────────────────


def template(register: Register) -> bytes:
    """An empty .xlsx of the register: headers to the letter, drop-downs, formats, explanations.

    No example stands where data belongs: examples are in the comments of the headers.
    """
    book = Workbook()
    sheet = book.active
    if not isinstance(sheet, Worksheet):  # a new workbook always has one
        raise TypeError(sheet)
    sheet.title = sheet_name(register)
    columns = register.importable()
    _write_heading(sheet, register.title, len(columns))
    for place, column in enumerate(columns, start=1):
        _write_head_cell(sheet, place, column, register)
    lists = _choice_lists(book, columns)
    for place, column in enumerate(columns, start=1):
        _add_rule(sheet, get_column_letter(place), column, lists)
    sheet.freeze_panes = f"A{_FIRST_ROW}"
    _write_help(book, register, columns)
    return _bytes(book)


def _write_heading(sheet: Worksheet, title: str, width: int) -> None:
    cell = sheet.cell(_TITLE_ROW, 1, title)
    cell.font, cell.alignment = _TITLE_FONT, _CENTRED
    sheet.row_dimensions[_TITLE_ROW].height = 30
    if width > 1:
        sheet.merge_cells(
            start_row=_TITLE_ROW, end_row=_TITLE_ROW, start_column=1, end_column=width
        )


def _is_required(register: Register, column: Column) -> bool:
    return column.required or column.name == register.key_column


def _write_head_cell(sheet: Worksheet, place: int, column: Column, register: Register) -> None:
    cell = sheet.cell(_HEADER_ROW, place, column.title)
    required = _is_required(register, column)
    cell.font, cell.alignment, cell.border = _HEAD_FONT, _CENTRED, _EDGES
    cell.fill = _REQUIRED_FILL if required else _OPTIONAL_FILL
    lines = ["必填" if required else "可不填", how_to_write(column)]
    if column.example:
        lines.append(f"如 {column.example}")
    cell.comment = Comment("\n".join(lines), AUTHOR, height=90, width=220)
    dimension = sheet.column_dimensions[get_column_letter(place)]
    dimension.width = _width(column)
    dimension.number_format = number_format(column)


def how_to_write(column: Column) -> str:
    """How the cells of a column are written, in a few words."""
    words = {
        Kind.TEXT: f"文字，最多 {column.max_length} 个字",
        Kind.INTEGER: "整数",
        Kind.DECIMAL: f"数字，最多 {column.places} 位小数",
        Kind.DATE: "日期，写成 2020-05-08",
        Kind.MONTH: "月份，写成 2020-05",
        Kind.DATETIME: "日期时间，写成 2020-05-08 08:30",
        Kind.CHOICE: "从下拉框中选一项",
        Kind.REFERENCE: "填名录、台账中已有的，照原样写",
    }[column.kind]
    bounds = [
        f"{word} {bound}"
        for word, bound in (
            ("大于", column.above),
            ("不小于", column.minimum),
            ("不大于", column.maximum),
        )
        if bound is not None
    ]
    return "，".join([words, *bounds])


def _choice_lists(book: Workbook, columns: Sequence[Column]) -> dict[str, str]:
    """Formula of the drop-down by column name; long lists go to a hidden sheet."""
    formulas: dict[str, str] = {}
    hidden: Any = None
    for column in columns:
        if column.choices is None:
            continue
        labels = column.choices.labels()
        joined = ",".join(labels)
        if len(joined) <= _LIST_LENGTH_MAX and not any("," in x or '"' in x for x in labels):
            formulas[column.name] = f'"{joined}"'
            continue
        if hidden is None:
            hidden = book.create_sheet(CHOICES_SHEET)
            hidden.sheet_state = "hidden"
        place = hidden.max_column + (1 if hidden.cell(1, 1).value is not None else 0)
        for number, label in enumerate(labels, start=1):
            hidden.cell(number, place, label)
        letter = get_column_letter(place)
        formulas[column.name] = (
            f"{quote_sheetname(CHOICES_SHEET)}!${letter}$1:${letter}${len(labels)}"
        )
    return formulas


def _add_rule(sheet: Worksheet, letter: str, column: Column, lists: Mapping[str, str]) -> None:
    if column.name not in lists:
        return
    rule = DataValidation(
        type="list",
        formula1=lists[column.name],
        allow_blank=not column.required,
        showErrorMessage=True,
        errorTitle=short_title(column)[:_SHEET_NAME_MAX],
        error="从下拉框中选一项",
    )
    rule.add(f"{letter}{_FIRST_ROW}:{letter}{_FIRST_ROW + _TEMPLATE_ROWS - 1}")
    sheet.add_data_validation(rule)


def _write_help(book: Workbook, register: Register, columns: Sequence[Column]) -> None:
    sheet = book.create_sheet(HELP_SHEET)
    lines: list[Sequence[str]] = [
        (f"{register.title}填写说明",),
        ("从第 3 行填起，一行一条；列名不改、不加、不删。蓝底的列必填。本页不会被读入。",),
        (),
        ("列名", "是否必填", "写法", "可选项", "示例"),
    ]
    for column in columns:
        labels = "、".join(column.choices.labels()) if column.choices else ""
        must = "必填" if _is_required(register, column) else ""
        lines.append((column.title, must, how_to_write(column), labels, column.example))
    for number, line in enumerate(lines, start=1):
        for place, text in enumerate(line, start=1):
            cell = sheet.cell(number, place)
            put_text(cell, text)
            cell.font = _BODY_FONT if number > len(lines) - len(columns) else _HEAD_FONT
            cell.alignment = Alignment(vertical="top", wrap_text=number > 2)  # noqa: PLR2004 — the two lines of text on top run on
    for letter, width in zip("ABCDE", (22, 10, 34, 48, 24), strict=True):
        sheet.column_dimensions[letter].width = width


def put_text(cell: Any, text: str) -> None:
    """Text as text: whatever it begins with, Excel neither computes it nor turns it into a number.

    The quote prefix is Excel's own mark for this (the apostrophe); the text itself is unchanged,
    so that a file that comes back is the same.
    """
    cell.value = printable(text)[:_TEXT_MAX]
    if cell.value:
        cell.data_type = "s"
    if text.startswith(STARTS_FORMULA):
        cell.quotePrefix = True


# ── the export ────────────────────────────────────────────────────────────────────────────


def export(
    *,
    register: Register,
    columns: Sequence[Column],
    rows: Iterable[Any],
    totals: Mapping[str, Any] | None = None,
    heading: str = "",
    reveal: bool = False,
) -> bytes:
    """The rows as an .xlsx file with real dates and numbers; written row by row.

    ``rows``: rows of ``register.rows``. ``totals`` by the columns' ``total`` key, the last line.
    ``heading``: the title line, by default the register's title. Sensitive columns are masked
    unless ``reveal``; a file with all importable columns, revealed, imports again unchanged.
    """
    book = Workbook(write_only=True)
    sheet = book.create_sheet(sheet_name(register))
    sheet.freeze_panes = f"A{_FIRST_ROW}"
    for place, column in enumerate(columns, start=1):
        sheet.column_dimensions[get_column_letter(place)].width = _width(column)
    sheet.append([_text_cell(sheet, heading or register.title, _TITLE_FONT)])
    if len(columns) > 1:
        sheet.merged_cells.add(f"A{_TITLE_ROW}:{get_column_letter(len(columns))}{_TITLE_ROW}")
    sheet.append([_head_cell(sheet, column) for column in columns])
    styled = [_Cells(sheet, column) for column in columns]
    for row in rows:
        values = listing.cells(columns=columns, row=row, reveal=reveal)
        sheet.append([each.cell(value) for each, value in zip(styled, values, strict=True)])
    if totals:
        sheet.append(_total_cells(sheet, columns, totals))
    return _bytes(book)


def _bytes(book: Workbook) -> bytes:
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def _text_cell(sheet: Any, text: str, font: Font) -> Any:
    cell = WriteOnlyCell(sheet)
    put_text(cell, text)
    cell.font, cell.alignment = font, _CENTRED
    return cell


def _head_cell(sheet: Any, column: Column) -> Any:
    cell = _text_cell(sheet, column.title, _HEAD_FONT)
    cell.fill, cell.border = _OPTIONAL_FILL, _EDGES
    return cell


class _Cells:
    """Makes the cells of one column; the style is looked up once, not for every row."""

    def __init__(self, sheet: Any, column: Column) -> None:
        self.sheet, self.column = sheet, column
        pattern: Any = WriteOnlyCell(sheet)
        pattern.number_format = number_format(column)
        pattern.font = _BODY_FONT
        self.style = pattern._style

    def cell(self, value: Any) -> Any:
        """One cell; ``None`` and empty text stay empty."""
        if value is None or value == "":
            return None
        cell: Any = WriteOnlyCell(self.sheet)
        cell._style = self.style.__copy__()
        _put(cell, value)
        if isinstance(value, datetime) and value.second:
            cell.number_format = "yyyy-mm-dd hh:mm:ss"
        return cell


def _put(cell: Any, value: Any) -> None:
    if isinstance(value, bool):
        put_text(cell, "是" if value else "否")
    elif isinstance(value, datetime):
        # Excel knows no zones: the wall clock of Asia/Shanghai is what people read.
        local = value if value.tzinfo is None else value.astimezone(SHANGHAI)
        cell.value = local.replace(tzinfo=None, microsecond=0)
    elif isinstance(value, date) or _fits_excel(value):
        number_format_kept = cell.number_format
        cell.value = value
        cell.number_format = number_format_kept  # a date would bring its own
    else:
        put_text(cell, str(value))


def _fits_excel(value: Any) -> bool:
    """Whether a number keeps all its digits in Excel."""
    if isinstance(value, int):
        return bool(abs(value) < 10**_EXCEL_DIGITS)
    if isinstance(value, Decimal):
        return bool(value.is_finite() and len(value.normalize().as_tuple().digits) <= _EXCEL_DIGITS)
    return isinstance(value, float)


def _total_cells(sheet: Any, columns: Sequence[Column], totals: Mapping[str, Any]) -> list[Any]:
    line: list[Any] = []
    for place, column in enumerate(columns):
        cell = WriteOnlyCell(sheet)
        if place == 0:
            put_text(cell, "合计")  # the word by which an import knows this is no row
        elif column.total and totals.get(column.total) is not None:
            cell.number_format = number_format(column)
            _put(cell, totals[column.total])
        cell.font = _HEAD_FONT
        line.append(cell)
    return line
