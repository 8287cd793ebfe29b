"""Figures (指标): named numbers with a unit, a meaning (口径), and the rows behind them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import urlencode

from guanjia.kernel.values.actor import Scope
from guanjia.kernel.values.period import Period

if TYPE_CHECKING:
    from django.db.models import QuerySet

# What a figure reads: a number, or a day; ``None`` where a day is wanted and there is none.
Amount = Decimal | int
Read = Amount | date | None


class Rows(Protocol):
    """Gives the rows that make a figure."""

    def __call__(self, *, scope: Scope, period: Period) -> "QuerySet[Any]": ...


class Value(Protocol):
    """Gives the number itself, or the day."""

    def __call__(self, *, scope: Scope, period: Period) -> Read: ...


@dataclass(frozen=True, kw_only=True)
class Figure:
    """A number, or a day, that can be opened.

    ``meaning``: which rows count, in Chinese, shown beside the number. ``register``: key of the
    register whose list shows the rows; ``opens``: period → the filters that show exactly them.
    """

    key: str
    title: str
    unit: str
    meaning: str
    rows: Rows
    value: Value
    register: str = ""
    opens: Callable[[Period], Mapping[str, str]] | None = None

    def __call__(self, *, scope: Scope, period: Period) -> Read:
        """The number or day for a scope and period."""
        return self.value(scope=scope, period=period)

    def query(self, period: Period) -> str:
        """The query part of the address of the register's list, without ``?``."""
        return urlencode(dict(self.opens(period))) if self.opens else ""


def figure(
    key: str,
    *,
    title: str,
    unit: str,
    meaning: str,
    rows: Rows,
    register: str = "",
    opens: Callable[[Period], Mapping[str, str]] | None = None,
) -> Callable[[Value], Figure]:
    """Turn a function that computes the number into a figure; ``apps.py`` enlists it."""

    def declare(value: Value) -> Figure:
        return Figure(
            key=key,
            title=title,
            unit=unit,
            meaning=meaning,
            rows=rows,
            value=value,
            register=register,
            opens=opens,
        )

    return declare
