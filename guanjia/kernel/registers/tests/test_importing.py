"""Imports: every fault is named, and all is written or nothing."""

import io
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection

from guanjia.kernel.audit.models import Record
from guanjia.kernel.registers import importing, listing
from guanjia.kernel.registers.declaration import Column, Register, Written
from guanjia.kernel.registers.importing import ImportReport, Preview
from guanjia.kernel.registers.tests import books
from guanjia.kernel.registers.tests.books import TAKER, Library, Shelf, book_of, row
from guanjia.kernel.regulations.verdict import Finding, Refused
from guanjia.kernel.values.actor import Actor, NotAllowed
from guanjia.kernel.values.period import SHANGHAI

pytestmark = pytest.mark.pg15

AT = datetime(2020, 7, 1, 1, 0, tzinfo=UTC)
FAULTY = [
    row("K1"),
    row("X2", price=-1, pages="约120"),
    row("K3", title=None, branch="C7"),
    row("K4", shelf="杂书"),
    row("K1", isbn="9"),
    row("X2", isbn="8"),
    row("K6", isbn="978K4"),
    row("K7", title="一本书名实在太长的书籍", isbn="7"),
    row("K8", title="旧约", isbn="6"),
]


def preview_of(rows: list[list[Any]], **changes: Any) -> Preview:
    return importing.read_file(
        register=books.register(check_rows=books.no_long_titles, **changes),
        file=book_of(rows),
        actor=TAKER,
    )


def take(register: Register, file: bytes, **options: Any) -> ImportReport:
    return importing.import_file(
        register=register, path_or_file=io.BytesIO(file), actor=TAKER, at=AT, **options
    )


# ── judging, without a database ──────────────────────────────────────────────────────────


def test_values_come_as_their_kinds_promise() -> None:
    (ready,) = preview_of([row(pages="1,200", price="35.50", bought_on="2020.3.5")]).ready
    assert ready.number == 3
    assert dict(ready.values) == {
        "code": "K1",
        "title": "论语",
        "shelf": Shelf.HISTORY,
        "pages": 1200,
        "price": Decimal("35.50"),
        "bought_on": date(2020, 3, 5),
        "lent_at": datetime(2020, 3, 5, 8, 30, tzinfo=SHANGHAI),
        "branch": "branch B1",
        "isbn": "978K1",
    }
    assert ready.raw["pages"] == "1,200"


def test_every_fault_is_named_by_row_and_column() -> None:
    preview = preview_of(FAULTY)
    assert [(f.row, f.column, f.code, f.value, f.message) for f in preview.errors] == [
        (4, "书号", "code_invalid", "X2", "书号以 K 开头"),
        (4, "页数", "number_unreadable", "约120", "只填数字，如 5"),
        (4, "价格(元)", "value_too_small", "-1", "价格应大于 0"),
        (5, "书名", "required_missing", "", "补填书名"),
        (5, "分馆编码", "branch_unknown", "C7", "分馆名录中没有 C7"),
        (6, "类别", "choice_unknown", "杂书", "从「历史、文学（外国）」中选一项"),
        (7, "书号", "duplicate", "K1", "与第 3 行相同"),
        (8, "书号", "code_invalid", "X2", "书号以 K 开头"),
        (9, "国际书号", "duplicate", "978K4", "与第 6 行相同"),
        (10, "书名", "too_wordy", "一本书名实在太长的书籍", "书名太啰嗦"),
    ]
    assert [(f.row, f.code, f.value) for f in preview.doubts] == [(11, "looks_old", "旧约")]
    assert {fault.sheet for fault in preview.errors} == {"图书台账"}
    assert [each.number for each in preview.ready] == [3, 11]
    assert len(preview.rows) == 9
    assert preview.faulty_numbers == set(range(4, 11))
    assert preview.by_reason[0] == ("code_invalid", 2)


def test_codes_are_looked_up_once_for_the_whole_file() -> None:
    asked: list[Any] = []

    def look_up(codes: Any) -> dict[str, str]:
        asked.append(codes)
        return {code: code for code in codes}

    columns = [
        Column(**{**vars(column), "reference": look_up}) if column.name == "branch" else column
        for column in books.COLUMNS
    ]
    preview = preview_of([row(f"K{n}", branch=f"B{n % 2}") for n in range(9)], columns=columns)
    assert not preview.errors
    assert asked == [["B0", "B1"]]


def test_a_file_that_cannot_be_read_gives_a_preview_with_the_sentence() -> None:
    preview = importing.read_file(register=books.register(), file=b"no", actor=TAKER)
    assert [(f.row, f.code) for f in preview.errors] == [(0, "file_not_excel")]
    assert preview.errors[0].message == "这不是 Excel 文件，另存为 .xlsx 再上传。"


