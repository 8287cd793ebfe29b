"""Finding the table in a workbook as offices keep it: title, header, rows, signature line.

Nothing is left out silently: what is not read is named as an error or a doubt.
"""

import difflib
import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import openpyxl
from openpyxl.utils import get_column_letter
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from guanjia.kernel.registers import cells, container, unfolding
from guanjia.kernel.registers.container import Container, Unreadable
from guanjia.kernel.registers.declaration import Column, Fault, Register
from guanjia.kernel.registers.sheets import (
    Progress,
    Sheet,
    SheetRow,
    Told,
    data_rows,
    filled_rows,
    mend,
    rows_of,
)

__all__ = ["HEADER_WITHIN", "OWN_SHEETS", "Unreadable", "read_sheet"]

_log = logging.getLogger(__name__)

HELP_SHEET, FAULTS_SHEET, CHOICES_SHEET = "填写说明", "错误清单", "选项"
OWN_SHEETS = (HELP_SHEET, FAULTS_SHEET, CHOICES_SHEET)

HEADER_WITHIN = 10
_SHEETS_MAX = 50
_GLANCE = 200  # rows looked at to tell whether another sheet is empty
_NAMED_MAX = 20  # untitled columns and the like: enough to see what is wrong


def read_sheet(
    *,
    register: Register,
    file: Path | str | bytes | IO[bytes],
    progress: Progress | None = None,
) -> Sheet:
    """The table of a register in an .xlsx file; raises ``Unreadable`` with a sentence.

    ``progress`` is told (done, total, phase); the total is only what the file claims.
    """
    packed = container.unpack(file)
    with _workbook(packed) as book:
        # Asked before the dimensions are reset: only good for the progress bar.
        claimed = {worksheet.title: worksheet.max_row or 0 for worksheet in book.worksheets}
        if otherwise := _laid_out_otherwise(book, register):
            return _read_otherwise(book, otherwise, register, packed, progress)
        worksheet, header = _best_sheet(book, register)
        sheet = Sheet(
            name=worksheet.title,
            header_row=header,
            epoch_1904=book.epoch == CALENDAR_MAC_1904,
        )
        _read_header(sheet, worksheet, register)
        sheet.doubts += _other_sheets(book, worksheet, register)
        if not sheet.blocked:
            told = Told(progress, claimed[worksheet.title])
            rows = list(filled_rows(sheet, worksheet, register, told))
            mend(rows, sheet, packed, worksheet)
            sheet.rows = data_rows(rows, sheet)
            sheet.errors += _untitled(sheet)
            if not sheet.rows:
                message = "表头下面没有数据行，什么都没有读到"
                sheet.doubts.append(sheet.fault(header, "", "no_rows", message))
    return sheet


@contextmanager
def _workbook(packed: Container) -> Iterator[Any]:
    """The workbook; whatever openpyxl stumbles over becomes one sentence."""
    book = None
    try:
        with warnings.catch_warnings():
            # openpyxl warns of parts it drops (drop-downs, styles); none of them are facts.
            warnings.simplefilter("ignore")
            book = openpyxl.load_workbook(packed.open(), read_only=True, data_only=True)
            yield book
    except container.STUMBLES as stumble:
        _log.warning("openpyxl stumbled", exc_info=True)
        raise Unreadable(
            "file_damaged", "文件内容有损坏，没有读入。用 Excel 打开，另存为 .xlsx 再上传。"
        ) from stumble
    finally:
        if book is not None:
            book.close()


# ── which sheet, which row ────────────────────────────────────────────────────────────────


def _titles_of(register: Register) -> dict[str, Column]:
    return {cells.fold_label(column.title): column for column in register.columns}


def _texts(row: tuple[Any, ...]) -> dict[int, str]:
    return {
        cell.column: cells.tidy(cell.value)
        for cell in row
        if isinstance(cell.value, str) and cells.tidy(cell.value)
    }


