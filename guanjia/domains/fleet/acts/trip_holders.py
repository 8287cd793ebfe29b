"""In whose hands a trip is, by name: for the side of the form, the steps, and the result line."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.utils import timezone

from guanjia.domains.fleet.approvals import TRIP
from guanjia.domains.fleet.models import Trip
from guanjia.domains.fleet.queries import sheets
from guanjia.domains.fleet.terms.trips import Paper, TripState
from guanjia.kernel.access import queries as access
from guanjia.kernel.approvals import preview
from guanjia.kernel.approvals import queries as cases
from guanjia.kernel.org.models import Person, Unit
from guanjia.kernel.values.actor import Scope
from guanjia.ui.approval import lines, panel
from guanjia.ui.approval.lines import Line

DISPATCH = "fleet.trip.dispatch"


def names(people: Sequence[Person]) -> str:
    """``邵红、雷红军``; of many the first three and how many there are."""
    return lines.joined([person.name for person in people]) if people else lines.NOBODY


def places(people: Iterable[Person]) -> str:
    """The units they are of, each once."""
    return "、".join(dict.fromkeys(str(person.unit) for person in people))


def route_ahead(
    *,
    unit: Unit,
    facts: Mapping[str, Any],
    rider: str,
    at: datetime,
    applicant_id: int | None,
    trip: Trip | None = None,
) -> list[Line]:
    """Who will deal with a request of a unit once it is submitted, or ``trip`` sent again."""
    case = None
    if trip is not None:
        case = cases.case_for(subject_type="fleet.trip", subject_id=trip.pk, route=TRIP.key)
    steps = preview.ahead(
        route=TRIP, unit=unit, facts=facts, applicant_id=applicant_id, case=case, at=at
    )
    return [
        *lines.ahead(steps, first=True),
        dispatching(unit, timezone.localtime(at).date()),
        Line(tone="idle", icon="message", who=rider or "用车人", act="用车后评价"),
    ]


def dispatching(unit: Unit, on: date) -> Line:
    """Who gives the car."""
    people = access.holders(verb=DISPATCH, unit=unit, on=on)
    act = f"派车（{places(people)}）" if people else "能派车，联系安全管理员授权"
    tone = "idle" if people else "stop"
    return Line(tone=tone, icon="steering-wheel", who=names(people), act=act)


def next_line(trip: Trip, *, on: date) -> str:
    """In whose hands the trip is now: ``等邵红审批``, ``等熊燕欣派车``; ``""`` at its end."""
    case = cases.case_for(subject_type="fleet.trip", subject_id=trip.pk, route=TRIP.key)
    if trip.state == TripState.PENDING or trip.paper == Paper.PENDING:
        return panel.waiting_line(case) if case else ""
    if trip.state == TripState.APPROVED:
        people = access.holders(verb=DISPATCH, unit=trip.unit, on=on)
        return f"等{names(people)}派车" if people else "等调度员派车"
    if trip.state == TripState.DISPATCHED and trip.carrier.driver:
        return f"等{trip.carrier.driver}出车"
    return ""


def after_approval(trip_id: int, at: datetime) -> str:
    """Who has a trip once its approval is over, for the line after the last act."""
    trip = sheets.trip(scope=Scope.all(), trip_id=trip_id)
    return next_line(trip, on=timezone.localtime(at).date())
