"""Wiring of the app."""

from django.apps import AppConfig


class Config(AppConfig):
    """操作记录."""

    name = "guanjia.kernel.audit"
    label = "audit"
    verbose_name = "操作记录"
