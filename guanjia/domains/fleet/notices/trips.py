"""What people are told about trips: riders of their car, drivers of their journeys."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from guanjia.domains.fleet.events import (
    TripCancelled,
    TripDispatched,
    TripRecalled,
    TripReplanned,
)
from guanjia.domains.fleet.models import Driver, Trip
from guanjia.domains.fleet.rules import times
from guanjia.domains.fleet.terms.trips import TripState
from guanjia.kernel.events import bus
from guanjia.kernel.notices.actions.notices import about, send
from guanjia.kernel.notices.kinds import NoticeKind
from guanjia.kernel.notices.terms import PRESSING
from guanjia.kernel.regulations.lawbook import law_at
from guanjia.ui import formats

DISPATCHED = NoticeKind(
    key="fleet.dispatched", title="已派车", template="fleet/notices/dispatched.txt"
)
TASK = NoticeKind(
    key="fleet.task", title="出车任务", template="fleet/notices/task.txt", channels=PRESSING
)
TASK_OFF = NoticeKind(
    key="fleet.task_off", title="不用出车", template="fleet/notices/task_off.txt", channels=PRESSING
)
RECALLED = NoticeKind(key="fleet.recalled", title="派车收回", template="fleet/notices/recalled.txt")
CANCELLED = NoticeKind(
    key="fleet.cancelled", title="用车取消", template="fleet/notices/cancelled.txt"
)
REPLANNED = NoticeKind(
    key="fleet.replanned", title="改出车时间", template="fleet/notices/replanned.txt",
    channels=PRESSING,
)  # fmt: skip
KINDS = (DISPATCHED, TASK, TASK_OFF, RECALLED, CANCELLED, REPLANNED)

_WITH = ("unit", "car", "driver", "shares__car", "shares__driver")


def _trip(trip_id: int) -> Trip:
    trip: Trip = Trip.objects.select_related(*_WITH).get(pk=trip_id)
    return trip


def facts_of(trip: Trip, *, at: datetime) -> dict[str, Any]:
    """What every text about a trip may name; days are written as of ``at``."""
    today = at.astimezone(times.ZONE).date()
    carrier = trip.carrier
    return {
        "number": trip.number,
        "when": formats.daytime(trip.planned_from, style="week", today=today),
        "origin": trip.origin,
        "destination": trip.destination,
        "unit": str(trip.unit),
        "rider": trip.rider_name,
        "passengers": trip.passengers,
        "plate": carrier.car.plate if carrier.car else "",
        "driver": carrier.driver.name if carrier.driver else "",
    }


def _soon(trip: Trip, at: datetime) -> bool:
    """Whether it goes so soon that the driver must hear of it at once."""
    hours = int(law_at(at)["fleet.notice.urgent_hours"].value)
    return trip.planned_from - at <= timedelta(hours=hours)


def _askers(trips: Iterable[Trip]) -> list[int | None]:
    return [pk for trip in trips for pk in (trip.applicant_id, trip.rider_id)]


def _sharers(trip: Trip) -> list[Trip]:
    """The trips that share the car of one and still go with it."""
    return list(trip.sharers.filter(state=TripState.DISPATCHED).select_related(*_WITH))


def _person_of(driver_id: int | None) -> int | None:
    """The person a driver is, if they have an account."""
    driver = Driver.objects.filter(pk=driver_id or 0).first()
    return driver.person_id if driver else None


def dispatched(news: TripDispatched) -> None:
    """已派车 to who asked and who rides, 出车任务 to the driver, 不用出车 to the one before."""
    trip = _trip(news.trip_id)
    at = trip.dispatched_at
    assert at is not None  # noqa: S101 — it was dispatched just now
    changed = news.instead_of is not None
    driver = trip.carrier.driver
    facts = facts_of(trip, at=at) | {"changed": changed, "shared": trip.shares_id is not None}
    once = f"{trip.pk}:{at.isoformat()}"
    common: dict[str, Any] = {"facts": facts, "subject": about(trip), "once": once, "at": at}
    send(kind=DISPATCHED, to=_askers([trip]), without=[trip.dispatched_by_id], **common)
    if driver is not None:
        send(kind=TASK, to=[driver.person_id], urgent=_soon(trip, at), **common)
    for sharer in _sharers(trip) if changed else ():
        changed_facts = facts_of(sharer, at=at) | {"changed": True, "shared": True}
        common |= {"facts": changed_facts, "subject": about(sharer), "once": f"{sharer.pk}:{at}"}
        send(kind=DISPATCHED, to=_askers([sharer]), without=[trip.dispatched_by_id], **common)
    if changed and (driver is None or news.instead_of != driver.pk):
        _take_off(trip, news.instead_of, "改派别人", at)


def _take_off(trip: Trip, driver_id: int | None, reason: str, at: datetime) -> None:
    send(
        kind=TASK_OFF,
        to=[_person_of(driver_id)],
        facts=facts_of(trip, at=at) | {"reason": reason},
        subject=about(trip),
        once=f"{trip.pk}:{at.isoformat()}",
        urgent=_soon(trip, at),
        at=at,
    )


def recalled(news: TripRecalled) -> None:
    """派车收回 to who asked and who rides, those who shared the car too; the driver need not go."""
    trip = _trip(news.trip_id)
    for waiting in (trip, *map(_trip, news.sharer_ids)):
        _wait_again(waiting, news.reason, news.by_id, news.at)
    if news.driver_id is not None:
        _take_off(trip, news.driver_id, news.reason, news.at)


def _wait_again(trip: Trip, reason: str, by_id: int | None, at: datetime) -> None:
    send(
        kind=RECALLED,
        to=_askers([trip]),
        facts=facts_of(trip, at=at) | {"reason": reason},
        subject=about(trip),
        once=f"{trip.pk}:{at.isoformat()}",
        without=[by_id],
        urgent=_soon(trip, at),
        at=at,
    )


def cancelled(news: TripCancelled) -> None:
    """用车取消 to who asked and who rides; who shared the car waits again; the driver stays."""
    if news.at is None:
        return
    trip = _trip(news.trip_id)
    send(
        kind=CANCELLED,
        to=_askers([trip]),
        facts=facts_of(trip, at=news.at) | {"reason": trip.state_note},
        subject=about(trip),
        once=str(trip.pk),
        without=[news.by_id],
        at=news.at,
    )
    for sharer in map(_trip, news.sharer_ids):
        _wait_again(sharer, f"合乘的 {trip.number} 取消", news.by_id, news.at)
    if news.driver_id is not None:
        _take_off(trip, news.driver_id, trip.state_note, news.at)


def replanned(news: TripReplanned) -> None:
    """改出车时间 to everybody concerned."""
    trip = _trip(news.trip_id)
    driver = trip.carrier.driver
    send(
        kind=REPLANNED,
        to=[*_askers([trip, *_sharers(trip)]), driver.person_id if driver else None],
        facts=facts_of(trip, at=news.at),
        subject=about(trip),
        once=f"{trip.pk}:{news.at.isoformat()}",
        without=[news.by_id],
        urgent=_soon(trip, news.at),
        at=news.at,
    )


def subscribe() -> None:
    """Hear of everything above."""
    bus.subscribe(TripDispatched, dispatched)
    bus.subscribe(TripRecalled, recalled)
    bus.subscribe(TripCancelled, cancelled)
    bus.subscribe(TripReplanned, replanned)
