"""A living day: every plan is carried out by calling actions, each at its own time, in order."""

import heapq
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from itertools import count
from random import Random
from typing import Any

from guanjia.domains.fleet.actions import dispatching, journeys, requests
from guanjia.domains.fleet.demo import accounts, scenes
from guanjia.domains.fleet.demo.planning import DAY, MINUTE, ORIGIN, Means, Plan, Planner, Pool
from guanjia.domains.fleet.demo.staff import Staff
from guanjia.domains.fleet.queries import archive, means
from guanjia.domains.fleet.terms.cars import CarState
from guanjia.domains.fleet.terms.drivers import DriverState
from guanjia.kernel.access import queries as access
from guanjia.kernel.calendar import queries as calendar
from guanjia.kernel.regulations.lawbook import law_at
from guanjia.kernel.values.actor import Actor, Scope
from guanjia.kernel.values.period import SHANGHAI

# How many cars of each size the demo drives, so that the board shows several journeys on each.
CARS = {5: 13, 7: 7, 15: 4, 23: 2}
WISHES = ("同意", "同意", "同意，注意安全", "同意，按时返回")


@dataclass(kw_only=True)
class Town:
    """Who is there to act, and what the odometers read."""

    staff: dict[str, Staff]
    rng: Random
    spare: dict[int, int] = field(default_factory=dict)
    readings: dict[int, int] = field(default_factory=dict)
    _actors: dict[tuple[str, date], Actor] = field(default_factory=dict)

    def actor(self, username: str, at: datetime) -> Actor:
        """The actor behind an account, with the duties of that day."""
        on = at.astimezone(SHANGHAI).date()
        if (username, on) not in self._actors:
            self._actors[username, on] = access.actor_named(username=username, on=on)
        return self._actors[username, on]

    def decider(self, plan: Plan, at: datetime) -> Actor:
        """Who decides: the approver, or the head where a rest day is touched."""
        staff = self.staff[plan.unit]
        resting = requests.rest_days(plan.begin, plan.end)
        return self.actor(staff.head if resting else staff.approver, at)

    def wheel(self, plan: Plan, at: datetime) -> Actor:
        """Who tells the odometer: the driver, or the dispatcher for one without an account."""
        return self.actor(accounts.DRIVERS.get(plan.driver, accounts.DISPATCHER), at)

    def reading(self, car_id: int) -> int:
        """What the odometer of a car reads now."""
        return self.readings[car_id]


def live(*, at: datetime, staff: dict[str, Staff], rng: Random) -> int:
    """Plan three days around a moment and carry out what lies before it; returns how many plans."""
    cars, drivers = _means(at, rng)
    pool = Pool(cars, drivers)
    planner = Planner(at=at, rng=rng, staff=staff, pool=pool, works=calendar.is_workday)
    scenes.stage(planner)
    for offset in (-1, 0, 1):
        planner.ordinary(planner.today + offset * DAY)
    town = Town(staff=staff, rng=rng, readings=_readings(cars, at))
    for plan in planner.plans:
        if plan.turn == "swapped":
            town.spare[id(plan)] = pool.spare_car(plan)
    _perform(town, planner.plans, at)
    return len(planner.plans)


def _means(at: datetime, rng: Random) -> tuple[list[Means], list[Means]]:
    """The cars and drivers the demo uses: sound, inspected and licensed for the days to come."""
    until = at.astimezone(SHANGHAI).date() + 5 * DAY
    found = list(
        archive.cars(Scope.all())
        .filter(state=CarState.IN_USE, inspected_until__gt=until)
        .order_by("plate")
    )
    rng.shuffle(found)
    cars = [
        Means(pk=car.pk, number=car.plate, seats=seats)
        for seats, wanted in CARS.items()
        for car in [car for car in found if car.seats == seats][:wanted]
    ]
    rng.shuffle(cars)
    most = law_at(at)["fleet.licence.seats_max"].value
    drivers = [
        Means(pk=driver.pk, number=driver.number, seats=most[driver.licence] or 99)
        for driver in archive.drivers(Scope.all())
        .filter(state=DriverState.ON_DUTY, licence_until__gt=until)
        .order_by("number")
    ]
    rng.shuffle(drivers)
    return cars, drivers


