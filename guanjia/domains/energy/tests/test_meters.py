"""Meters: who may enter, change and read them, their alarms, a month taken from them."""

import threading
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import ProgrammingError, connection, transaction

from guanjia.domains.energy.actions import alarms, metered, meters
from guanjia.domains.energy.events import MetersAlarmed
from guanjia.domains.energy.models import (
    Consumption,
    Meter,
    MeterAlarm,
    MeterChange,
    MeterNote,
    MonthReturn,
)
from guanjia.domains.energy.queries import meters as queries
from guanjia.domains.energy.queries.readings import midnight
from guanjia.domains.energy.registers.meters import METERS, NOTES
from guanjia.domains.energy.rules import meter_alarms
from guanjia.domains.energy.rules.meter_alarms import DayOf, Limits
from guanjia.domains.energy.terms.energies import Energy
from guanjia.domains.energy.terms.meters import AlarmKind, AlarmState, MeterRole, Missing, Settling
from guanjia.domains.energy.tests import books, metering
from guanjia.domains.energy.tests.builders import AT, SYSTEM, City
from guanjia.domains.energy.tests.metering import BEGUN
from guanjia.kernel.audit.models import Record
from guanjia.kernel.events import bus
from guanjia.kernel.notices.models import Notice
from guanjia.kernel.regulations.lawbook import law_at
from guanjia.kernel.regulations.verdict import Refused
from guanjia.kernel.values.actor import NotAllowed

pytestmark = pytest.mark.django_db
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


def refused(doing: Any) -> str:
    with pytest.raises(Refused) as caught, transaction.atomic():
        doing()
    return caught.value.findings[0].code


# ── meters, changes, readings by eye ─────────────────────────────────────────────────────


def test_the_county_enters_its_own_and_leaves_a_trace(city: City) -> None:
    rows = [metering.facts(city, "school")]
    assert meters.enter_meters(actor=city.actor("county"), rows=rows, at=AT) == (1, 0, 0)
    assert meters.enter_meters(actor=city.actor("county"), rows=rows, at=AT) == (0, 0, 1)
    assert Record.objects.filter(verb="energy.meter.entered").count() == 1


def test_nobody_enters_meters_of_others(city: City) -> None:
    own, others = [metering.facts(city, "school")], [metering.facts(city, "clinic")]
    with pytest.raises(NotAllowed):
        meters.enter_meters(actor=city.actor("clerk"), rows=own, at=AT)
    assert refused(
        lambda: meters.enter_meters(actor=city.actor("county"), rows=others, at=AT)
    ) == "outside"  # fmt: skip
    metering.meter(city, "clinic")
    taken = [metering.facts(city, "school", number="DB-1")]
    assert refused(
        lambda: meters.enter_meters(actor=city.actor("county"), rows=taken, at=AT)
    ) == "outside", "a number of another county's is not taken over"  # fmt: skip


def test_another_multiplier_counts_everything_anew(city: City) -> None:
    meter = metering.meter(city)
    metering.send(meter, metering.steady(BEGUN, days=2))
    metering.roll()
    metering.meter(city, multiplier=Decimal(3))
    metering.roll()
    assert [metering.amount(meter, BEGUN + DAY * n) for n in range(2)] == [288, 288]
    metering.meter(city, multiplier=Decimal(3), place="二楼")
    assert metering.roll().days == 0, "where it hangs counts nothing"


def test_a_meter_does_not_begin_years_ago(city: City) -> None:
    old = [metering.facts(city, "school", installed_at=midnight(date(2017, 7, 31)))]
    assert refused(lambda: meters.enter_meters(actor=SYSTEM, rows=old, at=AT)) == "begins_long_ago"
    first = [metering.facts(city, "school", installed_at=midnight(date(2017, 8, 1)))]
    assert meters.enter_meters(actor=SYSTEM, rows=first, at=AT) == (1, 0, 0)
    later = AT + 400 * DAY
    renamed = [{**first[0], "place": "二楼"}]
    assert meters.enter_meters(actor=SYSTEM, rows=renamed, at=later) == (0, 1, 0), "it did then"


def test_a_meter_begins_before_its_first_change(city: City) -> None:
    metering.meter(city)
    change(city)
    late = [metering.facts(city, "school", installed_at=midnight(BEGUN) + 30 * HOUR)]
    assert refused(lambda: meters.enter_meters(actor=SYSTEM, rows=late, at=AT)) == (
        "begins_after_change"
    )
    before = [metering.facts(city, "school", installed_at=midnight(BEGUN) + 29 * HOUR)]
    assert meters.enter_meters(actor=SYSTEM, rows=before, at=AT) == (0, 1, 0)


