"""行车线索: telling one on a phone, and the page of one."""

from collections.abc import Sequence
from datetime import datetime

from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone

from guanjia.domains.fleet.actions import sightings as actions
from guanjia.domains.fleet.forms import oversight as forms
from guanjia.domains.fleet.models import Car, GroundRow, Sighting
from guanjia.domains.fleet.queries import archive, places, sightings
from guanjia.domains.fleet.queries import oversight as queries
from guanjia.domains.fleet.terms.sightings import SightingSource
from guanjia.kernel.regulations.verdict import Finding, Refused, refuse
from guanjia.ui import pages
from guanjia.ui.pages import PageRequest, needs

SEE, FIND = "fleet.oversight.see", "fleet.oversight.find"
_REFUSED = 422


@needs(FIND)
def tell_sighting(request: PageRequest) -> HttpResponse:
    """登记线索: which car, when, where, who tells."""
    now = timezone.localtime()
    first = {"seen_at": now.strftime("%Y-%m-%d %H:%M"), "plate": request.GET.get("plate", "")}
    form = forms.Sighted(request.POST or None, initial=first)
    findings: Sequence[Finding] = ()
    if request.method == "POST" and form.is_valid():
        try:
            told = _tell(request, form, timezone.now())
        except Refused as refused:
            findings = refused.findings
        else:
            pages.flash(request, f"已登记 {told.car} 的线索，今晚核查")
            return pages.to("fleet:sighting", told.pk)
    status = _REFUSED if request.method == "POST" else 200
    context = {
        "form": form,
        "findings": findings,
        "cars": archive.cars(request.scope).values_list("plate", "make").order_by("plate"),
        "places": places.places(request.scope).values_list("name", flat=True),
    }
    return pages.render(request, "fleet/tell_sighting.html", context, status=status)


def _tell(request: PageRequest, form: forms.Sighted, at: datetime) -> Sighting:
    given = form.cleaned_data
    plate = given["plate"].upper().replace("·", "").replace(" ", "")
    car = archive.cars(request.scope).filter(plate=plate).first()
    if car is None:
        refuse(
            "car_unknown",
            f"车辆台账中没有 {plate}。",
            "核对号牌；不是本市公务用车的不登记。",
            field="plate",
        ).enforce()
        raise Car.DoesNotExist
    return actions.tell_sighting(
        actor=request.actor, car_id=car.pk, seen_at=given["seen_at"], place=given["place"],
        source=SightingSource(given["source"]), note=given["note"], at=at,
    )  # fmt: skip


@needs(SEE)
def sighting(request: PageRequest, sighting_id: int) -> HttpResponse:
    """One sighting, the journey that was under way then, and the findings it led to."""
    found = _visible(request, sighting_id)
    trip = sightings.trip_at(found)
    sees_trip = (
        trip is not None
        and request.actor.can("fleet.trip.see")
        and type(trip)
        .objects.within(request.actor.scope("fleet.trip.see"))
        .filter(pk=trip.pk)
        .exists()
    )
    context = {
        "seen": found,
        "area": found.area or places.area_of(found.place),
        "trip": trip,
        "trip_url": reverse("fleet:trip", args=[trip.pk]) if trip and sees_trip else "",
        "findings": queries.findings(request.scope).filter(pk__in=_named_in(sighting_id)),
        "may_list": sightings.sightings(request.scope).filter(pk=found.pk).exists(),
    }
    return pages.render(request, "fleet/sighting.html", context)


def _named_in(sighting_id: int) -> "list[int]":
    """The findings whose evidence names a sighting."""
    proof = [{"url_name": "fleet:sighting", "id": sighting_id}]
    return list(
        GroundRow.objects.filter(evidence__contains=proof).values_list("finding", flat=True)
    )


def _visible(request: PageRequest, sighting_id: int) -> Sighting:
    """A sighting in scope, or one that proves a finding in scope; else it does not exist."""
    try:
        return sightings.sighting(scope=request.scope, sighting_id=sighting_id)
    except Sighting.DoesNotExist:
        mine = queries.findings(request.scope).filter(pk__in=_named_in(sighting_id))
        if not mine.exists():
            raise
        row: Sighting = Sighting.objects.select_related("car__unit", "told_by__unit").get(
            pk=sighting_id
        )
        return row
