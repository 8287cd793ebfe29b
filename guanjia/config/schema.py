"""The tables of the database and what a release ships in them: bringing both up to date."""

from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from guanjia.config import light_history
from guanjia.kernel.approvals.actions import editions, tending
from guanjia.kernel.exchange import triggers


def waiting() -> int:
    """How many migrations are still to be applied."""
    executor = MigrationExecutor(connection)
    return len(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def is_empty() -> bool:
    """Whether the database holds no table of anybody."""
    return not connection.introspection.table_names()


def migrate() -> int:
    """Apply what is waiting; returns how many. One process at a time does it.

    Afterwards the approval routes that came with this release take effect, also where no table
    changed.
    """
    with connection.cursor() as cursor:
        # Two installations that start on one server at once: the second waits, then finds nothing.
        cursor.execute("SELECT pg_advisory_lock(hashtext('guanjia.migrate'))")
        try:
            count = waiting()
            if count:
                light_history.take()
                call_command("migrate", verbosity=0, interactive=False)
            _catch_up(reseat=count > 0)
        finally:
            cursor.execute("SELECT pg_advisory_unlock(hashtext('guanjia.migrate'))")
    return count


def _catch_up(*, reseat: bool) -> None:
    """Ship default routes; after a change of tables also look at everybody who is to decide.

    Duties may have come or gone with the release. The hourly job does the same for the rest.
    """
    at = timezone.now()
    triggers.install()  # the list of shared tables may have changed without any table changing
    editions.ship(at=at)
    if reseat:
        for step_id in tending.all_active():
            tending.reseat(step_id=step_id, at=at)
