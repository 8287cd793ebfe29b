"""Wiring of the numbering."""

from django.apps import AppConfig


class NumberingConfig(AppConfig):
    """Gapless numbers per series and year (编号)."""

    name = "guanjia.kernel.numbering"
    label = "numbering"
    verbose_name = "编号"
    default_auto_field = "django.db.models.BigAutoField"
