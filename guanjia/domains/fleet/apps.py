"""Wiring: duties, registers, figures, menu."""

from django.apps import AppConfig

from guanjia.kernel.access import duties, subjects
from guanjia.kernel.access.duties import Duty
from guanjia.kernel.access.subjects import Subject
from guanjia.kernel.approvals import routes
from guanjia.kernel.approvals.events import CaseAgreed, CaseReturned, CaseStopped, CaseWithdrawn
from guanjia.kernel.events import bus
from guanjia.kernel.figures import catalogue as figures
from guanjia.kernel.notices import kinds
from guanjia.kernel.registers import catalogue as registers
from guanjia.kernel.vouchers import kinds as voucher_kinds
from guanjia.ui import menu
from guanjia.ui.menu import Department, Item

_SEE = frozenset({"fleet.trip.see"})
_SEE_ALL = frozenset(
    {"fleet.trip.see", "fleet.car.see", "fleet.driver.see", "fleet.board.see", "vouchers.see"}
)

DUTIES = (
    Duty(
        key="fleet.applicant",
        title="用车申请人",
        verbs=frozenset({"fleet.trip.request"}),
        reads=_SEE,
    ),
    Duty(
        key="fleet.clerk",
        title="单位用车联络员",
        verbs=frozenset({"fleet.trip.request", "fleet.trip.paper"}),
        reads=_SEE | {"fleet.car.see"},
    ),
    Duty(
        key="fleet.approver",
        title="单位用车审批人",
        verbs=frozenset({"fleet.trip.approve"}),
        reads=_SEE,
    ),
    Duty(
        key="fleet.head",
        title="单位主要负责人",
        verbs=frozenset({"fleet.trip.approve", "fleet.trip.approve_rest_day"}),
        reads=_SEE | {"fleet.car.see"},
    ),
    Duty(
        key="fleet.dispatcher",
        title="调度员",
        verbs=frozenset(
            {
                "fleet.trip.request",
                "fleet.trip.dispatch",
                "fleet.trip.record",
                "fleet.trip.correct",
                "fleet.trip.paper",
                "fleet.car.enter",
                "fleet.driver.enter",
                "vouchers.void",
            }
        ),
        reads=_SEE_ALL | {"fleet.driver.reveal"},
    ),
    Duty(
        key="fleet.driver",
        title="驾驶员",
        verbs=frozenset({"fleet.trip.drive"}),
        reads=_SEE,
    ),
    Duty(key="fleet.leader", title="分管领导", reads=_SEE_ALL),
    Duty(key="fleet.supervisor", title="监督员", reads=_SEE_ALL | {"audit.see"}),
)

VERBS = {
    "fleet.trip.see": "查看派车单",
    "fleet.trip.request": "申请用车",
    "fleet.trip.approve": "审批用车",
    "fleet.trip.approve_rest_day": "审批休息日用车",
    "fleet.trip.dispatch": "派车",
    "fleet.trip.drive": "出车收车",
    "fleet.trip.record": "补录派车单",
    "fleet.trip.correct": "更正里程",
    "fleet.trip.paper": "应急补单",
    "fleet.car.see": "查看车辆台账",
    "fleet.car.enter": "维护车辆台账",
    "fleet.driver.see": "查看驾驶员名册",
    "fleet.driver.enter": "维护驾驶员名册",
    "fleet.driver.reveal": "查看手机号",
    "fleet.board.see": "查看派车看板",
    "vouchers.see": "查看凭证登记",
    "vouchers.void": "作废凭证",
}


class Config(AppConfig):
    """公务用车."""

    name = "guanjia.domains.fleet"
    label = "fleet"
    verbose_name = "公务用车"

    def ready(self) -> None:
        """Enlist what the department has; nothing is registered by importing alone."""
        from guanjia.domains.fleet import approvals, notices, queries, vouchers  # noqa: PLC0415 — models are ready only now
        from guanjia.domains.fleet import figures as fleet_figures  # noqa: PLC0415 — as above
        from guanjia.domains.fleet.actions import decided  # noqa: PLC0415 — as above
        from guanjia.domains.fleet.pages import holding  # noqa: PLC0415 — as above
        from guanjia.domains.fleet.registers.cars import CARS, DRIVERS  # noqa: PLC0415 — as above
        from guanjia.domains.fleet.registers.trips import TRIPS  # noqa: PLC0415 — as above
        from guanjia.kernel.attachments import guards  # noqa: PLC0415 — as above
        from guanjia.ui.approval import panel  # noqa: PLC0415 — as above

        subjects.declare(
            Subject(model="fleet.trip", title="派车单", page="fleet:trip", sees=queries.sees_trip)
        )
        guards.declare("fleet.trip", decided.may_take_off)
        panel.tell_next("fleet.trip", holding.after_approval)
        routes.enlist(approvals.TRIP)
        bus.subscribe(CaseAgreed, decided.agreed)
        bus.subscribe(CaseReturned, decided.returned)
        bus.subscribe(CaseWithdrawn, decided.withdrawn)
        bus.subscribe(CaseStopped, decided.stopped)
        voucher_kinds.declare(vouchers.TRIP_SHEET)
        kinds.declare(*notices.KINDS)
        notices.subscribe()
        duties.declare(*DUTIES)
        duties.name_verbs(VERBS)
        registers.enlist(CARS, DRIVERS, TRIPS)
        figures.enlist(*fleet_figures.ALL)
        menu.enlist(
            Department(
                title="公务用车",
                icon="car",
                place=10,
                items=(
                    Item(
                        title="派车看板",
                        url_name="fleet:board",
                        verb="fleet.board.see",
                        also=("fleet:urgent",),
                    ),
                    Item(
                        title="用车申请",
                        url_name="fleet:request",
                        verb="fleet.trip.request",
                        also=("fleet:change",),
                    ),
                    Item(title="出车任务", url_name="fleet:drive", verb="fleet.trip.drive"),
                    Item(
                        title="派车登记",
                        url_name="fleet:trips_list",
                        verb="fleet.trip.see",
                        also=("fleet:trip", "fleet:trips_import", "fleet:trips_upload"),
                    ),
                    Item(
                        title="车辆台账",
                        url_name="fleet:cars_list",
                        verb="fleet.car.see",
                        also=("fleet:car", "fleet:cars_import", "fleet:cars_upload"),
                    ),
                    Item(
                        title="驾驶员名册",
                        url_name="fleet:drivers_list",
                        verb="fleet.driver.see",
                        also=("fleet:driver", "fleet:drivers_import", "fleet:drivers_upload"),
                    ),
                ),
            )
        )
