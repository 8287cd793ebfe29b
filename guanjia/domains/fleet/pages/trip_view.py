"""What the page of a trip shows: its life, approval, verdicts, kilometres and remarks, in words."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.http import HttpRequest
from django.utils import timezone

from guanjia.domains.fleet.acts import trip_holders, trip_offers
from guanjia.domains.fleet.approvals import TRIP
from guanjia.domains.fleet.forms import requests as request_forms
from guanjia.domains.fleet.models import Trip
from guanjia.domains.fleet.pages import oversight_view, trail
from guanjia.domains.fleet.queries import costs, means, sheets
from guanjia.domains.fleet.terms.costs import CostState
from guanjia.domains.fleet.terms.trips import TRIP_LIFE, Paper, Reading, TripState
from guanjia.kernel.approvals import queries as cases
from guanjia.kernel.approvals.models import Case
from guanjia.kernel.approvals.terms import CaseState
from guanjia.kernel.attachments import queries as attachments
from guanjia.kernel.attachments.terms import ATTACHMENT
from guanjia.kernel.audit.models import Record
from guanjia.kernel.registers.models import Remark
from guanjia.kernel.regulations import verdict as verdicts
from guanjia.kernel.regulations.lawbook import law_at
from guanjia.kernel.values.actor import Actor, Scope
from guanjia.ui import formats
from guanjia.ui.approval import panel
from guanjia.ui.approval.lines import Line
from guanjia.ui.approval.panel import Station

SEE, COSTS = "fleet.trip.see", "fleet.cost.see"
_ENDED = {
    TripState.RETURNED: ("fleet.trip.returned", "已退回"),
    TripState.WITHDRAWN: ("fleet.trip.withdrawn", "已撤回"),
    TripState.CANCELLED: ("fleet.trip.cancelled", "已取消"),
}
_STOPPED = ("fleet.trip.stopped", "审批终止")
_ASKED = ("fleet.trip.requested", "fleet.trip.changed", "fleet.trip.urgent")
_SENT = ("fleet.trip.dispatched", "fleet.trip.shared", "fleet.trip.replanned", "fleet.trip.urgent")


@dataclass(frozen=True, kw_only=True)
class OriginRow:
    """One reading behind the kilometres; ``trip`` is set where it can be opened."""

    what: str
    number: str
    trip_id: int | None
    at: datetime
    km: int
    tone: str
    icon: str
    word: str
    own: bool = False


def visible(*, actor: Actor, scope: Scope, trip_id: int) -> Trip:
    """The trip inside the scope, or one whose approval this person has to do with; else 404."""
    try:
        return sheets.trip(scope=scope, trip_id=trip_id)
    except Trip.DoesNotExist:
        if not cases.has_to_do_with(actor=actor, subject_type="fleet.trip", subject_id=trip_id):
            raise
        return sheets.trip(scope=Scope.all(), trip_id=trip_id)


def page(*, request: HttpRequest, actor: Actor, trip: Trip, at: datetime) -> dict[str, Any]:
    """Everything the template shows; about thirty statements, whatever the trip went through."""
    scope = actor.scope(SEE)
    case = cases.case_for(subject_type="fleet.trip", subject_id=trip.pk, route=TRIP.key)
    shown = _approval(request, actor, trip, case, at) if case else None
    records = trail.records_of(trip)
    acts = trip_offers.acts_for(actor=actor, trip=trip)
    return {
        "trip": trip,
        "approval": shown,
        "acts": acts,
        "chip": chip(trip, at),
        "marks": marks(trip, acts),
        "life": life(trip, shown, records),
        "files": attachments.of(model="fleet.trip", row_id=trip.pk, kind=ATTACHMENT),
        "checked": checked(trip, records),
        "origin": origin(trip, scope, records),
        "remarks": Remark.objects.filter(register="fleet.trips", object_id=trip.pk)
        .select_related("explained_by")
        .order_by("-state", "pk"),
        "trail": trail.lines(records, scope=scope),
        "changes": sum(record.verb == "fleet.trip.changed" for record in records),
        "sharers": sharers(trip, scope),
        "carrier_open": trip.shares is not None and trip_offers.holds(scope, trip.shares),
        "details": acts.explain or acts.drive or scope.everything,
        "on_time": at,
        "spent": spent(trip, actor),
        "watched": oversight_view.of_trip(
            actor=actor, trip_id=trip.pk, today=timezone.localdate(at)
        ),
    }


def _approval(
    request: HttpRequest, actor: Actor, trip: Trip, case: Case, at: datetime
) -> panel.Shown:
    """The approval with what the dispatcher did, and who has the trip after it."""
    told, after = [], []
    if trip.dispatched_at is not None and trip.carrier.car and trip.state != TripState.CANCELLED:
        told.append((trip.dispatched_at, _told_sent(trip, trip.dispatched_at)))
    if trip.state in (TripState.RETURNED, TripState.WITHDRAWN) and trip.applicant:
        who, act = trip.applicant.name, "修改后再交，或取消"
        after.append(Line(tone="wait", icon="pencil", who=who, act=act))
    elif trip.state == TripState.APPROVED:
        after.append(trip_holders.dispatching(trip.unit, timezone.localtime(at).date()))
    return panel.show(
        request=request, actor=actor, case=case, at=at, told=told, after=after,
        phrases=request_forms.PHRASES,
    )  # fmt: skip


def _told_sent(trip: Trip, at: datetime) -> Line:
    word = "应急先派" if trip.urgent else ("合乘" if trip.shares_id else "派车")
    return Line(
        tone="done", icon="steering-wheel",
        who=trip.dispatched_by.name if trip.dispatched_by else "调度员",
        act=f"{word} {trip.carrier.car}", when=formats.daytime(at),
    )  # fmt: skip


def about(trip: Trip) -> str:
    """What is decided, in one line."""
    when = formats.span(trip.planned_from, trip.planned_to, style="near")
    return f"{trip.unit} {trip.rider_name} · {when} · {trip.destination}"


def chip(trip: Trip, at: datetime) -> tuple[str, str, str]:
    """Tone, icon and word of the state; a car that is out beyond its time is red."""
    state = TripState(trip.state)
    if state is TripState.OUT and trip.planned_to < at:
        late = formats.duration(at - trip.planned_to)
        return "stop", "alarm", f"逾期未归 {late}"
    return TRIP_LIFE.chip(trip.state)


def marks(trip: Trip, acts: trip_offers.Acts) -> list[tuple[str, str]]:
    """Second facts beside the state, with their tone."""
    found = [("应急", "wait")] if trip.urgent else []
    if trip.shares_id:
        found.append(("合乘", ""))
    if trip.paper in (Paper.OWED, Paper.PENDING, Paper.REFUSED):
        tone = "stop" if trip.paper == Paper.REFUSED else "wait"
        found.append((Paper(trip.paper).label, tone))
    if acts.rate:
        found.append(("待评价", "wait"))
    return found


def spent(trip: Trip, actor: Actor) -> dict[str, Any] | None:
    """The costs of the trip and the sum of what counts; ``None`` for who may not see costs."""
    if not actor.can(COSTS) or trip.shares_id:
        return None
    rows = costs.of_trip(actor.scope(COSTS), trip.pk)
    counted = [row.amount_fen for row in rows if row.state == CostState.COUNTED]
    return {"rows": rows, "fen": sum(counted), "counted": len(counted)}


# ── the life line ────────────────────────────────────────────────────────────────────────


def life(trip: Trip, shown: panel.Shown | None, records: Sequence[Record]) -> list[Station]:
    """From asking to rating; where it ended early, the last station is red and says why."""
    stations = [_asked(trip), *_approved(trip, shown), *_sent(trip)]
    ended = _ENDED.get(TripState(trip.state))
    if ended is None:
        return [*stations, *_driven(trip), *_after(trip)]
    if shown is not None and shown.case.state == CaseState.STOPPED:
        ended = _STOPPED
    last = next((r for r in reversed(records) if r.verb == ended[0]), None)
    when = formats.daytime(last.at) if last else ""
    why = " ".join(part for part in (last.name if last else "", trip.state_note) if part)
    done = [station for station in stations if station.at == "done"]
    return [*done, Station(at="stop", title=ended[1], when=when, who=why)]


def _asked(trip: Trip) -> Station:
    who = trip.applicant.name if trip.applicant else trip.rider_name
    if trip.asked_at is None:
        return Station(at="done", title="申请", when="由台账补录", who=who)
    if trip.urgent:
        by = trip.dispatched_by.name if trip.dispatched_by else who
        return Station(at="done", title="应急先派", when=formats.daytime(trip.asked_at), who=by)
    return Station(at="done", title="申请", when=formats.daytime(trip.asked_at), who=who)


def _approved(trip: Trip, shown: panel.Shown | None) -> Sequence[Station]:
    """A station for each step of the approval; the papers of an emergency come afterwards."""
    if trip.urgent or trip.asked_at is None:
        return ()
    return shown.stations if shown is not None else (Station(at="later", title="审批"),)


def _sent(trip: Trip) -> list[Station]:
    if trip.urgent:
        return []
    if trip.dispatched_at is not None and trip.state not in (TripState.APPROVED, TripState.PENDING):
        who = trip.dispatched_by.name if trip.dispatched_by else ""
        return [Station(at="done", title="派车", when=formats.daytime(trip.dispatched_at), who=who)]
    if trip.asked_at is None:
        car = trip.carrier.car
        return [Station(at="done", title="派车", when=car.plate)] if car else []
    at = "now" if trip.state == TripState.APPROVED else "later"
    return [Station(at=at, title="派车", when="等派车" if at == "now" else "")]


def _driven(trip: Trip) -> list[Station]:
    carrier = trip.carrier
    went = Station(at="later", title="出车", when=formats.daytime(trip.planned_from), who="计划")
    back = Station(at="later", title="收车", when=formats.daytime(trip.planned_to), who="计划")
    if trip.state == TripState.DISPATCHED:
        went = Station(at="now", title="出车", when=went.when, who="计划")
    if trip.went_at is not None:
        when, km = formats.daytime(trip.went_at), _km(carrier.start_km)
        went = Station(at="done", title="出车", when=when, who=km)
        if trip.state == TripState.OUT:
            back = Station(at="now", title="收车", when=back.when, who="计划")
    if trip.back_at is not None:
        when, km = formats.daytime(trip.back_at), _km(carrier.end_km)
        back = Station(at="done", title="收车", when=when, who=km)
    return [went, back]


def _km(km: int | None) -> str:
    return f"{formats.num(km)} 公里" if km is not None else ""


def _after(trip: Trip) -> list[Station]:
    stations = []
    if trip.paper != Paper.NONE:
        at = {Paper.DONE: "done", Paper.REFUSED: "stop"}.get(Paper(trip.paper), "now")
        if at == "now" and trip.back_at is None:
            at = "later"  # the journey is what happens now
        due = f"{formats.day(trip.paper_due_on)}前" if trip.paper_due_on else ""
        when = due if at in ("now", "later") else ""
        stations.append(Station(at=at, title="补单", when=when, who=Paper(trip.paper).label))
    if trip.asked_at is None:
        return stations
    if trip.stars is not None:
        when = formats.daytime(trip.rated_at) if trip.rated_at else ""
        stations.append(Station(at="done", title="评价", when=when, who=f"{trip.stars} 星"))
    elif trip.state == TripState.FINISHED:
        who = trip.applicant.name if trip.applicant else trip.rider_name
        stations.append(Station(at="now", title="待评价", when="尚未评价", who=who))
    else:
        stations.append(Station(at="later", title="评价"))
    return stations


# ── verdicts as they were stored ─────────────────────────────────────────────────────────


def checked(trip: Trip, records: Sequence[Record]) -> dict[str, Any]:
    """The newest stored verdicts of asking and of dispatching, and the days of their law.

    What was odd at departure and return stands among the remarks.
    """
    asked = _newest(records, _ASKED)
    sent = _newest(records, _SENT) if trip.carrier.car_id else None
    used = {r.pk for r in (asked, sent) if r is not None}
    chosen = [r for r in records if r.pk in used]
    found = verdicts.merge(verdicts.verdict_from_json(r.verdict or {}) for r in chosen)
    days = dict.fromkeys(_law_day(r, trip) for r in chosen)
    return {"verdict": found, "days": "、".join(formats.day(day) for day in days)}


def _newest(records: Sequence[Record], verbs: Sequence[str]) -> Record | None:
    return next((r for r in reversed(records) if r.verb in verbs and r.verdict is not None), None)


def _law_day(record: Record, trip: Trip) -> date:
    """Cars are judged by the law of the day they go; requests by that of the day they are made."""
    at = trip.planned_from if record.verb == "fleet.trip.dispatched" else record.at
    return timezone.localtime(at).date()


# ── where the kilometres come from ───────────────────────────────────────────────────────


def origin(trip: Trip, scope: Scope, records: Sequence[Record]) -> list[OriginRow]:
    """The readings before, at both ends and after; empty until the car has gone."""
    if trip.car_id is None or trip.went_at is None or trip.start_km is None:
        return []
    before = means.reading_before(car_id=trip.car_id, at=trip.went_at, without=trip.pk)
    after = (
        means.reading_after(car_id=trip.car_id, at=trip.back_at, without=trip.pk)
        if trip.back_at
        else None
    )
    known = _openable([r.number for r in (before, after) if r], scope)
    rows = []
    if before is not None:
        rows.append(_neighbour("上一单收车", before, trip.start_km - before.km, known))
    rows.append(_own("本单出车", trip, trip.went_at, trip.start_km, _by(records, "departed")))
    if trip.back_at is not None and trip.end_km is not None:
        rows.append(_own("本单收车", trip, trip.back_at, trip.end_km, _by(records, "finished")))
        if after is not None:
            rows.append(_neighbour("下一单出车", after, after.km - trip.end_km, known))
    return rows


def _openable(numbers: Sequence[str], scope: Scope) -> dict[str, int]:
    rows = Trip.objects.within(scope).filter(number__in=numbers)
    return dict(rows.values_list("number", "pk"))


def _neighbour(what: str, reading: Reading, gap: int, known: dict[str, int]) -> OriginRow:
    tone, icon, word = "done", "check", "相接"
    limit = int(law_at(reading.at)["fleet.odometer.gap_doubt"].value)
    if 0 < gap <= limit:
        tone, icon, word = "idle", "check", f"差 {formats.num(gap)} km"
    elif gap:
        tone, icon, word = "wait", "alert-circle", f"差 {formats.num(gap)} km"
    trip_id = known.get(reading.number)
    return OriginRow(
        what=what, number=reading.number if trip_id else "", trip_id=trip_id, at=reading.at,
        km=reading.km, tone=tone, icon=icon, word=word,
    )  # fmt: skip


def _own(what: str, trip: Trip, at: datetime, km: int, by: str) -> OriginRow:
    return OriginRow(
        what=what, number=trip.number, trip_id=None, at=at, km=km, tone="idle",
        icon="device-mobile" if by else "table", word=f"{by}填报" if by else "台账补录", own=True,
    )  # fmt: skip


def _by(records: Sequence[Record], what: str) -> str:
    """Who told the reading: the last correction, else whoever drove out or came back."""
    verbs = (f"fleet.trip.{what}", "fleet.trip.corrected")
    last = next((r for r in reversed(records) if r.verb in verbs), None)
    return last.name if last else ""


# ── who shares the car ───────────────────────────────────────────────────────────────────


def sharers(trip: Trip, scope: Scope) -> dict[str, Any]:
    """The requests that ride along: rows inside the scope, and how many others there are."""
    riding = trip.sharers.exclude(state=TripState.CANCELLED)
    seen = list(sheets.trips(scope).filter(shares=trip).exclude(state=TripState.CANCELLED))
    return {"rows": seen, "others": riding.count() - len(seen)}
