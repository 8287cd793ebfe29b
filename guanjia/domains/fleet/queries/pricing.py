"""What journeys cost by the tariff of their day, worked out for many trips in a few statements."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Q

from guanjia.domains.fleet.models import BillLine, Trip
from guanjia.domains.fleet.rules import bills, times
from guanjia.domains.fleet.terms.bills import JourneyFacts
from guanjia.domains.fleet.terms.trips import TripState
from guanjia.kernel.calendar import queries as calendar
from guanjia.kernel.calendar.terms import Day
from guanjia.kernel.regulations.lawbook import law_at


@dataclass(frozen=True, kw_only=True)
class Charge:
    """What a line of a bill says of a trip: its facts and its price as of now."""

    car_id: int
    departed_at: datetime
    size: str
    km: int
    hours: int
    riders: int
    all_riders: int
    tariff: str
    steps: tuple[tuple[str, int], ...]
    amount_fen: int

    def values(self) -> dict[str, Any]:
        """The fields of a line."""
        return {
            "car_id": self.car_id,
            "departed_at": self.departed_at,
            "size": self.size,
            "km": self.km,
            "hours": self.hours,
            "riders": self.riders,
            "all_riders": self.all_riders,
            "tariff": self.tariff,
            "steps": [list(step) for step in self.steps],
            "amount_fen": self.amount_fen,
        }

    def differs(self, line: BillLine) -> bool:
        """Whether a line says something else."""
        return any(getattr(line, name) != value for name, value in self.values().items())


def charges(trips: Iterable[Trip]) -> Mapping[int, Charge]:
    """The charge of each finished trip by its id; ``shares`` and cars must be loaded along."""
    wanted = [trip for trip in trips if trip.state == TripState.FINISHED]
    carriers = {trip.carrier.pk: trip.carrier for trip in wanted}
    if not carriers:
        return {}
    groups = _groups(carriers)
    days = _days(carriers.values())
    found = {}
    for pk, carrier in carriers.items():
        found.update(_of_journey(carrier, groups[pk], days))
    return {trip.pk: found[trip.pk] for trip in wanted}


def _groups(carriers: Mapping[int, Trip]) -> dict[int, list[tuple[int, int]]]:
    """Who rode in each car: (trip, riders), the carrier first."""
    rows = (
        Trip.objects.filter(Q(pk__in=carriers) | Q(shares__in=carriers))
        .filter(state=TripState.FINISHED)
        .order_by("pk")
        .values_list("pk", "shares_id", "passengers")
    )
    groups: dict[int, list[tuple[int, int]]] = {}
    for pk, shares_id, passengers in sorted(rows, key=lambda row: row[1] is not None):
        groups.setdefault(shares_id or pk, []).append((pk, passengers))
    return groups


def _days(carriers: Iterable[Trip]) -> Mapping[date, Day]:
    ends = [(carrier.out.at, carrier.back.at) for carrier in carriers]
    first = min(went for went, _ in ends).astimezone(times.ZONE).date()
    last = max(back for _, back in ends).astimezone(times.ZONE).date()
    return calendar.days(first, last + timedelta(days=1))


def _of_journey(
    carrier: Trip, group: list[tuple[int, int]], days: Mapping[date, Day]
) -> dict[int, Charge]:
    """What each trip in one car pays."""
    car = carrier.car
    if car is None or carrier.driven is None:
        raise ValueError(f"{carrier.number} has no journey to price")
    went, back = carrier.out.at, carrier.back.at
    facts = JourneyFacts(
        km=carrier.driven,
        seats=car.seats,
        went_at=went,
        back_at=back,
        rest_days=_rest_days(went, back, days),
    )
    whole = bills.price(facts, law_at(went))
    riders = [count for _, count in group]
    found = {}
    for (pk, count), part in zip(group, bills.split(whole.amount_fen, riders), strict=True):
        price = whole
        if len(group) > 1:
            price = bills.shared(whole, riders=count, all_riders=sum(riders), part_fen=part)
        found[pk] = Charge(
            car_id=car.pk,
            departed_at=went,
            size=price.size.value,
            km=facts.km,
            hours=price.hours,
            riders=count,
            all_riders=sum(riders),
            tariff=price.tariff,
            steps=tuple((step.text, step.amount_fen) for step in price.steps),
            amount_fen=price.amount_fen,
        )
    return found


def _rest_days(went: datetime, back: datetime, days: Mapping[date, Day]) -> int:
    first = went.astimezone(times.ZONE).date()
    last = max(first, (back - timedelta(microseconds=1)).astimezone(times.ZONE).date())
    span = (last - first).days + 1
    return sum(not days[first + timedelta(days=step)].works for step in range(span))
