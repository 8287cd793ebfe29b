"""超定额说明 get the columns of findings: what was answered is a decision, or why it came back."""

from typing import Any

import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models

_RETURNED = "energy.quota.sent_back"
_BEGINS, _ENDS = "（", " 退回）"


def _decide(apps: Any, editor: Any) -> None:
    """What was answered to one that was taken is its decision; else it is why it came back.

    When it came back stands in the trail; where it does not, it is written behind the words.
    """
    record = apps.get_model("audit", "Record").objects
    rows = apps.get_model("energy", "QuotaCase").objects
    rows.filter(state="ACCEPTED").update(
        decision=models.F("answer"), decided_at=models.F("answered_at")
    )
    for row in rows.exclude(state="ACCEPTED").exclude(answer=""):
        row.returned_note = row.answer
        told = record.filter(
            on_type="energy.quotacase", on_id=row.pk, verb=_RETURNED, at=row.answered_at
        )
        if row.answered_at is not None and not told.exists():
            row.returned_note += f"{_BEGINS}{row.answered_at.isoformat()}{_ENDS}"
        row.save(update_fields=["returned_note"])
    editor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def _answer(apps: Any, editor: Any) -> None:
    """Back: one answer, with when it was given."""
    record = apps.get_model("audit", "Record").objects
    rows = apps.get_model("energy", "QuotaCase").objects
    rows.filter(state="ACCEPTED").update(
        answer=models.F("decision"), answered_at=models.F("decided_at")
    )
    for row in rows.exclude(state="ACCEPTED").exclude(returned_note=""):
        words, begins, rest = row.returned_note.rpartition(_BEGINS)
        told = record.filter(on_type="energy.quotacase", on_id=row.pk, verb=_RETURNED)
        if begins and rest.endswith(_ENDS):
            row.answer, row.answered_at = words, rest.removesuffix(_ENDS)
        else:
            row.answer = row.returned_note
            row.answered_at = told.order_by("-pk").values_list("at", flat=True).first()
        row.save(update_fields=["answer", "answered_at"])
    editor.execute("SET CONSTRAINTS ALL IMMEDIATE")


class Migration(migrations.Migration):
    dependencies = [
        ("audit", "0001_initial"),
        ("org", "0002_initial"),
        ("energy", "0009_metering"),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger("quotacase", "quota_case_keeps_its_figures"),
        migrations.RemoveConstraint("quotacase", "energy_a_told_case_has_words"),
        migrations.RemoveConstraint("quotacase", "energy_a_case_comes_back_with_reasons"),
        migrations.RenameField("quotacase", "asked_at", "raised_at"),
        migrations.RenameField("quotacase", "words", "explanation"),
        migrations.RenameField("quotacase", "told_at", "explained_at"),
        migrations.RenameField("quotacase", "told_by", "explained_by"),
        migrations.AlterField(
            "quotacase", "explanation", models.TextField("情况说明", max_length=1000, blank=True)
        ),
        migrations.AddField("quotacase", "reminded_on", models.DateField("催办日期", null=True)),
        migrations.AddField(
            "quotacase", "returned_note", models.CharField("退回意见", max_length=300, blank=True)
        ),
        migrations.AddField(
            "quotacase", "decision", models.CharField("处理意见", max_length=500, blank=True)
        ),
        migrations.AddField(
            "quotacase",
            "decided_by",
            models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="org.person",
            ),
        ),
        migrations.AddField("quotacase", "decided_at", models.DateTimeField("处理时间", null=True)),
        migrations.AddField(
            "quotacase", "closing", models.CharField("办结说明", max_length=500, blank=True)
        ),
        migrations.AddField("quotacase", "closed_at", models.DateTimeField("办结时间", null=True)),
        migrations.RunPython(_decide, _answer),
        migrations.RemoveField("quotacase", "answer"),
        migrations.RemoveField("quotacase", "answered_at"),
        pgtrigger.migrations.RemoveTrigger(
            model_name='quotacase',
            name='quota_case_life',
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='quotacase',
            trigger=pgtrigger.compiler.Trigger(name='quota_case_life', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE _is_valid_transition BOOLEAN;', func='SELECT CONCAT(OLD."state", \':\', NEW."state") = ANY(\'{ASKED:TOLD,ASKED:LAPSED,TOLD:ACCEPTED,TOLD:BACK,TOLD:LAPSED,BACK:TOLD,BACK:LAPSED}\'::text[]) INTO _is_valid_transition; IF (_is_valid_transition IS FALSE AND OLD."state" IS DISTINCT FROM NEW."state") THEN RAISE EXCEPTION \'pgtrigger: Invalid transition of field "state" from "%" to "%" on table %\', OLD."state", NEW."state", TG_TABLE_NAME; ELSE RETURN NEW; END IF;', hash='50a7bdd8a787887a569fb07fe74554f52bd9736a', operation='UPDATE', pgid='pgtrigger_quota_case_life_dad24', table='energy_quotacase', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='quotacase',
            trigger=pgtrigger.compiler.Trigger(name='quota_case_keeps_its_figures', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."institution_id" IS DISTINCT FROM (NEW."institution_id") OR OLD."year" IS DISTINCT FROM (NEW."year") OR OLD."measure" IS DISTINCT FROM (NEW."measure") OR OLD."value" IS DISTINCT FROM (NEW."value") OR OLD."bound" IS DISTINCT FROM (NEW."bound") OR OLD."article" IS DISTINCT FROM (NEW."article") OR OLD."checked" IS DISTINCT FROM (NEW."checked") OR OLD."since" IS DISTINCT FROM (NEW."since") OR OLD."months" IS DISTINCT FROM (NEW."months") OR OLD."raised_at" IS DISTINCT FROM (NEW."raised_at"))', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='b177c95b30d8bcb01957590f81d24df07e57d2fe', operation='UPDATE', pgid='pgtrigger_quota_case_keeps_its_figures_ffdfb', table='energy_quotacase', when='BEFORE')),
        ),
        migrations.AddConstraint(
            model_name='quotacase',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['ASKED', 'LAPSED']), models.Q(models.Q(('explanation', ''), _negated=True), ('explained_at__isnull', False)), _connector='OR'), name='energy_a_told_case_has_words'),
        ),
        migrations.AddConstraint(
            model_name='quotacase',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'BACK'), _negated=True), models.Q(('returned_note', ''), _negated=True), _connector='OR'), name='energy_a_case_comes_back_with_reasons'),
        ),
    ]
