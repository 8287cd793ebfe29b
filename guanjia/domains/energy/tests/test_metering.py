"""Readings come in, late, twice and in any order, and come to the same days and months."""

import os
import random
from contextlib import suppress
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.db import transaction
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from guanjia.domains.energy import jobs
from guanjia.domains.energy.actions import metering as intake
from guanjia.domains.energy.actions import metering_rolls, meters
from guanjia.domains.energy.models import (
    Meter,
    MeterAlarm,
    MeterAside,
    MeterChange,
    MeterDay,
    MeterDue,
    MeterMonth,
)
from guanjia.domains.energy.queries.readings import READINGS, midnight, sent
from guanjia.domains.energy.queries.rolling import Book
from guanjia.domains.energy.rules import counting
from guanjia.domains.energy.terms.meters import AsideReason, Line
from guanjia.domains.energy.tests import metering
from guanjia.domains.energy.tests.builders import AT, SYSTEM, TODAY, City
from guanjia.domains.energy.tests.metering import BEGUN
from guanjia.kernel import scale
from guanjia.kernel.regulations.verdict import Refused

pytestmark = [pytest.mark.django_db, pytest.mark.pg15]
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
JULY_2 = BEGUN + DAY


def test_a_steady_day_is_counted_hour_by_hour(city: City) -> None:
    meter = metering.meter(city)
    assert metering.send(meter, metering.steady(BEGUN, per_hour="4")).new == 97
    metering.roll()
    row = metering.day(meter, BEGUN)
    assert row is not None
    assert (row.amount, row.covered_s, row.hours) == (96, 86_400, [4_000_000] * 24)
    assert (row.backwards, row.jumped) == (0, 0)
    assert metering.month(meter, BEGUN).amount == 96
    meter.refresh_from_db()
    assert (meter.heard_at, meter.heard) == (midnight(JULY_2), 96)
    assert not MeterDue.objects.exists()


def test_the_multiplier_counts(city: City) -> None:
    meter = metering.meter(city, multiplier=Decimal("2.5"))
    metering.send(meter, metering.steady(BEGUN, per_hour="4"))
    metering.roll()
    assert metering.amount(meter, BEGUN) == 240


def test_told_again_nothing_changes(city: City) -> None:
    meter = metering.meter(city)
    readings = metering.steady(BEGUN)
    metering.send(meter, readings)
    metering.roll()
    again = metering.send(meter, readings)
    assert (again.new, again.repeated, again.aside) == (0, 97, 0)
    assert metering.roll().days == 0, "nothing is reckoned again"
    assert metering.amount(meter, BEGUN) == 96


def test_told_otherwise_the_first_one_stands(city: City) -> None:
    meter = metering.meter(city)
    metering.send(meter, metering.steady(BEGUN))
    other = metering.send(meter, [(midnight(BEGUN) + HOUR, Decimal(7))])
    assert (other.new, other.repeated, other.aside) == (0, 0, 1)
    (aside,) = MeterAside.objects.all()
    assert (aside.number, aside.reason, aside.times) == ("DB-1", AsideReason.DIFFERS, 1)
    assert aside.sample == "2020-07-01 01:00:00 读数 7，已有 4"


def test_a_gap_is_laid_over_the_days_it_covers(city: City) -> None:
    meter = metering.meter(city)
    begin = midnight(BEGUN)
    metering.send(meter, [(begin, Decimal(0)), (begin + 3 * DAY + 12 * HOUR, Decimal(84))])
    metering.roll()
    assert [metering.amount(meter, BEGUN + n * DAY) for n in range(5)] == [24, 24, 24, 12, None]
    middle = metering.day(meter, JULY_2)
    assert middle is not None
    assert (middle.told, middle.hours) == (0, [None] * 24), "nobody knows in which hours"


def test_a_reading_that_comes_late_cuts_the_gap(city: City) -> None:
    meter = metering.meter(city)
    begin = midnight(BEGUN)
    metering.send(meter, [(begin + 4 * DAY, Decimal(96))])
    metering.roll()
    metering.send(meter, [(begin + DAY, Decimal(60))])
    metering.roll()
    assert [metering.amount(meter, BEGUN + n * DAY) for n in range(4)] == [60, 12, 12, 12]


