"""The report on screen: every number with its meaning, and the rows behind it one click away."""

from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone

from guanjia.domains.report import queries
from guanjia.kernel.figures import catalogue
from guanjia.kernel.figures.declaration import Figure
from guanjia.kernel.registers import catalogue as registers
from guanjia.kernel.values.actor import Actor
from guanjia.kernel.values.period import Period, PeriodUnreadable
from guanjia.ui import formats, pages
from guanjia.ui.pages import PageRequest, needs
from guanjia.ui.registers import addresses

_JULY = 7
_YEARS_BACK = 10


def usual_period(today: date) -> str:
    """The half-year that is reported on now: the running one."""
    return f"{today.year}-H{1 if today.month < _JULY else 2}"


def _period(request: HttpRequest) -> tuple[str, Period, str]:
    """The period of the address as text and value; a sentence when it cannot be read."""
    usual = usual_period(timezone.localdate())
    text = request.GET.get("period", "").strip() or usual
    try:
        return text, Period.parse(text), ""
    except PeriodUnreadable as fault:
        return usual, Period.parse(usual), str(fault)


def _rows_url(reading: catalogue.Reading, actor: Actor) -> str:
    """The list that shows just the rows behind a figure, if this person may open it."""
    register = registers.get(reading.figure.register)
    if register is None or not actor.can(register.see):
        return ""
    url = addresses.maybe(register.url)
    return f"{url}?{reading.query}" if url else ""


@needs("report.see")
def report(request: PageRequest) -> HttpResponse:
    """The figures of a period, as the report prints them."""
    text, period, fault = _period(request)
    lines = [
        {
            **_said(line.reading.figure),
            "text": line.text,
            "value": line.reading.value,
            "period": line.reading.period.label(),
            "rows_url": _rows_url(line.reading, request.actor),
            "figure_url": _figure_url(line.reading.figure.key, text),
        }
        for line in queries.lines(scope=request.scope, period=period)
    ]
    context = {"period": period, "text": text, "fault": fault, "lines": lines}
    return pages.render(request, "report/report.html", context | _switch(text))


def _said(figure: Figure) -> dict[str, str]:
    """What a template shows of a figure; the figure itself is a function to it."""
    return {"title": figure.title, "unit": figure.unit, "meaning": figure.meaning}


def _figure_url(key: str, text: str) -> str:
    return f"{reverse('report:figure', args=[key])}?period={text}"


def _switch(text: str) -> dict[str, Any]:
    """The periods to choose from: half-years of the chosen year, and the years."""
    today = timezone.localdate()
    year = text[:4] if text[:4].isdecimal() else str(today.year)
    halves = [
        {"title": title, "url": f"?period={value}", "current": value == text}
        for title, value in (
            ("上半年", f"{year}-H1"), ("下半年", f"{year}-H2"), ("全年", year),
        )
    ]  # fmt: skip
    years = range(today.year, today.year - _YEARS_BACK, -1)
    return {"halves": halves, "years": [str(each) for each in years], "year": year}


@needs("report.see")
def figure(request: PageRequest, key: str) -> HttpResponse:
    """One figure: its meaning, and its months within the period, each of which opens."""
    found = queries.figure(key)
    text, period, fault = _period(request)
    whole = catalogue.evaluate(found, scope=request.scope, period=period)
    months = [
        catalogue.evaluate(found, scope=request.scope, period=month) for month in _months(period)
    ]
    context = {
        **_said(found),
        "period": period,
        "text": text,
        "fault": fault,
        "value": formats.figure(whole.value),
        "rows_url": _rows_url(whole, request.actor),
        "months": [_month(each, request.actor) for each in months],
    }
    return pages.render(request, "report/figure.html", context | _switch(text))


def _month(reading: catalogue.Reading, actor: Actor) -> dict[str, Any]:
    return {
        "title": reading.period.label(),
        "value": reading.value,
        "url": _rows_url(reading, actor),
    }


_MONTHS_MAX = 12


def _months(period: Period) -> list[Period]:
    """The calendar months of a period, clipped to it; at most twelve."""
    found: list[Period] = []
    start = period.start
    while start < period.end and len(found) < _MONTHS_MAX:
        month = Period.month_of(start)
        found.append(Period(start, min(month.end, period.end)))
        start = month.end
    return found
