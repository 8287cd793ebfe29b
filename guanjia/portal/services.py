"""办事: what somebody can start, declared once; also the usual acts of the front page."""

from dataclasses import dataclass

from guanjia.kernel.values.actor import Actor
from guanjia.portal import places


@dataclass(frozen=True, kw_only=True)
class Service:
    """Something to start.

    ``head``: it also stands at the head of the front page, there without its icon if ``bare``.
    """

    title: str
    icon: str
    url_name: str
    verb: str
    says: str
    group: str
    head: bool = False
    bare: bool = False


@dataclass(frozen=True, kw_only=True)
class Shown:
    """A service with its address."""

    service: Service
    url: str


SERVICES = (
    Service(
        title="应急先派", icon="phone", url_name="fleet:urgent", verb="fleet.trip.dispatch",
        says="先派车，随后由用车单位补单", group="公务用车", head=True,
    ),
    Service(
        title="代填申请", icon="file-plus", url_name="fleet:request", verb="fleet.trip.dispatch",
        says="替用车单位填一张用车申请", group="公务用车", head=True, bare=True,
    ),
    Service(
        title="新建用车申请", icon="file-plus", url_name="fleet:request", verb="fleet.trip.request",
        says="写明用途、行程和人数，提交给审批人", group="公务用车", head=True,
    ),
    Service(
        title="打开派车看板", icon="layout-board", url_name="fleet:board", verb="fleet.board.see",
        says="今天的车和驾驶员，一眼看全", group="公务用车", head=True,
    ),
    Service(
        title="出车任务", icon="steering-wheel", url_name="fleet:drive", verb="fleet.trip.drive",
        says="今天要出的车，出车收车在这里记", group="公务用车", head=True,
    ),
    Service(
        title="打开监督窗口", icon="eye", url_name="fleet:window", verb="fleet.window.see",
        says="本领域能看的台账、督车清单和公示", group="公务用车", head=True,
    ),
    Service(
        title="看用车分析", icon="chart-bar", url_name="fleet:dashboard",
        verb="fleet.dashboard.see", says="使用率、需求、费用和车龄，每个数都能打开",
        group="公务用车",
    ),
    Service(
        title="导入派车登记", icon="file-import", url_name="fleet:trips_import",
        verb="fleet.trip.record", says="从 Excel 补录派车单", group="公务用车",
    ),
    Service(
        title="导入单位名录", icon="file-import", url_name="portal:units_import",
        verb="org.unit.enter", says="从 Excel 登记单位", group="机构人员",
    ),
    Service(
        title="导入人员名录", icon="file-import", url_name="portal:people_import",
        verb="org.person.enter", says="从 Excel 登记人员", group="机构人员",
    ),
    Service(
        title="开设账号", icon="user-plus", url_name="portal:open_account",
        verb="access.account.open", says="给人员开一个登录账号", group="系统管理",
    ),
    Service(
        title="调整工作日历", icon="calendar-event", url_name="portal:calendar",
        verb="workdays.set", says="调休、临时放假", group="系统管理",
    ),
    Service(
        title="看工作报告", icon="report-analytics", url_name="report:report", verb="report.see",
        says="一个时段的指标，每个数都能打开", group="工作报告", head=True,
    ),
)  # fmt: skip


def offered(actor: Actor, *, head: bool = False) -> list[Shown]:
    """What this person can start; one address is offered once, by the first that names it."""
    found: dict[str, Shown] = {}
    for service in SERVICES:
        if not actor.can(service.verb) or (head and not service.head):
            continue
        url = places.maybe(service.url_name)
        if url and url not in found:
            found[url] = Shown(service=service, url=url)
    return list(found.values())