def change(city: City, who: str = "clerk", **other: Any) -> None:
    meter = Meter.objects.get()
    facts: dict[str, Any] = {
        "changed_at": midnight(BEGUN) + 30 * HOUR, "ended": Decimal(130), "began": Decimal(0),
        "multiplier": Decimal(1), "digits": None, "at": AT,
    }  # fmt: skip
    meters.change_meter(actor=city.actor(who), meter_id=meter.pk, **{**facts, **other})


def test_a_change_is_told_by_its_clerk_and_stays_in_the_trail(city: City) -> None:
    metering.meter(city)
    change(city, note="轮换")
    record = Record.objects.get(verb="energy.meter.changed")
    assert (record.after["ended"], record.after["note"]) == ("130", "轮换")
    with pytest.raises(Meter.DoesNotExist):
        change(city, "stranger")
    with pytest.raises(NotAllowed):
        change(city, "supervisor")


def test_a_change_that_cannot_be_is_refused(city: City) -> None:
    meter = metering.meter(city)
    metering.send(meter, metering.steady(BEGUN))
    metering.roll()
    assert refused(lambda: change(city, changed_at=AT + HOUR)) == "in_the_future"
    assert refused(lambda: change(city, changed_at=midnight(BEGUN))) == "before_it_began"
    assert refused(lambda: change(city, ended=Decimal(90))) == "ended_below"
    change(city)
    early = midnight(BEGUN) + 29 * HOUR
    assert refused(lambda: change(city, changed_at=early)) == "changes_in_order"


def test_a_change_that_was_told_wrongly_is_put_right(city: City) -> None:
    """Told again of the same moment, also where another one has followed."""
    meter = metering.meter(city)
    metering.send(meter, metering.steady(BEGUN))
    metering.send(meter, metering.steady(BEGUN + DAY, start="7", days=2)[26:])
    metering.roll()
    change(city, ended=Decimal(1_300), began=Decimal(7))
    change(city, changed_at=midnight(BEGUN) + 70 * HOUR, ended=Decimal(191))
    metering.roll()
    assert metering.amount(meter, BEGUN + DAY) != 96
    change(city, ended=Decimal(120), began=Decimal(31))
    metering.roll()
    assert metering.amount(meter, BEGUN + DAY) == 96
    assert meter.changes.count() == 2
    record = Record.objects.filter(verb="energy.meter.changed").latest("pk")
    assert (record.before["ended"], record.after["ended"]) == ("1300.000", "120")
    change(city, ended=Decimal(120), began=Decimal(31))
    assert Record.objects.filter(verb="energy.meter.changed").count() == 3, "nothing is other"
    assert refused(lambda: change(city, ended=Decimal(90))) == "ended_below"


def test_a_full_register_excuses_no_end_far_below(city: City) -> None:
    """Known digits let an old device end low where it was about to be full, and only there."""
    meter = metering.meter(city, digits=4, installed_reading=Decimal(9_900))
    metering.send(meter, metering.steady(BEGUN, start="9900"))
    metering.roll()
    assert refused(lambda: change(city, ended=Decimal(5_000))) == "ended_below"
    assert refused(lambda: change(city, ended=Decimal("9_995"))) == "ended_below"
    change(city, ended=Decimal(20))
    metering.roll()
    assert metering.amount(meter, BEGUN + DAY) == 24


def test_an_old_device_is_read_off_a_little_below_what_it_sent(city: City) -> None:
    meter = metering.meter(city, digits=6)
    metering.send(meter, metering.steady(BEGUN, start="0.6"))
    metering.roll()
    change(city, changed_at=midnight(BEGUN + DAY) + HOUR / 4, ended=Decimal(96))
    metering.roll()
    row = metering.day(meter, BEGUN + DAY)
    assert row is not None
    assert (row.amount, row.backwards, row.jumped) == (0, 0, 0)
    assert row.covered_s == 900, "no hole"


def note(city: City, meter: Meter, at: datetime, value: str, who: str = "clerk") -> Any:
    rows = [{"meter": meter, "at": at, "value": Decimal(value)}]
    return meters.note_readings(actor=city.actor(who), rows=rows, at=AT)


def test_readings_taken_by_eye_count_and_may_be_corrected(city: City) -> None:
    meter = metering.meter(city)
    end = midnight(date(2020, 8, 1))
    assert note(city, meter, end, "310") == (1, 0, 0)
    metering.roll()
    assert metering.month(meter, BEGUN).amount == 310
    assert metering.amount(meter, BEGUN) == 10
    assert note(city, meter, end, "620") == (0, 1, 0)
    metering.roll()
    assert metering.month(meter, BEGUN).amount == 620
    assert Record.objects.filter(verb="energy.meter.read").count() == 2
    assert MeterNote.objects.count() == 1


