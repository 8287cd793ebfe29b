"""The charts of 用车分析: values, and the rows that each opens."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django.urls import reverse

from guanjia.domains.fleet.pages import opening
from guanjia.domains.fleet.queries.dashboard import Part
from guanjia.domains.fleet.rules import dashboard as rules
from guanjia.domains.fleet.terms.cars import CarState, Use
from guanjia.domains.fleet.terms.costs import CostKind
from guanjia.kernel.regulations.lawbook import LawInForce
from guanjia.kernel.values.actor import Actor
from guanjia.kernel.values.period import Period
from guanjia.ui.charts import Chart, Line, Series

_WAN = 1_000_000  # 分 in a 万元
FIRST_HOUR, LAST_HOUR = 6, 22  # the strip shows these; what is earlier or later, where there is any
_SHADES = 5
# Classes that are few are drawn together: a chart has four series at most.
_CLASSES = (
    ("机要通信", (Use.CONFIDENTIAL,)),
    ("应急保障", (Use.EMERGENCY,)),
    ("其他公务", (Use.OTHER,)),
    ("执法、特种", (Use.LAW_ENFORCEMENT, Use.SPECIAL)),
)


def bands(names: Sequence[str], counts: Sequence[int], text: str) -> Chart:
    """How many cars are used how much."""
    here = reverse("fleet:dashboard_cars")
    urls = [f"{here}?period={text}&band={place}" for place in range(len(names))]
    return Chart(
        key="chart_bands", title="按使用率分档的车辆", unit="辆", noun="使用率",
        categories=list(names), series=[Series(name="车辆", values=list(counts), urls=urls)],
    )  # fmt: skip


def strip(found: Mapping[tuple[int, int], int], actor: Actor, period: Period) -> dict[str, Any]:
    """Weekday × hour: how many journeys were under way, in five shades; each cell opens them."""
    hours = sorted({*range(FIRST_HOUR, LAST_HOUR + 1), *(hour for _, hour in found)})
    most = max(found.values(), default=0)
    rows = [
        {
            "title": f"周{name}",
            "rest": day > 5,  # noqa: PLR2004 — Saturday and Sunday
            "cells": [
                _cell(found.get((day, hour), 0), most, rules.slot_of(day, hour), actor, period)
                for hour in hours
            ],
        }
        for day, name in enumerate(rules.WEEKDAYS, start=1)
    ]
    return {"hours": hours, "rows": rows if most else [], "most": most}


def _cell(count: int, most: int, slot: str, actor: Actor, period: Period) -> dict[str, Any]:
    return {
        "count": count,
        "slot": slot,
        "shade": -(-count * _SHADES // most) if count else 0,
        "url": opening.trips(actor, period, slot=slot) if count else "",
    }


def parts(key: str, noun: str, found: Sequence[Part], actor: Actor, period: Period) -> Chart:
    """Journeys by purpose, place or unit, lying bars, the most frequent on top."""
    return Chart(
        key=f"chart_{key}", title=f"各{noun}的出车", unit="辆次", noun=noun, flat=True,
        categories=[part.title for part in found],
        series=[
            Series(
                name="出车",
                values=[part.trips for part in found],
                urls=[opening.trips(actor, period, **{key: part.key}) for part in found],
            )
        ],
    )  # fmt: skip


def months(window: Period) -> Iterator[Period]:
    """The calendar months of a window."""
    start = window.start
    while start < window.end:
        month = Period.month_of(start)
        yield month
        start = month.end


def _month_title(month: Period, window: Period) -> str:
    first = month.start.month == 1 or month.start == window.start
    title = f"{month.start.month}月"
    return (
        f"{month.start.year}年{title}" if first and window.start.year != window.last.year else title
    )


def trips_by_month(found: Mapping[date, int], window: Period, actor: Actor) -> Chart:
    """Journeys by month."""
    every = list(months(window))
    return Chart(
        key="chart_months", title="每月出车", unit="辆次", noun="月份",
        categories=[_month_title(month, window) for month in every],
        series=[
            Series(
                name="出车",
                values=[found.get(month.start, 0) for month in every],
                urls=[opening.trips(actor, month) for month in every],
            )
        ],
    )  # fmt: skip


def _costs(actor: Actor, period: Period, **filters: str) -> str:
    return opening.rows(
        actor, "fleet.costs", state="COUNTED", **opening.days("spent", period), **filters
    )


def costs_by_kind(found: Mapping[str, int], actor: Actor, period: Period) -> Chart:
    """Costs by kind, the dearest on top."""
    kinds = sorted(found, key=lambda kind: -found[kind])
    return Chart(
        key="chart_kinds", title="各类费用", unit="万元", noun="费用类别", flat=True, places=2,
        categories=[CostKind(kind).label for kind in kinds],
        series=[
            Series(
                name="费用",
                values=[Decimal(found[kind]) / _WAN for kind in kinds],
                urls=[_costs(actor, period, kind=kind) for kind in kinds],
            )
        ],
    )  # fmt: skip


def top_kinds(found: Mapping[str, int], actor: Actor, period: Period) -> list[dict[str, Any]]:
    """The three dearest kinds, each with what opens it."""
    kinds = sorted(found, key=lambda kind: -found[kind])[:3]
    return [
        {"title": CostKind(kind).label, "fen": found[kind], "url": _costs(actor, period, kind=kind)}
        for kind in kinds
    ]


def costs_by_month(found: Mapping[date, int], window: Period, actor: Actor) -> Chart:
    """Costs by month."""
    every = list(months(window))
    return Chart(
        key="chart_cost_months", title="每月费用", unit="万元", noun="月份", places=2,
        categories=[_month_title(month, window) for month in every],
        series=[
            Series(
                name="费用",
                values=[Decimal(found.get(month.start, 0)) / _WAN for month in every],
                urls=[_costs(actor, month) for month in every],
            )
        ],
    )  # fmt: skip


def ages(
    found: Mapping[tuple[int, str], int], *, on: date, law: LawInForce, years: int, actor: Actor
) -> Chart:
    """Cars by full years since registration, classes on each other, with the line of the law."""
    oldest = int(law[rules.AGES].value)
    present = ",".join(state.value for state in CarState if state != CarState.DISPOSED)
    series = [
        Series(
            name=name,
            values=[sum(found.get((age, use), 0) for use in uses) for age in range(oldest + 1)],
            urls=[
                opening.rows(
                    actor, "fleet.cars", state=present, use=",".join(uses),
                    **_registered(age, oldest, on),
                )
                for age in range(oldest + 1)
            ],
        )
        for name, uses in _CLASSES
    ]  # fmt: skip
    titles = [f"{age} 年" if age else "不满 1 年" for age in range(oldest)]
    return Chart(
        key="chart_ages", title="车龄分布", unit="辆", noun="满几年", flat=True, stacked=True,
        categories=[*titles, f"{oldest} 年以上"],
        series=[each for each in series if any(each.values)] or series[:1],
        line=Line(before=years, title=f"满 {years} 年") if years <= oldest else None,
    )  # fmt: skip


def _registered(age: int, oldest: int, on: date) -> dict[str, str]:
    first, last = rules.registered_between(age, on)
    bounds = {"registered_to": f"{last}"}
    return bounds if age == oldest else bounds | {"registered_from": f"{first}"}
