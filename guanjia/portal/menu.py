"""The groups of the menu, for the whole house; and the front hall's own pages in them.

A group is something people do, not a section of the bureau: together with the front page there are
never more than ``ENTRIES_MAX``. A business that comes later stands in one of them by its key.
"""

from guanjia.kernel.approvals import concerns
from guanjia.ui.menu import Group, Item, Section
from guanjia.ui.services import Service

GROUPS = (
    Group(key="deciding", title="审批与凭证", icon="gavel", place=10),
    Group(key="travel", title="公务用车", icon="car", place=20),
    Group(key="premises", title="用房与资产", icon="building", place=30),
    Group(key="saving", title="公共机构节能", icon="leaf", place=40),
    Group(key="services", title="后勤服务", icon="heart-handshake", place=50),
    Group(key="oversight", title="监督与报告", icon="report-analytics", place=60, apart=True),
    Group(key="running", title="机构与系统", icon="settings", place=70, apart=True),
)

SECTIONS = (
    Section(
        title="审批", group="deciding", place=10,
        items=(
            Item(title="待我审批", url_name="portal:approvals", when=concerns.deciding,
                 also=("portal:approvals_done", "portal:approvals_copies",
                       "portal:approvals_started", "portal:case", "portal:agree_together")),
            Item(title="我的委托", url_name="portal:my_delegations", when=concerns.deciding),
            Item(title="审批流程", url_name="portal:routes", verb="approvals.route.see",
                 also=("portal:route", "portal:route_edition", "portal:route_edit",
                       "portal:route_replay", "portal:route_switch_on", "portal:route_drop")),
            Item(title="委托登记", url_name="portal:delegations", verb="approvals.keep"),
        ),
    ),
    Section(
        title="凭证", group="deciding", place=20,
        items=(
            Item(title="凭证登记", url_name="portal:vouchers_list", verb="vouchers.see",
                 also=("portal:voucher",)),
        ),
    ),
    Section(
        title="操作记录", group="oversight", place=90,
        items=(
            Item(title="操作记录", url_name="portal:audit", verb="audit.see",
                 also=("portal:verify",)),
        ),
    ),
    Section(
        title="机构人员", group="running", place=10,
        items=(
            Item(title="单位名录", url_name="portal:units_list", verb="org.unit.see",
                 also=("portal:unit", "portal:reform")),
            Item(title="人员名录", url_name="portal:people_list", verb="org.person.see",
                 also=("portal:person",)),
        ),
    ),
    Section(
        title="系统管理", group="running", place=20,
        items=(
            Item(title="账号与职责", url_name="portal:accounts", verb="access.account.see",
                 also=("portal:account", "portal:open_account")),
            Item(title="通知渠道", url_name="portal:channels", verb="notices.channel.set",
                 also=("portal:channel", "portal:try_channel")),
            Item(title="发送记录", url_name="portal:deliveries", verb="notices.delivery.see"),
        ),
    ),
    Section(
        title="日历与依据", group="running", place=30,
        items=(
            Item(title="工作日历", url_name="portal:calendar", verb="workdays.set", for_all=True),
            Item(title="依据条文", url_name="portal:law", for_all=True,
                 also=("portal:provision",)),
        ),
    ),
)  # fmt: skip

SERVICES = (
    Service(
        title="导入单位名录", icon="file-import", url_name="portal:units_import",
        verb="org.unit.enter", says="从 Excel 登记单位", group="running",
    ),
    Service(
        title="导入人员名录", icon="file-import", url_name="portal:people_import",
        verb="org.person.enter", says="从 Excel 登记人员", group="running",
    ),
    Service(
        title="开设账号", icon="user-plus", url_name="portal:open_account",
        verb="access.account.open", says="给人员开一个登录账号", group="running",
    ),
    Service(
        title="调整工作日历", icon="calendar-event", url_name="portal:calendar",
        verb="workdays.set", says="调休、临时放假", group="running",
    ),
)  # fmt: skip
