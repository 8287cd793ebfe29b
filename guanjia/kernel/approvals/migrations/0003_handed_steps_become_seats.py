"""A step that was handed to a named person keeps them; every other one is seated by the upkeep."""

from django.db import migrations


def seat_handed(apps, schema_editor):
    """One seat for each active step with a holder of its own."""
    step_model = apps.get_model("approvals", "CaseStep")
    seat_model = apps.get_model("approvals", "Seat")
    handed = step_model.objects.filter(state="ACTIVE", holder__isnull=False)
    seat_model.objects.bulk_create(
        seat_model(
            step_id=step.pk,
            visit=step.visit,
            place=0,
            person_id=step.holder_id,
            origin="HANDED",
            state="ACTIVE",
            active_at=step.active_at,
        )
        for step in handed
    )


class Migration(migrations.Migration):

    dependencies = [("approvals", "0002_seats_and_editions")]

    operations = [migrations.RunPython(seat_handed, migrations.RunPython.noop)]
