"""Alarms of meters and doubts about returns get the columns of findings.

What settled an alarm explains it, and closes one that was put right; what was corrected is closed.
"""

from typing import Any

import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


def _close(apps: Any, editor: Any) -> None:
    """When an alarm was put right, and a doubt was corrected."""
    rows = apps.get_model("energy", "MeterAlarm").objects
    rows.filter(state="CLOSED").update(closed_at=models.F("explained_at"))
    doubts = apps.get_model("energy", "Doubt").objects
    doubts.filter(state="CORRECTED").update(closed_at=models.F("explained_at"), explained_at=None)
    editor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def _settle(apps: Any, editor: Any) -> None:
    """Back: one moment for both."""
    doubts = apps.get_model("energy", "Doubt").objects
    doubts.filter(state="CORRECTED").update(explained_at=models.F("closed_at"))
    editor.execute("SET CONSTRAINTS ALL IMMEDIATE")


class Migration(migrations.Migration):
    dependencies = [("org", "0002_initial"), ("energy", "0010_quota_cases_as_findings")]

    operations = [
        migrations.RemoveConstraint("meteralarm", "energy_settled_alarm_has_words"),
        migrations.RemoveConstraint("doubt", "energy_explained_doubt_has_words"),
        migrations.RenameField("meteralarm", "words", "explanation"),
        migrations.RenameField("meteralarm", "settled_by", "explained_by"),
        migrations.RenameField("meteralarm", "settled_at", "explained_at"),
        migrations.RenameField("doubt", "settled_at", "explained_at"),
        migrations.AddField("meteralarm", "closed_at", models.DateTimeField("办结时间", null=True)),
        migrations.AddField("doubt", "closed_at", models.DateTimeField("办结时间", null=True)),
        migrations.RunPython(_close, _settle),
        migrations.AlterField(
            model_name='doubt',
            name='explained_at',
            field=models.DateTimeField(null=True, verbose_name='说明时间'),
        ),
        migrations.AlterField(
            model_name='doubt',
            name='explanation',
            field=models.TextField(blank=True, max_length=1000, verbose_name='情况说明'),
        ),
        migrations.AlterField(
            model_name='doubt',
            name='raised_at',
            field=models.DateTimeField(verbose_name='发现时间'),
        ),
        migrations.AlterField(
            model_name='meteralarm',
            name='explained_at',
            field=models.DateTimeField(null=True, verbose_name='说明时间'),
        ),
        migrations.AlterField(
            model_name='meteralarm',
            name='explanation',
            field=models.TextField(blank=True, max_length=1000, verbose_name='情况说明'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='doubt',
            trigger=pgtrigger.compiler.Trigger(name='doubt_life', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE _is_valid_transition BOOLEAN;', func='SELECT CONCAT(OLD."state", \':\', NEW."state") = ANY(\'{OPEN:EXPLAINED,OPEN:CORRECTED}\'::text[]) INTO _is_valid_transition; IF (_is_valid_transition IS FALSE AND OLD."state" IS DISTINCT FROM NEW."state") THEN RAISE EXCEPTION \'pgtrigger: Invalid transition of field "state" from "%" to "%" on table %\', OLD."state", NEW."state", TG_TABLE_NAME; ELSE RETURN NEW; END IF;', hash='2626ea35d7ad7157009cf1366e96b64182729075', operation='UPDATE', pgid='pgtrigger_doubt_life_56913', table='energy_doubt', when='BEFORE')),
        ),
        migrations.AddConstraint(
            model_name='doubt',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'EXPLAINED'), _negated=True), models.Q(models.Q(('explanation', ''), _negated=True), ('explained_at__isnull', False)), _connector='OR'), name='energy_explained_doubt_has_words'),
        ),
        migrations.AddConstraint(
            model_name='meteralarm',
            constraint=models.CheckConstraint(condition=models.Q(('state', 'OPEN'), models.Q(models.Q(('explanation', ''), _negated=True), ('explained_at__isnull', False)), _connector='OR'), name='energy_settled_alarm_has_words'),
        ),
    ]
