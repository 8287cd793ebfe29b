"""工作日历: a year at a glance, and 调休 set by hand."""

import calendar as months
from datetime import MAXYEAR, date
from typing import Any

from django.http import HttpResponse, HttpResponseNotAllowed
from django.utils import timezone

from guanjia.kernel.calendar import actions, queries
from guanjia.kernel.calendar.terms import DayKind
from guanjia.kernel.regulations.verdict import Refused
from guanjia.portal import forms
from guanjia.ui import pages
from guanjia.ui.pages import PageRequest, needs, needs_sign_in

_FIRST_YEAR = 2000


@needs_sign_in
def calendar(request: PageRequest) -> HttpResponse:
    """A year of days with their kinds; whoever keeps the calendar also changes them here."""
    form = forms.SetDay(initial={"day": request.GET.get("day"), "kind": DayKind.WORKDAY})
    return _shown(request, form, _year(request.GET.get("year", "")))


def _year(text: str) -> int:
    year = int(text) if text.isdecimal() and len(text) <= len(str(MAXYEAR)) else 0
    return year if _FIRST_YEAR <= year < MAXYEAR else timezone.localdate().year


def _shown(request: PageRequest, form: forms.SetDay, year: int) -> HttpResponse:
    start, end = date(year, 1, 1), date(year + 1, 1, 1)
    found = queries.days(start, end)
    context = {
        "year": year,
        "months": [_month(year, month, found) for month in range(1, 13)],
        "unknown": not found[start].known,
        "works": sum(day.works for day in found.values()),
        "overrides": queries.overrides(start, end),
        "sets": request.actor.can("workdays.set"),
        "form": form,
        "today": timezone.localdate(),
    }
    return pages.render(request, "portal/calendar.html", context)


def _month(year: int, month: int, found: Any) -> dict[str, Any]:
    weeks = months.Calendar(firstweekday=0).monthdatescalendar(year, month)
    return {
        "title": f"{month}月",
        "weeks": [[found[d] if d.month == month else None for d in week] for week in weeks],
    }


@needs("workdays.set")
def set_day(request: PageRequest) -> HttpResponse:
    """Set the kind of a day, with its reason."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    form = forms.SetDay(request.POST)
    if form.is_valid():
        given = form.cleaned_data
        kind = DayKind(given["kind"])
        try:
            day = actions.set_day(
                actor=request.actor, day=given["day"], kind=kind, name=given["name"],
                reason=given["reason"], at=timezone.now(),
            )  # fmt: skip
        except Refused as refused:
            form.add_refusal(refused)
        else:
            pages.flash(request, f"{day.date:%Y-%m-%d} 已定为{day.label()}")
            return _back(day.date.year)
    day_given = form.cleaned_data.get("day")
    return _shown(request, form, day_given.year if day_given else timezone.localdate().year)


def _back(year: int) -> HttpResponse:
    answer = pages.to("portal:calendar")
    answer["Location"] += f"?year={year}"
    return answer


@needs("workdays.set")
def clear_day(request: PageRequest, day: date) -> HttpResponse:
    """Let the published calendar speak again."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    actions.clear_day(actor=request.actor, day=day, at=timezone.now())
    pages.flash(request, f"{day:%Y-%m-%d} 已恢复为公布的日历")
    return _back(day.year)
