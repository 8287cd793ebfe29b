"""Sections of a detail page, declared from the fields of the model they show."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from guanjia.kernel.registers.declaration import Column, Kind
from guanjia.ui import formats


@dataclass(frozen=True, kw_only=True)
class Section:
    """A panel of terms and values: ``fields`` as ``registers.fields.of`` makes them.

    What is computed is a ``Column`` with its own ``value``.
    """

    title: str
    fields: Sequence[Column]

    def rows(self, row: Any) -> list[tuple[str, str]]:
        """Title and text of every field, for the ``dl`` tag; ``""`` where nothing is known."""
        return [(column.heading or column.title, text_of(column, row)) for column in self.fields]


def text_of(column: Column, row: Any) -> str:
    """What a page says of one field of a row: choices by label, numbers with their unit."""
    value = _value(column, row)
    if value is None or value == "":
        return ""
    if column.kind is Kind.CHOICE and column.choices is not None:
        return dict(column.choices.choices()).get(value, str(value))
    match value:
        case datetime():
            text = formats.daytime(value)
        case date():
            text = formats.day(value, style="iso")
        case Decimal() if column.model_field.endswith("_fen"):
            text = f"{value:,.2f}"
        case Decimal():
            text = f"{value.normalize():f}"
        case int():
            text = f"{value:,}"
        case _:
            text = str(value)
    return f"{text} {column.unit}" if column.unit else text


def _value(column: Column, row: Any) -> Any:
    if column.value is not None:
        return column.value(row)
    for name in (column.path or column.name).split("."):
        row = getattr(row, name, None)
    return row
