"""Alarms of meters: what is odd, who is told, who says what about it."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import ProgrammingError, transaction

from guanjia.domains.energy.actions import alarms
from guanjia.domains.energy.events import MetersAlarmed
from guanjia.domains.energy.models import (
    Meter,
    MeterAlarm,
)
from guanjia.domains.energy.queries.readings import midnight
from guanjia.domains.energy.rules import meter_alarms
from guanjia.domains.energy.rules.meter_alarms import DayOf, Limits
from guanjia.domains.energy.terms.energies import Energy
from guanjia.domains.energy.terms.meters import AlarmKind, AlarmState, Settling
from guanjia.domains.energy.tests import metering
from guanjia.domains.energy.tests.builders import AT, City
from guanjia.domains.energy.tests.metering import BEGUN, look, note, refused
from guanjia.kernel.audit.models import Record
from guanjia.kernel.events import bus
from guanjia.kernel.notices.models import Notice
from guanjia.kernel.regulations.lawbook import law_at
from guanjia.kernel.values.actor import NotAllowed

pytestmark = pytest.mark.django_db
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


LIMITS = Limits.of(law_at(BEGUN), Energy.ELECTRICITY)
MONDAY = date(2020, 7, 6)


def day_of(day: date, *, night: int, work: int = 20) -> DayOf:
    """A day with so much in each hour of the night and of the day (units)."""
    hours = [night] * 5 + [night] * 3 + [work] * 10 + [night] * 6
    return DayOf(day=day, hours=[amount * 1_000_000 for amount in hours])


def kinds(energy: Energy, days: list[DayOf]) -> list[AlarmKind]:
    return [alarm.kind for alarm in meter_alarms.judge(energy, days, LIMITS)]


def nights(*amounts: int) -> list[DayOf]:
    return [day_of(MONDAY + DAY * n, night=amount) for n, amount in enumerate(amounts)]


@pytest.mark.parametrize(
    ("amounts", "odd"),
    [
        ((10,) * 7 + (20,), True),
        ((10,) * 7 + (19,), False),
        ((2,) * 7 + (4,), False),  # hardly anything
        ((19,) * 8, False),  # never sleeps
        ((12,), True),  # nothing to compare with but its own day
        ((11,), False),
    ],
)
def test_a_night_is_compared_with_its_own_nights(amounts: tuple[int, ...], *, odd: bool) -> None:
    assert kinds(Energy.ELECTRICITY, nights(*amounts)) == ([AlarmKind.NIGHT] if odd else [])


def test_a_weekend_says_nothing_about_working_hours() -> None:
    saturday = [day_of(date(2020, 7, 4), night=12, work=12)]
    assert kinds(Energy.ELECTRICITY, saturday) == []


def test_a_night_with_an_hour_that_is_not_known_is_not_judged() -> None:
    *before, last = nights(*(10,) * 7, 40)
    hours = list(last.hours)
    hours[3] = None
    assert kinds(Energy.ELECTRICITY, [*before, DayOf(day=last.day, hours=hours)]) == []


@pytest.mark.parametrize(
    ("least", "odd"),
    [
        ((0,) * 7 + (1, 1), True),
        ((0,) * 7 + (0, 1), False),  # one day
        ((0,) * 7 + (1, 0), False),  # it stopped
        ((1,) * 9, False),  # never comes to nothing here
        ((1,) * 7 + (2, 2), True),
        ((1, 1), True),
    ],
)
def test_water_that_never_stops_leaks(least: tuple[int, ...], *, odd: bool) -> None:
    days = [day_of(MONDAY + DAY * n, night=flow, work=flow + 2) for n, flow in enumerate(least)]
    found = kinds(Energy.WATER, days)
    assert (AlarmKind.LEAK in found) is odd


def test_a_gap_of_days_is_no_flow() -> None:
    days = [day_of(MONDAY, night=1), day_of(MONDAY + DAY * 2, night=1)]
    assert AlarmKind.LEAK not in kinds(Energy.WATER, days)


def night_alarm(city: City) -> tuple[Meter, MeterAlarm]:
    """A week of quiet nights, and one that was not."""
    meter = metering.meter(city)
    hours = [*(["4"] * 8 + ["20"] * 10 + ["4"] * 6) * 8, *(["15"] * 24)]
    metering.send(meter, metering.hourly(BEGUN, hours))
    metering.roll()
    (alarm,) = look(BEGUN + DAY * 8)
    return meter, alarm


def test_a_night_is_raised_once_and_told(city: City) -> None:
    with bus.captured() as heard:
        meter, alarm = night_alarm(city)
    assert (alarm.kind, alarm.state, alarm.meter_id) == ("NIGHT", "OPEN", meter.pk)
    assert alarm.sentence == "夜间（0 时至 5 时）每小时 15.00 kWh，平常每小时 4.00 kWh"
    assert [type(news) for news in heard if isinstance(news, MetersAlarmed)] == [MetersAlarmed]
    assert Record.objects.filter(verb="energy.alarm.raised").count() == 1
    told = {notice.person_id for notice in Notice.objects.filter(kind="energy.meter_alarmed")}
    assert told == {city.people[who].pk for who in ("clerk", "county")}, "the nearest desk"
    assert look(BEGUN + DAY * 8) == [], "it waits already"


def test_an_institution_is_told_once_of_all_its_meters(
    city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(alarms, "_AT_ONCE", 1)
    for number in ("DB-1", "DB-2"):
        metering.send(metering.meter(city, number=number), metering.steady(BEGUN))
        metering.send(metering.meter(city, "clinic", number=f"{number}-C"), metering.steady(BEGUN))
    metering.roll()
    assert len(look(BEGUN + DAY * 3)) == 4
    mine = Notice.objects.get(person=city.people["clerk"], kind="energy.meter_alarmed")
    assert "等 2 条报警" in mine.title


def test_a_meter_that_is_to_be_taken_away_some_day_may_be_silent(city: City) -> None:
    meter = metering.meter(city, until=BEGUN + DAY * 90)
    metering.send(meter, metering.steady(BEGUN))
    metering.roll()
    assert [one.kind for one in look(BEGUN + DAY * 3)] == ["SILENT"]
    assert look(BEGUN + DAY * 91) == []


def test_an_explained_night_is_quiet_for_a_while(city: City) -> None:
    meter, alarm = night_alarm(city)
    done = alarms.settle(
        actor=city.actor("clerk"), alarm_id=alarm.pk, how=Settling.EXPLAINED,
        explanation="高考阅卷，通宵用电", at=midnight(BEGUN + DAY * 9) + HOUR * 9,
    )  # fmt: skip
    assert (done.state, done.explained_by_id) == (AlarmState.EXPLAINED, city.people["clerk"].pk)
    metering.send(meter, metering.hourly(BEGUN + DAY * 9, ["15"] * 24, start=str(8 * 256 + 360)))
    metering.roll()
    assert look(BEGUN + DAY * 9) == []
    assert (
        Record.objects.get(verb="energy.alarm.settled").after["explanation"] == "高考阅卷，通宵用电"
    )


def test_what_was_put_right_is_raised_again_when_it_goes_on(city: City) -> None:
    meter, alarm = night_alarm(city)
    alarms.settle(
        actor=city.actor("keeper"), alarm_id=alarm.pk, how=Settling.CLOSED, explanation="已改时控",
        at=midnight(BEGUN + DAY * 9) + HOUR * 9,
    )  # fmt: skip
    later = [*["4"] * 24, *["15"] * 24]
    metering.send(meter, metering.hourly(BEGUN + DAY * 9, later, start=str(8 * 256 + 360)))
    metering.roll()
    assert look(BEGUN + DAY * 8) == [], "the day it was about"
    assert [one.kind for one in look(BEGUN + DAY * 10)] == ["NIGHT"]


def test_an_alarm_is_settled_once_in_words_by_those_it_concerns(city: City) -> None:
    _, alarm = night_alarm(city)

    def settle(who: str, words: str = "说明") -> None:
        alarms.settle(
            actor=city.actor(who), alarm_id=alarm.pk, how=Settling.CLOSED, explanation=words, at=AT
        )

    assert refused(lambda: settle("clerk", "  ")) == "explanation_missing"
    with pytest.raises(MeterAlarm.DoesNotExist):
        settle("stranger")
    with pytest.raises(NotAllowed):
        settle("supervisor")
    settle("county")
    assert refused(lambda: settle("clerk")) == "state"
    with pytest.raises(ProgrammingError), transaction.atomic():
        MeterAlarm.objects.update(state=AlarmState.OPEN)


def test_silence_is_raised_and_ends_by_itself(city: City) -> None:
    meter = metering.meter(city)
    metering.send(meter, metering.steady(BEGUN))
    metering.roll()
    (alarm,) = look(BEGUN + DAY * 3)
    assert (alarm.kind, alarm.sentence) == (
        "SILENT",
        "已 3 天没有上传，最近一次 2020-07-02 00:00",
    )
    metering.send(meter, metering.steady(BEGUN + DAY * 5, start="480"))
    metering.roll()
    assert look(BEGUN + DAY * 5) == []
    alarm.refresh_from_db()
    assert (alarm.state, alarm.explanation) == ("CLOSED", "恢复上传，自动解除")


def test_a_meter_that_is_read_by_eye_is_not_silent(city: City) -> None:
    meter = metering.meter(city)
    note(city, meter, midnight(BEGUN + DAY), "5")
    metering.roll()
    assert look(BEGUN + DAY * 20) == []


def test_registers_that_cannot_be_are_raised(city: City) -> None:
    meter = metering.meter(city, most_per_hour=Decimal(20))
    wrong = metering.steady(BEGUN)
    wrong[40], wrong[60] = (wrong[40][0], Decimal(90_000)), (wrong[60][0], Decimal(1))
    metering.send(meter, wrong)
    metering.roll()
    assert {one.kind for one in look(BEGUN)} == {"BACKWARDS", "JUMP"}
