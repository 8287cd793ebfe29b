"""Small workbooks and a register that lives in memory, for the tests of Excel in and out."""

import io
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import openpyxl

from guanjia.kernel.registers.declaration import (
    Checked,
    Column,
    Fault,
    ImportRow,
    Kind,
    Register,
    Written,
)
from guanjia.kernel.values.actor import Actor
from guanjia.kernel.values.term import Term

TAKER = Actor.system("tests")
SIGNATURE = "填表人：            审核人：            填表日期："


class Shelf(Term):
    """Where a book stands."""

    HISTORY = "HISTORY", "历史"
    LETTERS = "LETTERS", "文学（外国）"


def _branches(codes: Collection[str]) -> Mapping[str, str]:
    return {code: f"branch {code}" for code in codes if code.startswith("B")}


def _code_fault(code: str) -> str | None:
    return None if code.startswith("K") else "书号以 K 开头"


COLUMNS = (
    Column(name="code", title="书号", check=_code_fault, check_code="code_invalid"),
    Column(name="title", title="书名", required=True, max_length=20),
    Column(name="shelf", title="类别", kind=Kind.CHOICE, choices=Shelf),
    Column(name="pages", title="页数", kind=Kind.INTEGER, minimum=1),
    Column(name="price", title="价格(元)", kind=Kind.DECIMAL, above=0, example="35.5"),
    Column(name="bought_on", title="购入日期", kind=Kind.DATE),
    Column(name="lent_at", title="借出时间", kind=Kind.DATETIME),
    Column(
        name="branch",
        title="分馆编码",
        kind=Kind.REFERENCE,
        reference=_branches,
        missing="分馆名录中没有 {value}",
        missing_code="branch_unknown",
    ),
    Column(name="isbn", title="国际书号", unique=True),
    Column(name="age", title="藏龄(年)", kind=Kind.INTEGER, imported=False),
)
TITLES = [column.title for column in COLUMNS if column.imported]


@dataclass
class Library:
    """Rows by code, written the way an action would: compare, create or update."""

    rows: dict[str, dict[str, Any]] = field(default_factory=dict)

    def write(self, *, rows: Sequence[ImportRow], **_: Any) -> Written:
        """As an action would, with ``actor=`` and ``at=``."""
        created = updated = unchanged = 0
        for row in rows:
            before = self.rows.get(row.values["code"])
            created += before is None
            updated += before is not None and before != dict(row.values)
            unchanged += before == dict(row.values)
            self.rows[row.values["code"]] = dict(row.values)
        return Written(created=created, updated=updated, unchanged=unchanged)


def register(**changes: Any) -> Register:
    """The register of the tests, with some of its parts replaced."""
    parts: dict[str, Any] = {
        "key": "tests.books",
        "title": "图书台账",
        "noun": "本",
        "columns": COLUMNS,
        "key_column": "code",
        "rows": lambda _: (),
        "see": "tests.see",
        "take": "tests.take",
    }
    return Register(**(parts | changes))


def no_long_titles(rows: Sequence[ImportRow], _: Actor) -> Checked:
    """A department that finds long titles wrong and the word 旧 odd."""
    return Checked(
        errors=[
            Fault(row=row.number, column="书名", value="", code="too_wordy", message="书名太啰嗦")
            for row in rows
            if len(row.values["title"]) > 10
        ],
        doubts=[
            Fault(row=row.number, column="书名", value="", code="looks_old", message="像是旧书")
            for row in rows
            if "旧" in row.values["title"]
        ],
    )


def book_of(
    rows: Iterable[Sequence[Any]],
    *,
    titles: Sequence[Any] = TITLES,
    heading: str | None = "市图书馆图书台账(2020年1-6月)",
    closing: Sequence[Sequence[Any]] = ((SIGNATURE,),),
    change: Callable[[Any], None] | None = None,
) -> bytes:
    """An .xlsx as offices keep it: merged title, header, rows, signature line."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "图书台账"
    if heading is not None:
        sheet.append([heading])
        sheet.merge_cells(start_row=1, end_row=1, start_column=1, end_column=len(titles))
    sheet.append(list(titles))
    for row in (*rows, *closing):
        sheet.append(list(row))
    if change is not None:
        change(book)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def row(code: str = "K1", title: str = "论语", **cells: Any) -> list[Any]:
    """A good row of the register, with some cells replaced by column name."""
    values = {
        "code": code,
        "title": title,
        "shelf": "历史",
        "pages": 120,
        "price": 35.5,
        "bought_on": datetime(2020, 3, 5),  # noqa: DTZ001 — Excel's dates have no zone
        "lent_at": "2020/3/5 08:30",
        "branch": "B1",
        "isbn": f"978{code}",
    }
    return list((values | cells).values())
