"""The pages of the report in the menu, and what people start there."""

from guanjia.ui.menu import Item, Section
from guanjia.ui.services import Service

SECTIONS = (
    Section(
        title="工作报告", group="oversight", place=10,
        items=(
            Item(title="工作报告", url_name="report:report", verb="report.see",
                 also=("report:figure",)),
        ),
    ),
)  # fmt: skip

SERVICES = (
    Service(
        title="看工作报告", icon="report-analytics", url_name="report:report", verb="report.see",
        says="一个时段的指标，每个数都能打开", group="oversight", head=True,
    ),
)  # fmt: skip
