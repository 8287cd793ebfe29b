"""Ledgers as offices keep them, for the tests of import: title, header, rows, signature line."""

import io
from collections.abc import Iterable, Mapping
from typing import Any

import openpyxl

from guanjia.kernel.registers.declaration import Register

SIGNATURE = "填表人：            审核人：            填表日期："
CAR: dict[str, Any] = {
    "plate": "赣H30001",
    "plate_colour": "蓝",
    "use": "应急保障用车",
    "make": "大众朗逸",
    "vin": "LSV00000030000001",
    "energy": "汽油",
    "displacement_l": "1.6",
    "seats": 5,
    "price_wan": "11.98",
    "registered_on": "2018年3月5日",
    "unit": "3602D055",
    "keeping": "集中管理",
    "odometer_km": "12,345",
    "state": "在用",
    "terminal": None,
}
TRIP: dict[str, Any] = {
    "number": "PC2020051900041",
    "state": "已完成",
    "purpose": "调研督导",
    "unit": "3602D036",
    "rider_name": "莫兴",
    "reason": "调研",
    "origin": "市农业农村局",
    "destination": "浮梁 ",
    "passengers": 2,
    "car": "赣H10001",
    "driver": "汪杰",
    "planned_from": "2020/5/19 09:00",
    "planned_to": "2020/5/19 11:00",
    "went_at": "2020-05-19 09:05",
    "back_at": "2020-05-19 11:10",
    "start_km": "10,000",
    "end_km": 10060,
}
FIRST_ROW = 3


def book(register: Register, rows: Iterable[Mapping[str, Any]]) -> bytes:
    """The .xlsx of a register with these rows by column name."""
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    rows = list(rows)
    columns = [
        column
        for column in register.importable()
        if not column.optional or any(column.name in row for row in rows)
    ]
    sheet.append([register.title])
    sheet.merge_cells(start_row=1, end_row=1, start_column=1, end_column=len(columns))
    sheet.append([column.title for column in columns])
    for row in rows:
        sheet.append([row.get(column.name) if column.optional else row[column.name]
                      for column in columns])  # fmt: skip
    sheet.append([SIGNATURE])
    buffer = io.BytesIO()
    workbook.save(buffer)
    return buffer.getvalue()