def test_a_missing_required_column_gives_only_that_error() -> None:
    file = book_of([["K1"], ["X2"]], titles=["书号", *books.TITLES[2:]])
    preview = importing.read_file(register=books.register(), file=file, actor=TAKER)
    assert [(f.row, f.column, f.code) for f in preview.errors] == [(2, "书名", "column_missing")]


def test_only_who_may_take_the_register_may_even_look() -> None:
    stranger = Actor(name="stranger")
    with pytest.raises(NotAllowed):
        importing.read_file(register=books.register(), file=book_of([]), actor=stranger)


# ── writing ──────────────────────────────────────────────────────────────────────────────


@pytest.mark.django_db
def test_the_same_file_twice_changes_nothing() -> None:
    library = Library()
    register = books.register(write_rows=library.write)
    file = book_of([row("K1"), row("K2")])
    first, again = take(register, file), take(register, file)
    changed = take(register, book_of([row("K1", title="春秋"), row("K2"), row("K3")]))
    assert [(r.created, r.updated, r.unchanged) for r in (first, again, changed)] == [
        (2, 0, 0),
        (0, 0, 2),
        (1, 1, 1),
    ]
    assert not first.refused


@pytest.mark.django_db
def test_an_import_leaves_one_record_with_its_counts_and_the_files_digest() -> None:
    take(books.register(write_rows=Library().write), book_of([row()]))
    record = Record.objects.get()
    assert (record.verb, record.on_label, record.name) == ("registers.import", "图书台账", "tests")
    assert record.after["created"] == 1
    assert len(record.after["sha256"]) == 64


@pytest.mark.django_db
def test_one_fault_keeps_the_whole_file_out() -> None:
    library = Library()
    report = take(books.register(write_rows=library.write), book_of([row("K1"), row("X2")]))
    assert report.refused
    assert not library.rows
    assert not Record.objects.exists()
    assert report.as_json() == {
        "register": "tests.books",
        "sheet": "图书台账",
        "rows": 2,
        "created": 0,
        "updated": 0,
        "unchanged": 0,
        "errors": [
            {
                "sheet": "图书台账",
                "row": 4,
                "column": "书号",
                "value": "X2",
                "code": "code_invalid",
                "message": "书号以 K 开头",
            }
        ],
        "doubts": [],
    }


@pytest.mark.django_db
def test_a_dry_run_counts_and_undoes() -> None:
    report = take(books.register(write_rows=Library().write), book_of([row()]), dry_run=True)
    assert (report.created, report.rows) == (1, 1)
    assert not Record.objects.exists()


@pytest.mark.django_db
def test_an_unreadable_file_is_a_report_not_an_exception() -> None:
    report = take(books.register(), b"PK nothing")
    assert [(f["row"], f["code"]) for f in report.as_json()["errors"]] == [(0, "file_damaged")]


@pytest.mark.django_db
def test_progress_goes_through_every_phase() -> None:
    told: list[tuple[int, int, str]] = []
    file = book_of(row(f"K{n}") for n in range(600))
    take(
        books.register(write_rows=Library().write),
        file,
        progress=lambda *step: told.append(step),
    )
    assert told == [
        (500, 603, "读取"),
        (500, 600, "核对"),
        (600, 600, "核对"),
        (0, 600, "写入"),
        (600, 600, "写入"),
    ]


def _refusing(objection: Exception) -> Any:
    def write(**_: Any) -> Written:
        raise objection

    return write


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("objection", "message"),
    [
        (
            Refused(
                [Finding(code="no", headline="不能入库。", sentence="书库已满。", field="title")]
            ),
            "不能入库。书库已满。",
        ),
        (ValidationError("书库已满。"), "书库已满。"),
        (IntegrityError("?"), "与已有的记录冲突，整份文件没有写入，核对后再上传。"),
    ],
)
def test_an_objection_while_writing_is_a_sentence(objection: Exception, message: str) -> None:
    report = take(books.register(write_rows=_refusing(objection)), book_of([row()]))
    assert [f.message for f in report.errors] == [message]
    assert report.created == 0


def _insert_twice(**_: Any) -> Written:
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE book (isbn text UNIQUE DEFERRABLE INITIALLY DEFERRED)")
        cursor.execute("INSERT INTO book VALUES ('978K2'), ('978K2')")
    return Written(created=2)


@pytest.mark.django_db
def test_a_constraint_names_the_row_where_it_can() -> None:
    report = take(books.register(write_rows=_insert_twice), book_of([row("K1"), row("K2")]))
    assert [(f.row, f.column, f.value, f.message) for f in report.errors] == [
        (4, "国际书号", "978K2", "“978K2”与已有的记录相同")
    ]