def _fit(worksheet: Any, known: dict[str, Column]) -> tuple[int, int]:
    """How many titles of the register the best row near the top carries, and which row."""
    best = (0, 0)
    for number, row in rows_of(worksheet, HEADER_WITHIN):
        fitting = {cells.fold_label(text) for text in _texts(row).values()} & known.keys()
        if len(fitting) > best[0]:
            best = (len(fitting), number)
    return best


def _best_sheet(book: Any, register: Register) -> tuple[Any, int]:
    if len(book.worksheets) > _SHEETS_MAX:
        raise Unreadable("too_many_sheets", f"工作表超过 {_SHEETS_MAX} 张，只留台账那一张再上传。")
    known = _titles_of(register)
    fits = [
        (_fit(worksheet, known), worksheet)
        for worksheet in book.worksheets
        if worksheet.title not in OWN_SHEETS
    ]
    (count, header), worksheet = max(fits, key=lambda fit: fit[0][0], default=((0, 0), None))
    if worksheet is None or count < min(2, len(register.importable())):
        raise Unreadable(
            "header_missing",
            f"前 {HEADER_WITHIN} 行里找不到“{register.title}”的表头，"
            f"核对是不是选错了文件，或下载模板对照列名。",
        )
    return worksheet, header


# ── tables laid out otherwise ─────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class _Otherwise:
    worksheet: Any
    found: unfolding.Found


def _laid_out_otherwise(book: Any, register: Register) -> _Otherwise | None:
    """The sheet whose header only the register's ``unfold`` understands; ``None`` where a sheet has
    the register's own."""
    if register.unfold is None or len(book.worksheets) > _SHEETS_MAX:
        return None
    known = _titles_of(register)
    must = {
        cells.fold_label(column.title)
        for column in register.importable()
        if not column.optional and (column.required or column.name == register.key_column)
    }
    best: _Otherwise | None = None
    for worksheet in book.worksheets:
        if worksheet.title in OWN_SHEETS:
            continue
        top = [(number, _titles_in(row)) for number, row in rows_of(worksheet, HEADER_WITHIN)]
        found = unfolding.find(top, register.unfold)
        for _, titles in top:
            there = {cells.fold_label(title) for title in titles.values()}
            own = len(there & known.keys())
            if must <= there and (found is None or own >= len(found.unfolding.known)):
                return None
        if found and (best is None or _understood(found) > _understood(best.found)):
            best = _Otherwise(worksheet, found)
    return best


def _understood(found: unfolding.Found) -> int:
    return len(found.unfolding.known)


def _titles_in(row: tuple[Any, ...]) -> dict[int, str]:
    return {cell.column: cells.shown(cell.value) for cell in row if not cells.is_blank(cell.value)}


def _read_otherwise(
    book: Any, there: _Otherwise, register: Register, packed: Container, progress: Progress | None
) -> Sheet:
    """The rows of the register out of a table laid out otherwise."""
    worksheet, found = there.worksheet, there.found
    sheet = Sheet(
        name=worksheet.title, header_row=found.header_row, titles=dict(found.titles),
        epoch_1904=book.epoch == CALENDAR_MAC_1904,
    )  # fmt: skip
    sheet.errors += [_stranger(sheet, title, []) for title in found.strangers]
    lines = list(filled_rows(sheet, worksheet, register, Told(progress, 0)))
    mend(lines, sheet, packed, worksheet)
    lines = data_rows(lines, sheet)
    sheet.errors += _untitled_of(sheet, lines)
    key = (register.key_column, *register.key_with)
    made = unfolding.unfolded([(line.number, line.cells) for line in lines], found, key=key)
    for number, misfit in made.misfits:
        title = found.titles.get(misfit.position, "")
        sheet.errors.append(sheet.fault(number, title, misfit.code, misfit.sentence))
    names = [column.name for column in register.importable() if _is_told(column.name, made)]
    sheet.positions = {name: place for place, name in enumerate(names, start=1)}
    sheet.rows = [
        SheetRow(number, {sheet.positions[name]: raw for name, raw in row.items()})
        for number, row in made.rows.items()
    ]
    sheet.origins = made.origins
    sheet.doubts += _other_sheets(book, worksheet, register)
    if not sheet.rows:
        message = "表头下面没有数据行，什么都没有读到"
        sheet.doubts.append(sheet.fault(found.header_row, "", "no_rows", message))
    return sheet


