"""用车结算: the list of bills, read-only: they are drawn from trips."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db.models import DecimalField, ExpressionWrapper, Q, Sum, Value
from django.utils import timezone

from guanjia.domains.fleet.models import Bill
from guanjia.domains.fleet.queries import bills
from guanjia.domains.fleet.terms.bills import BillState
from guanjia.kernel.registers.declaration import Column, Filter, Kind, Register, View
from guanjia.kernel.registers.fields import of
from guanjia.kernel.values import money


def _late(at: datetime) -> Q:
    return Q(state=BillState.SENT, answer_due_on__lt=timezone.localdate(at))


def _in(state: BillState) -> Any:
    return lambda _: Q(state=state)


def _month(row: Any) -> date:
    found: date = row.month
    return found


BILLS = Register(
    key="fleet.bills",
    title="用车结算",
    noun="张",
    key_column="number",
    columns=[
        of(Bill.number, link="fleet:bill", required=False, max_length=200),
        of(Bill.state, widget="fleet/cells/bill_state.html"),
        Column(
            name="month",
            title="账期",
            value=lambda row: f"{_month(row):%Y-%m}",
            sort="month",
        ),
        Column(name="unit_name", title="用车单位", path="unit.shown", sort="unit__position"),
        Column(
            name="yuan",
            title="金额",
            unit="元",
            kind=Kind.DECIMAL,
            value=lambda row: money.in_yuan(row.seen_fen).quantize(Decimal("0.01")),
            sort="seen_fen",
            total="yuan",
        ),
        Column(
            name="lines",
            title="明细",
            unit="行",
            kind=Kind.INTEGER,
            path="seen_lines",
            sort="seen_lines",
            total="lines",
        ),
        Column(
            name="disputes",
            title="异议",
            unit="行",
            kind=Kind.INTEGER,
            value=lambda row: row.disputes or None,
            sort="disputes",
            total="disputes",
        ),
        of(Bill.sent_at, fold=1),
        of(Bill.answer_due_on),
        of(Bill.answered_at),
        of(Bill.closed_at, fold=1),
        of(Bill.paid_no, fold=2, max_length=200),
    ],
    rows=bills.bills,
    see=bills.SEE,
    take=bills.DRAW,
    filters=[
        Filter(name="month", title="账期", kind="dates", path="month"),
        Filter(name="state", title="状态", kind="choice", choices=BillState),
        Filter(name="unit", title="用车单位", kind="unit", path="unit"),
        Filter(name="words", title="账单号", kind="text", path="number"),
    ],
    views=[
        View(key="all", title="全部", count=False),
        View(key="draft", title="待发出", condition=_in(BillState.DRAFT)),
        View(key="sent", title="待答复", condition=_in(BillState.SENT)),
        View(key="late", title="逾期未答复", condition=_late),
        View(key="disputed", title="有异议", condition=_in(BillState.DISPUTED)),
        View(key="agreed", title="待结清", condition=_in(BillState.AGREED)),
        View(key="closed", title="已结清", condition=_in(BillState.CLOSED), count=False),
    ],
    totals={
        "lines": Sum("seen_lines"),
        "disputes": Sum("disputes"),
        "yuan": ExpressionWrapper(
            Sum("seen_fen") / Value(Decimal(money.FEN_PER_YUAN)),
            output_field=DecimalField(max_digits=16, decimal_places=2),
        ),
    },
    order=("-month", "unit__position", "unit__code"),
    order_name="month",
    order_down=True,
    url="fleet:bills_list",
    create_url="fleet:bill_draw",
    create_label="按月出账",
    create_verb=bills.DRAW,
    place=335,
)
