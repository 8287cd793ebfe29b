"""Wiring of the app."""

from django.apps import AppConfig

from guanjia.kernel.attachments import named
from guanjia.kernel.audit import checks as audit_checks


class Config(AppConfig):
    """附件."""

    name = "guanjia.kernel.attachments"
    label = "attachments"
    verbose_name = "附件"

    def ready(self) -> None:
        """Files are part of every verification, and heard before one of the store goes."""
        from guanjia.kernel.attachments import checks, queries  # noqa: PLC0415 — models are ready only now

        audit_checks.enlist("附件", checks.changed_files)
        named.enlist("attachments", queries.still_named)
