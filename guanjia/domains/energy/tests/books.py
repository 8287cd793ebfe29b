"""Sheets of returns as offices keep them, for the tests of import."""

import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import openpyxl

from guanjia.domains.energy.registers.returns import RETURNS
from guanjia.domains.energy.tests.builders import AT, City
from guanjia.kernel.registers import importing
from guanjia.kernel.registers.declaration import Register
from guanjia.kernel.registers.importing import ImportReport

SIGNATURE = "填表人：            审核人：            填表日期："
FIRST_ROW = 3


def sheet(
    heads: Sequence[Sequence[Any]],
    rows: Iterable[Sequence[Any]],
    *,
    heading: str = "景德镇市公共机构能耗月报(2020年1-6月)",
    merges: Sequence[str] = (),
) -> bytes:
    """An .xlsx with a title line, one or more header rows, rows, and the signature line."""
    book = openpyxl.Workbook()
    page: Any = book.active
    page.append([heading])
    for each in (*heads, *rows):
        page.append(list(each))
    page.append([SIGNATURE])
    for area in merges:
        page.merge_cells(area)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def book(register: Register, rows: Iterable[Mapping[str, Any]]) -> bytes:
    """The .xlsx of a register with these rows by column name; columns nobody names are empty."""
    columns = [column for column in register.importable() if not column.optional]
    return sheet(
        [[column.title for column in columns]],
        [[row.get(column.name) for column in columns] for row in rows],
    )


def take(
    city: City, data: bytes, *, into: Register = RETURNS, by: str = "keeper", dry: bool = False
) -> ImportReport:
    """What an import of a file says."""
    return importing.import_file(
        register=into, path_or_file=data, actor=city.actor(by), at=AT, dry_run=dry
    )


def counts(report: ImportReport) -> tuple[int, int, int]:
    """Created, changed, unchanged of an import that was not refused."""
    assert report.errors == ()
    return report.created, report.updated, report.unchanged


def faults(report: ImportReport) -> list[tuple[int, str, str]]:
    """Row, column and code of every error and doubt."""
    return [(each.row, each.column, each.code) for each in (*report.errors, *report.doubts)]


def month(city: City, whose: str, text: Any, **cells: Any) -> dict[str, Any]:
    """A good row of the monthly sheet, with some cells replaced."""
    one = city.institution(whose)
    return {
        "code": one.code, "name": one.name, "month": text, "electricity": 4000,
        "electricity_cost": 2480, "water": 120, "water_cost": "342.00", "gas": 0, "gas_cost": 0,
        "petrol": 0, "petrol_cost": 0, "diesel": 0, "diesel_cost": 0, "coal": 0, "coal_cost": 0,
        **cells,
    }  # fmt: skip
