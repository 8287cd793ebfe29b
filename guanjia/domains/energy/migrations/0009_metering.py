from django.db import migrations

_ORIGIN = "ALTER TABLE energy_meterreading DROP COLUMN origin"
_ORIGIN_BACK = "ALTER TABLE energy_meterreading ADD COLUMN origin smallint NOT NULL DEFAULT 1"


class Migration(migrations.Migration):
    """What was written and never read."""

    dependencies = [
        ('energy', '0008_judged'),
    ]

    operations = [
        migrations.RemoveField(model_name='meterday', name='heard'),
        migrations.RemoveField(model_name='metermonth', name='days'),
        migrations.RemoveField(model_name='metermonth', name='left_out'),
        migrations.RunSQL(sql=_ORIGIN, reverse_sql=_ORIGIN_BACK),
    ]
