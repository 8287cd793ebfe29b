"""The report as data: every bound figure with its number, its days and its words."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.exceptions import ObjectDoesNotExist

from guanjia.domains.report.terms import BINDINGS, Binding
from guanjia.kernel.figures import catalogue
from guanjia.kernel.figures.catalogue import Reading
from guanjia.kernel.figures.declaration import Figure, Read
from guanjia.kernel.values import rounding
from guanjia.kernel.values.actor import Scope
from guanjia.kernel.values.period import Period


class NoSuchFigure(ObjectDoesNotExist):
    """No department has a figure of this key."""


def figure(key: str) -> Figure:
    """The figure of a key; raises ``NoSuchFigure``."""
    found = catalogue.get(key)
    if found is None:
        raise NoSuchFigure(key)
    return found


@dataclass(frozen=True, kw_only=True)
class Line:
    """A figure as the report prints it."""

    binding: Binding
    reading: Reading
    unit: str
    text: str


def lines(*, scope: Scope, period: Period, bindings: Sequence[Binding] = BINDINGS) -> list[Line]:
    """The bound figures of the departments that are installed, in the report's order."""
    found = []
    for binding in bindings:
        figure = catalogue.get(binding.figure)
        if figure is None:
            continue
        part = binding.period_of(period)
        reading = catalogue.evaluate(figure, scope=scope, period=part)
        unit = binding.unit or figure.unit
        text = said(reading.value, style=binding.style, unit=unit)
        found.append(Line(binding=binding, reading=reading, unit=unit, text=text))
    return found


def said(value: Read, *, style: rounding.Style, unit: str) -> str:
    """A value as a sentence of the report has it: ``42万公里``, ``5月13日``; a dash for no day."""
    if value is None:
        return "—"
    if isinstance(value, date):
        return f"{value.month}月{value.day}日{unit}"
    return rounding.rounded(value, style) + unit


def report(*, scope: Scope, period: Period) -> dict[str, Any]:
    """The figures as plain data for JSON; ``from`` and ``to`` are both inclusive.

    ``{"figures": {KEY: {"value", "unit", "from", "to", "text"}}}``.
    """
    return {
        "figures": {
            line.binding.figure: {
                "value": _number(line.reading.value),
                "unit": line.unit,
                "from": line.reading.period.start.isoformat(),
                "to": line.reading.period.last.isoformat(),
                "text": line.text,
            }
            for line in lines(scope=scope, period=period)
        }
    }


def _number(value: Read) -> int | float | str | None:
    if value is None or isinstance(value, int):
        return value
    return value.isoformat() if isinstance(value, date) else float(value)
