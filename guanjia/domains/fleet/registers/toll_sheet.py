"""ETC 对账单: the toll road's monthly sheet, taken in as it is."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from guanjia.domains.fleet.actions import sheets as actions
from guanjia.domains.fleet.models import Cost
from guanjia.domains.fleet.queries import costs as queries
from guanjia.domains.fleet.registers import costs as common
from guanjia.domains.fleet.registers import fuel_sheet as sheets
from guanjia.domains.fleet.registers.cars import upper
from guanjia.domains.fleet.terms.costs import CostSource, Tripped
from guanjia.kernel.registers.declaration import (
    Checked,
    Column,
    Filter,
    ImportRow,
    Kind,
    Register,
    View,
    Written,
)
from guanjia.kernel.registers.fields import of
from guanjia.kernel.values.actor import Actor, Scope

_FEN = Decimal(100)


def rows(scope: Scope) -> Any:
    """The passages inside the scope."""
    return queries.sheet(scope, CostSource.ETC_SHEET)


def _check(rows: Sequence[ImportRow], actor: Actor) -> Checked:
    errors = sheets.whose(TOLL_SHEET, rows, actor)
    for row in rows:
        entry, left = row.values["entry_at"], row.values["spent_at"]
        if entry is not None and entry >= left:
            errors.append(
                TOLL_SHEET.fault(row, "entry_at", "ends_before_it_begins", "入口时间不早于出口时间")
            )
    return Checked(errors=errors)


def _write(*, actor: Actor, rows: Sequence[ImportRow], at: datetime) -> Written:
    cars = sheets.cars_of(rows)
    facts = [
        {
            "source_no": row.values["number"],
            "car": cars[row.number],
            "spent_at": row.values["spent_at"],
            "amount_fen": int(row.values["amount"] * _FEN),
            "place": row.values["place"],
            "card_number": row.values["card_number"],
            "entry_place": row.values["entry_place"],
            "entry_at": row.values["entry_at"],
        }
        for row in rows
    ]
    return Written.of(actions.take_toll_sheet(actor=actor, rows=facts, at=at))


def _detail(name: str) -> Any:
    def value(cost: Cost) -> Any:
        return getattr(cost.toll, name)

    return value


TOLL_SHEET = Register(
    key="fleet.toll_sheet",
    title="ETC 对账单",
    noun="笔",
    key_column="number",
    columns=[
        of(Cost.spent_at, title="出口时间", required=True, link="fleet:cost"),
        common.car_column(),
        Column(
            name="card_number",
            title="ETC卡号",
            max_length=30,
            clean=upper,
            value=_detail("card_number"),
            fold=1,
        ),
        Column(name="entry_place", title="入口站", max_length=60, value=_detail("entry_place")),
        Column(
            name="entry_at",
            title="入口时间",
            kind=Kind.DATETIME,
            value=_detail("entry_at"),
            fold=1,
            sort="toll__entry_at",
        ),
        of(Cost.place, title="出口站", required=True, max_length=60),
        common.amount_column(),
        sheets.trip_column(),
        sheets.state_column(),
        of(
            Cost.source_no,
            name="number",
            path="source_no",
            required=True,
            unique=True,
            clean=upper,
            fold=1,
            duplicate_code="number_duplicate",
            sort="",
        ),
    ],
    rows=rows,
    see="fleet.cost.see",
    take="fleet.cost.judge",
    filters=[
        Filter(name="spent", title="通行日期", kind="dates", path="spent_on"),
        Filter(
            name="tripped", title="派车单", kind="choice", choices=Tripped, apply=common.tripped
        ),
        Filter(name="unit", title="承担单位", kind="unit", path="unit"),
        Filter(name="words", title="号牌、流水、站名", kind="text", apply=common.with_words),
    ],
    views=[
        View(key="all", title="全部", count=False),
        View(key="doubts", title="待说明", condition=common.doubtful),
    ],
    totals={"amount": common.sum_yuan()},
    order=("-spent_at", "-pk"),
    order_name="spent_at",
    order_down=True,
    check_rows=_check,
    write_rows=_write,
    place=370,
    url="fleet:toll_sheet_list",
)
