"""Up to where numbers were given out before us."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("numbering", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="counter",
            name="elsewhere",
            field=models.PositiveBigIntegerField(default=0, verbose_name="台账用到"),
        ),
    ]
