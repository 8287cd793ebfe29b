"""What stands beside the request form: who acts next, what is alike, what the unit used."""

from collections import Counter, defaultdict
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from guanjia.domains.fleet import figures
from guanjia.domains.fleet.acts import trip_holders
from guanjia.domains.fleet.forms import requests as request_forms
from guanjia.domains.fleet.models import Car, Trip
from guanjia.domains.fleet.queries import sheets
from guanjia.domains.fleet.terms.cars import CarState, Keeping
from guanjia.kernel.org import queries as org
from guanjia.kernel.org.models import Unit
from guanjia.kernel.values.actor import Actor
from guanjia.kernel.values.period import Period
from guanjia.ui.approval.lines import Line

SEE = "fleet.trip.see"
_LOOK_BACK = 2000  # trips whose places are offered
_COMMON_UNITS = 3  # a place that so many units went to is common knowledge
_PLACES_MAX = 40


def home_of(actor: Actor) -> Unit | None:
    """The unit that answers for the person's section."""
    if actor.unit_id is None:
        return None
    return org.home_unit(Unit.objects.select_related("parent").get(pk=actor.unit_id))


def ahead(
    *, form: request_forms.Request, actor: Actor, at: datetime, trip: Trip | None = None
) -> list[Line]:
    """Who deals with the request once submitted; nothing while no unit is chosen."""
    kept = getattr(form, "cleaned_data", {})
    unit = kept.get("unit") or (form.units[0] if form.fixed_unit else None)
    if unit is None:
        return []
    return trip_holders.route_ahead(
        unit=unit,
        facts=_facts(form),
        rider=kept.get("rider_name") or str(form["rider_name"].value() or ""),
        at=at,
        applicant_id=actor.person_id,
        trip=trip,
    )


def _facts(form: request_forms.Request) -> dict[str, Any]:
    """What the route depends on, as far as the form tells it."""
    kept = getattr(form, "cleaned_data", {})
    told: dict[str, Any] = {"on_rest_day": form.on_rest_day, "urgent": False}
    told |= {name: kept[name] for name in ("purpose", "passengers") if kept.get(name)}
    if kept.get("planned_from") and kept.get("planned_to"):
        told["hours"] = round((kept["planned_to"] - kept["planned_from"]) / timedelta(hours=1), 1)
    return told


def alike(*, form: request_forms.Request, actor: Actor) -> dict[str, Any]:
    """Requests going the same way at the same time: rows inside the scope, and how many others."""
    facts = form.draft_facts() if form.is_bound else None
    if not facts or not facts["destination"]:
        return {}
    window = {
        "trip_from": facts["planned_from"],
        "trip_to": facts["planned_to"],
        "destination": facts["destination"],
    }
    seen = list(sheets.similar(scope=actor.scope(SEE), **window)[:3])
    city = sheets.similar(scope=actor.scope(SEE).all(), **window).count()
    return {"rows": seen, "others": max(0, city - len(seen))} if city else {}


def month(*, actor: Actor, at: datetime) -> dict[str, Any]:
    """What the unit (or oneself, where one sees no more) used this month; every number opens."""
    scope, home = actor.scope(SEE), home_of(actor)
    period = Period.month_of(timezone.localtime(at).date())
    rows = sheets.finished_trips(scope=scope, period=period)
    query = figures.trips.query(period)
    whole = bool(scope.everything or scope.paths or scope.unit_ids)
    if whole and home is not None:
        rows = rows.filter(unit__path__startswith=home.path)
        query += f"&unit={home.code}"
    return {
        "title": "本单位本月" if whole else "我的本月",
        "trips": rows.count(),
        "km": sheets.kilometres(rows),
        "url": f"{reverse('fleet:trips_list')}?{query}",
        "to_rate": sheets.to_rate(person_id=actor.person_id).count() if actor.person_id else 0,
    }


def places(actor: Actor) -> list[str]:
    """Places to offer: one's own, and those several units went to; the frequent first."""
    scope = actor.scope(SEE)
    mine = set(
        sheets.trips(scope).order_by("-pk").values_list("pk", flat=True)[:_LOOK_BACK]
        if not scope.nothing
        else ()
    )
    used: Counter[str] = Counter()
    units: dict[str, set[int]] = defaultdict(set)
    own: set[str] = set()
    recent = Trip.objects.order_by("-pk").values_list("pk", "unit_id", "origin", "destination")
    for pk, unit_id, origin, destination in recent[:_LOOK_BACK]:
        for place in (origin, destination):
            used[place] += 1
            units[place].add(unit_id)
            if pk in mine:
                own.add(place)
    known = [p for p, _ in used.most_common() if p in own or len(units[p]) >= _COMMON_UNITS]
    return known[:_PLACES_MAX]


def cars(actor: Actor) -> list[Car]:
    """The cars one may wish for: those in use kept for everybody, and one's own unit's."""
    home = home_of(actor)
    own = Q(unit__path__startswith=home.path) if home else Q(pk__in=[])
    return list(
        Car.objects.filter(state=CarState.IN_USE)
        .filter(Q(keeping=Keeping.CENTRAL) | own)
        .order_by("seats", "plate")
    )
