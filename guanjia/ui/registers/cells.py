"""Cells of a register as HTML: one form for each kind of value, or the column's own template."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any

from django.template.loader import get_template
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from guanjia.kernel.registers import listing
from guanjia.kernel.registers.declaration import Column, Kind
from guanjia.ui import formats

NONE = SafeString('<span class="gj-none">—</span>')
NUMERIC = frozenset({Kind.INTEGER, Kind.DECIMAL})
DATED = frozenset({Kind.DATE, Kind.MONTH, Kind.DATETIME})
CUT_FROM = 9  # characters; longer text is cut on screen and whole in the title
_SECOND_LINE = 3


@dataclass(frozen=True)
class Shown:
    """A cell ready for the page: its HTML, its classes, and its place on a phone."""

    html: SafeString
    css: str
    phone: str
    title: str = ""


def css_of(column: Column, *, folds: bool) -> str:
    """The classes of a column's cells."""
    classes = []
    if column.kind in NUMERIC:
        classes.append("gj-num")
    elif column.kind in DATED:
        classes.append("gj-when")
    if folds and column.fold == 1:
        classes.append("gj-fold")
    return " ".join(classes)


def phone_places(columns: list[Column], order_name: str) -> dict[str, str]:
    """Which columns make the two lines of a row on a phone: ``key``, ``state``, ``line``.

    The first line is what names the row and its state, the second three columns of most use and
    the one the list is ordered by; the rest waits on the record's own page.
    """
    key = next((column for column in columns if column.link), columns[0])
    places = {key.name: "key"}
    rest = [column for column in columns if column is not key]
    shown = [column for column in rest if column.widget]
    state = next((column for column in shown if column.kind is Kind.CHOICE or column.many), None)
    state = state or next((column for column in rest if column.kind is Kind.CHOICE), None)
    if state is not None:
        places[state.name] = "state"
    line = [c for c in rest if c is not state and c.fold == 0][:_SECOND_LINE]
    line += [c for c in rest if c.name == order_name and c not in line and c is not state]
    return places | {column.name: "line" for column in line}


def html_of(column: Column, row: Any, *, today: date, reveal: bool) -> SafeString:
    """One cell as HTML; what is not known is a grey dash."""
    value = listing.value_of(column, row)
    if column.sensitive and not reveal and value:
        value = listing.masked(value)
        inner = format_html("{}", value)
    elif column.widget:
        inner = _widget(column.widget)(
            {"row": row, "value": value, "column": column, "today": today}
        )
    elif value is None or value in ("", ()):
        return NONE
    else:
        inner = _text(column, value, today)
    if column.link and inner is not NONE:
        address = reverse(column.link, args=[row.pk])
        asked = getattr(row, "asked", None) if column.link_dated else None
        if asked not in (None, today):
            address += f"?on={asked:%Y-%m-%d}"
        return format_html('<a href="{}">{}</a>', address, inner)
    return inner


def _text(column: Column, value: Any, today: date) -> SafeString:
    # Dates and numbers hold nothing to escape; only text does.
    if column.kind is Kind.DATETIME and isinstance(value, datetime):
        return SafeString(formats.daytime(value, style="row", today=today))
    if column.kind is Kind.DATE and isinstance(value, date):
        return SafeString(formats.day(value, style="iso"))
    if column.kind is Kind.DECIMAL:
        return SafeString(formats.num(value, places=column.places_shown))
    if column.kind is Kind.INTEGER:
        return SafeString(formats.num(value))
    return _words(str(listing.plain(column, value)), wide=column.wide)


def _words(text: str, *, wide: bool) -> SafeString:
    if wide:
        return format_html('<span class="gj-reg-wide">{}</span>', text)
    if len(text) > CUT_FROM and not text.isascii():
        return format_html('<span class="gj-cut" title="{0}">{0}</span>', text)
    return format_html("{}", text)


@cache
def _widget(name: str) -> Callable[[dict[str, Any]], SafeString]:
    template = get_template(name)
    return lambda context: SafeString(template.render(context).strip())
