"""The page of a trip (派车单) and the acts done from it."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from django import forms as django_forms
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from guanjia.domains.fleet.actions import dispatching, journeys
from guanjia.domains.fleet.actions import requests as actions
from guanjia.domains.fleet.forms import requests as request_forms
from guanjia.domains.fleet.models import Trip
from guanjia.domains.fleet.pages import holding, trip_view
from guanjia.domains.fleet.queries import archive, sheets
from guanjia.kernel.regulations.verdict import Finding, Refused
from guanjia.kernel.values.actor import Scope
from guanjia.ui import pages
from guanjia.ui.forms import NOT_DONE, checked
from guanjia.ui.pages import PageRequest, needs, needs_sign_in
from guanjia.ui.registers import addresses

SEE = "fleet.trip.see"
_REFUSED = 422

Read = dict[str, Any]  # the values of a small form
Doing = Callable[[Read, datetime], Any]


@needs_sign_in
def trip(request: PageRequest, trip_id: int) -> HttpResponse:
    """The whole trip for whoever may see it, with the acts this person may do.

    Without a duty too: whoever is to decide on it, was added or has a copy sees it.
    """
    return _page(request, trip_id, timezone.now())


@require_POST
@needs("fleet.trip.request")
def cancel(request: PageRequest, trip_id: int) -> HttpResponse:
    """取消, with the reason; by the applicant or a dispatcher."""

    def drop(form: Read, at: datetime) -> Any:
        return actions.cancel_trip(
            actor=request.actor, trip_id=trip_id, reason=form["reason"], at=at
        )

    return _act(request, trip_id, "已取消", request_forms.Reason, drop)


@require_POST
@needs("fleet.trip.dispatch")
def recall(request: PageRequest, trip_id: int) -> HttpResponse:
    """不派了: the request waits again."""

    def take_back(form: Read, at: datetime) -> Any:
        return dispatching.recall_trip(
            actor=request.actor, trip_id=trip_id, reason=form["reason"], at=at
        )

    return _act(request, trip_id, "已收回派车", request_forms.Reason, take_back)


@require_POST
@needs("fleet.trip.dispatch")
def replan(request: PageRequest, trip_id: int) -> HttpResponse:
    """改时间, as agreed with the rider."""

    def move(form: Read, at: datetime) -> Any:
        return dispatching.replan_trip(actor=request.actor, trip_id=trip_id, at=at, **form)

    return _act(request, trip_id, "已改时间", request_forms.Replan, move)


@require_POST
@needs("fleet.trip.request")
def rate(request: PageRequest, trip_id: int) -> HttpResponse:
    """评价, once."""

    def give(form: Read, at: datetime) -> Any:
        return actions.rate_trip(actor=request.actor, trip_id=trip_id, at=at, **form)

    return _act(request, trip_id, "已评价", request_forms.Rating, give)


@require_POST
@needs("fleet.trip.correct")
def correct(request: PageRequest, trip_id: int) -> HttpResponse:
    """更正里程: both readings fit between the neighbours, or the refusal names them."""

    def mend(form: Read, at: datetime) -> Any:
        return journeys.correct_odometer(actor=request.actor, trip_id=trip_id, at=at, **form)

    return _act(request, trip_id, "已更正里程", request_forms.Odometer, mend)


def _act(
    request: PageRequest, trip_id: int, done: str, kind: type[django_forms.Form], act: Doing
) -> HttpResponse:
    """Do it and come back to the trip with one line; a refusal is shown on the page."""
    at = timezone.now()
    try:
        act(checked(kind(request.POST), headline=NOT_DONE), at)
    except Refused as refused:
        return _page(request, trip_id, at, refused=refused.findings)
    trip = sheets.trip(scope=Scope.all(), trip_id=trip_id)
    then = holding.next_line(trip, on=timezone.localtime(at).date())
    pages.flash(request, f"{done}，{then}" if then else done)
    return pages.to("fleet:trip", trip_id)


def _links(request: PageRequest, trip: Trip) -> dict[str, str]:
    """Where the acts of other pages are done; ``""`` where this person may not go."""
    car = trip.carrier.car
    # A clerk sees the trips of their unit also in cars of others, whose archive they may not open.
    sees_car = (
        car is not None
        and request.actor.can("fleet.car.see")
        and archive.cars(request.actor.scope("fleet.car.see")).filter(pk=car.pk).exists()
    )
    sees_units = request.actor.can("org.unit.see")
    listed = reverse("fleet:trips_list") if request.actor.can(SEE) else ""
    board = addresses.maybe("fleet:board")
    return {
        "list_url": listed,
        "board_url": f"{board}?trip={trip.pk}" if board else "",
        "stand_in_url": f"{board}?peek={trip.pk}" if board else "",
        "drive_url": addresses.maybe("fleet:drive"),
        "unit_url": reverse("portal:unit", args=[trip.unit_id]) if sees_units else "",
        "car_url": reverse("fleet:car", args=[car.pk]) if car and sees_car else "",
    }


def _page(
    request: PageRequest, trip_id: int, at: datetime, *, refused: Iterable[Finding] = ()
) -> HttpResponse:
    """The page; after a refusal with its 依据 on top and what was typed kept."""
    actor = request.actor
    found = trip_view.visible(actor=actor, scope=actor.scope(SEE), trip_id=trip_id)
    context = trip_view.page(request=request, actor=actor, trip=found, at=at)
    context |= _links(request, found) | {
        "refused": tuple(refused),
        "typed": request.POST,
        "open": request.GET.get("act", ""),
        "stars": request_forms.STARS[::-1],
        "about": trip_view.about(found),
    }
    return pages.render(request, "fleet/trip.html", context, status=_REFUSED if refused else 200)
