"""Trips, costs, upkeep, fines, sealings and findings: how cars are run, on the wire."""

from guanjia.domains.fleet.exchange.fields import (
    Entity,
    car,
    code,
    day,
    flag,
    money,
    number,
    text,
    time,
    unit,
)
from guanjia.domains.fleet.terms.costs import CostKind, CostSource, CostState
from guanjia.domains.fleet.terms.oversight import FindingState, Level, Outcome
from guanjia.domains.fleet.terms.sealing import SealState
from guanjia.domains.fleet.terms.trips import Purpose, TripState
from guanjia.domains.fleet.terms.upkeep import Cover, OrderKind, OrderState, PaidBy, Passed

# Which entity of the standard a cost belongs to.
_OF_COSTS = {
    CostKind.FUEL: "能耗",
    CostKind.CHARGE: "能耗",
    CostKind.TOLL: "过路过桥费",
    CostKind.PARKING: "停车费",
    CostKind.INSURANCE: "保险费用",
    CostKind.INSPECTION: "年检",
    CostKind.MAINTENANCE: "维保",
    CostKind.REPAIR: "维保",
}
_OTHER_COSTS = "其他费用"


TRIP = Entity(
    kind="fleet.trip",
    model="fleet.Trip",
    title="派车单",
    answers=("派车信息",),
    label="number",
    related=("unit", "car", "driver", "shares"),
    fields=(
        text("number", "派车单号"),
        *unit(title="申请单位"),
        text("rider", "用车人", "rider_name"),
        code("purpose", "用途", Purpose),
        text("reason", "事由"),
        text("origin", "出发地"),
        text("destination", "目的地"),
        number("passengers", "乘车人数"),
        time("planned_from", "计划出车时间"),
        time("planned_to", "计划返回时间"),
        code("state", "状态", TripState),
        *car(),
        text("driver_number", "驾驶员编号", "driver.number"),
        text("shares_number", "合乘派车单号", "shares.number"),
        time("went_at", "实际出车时间"),
        time("back_at", "实际返回时间"),
        number("start_km", "出车里程表（公里）"),
        number("end_km", "收车里程表（公里）"),
        number("driven_km", "行驶里程（公里）", "driven"),
        flag("urgent", "应急先派"),
    ),
)

COST = Entity(
    kind="fleet.cost",
    model="fleet.Cost",
    title="运行费用",
    answers=tuple(dict.fromkeys([*_OF_COSTS.values(), _OTHER_COSTS])),
    label="car_plate",
    related=("car", "unit", "trip"),
    fields=(
        text("entity", "标准实体", lambda row: _OF_COSTS.get(row.kind, _OTHER_COSTS)),
        *car(),
        *unit(title="承担单位"),
        code("kind", "费用类别", CostKind),
        day("spent_on", "日期"),
        time("spent_at", "时间"),
        money("amount_fen", "金额"),
        number("litres", "升数"),
        number("kwh", "电量（千瓦时）"),
        number("odometer_km", "里程表（公里）"),
        text("place", "地点"),
        text("trip_number", "派车单号", "trip.number"),
        code("source", "来源", CostSource),
        code("state", "状态", CostState),
    ),
)

ORDER = Entity(
    kind="fleet.order",
    model="fleet.Order",
    title="维保工单",
    answers=("维保",),
    label="number",
    related=("car", "unit"),
    fields=(
        text("number", "工单号"),
        *car(),
        *unit(title="承担单位"),
        code("kind", "维保类别", OrderKind),
        text("service", "保养项目"),
        text("garage", "定点厂"),
        text("fault", "报修内容"),
        day("reported_on", "报修日期"),
        day("in_shop_on", "送修日期"),
        day("left_shop_on", "出厂日期"),
        number("odometer_km", "里程表（公里）"),
        money("amount_fen", "结算金额"),
        day("settled_on", "结算日期"),
        code("state", "工单状态", OrderState),
    ),
)

POLICY = Entity(
    kind="fleet.policy",
    model="fleet.Policy",
    title="保险单",
    answers=("保险费用",),
    label="number",
    related=("car",),
    fields=(
        text("number", "保险单号"),
        *car(),
        code("cover", "险种", Cover),
        text("insurer", "保险公司"),
        day("since", "保险期起", "during.lower"),
        day("until", "保险期止", "last"),
        money("premium_fen", "保费"),
    ),
)

INSPECTION = Entity(
    kind="fleet.inspection",
    model="fleet.Inspection",
    title="检验",
    answers=("年检",),
    label="number",
    related=("car",),
    fields=(
        text("number", "检验编号"),
        *car(),
        day("inspected_on", "检验日期", "on"),
        code("result", "检验结论", Passed),
        day("valid_until", "检验有效期止"),
        text("station", "检验机构"),
        money("fee_fen", "检验费"),
    ),
)

FINE = Entity(
    kind="fleet.fine",
    model="fleet.Fine",
    title="交通违法",
    answers=("违章",),
    label="number",
    related=("car", "trip", "driver"),
    fields=(
        text("number", "决定书编号"),
        *car(),
        time("at", "违法时间"),
        text("place", "违法地点"),
        text("what", "违法行为"),
        number("points", "记分"),
        money("amount_fen", "罚款"),
        text("trip_number", "派车单号", "trip.number"),
        text("driver_number", "驾驶员编号", "driver.number"),
        day("handled_on", "处理日期"),
        code("paid_by", "缴款人", PaidBy),
    ),
)

FINDING = Entity(
    kind="fleet.finding",
    model="fleet.Finding",
    title="督车",
    answers=("监督检查",),
    label="number",
    related=("car", "unit", "trip"),
    fields=(
        text("number", "督车编号"),
        *car(),
        *unit(),
        text("trip_number", "派车单号", "trip.number"),
        day("on_day", "发生日期"),
        code("level", "级别", Level),
        code("state", "状态", FindingState),
        code("outcome", "处理结果", Outcome),
        time("decided_at", "处理时间"),
        time("closed_at", "办结时间"),
    ),
)

SEALING = Entity(
    kind="fleet.sealing",
    model="fleet.SealedCar",
    title="节假日封存",
    answers=(),
    label="car_plate",
    related=("car", "unit", "sealing"),
    fields=(
        text("sealing", "封存名称", "sealing.title"),
        *car(),
        *unit(),
        code("state", "封存状态", SealState),
        text("place", "停放地点"),
        time("sealed_at", "封存时间"),
        time("released_at", "解封时间"),
        text("exception_reason", "例外理由"),
    ),
)
