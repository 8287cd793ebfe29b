"""The tables that may outgrow one machine keep to the rules under which they can be distributed.

Read from the database's own catalog, also for tables that are not written yet: see
docs/kernel/scale.md.
"""

from datetime import date, timedelta
from typing import Any

import pytest
from django.apps import apps
from django.db import connection

from guanjia.kernel import scale
from guanjia.kernel.scale import Distributable

pytestmark = [pytest.mark.django_db, pytest.mark.pg15]
TODAY = date(2020, 5, 20)


def _declared() -> list[Distributable]:
    return scale.all_tables()


def ask(statement: str, *values: Any) -> list[tuple[Any, ...]]:
    """Rows of the catalog."""
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchall()


@pytest.fixture(params=_declared(), ids=lambda table: table.table)
def table(request: pytest.FixtureRequest) -> Distributable:
    """Each of the tables, with a partition where it has some."""
    found: Distributable = request.param
    if found.by_day:
        scale.make_ahead(found, TODAY)
    return found


def keys(name: str) -> list[tuple[str, list[str]]]:
    """The primary key and every unique index of a table, as kind and columns in order."""
    return [
        ("primary" if primary else "unique", columns)
        for primary, columns in ask(
            "SELECT i.indisprimary, array_agg(a.attname::text ORDER BY k.place)"
            " FROM pg_index i"
            " CROSS JOIN LATERAL unnest(i.indkey::int[]) WITH ORDINALITY AS k(column_, place)"
            " JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.column_"
            " WHERE i.indrelid = %s::regclass AND i.indisunique"
            " GROUP BY i.indexrelid, i.indisprimary",
            name,
        )
    ]


def test_the_measurements_are_declared() -> None:
    assert {each.table for each in _declared()} >= {"energy_meterreading", "energy_meterday"}


def test_every_unique_key_begins_with_the_immutable_number(table: Distributable) -> None:
    found = keys(table.table)
    assert "primary" in [kind for kind, _ in found]
    for kind, columns in found:
        assert columns[0] == table.key, kind
        assert len(columns) > 1, f"{kind}: composite"


def test_the_key_is_a_plain_big_number(table: Distributable) -> None:
    ((kind, not_null),) = ask(
        "SELECT format_type(atttypid, atttypmod), attnotnull FROM pg_attribute"
        " WHERE attrelid = %s::regclass AND attname = %s",
        table.table,
        table.key,
    )
    assert (kind, not_null) == ("bigint", True)


def test_nothing_counts_up_by_itself(table: Distributable) -> None:
    """No identity, no serial, no default that asks a sequence or the clock."""
    assert not ask(
        "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0"
        " AND (attidentity <> '' OR atthasdef)",
        table.table,
    )


def test_no_foreign_key_leads_in_or_out(table: Distributable) -> None:
    assert not ask(
        "SELECT conname FROM pg_constraint WHERE contype = 'f'"
        " AND (conrelid = %s::regclass OR confrelid = %s::regclass)",
        table.table,
        table.table,
    )


def test_no_trigger_and_no_rule(table: Distributable) -> None:
    assert not ask("SELECT tgname FROM pg_trigger WHERE tgrelid = %s::regclass", table.table)
    assert not ask("SELECT rulename FROM pg_rewrite WHERE ev_class = %s::regclass", table.table)


def test_raw_measurements_lie_in_partitions_by_day(table: Distributable) -> None:
    if not table.by_day:
        return
    ((strategy, column),) = ask(
        "SELECT p.partstrat::text, a.attname::text FROM pg_partitioned_table p"
        " JOIN pg_attribute a ON a.attrelid = p.partrelid AND a.attnum = p.partattrs[0]"
        " WHERE p.partrelid = %s::regclass AND p.partdefid = 0",
        table.table,
    )
    assert (strategy, column) == ("r", table.by_day)
    there = scale.partitions(table)
    assert {TODAY + timedelta(days=n) for n in range(scale.DAYS_AHEAD + 1)} <= set(there)
    ask("SELECT set_config('timezone', 'Asia/Shanghai', true)")
    ((bound,),) = ask(
        "SELECT pg_get_expr(relpartbound, oid) FROM pg_class WHERE relname = %s", there[TODAY]
    )
    assert bound == "FOR VALUES FROM ('2020-05-20 00:00:00+08') TO ('2020-05-21 00:00:00+08')"


def test_partitions_are_as_the_table(table: Distributable) -> None:
    if not table.by_day:
        return
    part = scale.partitions(table)[TODAY]
    assert keys(part) == keys(table.table)
    checks = "SELECT conname FROM pg_constraint WHERE contype = 'c' AND conrelid = %s::regclass"
    assert sorted(ask(checks, part)) == sorted(ask(checks, table.table))


def test_partitions_are_made_once_and_dropped_whole(table: Distributable) -> None:
    if not table.by_day:
        return
    assert scale.make_ahead(table, TODAY) == 0
    second = TODAY + timedelta(days=2)
    older = {day for day in scale.partitions(table) if day < second}
    assert TODAY in older
    assert set(scale.drop_before(table, second)) == older
    assert min(scale.partitions(table)) == second


def test_no_model_refers_to_one(table: Distributable) -> None:
    """What Django would join: everything else names the number, or reads a roll-up."""
    for model in apps.get_models(include_auto_created=True):
        for each in model._meta.get_fields():
            if each.is_relation and each.related_model not in (None, "self"):
                related: Any = each.related_model
                assert related._meta.db_table != table.table, f"{model._meta.label}.{each.name}"
