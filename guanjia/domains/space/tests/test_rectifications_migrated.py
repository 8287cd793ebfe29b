"""整改 of the old shape come into that of findings, and back, with all that was said."""

from typing import Any

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from guanjia.domains.space.models import Rectification
from guanjia.domains.space.tests import rounding
from guanjia.domains.space.tests.builders import AT, City

pytestmark = [pytest.mark.django_db, pytest.mark.pg15]
OLD = ("space", "0003_findings_in_one_form")
NEW = ("space", "0004_rectifications_are_findings")
_RENAMED = {
    "asked_at": "raised_at", "answer": "explanation", "answered_at": "explained_at",
    "verdict": "closing",
}  # fmt: skip
_KEPT = ("number", "round_id", "inspection_id", "unit_id", "room_id", "state", "due_on",
         "reminded_on", "returned_note", "closed_by", "closed_at")  # fmt: skip


def _at(node: tuple[str, str]) -> Any:
    """The table of 整改 after a migration; the rest of the schema stays."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # the test's own rows still wait
    executor = MigrationExecutor(connection)
    return executor.migrate([node]).apps.get_model("space", "Rectification").objects


def test_rows_of_the_old_shape_keep_all_they_say(city: City) -> None:
    made, clerk = rounding.running(city), city.actor("clerk")
    told = rounding.answered(city, rounding.asked(city, made, "101"))
    untold = rounding.asked(city, made, "102")
    unanswered = rounding.asked(city, made, "103")

    old = _at(OLD)
    assert old.get(pk=told.pk).answered_by == clerk.name
    old.filter(pk=untold.pk).update(
        state="ANSWERED", answer="已腾空", answered_by="张三", answered_at=AT
    )
    rows = {row["id"]: row for row in old.values()}

    _at(NEW)
    found = {row["id"]: row for row in Rectification.objects.values()}
    assert set(found) == set(rows) == {told.pk, untold.pk, unanswered.pk}
    for pk, row in rows.items():
        assert {name: found[pk][name] for name in _KEPT} == {name: row[name] for name in _KEPT}
        words = "已腾空（填报人：张三）" if pk == untold.pk else row["answer"]
        expected = {new: row[was] for was, new in _RENAMED.items()} | {"explanation": words}
        assert {name: found[pk][name] for name in expected} == expected
    people = {pk: row["explained_by_id"] for pk, row in found.items()}
    assert people == {told.pk: clerk.person_id, untold.pk: None, unanswered.pk: None}

    assert {row["id"]: row for row in _at(OLD).values()} == rows
    _at(NEW)