def _is_told(name: str, made: unfolding.Unfolded) -> bool:
    return any(name in row for row in made.rows.values())


def _other_sheets(book: Any, chosen: Any, register: Register) -> list[Fault]:
    doubts = []
    for worksheet in book.worksheets:
        if worksheet is chosen or worksheet.title in OWN_SHEETS:
            continue
        filled = any(
            any(not cells.is_blank(cell.value) for cell in row)
            for _, row in rows_of(worksheet, _GLANCE)
        )
        if filled:
            fits = _fit(worksheet, _titles_of(register))[0] >= min(2, len(register.importable()))
            why = "也像这个台账，要导入另存成单独的文件" if fits else "不是这个台账"
            doubts.append(
                Fault(
                    row=0,
                    column="",
                    value="",
                    code="sheet_ignored",
                    message=f"工作表“{worksheet.title}”{why}，没有读入",
                    sheet=worksheet.title,
                )
            )
    return doubts


# ── the header ────────────────────────────────────────────────────────────────────────────


def _read_header(sheet: Sheet, worksheet: Any, register: Register) -> None:
    known = _titles_of(register)
    row = next(
        row for number, row in rows_of(worksheet, sheet.header_row) if number == sheet.header_row
    )
    sheet.titles = {
        cell.column: cells.shown(cell.value) for cell in row if not cells.is_blank(cell.value)
    }
    doubled: dict[str, list[int]] = {}
    strangers: list[str] = []
    for position, title in sheet.titles.items():
        column = known.get(cells.fold_label(title))
        if column is None:
            strangers.append(title)
        elif column.name in sheet.positions:
            doubled.setdefault(column.name, [sheet.positions[column.name]]).append(position)
        else:
            sheet.positions[column.name] = position
    absent = [c for c in register.importable() if c.name not in sheet.positions]
    missing = [c for c in absent if not c.optional]
    sheet.errors += [_doubled(sheet, register.column(n), at) for n, at in doubled.items()]
    sheet.errors += [_stranger(sheet, title, absent) for title in strangers]
    sheet.errors += [_missing(sheet, column) for column in missing]
    sheet.blocked = any(c.required or c.name == register.key_column for c in missing)


def _doubled(sheet: Sheet, column: Column, positions: list[int]) -> Fault:
    where = "、".join(f"{get_column_letter(position)} 列" for position in positions)
    return sheet.fault(
        sheet.header_row,
        column.title,
        "column_duplicate",
        f"“{column.title}”出现了 {len(positions)} 次（{where}），只留一列",
        column.title,
    )


def _stranger(sheet: Sheet, title: str, missing: list[Column]) -> Fault:
    titles = {cells.fold_label(column.title): column.title for column in missing}
    near = difflib.get_close_matches(cells.fold_label(title), list(titles), 1, 0.5)
    hint = f"是否为“{titles[near[0]]}”" if near else "删去这一列，或改成模板里的列名"
    return sheet.fault(
        sheet.header_row, title, "column_unknown", f"台账没有“{title}”这一列，{hint}", title
    )


def _missing(sheet: Sheet, column: Column) -> Fault:
    return sheet.fault(
        sheet.header_row, column.title, "column_missing", f"缺“{column.title}”这一列，按模板补上"
    )


def _untitled(sheet: Sheet) -> list[Fault]:
    """Cells to the right of, or between, the titled columns: they have no meaning we could read."""
    return _untitled_of(sheet, sheet.rows)


def _untitled_of(sheet: Sheet, rows: list[SheetRow]) -> list[Fault]:
    first: dict[int, SheetRow] = {}
    for row in rows:
        for position in row.cells.keys() - sheet.titles.keys():
            first.setdefault(position, row)
    return [
        sheet.fault(
            first[position].number,
            f"{get_column_letter(position)} 列",
            "column_untitled",
            "这一列没有列名，补上列名或清空这一列",
            cells.shown(first[position].cells[position]),
        )
        for position in sorted(first)[:_NAMED_MAX]
    ]
