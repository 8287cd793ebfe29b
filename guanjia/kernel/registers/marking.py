"""The user's own file back, with the faulty cells marked and every fault listed."""

import io
import re
import warnings
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import IO, Any

import openpyxl
from openpyxl.cell.cell import MergedCell
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import column_index_from_string

from guanjia.kernel.registers import cells, container, workbook
from guanjia.kernel.registers.declaration import Fault
from guanjia.kernel.registers.reading import FAULTS_SHEET, HEADER_WITHIN

_ERROR_FILL = PatternFill("solid", fgColor="FFF6B8B3")
_DOUBT_FILL = PatternFill("solid", fgColor="FFFFE3A8")
_NO_FILL = PatternFill(fill_type=None)
_REBUILT_BYTES_MAX = 30 * 1024 * 1024  # some 50,000 rows; above it openpyxl would need over 1 GB
_MARKED_MAX = 5_000  # comments beyond this make Excel crawl; the list has them all
_LISTED_MAX = 100_000
_COLUMN_BY_LETTER = re.compile(r"([A-Z]{1,3}) 列")
_HEADS = ("工作表", "行", "列", "原来的内容", "怎么改", "轻重")
_HEAD_FONT = Font(bold=True)
_COMMENT_WIDTH, _COMMENT_HEIGHT = 260, 70


def marked(
    file: Path | str | bytes | IO[bytes], faults: Iterable[Fault], doubts: Iterable[Fault] = ()
) -> bytes:
    """The file with red cells for ``faults``, amber for ``doubts``, and a sheet 错误清单.

    Marks of an earlier round are taken away first. Corrected and uploaded again, the file is read
    like any other. Of a very large file only the list comes back. Raises ``Unreadable`` for a file
    that cannot be opened.
    """
    packed = container.unpack(file)
    errors, odd = list(faults), list(doubts)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # openpyxl warns of what it cannot keep
            book = _own_book(packed, errors, odd)
            _list(book, errors, odd)
            buffer = io.BytesIO()
            book.save(buffer)
    except container.STUMBLES as stumble:
        raise container.Unreadable(
            "file_damaged", "文件内容有损坏，标不了错。用 Excel 打开，另存为 .xlsx 再上传。"
        ) from stumble
    return buffer.getvalue()


def _own_book(packed: container.Container, errors: Sequence[Fault], odd: Sequence[Fault]) -> Any:
    """The user's workbook with its cells marked; an empty one in place of a very large one."""
    if packed.sheet_bytes > _REBUILT_BYTES_MAX:
        book = openpyxl.Workbook()
        del book[book.sheetnames[0]]
        return book
    book = openpyxl.load_workbook(packed.open())
    _unmark(book)
    _mark(book, odd, _DOUBT_FILL)
    _mark(book, errors, _ERROR_FILL)
    return book


def _unmark(book: Any) -> None:
    if FAULTS_SHEET in book.sheetnames:
        del book[FAULTS_SHEET]
    for sheet in book.worksheets:
        for row in sheet.iter_rows():
            for cell in row:
                comment = getattr(cell, "comment", None)
                if comment is None or comment.author != workbook.AUTHOR:
                    continue
                if cell.fill.fgColor.rgb in (_ERROR_FILL.fgColor.rgb, _DOUBT_FILL.fgColor.rgb):
                    cell.comment, cell.fill = None, _NO_FILL


def _mark(book: Any, faults: Sequence[Fault], fill: PatternFill) -> None:
    places: dict[str, dict[str, int]] = {}
    for fault in faults[:_MARKED_MAX]:
        if not fault.row or fault.sheet not in book.sheetnames:
            continue
        sheet = book[fault.sheet]
        if fault.sheet not in places:
            places[fault.sheet] = _header_places(sheet, {each.column for each in faults})
        column = _column_of(fault, places[fault.sheet])
        if column is not None:
            cell = _top_left(sheet, sheet.cell(fault.row, column))
            cell.fill = fill
            cell.comment = Comment(
                fault.message, workbook.AUTHOR, height=_COMMENT_HEIGHT, width=_COMMENT_WIDTH
            )


def _column_of(fault: Fault, places: dict[str, int]) -> int | None:
    place = places.get(cells.fold_label(fault.column))
    if place is None and (letters := _COLUMN_BY_LETTER.fullmatch(fault.column)):
        return column_index_from_string(letters[1])
    return place


def _header_places(sheet: Any, titles: set[str]) -> dict[str, int]:
    """Column numbers by folded title, from the row near the top that carries most of them."""
    wanted = {cells.fold_label(title) for title in titles if title}
    best: dict[str, int] = {}
    for row in sheet.iter_rows(max_row=HEADER_WITHIN):
        found: dict[str, int] = {}
        for cell in row:
            if cell.value is not None:
                found.setdefault(cells.fold_label(cells.shown(cell.value)), cell.column)
        if len(found.keys() & wanted) > len(best.keys() & wanted):
            best = found
    return best


def _top_left(sheet: Any, cell: Any) -> Any:
    if not isinstance(cell, MergedCell):
        return cell
    for merged in sheet.merged_cells.ranges:
        if cell.coordinate in merged:
            return sheet.cell(merged.min_row, merged.min_col)
    return cell


def _list(book: Any, errors: Sequence[Fault], doubts: Sequence[Fault]) -> None:
    sheet = book.create_sheet(FAULTS_SHEET)
    sheet.append(_HEADS)
    for cell in sheet[1]:
        cell.font = _HEAD_FONT
    weighted = [(fault, "要改") for fault in errors] + [(fault, "存疑") for fault in doubts]
    for number, (fault, weight) in enumerate(weighted[:_LISTED_MAX], start=2):
        texts = (fault.sheet, "", fault.column, fault.value, fault.message, weight)
        for place, text in enumerate(texts, start=1):
            cell = sheet.cell(number, place)
            if text:
                workbook.put_text(cell, text)
            cell.alignment = Alignment(vertical="top", wrap_text=True)
        if fault.row:
            sheet.cell(number, 2, fault.row)
    for letter, width in zip("ABCDEF", (20, 8, 22, 24, 48, 8), strict=True):
        sheet.column_dimensions[letter].width = width
    sheet.freeze_panes = "A2"
