"""The tables of the database: are they up to date, and bringing them there."""

from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor


def waiting() -> int:
    """How many migrations are still to be applied."""
    executor = MigrationExecutor(connection)
    return len(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def is_empty() -> bool:
    """Whether the database holds no table of anybody."""
    return not connection.introspection.table_names()


def migrate() -> int:
    """Apply what is waiting; returns how many. One process at a time does it."""
    with connection.cursor() as cursor:
        # Two installations that start on one server at once: the second waits, then finds nothing.
        cursor.execute("SELECT pg_advisory_lock(hashtext('guanjia.migrate'))")
        try:
            count = waiting()
            if count:
                call_command("migrate", verbosity=0, interactive=False)
        finally:
            cursor.execute("SELECT pg_advisory_unlock(hashtext('guanjia.migrate'))")
    return count
