"""Wiring: what the department has, where its news goes, its pages in the menu."""

from django.apps import AppConfig

from guanjia.domains.fleet.duties import DUTIES, VERBS
from guanjia.kernel.access import duties, subjects
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


class Config(AppConfig):
    """公务用车."""

    name = "guanjia.domains.fleet"
    label = "fleet"
    verbose_name = "公务用车"

    def ready(self) -> None:
        """Enlist what the department has; nothing is registered by importing alone."""
        from guanjia.domains.fleet import approvals, vouchers  # noqa: PLC0415 — models are ready only now
        from guanjia.domains.fleet import figures as fleet_figures  # noqa: PLC0415 — as above
        from guanjia.domains.fleet.actions import decided  # noqa: PLC0415 — as above
        from guanjia.domains.fleet.notices import trips as trip_notices  # noqa: PLC0415 — as above
        from guanjia.domains.fleet.pages import holding  # noqa: PLC0415 — as above
        from guanjia.domains.fleet.queries import sheets  # noqa: PLC0415 — as above
        from guanjia.domains.fleet.registers.cars import CARS, DRIVERS  # noqa: PLC0415 — as above
        from guanjia.domains.fleet.registers.trips import TRIPS  # noqa: PLC0415 — as above
        from guanjia.kernel.attachments import guards  # noqa: PLC0415 — as above
        from guanjia.ui.approval import panel  # noqa: PLC0415 — as above

        subjects.declare(
            Subject(model="fleet.trip", title="派车单", page="fleet:trip", sees=sheets.sees_trip)
        )
        guards.declare("fleet.trip", decided.may_take_off)
        panel.tell_next("fleet.trip", holding.after_approval)
        routes.enlist(approvals.TRIP)
        bus.subscribe(CaseAgreed, decided.agreed)
        bus.subscribe(CaseReturned, decided.returned)
        bus.subscribe(CaseWithdrawn, decided.withdrawn)
        bus.subscribe(CaseStopped, decided.stopped)
        voucher_kinds.declare(vouchers.TRIP_SHEET)
        kinds.declare(*trip_notices.KINDS)
        trip_notices.subscribe()
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
