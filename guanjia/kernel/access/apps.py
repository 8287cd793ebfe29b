"""Wiring: the duties of the three administrators (三员)."""

from django.apps import AppConfig

from guanjia.kernel.access import duties
from guanjia.kernel.access.duties import Duty


class Config(AppConfig):
    """账号与职责."""

    name = "guanjia.kernel.access"
    label = "access"
    verbose_name = "账号与职责"

    def ready(self) -> None:
        """Declare what everybody has: the administrators' duties and the tree's."""
        duties.declare(
            Duty(
                key="access.system",
                title="系统管理员",
                verbs=frozenset({"access.account.open", "workdays.set", "notices.channel.set"}),
                reads=frozenset(
                    {
                        "access.account.see",
                        "org.unit.see",
                        "org.person.see",
                        "notices.delivery.see",
                    }
                ),
            ),
            Duty(
                key="access.security",
                title="安全管理员",
                verbs=frozenset({"access.duty.grant"}),
                reads=frozenset({"access.account.see", "org.unit.see", "org.person.see"}),
            ),
            Duty(
                key="access.audit",
                title="审计管理员",
                verbs=frozenset({"audit.verify"}),
                reads=frozenset({"audit.see", "access.account.see"}),
            ),
            Duty(
                key="org.keeper",
                title="机构人员管理员",
                verbs=frozenset({"org.unit.enter", "org.unit.reform", "org.person.enter"}),
                reads=frozenset({"org.unit.see", "org.person.see", "org.person.reveal"}),
            ),
        )
        duties.name_verbs(
            {
                "access.account.open": "开设账号",
                "access.account.see": "查看账号",
                "access.duty.grant": "授予职责",
                "audit.see": "查看操作记录",
                "audit.verify": "核验操作记录",
                "org.unit.enter": "维护单位名录",
                "org.unit.reform": "机构变动",
                "org.unit.see": "查看单位名录",
                "org.person.enter": "维护人员名录",
                "org.person.see": "查看人员名录",
                "org.person.reveal": "查看手机号",
                "workdays.set": "维护工作日历",
                "notices.channel.set": "维护通知渠道",
                "notices.delivery.see": "查看发送记录",
            }
        )
