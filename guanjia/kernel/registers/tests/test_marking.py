"""The file back with its faults marked: corrected, it is a ledger again."""

import io
from typing import Any

import openpyxl
import pytest

from guanjia.kernel.registers import importing, marking
from guanjia.kernel.registers.importing import Preview
from guanjia.kernel.registers.reading import Unreadable
from guanjia.kernel.registers.tests import books
from guanjia.kernel.registers.tests.books import TAKER, book_of, row

RED, AMBER = "FFF6B8B3", "FFFFE3A8"


def judged(file: bytes) -> Preview:
    return importing.read_file(
        register=books.register(check_rows=books.no_long_titles), file=file, actor=TAKER
    )


def marked(file: bytes) -> bytes:
    preview = judged(file)
    return marking.marked(file, preview.errors, preview.doubts)


def saved(book: Any) -> bytes:
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


FILE = book_of([row("K1", price=-1), row("K2", title="旧约"), row("K3", pages="=1")])


def test_faulty_cells_are_red_and_odd_ones_amber_with_the_sentence() -> None:
    sheet = openpyxl.load_workbook(io.BytesIO(marked(FILE)))["图书台账"]
    assert sheet["E3"].fill.fgColor.rgb == RED
    assert sheet["E3"].comment.text == "价格应大于 0"
    assert sheet["E3"].value == -1
    assert sheet["B4"].fill.fgColor.rgb == AMBER
    assert sheet["A3"].fill.fgColor.rgb not in (RED, AMBER)


def test_a_list_names_them_all() -> None:
    book = openpyxl.load_workbook(io.BytesIO(marked(FILE)))
    lines = [[cell.value for cell in line] for line in book["错误清单"].iter_rows()]
    assert lines[0] == ["工作表", "行", "列", "原来的内容", "怎么改", "轻重"]
    assert lines[1] == ["图书台账", 3, "价格(元)", "-1", "价格应大于 0", "要改"]
    assert lines[-1] == ["图书台账", 4, "书名", "旧约", "像是旧书", "存疑"]


def test_a_corrected_file_is_read_and_marked_again_without_the_old_marks() -> None:
    book = openpyxl.load_workbook(io.BytesIO(marked(FILE)))
    book["图书台账"]["E3"] = 35
    book["图书台账"]["D5"] = 12
    corrected = saved(book)
    preview = judged(corrected)
    assert preview.errors == []
    assert [fault.code for fault in preview.doubts] == ["looks_old"]
    again = openpyxl.load_workbook(io.BytesIO(marked(corrected)))
    assert again["图书台账"]["E3"].comment is None
    assert again["图书台账"]["E3"].fill.fgColor.rgb != RED
    assert again["图书台账"]["B4"].fill.fgColor.rgb == AMBER
    assert again["错误清单"].max_row == 2


def test_headers_and_merged_cells_are_marked_too() -> None:
    def change(book: Any) -> None:
        book.active["H4"] = None
        book.active.merge_cells("H3:H4")

    file = book_of(
        [row("K1", branch="C1"), row("K2")],
        titles=[*books.TITLES[:3], "页码", *books.TITLES[4:]],
        change=change,
    )
    sheet = openpyxl.load_workbook(io.BytesIO(marked(file)))["图书台账"]
    assert sheet["D2"].fill.fgColor.rgb == RED
    assert sheet["H3"].fill.fgColor.rgb == RED
    assert sheet["H3"].comment.text == "分馆名录中没有 C1"


def test_a_file_that_cannot_be_opened_is_refused_with_a_sentence() -> None:
    with pytest.raises(Unreadable, match="不是 Excel 文件"):
        marking.marked(b"no", [])


def test_of_a_very_large_file_only_the_list_comes_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(marking, "_REBUILT_BYTES_MAX", 100)
    book = openpyxl.load_workbook(io.BytesIO(marked(FILE)))
    assert book.sheetnames == ["错误清单"]
    assert book["错误清单"]["C2"].value == "价格(元)"
