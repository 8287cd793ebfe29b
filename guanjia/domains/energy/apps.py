"""The department as an app; see ``wiring``."""

from django.apps import AppConfig


class Config(AppConfig):
    """公共机构节能."""

    name = "guanjia.domains.energy"
    label = "energy"
    verbose_name = "公共机构节能"

    def ready(self) -> None:
        """Make known what the department has; nothing is registered by importing alone."""
        from guanjia.domains.energy import wiring  # noqa: PLC0415 — models are ready only now

        wiring.wire()
