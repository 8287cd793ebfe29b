"""The pages of the department in the menu, and what people start there."""

from guanjia.ui.menu import Item, Section
from guanjia.ui.services import Service

# Sections and items come in the order in which they stand in the menu.
SECTIONS = (
    Section(
        title="用车", group="travel", place=10,
        items=(
            Item(title="派车看板", url_name="fleet:board", verb="fleet.board.see",
                 also=("fleet:urgent",)),
            Item(title="用车申请", url_name="fleet:request", verb="fleet.trip.request",
                 also=("fleet:change",)),
            Item(title="出车任务", url_name="fleet:drive", verb="fleet.trip.drive"),
            Item(title="派车登记", url_name="fleet:trips_list", verb="fleet.trip.see",
                 also=("fleet:trip",)),
            Item(title="用车分析", url_name="fleet:dashboard", verb="fleet.dashboard.see",
                 also=("fleet:dashboard_cars", "fleet:dashboard_findings")),
        ),
    ),
    Section(
        title="车辆档案", group="travel", place=11,
        items=(
            Item(title="车辆台账", url_name="fleet:cars_list", verb="fleet.car.see",
                 also=("fleet:car",)),
            Item(title="驾驶员名册", url_name="fleet:drivers_list", verb="fleet.driver.see",
                 also=("fleet:driver",)),
            Item(title="编制", url_name="fleet:quotas", verb="fleet.quota.see",
                 also=("fleet:quota_unit", "fleet:quota_change", "fleet:quotas_list")),
            Item(title="更新购置", url_name="fleet:purchases", verb="fleet.purchase.see",
                 also=("fleet:purchase", "fleet:renewals_list")),
            Item(title="处置", url_name="fleet:disposals_list", verb="fleet.disposal.see",
                 also=("fleet:disposal", "fleet:disposal_new", "fleet:disposal_open")),
            Item(title="处置批次", url_name="fleet:lots_list", verb="fleet.disposal.see",
                 also=("fleet:lot",)),
            Item(title="到期预警", url_name="fleet:due_list", verb="fleet.car.see"),
        ),
    ),
    Section(
        title="维保与违法", group="travel", place=12,
        items=(
            Item(title="保险检验", url_name="fleet:upkeep", verb="fleet.upkeep.see",
                 also=("fleet:plans", "fleet:policies_list", "fleet:inspections_list")),
            Item(title="维修保养", url_name="fleet:orders_list", verb="fleet.upkeep.see",
                 also=("fleet:order",)),
            Item(title="交通违法", url_name="fleet:fines_list", verb="fleet.fine.see",
                 also=("fleet:fine",)),
            Item(title="交通事故", url_name="fleet:accidents_list", verb="fleet.fine.see",
                 also=("fleet:accident",)),
        ),
    ),
    Section(
        title="费用结算", group="travel", place=13,
        items=(
            Item(title="运行费用", url_name="fleet:costs_list", verb="fleet.cost.see",
                 also=("fleet:cost",)),
            Item(title="加油卡", url_name="fleet:cards_list", verb="fleet.cost.see",
                 also=("fleet:card",)),
            Item(title="对账", url_name="fleet:statements", verb="fleet.cost.see",
                 also=("fleet:fuel_sheet_list", "fleet:toll_sheet_list")),
            Item(title="单车核算", url_name="fleet:accounts", verb="fleet.cost.see"),
            Item(title="用车结算", url_name="fleet:bills_list", verb="fleet.bill.see",
                 also=("fleet:bill", "fleet:bill_draw")),
        ),
    ),
    Section(
        title="督车与公示", group="travel", place=14,
        items=(
            Item(title="节假日封存", url_name="fleet:sealings", verb="fleet.seal.see",
                 also=("fleet:sealing", "fleet:sealing_plan", "fleet:sealed_car")),
            Item(title="督车", url_name="fleet:oversight", verb="fleet.oversight.see",
                 also=("fleet:finding", "fleet:monthly_lists", "fleet:monthly_list")),
            Item(title="行车线索", url_name="fleet:sightings_list", verb="fleet.oversight.see",
                 also=("fleet:sighting", "fleet:tell_sighting")),
            Item(title="地点名录", url_name="fleet:places_list", verb="fleet.oversight.see"),
            Item(title="用车公示", url_name="fleet:publications", verb="fleet.publication.see",
                 for_all=True, also=("fleet:publication", "fleet:publication_rows")),
        ),
    ),
    Section(
        title="对外对接", group="travel", place=15,
        items=(
            Item(title="一张网", url_name="fleet:network", verb="fleet.network.see",
                 also=("fleet:network_settings", "fleet:network_changes", "fleet:network_messages",
                       "fleet:network_message", "fleet:network_incoming", "fleet:network_fields")),
            Item(title="接口密钥", url_name="fleet:network_keys", verb="fleet.network.see",
                 also=("fleet:network_key", "fleet:network_key_make", "fleet:network_calls")),
        ),
    ),
    Section(
        title="监督窗口", group="oversight", place=20,
        items=(
            Item(title="监督窗口", url_name="fleet:window", verb="fleet.window.see"),
            Item(title="监督浏览", url_name="fleet:looks_list", verb="fleet.look.see"),
        ),
    ),
)  # fmt: skip

SERVICES = (
    Service(
        title="应急先派", icon="phone", url_name="fleet:urgent", verb="fleet.trip.dispatch",
        says="先派车，随后由用车单位补单", group="travel", head=True,
    ),
    Service(
        title="代填申请", icon="file-plus", url_name="fleet:request", verb="fleet.trip.dispatch",
        says="替用车单位填一张用车申请", group="travel", head=True, bare=True,
    ),
    Service(
        title="新建用车申请", icon="file-plus", url_name="fleet:request", verb="fleet.trip.request",
        says="写明用途、行程和人数，提交给审批人", group="travel", head=True,
    ),
    Service(
        title="打开派车看板", icon="layout-board", url_name="fleet:board", verb="fleet.board.see",
        says="今天的车和驾驶员，一眼看全", group="travel", head=True,
    ),
    Service(
        title="出车任务", icon="steering-wheel", url_name="fleet:drive", verb="fleet.trip.drive",
        says="今天要出的车，出车收车在这里记", group="travel", head=True,
    ),
    Service(
        title="打开监督窗口", icon="eye", url_name="fleet:window", verb="fleet.window.see",
        says="本领域能看的台账、督车清单和公示", group="oversight", head=True,
    ),
    Service(
        title="看用车分析", icon="chart-bar", url_name="fleet:dashboard",
        verb="fleet.dashboard.see", says="使用率、需求、费用和车龄，每个数都能打开",
        group="travel",
    ),
    Service(
        title="导入派车登记", icon="file-import", url_name="fleet:trips_import",
        verb="fleet.trip.record", says="从 Excel 补录派车单", group="travel",
    ),
)  # fmt: skip