def test_a_reading_taken_by_eye_is_cut_off_and_no_fault(city: City) -> None:
    meter = metering.meter(city)
    metering.send(meter, metering.steady(BEGUN, per_hour="3.7"))
    note(city, meter, midnight(BEGUN) + HOUR * 12 + timedelta(minutes=1), "44")
    metering.roll()
    row = metering.day(meter, BEGUN)
    assert row is not None
    assert (row.amount, row.backwards) == (Decimal("88.8"), 0)


def test_a_reading_outside_the_meters_time_is_refused(city: City) -> None:
    meter = metering.meter(city, until=date(2020, 7, 31))
    assert refused(lambda: note(city, meter, AT + HOUR, "1")) == "in_the_future"
    assert refused(lambda: note(city, meter, midnight(BEGUN) - HOUR, "1")) == "before_it_began"
    assert refused(lambda: note(city, meter, midnight(date(2020, 8, 1)), "1")) == "after_it_ended"
    assert refused(lambda: note(city, meter, midnight(BEGUN), "1", "stranger")) == "outside"


def test_nothing_is_told_of_days_that_are_not_counted_anew(city: City) -> None:
    meter = metering.meter(city, until=date(2020, 7, 31))
    late, rows = AT + 1_200 * DAY, [{"meter": meter, "at": midnight(BEGUN) + HOUR, "value": 1}]
    assert refused(lambda: meters.note_readings(actor=SYSTEM, rows=rows, at=late)) == "too_long_ago"
    assert refused(lambda: change(city, at=late)) == "too_long_ago"
    assert refused(lambda: change(city, changed_at=midnight(date(2020, 8, 1)))) == "after_it_ended"


# ── sheets ───────────────────────────────────────────────────────────────────────────────


def sheet_row(city: City, whose: str, **cells: Any) -> dict[str, Any]:
    one = city.institution(whose)
    return {
        "number": "DB-7", "code": one.code, "name": one.name, "energy": "电", "role": "总表",
        "place": "配电房", "multiplier": 80, "digits": 6, "installed_at": "2020-07-01 08:00",
        "installed_reading": "12.5", **cells,
    }  # fmt: skip


def test_a_sheet_of_meters_comes_in_and_again(city: City) -> None:
    data = books.book(METERS, [sheet_row(city, "school")])
    assert books.counts(books.take(city, data, into=METERS)) == (1, 0, 0)
    assert books.counts(books.take(city, data, into=METERS)) == (0, 0, 1)
    meter = Meter.objects.get()
    assert (meter.multiplier, meter.digits, meter.installed_reading) == (80, 6, Decimal("12.5"))


def test_faults_of_a_sheet_of_meters_are_told_by_row_and_column(city: City) -> None:
    metering.meter(city, "clinic", number="DB-9")
    rows = [
        sheet_row(city, "school", number="表 1"),
        sheet_row(city, "school", number="DB-2", multiplier=0),
        sheet_row(city, "clinic", number="DB-3"),
        sheet_row(city, "school", number="DB-9"),
        sheet_row(city, "school", number="DB-4", installed_at="2021-01-01 00:00"),
        sheet_row(city, "school", number="DB-5", until="2020-06-01"),
        sheet_row(city, "school", number="DB-6", installed_at="2010-01-01 00:00"),
    ]
    report = books.take(city, books.book(METERS, rows), into=METERS, by="county")
    found = [(row - books.FIRST_ROW, column, code) for row, column, code in books.faults(report)]
    assert found == [
        (0, "表号", "number_invalid"),
        (1, "倍率", "value_too_small"),
        (2, "统一社会信用代码", "outside"),
        (3, "表号", "number_taken"),
        (4, "起用时间", "in_the_future"),
        (5, "停用日期", "ends_before"),
        (6, "起用时间", "begins_long_ago"),
    ]
    assert Meter.objects.count() == 1


def test_a_sheet_of_readings_comes_in(city: City) -> None:
    metering.meter(city)
    rows = [{"number": "DB-1", "at": "2020-08-01 00:00", "value": 310}]
    done = books.take(city, books.book(NOTES, rows), into=NOTES, by="clerk")
    assert books.counts(done) == (1, 0, 0)
    bad = [
        {"number": "DB-1", "at": "2020-06-01 00:00", "value": 310},
        {"number": "DB-8", "at": "2020-08-01 00:00", "value": 310},
    ]
    report = books.take(city, books.book(NOTES, bad), into=NOTES, by="clerk")
    assert sorted(code for _, _, code in books.faults(report)) == [
        "before_it_began",
        "meter_unknown",
    ]
    other = books.take(city, books.book(NOTES, rows), into=NOTES, by="stranger")
    assert [code for _, _, code in books.faults(other)] == ["outside"]


