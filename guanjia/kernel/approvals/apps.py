"""Wiring: the keeper of routes, and what follows from changed duties."""

from django.apps import AppConfig

from guanjia.kernel.access import duties
from guanjia.kernel.access.duties import Duty
from guanjia.kernel.access.events import DutiesChanged
from guanjia.kernel.events import bus


def seat_anew(news: DutiesChanged) -> None:
    """Whoever won a duty sits on what waits for it; whoever lost it rises."""
    from guanjia.kernel.approvals.actions import tending  # noqa: PLC0415 — models are ready only now

    tending.follow_duties(account_id=news.account_id, duty=news.duty, at=news.at)


class Config(AppConfig):
    """审批."""

    name = "guanjia.kernel.approvals"
    label = "approvals"
    verbose_name = "审批"

    def ready(self) -> None:
        """Declare the keeper's duty; listen to changes of duties."""
        duties.declare(
            Duty(
                key="approvals.keeper",
                title="流程管理员",
                verbs=frozenset({"approvals.keep", "approvals.route.edit"}),
                reads=frozenset({"approvals.route.see"}),
            ),
        )
        duties.name_verbs(
            {
                "approvals.keep": "指定审批人",
                "approvals.route.edit": "编辑审批流程",
                "approvals.route.see": "查看审批流程",
            }
        )
        bus.subscribe(DutiesChanged, seat_anew)
