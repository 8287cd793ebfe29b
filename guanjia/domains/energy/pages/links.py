"""Addresses with their filters, as pages put them behind numbers."""

from calendar import monthrange
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse


def link(name: str, *args: Any, **query: Any) -> str:
    """The address of a page, with a query where one is given."""
    text = urlencode({key: value for key, value in query.items() if value not in (None, "")})
    return reverse(name, args=args) + (f"?{text}" if text else "")


def returns_link(year: int, *, span: tuple[int, int] | None = None, **query: Any) -> str:
    """The monthly returns of a year, or of a span of its months."""
    first, last = span or (1, 12)
    end = date(year, last, monthrange(year, last)[1])
    return link(
        "energy:returns_list", view="all", month_from=date(year, first, 1), month_to=end, **query
    )
