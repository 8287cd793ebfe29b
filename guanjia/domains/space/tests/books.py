"""Ledgers of buildings and rooms as offices keep them, for the tests of import."""

import io
from collections.abc import Iterable, Mapping
from typing import Any

import openpyxl

from guanjia.domains.space.tests.builders import AT, City
from guanjia.kernel.registers import importing
from guanjia.kernel.registers.declaration import Register
from guanjia.kernel.registers.importing import ImportReport

FIRST_ROW = 3
SIGNATURE = "填表人：            审核人：            填表日期："
BUILDING: dict[str, Any] = {
    "compound": "老市委大院", "name": "1号楼", "gross_m2": "3,663", "floors_above": 4,
    "kind": "多层", "built_year": "1,987", "title_no": "景房权证市字第57924号 ",
    "title_owner": "景德镇市机关事务管理局", "delivered_on": "1989年1月1日", "state": "已交付",
}  # fmt: skip
ROOM: dict[str, Any] = {
    "compound": "市发展中心北苑", "building": "常委楼 ", "floor": "1", "number": "106",
    "kind": "办公室", "usable_m2": "21.9", "gross_m2": None, "unit": "3602D036",
    "people": "D036016、D036017", "state": "在用 ",
}  # fmt: skip


def book(register: Register, rows: Iterable[Mapping[str, Any]]) -> bytes:
    """The .xlsx of a register with these rows by column name: title, header, rows, signature."""
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    columns = register.importable()
    sheet.append([register.title])
    sheet.merge_cells(start_row=1, end_row=1, start_column=1, end_column=len(columns))
    sheet.append([column.title for column in columns])
    for row in rows:
        sheet.append([row[column.name] for column in columns])
    sheet.append([SIGNATURE])
    buffer = io.BytesIO()
    workbook.save(buffer)
    return buffer.getvalue()


def take(
    city: City, register: Register, *rows: Mapping[str, Any], by: str = "keeper", at: Any = AT
) -> ImportReport:
    """What an import of these rows says."""
    return importing.import_file(
        register=register, path_or_file=book(register, rows), actor=city.actor(by), at=at
    )


def counts(report: ImportReport) -> tuple[int, int, int]:
    """Created, changed, unchanged of an import that was not refused."""
    assert report.errors == ()
    return report.created, report.updated, report.unchanged


def faults(report: ImportReport) -> list[tuple[int, str, str]]:
    """Row, column and code of every fault."""
    return [(fault.row, fault.column, fault.code) for fault in report.errors]


def doubts(report: ImportReport) -> list[tuple[str, str]]:
    """Column and sentence of every doubt."""
    return [(fault.column, fault.message) for fault in report.doubts]
