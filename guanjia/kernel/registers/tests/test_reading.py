"""Sheets: the table is found in files as offices keep them, and nothing is left out silently."""

import io
import zipfile
from collections.abc import Sequence
from typing import Any

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl.utils import get_column_letter

from guanjia.kernel.registers import reading
from guanjia.kernel.registers.cells import ErrorCell, Uncomputed
from guanjia.kernel.registers.reading import Unreadable
from guanjia.kernel.registers.sheets import Sheet
from guanjia.kernel.registers.tests import books
from guanjia.kernel.registers.tests.books import SIGNATURE, TITLES, book_of, row


def read(file: Any) -> Sheet:
    return reading.read_sheet(register=books.register(), file=file)


def refusal(file: Any) -> Unreadable:
    with pytest.raises(Unreadable) as caught:
        read(file)
    assert caught.value.sentence.endswith("。")
    return caught.value


def numbers(sheet: Sheet) -> list[int]:
    return [each.number for each in sheet.rows]


def packed(**members: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def repacked(file: bytes, member: str, old: str, new: str) -> bytes:
    with zipfile.ZipFile(io.BytesIO(file)) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    assert old in members[member].decode()
    members[member] = members[member].decode().replace(old, new).encode()
    return packed(**members)


# ── files that are no ledger ─────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("file", "code"),
    [
        (b"", "file_empty"),
        (b"a,b,c\n1,2,3\n", "file_not_excel"),
        (b"<html><table>", "file_not_excel"),
        (b"PK\x03\x04 and then nothing", "file_damaged"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 99, "file_old_format"),
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"),
            "file_encrypted",
        ),
        (packed(**{"word/document.xml": b"<w/>"}), "file_not_excel"),
        (packed(**{"[Content_Types].xml": b"<t/>", "xl/workbook.bin": b""}), "file_old_format"),
        (packed(**{"[Content_Types].xml": b"<t/>", "xl/workbook.xml": b"<no"}), "file_damaged"),
        (
            packed(
                **{"[Content_Types].xml": b"<t/>", "xl/a.xml": b'<!DOCTYPE a [<!ENTITY b "c">]>'}
            ),
            "file_not_excel",
        ),
        ("/nowhere/at/all.xlsx", "file_missing"),
    ],
)
def test_it_says_why_a_file_cannot_be_read(file: Any, code: str) -> None:
    assert refusal(file).code == code


def test_it_refuses_a_zip_bomb_before_it_is_unpacked_into_memory() -> None:
    bomb = packed(**{"[Content_Types].xml": b"<t/>", "xl/a.xml": b"\0" * 60_000_000})
    assert len(bomb) < 100_000
    assert refusal(bomb).code == "file_bomb"


def test_it_refuses_files_over_50_mb() -> None:
    assert refusal(b"PK" + b"\0" * (50 * 1024 * 1024)).code == "file_too_large"


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 5000), st.integers(0, 255))
def test_a_damaged_file_is_read_or_refused_but_never_crashes(place: int, byte: int) -> None:
    file = bytearray(GOOD)
    file[place % len(file)] = byte
    try:
        assert read(bytes(file)).rows
    except Unreadable as unreadable:
        assert unreadable.sentence  # noqa: PT017 — either outcome is right


GOOD = book_of([row()])


def test_it_refuses_more_columns_than_any_ledger_has() -> None:
    wide = book_of([[*row(), *["x"] * 200]])
    assert refusal(wide).code == "too_many_columns"


def test_it_refuses_a_file_without_the_header() -> None:
    file = book_of([["甲", "乙"]], titles=["姓名", "电话"])
    assert refusal(file).code == "header_missing"


def test_a_row_number_far_below_does_not_keep_it_busy() -> None:
    file = repacked(GOOD, "xl/worksheets/sheet1.xml", '<row r="4"', '<row r="900000000"')
    assert refusal(file).code in ("too_many_rows", "file_damaged")


