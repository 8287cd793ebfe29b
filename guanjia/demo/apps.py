"""Wiring of the demo."""

from django.apps import AppConfig


class Config(AppConfig):
    """演示."""

    name = "guanjia.demo"
    label = "demo"
    verbose_name = "演示"
