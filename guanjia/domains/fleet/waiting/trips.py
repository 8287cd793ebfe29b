"""待办 of trips: to decide, to drive, to dispatch, to complete with papers, to check, to rate."""

from datetime import datetime, time, timedelta
from typing import Any

from django.db.models import Subquery
from django.utils import timezone

from guanjia.domains.fleet.queries import sheets
from guanjia.domains.fleet.terms.trips import Paper, TripState
from guanjia.domains.fleet.waiting.plates import plate
from guanjia.kernel.approvals import queries as approvals
from guanjia.kernel.values.actor import Actor
from guanjia.kernel.values.period import SHANGHAI, noon
from guanjia.ui import formats
from guanjia.ui.registers import addresses
from guanjia.ui.waiting import RETURNED, Rank, Source, Todo, days_left, moment_words, sent_back

RATE_DAYS = 30  # how long a finished journey asks for a rating


def _who(trip: Any) -> str:
    return f"{trip.unit} {trip.rider_name}\u2002{trip.passengers} 人 · {trip.destination}"


def _trip_url(trip: Any) -> str:
    return addresses.maybe("fleet:trip", trip.pk)


def _soon(at: datetime, moment: datetime) -> str:
    return "wait" if timezone.localdate(moment) <= timezone.localdate(at) else ""


def _waiting(actor: Actor, _: datetime) -> Any:
    if not actor.can("fleet.trip.dispatch"):
        return None
    agreed = approvals.last_agreed(subject_type="fleet.trip", of="pk")
    return sheets.waiting(actor.scope("fleet.trip.dispatch")).annotate(
        agreed_by=Subquery(agreed.values("name")[:1]),
        agreed_at=Subquery(agreed.values("at")[:1]),
    )


def _show_waiting(trip: Any, _: Actor, at: datetime) -> Todo:
    window = formats.span(trip.planned_from, trip.planned_to, style="near")
    return Todo(
        kind="待派车",
        tone="wait",
        icon="clock-hour-4",
        title=_who(trip),
        detail=formats.joined(
            trip.get_purpose_display(),
            window,
            _agreed(trip, at),
            "应急" if trip.urgent else "",
            trip.state_note,
            trip.number,
        ),
        due=f"{moment_words(trip.planned_from, at=at)} 出车",
        due_tone=_soon(at, trip.planned_from),
        url=_trip_url(trip),
        verb="派车",
        act_url=addresses.maybe("fleet:board", query=f"trip={trip.pk}"),
        rank=Rank.ARRANGE,
        due_at=trip.planned_from,
    )


def _agreed(trip: Any, at: datetime) -> str:
    return f"{trip.agreed_by} {moment_words(trip.agreed_at, at=at)} 批准" if trip.agreed_by else ""


def _overdue(actor: Actor, at: datetime) -> Any:
    if not actor.can("fleet.trip.dispatch"):
        return None
    return sheets.overdue(scope=actor.scope("fleet.trip.dispatch"), at=at)


def _show_overdue(trip: Any, _: Actor, at: datetime) -> Todo:
    return Todo(
        kind="逾期未归",
        tone="stop",
        icon="alert-triangle",
        **plate(trip.car),
        title=f"逾期 {formats.duration(at - trip.planned_to)}未收车",
        detail=formats.joined(
            f"{trip.unit} {trip.rider_name}",
            trip.destination,
            f"驾驶员 {trip.driver}" if trip.driver else "",
            trip.number,
        ),
        due=f"应返 {moment_words(trip.planned_to, at=at)}",
        due_tone="stop",
        url=_trip_url(trip),
        verb="联系驾驶员",
        rank=Rank.LATE,
        due_at=trip.planned_to,
    )


def _unpapered(actor: Actor, _: datetime) -> Any:
    if not actor.can("fleet.trip.paper"):
        return None
    return sheets.without_papers(actor.scope("fleet.trip.paper"))


def _show_unpapered(trip: Any, actor: Actor, at: datetime) -> Todo:
    left = (trip.paper_due_on - timezone.localdate(at)).days if trip.paper_due_on else None
    due = "" if left is None else days_left(left, "补齐")
    hurried = actor.can("fleet.trip.dispatch")
    return Todo(
        kind="待补单",
        tone="wait",
        icon="file-alert",
        **plate(trip.car),
        title="应急先派，手续未补",
        detail=formats.joined(
            f"{trip.unit} {trip.rider_name}",
            f"{formats.daytime(trip.went_at or trip.planned_from)} 出车",
            trip.urgent_reason,
            trip.number,
        ),
        due=due,
        due_tone="stop" if left is not None and left < 0 else "wait",
        url=_trip_url(trip),
        act_url="" if hurried else addresses.maybe("fleet:paper", trip.pk),
        verb="催补" if hurried else "补单",
        rank=Rank.COMPLETE,
        due_at=noon(trip.paper_due_on or timezone.localdate(at)),
    )


def _doubtful(actor: Actor, _: datetime) -> Any:
    if not actor.can("fleet.trip.correct"):
        return None
    return sheets.doubtful(actor.scope("fleet.trip.correct"))


