"""The driver's page (出车任务): one journey at a time, on a phone."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import quote
from uuid import uuid4

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.views.decorators.http import require_POST

from guanjia.domains.fleet.actions import journeys
from guanjia.domains.fleet.models import Trip
from guanjia.domains.fleet.pages import lanes
from guanjia.domains.fleet.queries import means, sheets
from guanjia.domains.fleet.terms.trips import Reading, TripState
from guanjia.kernel.regulations.lawbook import law_at
from guanjia.kernel.regulations.verdict import Finding, Refused
from guanjia.ui import pages
from guanjia.ui.forms import first_fault
from guanjia.ui.pages import PageRequest, needs

DRIVE = "fleet.trip.drive"
_DIGITS_MAX = 12
NEXT_SHOWN = 5
_KM_MAX = 3_000_000
_NUMBER = {
    "required": "没有填里程表读数。",
    "invalid": "只填数字，如 59251。",
    "min_value": "不小于 0。",
    "max_value": "里程表读数最多 3,000,000 公里。",
}


class Moment(forms.Field):
    """When it was pressed: kept by the phone while there was no net; unreadable counts as now."""

    def to_python(self, value: Any) -> datetime | None:
        """Read an ISO instant with its zone."""
        try:
            found = parse_datetime(str(value or ""))
        except ValueError:
            return None
        return found if found is not None and timezone.is_aware(found) else None


class Depart(forms.Form):
    """Going out: the reading, and when."""

    km = forms.IntegerField(
        label="出车里程", min_value=0, max_value=_KM_MAX, error_messages=_NUMBER
    )
    occurred_at = Moment(required=False)


def _money(label: str) -> forms.DecimalField:
    return forms.DecimalField(
        label=label,
        required=False,
        min_value=Decimal(0),
        max_value=Decimal(100_000),
        decimal_places=2,
        error_messages={
            "invalid": f"{label}写成 10 或 10.50。",
            "min_value": f"{label}不小于 0。",
            "max_value": f"{label}最多 100,000。",
            "max_decimal_places": f"{label}最多两位小数。",
        },
    )


class Finish(Depart):
    """Coming back: the reading, when, and what the way cost in yuan and litres."""

    toll = _money("过路费")
    parking = _money("停车费")
    fuel_l = _money("加油")
    fuel = _money("加油费")

    def costs(self) -> dict[str, Any]:
        """What ``finish_trip`` takes, money in fen."""
        given = self.cleaned_data
        fen = {
            name: None if given[name] is None else int(given[name] * 100)
            for name in ("toll", "parking", "fuel")
        }
        return {
            "toll_fen": fen["toll"], "parking_fen": fen["parking"], "fuel_fen": fen["fuel"],
            "fuel_l": given["fuel_l"],
        }  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Task:
    """The journey in front, what it begins from, and what comes after."""

    trip: Trip | None
    last: Reading | None
    phone: str
    late: bool
    others: list[Trip]
    sharers: list[Trip] = field(default_factory=list)
    gone: timedelta | None = None
    costs: list[dict[str, str]] = field(default_factory=list)


@needs(DRIVE)
def drive(request: PageRequest) -> HttpResponse:
    """Today's task of the driver who looks; another of theirs with ``?trip=``."""
    wanted = request.GET.get("trip", "")
    return _page(request, wanted, at=timezone.now())


def _page(
    request: PageRequest,
    wanted: str,
    *,
    at: datetime,
    form: forms.Form | None = None,
    findings: tuple[Finding, ...] = (),
    status: int = 200,
) -> HttpResponse:
    task = _task(request.actor.person_id or -1, wanted, form, at)
    context = {
        "task": task,
        "trip": task.trip,
        "at": at,
        "today": lanes.day_of(at),
        "form": form,
        "findings": findings,
        "key": uuid4(),
        "long_km": law_at(at)["fleet.trip.km_doubt"].value,
    }
    return pages.render(request, "fleet/drive.html", context, status=status)


_COSTS = (
    ("toll", "过路费", "元", "0"), ("parking", "停车费", "元", "0"),
    ("fuel_l", "加油", "升", "未加"), ("fuel", "加油费", "元", "未加"),
)  # fmt: skip


