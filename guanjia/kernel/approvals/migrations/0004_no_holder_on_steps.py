"""Seats say who decides."""

from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [("approvals", "0003_handed_steps_become_seats")]

    operations = [migrations.RemoveField(model_name="casestep", name="holder")]
