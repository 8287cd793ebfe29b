"""超定额说明 of the old shape come into that of findings, and back, with all that was said."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from guanjia.domains.energy.actions import quotas as actions
from guanjia.domains.energy.models import QuotaCase
from guanjia.domains.energy.tests.builders import AT, SYSTEM, City

pytestmark = [pytest.mark.django_db, pytest.mark.pg15]
OLD = ("energy", "0009_metering")
NEW = ("energy", "0010_quota_cases_as_findings")
_RENAMED = {
    "asked_at": "raised_at", "words": "explanation", "told_at": "explained_at",
    "told_by_id": "explained_by_id",
}  # fmt: skip
_KEPT = ("institution_id", "year", "measure", "value", "bound", "article", "checked", "since",
         "months", "state", "due_on")  # fmt: skip
_LATER = AT + timedelta(hours=3)


def _at(node: tuple[str, str]) -> Any:
    """The table of cases after a migration; the rest of the schema stays."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # the test's own rows still wait
    executor = MigrationExecutor(connection)
    return executor.migrate([node]).apps.get_model("energy", "QuotaCase").objects


def test_rows_of_the_old_shape_keep_all_they_say(city: City) -> None:
    for key, kwh in (("office", 200_000), ("school", 0)):
        city.tell(key, 2019, 6, ELECTRICITY=kwh)
    actions.judge_year(actor=SYSTEM, year=2019, at=AT)
    asked = QuotaCase.objects.get()
    clerk, county = city.actor("clerk"), city.actor("county")

    def copy(year: int) -> QuotaCase:
        row: QuotaCase = QuotaCase.objects.get(pk=asked.pk)
        row.pk, row.year, row._state.adding = None, year, True
        row.save()
        return row

    taken, back, told = copy(2016), copy(2017), copy(2018)
    for row in (taken, back, told):
        actions.explain(actor=SYSTEM, quota_id=row.pk, explanation="新增机房", at=AT)
    actions.accept(actor=county, quota_id=taken.pk, decision="明年再报", at=_LATER)
    actions.send_back(actor=county, quota_id=back.pk, comment="附清单", at=_LATER)
    assert clerk.person_id is not None

    old = _at(OLD)
    assert old.get(pk=taken.pk).answer == "明年再报"
    assert (old.get(pk=back.pk).answer, old.get(pk=back.pk).answered_at) == ("附清单", _LATER)
    # One that came back before it was told again, of which the trail does not tell.
    old.filter(pk=told.pk).update(answer="还缺账单", answered_at=AT)
    rows = {row["id"]: row for row in old.values()}

    _at(NEW)
    found = {row["id"]: row for row in QuotaCase.objects.values()}
    assert set(found) == set(rows) == {asked.pk, taken.pk, back.pk, told.pk}
    for pk, row in rows.items():
        assert {name: found[pk][name] for name in _KEPT} == {name: row[name] for name in _KEPT}
        expected = {new: row[was] for was, new in _RENAMED.items()}
        assert {name: found[pk][name] for name in expected} == expected
    when = rows[told.pk]["answered_at"].isoformat()
    said = {pk: (row["decision"], row["returned_note"]) for pk, row in found.items()}
    assert said == {
        asked.pk: ("", ""), taken.pk: ("明年再报", ""), back.pk: ("", "附清单"),
        told.pk: ("", f"还缺账单（{when} 退回）"),
    }  # fmt: skip
    assert found[taken.pk]["decided_at"] == _LATER

    assert {row["id"]: row for row in _at(OLD).values()} == rows
    _at(NEW)
