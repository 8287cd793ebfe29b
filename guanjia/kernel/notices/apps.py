"""Wiring of the app: its jobs, and what people are told about approvals."""

from importlib import import_module

from django.apps import AppConfig

from guanjia.kernel.notices import kinds


class Config(AppConfig):
    """通知."""

    name = "guanjia.kernel.notices"
    label = "notices"
    verbose_name = "通知"

    def ready(self) -> None:
        """Make the jobs known to the worker, and listen to the approvals."""
        from guanjia.kernel.notices import (  # noqa: PLC0415 — models are ready only now
            of_approvals,
            of_delegations,
        )

        import_module("guanjia.kernel.notices.jobs")
        kinds.declare(*of_approvals.KINDS, *of_delegations.KINDS)
        of_approvals.subscribe()
        of_delegations.subscribe()
