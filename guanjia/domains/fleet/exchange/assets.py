"""Units, cars and drivers, how cars come and go: what stands on the books, on the wire."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Q

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
from guanjia.domains.fleet.models import (
    Cost,
    Disposal,
    Finding,
    Fine,
    Inspection,
    Order,
    Policy,
    Purchase,
    SealedCar,
    Trip,
)
from guanjia.domains.fleet.terms.cars import Body, CarState, Energy, Keeping, PlateColour, Use
from guanjia.domains.fleet.terms.disposals import DisposalMethod, DisposalState
from guanjia.domains.fleet.terms.drivers import DriverState, Licence
from guanjia.domains.fleet.terms.purchases import PurchaseKind, PurchaseState
from guanjia.kernel.org.terms import Level, Nature


def _of_car(car_id: int) -> Iterable[tuple[str, int]]:
    """Everything that speaks of a car: it comes and goes with it when it becomes secret or not."""
    its = Q(car=car_id)
    rows: tuple[tuple[str, Any, Q], ...] = (
        ("fleet.trip", Trip, its | Q(shares__car=car_id) | Q(wished_car=car_id)),
        ("fleet.cost", Cost, its),
        ("fleet.order", Order, its),
        ("fleet.policy", Policy, its),
        ("fleet.inspection", Inspection, its),
        ("fleet.fine", Fine, its),
        ("fleet.finding", Finding, its),
        ("fleet.sealing", SealedCar, its),
        ("fleet.disposal", Disposal, its),
        ("fleet.purchase", Purchase, Q(old_car=car_id) | Q(new_car=car_id)),
    )
    for kind, model, wanted in rows:
        for pk in model.objects.filter(wanted).order_by("pk").values_list("pk", flat=True):
            yield kind, pk


UNIT = Entity(
    kind="org.unit",
    model="org.Unit",
    title="单位",
    answers=("单位基本信息",),
    label="name",
    related=("parent",),
    fields=(
        text("code", "单位编码"),
        text("name", "单位名称"),
        text("short_name", "简称"),
        text("parent_code", "上级单位编码", "parent.code"),
        code("nature", "单位性质", Nature),
        code("level", "层级", Level),
        text("credit_code", "统一社会信用代码"),
        number("headcount", "编制人数"),
        day("closed_on", "撤销日期"),
    ),
)

CAR = Entity(
    kind="fleet.car",
    model="fleet.Car",
    title="车辆",
    answers=("单车基本信息",),
    label="plate",
    related=("unit",),
    dependants=_of_car,
    fields=(
        number("id", "车辆标识", "pk"),
        text("plate", "号牌号码"),
        code("plate_colour", "号牌颜色", PlateColour),
        code("use", "车辆类别", Use),
        text("make", "品牌型号"),
        text("vin", "车辆识别代号"),
        code("energy", "能源类型", Energy),
        code("body", "车型", Body),
        number("displacement_l", "排气量（升）"),
        number("tank_l", "油箱容积（升）"),
        number("battery_kwh", "电池容量（千瓦时）"),
        number("seats", "座位数"),
        money("price_fen", "购置价格"),
        day("registered_on", "登记日期"),
        *unit(title="使用单位"),
        code("keeping", "管理方式", Keeping),
        number("odometer_km", "里程表读数（公里）"),
        code("state", "车辆状态", CarState),
        day("inspected_until", "检验有效期止"),
        day("insured_until", "保险期止"),
    ),
)

DRIVER = Entity(
    kind="fleet.driver",
    model="fleet.Driver",
    title="驾驶员",
    answers=("驾驶员",),
    label="name",
    related=("unit",),
    fields=(
        text("number", "驾驶员编号"),
        text("name", "姓名"),
        code("licence", "准驾车型", Licence),
        day("licence_until", "驾驶证有效期止"),
        *unit(title="所属单位"),
        code("state", "状态", DriverState),
    ),
)

PURCHASE = Entity(
    kind="fleet.purchase",
    model="fleet.Purchase",
    title="更新购置",
    answers=(),
    label="number",
    related=("unit", "old_car", "new_car"),
    fields=(
        text("number", "购置编号"),
        code("kind", "购置方式", PurchaseKind),
        *unit(),
        code("use", "车辆类别", Use),
        code("body", "车型", Body),
        code("energy", "能源类型", Energy),
        text("make", "品牌型号"),
        number("displacement_l", "排气量（升）"),
        number("seats", "座位数"),
        money("price_fen", "价格"),
        text("reason", "事由"),
        *car("old_car", name="old_car", title="旧车"),
        *car("new_car", name="new_car", title="新车"),
        flag("by_province", "报省级批复"),
        text("document", "批准文号"),
        day("approved_on", "批准日期"),
        code("state", "状态", PurchaseState),
    ),
)

DISPOSAL = Entity(
    kind="fleet.disposal",
    model="fleet.Disposal",
    title="处置",
    answers=("处置",),
    label="number",
    related=("unit", "car", "to_unit"),
    fields=(
        text("number", "处置单号"),
        *car(),
        *unit(),
        code("method", "处置方式", DisposalMethod),
        text("reason", "处置原因"),
        *unit("to_unit", name="to_unit", title="接收单位"),
        money("valuation_fen", "估值"),
        text("document", "批准文号"),
        day("approved_on", "批准日期"),
        day("disposed_on", "处置日期"),
        money("proceeds_fen", "处置收入"),
        text("receipt", "缴库凭证号"),
        money("paid_fen", "缴库金额"),
        day("paid_on", "缴库日期"),
        code("state", "状态", DisposalState),
        time("finished_at", "办结时间"),
    ),
)
