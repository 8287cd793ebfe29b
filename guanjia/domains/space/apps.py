"""The department as an app; see ``wiring``."""

from django.apps import AppConfig


class Config(AppConfig):
    """办公用房."""

    name = "guanjia.domains.space"
    label = "space"
    verbose_name = "办公用房"

    def ready(self) -> None:
        """Make known what the department has; nothing is registered by importing alone."""
        from guanjia.domains.space import wiring  # noqa: PLC0415 — models are ready only now

        wiring.wire()