def _readings(cars: list[Means], at: datetime) -> dict[int, int]:
    known = dict(archive.cars(Scope.all()).values_list("pk", "odometer_km"))
    for car in cars:
        if last := means.reading_before(car_id=car.pk, at=at):
            known[car.pk] = last.km
    return known


def _perform(town: Town, plans: list[Plan], at: datetime) -> None:
    """Let the lives of all plans run side by side, step by step in the order of time."""
    order = count()
    queue: list[tuple[datetime, int, Iterator[datetime]]] = []

    def wait(life: Iterator[datetime]) -> None:
        when = next(life, None)
        if when is not None and when <= at:
            heapq.heappush(queue, (when, next(order), life))

    for plan in plans:
        wait(_urgent_life(town, plan) if plan.turn == "urgent" else _life(town, plan))
    while queue:
        wait(heapq.heappop(queue)[2])


# ── the life of a plan: it yields the time of its next step, then takes it ────────────────


def _facts(plan: Plan, staff: Staff) -> dict[str, Any]:
    resting = requests.rest_days(plan.begin, plan.end)
    return {
        "unit_id": staff.unit.pk,
        "rider_name": plan.rider,
        "purpose": plan.purpose,
        "reason": plan.reason,
        "origin": ORIGIN,
        "destination": plan.place.name,
        "passengers": plan.passengers,
        "planned_from": plan.begin,
        "planned_to": plan.end,
        "rest_day_reason": f"{plan.reason}，须在休息日进行" if resting else "",
    }


def _life(town: Town, plan: Plan) -> Iterator[datetime]:
    staff = town.staff[plan.unit]
    yield plan.asked_at
    facts = _facts(plan, staff)
    if plan.turn == "wish":
        sound = archive.cars(Scope.all()).filter(seats=plan.seats, state=CarState.IN_USE)
        facts["wished_car_id"] = sound.order_by("plate")[0].pk
    applicant = staff.applicant
    plan.trip_id = requests.request_trip(
        actor=town.actor(applicant, plan.asked_at), facts=facts, at=plan.asked_at
    ).pk
    yield from _returned(town, plan)
    if plan.decided_at is None:
        return
    yield plan.decided_at
    requests.approve_trip(
        actor=town.decider(plan, plan.decided_at),
        trip_id=plan.trip_id,
        comment=town.rng.choice(WISHES),
        at=plan.decided_at,
    )
    yield from _dispatched(town, plan)


def _returned(town: Town, plan: Plan) -> Iterator[datetime]:
    """Sent back or taken back before it is decided."""
    staff, when = town.staff[plan.unit], plan.turned_at
    if plan.turn == "returned" and when is not None:
        yield when
        requests.return_trip(
            actor=town.decider(plan, when), trip_id=plan.trip_id, at=when,
            comment="社区就在附近，改乘公交；确需用车的写明原因。",
        )  # fmt: skip
    elif plan.turn == "withdrawn" and when is not None:
        yield when
        requests.withdraw_trip(
            actor=town.actor(staff.applicant, when), trip_id=plan.trip_id, at=when
        )
    elif plan.turn == "mended" and when is not None and plan.decided_at is not None:
        yield plan.decided_at
        requests.return_trip(
            actor=town.decider(plan, plan.decided_at), trip_id=plan.trip_id,
            comment="人数与会议通知不一致，核对后再报。", at=plan.decided_at,
        )  # fmt: skip
        yield when
        plan.passengers -= 1
        requests.change_trip(
            actor=town.actor(staff.applicant, when), trip_id=plan.trip_id,
            facts=_facts(plan, staff), comment="已按通知核对人数。", at=when,
        )  # fmt: skip
        plan.decided_at = when + 25 * MINUTE


