"""The trigger on every shared table: no action can forget to tell of a change.

It is put on the tables that are declared (``wires``) and taken off the others, after every
migration and at every start; the list is the departments' data, not a migration's.
"""

from django.apps import apps
from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from guanjia.kernel.exchange import wires

TRIGGER = "exchange_tells_of_a_change"
LOCK = "exchange.switch"

# See migration 0001 for what the trigger does. The lock is held shared by every transaction that
# wrote a shared row, and alone by whoever switches a peer on.
_INSTALLED = """
SELECT c.relname, encode(t.tgargs, 'escape')
FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
WHERE t.tgname = %s AND c.relnamespace = current_schema()::regnamespace
"""


def table_of(wire: wires.Wire) -> str:
    """The table of a kind of rows."""
    return str(apps.get_model(wire.model)._meta.db_table)


@transaction.atomic
def install() -> list[str]:
    """Put the trigger where it belongs and take it off elsewhere; returns the tables it changed.

    A table that is new to it has its rows entered as touched now. Safe to run twice.
    """
    wanted = {table_of(wire): wire.kind for wire in wires.all_wires()}
    changed = []
    with connection.cursor() as cursor:
        cursor.execute(_INSTALLED, [TRIGGER])
        there = {table: kind.removesuffix("\\000") for table, kind in cursor.fetchall()}
        for table in sorted(there.keys() | wanted.keys()):
            if there.get(table) == wanted.get(table):
                continue
            if table in there:
                cursor.execute(f'DROP TRIGGER {TRIGGER} ON "{table}"')
            if table in wanted:
                _put(cursor, table, wanted[table])
            changed.append(table)
    return changed


def _put(cursor: CursorWrapper, table: str, kind: str) -> None:
    """Name and kind are ours, declared in code; a trigger takes no parameters from outside."""
    cursor.execute("SELECT to_regclass(%s)", [f'"{table}"'])
    (found,) = cursor.fetchone()
    if found is None:  # migrated only up to before this table
        return
    cursor.execute("SELECT quote_literal(%s)", [kind])
    (quoted,) = cursor.fetchone()
    cursor.execute(
        f'CREATE TRIGGER {TRIGGER} AFTER INSERT OR UPDATE OR DELETE ON "{table}" '
        f"FOR EACH ROW EXECUTE FUNCTION exchange_tell_of_a_change({quoted})"
    )
    cursor.execute(
        f"INSERT INTO exchange_touched (kind, subject_id, at) "  # noqa: S608 — a table of ours
        f'SELECT %s, id, clock_timestamp() FROM "{table}" ON CONFLICT DO NOTHING',
        [kind],
    )


def load_all(peer_id: int) -> None:
    """Tell a peer of every shared row there is, in the order of declaration."""
    with connection.cursor() as cursor:
        for wire in wires.all_wires():
            cursor.execute(
                f"INSERT INTO exchange_change (peer_id, kind, subject_id, at) "  # noqa: S608 — ours
                f'SELECT %s, %s, id, clock_timestamp() FROM "{table_of(wire)}" ORDER BY id',
                [peer_id, wire.kind],
            )
