"""Costs that follow trips: what drivers tell at their return, and what waited for a trip."""

from datetime import datetime
from typing import Any

from django.db import transaction

from guanjia.domains.fleet.actions import costs, doubting, replacing
from guanjia.domains.fleet.events import TripFinished
from guanjia.domains.fleet.models import Cost, Trip
from guanjia.domains.fleet.queries import costs as queries
from guanjia.domains.fleet.terms.costs import ON_THE_WAY, CostKind, CostSource, CostState
from guanjia.kernel.acts.changing import change
from guanjia.kernel.values.actor import Actor

ME = Actor.system("收车填报")
MATCHED = "fleet.cost.matched"


@transaction.atomic
def follow_trip(news: TripFinished) -> None:
    """Fuel, toll and parking that the driver told become costs; safe to repeat.

    What the trip says now goes: an amount that was corrected is corrected, one that is gone is
    void. A cost that a sheet has replaced, or that was refused or made void, stays as it is.
    """
    trip: Trip = (
        Trip.objects.select_for_update(of=("self",))
        .select_related("car__unit")
        .get(pk=news.trip_id)
    )
    if trip.car is None or trip.back_at is None or trip.went_at is None:
        return
    at = trip.back_at
    touched = _tell(trip, at) + _adopt(trip, at)
    went, back = queries.day_of(trip.went_at), queries.day_of(at)
    swapped = replacing.replace(actor=ME, car_ids=[trip.car.pk], since=went, until=back, at=at)
    fresh = {cost.pk: cost for cost in [*touched, *swapped]}
    if fresh:
        doubting.look(costs=list(fresh.values()), at=at)


def _told(trip: Trip) -> dict[CostKind, tuple[int, Any]]:
    """What the driver told, by kind: money and litres."""
    told = {
        CostKind.FUEL: (trip.fuel_fen or 0, trip.fuel_l or None),
        CostKind.TOLL: (trip.toll_fen or 0, None),
        CostKind.PARKING: (trip.parking_fen or 0, None),
    }
    return {kind: each for kind, each in told.items() if any(each)}


def _tell(trip: Trip, at: datetime) -> list[Cost]:
    told = _told(trip)
    numbers = {f"{trip.number}-{kind.label}": kind for kind in CostKind}
    known = {
        numbers[cost.source_no]: cost
        for cost in Cost.objects.select_for_update().filter(
            source=CostSource.TRIP, source_no__in=numbers
        )
    }
    new = [
        {
            "car": trip.car, "trip": trip, "kind": kind, "spent_on": queries.day_of(at),
            "amount_fen": fen, "litres": litres, "source": CostSource.TRIP,
            "source_no": f"{trip.number}-{kind.label}",
            "note": "" if fen else "只报升数，金额以对账单为准",
        }
        for kind, (fen, litres) in told.items()
        if kind not in known
    ]  # fmt: skip
    made = costs.record_costs(actor=ME, rows=costs.completed(new), at=at)
    changed = [
        cost
        for kind, cost in known.items()
        if cost.state == CostState.COUNTED and _correct(cost, told.get(kind), at)
    ]
    return [*made, *changed]


def _correct(cost: Cost, told: tuple[int, Any] | None, at: datetime) -> bool:
    if told == (cost.amount_fen, cost.litres):
        return False
    facts: dict[str, Any] = (
        {"state": CostState.VOID, "state_note": "派车单更正后没有这笔"}
        if told is None
        else {"amount_fen": told[0], "litres": told[1]}
    )
    change(cost, facts, actor=ME, verb="fleet.cost.changed", at=at)
    return True


def _adopt(trip: Trip, at: datetime) -> list[Cost]:
    """Costs of the car that came in before the trip did find it now."""
    waiting = list(
        Cost.objects.counted()
        .select_for_update(of=("self",))
        .filter(car=trip.car, trip=None, kind__in=ON_THE_WAY)
        .filter(spent_at__gte=trip.went_at, spent_at__lt=trip.back_at)
    )
    _settle(waiting, [trip.pk] * len(waiting), at)
    return waiting


def _settle(found: list[Cost], trip_ids: list[int], at: datetime) -> None:
    for cost, trip_id in zip(found, trip_ids, strict=True):
        change(cost, {"trip_id": trip_id}, actor=ME, verb=MATCHED, at=at)


@transaction.atomic
def match_waiting(*, at: datetime) -> int:
    """Find the trips of costs that had none, for trips recorded later (补录); safe to repeat.

    Returns how many found theirs.
    """
    waiting = list(
        Cost.objects.counted()
        .select_for_update(of=("self",))
        .filter(trip=None, kind__in=ON_THE_WAY)
        .order_by("pk")
    )
    matches = queries.trips_of([(c.car_id, c.spent_on, c.spent_at) for c in waiting])
    pairs = [
        (cost, match.trip_id)
        for cost, match in zip(waiting, matches, strict=True)
        if match.trip_id is not None
    ]
    found = [cost for cost, _ in pairs]
    _settle(found, [trip_id for _, trip_id in pairs], at)
    if found:
        days = [cost.spent_on for cost in found]
        swapped = replacing.replace(
            actor=ME, car_ids={cost.car_id for cost in found}, since=min(days), until=max(days),
            at=at,
        )  # fmt: skip
        doubting.look(costs=list({c.pk: c for c in [*found, *swapped]}.values()), at=at)
    return len(found)
