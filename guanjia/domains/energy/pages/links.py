"""Addresses with their filters, as pages put them behind numbers."""

from typing import Any
from urllib.parse import urlencode

from django.urls import reverse


def link(name: str, *args: Any, **query: Any) -> str:
    """The address of a page, with a query where one is given."""
    text = urlencode({key: value for key, value in query.items() if value not in (None, "")})
    return reverse(name, args=args) + (f"?{text}" if text else "")


def returns_link(year: int, **query: Any) -> str:
    """The monthly returns of a year."""
    return link(
        "energy:returns_list", view="all", month_from=f"{year}-01-01", month_to=f"{year}-12-31",
        **query,
    )  # fmt: skip
