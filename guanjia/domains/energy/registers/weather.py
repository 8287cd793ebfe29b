"""逐月度日: how cold and hot the months were, for baselines."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db.models import Count
from django.utils import timezone

from guanjia.domains.energy.actions import weather as actions
from guanjia.domains.energy.models import DegreeDays
from guanjia.domains.energy.models.weather import DEGREE_DAYS_MAX
from guanjia.domains.energy.queries import weather as queries
from guanjia.kernel.registers.declaration import (
    Checked,
    Column,
    Entry,
    Filter,
    ImportRow,
    Kind,
    Register,
    View,
    Written,
)
from guanjia.kernel.registers.fields import field_of, of, title_of
from guanjia.kernel.values.actor import Actor


def _check(rows: Sequence[ImportRow], _: Actor) -> Checked:
    this_month = timezone.localdate().replace(day=1)
    return Checked(
        errors=[
            WEATHER.fault(row, "month", "in_the_future", "这个月还没有过完")
            for row in rows
            if row.values["month"] >= this_month
        ]
    )


def _write(*, actor: Actor, rows: Sequence[ImportRow], at: datetime) -> Written:
    facts = [dict(row.values) for row in rows]
    return Written.of(actions.enter_degree_days(actor=actor, rows=facts, at=at))


def _degree_days(field: Any, example: str) -> Column:
    return of(
        field,
        title=title_of(field_of(field)),
        heading="",
        unit="℃·d",
        minimum=0,
        maximum=DEGREE_DAYS_MAX,
        example=example,
    )


WEATHER = Register(
    key="energy.weather",
    title="逐月度日",
    noun="个月",
    key_column="month",
    columns=[
        of(DegreeDays.month, kind=Kind.MONTH, duplicate_code="month_duplicate", example="2020-05"),
        _degree_days(DegreeDays.heating, "312.5"),
        _degree_days(DegreeDays.cooling, "0"),
        of(DegreeDays.source, example="市气象局逐日平均气温，采暖18℃、制冷26℃"),
    ],
    rows=queries.listed,
    see=queries.SEE,
    take=actions.ENTER,
    filters=[
        Filter(name="month", title="月份", kind="dates", path="month"),
        Filter(name="words", title="来源", kind="text", path="source"),
    ],
    views=[View(key="all", title="全部")],
    totals={"months": Count("pk")},
    order=("-month",),
    order_name="month",
    order_down=True,
    check_rows=_check,
    write_rows=_write,
    place=605,
    url="energy:weather_list",
    entry=Entry(label="登记度日"),
)  # fmt: skip
