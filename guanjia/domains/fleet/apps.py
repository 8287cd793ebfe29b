"""The department as an app; see ``wiring``."""

from django.apps import AppConfig


class Config(AppConfig):
    """公务用车."""

    name = "guanjia.domains.fleet"
    label = "fleet"
    verbose_name = "公务用车"

    def ready(self) -> None:
        """Make known what the department has; nothing is registered by importing alone."""
        from guanjia.domains.fleet import wiring  # noqa: PLC0415 — models are ready only now

        wiring.wire()
