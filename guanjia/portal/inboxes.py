"""What the departments put into 待办; each reads through the department's queries."""

from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import Subquery
from django.utils import timezone

from guanjia.domains.fleet.queries import archive, purchases, quotas, sheets
from guanjia.domains.fleet.terms.trips import Paper, TripState
from guanjia.kernel.approvals import queries as approvals
from guanjia.kernel.approvals.terms import Origin
from guanjia.kernel.values.actor import Actor
from guanjia.kernel.values.period import SHANGHAI
from guanjia.portal import places
from guanjia.portal.inbox import Source, Todo
from guanjia.ui import formats

DUE_DAYS = 30  # how far ahead 到期提醒 looks
RATE_DAYS = 30  # how long a finished journey asks for a rating

_OVERDUE, _DECIDE, _DRIVE, _DISPATCH, _MEND, _PAPER, _CHECK, _END, _RATE = range(9)


def _near(at: datetime, moment: datetime) -> str:
    """``14:00`` today, else ``明天 14:00``, ``5月22日 14:00``."""
    if timezone.localdate(moment) == timezone.localdate(at):
        return formats.clock(moment)
    return formats.daytime(moment, style="near", today=timezone.localdate(at))


def _day(at: datetime) -> date:
    return timezone.localdate(at)


def _plate(car: Any) -> dict[str, str]:
    return {"label": car.plate, "colour": car.get_plate_colour_display()} if car else {}


def _joined(*parts: object) -> str:
    return " · ".join(str(part) for part in parts if part)


def _who(trip: Any) -> str:
    return f"{trip.unit} {trip.rider_name}\u2002{trip.passengers} 人 · {trip.destination}"


def _trip_url(trip: Any) -> str:
    return places.maybe("fleet:trip", trip.pk)


def _soon(at: datetime, moment: datetime) -> str:
    return "wait" if _day(moment) <= _day(at) else ""


# ── 待派车, 逾期未归, 待补单, 里程待核: the dispatcher's ───────────────────────────────────────


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
        detail=_joined(
            trip.get_purpose_display(),
            window,
            _agreed(trip, at),
            "应急" if trip.urgent else "",
            trip.state_note,
            trip.number,
        ),
        due=f"{_near(at, trip.planned_from)} 出车",
        due_tone=_soon(at, trip.planned_from),
        url=_trip_url(trip),
        verb="派车",
        act_url=places.maybe("fleet:board", query=f"trip={trip.pk}"),
        rank=_DISPATCH,
        due_at=trip.planned_from,
    )


def _agreed(trip: Any, at: datetime) -> str:
    return f"{trip.agreed_by} {_near(at, trip.agreed_at)} 批准" if trip.agreed_by else ""


def _overdue(actor: Actor, at: datetime) -> Any:
    if not actor.can("fleet.trip.dispatch"):
        return None
    return sheets.overdue(scope=actor.scope("fleet.trip.dispatch"), at=at)


def _show_overdue(trip: Any, _: Actor, at: datetime) -> Todo:
    return Todo(
        kind="逾期未归",
        tone="stop",
        icon="alert-triangle",
        **_plate(trip.car),
        title=f"逾期 {formats.duration(at - trip.planned_to)}未收车",
        detail=_joined(
            f"{trip.unit} {trip.rider_name}",
            trip.destination,
            f"驾驶员 {trip.driver}" if trip.driver else "",
            trip.number,
        ),
        due=f"应返 {_near(at, trip.planned_to)}",
        due_tone="stop",
        url=_trip_url(trip),
        verb="联系驾驶员",
        rank=_OVERDUE,
        due_at=trip.planned_to,
    )


def _unpapered(actor: Actor, _: datetime) -> Any:
    if not actor.can("fleet.trip.paper"):
        return None
    return sheets.without_papers(actor.scope("fleet.trip.paper"))


