"""Wiring of the app."""

from django.apps import AppConfig


class Config(AppConfig):
    """页面."""

    name = "guanjia.ui"
    label = "ui"
    verbose_name = "页面"
