"""The tables that may outgrow one machine, and their partitions by day.

A domain declares each of them once; ``tests/house/test_scale.py`` reads the database's catalog
against the rules (docs/kernel/scale.md). Everything else stays local and may have foreign keys.
"""

import logging
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db import OperationalError, connection, transaction
from psycopg.errors import LockNotAvailable

DAYS_AHEAD = 14
DROP_WAIT = "2s"
_NAME = re.compile(r"[a-z][a-z0-9_]{0,50}")
# A partition begins at midnight in China.
_BOUND = "{:%Y-%m-%d} 00:00:00+08"
log = logging.getLogger(__name__)
_FAULT = "a distributable table has a plain name: {!r}"


@dataclass(frozen=True, kw_only=True)
class Distributable:
    """A table of measurements: ``key`` is the immutable number its primary key begins with.

    ``by_day``: the column of time that it is partitioned by; "" for a roll-up, which is small.
    """

    table: str
    key: str
    by_day: str = ""

    def __post_init__(self) -> None:
        for name in (self.table, self.key, self.by_day or "at"):
            if not _NAME.fullmatch(name):
                raise ValueError(_FAULT.format(name))

    def partition(self, day: date) -> str:
        """The name of a day's partition."""
        return f"{self.table}_{day:%Y%m%d}"


_declared: dict[str, Distributable] = {}


def declare(*tables: Distributable) -> None:
    """Make tables known; called once by the domain they belong to."""
    for table in tables:
        if _declared.setdefault(table.table, table) != table:
            raise ValueError(table.table)


def all_tables() -> list[Distributable]:
    """Every table that was declared, by name."""
    return [_declared[name] for name in sorted(_declared)]


# ── partitions ───────────────────────────────────────────────────────────────────────────


def partitions(of: Distributable) -> dict[date, str]:
    """The partitions that are there, by their day."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid"
            " WHERE i.inhparent = to_regclass(%s) ORDER BY c.relname",
            [of.table],
        )
        names = [name for (name,) in cursor.fetchall()]
    digits = {name: name.removeprefix(f"{of.table}_") for name in names}
    return {
        date(int(text[:4]), int(text[4:6]), int(text[6:])): name for name, text in digits.items()
    }


def make_days(of: Distributable, days: Iterable[date]) -> int:
    """Make the partitions of some days that are not there yet; returns how many.

    They are attached, which lets everybody read and write meanwhile.
    """
    wanted = sorted(set(days))
    if not wanted or not _missing(of, wanted):
        return 0
    with transaction.atomic(), connection.cursor() as cursor:
        # One at a time: whoever comes second finds them made.
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [of.table])
        missing = _missing(of, wanted)
        for day in missing:
            name, after = of.partition(day), day + timedelta(days=1)
            cursor.execute(
                f"CREATE TABLE {name} (LIKE {of.table} INCLUDING DEFAULTS INCLUDING CONSTRAINTS)"
            )
            cursor.execute(
                f"ALTER TABLE {of.table} ATTACH PARTITION {name} FOR VALUES"
                f" FROM ('{_BOUND.format(day)}') TO ('{_BOUND.format(after)}')"
            )
    return len(missing)


def _missing(of: Distributable, days: list[date]) -> list[date]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT name FROM unnest(%s::text[]) AS name WHERE to_regclass(name) IS NULL",
            [[of.partition(day) for day in days]],
        )
        missing = {name for (name,) in cursor.fetchall()}
    return [day for day in days if of.partition(day) in missing]


def make_ahead(of: Distributable, today: date) -> int:
    """Make the partitions of today and the days ahead; returns how many were missing."""
    return make_days(of, [today + timedelta(days=n) for n in range(DAYS_AHEAD + 1)])


def drop_before(of: Distributable, day: date) -> list[date]:
    """Drop the partitions of days before one, whole; returns which.

    A drop waits for everybody who reads the table, and everybody waits behind it: after a moment
    it gives up, says so in the log, and leaves the rest to the next time.
    """
    gone: list[date] = []
    for each in (each for each in partitions(of) if each < day):
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(f"SET LOCAL lock_timeout = '{DROP_WAIT}'")
                cursor.execute(f"DROP TABLE IF EXISTS {of.partition(each)}")
        except OperationalError as error:
            if not isinstance(error.__cause__, LockNotAvailable):
                raise
            log.warning("%s is in use and stays for now", of.partition(each))
            break
        gone.append(each)
    return gone


# ── bulk intake ──────────────────────────────────────────────────────────────────────────


@contextmanager
def staged(table: str, columns: dict[str, str], rows: Iterable[Iterable[Any]]) -> Iterator[Any]:
    """Rows in a temporary table, by COPY; gives a cursor to go on with. Inside a transaction.

    ``columns``: name → type of PostgreSQL. What an earlier call in the same
    transaction left there is gone; the table itself goes with the transaction.
    """
    if not all(_NAME.fullmatch(name) for name in (table, *columns)):
        raise ValueError(_FAULT.format(table))
    made = ", ".join(f"{name} {kind}" for name, kind in columns.items())
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TEMPORARY TABLE IF NOT EXISTS {table} ({made}) ON COMMIT DROP")
        cursor.execute(f"TRUNCATE {table}")
        with cursor.copy(f"COPY {table} ({', '.join(columns)}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
        yield cursor
