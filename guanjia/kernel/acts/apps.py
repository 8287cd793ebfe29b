"""Wiring: nothing but the table."""

from django.apps import AppConfig


class Config(AppConfig):
    """办理."""

    name = "guanjia.kernel.acts"
    label = "acts"
    verbose_name = "办理"
