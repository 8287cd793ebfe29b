"""Alarms and doubts of the old shape come into that of findings, and back, with all they said."""

from typing import Any

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from guanjia.domains.energy.actions import doubting
from guanjia.domains.energy.models import Doubt, MeterAlarm
from guanjia.domains.energy.tests import metering
from guanjia.domains.energy.tests.builders import AT, SYSTEM, City

pytestmark = [pytest.mark.django_db, pytest.mark.pg15]
OLD = ("energy", "0010_quota_cases_as_findings")
NEW = ("energy", "0011_alarms_and_doubts_as_findings")
_OF_ALARMS = {"words": "explanation", "settled_by_id": "explained_by_id",
              "settled_at": "explained_at"}  # fmt: skip


def _at(node: tuple[str, str], model: str) -> Any:
    """A table after a migration; the rest of the schema stays."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # the test's own rows still wait
    executor = MigrationExecutor(connection)
    return executor.migrate([node]).apps.get_model("energy", model).objects


def test_alarms_keep_all_they_say(city: City) -> None:
    meter, clerk = metering.meter(city), city.people["clerk"].pk
    old = _at(OLD, "MeterAlarm")
    plain = {"meter_id": meter.pk, "day": AT.date(), "last_day": AT.date(), "raised_at": AT}
    told = {"words": "通宵用电", "settled_by_id": clerk, "settled_at": AT}
    old.create(kind="NIGHT", sentence="夜间用量大", state="OPEN", **plain)
    old.create(kind="SILENT", sentence="没有上传", state="EXPLAINED", **plain, **told)
    old.create(kind="SILENT", sentence="没有上传", state="CLOSED", **plain, **told)
    rows = {row["id"]: row for row in old.values()}

    _at(NEW, "MeterAlarm")
    found = {row["id"]: row for row in MeterAlarm.objects.values()}
    assert set(found) == set(rows)
    for pk, row in rows.items():
        now = found[pk]
        assert {name: now[name] for name in _OF_ALARMS.values()} == {
            _OF_ALARMS[was]: row[was] for was in _OF_ALARMS
        }
        assert now["closed_at"] == (AT if row["state"] == "CLOSED" else None)
    assert {row["id"]: row for row in _at(OLD, "MeterAlarm").values()} == rows
    _at(NEW, "MeterAlarm")


def test_doubts_keep_when_they_were_settled(city: City) -> None:
    city.half_year("school")
    for amount in (42_000, 4200, 43_000):
        city.tell("school", 2020, 7, ELECTRICITY=(amount, 2604), WATER=120)
    (waiting,) = Doubt.objects.filter(state="OPEN")
    doubting.explain(actor=SYSTEM, doubt_id=waiting.pk, explanation="新楼通电", at=AT)
    corrected = Doubt.objects.get(state="CORRECTED")

    rows = {row["id"]: row for row in _at(OLD, "Doubt").values()}
    assert rows[corrected.pk]["settled_at"] == corrected.closed_at
    assert rows[waiting.pk]["settled_at"] == AT

    _at(NEW, "Doubt")
    now = {row.pk: (row.explained_at, row.closed_at) for row in Doubt.objects.all()}
    assert now == {corrected.pk: (None, corrected.closed_at), waiting.pk: (AT, None)}
    assert {row["id"]: row for row in _at(OLD, "Doubt").values()} == rows
    _at(NEW, "Doubt")
