"""A car first, the papers later (应急先派): one short form for whoever answers the telephone."""

from datetime import datetime, timedelta
from typing import Any

from django import forms as django_forms
from django.http import HttpResponse
from django.utils import timezone

from guanjia.domains.fleet.actions import dispatching
from guanjia.domains.fleet.actions import requests as asking
from guanjia.domains.fleet.forms import requests as request_forms
from guanjia.domains.fleet.pages import beside, lanes
from guanjia.domains.fleet.pages.look import number
from guanjia.domains.fleet.queries import archive, means
from guanjia.domains.fleet.terms.trips import Purpose
from guanjia.kernel.calendar import queries as calendar
from guanjia.kernel.regulations.lawbook import law_at
from guanjia.kernel.regulations.verdict import Finding, Refused
from guanjia.ui import pages
from guanjia.ui.pages import PageRequest, needs

DISPATCH = "fleet.trip.dispatch"
_HOURS = ((1, "1 小时"), (2, "2 小时"), (4, "4 小时"), (8, "8 小时"), (12, "12 小时"))
_CARS_MAX = 60
PEOPLE_MAX = 80
HOUR = timedelta(hours=1)


class Urgent(request_forms.Request):
    """What is known on the telephone; it goes at once, and comes back in so many hours."""

    planned_from = None  # type: ignore[assignment]  # Django's way to leave a field out
    planned_to = None  # type: ignore[assignment]  # as above
    rest_day_reason = None  # type: ignore[assignment]  # as above
    wished_car = None  # type: ignore[assignment]  # as above
    files = None  # type: ignore[assignment]  # papers come with the papers
    hours = django_forms.TypedChoiceField(
        label="预计用时", choices=_HOURS, coerce=int, initial=2, widget=django_forms.RadioSelect,
        error_messages={"required": "没有选预计用时。", "invalid_choice": "从列出的时长中选一项。"},
    )  # fmt: skip
    urgent_reason = django_forms.CharField(
        label="应急原因", max_length=100,
        error_messages={"required": "没有写应急原因。", "max_length": "应急原因最多 100 个字。"},
    )  # fmt: skip
    chosen_car = django_forms.TypedChoiceField(
        label="车辆",
        coerce=int,
        error_messages={"required": "没有选车。", "invalid_choice": "这辆车不空了，另选一辆。"},
    )
    driver = django_forms.TypedChoiceField(
        label="驾驶员", coerce=int, required=False, empty_value=None,
        error_messages={"invalid_choice": "这名驾驶员不空了，另选一名。"},
    )  # fmt: skip

    def __init__(self, *args: Any, cars: Any, drivers: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        plates = [(car.pk, f"{car.plate}  {car.seats} 座") for car in cars]
        names = [(driver.pk, f"{driver.name}（{driver.licence}）") for driver in drivers]
        self.fields["chosen_car"].choices = [("", "选一辆空车"), *plates]  # type: ignore[attr-defined]  # a ChoiceField
        self.fields["driver"].choices = [("", "按车配驾驶员"), *names]  # type: ignore[attr-defined]  # as above
        self.fields["reason"].label = "事由"
        self.findings: tuple[Finding, ...] = ()

    def said(self, *, at: datetime) -> dict[str, Any]:
        """What ``dispatch_urgently`` takes as facts, the time from now on."""
        kept = self.cleaned_data
        names = ("rider_name", "rider_mobile", "reason", "origin", "destination", "passengers")
        return {name: kept[name] for name in names} | {
            "purpose": Purpose(kept["purpose"]),
            "unit_id": kept["unit"].pk,
            "rider_id": kept["rider_id"],
            "planned_from": at,
            "planned_to": at + HOUR * kept["hours"],
        }


@needs(DISPATCH)
def urgent(request: PageRequest) -> HttpResponse:
    """Send a car now; the unit owes the papers."""
    at = timezone.now()
    begin = at.replace(second=0, microsecond=0)
    form = Urgent(request.POST or None, **_choices(request, begin, at))
    if form.is_valid():
        try:
            trip = dispatching.dispatch_urgently(
                actor=request.actor,
                facts=form.said(at=begin),
                car_id=form.cleaned_data["chosen_car"],
                driver_id=form.cleaned_data["driver"], reason=form.cleaned_data["urgent_reason"],
                once=form.token, at=at,
            )  # fmt: skip
        except Refused as refused:
            form.findings = refused.findings
        else:
            pages.flash(request, f"已派 {trip.car}，{trip.driver}，{trip.unit}待补单")
            return pages.to("fleet:trip", trip.pk)
    due = calendar.add_workdays(lanes.day_of(at), int(law_at(at)["fleet.trip.paper_days"].value))
    context = {"form": form, "at": at, "due": due, "places": beside.places(request.actor)}
    status = 422 if form.is_bound else 200
    return pages.render(request, "fleet/urgent.html", context, status=status)


def _choices(request: PageRequest, begin: datetime, at: datetime) -> dict[str, Any]:
    """The units one may ask for, and what is free for that long; what was chosen stays offered.

    Whether it is still free, the action says, with who has it.
    """
    people = number(request.POST.get("passengers")) or 1
    hours = request.POST.get("hours", "")
    end = begin + HOUR * (int(hours) if hours in {str(n) for n, _ in _HOURS} else 2)
    free = means.free_cars(
        scope=request.scope, begin=begin, end=end, passengers=min(people, PEOPLE_MAX),
        unit_id=None, at=at,
    )[:_CARS_MAX]  # fmt: skip
    drivers = means.free_drivers(scope=request.scope, begin=begin, end=end, at=at)
    return {
        "cars": _with(free, archive.cars(request.scope), request.POST.get("chosen_car")),
        "drivers": _with(drivers, archive.drivers(request.scope), request.POST.get("driver")),
        "units": asking.askable_units(request.actor),
    }


def _with(free: Any, rows: Any, chosen: str | None) -> list[Any]:
    found = list(free)
    pk = number(chosen)
    if pk and all(row.pk != pk for row in found):
        found += rows.filter(pk=pk)
    return found
