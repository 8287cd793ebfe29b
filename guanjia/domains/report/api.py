"""The report and its figures over the API."""

from datetime import date
from decimal import Decimal
from typing import Any

from ninja import Router, Schema
from pydantic import Field

from guanjia.domains.report import queries
from guanjia.kernel.figures import catalogue
from guanjia.kernel.regulations.verdict import Refused, refuse
from guanjia.kernel.values.period import Period, PeriodUnreadable
from guanjia.ui.pages import needs

router = Router(tags=["工作报告"])


class FigureOut(Schema):
    """A figure as it is declared."""

    key: str
    title: str
    unit: str
    meaning: str = Field(description="口径")


class ReadingOut(FigureOut):
    """A figure read for one period; both days belong to it."""

    value: Decimal | date | None = Field(description="数，或日期")
    first: str = Field(description="起始日")
    last: str = Field(description="截止日")
    rows: str = Field(description="打开这些行的筛选条件")


def period_of(text: str) -> Period:
    """The period of a parameter; a text that names none is refused with the accepted forms."""
    try:
        return Period.parse(text)
    except PeriodUnreadable as fault:
        refusal = refuse("period_unreadable", "没有读：", str(fault), field="period")
        raise Refused(refusal.refusals) from fault


@router.get("/report", summary="工作报告的指标")
@needs("report.see")
def report(request: Any, period: str) -> dict[str, Any]:
    """Every figure the report prints, for one period: ``2020-H1``, ``2020-05``."""
    return queries.report(scope=request.scope, period=period_of(period))


@router.get("/figures", response=list[FigureOut], summary="指标目录")
@needs("report.see")
def figures(request: Any) -> list[Any]:  # noqa: ARG001 — the door reads it
    """Every figure there is, with its meaning (口径)."""
    return catalogue.all_figures()


@router.get("/figures/{key}", response=ReadingOut, summary="一个指标")
@needs("report.see")
def figure(request: Any, key: str, period: str) -> dict[str, Any]:
    """One figure for one period, within the caller's scope."""
    found = queries.figure(key)
    reading = catalogue.evaluate(found, scope=request.scope, period=period_of(period))
    return {
        "key": found.key,
        "title": found.title,
        "unit": found.unit,
        "meaning": found.meaning,
        "value": reading.value,
        "first": reading.period.start.isoformat(),
        "last": reading.period.last.isoformat(),
        "rows": reading.query,
    }
