"""The page of a trip (派车单) and the acts done from it."""

from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone

from guanjia.domains.fleet.acts.trips import AFTER_APPROVAL, BEFORE_APPROVAL, RATE
from guanjia.domains.fleet.forms import requests as request_forms
from guanjia.domains.fleet.models import Trip
from guanjia.domains.fleet.pages import trip_view
from guanjia.domains.fleet.queries import archive
from guanjia.ui import pages
from guanjia.ui.pages import PageRequest, needs_sign_in
from guanjia.ui.registers import addresses

SEE = "fleet.trip.see"
_REFUSED = 422


@needs_sign_in
def trip(request: PageRequest, trip_id: int) -> HttpResponse:
    """The whole trip for whoever may see it, with the acts this person may do.

    Without a duty too: whoever is to decide on it, was added or has a copy sees it.
    """
    actor = request.actor
    found = trip_view.visible(actor=actor, scope=actor.scope(SEE), trip_id=trip_id)
    context = trip_view.page(request=request, actor=actor, trip=found, at=timezone.now())
    context |= _links(request, found) | {
        "row": found,
        "before": [act for act in BEFORE_APPROVAL if act.may(actor, found)],
        "after": [act for act in AFTER_APPROVAL if act.may(actor, found)],
        "may_rate": RATE.may(actor, found),
        "open": request.GET.get("act", ""),
        "stars": request_forms.STARS[::-1],
        "about": trip_view.about(found),
    }
    return pages.render(request, "fleet/trip.html", context)


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
