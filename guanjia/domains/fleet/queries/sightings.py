"""Reading where cars were seen; the first argument says where one may look."""

from datetime import timedelta

from guanjia.domains.fleet.models import Sighting, Sightings, Trip
from guanjia.kernel.values.actor import Scope

_NEAR = timedelta(minutes=30)


def sightings(scope: Scope) -> Sightings:
    """The sightings of cars inside the scope with what their list shows."""
    rows: Sightings = Sighting.objects.within(scope).select_related("car__unit")
    return rows


def sighting(*, scope: Scope, sighting_id: int) -> Sighting:
    """One sighting; raises ``Sighting.DoesNotExist`` outside the scope."""
    found: Sighting = sightings(scope).select_related("told_by__unit").get(pk=sighting_id)
    return found


def trip_at(seen: Sighting) -> Trip | None:
    """The journey that was under way then, or began or ended within half an hour of it."""
    running = Trip.objects.filter(car_id=seen.car_id, shares=None, ran__contains=seen.at)
    near = Trip.objects.filter(
        car_id=seen.car_id, shares=None, ran__overlap=(seen.at - _NEAR, seen.at + _NEAR)
    )
    found: Trip | None = running.first() or near.order_by("went_at").first()
    return found
