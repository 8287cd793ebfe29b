"""Advisory locks: one at a time for things that have no row yet. Taken before any row lock."""

from django.db import connection, transaction


def advisory(name: str) -> None:
    """Wait for the lock of this name and hold it until the transaction ends.

    Raises ``TransactionManagementError`` outside a transaction, where it would be gone at once.
    """
    _must_be_in_transaction()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [name])


def try_advisory(name: str) -> bool:
    """Take the lock if nobody holds it; whether it was got. Held until the transaction ends."""
    _must_be_in_transaction()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 0))", [name])
        row = cursor.fetchone()
    return bool(row and row[0])


def _must_be_in_transaction() -> None:
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError(
            "An advisory lock holds until the transaction ends; there is none here."
        )
