"""The ledger of units: whose fault is whose."""

import io
from datetime import UTC, datetime
from typing import Any

import openpyxl
import pytest

from guanjia.kernel.org.models import Unit
from guanjia.kernel.registers import importing
from guanjia.kernel.values.actor import Actor
from guanjia.portal.registers import UNITS

AT = datetime(2020, 7, 1, 1, 0, tzinfo=UTC)
ROOT = {
    "code": "36",
    "name": "江西省",
    "short_name": "江西",
    "parent_code": None,
    "nature": "行政区",
    "level": "省级",
    "credit_code": None,
    "headcount": None,
    "position": 0,
}


def unit(code: str, parent: str | None, **more: Any) -> dict[str, Any]:
    return {**ROOT, "code": code, "name": code, "short_name": code, "parent_code": parent, **more}


def blamed(*rows: dict[str, Any]) -> list[tuple[int, str, str]]:
    book = openpyxl.Workbook()
    columns = UNITS.importable()
    book.active.append([column.title for column in columns])
    for row in rows:
        book.active.append([row[column.name] for column in columns])
    buffer = io.BytesIO()
    book.save(buffer)
    report = importing.import_file(
        register=UNITS, path_or_file=buffer.getvalue(), actor=Actor.system("tests"), at=AT
    )
    return [(fault.row, fault.column, fault.code) for fault in report.errors]


@pytest.mark.django_db
def test_a_fault_of_a_parent_is_not_its_children_s() -> None:
    rows = (unit("36", None, level="地市"), unit("3602", "36"), unit("360281", "3602"))
    assert blamed(*rows) == [(2, "层级", "choice_unknown")]


@pytest.mark.django_db
def test_a_circle_is_the_fault_of_the_one_who_closed_it() -> None:
    rows = (unit("36", "360281"), unit("3602", "36"), unit("360281", "3602"), unit("3603", "36"))
    assert blamed(*rows) == [(2, "上级单位编码", "unit_circle")]
    assert blamed(unit("36", "36"), unit("3602", "36")) == [(2, "上级单位编码", "unit_circle")]


@pytest.mark.django_db
def test_a_circle_over_units_that_are_there_already_is_seen() -> None:
    assert blamed(unit("36", None), unit("3602", "36"), unit("360281", "3602")) == []
    assert blamed(unit("36", "360281")) == [(2, "上级单位编码", "unit_circle")]
    assert Unit.objects.get(code="36").path == "/36/"