# ── alarms ───────────────────────────────────────────────────────────────────────────────

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


def look(day: date) -> list[MeterAlarm]:
    return alarms.look_over(actor=SYSTEM, day=day, at=midnight(day + DAY) + HOUR * 5)


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
        words="高考阅卷，通宵用电", at=midnight(BEGUN + DAY * 9) + HOUR * 9,
    )  # fmt: skip
    assert (done.state, done.settled_by_id) == (AlarmState.EXPLAINED, city.people["clerk"].pk)
    metering.send(meter, metering.hourly(BEGUN + DAY * 9, ["15"] * 24, start=str(8 * 256 + 360)))
    metering.roll()
    assert look(BEGUN + DAY * 9) == []
    assert Record.objects.get(verb="energy.alarm.settled").after["words"] == "高考阅卷，通宵用电"


def test_what_was_put_right_is_raised_again_when_it_goes_on(city: City) -> None:
    meter, alarm = night_alarm(city)
    alarms.settle(
        actor=city.actor("keeper"), alarm_id=alarm.pk, how=Settling.CLOSED, words="已改时控",
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
            actor=city.actor(who), alarm_id=alarm.pk, how=Settling.CLOSED, words=words, at=AT
        )

    assert refused(lambda: settle("clerk", "  ")) == "words_missing"
    with pytest.raises(MeterAlarm.DoesNotExist):
        settle("stranger")
    with pytest.raises(NotAllowed):
        settle("supervisor")
    settle("county")
    assert refused(lambda: settle("clerk")) == "alarm_settled"
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
    assert (alarm.state, alarm.words) == ("CLOSED", "恢复上传，自动解除")


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


# ── a month from its meters ──────────────────────────────────────────────────────────────


def test_a_month_is_offered_when_all_of_it_was_counted(city: City) -> None:
    meter = metering.meter(city)
    metering.meter(city, number="DB-2", role=MeterRole.SUB)
    metering.send(meter, metering.steady(BEGUN, days=30))
    metering.roll()
    (one,) = queries.offered(city.institution("school").pk, BEGUN)
    assert (one.energy, one.ready) == (Energy.ELECTRICITY, False), "a day is missing"
    metering.send(meter, metering.steady(BEGUN + DAY * 30, start="2880"))
    metering.roll()
    (one,) = queries.offered(city.institution("school").pk, BEGUN)
    assert (one.amount, one.ready, one.meters) == (2976, True, (meter,))


def test_a_month_is_taken_through_the_return(city: City) -> None:
    meter = metering.meter(city)
    school = city.institution("school")
    city.tell("school", 2020, 7, ELECTRICITY=("1", "1845"), WATER="120")
    metering.send(meter, metering.steady(BEGUN, days=31))
    metering.roll()

    def take(who: str, month: date = BEGUN) -> Any:
        return metered.take_month(
            actor=city.actor(who), institution_id=school.pk, month=month, at=AT
        )

    assert take("clerk") == ([Energy.ELECTRICITY], True)
    row = MonthReturn.objects.get(institution=school, month=BEGUN)
    assert row.origin == "METER"
    line = Consumption.objects.get(month_return=row, energy="ELECTRICITY")
    assert (line.amount, line.cost_fen) == (2976, 184_500), "the cost that was told stays"
    assert Consumption.objects.get(month_return=row, energy="WATER").amount == 120
    assert take("clerk") == ([Energy.ELECTRICITY], False)
    assert refused(lambda: take("stranger")) == "outside"
    assert refused(lambda: take("stranger", date(2020, 8, 1))) == "outside", "whatever it lacks"
    assert refused(lambda: take("clerk", date(2020, 8, 1))) == "month_incomplete"


@pytest.mark.django_db(transaction=True)
def test_a_cost_that_is_told_meanwhile_is_not_lost(city: City) -> None:
    meter = metering.meter(city)
    school = city.institution("school")
    city.tell("school", 2020, 7, ELECTRICITY=("1", "1845"))
    metering.send(meter, metering.steady(BEGUN, days=31))
    metering.roll()

    def take() -> None:
        try:
            metered.take_month(actor=SYSTEM, institution_id=school.pk, month=BEGUN, at=AT)
        finally:
            connection.close()

    taking = threading.Thread(target=take)
    with transaction.atomic():
        city.tell("school", 2020, 7, ELECTRICITY=("1", "2000"))
        taking.start()
        taking.join(1)
    taking.join(20)
    line = Consumption.objects.get(month_return__institution=school, energy="ELECTRICITY")
    assert (line.amount, line.cost_fen) == (2976, 200_000)


