"""Wiring of the app."""

from django.apps import AppConfig


class Config(AppConfig):
    """单位与人员."""

    name = "guanjia.kernel.org"
    label = "org"
    verbose_name = "单位与人员"