def _show_doubtful(trip: Any, _: Actor, at: datetime) -> Todo:
    return Todo(
        kind="里程待核",
        tone="wait",
        icon="road",
        **plate(trip.carrier.car),
        title=str(trip.doubt).rstrip("。"),
        detail=formats.joined(
            str(trip.doubt_why).rstrip("。"),
            f"{formats.day(trip.departure, today=timezone.localdate(at))} {trip.unit}",
            trip.number,
        ),
        due=""
        if trip.back_at is None
        else f"{formats.day(trip.back_at, today=timezone.localdate(at))}收车",
        url=_trip_url(trip),
        verb="核对",
        rank=Rank.CHECK,
        due_at=trip.back_at or trip.departure,
    )


def _to_decide(actor: Actor, _: datetime) -> Any:
    return sheets.to_decide(actor) if actor.person_id else None


def _show_to_decide(trip: Any, _: Actor, at: datetime) -> Todo:
    paper = trip.paper == Paper.PENDING
    applicant = f"{trip.applicant}申请" if trip.applicant else ""
    window = formats.span(trip.planned_from, trip.planned_to, style="near")
    return Todo(
        kind="待审批",
        tone="wait",
        icon="gavel",
        title=_who(trip),
        detail=formats.joined(
            trip.get_purpose_display(), trip.reason, window, applicant, trip.number
        ),
        due="应急补单" if paper else f"{moment_words(trip.planned_from, at=at)} 出车",
        due_tone="" if paper else _soon(at, trip.planned_from),
        url=_trip_url(trip),
        verb="审批",
        rank=Rank.DECIDE,
        due_at=trip.planned_from,
    )


def _sent_back(actor: Actor, _: datetime) -> Any:
    if not actor.person_id or not actor.can("fleet.trip.request"):
        return None
    return sheets.sent_back(person_id=actor.person_id)


def _show_sent_back(trip: Any, _: Actor, at: datetime) -> Todo:
    return sent_back(
        trip,
        title=_who(trip),
        due=f"{moment_words(trip.planned_from, at=at)} 出车",
        due_tone=_soon(at, trip.planned_from),
        url=_trip_url(trip),
        act_url=addresses.maybe("fleet:change", trip.pk),
        verb="修改后再交",
        due_at=trip.planned_from,
    )


def _to_rate(actor: Actor, at: datetime) -> Any:
    if not actor.person_id or not actor.can("fleet.trip.request"):
        return None
    return sheets.to_rate(person_id=actor.person_id).filter(
        back_at__gte=at - timedelta(days=RATE_DAYS)
    )


def _show_to_rate(trip: Any, _: Actor, at: datetime) -> Todo:
    return Todo(
        kind="待评价",
        tone="move",
        icon="star",
        **plate(trip.carrier.car),
        title=f"{trip.destination} {trip.carrier.driver or ''}".strip(),
        detail=formats.joined(
            trip.reason, f"{trip.driven} 公里" if trip.driven else "", trip.number
        ),
        due=f"{formats.daytime(trip.back_at, style='near', today=timezone.localdate(at))} 收车",
        url=_trip_url(trip),
        verb="评价",
        rank=Rank.RATE,
        due_at=trip.back_at,
    )


def _driving(actor: Actor, at: datetime) -> Any:
    if not actor.person_id or not actor.can("fleet.trip.drive"):
        return None
    tomorrow = datetime.combine(timezone.localdate(at) + timedelta(days=1), time.min, SHANGHAI)
    return sheets.driving(person_id=actor.person_id, day=timezone.localdate(at)).filter(
        planned_from__lt=tomorrow, state__in=[TripState.DISPATCHED, TripState.OUT]
    )


def _show_driving(trip: Any, _: Actor, at: datetime) -> Todo:
    out = trip.state == TripState.OUT
    due = (
        f"应返 {moment_words(trip.planned_to, at=at)}"
        if out
        else f"{moment_words(trip.planned_from, at=at)} 出车"
    )
    late = (trip.planned_to if out else trip.planned_from) < at
    return Todo(
        kind="出车任务",
        tone="move",
        icon="steering-wheel",
        **plate(trip.car),
        title=f"{trip.origin} 到 {trip.destination}",
        detail=formats.joined(
            f"{trip.unit} {trip.rider_name}", f"{trip.passengers} 人", trip.number
        ),
        due=due,
        due_tone="stop" if late else "wait",
        url=_trip_url(trip),
        act_url=addresses.maybe("fleet:drive"),
        verb="收车" if out else "出车",
        rank=Rank.ACT,
        due_at=trip.planned_from,
    )


SOURCES = (
    Source(
        key="decide",
        kind="待审批",
        place=10,
        rows=_to_decide,
        show=_show_to_decide,
        tells_cases_of="fleet.trip",
    ),
    Source(key="drive", kind="出车任务", place=40, rows=_driving, show=_show_driving),
    Source(key="dispatch", kind="待派车", place=50, rows=_waiting, show=_show_waiting),
    Source(key="late", kind="逾期未归", place=60, rows=_overdue, show=_show_overdue),
    Source(key="returned", kind=RETURNED, place=70, rows=_sent_back, show=_show_sent_back),
    Source(key="paper", kind="待补单", place=110, rows=_unpapered, show=_show_unpapered),
    Source(key="check", kind="里程待核", place=120, rows=_doubtful, show=_show_doubtful),
    Source(key="rate", kind="待评价", place=150, rows=_to_rate, show=_show_to_rate),
)
