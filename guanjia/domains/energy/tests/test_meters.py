"""Meters: who may enter, change and read them, by page and by sheet."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from guanjia.domains.energy.actions import meters
from guanjia.domains.energy.models import (
    Meter,
    MeterNote,
)
from guanjia.domains.energy.queries.readings import midnight
from guanjia.domains.energy.registers.meters import METERS, NOTES
from guanjia.domains.energy.tests import books, metering
from guanjia.domains.energy.tests.builders import AT, SYSTEM, City
from guanjia.domains.energy.tests.metering import BEGUN, change, note, refused
from guanjia.kernel.audit.models import Record
from guanjia.kernel.values.actor import NotAllowed

pytestmark = pytest.mark.django_db
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


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
    late, rows = (
        AT + 1_200 * DAY,
        [{"meter": meter, "at": midnight(BEGUN) + HOUR, "value": Decimal(1)}],
    )
    meters.note_readings(actor=SYSTEM, rows=rows, at=AT)
    assert meters.note_readings(actor=SYSTEM, rows=rows, at=late) == (0, 0, 1), "nothing is other"
    rows[0]["value"] = Decimal(2)
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
