"""The figures (指标) of the department."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from guanjia.domains.space.queries import allocations, rounds
from guanjia.domains.space.terms.allocations import AllocationMethod, Standing
from guanjia.kernel.figures.declaration import figure
from guanjia.kernel.values.actor import Scope
from guanjia.kernel.values.period import Period

# ── rounds (巡检) ────────────────────────────────────────────────────────────────────────


def _inspected(period: Period) -> Mapping[str, str]:
    """The filters of the register of inspections that show just the rows behind a figure."""
    return {
        "view": "all",
        "on_from": f"{period.start:%Y-%m-%d}",
        "on_to": f"{period.last:%Y-%m-%d}",
    }


@figure(
    "space.inspection_start",
    title="办公用房专项巡检开始",
    unit="",
    meaning="时段内巡检记录的最早检查日期",
    rows=rounds.of_period,
    register="space.inspections",
    opens=_inspected,
)
def inspection_start(*, scope: Scope, period: Period) -> date | None:
    """The first day on which a unit was inspected."""
    return rounds.first_and_last(scope=scope, period=period)[0]


@figure(
    "space.inspection_end",
    title="办公用房专项巡检结束",
    unit="",
    meaning="时段内巡检记录的最晚检查日期",
    rows=rounds.of_period,
    register="space.inspections",
    opens=_inspected,
)
def inspection_end(*, scope: Scope, period: Period) -> date | None:
    """The last day on which a unit was inspected."""
    return rounds.first_and_last(scope=scope, period=period)[1]


ROUNDS = (inspection_start, inspection_end)


# ── allocations (调配) ───────────────────────────────────────────────────────────────────


def _reallocated(period: Period) -> Mapping[str, str]:
    """The filters of the register of allocations that show just the rows behind a figure."""
    return {
        "view": "all",
        "way": AllocationMethod.REALLOCATE.value,
        "standing": Standing.COUNTS.value,
        "approved_from": f"{period.start:%Y-%m-%d}",
        "approved_to": f"{period.last:%Y-%m-%d}",
    }


@figure(
    "space.reallocated_units",
    title="调剂办公用房的单位",
    unit="家",
    meaning="调配方式为调剂、批准日期在时段内、有凭证的调配所涉单位，一家只计一次；已取消的不计，借用不计",
    rows=allocations.reallocated,
    register="space.allocations",
    opens=_reallocated,
)
def reallocated_units(*, scope: Scope, period: Period) -> int:
    """How many units were given offices by 调剂; a unit that was given twice counts once."""
    rows = allocations.reallocated(scope=scope, period=period)
    return rows.order_by().values("unit").distinct().count()


@figure(
    "space.reallocated_area",
    title="调剂办公用房面积",
    unit="平方米",
    meaning="上述调配的建筑面积之和；没有登记建筑面积的不计",
    rows=allocations.reallocated,
    register="space.allocations",
    opens=_reallocated,
)
def reallocated_area(*, scope: Scope, period: Period) -> Decimal:
    """The 建筑面积 that was given by 调剂, in ㎡."""
    return allocations.gross_m2(allocations.reallocated(scope=scope, period=period))


ALLOCATIONS = (reallocated_units, reallocated_area)
