"""Giving out numbers: per series and year, without gaps, one at a time."""

from typing import Any

from django.db import connection, transaction

# One statement creates or advances the counter and locks its row until the transaction ends. A
# rollback gives the number back, and whoever waited gets it: that is what makes the series gapless.
_NEXT = """
    INSERT INTO numbering_counter (series, year, last, elsewhere) VALUES (%s, %s, 1, 0)
    ON CONFLICT (series, year) DO UPDATE SET last = numbering_counter.last + 1
    RETURNING last
"""
_CLEAR = """
    INSERT INTO numbering_counter (series, year, last, elsewhere) VALUES (%s, %s, %s, %s)
    ON CONFLICT (series, year) DO UPDATE SET
        last = greatest(numbering_counter.last, excluded.last),
        elsewhere = greatest(numbering_counter.elsewhere, excluded.elsewhere)
"""


def next_number(*, series: str, year: int) -> int:
    """The next number of a series in a year, beginning at 1; others wait until we commit.

    Raises ``TransactionManagementError`` outside a transaction: the number would be used up
    although what it was for might fail.
    """
    _must_be_in_transaction()
    with connection.cursor() as cursor:
        cursor.execute(_NEXT, [series, year])
        row = cursor.fetchone()
    return int(row[0])


def keep_clear(*, series: str, year: int, used: int) -> None:
    """Make the series go on after ``used``, when ledgers brought numbers of their own."""
    _must_be_in_transaction()
    with connection.cursor() as cursor:
        cursor.execute(_CLEAR, [series, year, used, used])


def format_number(pattern: str, *, number: int, **parts: Any) -> str:
    """A number as it is issued: ``PC{day:%Y%m%d}{number:05d}``, ``〔{year}〕{number:03d}号``."""
    return pattern.format(number=number, **parts)


def _must_be_in_transaction() -> None:
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError(
            "A number is given out together with what it is for, in one transaction."
        )
