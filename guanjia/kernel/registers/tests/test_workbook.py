"""Templates and exports: Excel out is Excel in."""

import io
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import openpyxl
from hypothesis import given, settings
from hypothesis import strategies as st

from guanjia.kernel.registers import importing, workbook
from guanjia.kernel.registers.declaration import Column, Kind
from guanjia.kernel.registers.tests import books
from guanjia.kernel.registers.tests.books import TAKER, Shelf
from guanjia.kernel.values.period import SHANGHAI
from guanjia.kernel.values.term import Term


class Shade(Term):
    """A list too long to stand in the rule of a cell."""

    A, B = ("A", "浅" * 140), ("B", "深" * 140)


@dataclass
class Book:
    code: str = "K1"
    title: str = "论语"
    shelf: str | None = "HISTORY"
    pages: int | None = 120
    price: Decimal | None = Decimal("35.50")
    bought_on: date | None = date(2020, 3, 5)
    lent_at: datetime | None = datetime(2020, 3, 5, 0, 30, tzinfo=UTC)
    branch: str | None = "B1"
    isbn: str = "00978"
    age: int = 3


def opened(file: bytes) -> Any:
    return openpyxl.load_workbook(io.BytesIO(file))


def exported(rows: list[Book], **parts: Any) -> bytes:
    register = books.register()
    return workbook.export(
        register=register, **{"columns": register.columns, "rows": iter(rows)} | parts
    )


def test_the_template_has_the_headers_to_the_letter_and_no_row() -> None:
    book = opened(workbook.template(books.register()))
    sheet = book["图书台账"]
    assert [cell.value for cell in sheet[2]] == books.TITLES
    assert sheet.max_row == 2
    assert "必填" in sheet["A2"].comment.text
    assert "如 35.5" in sheet["E2"].comment.text
    assert sheet["A2"].fill.fgColor.rgb != sheet["C2"].fill.fgColor.rgb
    assert sheet.column_dimensions["F"].number_format == "yyyy-mm-dd"
    (rule,) = sheet.data_validations.dataValidation
    assert (rule.formula1, str(rule.sqref)) == ('"历史,文学（外国）"', "C3:C10002")


def test_long_lists_of_choices_live_on_a_hidden_sheet() -> None:
    columns = (
        *books.COLUMNS,
        Column(name="shade", title="色调", kind=Kind.CHOICE, choices=Shade),
    )
    book = opened(workbook.template(books.register(columns=columns)))
    rules = [rule.formula1 for rule in book["图书台账"].data_validations.dataValidation]
    assert rules[1] == "'选项'!$A$1:$A$2"
    assert book["选项"].sheet_state == "hidden"
    assert book["选项"]["A2"].value == "深" * 140


def test_a_filled_template_is_read_without_a_word() -> None:
    book = opened(workbook.template(books.register()))
    for place, value in enumerate(books.row(), start=1):
        book["图书台账"].cell(3, place, value)
    buffer = io.BytesIO()
    book.save(buffer)
    preview = importing.read_file(register=books.register(), file=buffer, actor=TAKER)
    assert (preview.errors, preview.doubts, len(preview.ready)) == ([], [], 1)


def test_the_export_holds_real_dates_and_numbers_and_texts() -> None:
    sheet = opened(exported([Book(), Book(code="K2", price=None)], totals={}))["图书台账"]
    values = [cell.value for cell in sheet[3]]
    assert values == [
        "K1",
        "论语",
        "历史",
        120,
        35.5,
        datetime(2020, 3, 5),  # noqa: DTZ001 — Excel's dates have no zone
        datetime(2020, 3, 5, 8, 30),  # noqa: DTZ001 — as above
        "B1",
        "00978",
        3,
    ]
    assert sheet["E4"].value is None
    assert sheet["F3"].number_format == "yyyy-mm-dd"
    assert [str(each) for each in sheet.merged_cells.ranges] == ["A1:J1"]


def test_the_totals_stand_below_and_are_no_row() -> None:
    columns = [Column(**{**vars(c), "total": c.name}) for c in books.COLUMNS]
    file = exported([Book()], columns=columns, totals={"pages": 120}, heading="全部 1 本")
    sheet = opened(file)["图书台账"]
    assert [sheet["A1"].value, sheet["A4"].value, sheet["D4"].value] == ["全部 1 本", "合计", 120]
    preview = importing.read_file(register=books.register(), file=file, actor=TAKER)
    assert (len(preview.rows), preview.errors, preview.doubts) == (1, [], [])


def test_no_text_becomes_a_formula() -> None:
    sheet = opened(exported([Book(title='=HYPERLINK("http://x")')]))["图书台账"]
    assert sheet["B3"].data_type == "s"
    assert sheet["B3"].quotePrefix


def test_sensitive_columns_are_masked_unless_revealed() -> None:
    columns = [Column(name="isbn", title="国际书号", sensitive=True)]
    book = Book(isbn="15812342391")
    assert opened(exported([book], columns=columns)).active["A3"].value == "158****2391"
    assert opened(exported([book], columns=columns, reveal=True)).active["A3"].value == book.isbn


TEXT = st.text(
    st.characters(exclude_categories=["C", "Z"]) | st.sampled_from("=+-@'，（）０"),
    min_size=1,
    max_size=20,
)
BOOK = st.builds(
    Book,
    code=st.integers(0, 10**9).map(lambda n: f"K{n}"),
    title=TEXT,
    shelf=st.sampled_from([None, "HISTORY", "LETTERS"]),
    pages=st.none() | st.integers(1, 10**9),
    price=st.none() | st.decimals(min_value="0.01", max_value=10**9, places=2),
    bought_on=st.none() | st.dates(date(1900, 3, 1), date(2100, 12, 31)),
    lent_at=st.none()
    | st.datetimes(
        datetime(1950, 1, 1),  # noqa: DTZ001 — the zone is given beside it
        datetime(2100, 12, 31),  # noqa: DTZ001 — as above
        timezones=st.just(SHANGHAI),
    ),
    branch=st.none() | st.integers(0, 99).map(lambda n: f"B{n:02}"),
    isbn=st.integers(0, 10**13).map(lambda n: f"{n:013}"),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(BOOK, min_size=1, max_size=5, unique_by=(lambda b: b.code, lambda b: b.isbn)))
def test_an_export_comes_back_without_a_change(rows: list[Book]) -> None:
    preview = importing.read_file(register=books.register(), file=exported(rows), actor=TAKER)
    assert (preview.errors, preview.doubts) == ([], [])
    for book, ready in zip(rows, preview.ready, strict=True):
        values = ready.values
        assert values["title"] == book.title
        assert values["shelf"] == (Shelf(book.shelf) if book.shelf else None)
        assert (values["pages"], values["price"]) == (book.pages, book.price)
        assert values["bought_on"] == book.bought_on
        expected = book.lent_at and book.lent_at.replace(microsecond=0)
        assert values["lent_at"] == expected
        assert values["branch"] == (f"branch {book.branch}" if book.branch else None)
        assert values["isbn"] == book.isbn
