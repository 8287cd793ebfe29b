"""Wiring of the app: its jobs, and the trigger on the shared tables after every migration."""

from importlib import import_module
from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class Config(AppConfig):
    """数据对接."""

    name = "guanjia.kernel.exchange"
    label = "exchange"
    verbose_name = "数据对接"

    def ready(self) -> None:
        """Make the jobs known to the worker; see to the triggers when tables have changed."""
        import_module("guanjia.kernel.exchange.jobs")
        post_migrate.connect(_see_to_triggers, sender=self)


def _see_to_triggers(**_: Any) -> None:
    from django.db import connection  # noqa: PLC0415 — as below

    from guanjia.kernel.exchange import triggers  # noqa: PLC0415 — models are ready only now

    if "exchange_touched" in connection.introspection.table_names():  # else migrated backwards
        triggers.install()
