"""Rows that hold for a stretch of days (``during``, half-open): ended, and followed by another.

The trail is written by whoever changes what the stretches are of; nothing is recorded here.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db.backends.postgresql.psycopg_any import DateRange


def finish(row: Any, on: date, *names: str) -> None:
    """What a row says holds up to a day, which no longer belongs to it.

    ``names``: what else was written into the row (why it ended).
    """
    row.during = DateRange(row.during.lower, on)
    row.save(update_fields=["during", *names])


def end(row: Any, on: date) -> None:
    """As ``finish``; a row that begins on that day or later is gone."""
    if row.during.lower is not None and row.during.lower >= on:
        row.delete()
        return
    finish(row, on)


def follow(row: Any, *, on: date, facts: Mapping[str, Any]) -> Any:
    """The row that says ``facts`` from a day of a locked row on, up to where that ended.

    The days before stay as they were; what is told of the day on which the row begins replaces
    it. ``facts``: all columns of the new row but its days.
    """
    if row.during.lower == on:
        for name, value in facts.items():
            setattr(row, name, value)
        row.save()
        return row
    until = row.during.upper
    finish(row, on)
    return type(row).objects.create(during=DateRange(on, until), **facts)