def test_a_moment_just_before_midnight_belongs_to_the_day_that_ends(city: City) -> None:
    meter = metering.meter(city)
    just_before = midnight(JULY_2) - timedelta(milliseconds=400)
    metering.send(meter, [(midnight(BEGUN), Decimal(0)), (just_before, Decimal(24))])
    metering.roll()
    assert metering.amount(meter, BEGUN) == 24


def test_backwards_is_left_out_and_told(city: City) -> None:
    meter = metering.meter(city)
    wrong = metering.steady(BEGUN)
    wrong[40] = (wrong[40][0], Decimal(3))
    metering.send(meter, wrong)
    metering.roll()
    row = metering.day(meter, BEGUN)
    assert row is not None
    assert (row.amount, row.backwards, row.covered_s) == (96, 1, 86_400), (
        "one wrong one costs nothing"
    )


def test_a_meter_that_was_changed_in_silence_counts_nothing(city: City) -> None:
    meter = metering.meter(city)
    metering.send(meter, metering.steady(BEGUN))
    metering.send(meter, [(at, value / 10) for at, value in metering.steady(JULY_2, days=2)[1:]])
    metering.roll()
    row = metering.day(meter, JULY_2)
    assert row is not None
    assert (row.amount, row.backwards) == (0, 95)
    assert metering.amount(meter, BEGUN) == 96


def test_a_spike_is_left_out_and_told(city: City) -> None:
    meter = metering.meter(city, most_per_hour=Decimal(20))
    wrong = metering.steady(BEGUN)
    wrong[40] = (wrong[40][0], Decimal(900_000))
    metering.send(meter, wrong)
    metering.roll()
    row = metering.day(meter, BEGUN)
    assert row is not None
    assert (row.amount, row.jumped, row.backwards) == (96, 1, 0)


def test_a_register_that_is_full_begins_again(city: City) -> None:
    meter = metering.meter(
        city, digits=5, installed_reading=Decimal(99_990), most_per_hour=Decimal(20)
    )
    readings = [(at, value % 100_000) for at, value in metering.steady(BEGUN, start="99990")]
    metering.send(meter, readings)
    metering.roll()
    assert metering.amount(meter, BEGUN) == 96


def test_a_change_of_meter_goes_on_without_a_gap(city: City) -> None:
    meter = metering.meter(city)
    metering.send(meter, metering.steady(BEGUN))
    noon = midnight(JULY_2) + 12 * HOUR
    new = [(at, value) for at, value in metering.steady(JULY_2, per_hour="2") if at >= noon]
    metering.send(meter, new)
    metering.roll()
    assert metering.amount(meter, JULY_2) == 0, "before anybody tells of it"
    meters.change_meter(
        actor=city.actor("clerk"), meter_id=meter.pk, changed_at=noon, ended=Decimal(140),
        began=Decimal(20), multiplier=Decimal(2), digits=None, at=AT,
    )  # fmt: skip
    metering.roll()
    row = metering.day(meter, JULY_2)
    assert row is not None
    assert row.amount == (140 - 96) + (48 - 20) * 2
    assert (row.backwards, row.covered_s) == (0, 86_400)


def test_other_numbers_and_other_times_are_set_aside_with_their_reason(city: City) -> None:
    gone = metering.meter(city, number="DB-2", until=date(2020, 7, 31))
    metering.meter(city)
    told = [
        ("DB-9", midnight(BEGUN)), ("DB-1", AT + HOUR), ("DB-1", midnight(date(2017, 7, 31))),
        ("DB-1", midnight(BEGUN) - HOUR), (gone.number, midnight(date(2020, 8, 1))),
    ]  # fmt: skip
    done = intake.take_in(
        [Line(number=number, at=at, value=Decimal(1)) for number, at in told],
        at=AT,
    )  # fmt: skip
    assert (done.new, done.aside) == (0, 5)
    assert dict(MeterAside.objects.values_list("reason", "number")) == {
        "UNKNOWN": "DB-9", "FUTURE": "DB-1", "TOO_OLD": "DB-1", "BEFORE": "DB-1", "AFTER": "DB-2",
    }  # fmt: skip


