"""Asking for a car: the form, the live check, changing a request, papering an emergency."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from guanjia.domains.fleet.actions import requests as actions
from guanjia.domains.fleet.acts import trip_holders
from guanjia.domains.fleet.forms import requests as request_forms
from guanjia.domains.fleet.models import Trip
from guanjia.domains.fleet.pages import beside
from guanjia.domains.fleet.queries import means, sheets
from guanjia.domains.fleet.terms.trips import Purpose
from guanjia.kernel.attachments import queries as attachments
from guanjia.kernel.attachments.terms import ATTACHMENT
from guanjia.kernel.org import queries as org
from guanjia.kernel.org.models import Person, Unit
from guanjia.kernel.regulations.verdict import Finding, Option, Refused, Verdict
from guanjia.kernel.values.actor import Actor, Scope
from guanjia.ui import pages
from guanjia.ui.pages import PageRequest, needs

ASK = "fleet.trip.request"
_UNREADABLE = 422
_RIDERS_MAX = 8
_DIGITS_MAX = 12


@needs(ASK)
def request(request: PageRequest) -> HttpResponse:
    """The form for a new request; a refusal comes back in it with its 依据."""
    at, units = timezone.now(), actions.askable_units(request.actor)
    if request.method != "POST":
        copied = "copy" in request.GET
        initial = _first_values(request.actor, copied=copied)
        form = request_forms.Request(units=_offered(request.actor, units), initial=initial)
        return _form_page(request, form, at, fresh=copied)
    form = request_forms.Request(_chosen(request), units=_offered(request.actor, units))
    if form.is_valid() and "option" not in request.POST:
        try:
            trip = actions.request_trip(
                actor=request.actor, facts=form.facts(), files=form.cleaned_data["files"],
                once=form.token, at=at,
            )  # fmt: skip
        except Refused as refused:
            form.add_refusal(refused)
        else:
            return _to_trip(request, trip, "已提交", at)
    _judge(form, request.actor, at)
    return _form_page(request, form, at, status=_UNREADABLE)


@needs(ASK)
def change(request: PageRequest, trip_id: int) -> HttpResponse:
    """The same form for a request that has no car yet; it is approved anew."""
    at, trip = timezone.now(), sheets.trip(scope=request.scope, trip_id=trip_id)
    units = _offered(request.actor, actions.askable_units(request.actor), trip.unit)
    if request.method != "POST":
        form = request_forms.Request(
            units=units, initial=request_forms.initial_of(trip), changing=True
        )
        return _form_page(request, form, at, trip=trip, fresh=True)
    form = request_forms.Request(_chosen(request), units=units, changing=True)
    if form.is_valid() and "option" not in request.POST:
        try:
            comment = form.cleaned_data["comment"]
            actions.change_trip(
                actor=request.actor, trip_id=trip_id, facts=form.facts(),
                files=form.cleaned_data["files"], comment=comment, at=at,
            )  # fmt: skip
        except Refused as refused:
            form.add_refusal(refused)
        else:
            return _to_trip(request, trip, "已改并重新提交", at)
    _judge(form, request.actor, at)
    return _form_page(request, form, at, trip=trip, status=_UNREADABLE)


@needs(ASK)
def check(request: PageRequest) -> HttpResponse:
    """What the rules say of the form as it stands, for HTMX while it is being filled in."""
    at = timezone.now()
    units = _offered(request.actor, actions.askable_units(request.actor))
    form = request_forms.Request(_chosen(request), units=units)
    form.live = True
    form.is_valid()
    _judge(form, request.actor, at)
    return pages.render(
        request,
        "fleet/request_check.html",
        {"form": form} | _beside(request, form, at, _changed(request)),
    )


def _changed(request: PageRequest) -> Trip | None:
    """The request that is being changed, as the address of its form says."""
    told = request.GET.get("trip", "")
    if not (told.isascii() and told.isdigit() and len(told) <= _DIGITS_MAX):
        return None
    return sheets.trip(scope=request.scope, trip_id=int(told))


@needs(ASK)
def riders(request: PageRequest) -> HttpResponse:
    """People of the unit whose name, initials or number begin so; without words, who rode last."""
    units = actions.askable_units(request.actor)
    text, name = request.GET.get("rider_name", ""), request.GET.get("unit", "")
    named = request_forms.units_named(units, name)
    scope = Scope(paths=(named[0].path,)) if named else _reach(units, request.actor)
    if text.strip():
        found = org.find_people(scope=scope, text=text[:20], limit=_RIDERS_MAX)
    else:
        found = _rode_last(request.actor, scope)
    return pages.render(request, "fleet/request_riders.html", {"people": found, "text": text})


@needs("fleet.trip.paper")
def paper(request: PageRequest, trip_id: int) -> HttpResponse:
    """The papers of a trip that was dispatched in an emergency (补单)."""
    at, trip = timezone.now(), sheets.trip(scope=request.scope, trip_id=trip_id)
    form = request_forms.Papers(
        request.POST or None, initial=request_forms.initial_of(trip), label_suffix=""
    )
    if request.method == "POST" and form.is_valid():
        try:
            actions.paper_trip(
                actor=request.actor, trip_id=trip_id, facts=form.facts(),
                files=form.cleaned_data["files"], comment=form.cleaned_data["comment"], at=at,
            )  # fmt: skip
        except Refused as refused:
            form.add_error(None, str(refused))
        else:
            return _to_trip(request, trip, "已补单", at)
    context, status = {"form": form, "trip": trip}, _UNREADABLE if form.is_bound else 200
    return pages.render(request, "fleet/request_paper.html", context, status=status)


def _to_trip(request: HttpRequest, trip: Trip, done: str, at: datetime) -> HttpResponse:
    trip = sheets.trip(scope=Scope.all(), trip_id=trip.pk)
    then = trip_holders.next_line(trip, on=timezone.localtime(at).date())
    pages.flash(request, f"{done} {trip.number}，{then}" if then else f"{done} {trip.number}")
    return pages.to("fleet:trip", trip.pk)


def _offered(actor: Actor, units: Any, current: Unit | None = None) -> list[Unit]:
    """Who asks only for their own unit sees just that one; others choose."""
    scope = actor.scope(ASK)
    if current is None and not (scope.everything or scope.paths or scope.unit_ids):
        home = beside.home_of(actor)
        return [home] if home else list(units)
    found = list(units)
    if current is not None and not scope.everything:
        return [unit for unit in found if unit.pk == current.pk] or found
    return found


def _reach(units: Any, actor: Actor) -> Scope:
    scope = actor.scope(ASK)
    return scope if scope.everything else Scope(unit_ids=tuple(units.values_list("pk", flat=True)))


def _rode_last(actor: Actor, scope: Scope) -> list[Person]:
    """Whom this person asked for lately, the last first."""
    ids = sheets.trips(actor.scope(ASK)).filter(applicant_id=actor.person_id, rider__isnull=False)
    wanted = list(dict.fromkeys(ids.order_by("-pk").values_list("rider_id", flat=True)[:30]))
    people = org.people(scope).serving().in_bulk(wanted)
    return [people[pk] for pk in wanted if pk in people][:_RIDERS_MAX]


def _first_values(actor: Actor, *, copied: bool) -> dict[str, Any]:
    """What a new form begins with: oneself as the rider, or the last request again."""
    initial: dict[str, Any] = {}
    person = Person.objects.filter(pk=actor.person_id).first() if actor.person_id else None
    if person is not None and actor.scope(ASK).person_id:
        initial = {"rider_name": person.name, "rider_id": person.pk}
    home = beside.home_of(actor)
    if home is not None and not actor.scope(ASK).everything:
        initial["unit"] = home.shown
    if not copied:
        return initial
    usual = actions.usual(actor=actor)
    unit = Unit.objects.filter(pk=usual.pop("unit_id", None)).first()
    if unit is not None:
        usual["unit"] = unit.shown
    if "purpose" in usual:
        usual["purpose"] = Purpose(usual["purpose"]).value
    # The name leads back to the person; who was copied need not be who fills in.
    return {**initial, "rider_id": None, **usual}


def _chosen(request: HttpRequest) -> Any:
    """The posted values; a button of a refusal changes the wished car before they are read."""
    posted = request.POST.copy()
    act, _, value = str(posted.get("option", "")).partition(":")
    if act == "wish":
        posted["wished_car"] = value
    return posted


def _judge(form: request_forms.Request, actor: Actor, at: datetime) -> None:
    """Ask the rules about what can be read so far, and offer a way out of a refused wish."""
    facts = form.draft_facts()
    if facts is None:
        return
    trip = actions.draft(actor=actor, facts=facts, at=at)
    if not form.verdict.refusals:
        form.judge(actions.judge_request(trip=trip, at=at))
    form.verdict = _with_ways_out(form.verdict, trip, at)


def _with_ways_out(verdict: Verdict, trip: Trip, at: datetime) -> Verdict:
    wished = [f for f in verdict.refusals if f.field == "wished_car"]
    if not wished:
        return verdict
    ways = [Option(label="不指定，由车队安排", act="wish", value="")]
    ways += [
        Option(label=f"改为 {car.plate} {car.seats} 座", act="wish", value=car.plate)
        for car in means.nearest_free(scope=Scope.all(), trip=trip, at=at, limit=2)
    ]
    last = wished[-1]
    mended = Finding(
        code=last.code, headline=last.headline, sentence=last.sentence, cite=last.cite,
        field=last.field, options=tuple(ways),
    )  # fmt: skip
    return Verdict(
        refusals=tuple(mended if f is last else f for f in verdict.refusals),
        warnings=verdict.warnings,
        passes=verdict.passes,
    )


def _beside(
    request: PageRequest, form: request_forms.Request, at: datetime, trip: Trip | None = None
) -> dict[str, Any]:
    return {
        "ahead": beside.ahead(form=form, actor=request.actor, at=at, trip=trip),
        "alike": beside.alike(form=form, actor=request.actor),
    }


def _form_page(
    request: PageRequest,
    form: request_forms.Request,
    at: datetime,
    *,
    trip: Trip | None = None,
    fresh: bool = False,
    status: int = 200,
) -> HttpResponse:
    actor = request.actor
    context = {
        "form": form,
        "trip": trip,
        "fresh": fresh or form.is_bound,
        "places": beside.places(actor),
        "cars": beside.cars(actor),
        "month": beside.month(actor=actor, at=at),
        "files": attachments.of(model="fleet.trip", row_id=trip.pk, kind=ATTACHMENT)
        if trip
        else [],
    } | _beside(request, form, at, trip)
    return pages.render(request, "fleet/request.html", context, status=status)
