"""The department as an app; see ``wiring``."""

from django.apps import AppConfig


class Config(AppConfig):
    """会议服务."""

    name = "guanjia.domains.meeting"
    label = "meeting"
    verbose_name = "会议服务"

    def ready(self) -> None:
        """Make known what the department has; nothing is registered by importing alone."""
        from guanjia.domains.meeting import wiring  # noqa: PLC0415 — models are ready only now

        wiring.wire()
