"""The rows of a worksheet as its cells say them, up to the signature line.

Merged cells are spread and totals left out here; which table it is, ``reading`` finds.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from openpyxl.cell.read_only import EMPTY_CELL

from guanjia.kernel.registers import cells, container, unfolding
from guanjia.kernel.registers.cells import ErrorCell, Percent, Raw, Uncomputed
from guanjia.kernel.registers.container import Container, Unreadable
from guanjia.kernel.registers.declaration import Fault, Register

_ROWS_MAX = 100_000
_COLUMNS_MAX = 200
_WINDOW = 256  # columns looked at; above 200 only to notice that something is there
_EXCEL_ROWS = 1_048_576
_REMARK_CELLS_MAX = 2
_TELL_EVERY = 500
_MERGED_CELLS_MAX = 1_000_000

_ROLES = (
    "填表人|填报人|制表人|制单人|经办人|审核人|复核人|审批人|负责人|单位负责人|分管领导|"
    "填表单位|填报单位|单位盖章|填表日期|填报日期|制表日期|联系电话|制表|填表|填报|审核|复核"
)
_SIGNATURE = re.compile(rf"(?:{_ROLES})(?:[(（][^()（）]*[)）])?[:：].*", re.DOTALL)
_BARE_SIGNATURE = re.compile(r"填表人|填报人|制表人|审核人|复核人")
_REMARK = re.compile(r"(?:备注|附注|说明|填表说明|注\d{0,2})[:：.、].*", re.DOTALL)
_TOTAL = re.compile(
    r"(?:本页|本月|全部.{0,16}?)?(?:合计|总计|共计|小计|累计)[:：]?(?:[(（].*[)）])?"
)


@dataclass(frozen=True, slots=True)
class SheetRow:
    """A row with something in it: Excel's row number, and its filled cells by column number."""

    number: int
    cells: dict[int, Raw]


@dataclass(kw_only=True)
class Sheet:
    """The table that was found; ``positions`` says in which Excel column a register column stands.

    ``blocked``: columns are missing without which no row can be judged; only ``errors`` counts.
    """

    name: str
    header_row: int
    titles: dict[int, str] = field(default_factory=dict)
    positions: dict[str, int] = field(default_factory=dict)
    rows: list[SheetRow] = field(default_factory=list)
    errors: list[Fault] = field(default_factory=list)
    doubts: list[Fault] = field(default_factory=list)
    blocked: bool = False
    epoch_1904: bool = False
    # Of a table laid out otherwise: where its rows stand in the file.
    origins: dict[int, unfolding.Origin] = field(default_factory=dict)

    def fault(self, row: int, column: str, code: str, message: str, value: str = "") -> Fault:
        """A fault of this sheet."""
        return Fault(
            row=row, column=column, value=value, code=code, message=message, sheet=self.name
        )


Progress = Callable[[int, int, str], None]


@dataclass(frozen=True)
class Told:
    """Whom to tell how far the reading is, out of how many rows the file claims to have."""

    progress: Progress | None
    claimed: int

    def row(self, found: int) -> None:
        if self.progress is not None and found % _TELL_EVERY == 0:
            self.progress(found, max(self.claimed, found), "读取")


def rows_of(worksheet: Any, last: int | None = None) -> Iterator[tuple[int, tuple[Any, ...]]]:
    """The rows with cells in them; rows that a file merely skips are passed over quickly."""
    worksheet.reset_dimensions()  # many programs declare them wrongly
    filler: tuple[Any, ...] | None = None
    for number, row in enumerate(worksheet.iter_rows(max_row=last, max_col=_WINDOW), start=1):
        if number > _EXCEL_ROWS:
            raise Unreadable("too_many_rows", "行数超过 Excel 的上限，另存为 .xlsx 再上传。")
        if row is filler:  # openpyxl yields one and the same tuple for every skipped row
            continue
        if all(cell is EMPTY_CELL for cell in row):
            filler = row
        else:
            yield number, row


def filled_rows(sheet: Sheet, worksheet: Any, register: Register, told: Told) -> Iterator[SheetRow]:
    """The rows below the header with something in them; raises ``Unreadable`` beyond the bounds."""
    in_percent = {
        sheet.positions[column.name]
        for column in register.columns
        if column.name in sheet.positions and cells.counts_in_percent(column)
    }
    found = 0
    for number, row in rows_of(worksheet):
        if number <= sheet.header_row:
            continue
        filled = {
            cell.column: _raw(cell, cell.column in in_percent)
            for cell in row
            if cell.value is not None
        }
        filled = {position: raw for position, raw in filled.items() if not cells.is_blank(raw)}
        if not filled:
            continue
        found += 1
        _must_fit(found, filled)
        told.row(found)
        yield SheetRow(number, filled)