def _show_unpapered(trip: Any, actor: Actor, at: datetime) -> Todo:
    left = (trip.paper_due_on - _day(at)).days if trip.paper_due_on else None
    due = "" if left is None else _days_left(left, "补齐")
    hurried = actor.can("fleet.trip.dispatch")
    return Todo(
        kind="待补单",
        tone="wait",
        icon="file-alert",
        **_plate(trip.car),
        title="应急先派，手续未补",
        detail=_joined(
            f"{trip.unit} {trip.rider_name}",
            f"{formats.daytime(trip.went_at or trip.planned_from)} 出车",
            trip.urgent_reason,
            trip.number,
        ),
        due=due,
        due_tone="stop" if left is not None and left < 0 else "wait",
        url=_trip_url(trip),
        act_url="" if hurried else places.maybe("fleet:paper", trip.pk),
        verb="催补" if hurried else "补单",
        rank=_PAPER,
        due_at=_noon(trip.paper_due_on or _day(at)),
    )


def _days_left(days: int, verb: str) -> str:
    if days < 0:
        return f"已过 {-days} 天"
    return f"今天{verb}" if days == 0 else f"还剩 {days} 天"


def _noon(day: date) -> datetime:
    return datetime.combine(day, time(12), SHANGHAI)


def _doubtful(actor: Actor, _: datetime) -> Any:
    if not actor.can("fleet.trip.correct"):
        return None
    return sheets.doubtful(actor.scope("fleet.trip.correct"))


def _show_doubtful(trip: Any, _: Actor, at: datetime) -> Todo:
    return Todo(
        kind="里程待核",
        tone="wait",
        icon="road",
        **_plate(trip.carrier.car),
        title=str(trip.doubt).rstrip("。"),
        detail=_joined(
            str(trip.doubt_why).rstrip("。"),
            f"{formats.day(trip.departure, today=_day(at))} {trip.unit}",
            trip.number,
        ),
        due="" if trip.back_at is None else f"{formats.day(trip.back_at, today=_day(at))}收车",
        url=_trip_url(trip),
        verb="核对",
        rank=_CHECK,
        due_at=trip.back_at or trip.departure,
    )


# ── 到期提醒 ─────────────────────────────────────────────────────────────────────────────


def _cars_ending(actor: Actor, at: datetime) -> Any:
    # Who keeps the archive, else whoever enters insurance and inspections of their unit's cars.
    verbs = ("fleet.car.enter", "fleet.upkeep.enter")
    verb = next((verb for verb in verbs if actor.can(verb)), None)
    if verb is None:
        return None
    until = _day(at) + timedelta(days=DUE_DAYS)
    return archive.cars_ending(scope=actor.scope(verb), until=until)


def _show_car_ending(car: Any, actor: Actor, at: datetime) -> Todo:
    ends = {"年检": car.inspected_until, "保险": car.insured_until}
    what, on = min(
        ((what, on) for what, on in ends.items() if on is not None), key=lambda end: end[1]
    )
    left = (on - _day(at)).days
    said = "已过期" if left < 0 else "到期"
    return Todo(
        kind="到期提醒",
        tone="stop" if left < 0 else "wait",
        icon="calendar-due",
        **_plate(car),
        title=f"{what} {formats.day(on, today=_day(at))}{said}",
        detail=_joined(car.unit, car.get_use_display(), car.make),
        due=_days_left(left, "到期"),
        due_tone="stop" if left < 0 else "",
        url=places.maybe("fleet:car", car.pk),
        act_url=_form_for(car, what) if actor.can("fleet.upkeep.enter") else "",
        verb="登记年检" if what == "年检" else "登记续保",
        rank=_END,
        due_at=_noon(on),
    )


def _form_for(car: Any, what: str) -> str:
    name = "fleet:inspection_new" if what == "年检" else "fleet:policy_new"
    return places.maybe(name, query=f"car={car.plate}")


def _licences_ending(actor: Actor, at: datetime) -> Any:
    if not actor.can("fleet.driver.enter"):
        return None
    until = _day(at) + timedelta(days=DUE_DAYS)
    return archive.licences_ending(scope=actor.scope("fleet.driver.enter"), until=until)


def _show_licence(driver: Any, _: Actor, at: datetime) -> Todo:
    left = (driver.licence_until - _day(at)).days
    said = "已过期" if left < 0 else "到期"
    return Todo(
        kind="到期提醒",
        tone="stop" if left < 0 else "wait",
        icon="calendar-due",
        title=f"{driver.name} 驾驶证 {formats.day(driver.licence_until, today=_day(at))}{said}",
        detail=_joined(driver.unit, f"准驾 {driver.licence}", driver.number, "过期即不能派车"),
        due=_days_left(left, "到期"),
        due_tone="stop" if left < 0 else "",
        url=places.maybe("fleet:driver", driver.pk)
        or places.maybe("fleet:drivers_list", query=f"words={driver.number}"),
        verb="登记换证",
        rank=_END,
        due_at=_noon(driver.licence_until),
    )