# ── the header ───────────────────────────────────────────────────────────────────────────


def test_it_finds_the_header_below_title_lines_and_keeps_excels_row_numbers() -> None:
    sheet = read(
        book_of([["单位：市图书馆"], [], TITLES, row("K1"), [], row("K2")], titles=["台账"])
    )
    assert (sheet.name, sheet.header_row, numbers(sheet)) == ("图书台账", 5, [6, 8])
    assert not sheet.errors
    assert not sheet.doubts


def test_headers_fit_whatever_their_width_and_blanks() -> None:
    titles = [title.replace("(", " （").replace(")", "）\n") for title in TITLES]
    assert not read(book_of([row()], titles=titles)).errors


def test_a_file_with_derived_columns_is_taken_back() -> None:
    sheet = read(book_of([[*row(), 3]], titles=[*TITLES, "藏龄(年)"]))
    assert not sheet.errors


def test_unknown_missing_and_doubled_columns_are_named() -> None:
    titles = [*TITLES[:3], "页 码", *TITLES[4:], "书名"]
    sheet = read(book_of([[*row(), "又"]], titles=titles))
    named = {(f.code, f.column): f.message for f in sheet.errors}
    assert named == {
        ("column_duplicate", "书名"): "“书名”出现了 2 次（B 列、J 列），只留一列",
        ("column_unknown", "页 码"): "台账没有“页 码”这一列，是否为“页数”",
        ("column_missing", "页数"): "缺“页数”这一列，按模板补上",
    }
    assert {fault.row for fault in sheet.errors} == {2}
    assert not sheet.blocked


@pytest.mark.parametrize("place", [0, 1])
def test_without_a_required_column_no_row_is_judged(place: int) -> None:
    titles = TITLES[:place] + TITLES[place + 1 :]
    sheet = read(book_of([row()], titles=titles))
    assert (sheet.blocked, sheet.rows, len(sheet.errors)) == (True, [], 1)


def test_cells_under_no_title_are_not_ignored() -> None:
    sheet = read(book_of([row(), [*row("K2"), None, "手写的备注"]]))
    assert [(f.row, f.column, f.code, f.value) for f in sheet.errors] == [
        (4, "K 列", "column_untitled", "手写的备注")
    ]


# ── the rows ─────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "closing",
    [
        [[SIGNATURE]],
        [["填表人：张三", None, "审核人：李四"]],
        [["制表：张三", None, "审核：李四"]],
        [["审 核：", None, "日期：2020年6月30日"]],
        [["合 计", None, None, 240, 71]],
        [["合计", None, None, 240], [], ["审核人（签字）：", None, "填表日期：2020年6月30日"]],
        [["备注：1．本表含借出的书。"], ["2．不含期刊。"], [SIGNATURE]],
        [["注1：不含期刊"]],
        [],
    ],
)
def test_what_closes_a_table_is_never_a_row(closing: Sequence[Sequence[Any]]) -> None:
    sheet = read(book_of([row("K1"), row("K2")], closing=closing))
    assert (numbers(sheet), sheet.doubts, sheet.errors) == ([3, 4], [], [])


def test_a_row_with_a_single_cell_at_the_end_is_a_row() -> None:
    assert numbers(read(book_of([row("K1"), [None, "只有书名"]]))) == [3, 4]


def test_signatures_and_headers_amid_the_rows_are_named_as_doubts() -> None:
    sheet = read(book_of([row("K1"), ["小计", None, None, 120], [SIGNATURE], TITLES, row("K2")]))
    assert numbers(sheet) == [3, 7]
    assert [(f.row, f.code) for f in sheet.doubts] == [(n, "row_skipped") for n in (4, 5, 6)]


