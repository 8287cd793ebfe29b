"""Trusted contrib extensions: equality in exclusion constraints, search in Chinese text."""

from django.contrib.postgres.operations import BtreeGistExtension, TrigramExtension
from django.db import migrations


class Migration(migrations.Migration):
    """Created first; every later migration may rely on them."""

    initial = True
    dependencies = []
    operations = [BtreeGistExtension(), TrigramExtension()]
