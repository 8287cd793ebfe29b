"""处置批次 and 到期预警: declared once."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import Q
from django.utils import timezone

from guanjia.domains.fleet.models import Car, DisposalLot
from guanjia.domains.fleet.queries import disposals as reading
from guanjia.domains.fleet.registers.disposals import DEAL, SEE, money
from guanjia.domains.fleet.rules import disposals as rules
from guanjia.domains.fleet.terms.cars import Keeping, Use
from guanjia.domains.fleet.terms.disposals import DisposalMethod, LotState
from guanjia.kernel.registers.declaration import Column, Filter, Kind, Register, View
from guanjia.kernel.registers.fields import of
from guanjia.kernel.regulations.lawbook import law_at

# ── lots ─────────────────────────────────────────────────────────────────────────────────


def _differs(lot: DisposalLot) -> str:
    facts = reading.lot_facts(lot)
    if not rules.differences(lot=facts).warnings:
        return "三者相等"
    return "原因已写明" if lot.difference_reason else "有差额"


LOTS = Register(
    key="fleet.lots",
    title="处置批次",
    noun="批",
    key_column="title",
    columns=[
        of(DisposalLot.title, link="fleet:lot", required=False, max_length=200),
        of(DisposalLot.state, title="状态", widget="fleet/cells/lot_state.html"),
        of(DisposalLot.method, required=False),
        of(DisposalLot.held_on),
        of(DisposalLot.agent, fold=1, sort="", max_length=200),
        Column(name="cars", title="车辆", unit="辆", kind=Kind.INTEGER, sort="cars"),
        Column(
            name="sum",
            title="各车成交之和",
            unit="元",
            kind=Kind.DECIMAL,
            value=money("sum_fen"),
            sort="sum_fen",
        ),
        Column(
            name="total",
            title="成交总额",
            unit="元",
            kind=Kind.DECIMAL,
            value=money("total_fen"),
            sort="total_fen",
        ),
        Column(
            name="paid",
            title="缴库",
            unit="元",
            kind=Kind.DECIMAL,
            value=money("paid_in_fen"),
            sort="paid_in_fen",
        ),
        Column(
            name="differs",
            title="核对",
            value=_differs,
            widget="fleet/cells/lot_differs.html",
        ),
    ],
    rows=reading.whole_lots,
    see=SEE,
    take=DEAL,
    filters=[
        Filter(name="method", title="处置方式", kind="choice", choices=DisposalMethod),
        Filter(name="held", title="举办日期", kind="dates", path="held_on"),
        Filter(name="words", title="名称、机构", kind="text", path="title,agent,document"),
    ],
    views=[
        View(key="all", title="全部"),
        View(key="open", title="办理中", condition=lambda _: Q(state=LotState.OPEN)),
        View(key="closed", title="已核销", condition=lambda _: Q(state=LotState.CLOSED)),
    ],
    order=("-held_on", "-pk"),
    order_name="held_on",
    order_down=True,
    place=355,
    url="fleet:lots_list",
    create_url="fleet:lot_new",
    create_label="新建批次",
    create_verb=DEAL,
)


# ── what comes to an end ─────────────────────────────────────────────────────────────────


def _warnings(car: Car) -> str:
    """What comes up for a car, in headlines; the rule has the last word."""
    today = timezone.localdate()
    found = reading.life_of(car, law_at(today), today).warnings
    return "；".join(finding.headline.rstrip("。") for finding in found)


def _years(car: Car) -> Decimal:
    days = (timezone.localdate() - car.registered_on).days
    return (Decimal(days) / Decimal("365.25")).quantize(Decimal("0.1"))


def _near(what: str) -> Any:
    def condition(at: datetime) -> Q:
        found: Q = getattr(reading.ends(law_at(at), timezone.localdate(at)), what)
        return found

    return condition


DUE = Register(
    key="fleet.due",
    title="车辆到期预警",
    noun="辆",
    key_column="plate",
    columns=[
        of(
            Car.plate,
            link="fleet:car",
            widget="fleet/cells/plate.html",
            required=False,
            max_length=200,
        ),
        Column(name="unit_name", title="使用单位", path="unit.shown", sort="unit__position"),
        of(Car.make, fold=1, required=False, max_length=200),
        Column(
            name="warnings",
            title="提醒",
            value=_warnings,
            widget="fleet/cells/due_warnings.html",
        ),
        of(Car.registered_on, required=False),
        Column(name="years", title="已使用", unit="年", kind=Kind.DECIMAL, value=_years, places=1),
        of(Car.odometer_km, title="里程表", heading="", unit="km"),
        of(Car.inspected_until),
        of(Car.use, fold=1, required=False),
    ],
    rows=reading.ending,
    see="fleet.car.see",
    take="fleet.car.enter",
    filters=[
        Filter(name="use", title="车辆类别", kind="choice", choices=Use),
        Filter(name="unit", title="使用单位", kind="unit", path="unit"),
        Filter(name="words", title="号牌、型号", kind="text", path="plate,make,vin"),
        Filter(name="registered", title="登记日期", kind="dates", path="registered_on", more=True),
        Filter(name="keeping", title="管理方式", kind="choice", choices=Keeping, more=True),
    ],
    views=[
        View(key="near", title="全部到期", condition=_near("any")),
        View(key="inspection", title="检验到期", condition=_near("inspection")),
        View(key="years", title="报废年限", condition=_near("years")),
        View(key="kilometres", title="引导里程", condition=_near("kilometres")),
        View(key="renewal", title="更新年限", condition=_near("renewal")),
        View(key="all", title="全部车辆"),
    ],
    order=("registered_on", "plate"),
    order_name="registered_on",
    place=356,
    url="fleet:due_list",
)
