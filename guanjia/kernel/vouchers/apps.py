"""Wiring of the app."""

from django.apps import AppConfig

from guanjia.kernel.attachments import named
from guanjia.kernel.audit import checks


class Config(AppConfig):
    """凭证."""

    name = "guanjia.kernel.vouchers"
    label = "vouchers"
    verbose_name = "凭证"

    def ready(self) -> None:
        """Have the files looked at when the trail is verified, and kept while they are named."""
        from guanjia.kernel.vouchers import queries  # noqa: PLC0415 — models are ready only now

        checks.enlist("凭证文件", queries.check_files)
        named.enlist("vouchers", queries.still_named)
