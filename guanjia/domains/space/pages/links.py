"""Addresses of pages that may not be there: a part of the department that is not wired has none."""

from typing import Any
from urllib.parse import urlencode

from django.urls import NoReverseMatch, reverse


def link(name: str, *args: Any, **query: Any) -> str:
    """The address of a page with its query, ``""`` where the page is not wired; empty values of
    the query are left out."""
    try:
        address = reverse(name, args=args)
    except NoReverseMatch:
        return ""
    told = {key: value for key, value in query.items() if value not in (None, "")}
    return f"{address}?{urlencode(told)}" if told else address