def _costs(form: forms.Form | None) -> list[dict[str, str]]:
    """The boxes for costs with what was typed; an empty one says what empty means."""
    given = form if isinstance(form, Finish) else None
    return [
        {
            "name": name,
            "title": title,
            "unit": unit,
            "none": none,
            "value": str(given[name].value() or "") if given else "",
            "fault": str((given.errors.get(name) or [""])[0]) if given else "",
        }
        for name, title, unit, none in _COSTS
    ]


def _task(person_id: int, wanted: str, form: forms.Form | None, at: datetime) -> Task:
    """The one that is out comes first, then the next to go; what is back waits no more."""
    rows = list(sheets.driving(person_id=person_id, day=lanes.day_of(at)))
    todo = [trip for trip in rows if trip.state != TripState.FINISHED]
    todo.sort(key=lambda trip: (trip.state != TripState.OUT, trip.planned_from))
    number = int(wanted) if wanted.isdecimal() and len(wanted) <= _DIGITS_MAX else 0
    trip = next((trip for trip in todo if trip.pk == number), todo[0] if todo else None)
    if trip is None:
        return Task(trip=None, last=None, phone="", late=False, others=rows)
    last = (
        means.reading_before(car_id=trip.car_id, at=at, without=trip.pk)
        if trip.car_id and trip.state == TripState.DISPATCHED
        else None
    )
    phone = trip.rider_mobile or (trip.rider.mobile if trip.rider else "")
    others = [other for other in todo if other.pk != trip.pk][:NEXT_SHOWN]
    others += [other for other in rows if other.state == TripState.FINISHED]
    return Task(
        trip=trip,
        last=last,
        phone=phone,
        late=lanes.is_late(trip, at),
        others=others,
        sharers=list(trip.sharers.exclude(state=TripState.CANCELLED).select_related("unit")),
        gone=at - trip.went_at if trip.went_at else None,
        costs=_costs(form),
    )


@needs(DRIVE)
@require_POST
def depart(request: PageRequest, trip_id: int) -> HttpResponse:
    """Go out (出车) with the reading of the odometer."""
    form = Depart(request.POST)

    def doing(at: datetime) -> str:
        trip = journeys.depart_trip(
            actor=request.actor, trip_id=trip_id, start_km=form.cleaned_data["km"],
            went_at=_pressed(form, at), at=at,
        )  # fmt: skip
        return f"{trip.car} 已出车，{trip.start_km:,} 公里"

    return _act(request, trip_id, form, doing)


@needs(DRIVE)
@require_POST
def finish(request: PageRequest, trip_id: int) -> HttpResponse:
    """Come back (收车) with the reading and the costs."""
    form = Finish(request.POST)

    def doing(at: datetime) -> str:
        trip = journeys.finish_trip(
            actor=request.actor, trip_id=trip_id, end_km=form.cleaned_data["km"],
            back_at=_pressed(form, at), **form.costs(), at=at,
        )  # fmt: skip
        return f"{trip.car} 已收车，本次行驶 {driven(trip):,} 公里"

    return _act(request, trip_id, form, doing)


def driven(trip: Trip) -> int:
    """The kilometres of a journey that has both readings."""
    return (trip.end_km or 0) - (trip.start_km or 0)


def _pressed(form: forms.Form, at: datetime) -> datetime:
    """When the button was pressed; never later than now, whatever the phone's clock says."""
    return min(form.cleaned_data.get("occurred_at") or at, at)


def _act(
    request: PageRequest, trip_id: int, form: forms.Form, doing: Callable[[datetime], str]
) -> HttpResponse:
    sheets.trip(scope=request.scope, trip_id=trip_id)  # outside the scope: 404
    at = timezone.now()
    if not form.is_valid():
        _, sentence = first_fault(form)
        return _refused(request, trip_id, at, form, sentence)
    try:
        sentence = doing(at)
    except Refused as refused:
        return _refused(request, trip_id, at, form, str(refused), findings=refused.findings)
    pages.flash(request, sentence)
    return pages.to("fleet:drive")


def _refused(
    request: HttpRequest,
    trip_id: int,
    at: datetime,
    form: forms.Form,
    sentence: str,
    *,
    findings: tuple[Finding, ...] = (),
) -> HttpResponse:
    response = _page(request, str(trip_id), at=at, form=form, findings=findings, status=422)  # type: ignore[arg-type]  # entered by needs
    # What was kept without a net and is refused later is told beside the task.
    response["X-Guanjia-Sentence"] = quote(sentence)
    return response
