"""A voucher's number may follow one that a ledger brought along."""

import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('numbering', '0002_elsewhere'),
        ('vouchers', '0001_initial'),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name='voucher',
            name='no_gap',
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='voucher',
            trigger=pgtrigger.compiler.Trigger(name='no_gap', sql=pgtrigger.compiler.UpsertTriggerSql(constraint='CONSTRAINT', func="\n    IF NEW.number > 1 AND NOT EXISTS (\n        SELECT 1 FROM vouchers_voucher\n        WHERE series = NEW.series AND year = NEW.year AND number = NEW.number - 1\n    ) AND NOT EXISTS (\n        SELECT 1 FROM numbering_counter\n        WHERE series = NEW.series AND year = NEW.year AND elsewhere >= NEW.number - 1\n    ) THEN\n        RAISE EXCEPTION 'vouchers_number_follows_the_one_before: % % %',\n            NEW.series, NEW.year, NEW.number USING ERRCODE = 'check_violation';\n    END IF;\n    RETURN NULL;\n", hash='132225bd7a34e1bc7b53ab618f3ce7783bba3d22', operation='INSERT', pgid='pgtrigger_no_gap_bab9d', table='vouchers_voucher', timing='DEFERRABLE INITIALLY DEFERRED', when='AFTER')),
        ),
    ]
