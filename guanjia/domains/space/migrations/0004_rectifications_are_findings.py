"""Rectifications (整改) get the columns of findings; who answered is a person, as the trail says."""

from typing import Any

import django.db.models.deletion
from django.db import migrations, models

_ANSWERED = "space.rectification.answered"
_BEGINS, _ENDS = "（填报人：", "）"


def _name_people(apps: Any, editor: Any) -> None:
    """Who answered last by the trail; of whom it does not tell, the name stays in the words."""
    record = apps.get_model("audit", "Record").objects
    people = apps.get_model("org", "Person").objects
    for row in apps.get_model("space", "Rectification").objects.exclude(answered_by=""):
        told = record.filter(on_type="space.rectification", on_id=row.pk, verb=_ANSWERED)
        person = told.order_by("-pk").values_list("person_id", flat=True).first()
        if person is not None and people.filter(pk=person).exists():
            row.explained_by_id = person
        else:
            row.explanation += f"{_BEGINS}{row.answered_by}{_ENDS}"
        row.save(update_fields=["explained_by", "explanation"])
    # PostgreSQL alters no table whose foreign keys still wait to be checked.
    editor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def _name_names(apps: Any, editor: Any) -> None:
    """Back: the name of the person, or the one at the end of the words."""
    rows = apps.get_model("space", "Rectification").objects
    for row in rows.exclude(explanation="").select_related("explained_by"):
        words, begins, rest = row.explanation.rpartition(_BEGINS)
        if row.explained_by is not None:
            row.answered_by = row.explained_by.name
        elif begins and rest.endswith(_ENDS):
            row.explanation, row.answered_by = words, rest.removesuffix(_ENDS)
        row.save(update_fields=["answered_by", "explanation"])
    editor.execute("SET CONSTRAINTS ALL IMMEDIATE")


class Migration(migrations.Migration):
    dependencies = [
        ("audit", "0001_initial"),
        ("org", "0002_initial"),
        ("space", "0003_findings_in_one_form"),
    ]

    operations = [
        migrations.RemoveConstraint("rectification", "space_answered_mending_has_its_words"),
        migrations.RenameField("rectification", "asked_at", "raised_at"),
        migrations.RenameField("rectification", "answer", "explanation"),
        migrations.RenameField("rectification", "answered_at", "explained_at"),
        migrations.RenameField("rectification", "verdict", "closing"),
        migrations.AlterField(
            "rectification",
            "closing",
            models.CharField("验收意见", max_length=500, blank=True),
        ),
        migrations.AddField(
            "rectification",
            "explained_by",
            models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="org.person",
            ),
        ),
        migrations.AddField(
            "rectification",
            "decision",
            models.CharField("处理意见", max_length=500, blank=True),
        ),
        migrations.AddField(
            "rectification",
            "decided_by",
            models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="org.person",
            ),
        ),
        migrations.AddField(
            "rectification",
            "decided_at",
            models.DateTimeField("处理时间", null=True),
        ),
        migrations.RunPython(_name_people, _name_names),
        migrations.RemoveField("rectification", "answered_by"),
        migrations.AddConstraint(
            "rectification",
            models.CheckConstraint(
                name="space_answered_mending_has_its_words",
                condition=models.Q(
                    models.Q(("state__in", ["ANSWERED", "DONE"]), _negated=True),
                    models.Q(
                        models.Q(("explanation", ""), _negated=True),
                        ("explained_at__isnull", False),
                    ),
                    _connector="OR",
                ),
            ),
        ),
    ]
