"""Addresses with their filters, as pages put them behind numbers."""

from typing import Any
from urllib.parse import urlencode

from django.urls import reverse


def link(name: str, *args: Any, **query: Any) -> str:
    """The address of a page, with a query where one is given."""
    text = urlencode({key: value for key, value in query.items() if value not in (None, "")})
    return reverse(name, args=args) + (f"?{text}" if text else "")
