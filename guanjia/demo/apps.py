"""Wiring of the demo."""

from django.apps import AppConfig

from guanjia.demo.kinds import ALLOCATION
from guanjia.kernel.vouchers import kinds


class Config(AppConfig):
    """演示."""

    name = "guanjia.demo"
    label = "demo"
    verbose_name = "演示"

    def ready(self) -> None:
        """Make the sample voucher known."""
        kinds.declare(ALLOCATION)
