"""Wiring: what the department has, where its news goes, its pages in the menu."""

from django.apps import AppConfig

from guanjia.domains.fleet.duties import DUTIES, VERBS
from guanjia.domains.fleet.events import CarDisposed, TripFinished
from guanjia.kernel.access import duties, subjects
from guanjia.kernel.access.subjects import Subject
from guanjia.kernel.approvals import routes
from guanjia.kernel.approvals.events import CaseAgreed, CaseReturned, CaseStopped, CaseWithdrawn
from guanjia.kernel.events import bus
from guanjia.kernel.exchange import takers
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
        from guanjia.domains.fleet.actions import network as network_acts  # noqa: PLC0415 — as above
        from guanjia.domains.fleet.exchange import catalogue as network  # noqa: PLC0415 — as above
        from guanjia.domains.fleet.notices import trips as trip_notices  # noqa: PLC0415 — as above
        from guanjia.domains.fleet.pages import holding  # noqa: PLC0415 — as above
        from guanjia.domains.fleet.pages import seeing as oversight_seeing  # noqa: PLC0415 — as above
        from guanjia.domains.fleet.queries import sheets, withheld  # noqa: PLC0415 — as above
        from guanjia.domains.fleet.registers.cars import CARS, DRIVERS  # noqa: PLC0415 — as above
        from guanjia.domains.fleet.registers.looks import LOOKS  # noqa: PLC0415 — as above
        from guanjia.domains.fleet.registers.sightings import PLACES, SIGHTINGS  # noqa: PLC0415 — as above
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
        network.declare()
        takers.declare(network_acts.TAKER)
        oversight_seeing.declare()
        duties.declare(*DUTIES)
        duties.name_verbs(VERBS)
        registers.enlist(CARS, DRIVERS, TRIPS)
        registers.enlist(LOOKS)
        registers.enlist(PLACES, SIGHTINGS)
        withheld.declare()
        figures.enlist(*fleet_figures.ALL)
        self._costs()
        self._quotas()
        self._disposals()
        self._settlement()
        self._upkeep()
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
        menu.enlist(
            Department(
                title="车辆管理",
                icon="clipboard-list",
                place=11,
                items=(
                    Item(
                        title="编制",
                        url_name="fleet:quotas",
                        verb="fleet.quota.see",
                        also=(
                            "fleet:quota_unit",
                            "fleet:quota_request",
                            "fleet:quota_change",
                            "fleet:quota_mend",
                            "fleet:quotas_list",
                            "fleet:quotas_import",
                            "fleet:quotas_upload",
                        ),
                    ),
                    Item(
                        title="更新购置",
                        url_name="fleet:purchases",
                        verb="fleet.purchase.see",
                        also=(
                            "fleet:purchase",
                            "fleet:purchase_request",
                            "fleet:purchase_mend",
                            "fleet:purchase_card",
                            "fleet:renewals_list",
                            "fleet:renewals_import",
                            "fleet:renewals_upload",
                        ),
                    ),
                    Item(
                        title="处置",
                        url_name="fleet:disposals_list",
                        verb="fleet.disposal.see",
                        also=(
                            "fleet:disposal",
                            "fleet:disposal_new",
                            "fleet:disposal_open",
                            "fleet:disposals_import",
                            "fleet:disposals_upload",
                        ),
                    ),
                    Item(
                        title="处置批次",
                        url_name="fleet:lots_list",
                        verb="fleet.disposal.see",
                        also=("fleet:lot", "fleet:lot_new"),
                    ),
                    Item(title="到期预警", url_name="fleet:due_list", verb="fleet.car.see"),
                    Item(
                        title="运行费用",
                        url_name="fleet:costs_list",
                        verb="fleet.cost.see",
                        also=(
                            "fleet:cost",
                            "fleet:cost_new",
                            "fleet:costs_import",
                            "fleet:costs_upload",
                        ),
                    ),
                    Item(
                        title="加油卡",
                        url_name="fleet:cards_list",
                        verb="fleet.cost.see",
                        also=(
                            "fleet:card",
                            "fleet:card_new",
                            "fleet:cards_import",
                            "fleet:cards_upload",
                        ),
                    ),
                    Item(
                        title="对账",
                        url_name="fleet:statements",
                        verb="fleet.cost.see",
                        also=(
                            "fleet:fuel_sheet_list",
                            "fleet:fuel_sheet_import",
                            "fleet:fuel_sheet_upload",
                            "fleet:toll_sheet_list",
                            "fleet:toll_sheet_import",
                            "fleet:toll_sheet_upload",
                        ),
                    ),
                    Item(
                        title="保险检验",
                        url_name="fleet:upkeep",
                        verb="fleet.upkeep.see",
                        also=(
                            "fleet:plans",
                            "fleet:policy_new",
                            "fleet:policies_list",
                            "fleet:policies_import",
                            "fleet:policies_upload",
                            "fleet:inspection_new",
                            "fleet:inspections_list",
                            "fleet:inspections_import",
                            "fleet:inspections_upload",
                        ),
                    ),
                    Item(
                        title="维修保养",
                        url_name="fleet:orders_list",
                        verb="fleet.upkeep.see",
                        also=(
                            "fleet:order",
                            "fleet:order_new",
                            "fleet:quote",
                            "fleet:orders_import",
                            "fleet:orders_upload",
                        ),
                    ),
                    Item(
                        title="交通违法",
                        url_name="fleet:fines_list",
                        verb="fleet.fine.see",
                        also=(
                            "fleet:fine",
                            "fleet:fine_new",
                            "fleet:fines_import",
                            "fleet:fines_upload",
                        ),
                    ),
                    Item(
                        title="交通事故",
                        url_name="fleet:accidents_list",
                        verb="fleet.fine.see",
                        also=(
                            "fleet:accident",
                            "fleet:accident_new",
                            "fleet:accidents_import",
                            "fleet:accidents_upload",
                        ),
                    ),
                    Item(title="单车核算", url_name="fleet:accounts", verb="fleet.cost.see"),
                ),
            )
        )
        menu.enlist(
            Department(
                title="结算督车",
                icon="scale",
                place=12,
                items=(
                    Item(
                        title="用车结算",
                        url_name="fleet:bills_list",
                        verb="fleet.bill.see",
                        also=("fleet:bill", "fleet:bill_draw"),
                    ),
                    Item(
                        title="节假日封存",
                        url_name="fleet:sealings",
                        verb="fleet.seal.see",
                        also=("fleet:sealing", "fleet:sealing_plan", "fleet:sealed_car"),
                    ),
                    Item(
                        title="督车",
                        url_name="fleet:oversight",
                        verb="fleet.oversight.see",
                        also=("fleet:finding", "fleet:monthly_lists", "fleet:monthly_list"),
                    ),
                    Item(
                        title="行车线索",
                        url_name="fleet:sightings_list",
                        verb="fleet.oversight.see",
                        also=(
                            "fleet:sighting",
                            "fleet:tell_sighting",
                            "fleet:sightings_import",
                            "fleet:sightings_upload",
                        ),
                    ),
                    Item(
                        title="地点名录",
                        url_name="fleet:places_list",
                        verb="fleet.oversight.see",
                        also=("fleet:places_import", "fleet:places_upload"),
                    ),
                    Item(
                        title="用车公示",
                        url_name="fleet:publications",
                        also=("fleet:publication", "fleet:publication_rows"),
                    ),
                    Item(
                        title="用车分析",
                        url_name="fleet:dashboard",
                        verb="fleet.dashboard.see",
                        also=("fleet:dashboard_cars", "fleet:dashboard_findings"),
                    ),
                    Item(title="监督窗口", url_name="fleet:window", verb="fleet.window.see"),
                    Item(title="监督浏览", url_name="fleet:looks_list", verb="fleet.look.see"),
                    Item(
                        title="一张网",
                        url_name="fleet:network",
                        verb="fleet.network.see",
                        also=(
                            "fleet:network_settings",
                            "fleet:network_changes",
                            "fleet:network_messages",
                            "fleet:network_message",
                            "fleet:network_incoming",
                            "fleet:network_fields",
                        ),
                    ),
                    Item(
                        title="接口密钥",
                        url_name="fleet:network_keys",
                        verb="fleet.network.see",
                        also=(
                            "fleet:network_key",
                            "fleet:network_key_make",
                            "fleet:network_calls",
                        ),
                    ),
                ),
            )
        )

    def _costs(self) -> None:
        """运行费用、加油卡 and the sheets of the two companies."""
        from guanjia.domains.fleet.actions import card_news, following  # noqa: PLC0415 — models are ready only now
        from guanjia.domains.fleet.registers.cards import CARDS  # noqa: PLC0415 — as above
        from guanjia.domains.fleet.registers.costs import COSTS  # noqa: PLC0415 — as above
        from guanjia.domains.fleet.registers.fuel_sheet import FUEL_SHEET  # noqa: PLC0415 — as above
        from guanjia.domains.fleet.registers.toll_sheet import TOLL_SHEET  # noqa: PLC0415 — as above

        registers.enlist(CARDS, COSTS, FUEL_SHEET, TOLL_SHEET)
        bus.subscribe(TripFinished, following.follow_trip)
        bus.subscribe(CarDisposed, card_news.end_cards)

    def _settlement(self) -> None:
        """用车结算 and 公示: what journeys cost their units, and what everybody is told."""
        from guanjia.domains.fleet import vouchers  # noqa: PLC0415 — models are ready only now
        from guanjia.domains.fleet.notices import bills as notices  # noqa: PLC0415 — as above
        from guanjia.domains.fleet.queries import bills, publications  # noqa: PLC0415 — as above
        from guanjia.kernel.access import withheld  # noqa: PLC0415 — as above

        subjects.declare(
            Subject(model="fleet.bill", title="结算单", page="fleet:bill", sees=bills.sees_bill),
            Subject(
                model="fleet.publication",
                title="用车公示",
                page="fleet:publication",
                sees=publications.sees_publication,
            ),
        )
        withheld.declare("fleet.bill", bills.with_hidden_lines, whether=bills.any_hidden)
        voucher_kinds.declare(vouchers.BILL)
        kinds.declare(*notices.KINDS)
        notices.subscribe()

    def _upkeep(self) -> None:
        """保险检验、维保、违法事故: what keeps cars sound, and what befalls them."""
        from guanjia.domains.fleet import approvals  # noqa: PLC0415 — models are ready only now
        from guanjia.domains.fleet.actions import order_news  # noqa: PLC0415 — as above
        from guanjia.domains.fleet.pages import order_view  # noqa: PLC0415 — as above
        from guanjia.domains.fleet.queries import upkeep  # noqa: PLC0415 — as above
        from guanjia.domains.fleet.registers.accidents import ACCIDENTS  # noqa: PLC0415 — as above
        from guanjia.domains.fleet.registers.fines import FINES  # noqa: PLC0415 — as above
        from guanjia.domains.fleet.registers.inspections import INSPECTIONS  # noqa: PLC0415 — as above
        from guanjia.domains.fleet.registers.orders import ORDERS  # noqa: PLC0415 — as above
        from guanjia.domains.fleet.registers.policies import POLICIES  # noqa: PLC0415 — as above
        from guanjia.ui.approval import panel  # noqa: PLC0415 — as above

        subjects.declare(
            Subject(
                model=order_view.SUBJECT,
                title="维保工单",
                page="fleet:order",
                sees=upkeep.sees_order,
            )
        )
        panel.tell_next(order_view.SUBJECT, order_view.after_approval)
        routes.enlist(approvals.ORDER)
        bus.subscribe(CaseAgreed, order_news.agreed)
        bus.subscribe(CaseReturned, order_news.returned)
        bus.subscribe(CaseWithdrawn, order_news.withdrawn)
        bus.subscribe(CaseStopped, order_news.stopped)
        registers.enlist(POLICIES, INSPECTIONS, ORDERS, FINES, ACCIDENTS)

    def _quotas(self) -> None:
        """Quotas, purchases and renewals."""
        from guanjia.domains.fleet import approvals  # noqa: PLC0415 — models are ready only now
        from guanjia.domains.fleet import figures as fleet_figures  # noqa: PLC0415 — as above
        from guanjia.domains.fleet.actions import purchases as purchase_acts  # noqa: PLC0415 — as above
        from guanjia.domains.fleet.actions import quotas as quota_acts  # noqa: PLC0415 — as above
        from guanjia.domains.fleet.notices import purchases as purchase_notices  # noqa: PLC0415 — as above
        from guanjia.domains.fleet.pages import purchase_view  # noqa: PLC0415 — as above
        from guanjia.domains.fleet.queries import purchases, quotas  # noqa: PLC0415 — as above
        from guanjia.domains.fleet.registers.quotas import QUOTAS  # noqa: PLC0415 — as above
        from guanjia.domains.fleet.registers.renewals import RENEWALS  # noqa: PLC0415 — as above
        from guanjia.kernel.attachments import guards  # noqa: PLC0415 — as above
        from guanjia.ui.approval import panel  # noqa: PLC0415 — as above

        subjects.declare(
            Subject(
                model="fleet.quotachange",
                title="编制变更",
                page="fleet:quota_change",
                sees=quotas.sees_change,
            ),
            Subject(
                model="fleet.purchase",
                title="更新购置",
                page="fleet:purchase",
                sees=purchases.sees_purchase,
            ),
        )
        guards.declare("fleet.quotachange", quota_acts.may_take_off)
        guards.declare("fleet.purchase", purchase_acts.may_take_off)
        panel.tell_next("fleet.purchase", purchase_view.after_approval)
        routes.enlist(approvals.QUOTA, approvals.PURCHASE)
        for acts in (quota_acts, purchase_acts):
            bus.subscribe(CaseAgreed, acts.agreed)
            bus.subscribe(CaseReturned, acts.returned)
            bus.subscribe(CaseWithdrawn, acts.withdrawn)
            bus.subscribe(CaseStopped, acts.stopped)
        kinds.declare(*purchase_notices.KINDS)
        purchase_notices.subscribe()
        registers.enlist(QUOTAS, RENEWALS)
        figures.enlist(*fleet_figures.RENEWALS)

    def _disposals(self) -> None:
        """处置: how cars end."""
        from guanjia.domains.fleet import approvals  # noqa: PLC0415 — models are ready only now
        from guanjia.domains.fleet import figures as fleet_figures  # noqa: PLC0415 — as above
        from guanjia.domains.fleet.actions import disposal_news  # noqa: PLC0415 — as above
        from guanjia.domains.fleet.notices import disposals as notices  # noqa: PLC0415 — as above
        from guanjia.domains.fleet.pages import disposal_view  # noqa: PLC0415 — as above
        from guanjia.domains.fleet.queries import disposals  # noqa: PLC0415 — as above
        from guanjia.domains.fleet.registers.disposals import DISPOSALS  # noqa: PLC0415 — as above
        from guanjia.domains.fleet.registers.ends import DUE, LOTS  # noqa: PLC0415 — as above
        from guanjia.kernel.attachments import guards  # noqa: PLC0415 — as above
        from guanjia.ui.approval import panel  # noqa: PLC0415 — as above

        subjects.declare(
            Subject(
                model=disposals.SUBJECT,
                title="车辆处置",
                page="fleet:disposal",
                sees=disposals.sees_disposal,
            )
        )
        guards.declare(disposals.SUBJECT, disposal_news.may_take_off)
        panel.tell_next(disposals.SUBJECT, disposal_view.after_approval)
        routes.enlist(approvals.DISPOSAL)
        bus.subscribe(CaseAgreed, disposal_news.agreed)
        bus.subscribe(CaseReturned, disposal_news.returned)
        bus.subscribe(CaseWithdrawn, disposal_news.withdrawn)
        bus.subscribe(CaseStopped, disposal_news.stopped)
        kinds.declare(*notices.KINDS)
        notices.subscribe()
        registers.enlist(DISPOSALS, LOTS, DUE)
        figures.enlist(*fleet_figures.DISPOSALS)