def _must_fit(found: int, filled: dict[int, Raw]) -> None:
    if found > _ROWS_MAX:
        raise Unreadable("too_many_rows", f"超过 {_ROWS_MAX:,} 行，分成几个文件再上传。")
    if max(filled) > _COLUMNS_MAX:
        raise Unreadable("too_many_columns", f"超过 {_COLUMNS_MAX} 列，清空表格右边的内容再上传。")


def _raw(cell: Any, in_percent: bool) -> Raw:
    value = cell.value
    if cell.data_type == "e":
        return ErrorCell(str(value))
    if isinstance(value, float | int) and not isinstance(value, bool):
        return Percent(value) if in_percent and "%" in str(cell.number_format) else value
    if isinstance(value, str | bool | datetime | date | time | timedelta):
        return value
    return str(value)


def mend(rows: list[SheetRow], sheet: Sheet, packed: Container, worksheet: Any) -> None:
    """What openpyxl's reader leaves empty: formulas without a result, and merged cells."""
    member = worksheet._worksheet_path  # the only place where openpyxl keeps the member's name
    by_number = {row.number: row for row in rows}
    for number, position in container.uncomputed_cells(packed, member):
        if number > sheet.header_row:
            if number not in by_number:
                by_number[number] = SheetRow(number, {})
                rows.append(by_number[number])
                _must_fit(len(rows), {position: None})
            by_number[number].cells[position] = Uncomputed()
    rows.sort(key=lambda row: row.number)
    _spread_merged(rows, sheet, packed.parts.get(member, container.Part()).merges)


def _spread_merged(
    rows: list[SheetRow], sheet: Sheet, merges: set[tuple[int, int, int, int]]
) -> None:
    """A value merged over several rows is meant for each of them."""
    numbers = [row.number for row in rows]
    spread = 0
    for first, position, last, _ in sorted(merges):
        if not last > first > sheet.header_row:
            continue
        covered = rows[bisect_left(numbers, first) : bisect_right(numbers, last)]
        spread += len(covered)
        if spread > _MERGED_CELLS_MAX:
            raise Unreadable("too_many_merges", "合并单元格过多，取消合并后再上传。")
        if covered and covered[0].number == first and position in covered[0].cells:
            for row in covered[1:]:
                row.cells.setdefault(position, covered[0].cells[position])


def data_rows(rows: list[SheetRow], sheet: Sheet) -> list[SheetRow]:
    """The rows without signature, total and remark lines; those amid data are named as doubts."""
    tail = _tail_start(rows, sheet)
    data = []
    for row in rows[:tail]:
        if _is_closing(row) or _repeats_header(row, sheet):
            sheet.doubts.append(
                sheet.fault(
                    row.number,
                    next(iter(sheet.titles.values())),
                    "row_skipped",
                    "像是签名、合计或重复的表头，这一行没有读入",
                    cells.shown(row.cells[min(row.cells)]),
                )
            )
        else:
            data.append(row)
    return data


def _tail_start(rows: list[SheetRow], sheet: Sheet) -> int:
    """Index of the first row of the tail: the topmost closing row with no data below it.

    Below a closing row a single cell is the next line of a remark, not a row.
    """
    start = len(rows)
    for index in range(len(rows) - 1, -1, -1):
        if _is_closing(rows[index]):
            start = index
        elif len(rows[index].cells) > 1 or len(sheet.titles) <= _REMARK_CELLS_MAX:
            break
    return start


def _is_closing(row: SheetRow) -> bool:
    first = row.cells[min(row.cells)]
    if not isinstance(first, str):
        return False
    text = re.sub(r"\s+", "", cells.tidy(first))
    if _SIGNATURE.fullmatch(text) or _BARE_SIGNATURE.fullmatch(text) or _TOTAL.fullmatch(text):
        return True
    return len(row.cells) <= _REMARK_CELLS_MAX and _REMARK.fullmatch(text) is not None


def _repeats_header(row: SheetRow, sheet: Sheet) -> bool:
    return len(row.cells) > 1 and all(
        cells.fold_label(cells.shown(raw)) == cells.fold_label(sheet.titles.get(position, ""))
        for position, raw in row.cells.items()
    )
