"""A fine (违法), an accident (事故), and the answers to doubts; acts are declared in ``acts``."""

from django.http import HttpResponse
from django.utils import timezone

from guanjia.domains.fleet.acts.incidents import ON_ACCIDENTS, ON_FINES
from guanjia.domains.fleet.models import Accident, Trip
from guanjia.domains.fleet.queries import archive
from guanjia.domains.fleet.queries import upkeep as queries
from guanjia.domains.fleet.rules import upkeep as rules
from guanjia.domains.fleet.terms.cars import CarState
from guanjia.kernel.attachments import queries as attachments
from guanjia.kernel.registers.models import Remark
from guanjia.kernel.regulations.lawbook import law_at
from guanjia.kernel.values.actor import Actor
from guanjia.ui import pages, trail
from guanjia.ui.pages import PageRequest, needs

SEE, ENTER = queries.SEE_FINE, queries.ENTER_FINE


def _sees_trip(actor: Actor, trip: Trip | None) -> bool:
    """Whether the journey may be opened: the police see fines, not journeys."""
    if trip is None or not actor.can("fleet.trip.see"):
        return False
    scope = actor.scope("fleet.trip.see")
    return bool(Trip.objects.within(scope).filter(pk=trip.pk).exists())


def _may_report(actor: Actor, accident: Accident) -> bool:
    """Whether somebody may report the car of an accident to the garage."""
    scope = actor.scope("fleet.upkeep.enter")
    if scope.nothing or accident.car.state == CarState.DISPOSED:
        return False
    return archive.cars(scope).filter(pk=accident.car_id).exists()


# ── a fine ───────────────────────────────────────────────────────────────────────────────


@needs(SEE)
def fine(request: PageRequest, fine_id: int) -> HttpResponse:
    """One fine: who drove, whether it is paid and by whom."""
    actor, today = request.actor, timezone.localdate()
    found = queries.fines(actor.scope(SEE)).get(pk=fine_id)
    law = law_at(today)
    late = found.handled_on is None and rules.fine_is_late(
        happened_on=timezone.localdate(found.at), on=today, law=law
    )
    context = {
        "fine": found,
        "car": found.car,
        "late": late,
        "days": law["fleet.fine.handle_days"].value,
        "own_money": law["fleet.fine.own_money"].cite,
        "remarks": Remark.objects.filter(register="fleet.fines", object_id=fine_id)
        .select_related("explained_by").order_by("-state", "pk"),
        "records": trail.told(model="fleet.fine", pk=fine_id),
        "sees_trip": _sees_trip(actor, found.trip),
        "acts": [act for act in ON_FINES if not act.makes and act.may(actor, found)],
        "may_explain": queries.FINES.reaches(actor, ENTER, fine_id),
        "files": attachments.of(model="fleet.fine", row_id=fine_id),
    }  # fmt: skip
    return pages.render(request, "fleet/fine.html", context)


# ── an accident ──────────────────────────────────────────────────────────────────────────


@needs(SEE)
def accident(request: PageRequest, accident_id: int) -> HttpResponse:
    """One accident: what happened, who is to blame, who pays."""
    actor = request.actor
    found = queries.accidents(actor.scope(SEE)).get(pk=accident_id)
    context = {
        "accident": found,
        "car": found.car,
        "orders": found.orders.order_by("pk") if actor.can("fleet.upkeep.see") else [],
        "records": trail.told(model="fleet.accident", pk=accident_id),
        "sees_trip": _sees_trip(actor, found.trip),
        "acts": [act for act in ON_ACCIDENTS if not act.makes and act.may(actor, found)],
        "unsettled_fen": abs(found.loss_fen - found.insurer_fen - found.self_fen),
        "files": attachments.of(model="fleet.accident", row_id=accident_id),
        "may_report": _may_report(actor, found),
    }
    return pages.render(request, "fleet/accident.html", context)