# ── 待审批, 已退回, 待评价, 出车任务 ─────────────────────────────────────────────────────────


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
        detail=_joined(trip.get_purpose_display(), trip.reason, window, applicant, trip.number),
        due="应急补单" if paper else f"{_near(at, trip.planned_from)} 出车",
        due_tone="" if paper else _soon(at, trip.planned_from),
        url=_trip_url(trip),
        verb="审批",
        rank=_DECIDE,
        due_at=trip.planned_from,
    )


def _others_to_decide(actor: Actor, _: datetime) -> Any:
    """What waits in the other departments; trips have lines of their own, with their time."""
    if not actor.person_id:
        return None
    seats = approvals.waiting_for(actor).exclude(origin=Origin.KEEPER)
    return seats.exclude(step__case__subject_type="fleet.trip")


def _to_name(actor: Actor, _: datetime) -> Any:
    """Steps that found nobody: the keeper of routes says who decides."""
    if not actor.can("approvals.keep"):
        return None
    return approvals.waiting_for(actor).filter(origin=Origin.KEEPER)


def _show_seat(seat: Any, _: Actor, at: datetime) -> Todo:
    step, case = seat.step, seat.step.case
    names = seat.origin == Origin.KEEPER
    late = step.due_at is not None and step.due_at < at
    due = f"{_near(at, step.due_at)} 前" if step.due_at else f"{_near(at, seat.active_at)} 到"
    return Todo(
        kind="待指定审批人" if names else "待审批",
        tone="stop" if names or late else "wait",
        icon="user-search" if names else "gavel",
        title=f"{case.unit} {case.summary or case.subject_label}",
        detail=_joined(case.route_title, step.title, case.applicant, case.subject_label),
        due=due,
        due_tone="stop" if late else "",
        url=places.maybe("portal:case", case.pk),
        verb="指定审批人" if names else "审批",
        rank=_DECIDE,
        due_at=step.due_at or seat.active_at,
    )


def _sent_back(actor: Actor, _: datetime) -> Any:
    if not actor.person_id or not actor.can("fleet.trip.request"):
        return None
    return sheets.sent_back(person_id=actor.person_id)


def _show_sent_back(trip: Any, _: Actor, at: datetime) -> Todo:
    return Todo(
        kind="已退回",
        tone="stop",
        icon="arrow-back-up",
        title=_who(trip),
        detail=_joined(f"意见：{trip.state_note}" if trip.state_note else "", trip.number),
        due=f"{_near(at, trip.planned_from)} 出车",
        due_tone=_soon(at, trip.planned_from),
        url=_trip_url(trip),
        act_url=places.maybe("fleet:change", trip.pk),
        verb="修改后再交",
        rank=_MEND,
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
        **_plate(trip.carrier.car),
        title=f"{trip.destination} {trip.carrier.driver or ''}".strip(),
        detail=_joined(trip.reason, f"{trip.driven} 公里" if trip.driven else "", trip.number),
        due=f"{formats.daytime(trip.back_at, style='near', today=_day(at))} 收车",
        url=_trip_url(trip),
        verb="评价",
        rank=_RATE,
        due_at=trip.back_at,
    )


def _driving(actor: Actor, at: datetime) -> Any:
    if not actor.person_id or not actor.can("fleet.trip.drive"):
        return None
    tomorrow = datetime.combine(_day(at) + timedelta(days=1), time.min, SHANGHAI)
    return sheets.driving(person_id=actor.person_id, day=_day(at)).filter(
        planned_from__lt=tomorrow, state__in=[TripState.DISPATCHED, TripState.OUT]
    )


def _show_driving(trip: Any, _: Actor, at: datetime) -> Todo:
    out = trip.state == TripState.OUT
    due = f"应返 {_near(at, trip.planned_to)}" if out else f"{_near(at, trip.planned_from)} 出车"
    late = (trip.planned_to if out else trip.planned_from) < at
    return Todo(
        kind="出车任务",
        tone="move",
        icon="steering-wheel",
        **_plate(trip.car),
        title=f"{trip.origin} 到 {trip.destination}",
        detail=_joined(f"{trip.unit} {trip.rider_name}", f"{trip.passengers} 人", trip.number),
        due=due,
        due_tone="stop" if late else "wait",
        url=_trip_url(trip),
        act_url=places.maybe("fleet:drive"),
        verb="收车" if out else "出车",
        rank=_DRIVE,
        due_at=trip.planned_from,
    )


