"""The acts that start from the board: dispatch, change, share, depart, finish."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from guanjia.domains.fleet.actions import dispatching, journeys, requests
from guanjia.domains.fleet.pages import board, drive
from guanjia.domains.fleet.pages.look import Look, number
from guanjia.domains.fleet.queries import sheets
from guanjia.kernel.regulations.verdict import Refused
from guanjia.ui import formats, pages
from guanjia.ui.forms import NOT_DONE, checked
from guanjia.ui.pages import PageRequest, needs

DISPATCH = "fleet.trip.dispatch"


class Dispatch(forms.Form):
    """Which car, and which driver if not the usual one."""

    car = forms.IntegerField(min_value=1)
    driver = forms.IntegerField(min_value=1, required=False)


class Replan(forms.Form):
    """Another time for a journey."""

    begin = forms.DateTimeField()
    end = forms.DateTimeField()
    car = forms.IntegerField(min_value=1, required=False)


class Kilometres(forms.Form):
    """A reading of the odometer."""

    km = forms.IntegerField(
        min_value=0,
        max_value=3_000_000,
        error_messages={
            "required": "没有填里程表读数。",
            "invalid": "里程表读数写成 59251 这样的整数。",
            "min_value": "里程表读数不小于 0。",
            "max_value": "里程表读数最多 3,000,000 公里。",
        },
    )


def _kilometres(request: PageRequest) -> int:
    read: int = checked(Kilometres(request.POST), headline=NOT_DONE)["km"]
    return read


def _carried(request: HttpRequest) -> Look:
    """The board that an act was begun from."""
    return Look.read(QueryDict(request.POST.get("look") or request.GET.get("look", "")))


def _act(
    request: PageRequest, trip_id: int, doing: Callable[[datetime], str], *, stays: bool = False
) -> HttpResponse:
    """Do one act and show the board again: with the result, or with what was refused and why."""
    sheets.trip(scope=request.scope, trip_id=trip_id)  # outside the scope: 404
    look, at = _carried(request), timezone.now()
    try:
        sentence = doing(at)
    except Refused as refused:
        if look.peek_id != trip_id:
            tried = number(request.POST.get("car")) or look.car_id
            look = replace(look, trip_id=trip_id, car_id=tried)
        return board.show(request, look, at=at, findings=refused.findings, status=422)
    pages.flash(request, sentence)
    after = replace(look, peek_id=None) if stays else look.calm
    return HttpResponseRedirect(after.url())


@needs(DISPATCH)
@require_POST
def dispatch(request: PageRequest, trip_id: int) -> HttpResponse:
    """Send this car (派这辆); the usual driver unless one is named."""

    def doing(at: datetime) -> str:
        given = checked(Dispatch(request.POST), headline=NOT_DONE)
        trip = dispatching.dispatch_trip(
            actor=request.actor, trip_id=trip_id, car_id=given["car"],
            driver_id=given["driver"], at=at,
        )  # fmt: skip
        return f"已派 {trip.car}，{trip.driver}"

    return _act(request, trip_id, doing)


@needs(DISPATCH)
@require_POST
def dispatch_together(request: PageRequest) -> HttpResponse:
    """Send a car for each ticked request of the register (一并派车), or for none."""
    ids = [pk for pk in map(number, request.POST.getlist("ids")) if pk]
    try:
        trips = dispatching.dispatch_together(actor=request.actor, trip_ids=ids, at=timezone.now())
    except Refused as refused:
        pages.flash(request, str(refused), tone="stop")
    else:
        pairs = "；".join(f"{trip.car} {trip.driver}" for trip in trips)
        pages.flash(request, f"已派 {len(trips)} 单：{pairs}")
    return pages.back(request, f"{reverse('fleet:trips_list')}?view=waiting")


@needs(DISPATCH)
@require_POST
def recall(request: PageRequest, trip_id: int) -> HttpResponse:
    """Take a dispatch back (不派了)."""

    def doing(at: datetime) -> str:
        trip = dispatching.recall_trip(
            actor=request.actor, trip_id=trip_id, reason=_reason(request), at=at
        )
        return f"{trip.number} 不派了，回到待派车"

    return _act(request, trip_id, doing)


@needs(DISPATCH)
@require_POST
def replan(request: PageRequest, trip_id: int) -> HttpResponse:
    """Move a request to when the car is free; it stays chosen."""

    def doing(at: datetime) -> str:
        given = checked(Replan(request.POST), headline=NOT_DONE)
        trip = dispatching.replan_trip(
            actor=request.actor, trip_id=trip_id, planned_from=given["begin"],
            planned_to=given["end"], reason="按车辆空闲改时间", at=at,
        )  # fmt: skip
        return f"{trip.number} 改到 {formats.span(trip.planned_from, trip.planned_to)}"

    return _act(request, trip_id, doing, stays=True)


@needs(DISPATCH)
@require_POST
def share(request: PageRequest, trip_id: int) -> HttpResponse:
    """Let a request ride in the car of another (合乘)."""

    def doing(at: datetime) -> str:
        carrier_id = number(request.POST.get("carrier")) or 0
        trip = dispatching.share_trip(
            actor=request.actor, trip_id=trip_id, carrier_id=carrier_id, at=at
        )
        return f"已与 {trip.carrier.number} 合乘 {trip.carrier.car}"

    return _act(request, trip_id, doing)


@needs(DISPATCH)
@require_POST
def cancel(request: PageRequest, trip_id: int) -> HttpResponse:
    """Cancel a request with the reason."""

    def doing(at: datetime) -> str:
        trip = requests.cancel_trip(
            actor=request.actor, trip_id=trip_id, reason=_reason(request), at=at
        )
        return f"{trip.number} 已取消，等申请人看到原因"

    return _act(request, trip_id, doing)


@needs(DISPATCH)
@require_POST
def depart(request: PageRequest, trip_id: int) -> HttpResponse:
    """Let a car go on behalf of its driver (代办出车)."""

    def doing(at: datetime) -> str:
        trip = journeys.depart_trip(
            actor=request.actor, trip_id=trip_id, start_km=_kilometres(request), at=at
        )
        return f"{trip.car} 已出车"

    return _act(request, trip_id, doing)


@needs(DISPATCH)
@require_POST
def finish(request: PageRequest, trip_id: int) -> HttpResponse:
    """Take a car back on behalf of its driver (代办收车)."""

    def doing(at: datetime) -> str:
        trip = journeys.finish_trip(
            actor=request.actor, trip_id=trip_id, end_km=_kilometres(request), at=at
        )
        return f"{trip.car} 已收车，本次行驶 {drive.driven(trip):,} 公里"

    return _act(request, trip_id, doing)


def _reason(request: HttpRequest) -> str:
    return request.POST.get("reason", "")[:200]
