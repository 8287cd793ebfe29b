"""闲置用房处置利用登记, and what it brings: both write themselves from the acts."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import DecimalField, ExpressionWrapper, F, Q, Sum, Value
from django.utils import timezone

from guanjia.domains.space.models import Disposal, DisposalIncome
from guanjia.domains.space.queries import disposals as reading
from guanjia.domains.space.terms.disposals import (
    UNSENT,
    DisposalState,
    DisposalWay,
    IncomeState,
    Purpose,
)
from guanjia.kernel.registers.declaration import Column, Filter, Kind, Register, View
from guanjia.kernel.registers.fields import of
from guanjia.kernel.regulations.lawbook import law_at

_FEN = Decimal(100)


def yuan(name: str) -> Any:
    """The value of a column: a sum of money of the row, in yuan; ``None`` where there is none."""

    def value(row: Any) -> Decimal | None:
        fen = getattr(row, name)
        return None if fen is None else (Decimal(fen) / _FEN).quantize(Decimal("0.01"))

    return value


def sum_yuan(name: str) -> Any:
    """The total of a column of 分, in yuan."""
    return ExpressionWrapper(
        Sum(F(name)) / Value(_FEN), output_field=DecimalField(max_digits=16, decimal_places=2)
    )


def _is(*states: DisposalState) -> Any:
    return lambda _: Q(state__in=states)


def _ending(at: datetime) -> Q:
    """Leases and uses that end soon, or ended and were not taken back."""
    day = timezone.localdate(at)
    days = int(law_at(day)["space.disposal.remind_days"].value)
    return Q(state=DisposalState.RUNNING, last_on__lte=day + timedelta(days=days))


def _rooms(row: Any) -> tuple[str, ...]:
    return tuple(str(one.room) for one in row.given)


DISPOSALS = Register(
    key="space.disposals",
    title="闲置用房处置利用",
    noun="件",
    key_column="number",
    columns=[
        of(Disposal.number, link="space:disposal", max_length=200),
        of(Disposal.state, widget="ui/register/state.html", required=False),
        of(Disposal.way, required=False),
        of(Disposal.purpose, fold=1),
        Column(name="rooms", title="房间", value=_rooms, max_length=500),
        of(Disposal.usable_m2, unit="㎡", total="usable_m2", required=False),
        Column(name="user", title="使用方"),
        of(Disposal.carried_on),
        of(Disposal.last_on),
        Column(
            name="rent",
            title="月租金(元)",
            heading="月租金",
            unit="元",
            kind=Kind.DECIMAL,
            value=yuan("rent_fen"),
            sort="rent_fen",
            fold=1,
        ),
        Column(
            name="price",
            title="成交价(元)",
            heading="成交价",
            unit="元",
            kind=Kind.DECIMAL,
            value=yuan("price_fen"),
            sort="price_fen",
            fold=1,
            total="price",
        ),
        Column(
            name="valuation",
            title="评估价(元)",
            heading="评估价",
            unit="元",
            kind=Kind.DECIMAL,
            value=yuan("valuation_fen"),
            fold=2,
        ),
        of(Disposal.approved_on, fold=2),
        of(Disposal.document, fold=2, sort="", max_length=200),
        of(Disposal.paper, fold=2, sort="", max_length=200),
        of(Disposal.platform, fold=2, sort="", max_length=200),
        of(Disposal.reason, fold=2, required=False, sort=""),
    ],
    rows=reading.listed,
    see=reading.SEE,
    take=reading.DEAL,  # nobody takes it in
    filters=[
        Filter(name="way", title="方式", kind="choice", path="way", choices=DisposalWay),
        Filter(name="purpose", title="用途", kind="choice", path="purpose", choices=Purpose),
        Filter(name="state", title="状态", kind="choice", path="state", choices=DisposalState),
        Filter(name="carried", title="办理日期", kind="dates", path="carried_on"),
        Filter(
            name="words",
            title="单号、使用方、坐落",
            kind="text",
            path="number,party,place,to_unit__name,paper",
        ),
        Filter(name="unit", title="使用单位", kind="unit", path="to_unit", more=True),
    ],
    views=[
        View(key="all", title="全部"),
        View(key="unsent", title="待报批", condition=_is(*UNSENT)),
        View(key="pending", title="待审批", condition=_is(DisposalState.PENDING)),
        View(key="agreed", title="待办理", condition=_is(DisposalState.AGREED)),
        View(key="running", title="利用中", condition=_is(DisposalState.RUNNING)),
        View(key="ending", title="快到期", condition=_ending),
    ],
    totals={"usable_m2": Sum("usable_m2"), "price": sum_yuan("price_fen")},
    order=("-pk",),
    order_name="number",
    order_down=True,
    create_url="space:disposal_new",
    create_label="申请处置利用",
    create_verb="space.disposal.request",
    place=931,
    url="space:disposals_list",
)


def _late(at: datetime) -> Q:
    return reading.late_rows(timezone.localdate(at))


def _due(at: datetime) -> Q:
    return Q(state=IncomeState.DUE, from_on__lte=timezone.localdate(at))


def _of(state: IncomeState) -> Any:
    return lambda _: Q(state=state)


INCOMES = Register(
    key="space.incomes",
    title="处置利用收入",
    noun="笔",
    key_column="title",
    key_with=("number",),
    columns=[
        of(DisposalIncome.title, unique=True, link="space:income", max_length=200),
        of(
            Disposal.number,
            path="disposal.number",
            sort="disposal__number",
            required=False,
            unique=False,
            max_length=200,
        ),
        Column(name="user", title="付款方", path="disposal.user"),
        of(DisposalIncome.state, widget="ui/register/state.html", required=False),
        Column(
            name="due",
            title="应缴(元)",
            heading="应缴",
            unit="元",
            kind=Kind.DECIMAL,
            value=yuan("due_fen"),
            sort="due_fen",
            total="due",
        ),
        of(DisposalIncome.due_on, required=False),
        Column(
            name="paid",
            title="已缴(元)",
            heading="已缴",
            unit="元",
            kind=Kind.DECIMAL,
            value=yuan("paid_fen"),
            sort="paid_fen",
            total="paid",
        ),
        of(DisposalIncome.paid_on),
        of(DisposalIncome.receipt, max_length=200),
        of(DisposalIncome.note, fold=1, sort=""),
        of(DisposalIncome.from_on, fold=2, required=False),
    ],
    rows=reading.incomes,
    see=reading.SEE,
    take=reading.DEAL,  # nobody takes it in
    filters=[
        Filter(name="state", title="缴库", kind="choice", path="state", choices=IncomeState),
        Filter(name="due_on", title="缴库期限", kind="dates", path="due_on"),
        Filter(name="paid_on", title="缴库日期", kind="dates", path="paid_on"),
        Filter(
            name="words",
            title="单号、付款方、票据号",
            kind="text",
            path="disposal__number,disposal__party,receipt,title",
        ),
    ],
    views=[
        View(key="due", title="现在要缴", condition=_due),
        View(key="late", title="逾期未缴", condition=_late),
        View(key="paid", title="已缴库", condition=_of(IncomeState.PAID)),
        View(key="all", title="全部"),
    ],
    totals={"due": sum_yuan("due_fen"), "paid": sum_yuan("paid_fen")},
    order=("due_on", "pk"),
    order_name="due_on",
    place=932,
    url="space:incomes_list",
)