# ── 待登记新车, 已退回: purchases and quotas ─────────────────────────────────────────────────


def _to_card(actor: Actor, _: datetime) -> Any:
    if not actor.can("fleet.purchase.card"):
        return None
    return purchases.to_card(actor.scope("fleet.purchase.card"))


def _show_to_card(purchase: Any, _: Actor, at: datetime) -> Todo:
    old = purchase.old_car
    return Todo(
        kind="待登记新车",
        tone="wait",
        icon="car",
        **_plate(old),
        title=f"{purchase.unit} {purchase.make}",
        detail=_joined(
            purchase.get_use_display(),
            purchase.get_kind_display(),
            f"{formats.day(purchase.approved_on, today=_day(at))}批准",
            purchase.document,
            purchase.number,
        ),
        url=places.maybe("fleet:purchase", purchase.pk),
        act_url=places.maybe("fleet:purchase_card", purchase.pk),
        verb="登记新车",
        rank=_CHECK,
        due_at=_noon(purchase.approved_on),
    )


def _purchases_sent_back(actor: Actor, _: datetime) -> Any:
    if not actor.person_id or not actor.can("fleet.purchase.request"):
        return None
    return purchases.sent_back(person_id=actor.person_id)


def _show_purchase_sent_back(purchase: Any, _: Actor, at: datetime) -> Todo:
    return Todo(
        kind="已退回",
        tone="stop",
        icon="arrow-back-up",
        title=f"{purchase.unit} {purchase.make}",
        detail=_joined(
            f"意见：{purchase.state_note}" if purchase.state_note else "", purchase.number
        ),
        url=places.maybe("fleet:purchase", purchase.pk),
        act_url=places.maybe("fleet:purchase_mend", purchase.pk),
        verb="修改后再交",
        rank=_MEND,
        due_at=purchase.asked_at or at,
    )


def _changes_sent_back(actor: Actor, _: datetime) -> Any:
    if not actor.person_id or not actor.can("fleet.quota.request"):
        return None
    return quotas.sent_back(person_id=actor.person_id)


def _show_change_sent_back(change: Any, _: Actor, at: datetime) -> Todo:
    return Todo(
        kind="已退回",
        tone="stop",
        icon="arrow-back-up",
        title=f"{change.quota}编制变更",
        detail=_joined(f"意见：{change.state_note}" if change.state_note else "", change.number),
        url=places.maybe("fleet:quota_change", change.pk),
        act_url=places.maybe("fleet:quota_mend", change.pk),
        verb="修改后再交",
        rank=_MEND,
        due_at=change.asked_at or at,
    )


FLEET = (
    Source(key="decide", kind="待审批", rows=_to_decide, show=_show_to_decide),
    Source(key="decide", kind="待审批", rows=_others_to_decide, show=_show_seat),
    Source(key="name", kind="待指定审批人", rows=_to_name, show=_show_seat),
    Source(key="drive", kind="出车任务", rows=_driving, show=_show_driving),
    Source(key="dispatch", kind="待派车", rows=_waiting, show=_show_waiting),
    Source(key="late", kind="逾期未归", rows=_overdue, show=_show_overdue),
    Source(key="returned", kind="已退回", rows=_sent_back, show=_show_sent_back),
    Source(key="returned", kind="已退回", rows=_purchases_sent_back, show=_show_purchase_sent_back),
    Source(key="returned", kind="已退回", rows=_changes_sent_back, show=_show_change_sent_back),
    Source(key="card", kind="待登记新车", rows=_to_card, show=_show_to_card),
    Source(key="paper", kind="待补单", rows=_unpapered, show=_show_unpapered),
    Source(key="check", kind="里程待核", rows=_doubtful, show=_show_doubtful),
    Source(key="due", kind="到期提醒", rows=_cars_ending, show=_show_car_ending),
    Source(key="due", kind="到期提醒", rows=_licences_ending, show=_show_licence),
    Source(key="rate", kind="待评价", rows=_to_rate, show=_show_to_rate),
)