def test_what_is_set_aside_stays_small(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(intake, "ASIDE_MAX", 5)
    for _ in range(2):
        intake.take_in(
            [Line(number=f"X{n}", at=AT, value=Decimal(1)) for n in range(40)],
            at=AT,
        )  # fmt: skip
    assert MeterAside.objects.count() == 6
    assert MeterAside.objects.get(number=intake.ELSEWHERE).times == 70


def test_what_is_set_aside_of_our_own_meters_does_not_drown(
    city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(intake, "ASIDE_MAX", 5)
    metering.meter(city)
    strangers = [Line(number=f"X{n}", at=AT, value=Decimal(1)) for n in range(40)]
    intake.take_in(strangers, at=AT)
    intake.take_in([Line(number="DB-1", at=AT + DAY, value=Decimal(1))], at=AT)
    intake.take_messages([("guanjia/v1/meters/DB-1", b"?")], at=AT)
    own = MeterAside.objects.filter(number="DB-1")
    assert set(own.values_list("reason", flat=True)) == {AsideReason.FUTURE, AsideReason.BROKEN}


# ── any order, any repetition ────────────────────────────────────────────────────────────

LAST = 6  # days


def naive(meter: Meter) -> dict[date, tuple[int, int, int, list[int | None]]]:
    """All of a meter at once, from the first reading to the last."""
    end = BEGUN + (LAST + 40) * DAY
    book = Book.of([_Whole(meter.pk, [BEGUN, end])], oldest=BEGUN)
    days = [book.counted(meter.pk, BEGUN + n * DAY) for n in range((end - BEGUN).days)]
    flat = [point for points, _ in days for point in points]
    starts = [start for _, begun in days for start in begun]
    walked = counting.walk(None, flat, starts, book.most(meter.pk, BEGUN))
    spread = counting.spread(walked.pieces)
    return {
        datetime.fromtimestamp(start, midnight(BEGUN).tzinfo).date(): (
            day.amount, day.covered_s, 0, day.hours
        )
        for start, day in spread.items()
    }  # fmt: skip


class _Whole:
    def __init__(self, meter: int, days: list[date]) -> None:
        self.meter, self.days = meter, days


def told(meter: Meter) -> dict[date, tuple[int, int, int, list[int | None]]]:
    """What the roll-up has of it."""
    rows = MeterDay.objects.filter(meter=meter.pk, covered_s__gt=0)
    return {row.day: (int(row.amount * 1_000_000), row.covered_s, 0, row.hours) for row in rows}


@settings(
    max_examples=int(os.environ.get("GUANJIA_METERS_LIVES", "25")), deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)  # fmt: skip
@given(seed=st.integers(0, 2**32))
@example(seed=313)  # a day without a good reading, after one whose last good reading changed
def test_any_order_comes_to_the_same(city: City, seed: int) -> None:
    """Registers that stand still, leap, run backwards, with gaps; sent in any portions, some of
    them twice, rolled up in between or not, with a change of meter told at any time."""
    chance = random.Random(seed)
    with transaction.atomic():
        meter = metering.meter(city, most_per_hour=Decimal(30), digits=chance.choice([None, 3]))
        _live(meter, chance)
        assert told(meter) == naive(meter)
        months = {row.month: row.amount for row in MeterMonth.objects.filter(meter=meter.pk)}
        by_month: dict[date, Decimal] = {}
        for day, (amount, *_) in naive(meter).items():
            first = day.replace(day=1)
            by_month[first] = by_month.get(first, Decimal(0)) + Decimal(amount) / 1_000_000
        assert {m: a for m, a in months.items() if a} == {m: a for m, a in by_month.items() if a}
        transaction.set_rollback(True)


def _live(meter: Meter, chance: random.Random) -> None:
    readings = _readings(chance)
    portions = [chance.sample(readings, chance.randint(1, len(readings))) for _ in range(6)]
    portions.append(readings)
    change, note, other = (
        chance.randint(0, len(portions)) if chance.random() < 0.5 else None for _ in range(3)
    )
    for place, portion in enumerate(portions):
        if place == change:
            _change(meter, chance)
        if place == note:
            _note(meter, chance, readings)
        if place == other:
            _other(meter, chance)
        metering.send(meter, portion)
        if chance.random() < 0.6:
            metering.roll()
    metering.roll()


def _readings(chance: random.Random) -> metering.Readings:
    at, value = midnight(BEGUN), Decimal(0)
    found = []
    while at < midnight(BEGUN + LAST * DAY):
        at += timedelta(minutes=chance.choice([7, 15, 15, 60, 240, 3000]))
        value += Decimal(chance.randint(0, 4000)) / 1000
        shown = value
        if chance.random() < 0.1:
            shown = max(Decimal(0), value + chance.choice([-2, -50, 300, 90_000]))
        if chance.random() < 0.02:
            value += 5000
        found.append((at, shown % 1000 if chance.random() < 0.5 else shown))
    return found


def _change(meter: Meter, chance: random.Random) -> None:
    at = meter.installed_at + timedelta(minutes=chance.randint(1, LAST * 24 * 60))
    MeterChange.objects.create(
        meter=meter, at=at, ended=chance.randint(0, 200), began=chance.randint(0, 20),
        multiplier=chance.choice([1, 2]), digits=None, told_at=AT,
    )  # fmt: skip
    metering_rolls.mark(meter.pk, at.astimezone(midnight(BEGUN).tzinfo).date())


def _note(meter: Meter, chance: random.Random, readings: metering.Readings) -> None:
    """Read off by eye between what was sent: cut off behind the point, or wrong."""
    rows = [
        {
            "meter": meter, "at": at + timedelta(minutes=chance.choice([0, 1, 5])),
            "value": Decimal(int(value)) + chance.choice([0, 0, 0, 100]),
        }
        for at, value in chance.sample(readings, min(3, len(readings)))
    ]  # fmt: skip
    with suppress(Refused):
        meters.note_readings(actor=SYSTEM, rows=rows, at=AT)


def _other(meter: Meter, chance: random.Random) -> None:
    """Its multiplier, its end or its beginning is told to be another one."""
    names = ("institution", "number", "energy", "role", "installed_at")
    facts: dict[str, Any] = {name: getattr(meter, name) for name in names}
    what = chance.choice([
        {"multiplier": Decimal(3)},
        {"until": BEGUN + DAY * chance.randint(0, LAST)},
        {"installed_at": midnight(BEGUN) + HOUR * chance.randint(1, 40)},
    ])  # fmt: skip
    with suppress(Refused):
        meters.enter_meters(actor=SYSTEM, rows=[{**facts, **what}], at=AT)
    meter.refresh_from_db()


def test_nothing_sent_twice_lies_there_twice(city: City) -> None:
    meter = metering.meter(city)
    readings = metering.steady(BEGUN)
    done = metering.send(meter, readings + readings)
    assert (done.new, done.repeated) == (97, 97)
    assert len(sent([meter.pk], BEGUN, JULY_2 + DAY)) == 97


def test_the_jobs_roll_up_make_days_and_look_over(city: City) -> None:
    meter = metering.meter(city)
    metering.send(meter, metering.steady(TODAY - DAY, start="9"))
    jobs.roll_meters(0)
    assert metering.amount(meter, TODAY - DAY) == 96
    jobs.meter_days(0)
    there = scale.partitions(READINGS)
    assert max(there) == TODAY + 14 * DAY
    assert min(there) >= date(2017, 8, 1), "three years and the month"
    with time_machine.travel(AT + 3 * DAY, tick=False):
        jobs.meter_alarms(0)
    assert [alarm.kind for alarm in MeterAlarm.objects.all()] == ["SILENT"]


def test_the_system_enters_meters(city: City) -> None:
    assert meters.enter_meters(actor=SYSTEM, rows=[metering.facts(city, "school")], at=AT) == (
        1,
        0,
        0,
    )
    assert metering.roll(TODAY).days == 1, "the day it begins"
