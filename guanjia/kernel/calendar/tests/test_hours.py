"""Working hours: over noon, nights, weekends, holidays and worked Saturdays."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from guanjia.kernel.calendar import actions, hours, queries
from guanjia.kernel.calendar.terms import DayKind
from guanjia.kernel.regulations.lawbook import NotInForce
from guanjia.kernel.values.actor import Actor
from guanjia.kernel.values.period import SHANGHAI

pytestmark = pytest.mark.django_db
SYSTEM = Actor.system("测试")


def at(*parts: int) -> datetime:
    return datetime(2020, *parts, tzinfo=SHANGHAI)  # type: ignore[arg-type]


def test_the_stretches_of_a_day_are_the_bureaus() -> None:
    assert hours.stretches(date(2020, 5, 20)) == [
        (time(8, 30), time(12)),
        (time(14, 30), time(17, 30)),
    ]
    with pytest.raises(NotInForce):
        hours.stretches(date(2000, 1, 1))


@pytest.mark.parametrize(
    ("start", "count", "end"),
    [
        (at(5, 20, 9), 0, at(5, 20, 9)),
        (at(5, 20, 9), 1, at(5, 20, 10)),
        (at(5, 20, 9), 3, at(5, 20, 12)),  # to the very end of the morning
        (at(5, 20, 9), 4, at(5, 20, 15, 30)),
        (at(5, 20, 13), 1, at(5, 20, 15, 30)),  # arrived at noon
        (at(5, 20, 6), 1, at(5, 20, 9, 30)),  # before the office opens
        (at(5, 20, 17, 30), 1, at(5, 21, 9, 30)),  # as it closes
        (at(5, 22, 17), 1, at(5, 25, 9)),  # over a weekend
        (at(4, 30, 17), 1, at(5, 6, 9)),  # over a holiday
        (at(5, 8, 17), 1, at(5, 9, 9)),  # into a Saturday that is worked
        (at(5, 20, 8, 30), 65, at(6, 3, 8, 30) - timedelta(hours=15)),  # ten whole days
        (at(5, 20, 8, 30), 400, None),
    ],
)
def test_they_are_counted_on(start: datetime, count: int, end: datetime | None) -> None:
    reached = hours.after(start, count)
    if end is not None:
        assert reached == end
    else:
        assert timedelta(days=80) < reached - start < timedelta(days=100)


def test_a_moment_is_the_same_in_any_zone() -> None:
    assert hours.after(at(5, 20, 9).astimezone(UTC), 4) == hours.after(at(5, 20, 9), 4)


def test_days_set_by_hand_count() -> None:
    actions.set_day(
        actor=SYSTEM, day=date(2020, 5, 20), kind=DayKind.REST, reason="防汛", at=at(5, 19, 9)
    )
    assert hours.after(at(5, 20, 9), 1) == at(5, 21, 9, 30)


def test_hours_are_not_counted_back() -> None:
    with pytest.raises(ValueError, match="negative"):
        hours.after(at(5, 20, 9), -1)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.integers(0, 60 * 24 * 60), st.integers(1, 60), st.integers(1, 60))
def test_hours_add_up_and_end_in_the_office(minutes: int, one: int, more: int) -> None:
    start = at(4, 20, 0) + timedelta(minutes=minutes)
    reached = hours.after(start, one)
    assert reached > start
    local = reached.astimezone(SHANGHAI)
    assert queries.is_workday(local.date())
    assert any(a < local.time() <= b for a, b in hours.stretches(local.date()))
    assert hours.after(reached, more) == hours.after(start, one + more)
