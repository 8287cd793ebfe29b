"""Wiring of the app."""

from django.apps import AppConfig


class Config(AppConfig):
    """审批."""

    name = "guanjia.kernel.approvals"
    label = "approvals"
    verbose_name = "审批"