def _dispatched(town: Town, plan: Plan) -> Iterator[datetime]:
    if plan.sent_at is None:
        return
    yield plan.sent_at
    dispatcher = town.actor(accounts.DISPATCHER, plan.sent_at)
    if plan.carrier is not None:
        dispatching.share_trip(
            actor=dispatcher, trip_id=plan.trip_id, carrier_id=plan.carrier.trip_id, at=plan.sent_at
        )
        return
    dispatching.dispatch_trip(
        actor=dispatcher, trip_id=plan.trip_id, car_id=plan.car_id, driver_id=plan.driver_id,
        at=plan.sent_at,
    )  # fmt: skip
    if plan.turned_at is not None and plan.turn == "swapped":
        yield plan.turned_at
        plan.car_id = town.spare[id(plan)]
        dispatching.dispatch_trip(
            actor=dispatcher, trip_id=plan.trip_id, car_id=plan.car_id,
            driver_id=plan.driver_id, at=plan.turned_at,
        )  # fmt: skip
    if plan.turned_at is not None and plan.turn == "cancelled":
        yield plan.turned_at
        requests.cancel_trip(
            actor=town.actor(town.staff[plan.unit].applicant, plan.turned_at),
            trip_id=plan.trip_id, reason="会议改期", at=plan.turned_at,
        )  # fmt: skip
        return
    yield from _driven(town, plan)


def _driven(town: Town, plan: Plan) -> Iterator[datetime]:
    if plan.went_at is None:
        return
    yield plan.went_at
    start = town.reading(plan.car_id) + (plan.gap_km or town.rng.choice((0, 0, 0, 1, 2)))
    journeys.depart_trip(
        actor=town.wheel(plan, plan.went_at), trip_id=plan.trip_id, start_km=start, at=plan.went_at
    )
    town.readings[plan.car_id] = start
    if plan.back_at is None:
        return
    yield plan.back_at
    journeys.finish_trip(
        actor=town.wheel(plan, plan.back_at), trip_id=plan.trip_id, end_km=start + plan.km,
        at=plan.back_at, **_costs(town, plan),
    )  # fmt: skip
    town.readings[plan.car_id] = start + plan.km
    if plan.rated_at is None:
        return
    yield plan.rated_at
    comment = "准时、平稳。" if plan.stars == 5 else "等候时间稍长。"  # noqa: PLR2004 — all stars
    requests.rate_trip(
        actor=town.actor(town.staff[plan.unit].applicant, plan.rated_at),
        trip_id=plan.trip_id, stars=plan.stars, comment=comment, at=plan.rated_at,
    )  # fmt: skip


def _costs(town: Town, plan: Plan) -> dict[str, Any]:
    """Tolls beyond the city, parking where one stays, now and then fuel. Money in 分."""
    toll = round(plan.km * 0.45) * 100 if plan.km > 80 else None  # noqa: PLR2004 — out of the city
    parking = town.rng.choice((None, None, 500, 1000))
    if town.rng.random() < 0.75:  # noqa: PLR2004 — one in four fills up
        return {"toll_fen": toll, "parking_fen": parking}
    litres = Decimal(town.rng.randint(2000, 5500)) / 100
    return {
        "toll_fen": toll,
        "parking_fen": parking,
        "fuel_l": litres,
        "fuel_fen": int(litres * 768),
    }


def _urgent_life(town: Town, plan: Plan) -> Iterator[datetime]:
    """Sent first and papered later: the papers are owed, or wait for the unit's approver."""
    staff = town.staff[plan.unit]
    if plan.sent_at is None:
        return
    yield plan.sent_at
    plan.trip_id = dispatching.dispatch_urgently(
        actor=town.actor(accounts.DISPATCHER, plan.sent_at),
        facts=_facts(plan, staff),
        car_id=plan.car_id,
        driver_id=plan.driver_id,
        reason=f"{plan.reason}，来不及先行审批",
        at=plan.sent_at,
    ).pk
    yield from _driven(town, plan)
    if plan.turned_at is None:
        return
    yield plan.turned_at
    requests.paper_trip(
        actor=town.actor(staff.clerk, plan.turned_at), trip_id=plan.trip_id,
        facts={}, comment="补报应急用车手续", at=plan.turned_at,
    )  # fmt: skip