def _trigger_speaks(**_: Any) -> Written:
    with connection.cursor() as cursor:
        cursor.execute("DO $$ BEGIN RAISE EXCEPTION 'the sum is not zero'; END $$")
    return Written()


@pytest.mark.django_db
def test_a_trigger_that_refuses_is_a_sentence_too() -> None:
    report = take(books.register(write_rows=_trigger_speaks), book_of([row()]))
    assert [f.code for f in report.errors] == ["database_refused"]


def _looks_at_locks(seen: list[int]) -> Any:
    def write(**_: Any) -> Written:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted"
                " AND classid = 7205 AND objid = hashtext('tests.books')::bigint & 4294967295"
            )
            seen.append(cursor.fetchone()[0])
        return Written()

    return write


@pytest.mark.django_db
def test_imports_of_one_register_wait_for_each_other() -> None:
    seen: list[int] = []
    take(books.register(write_rows=_looks_at_locks(seen)), book_of([row()]))
    assert seen == [1]


def test_a_file_may_leave_out_an_optional_column_and_then_says_nothing_about_it() -> None:
    columns = [replace(c, optional=c.name == "pages") for c in books.COLUMNS]
    register = books.register(columns=columns)
    short = [title for title in books.TITLES if title != "页数"]
    without = [cell for title, cell in zip(books.TITLES, row(), strict=True) if title != "页数"]
    preview = importing.read_file(
        register=register, file=book_of([without], titles=short), actor=TAKER
    )
    assert preview.errors == []
    assert "pages" not in preview.ready[0].values
    whole = importing.read_file(register=register, file=book_of([row(pages=7)]), actor=TAKER)
    assert whole.ready[0].values["pages"] == 7
    wrong = importing.read_file(register=register, file=book_of([row(pages=0)]), actor=TAKER)
    assert [fault.column for fault in wrong.errors] == ["页数"]


# ── a key of several columns, a cell of several codes ─────────────────────────────────────


@pytest.mark.parametrize("beside", [("branch",), ("branch", "shelf")])
def test_a_key_of_several_columns_is_doubled_only_where_all_of_them_agree(
    beside: tuple[str, ...],
) -> None:
    rows = [
        row("K1", isbn="1", branch="B1"),
        row("K1", isbn="2", branch="B2"),
        row("K1", isbn="3", branch="B1", shelf="文学（外国）"),
        row("K1", isbn="4", branch="B1"),
        row("K1", isbn="5", branch="C7"),  # its branch is unknown: no key to compare
    ]
    preview = preview_of(rows, key_with=beside)
    doubles = [(f.row, f.column, f.message) for f in preview.errors if f.code == "duplicate"]
    third = [] if "shelf" in beside else [(5, "书号", "与第 3 行相同")]
    assert doubles == [*third, (6, "书号", "与第 3 行相同")]


def several(**changes: Any) -> list[Column]:
    """The columns of the tests, the branch being one of several."""
    return [
        Column(**{**vars(column), "many": True, **changes}) if column.name == "branch" else column
        for column in books.COLUMNS
    ]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("B1、B2", ("branch B1", "branch B2")),
        ("B1，B2,B3", ("branch B1", "branch B2", "branch B3")),
        ("B2；B1;B3/B4", ("branch B2", "branch B1", "branch B3", "branch B4")),
        (" B1  B2\nB3、", ("branch B1", "branch B2", "branch B3")),
        ("B1、B1", ("branch B1",)),
        ("Ｂ１", ("branch B1",)),
        ("", ()),
        ("、", ()),
    ],
)
def test_a_cell_may_name_several_codes(text: str, found: tuple[str, ...]) -> None:
    preview = preview_of([row(branch=text)], columns=several())
    assert preview.errors == []
    assert preview.ready[0].values["branch"] == found


def test_each_unknown_code_of_a_cell_is_named_and_all_are_looked_up_at_once() -> None:
    asked: list[Any] = []

    def look_up(codes: Any) -> dict[str, str]:
        asked.append(codes)
        return {code: code for code in codes if code.startswith("B")}

    rows = [row("K1", branch="B1、C7、C8"), row("K2", branch="B2、B1"), row("K3", branch=None)]
    preview = preview_of(rows, columns=several(reference=look_up))
    assert [(f.row, f.column, f.value, f.message) for f in preview.errors] == [
        (3, "分馆编码", "B1、C7、C8", "分馆名录中没有 C7、C8")
    ]
    assert [ready.values["branch"] for ready in preview.ready] == [("B2", "B1"), ()]
    assert asked == [["B1", "B2", "C7", "C8"]]


def test_several_values_are_shown_and_exported_joined() -> None:
    column = several()[7]
    assert listing.plain(column, ("B1", "B2")) == "B1、B2"
    assert listing.plain(column, ()) is None