def test_other_sheets_are_named_and_our_own_are_not() -> None:
    def change(book: Any) -> None:
        book.create_sheet("填写说明").append(["随便"])
        book.create_sheet("空表")
        book.create_sheet("草稿", 0).append(["随手记"])
        second = book.create_sheet("二月")
        second.append(TITLES)

    sheet = read(book_of([row()], change=change))
    assert sheet.name == "图书台账"
    assert {f.sheet: f.message for f in sheet.doubts} == {
        "草稿": "工作表“草稿”不是这个台账，没有读入",
        "二月": "工作表“二月”也像这个台账，要导入另存成单独的文件，没有读入",
    }


def test_formulas_give_their_stored_value_their_error_or_the_want_of_one() -> None:
    def change(book: Any) -> None:
        book.active["E3"] = "=1+1"
        book.active["D4"] = "#N/A"
        book.active["D4"].data_type = "e"

    sheet = read(book_of([row("K1"), row("K2")], change=change))
    assert sheet.rows[0].cells[5] == Uncomputed()
    assert sheet.rows[1].cells[4] == ErrorCell("#N/A")
    stored = repacked(
        book_of([row("K1")], change=change),
        "xl/worksheets/sheet1.xml",
        "<f>1+1</f><v />",
        "<f>1+1</f><v>2</v>",
    )
    assert read(stored).rows[0].cells[5] == 2


def test_a_value_merged_over_rows_stands_in_each_of_them() -> None:
    def change(book: Any) -> None:
        book.active["H4"] = book.active["H5"] = None
        book.active.merge_cells("H3:H5")

    sheet = read(book_of([row("K1"), row("K2"), row("K3"), row("K4", branch="B9")], change=change))
    assert [each.cells[8] for each in sheet.rows] == ["B1", "B1", "B1", "B9"]


def test_wrong_dimensions_do_not_hide_rows() -> None:
    file = repacked(GOOD, "xl/worksheets/sheet1.xml", 'ref="A1:I4"', 'ref="A1"')
    assert numbers(read(file)) == [3]


def test_progress_is_told_while_reading() -> None:
    told: list[tuple[int, int, str]] = []
    file = book_of(row(f"K{n}") for n in range(1200))
    reading.read_sheet(
        register=books.register(), file=file, progress=lambda *step: told.append(step)
    )
    assert told == [(500, 1203, "读取"), (1000, 1203, "读取")]


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 8), st.integers(0, 5))
def test_the_table_is_found_wherever_it_begins(above: int, left: int) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    for line in (TITLES, row("K1"), row("K2")):
        for place, value in enumerate(line, start=1):
            sheet[f"{get_column_letter(left + place)}{above + 1}"] = value
        above += 1
    buffer = io.BytesIO()
    book.save(buffer)
    found = read(buffer.getvalue())
    assert (found.header_row, numbers(found)) == (above - 2, [above - 1, above])
    assert found.positions["code"] == left + 1


def test_an_empty_table_is_said_to_be_empty() -> None:
    sheet = read(book_of([]))
    assert [(f.code, f.row) for f in sheet.doubts] == [("no_rows", 2)]


def test_an_error_of_the_progress_callback_is_not_taken_for_a_damaged_file() -> None:
    class Lost(Exception):
        pass

    def progress(*_: Any) -> None:
        raise Lost

    file = book_of(row(f"K{n}") for n in range(600))
    with pytest.raises(Lost):
        reading.read_sheet(register=books.register(), file=file, progress=progress)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_broken_xml_inside_is_read_or_refused_but_never_crashes(data: st.DataObject) -> None:
    with zipfile.ZipFile(io.BytesIO(GOOD)) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    name = data.draw(st.sampled_from(sorted(members)))
    content = members[name]
    place = data.draw(st.integers(0, len(content)))
    length = data.draw(st.integers(0, 40))
    wrong = data.draw(st.sampled_from([b"", b"999999999", b"<", b'"', b"A", b"-1", b"r="]))
    members[name] = content[:place] + wrong + content[place + length :]
    try:
        read(packed(**members))
    except Unreadable as unreadable:
        assert unreadable.sentence  # noqa: PT017 — either outcome is right
