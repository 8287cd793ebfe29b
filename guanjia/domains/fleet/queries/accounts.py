"""The account of each car (单车核算): kilometres, cost and fuel in a period, beside its kind."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.models import Count, Q, Sum

from guanjia.domains.fleet.models import Car, CarStay, Cost
from guanjia.domains.fleet.queries import sheets
from guanjia.domains.fleet.rules import accounts as rules
from guanjia.domains.fleet.terms.accounts import CarAccount, Group, Rates
from guanjia.domains.fleet.terms.cars import CarState, Keeping
from guanjia.domains.fleet.terms.costs import CostKind
from guanjia.kernel.regulations.lawbook import law_at
from guanjia.kernel.values.actor import Scope
from guanjia.kernel.values.period import Period

_NOTHING = Decimal(0)
# The days a car was out: every day that a finished journey of its own touches, inside the period.
_DAYS = """
    SELECT t.car_id, count(DISTINCT d)
    FROM fleet_trip t
    CROSS JOIN LATERAL generate_series(
        (t.went_at AT TIME ZONE 'Asia/Shanghai')::date,
        least((t.back_at AT TIME ZONE 'Asia/Shanghai')::date, %s::date),
        interval '1 day'
    ) d
    WHERE t.state = 'FINISHED' AND t.shares_id IS NULL AND t.went_at >= %s AND t.went_at < %s
    GROUP BY t.car_id
"""


def of_cars(*, scope: Scope, period: Period) -> list[CarAccount]:
    """The accounts of the cars inside the scope that stood on the books, drove or cost something.

    Medians and places are of the whole city's cars of the kind (for a shared scope without the
    secret ones), so that a unit with two cars has something to compare with; the rows are only
    the scope's. Five statements, whatever the number of cars.
    """
    everybody = Scope.outside() if scope.shared else Scope.all()
    accounts = _placed(_reckoned(everybody, period), period)
    if scope.everything:
        return accounts
    ours = set(Car.objects.within(scope).values_list("pk", flat=True))
    return [account for account in accounts if account.car_id in ours]


def _reckoned(scope: Scope, period: Period) -> list[CarAccount]:
    driven = _driven(period)
    days = _days(period)
    spent = _spent(scope, period)
    standing = _standing(period)
    found = []
    for car in Car.objects.within(scope).select_related("unit").order_by("unit__position", "plate"):
        leased = car.keeping == Keeping.LEASED and car.state != CarState.DISPOSED
        if not (car.pk in driven or car.pk in spent or car.pk in standing or leased):
            continue
        trips, km = driven.get(car.pk, (0, 0))
        rows = spent.get(car.pk, [])
        found.append(
            CarAccount(
                car_id=car.pk,
                plate=car.plate,
                colour=car.get_plate_colour_display(),
                make=car.make,
                unit_id=car.unit_id,
                unit_name=car.unit.shown,
                group=Group.of(use=car.use, body=car.body, energy=car.energy),
                km=km,
                trips=trips,
                days_used=days.get(car.pk, 0),
                costs={CostKind(row["kind"]): int(row["fen"]) for row in rows},
                entries=sum(row["entries"] for row in rows),
                litres=sum((row["litres"] or _NOTHING for row in rows), _NOTHING),
                kwh=sum((row["kwh"] or _NOTHING for row in rows), _NOTHING),
            )
        )
    return found


def _driven(period: Period) -> Mapping[int, tuple[int, int]]:
    """Finished journeys of each car and their kilometres; who shares a car is not counted again."""
    rows = (
        sheets.finished_trips(scope=Scope.all(), period=period)
        .order_by()
        .values("car_id")
        .annotate(trips=Count("pk"), km=Sum("driven"))
        .values_list("car_id", "trips", "km")
    )
    return {car: (trips, int(km or 0)) for car, trips, km in rows}


def _days(period: Period) -> Mapping[int, int]:
    begin, end = period.bounds()
    with connection.cursor() as cursor:
        cursor.execute(_DAYS, [period.last, begin, end])
        return dict(cursor.fetchall())


def _spent(scope: Scope, period: Period) -> Mapping[int, Sequence[Mapping[str, Any]]]:
    """What counts, by car and kind."""
    rows = (
        Cost.objects.within(scope)
        .counted()
        .filter(spent_on__gte=period.start, spent_on__lt=period.end)
        .order_by()
        .values("car_id", "kind")
        .annotate(fen=Sum("amount_fen"), litres=Sum("litres"), kwh=Sum("kwh"), entries=Count("pk"))
    )
    found: dict[int, list[Mapping[str, Any]]] = {}
    for row in rows:
        found.setdefault(row["car_id"], []).append(row)
    return found


def _standing(period: Period) -> set[int]:
    stays = CarStay.objects.filter(during__overlap=(period.start, period.end))
    return set(stays.values_list("car_id", flat=True))


def _placed(accounts: Sequence[CarAccount], period: Period) -> list[CarAccount]:
    law = law_at(period.last)
    cost = rules.place(
        law=law,
        rates={
            a.car_id: (a.group, rules.per_km(total_fen=a.total_fen, entries=a.entries, km=a.km))
            for a in accounts
        },
    )
    fuel = rules.place(
        law=law,
        rates={a.car_id: (a.group, rules.per_100km(litres=a.litres, km=a.km)) for a in accounts},
    )
    return [
        replace(a, cost_per_km_fen=cost[a.car_id], litres_per_100km=fuel[a.car_id])
        for a in accounts
    ]


def groups_of(accounts: Sequence[CarAccount]) -> list[tuple[Group, int, Rates, Rates]]:
    """The kinds among some accounts: how many cars are shown, and both medians of the city."""
    found: dict[Group, list[CarAccount]] = {}
    for account in accounts:
        found.setdefault(account.group, []).append(account)
    return [
        (
            group,
            len(found[group]),
            Rates(
                cars=found[group][0].cost_per_km_fen.among,
                median=found[group][0].cost_per_km_fen.median,
            ),
            Rates(
                cars=found[group][0].litres_per_100km.among,
                median=found[group][0].litres_per_100km.median,
            ),
        )
        for group in sorted(found)
    ]


def dearest(accounts: Sequence[CarAccount], *, by: str, count: int) -> list[CarAccount]:
    """The cars of the highest rate; ``by``: ``cost_per_km_fen`` or ``litres_per_100km``."""
    rated = [account for account in accounts if getattr(account, by).rate is not None]
    return sorted(rated, key=lambda a: (-getattr(a, by).rate, a.plate))[:count]


def of_car(*, car: Car, scope: Scope, period: Period) -> CarAccount | None:
    """The account of one car; ``None`` where there is nothing to reckon."""
    return next((a for a in of_cars(scope=scope, period=period) if a.car_id == car.pk), None)


def by_kind(*, car: Car, scope: Scope, period: Period) -> list[tuple[CostKind, int, int]]:
    """What a car cost in a period by kind: 分 and how many rows, the dearest kind first."""
    rows = (
        Cost.objects.within(scope)
        .counted()
        .filter(Q(car=car), spent_on__gte=period.start, spent_on__lt=period.end)
        .order_by()
        .values_list("kind")
        .annotate(fen=Sum("amount_fen"), entries=Count("pk"))
    )
    found = [(CostKind(kind), int(fen), entries) for kind, fen, entries in rows]
    return sorted(found, key=lambda row: -row[1])
