"""Wiring of the report department."""

from django.apps import AppConfig

from guanjia.domains.report.menu import SECTIONS, SERVICES
from guanjia.kernel.access import duties
from guanjia.kernel.access.duties import Duty
from guanjia.ui import menu, services


class ReportConfig(AppConfig):
    """The work report (工作报告): figures of all departments, and the sentences they stand in."""

    name = "guanjia.domains.report"
    label = "report"
    verbose_name = "工作报告"

    def ready(self) -> None:
        """Declare who may read it, and put it into the menu."""
        reads = frozenset({"report.see"})
        duties.declare(Duty(key="report.reader", title="报告查看人", reads=reads))
        duties.name_verbs({"report.see": "查看工作报告"})
        menu.enlist(*SECTIONS)
        services.enlist(*SERVICES)
