"""The plans of a day hold together at whatever moment they are made. No database."""

import itertools
from collections import defaultdict
from datetime import datetime, timedelta
from random import Random
from types import SimpleNamespace
from typing import Any, cast

import pytest

from guanjia.demo.accounts import HOUSING, RED_CROSS
from guanjia.domains.fleet.demo import accounts, day, scenes
from guanjia.domains.fleet.demo.planning import DAY, HOUR, Means, Plan, Planner, Pool
from guanjia.domains.fleet.demo.staff import Staff
from guanjia.kernel.values.period import SHANGHAI

STAFF = {
    code: Staff(
        unit=cast("Any", SimpleNamespace(pk=1)),
        applicant="a",
        approver="b",
        head="c",
        riders=["莫兴", "甲", "乙"],
    )
    for code in (HOUSING, RED_CROSS, *accounts.OTHER_UNITS)
}


def plans_at(at: datetime) -> list[Plan]:
    """All plans around a moment, as the day makes them."""
    rng = Random(at.toordinal())
    cars = [
        Means(pk=seats * 100 + i, number=f"{seats}-{i}", seats=seats)
        for seats, wanted in day.CARS.items()
        for i in range(wanted)
    ]
    licences = [99, 19, 9, 9] * 14
    drivers = [
        Means(pk=i, number=f"J9{i:02}", seats=most) for i, most in enumerate(licences, start=1000)
    ] + [
        Means(pk=1, number="J049", seats=99),
        Means(pk=2, number="J032", seats=9),
        Means(pk=3, number="J053", seats=19),
    ]
    planner = Planner(
        at=at, rng=rng, staff=STAFF, pool=Pool(cars, drivers), works=lambda d: d.weekday() < 5
    )
    scenes.stage(planner)
    for offset in (-1, 0, 1):
        planner.ordinary(planner.today + offset * DAY)
    for plan in planner.plans:
        if plan.turn == "swapped":
            planner.pool.spare_car(plan)
    return planner.plans


def moments() -> list[datetime]:
    """Every three quarters of an hour of a week over the turn of the year, and a leap day."""
    first = datetime(2027, 12, 29, 0, 0, 41, tzinfo=SHANGHAI)
    week = [first + i * 0.75 * HOUR for i in range(7 * 32)]
    return [*week, datetime(2028, 2, 29, 12, tzinfo=SHANGHAI)]


@pytest.mark.parametrize("at", moments()[::4], ids=str)
def test_plans_are_made_at_any_moment(at: datetime) -> None:
    for nearby in (at, at + 0.75 * HOUR, at + 1.5 * HOUR, at + 2.25 * HOUR):
        plans = plans_at(nearby)
        assert 50 <= len(plans) <= 85
        for plan in plans:
            in_order(plan, nearby)
        nobody_is_in_two_places(plans)


def in_order(plan: Plan, at: datetime) -> None:
    """A plan's times follow each other; whoever goes out is sent before."""
    times = [plan.asked_at, plan.decided_at, plan.sent_at, plan.went_at, plan.back_at]
    if plan.turn == "urgent":
        times = [plan.sent_at, plan.went_at, plan.back_at]
    given = [moment for moment in times if moment is not None]
    assert given == sorted(given), plan
    assert plan.begin < plan.end
    assert plan.asked_at <= at
    assert plan.end > plan.asked_at or plan.turn == "urgent", plan
    if plan.back_at is not None and plan.back_at <= at:
        assert plan.back_at <= plan.end


def nobody_is_in_two_places(plans: list[Plan]) -> None:
    """Cars and drivers have a breath between their journeys."""
    lines: dict[tuple[str, int], list[tuple[datetime, datetime]]] = defaultdict(list)
    for plan in plans:
        if plan.car_id:
            lines["car", plan.car_id].append((plan.begin, plan.end))
            lines["driver", plan.driver_id].append((plan.begin, plan.end))
    for line in lines.values():
        line.sort()
        for (_, until), (begin, _) in itertools.pairwise(line):
            assert begin - until >= timedelta(minutes=30)
