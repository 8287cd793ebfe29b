"""Wiring of the app."""

from importlib import import_module

from django.apps import AppConfig


class Config(AppConfig):
    """台账."""

    name = "guanjia.kernel.registers"
    label = "registers"
    verbose_name = "台账"

    def ready(self) -> None:
        """Make the jobs known to the worker."""
        import_module("guanjia.kernel.registers.jobs")
