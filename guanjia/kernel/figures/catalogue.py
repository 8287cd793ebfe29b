"""The figures of this installation, enlisted by the ``apps.py`` of whoever declares them."""

from dataclasses import dataclass
from datetime import date
from typing import overload

from guanjia.kernel.figures.declaration import Amount, Figure, Read
from guanjia.kernel.values.actor import Scope
from guanjia.kernel.values.period import Period

_figures: dict[str, Figure] = {}


@dataclass(frozen=True, kw_only=True)
class Reading:
    """A figure read for one period: the number or day, and the filters that open its rows."""

    figure: Figure
    period: Period
    value: Read
    query: str


def enlist(*figures: Figure) -> None:
    """Make figures known to reports, the head's page and the command line."""
    for figure in figures:
        _figures[figure.key] = figure


def get(key: str) -> Figure | None:
    """The figure of this key, or ``None``."""
    return _figures.get(key)


def all_figures() -> list[Figure]:
    """Every figure in the order of enlisting."""
    return list(_figures.values())


def evaluate(figure: Figure, *, scope: Scope, period: Period) -> Reading:
    """Read a figure; a whole number comes as ``int``, whatever the database made of it."""
    value = figure(scope=scope, period=period)
    return Reading(figure=figure, period=period, value=whole(value), query=figure.query(period))


@overload
def whole(value: Amount) -> Amount: ...
@overload
def whole(value: Read) -> Read: ...
def whole(value: Read) -> Read:
    """The same number, as ``int`` when it has no fraction; a day as it is."""
    if value is None or isinstance(value, date):
        return value
    return int(value) if value == int(value) else value