def test_a_month_with_a_reading_that_did_not_count_is_not_offered(city: City) -> None:
    meter = metering.meter(city)
    metering.send(meter, metering.steady(BEGUN, days=20))
    later = metering.steady(BEGUN + DAY * 20, days=11)[1:]
    metering.send(meter, later)
    metering.roll()
    (one,) = queries.offered(city.institution("school").pk, BEGUN)
    assert one.ready is False
    change(city, changed_at=midnight(BEGUN + DAY * 20), ended=Decimal(1920), began=Decimal(0))
    metering.roll()
    (one,) = queries.offered(city.institution("school").pk, BEGUN)
    assert (one.amount, one.ready) == (2976, True)


def lacking(city: City, month: date = BEGUN) -> Missing | None:
    (one,) = queries.offered(city.institution("school").pk, month)
    return one.missing


def test_a_month_without_a_meter_at_its_beginning_is_no_whole_one(city: City) -> None:
    ninth = BEGUN + DAY * 9
    meter = metering.meter(city, installed_at=midnight(ninth))
    metering.send(meter, metering.steady(ninth, days=22))
    metering.roll()
    assert lacking(city) is Missing.PART
    before = metering.meter(city, number="DB-0", until=ninth - DAY)
    metering.send(before, metering.steady(BEGUN, days=9))
    metering.roll()
    assert lacking(city) is None, "another one was there before, and up to then"
    metering.meter(city, number="DB-0", until=ninth - DAY * 2)
    metering.roll()
    assert lacking(city) is Missing.PART


def test_a_meter_taken_away_on_the_first_does_not_keep_the_month(city: City) -> None:
    metering.meter(city, number="DB-0", installed_at=midnight(BEGUN) - HOUR, until=BEGUN)
    meter = metering.meter(city)
    metering.send(meter, metering.steady(BEGUN, days=31))
    metering.roll()
    assert lacking(city) is None


def test_the_last_day_of_a_meter_makes_no_hole_good(city: City) -> None:
    """Half a day was lost at its change; that of the last day is nothing to set against it."""
    meter = metering.meter(city, until=BEGUN + DAY * 10)
    hole = midnight(BEGUN + DAY * 4)
    readings = metering.steady(BEGUN, days=11)
    metering.send(meter, [(at, n) for at, n in readings if not hole <= at < hole + HOUR * 12])
    row = change_of(meter, hole + HOUR * 12, ended=Decimal(1))
    assert row.ended == 1
    metering.roll()
    other = metering.meter(city, number="DB-2")
    metering.send(other, metering.steady(BEGUN, days=31))
    metering.roll()
    assert lacking(city) is Missing.PART


def change_of(meter: Meter, at: datetime, *, ended: Decimal) -> MeterChange:
    """A change as it lies in the table, whatever the rule would have said of it."""
    made: MeterChange = MeterChange.objects.create(
        meter=meter, at=at, ended=ended, began=Decimal(432), multiplier=1, told_at=AT
    )
    return made


def test_a_month_with_days_that_wait_is_not_offered(city: City) -> None:
    meter = metering.meter(city)
    metering.send(meter, metering.steady(BEGUN, days=31))
    metering.roll()
    assert lacking(city) is None
    metering.meter(city, multiplier=Decimal(3))
    assert lacking(city) is Missing.DUE
    metering.roll()
    assert lacking(city) is None


def test_a_month_with_readings_that_did_not_count_waits_for_somebody_to_look(city: City) -> None:
    """A water meter that was changed in silence: the new one has passed the old by the end of the
    month, and all of it is covered, by less than was consumed."""
    meter = metering.meter(city, energy=Energy.WATER)
    metering.send(meter, metering.steady(BEGUN, days=2))
    metering.send(meter, metering.steady(BEGUN + DAY * 2, days=29)[1:])
    metering.roll()
    assert metering.month(meter, BEGUN).amount < 31 * 96
    assert lacking(city) is Missing.LEFT_OUT
    (alarm,) = look(BEGUN + DAY * 2)
    look(BEGUN + DAY * 3)
    assert lacking(city) is Missing.LEFT_OUT, "an alarm that waits"
    alarms.settle(
        actor=city.actor("clerk"), alarm_id=alarm.pk, how=Settling.EXPLAINED,
        words="通信异常", at=midnight(BEGUN + DAY * 5),
    )  # fmt: skip
    assert lacking(city) is None
