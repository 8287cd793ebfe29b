"""Rolling up: only what was touched, what is told of a meter meanwhile and afterwards, and what was
dropped."""

import threading
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection

from guanjia.domains.energy.actions import metering_rolls, meters
from guanjia.domains.energy.models import MeterDay, MeterDue
from guanjia.domains.energy.queries import readings
from guanjia.domains.energy.queries.readings import READINGS, midnight
from guanjia.domains.energy.queries.rolling import Book
from guanjia.domains.energy.terms.energies import Energy
from guanjia.domains.energy.tests import metering
from guanjia.domains.energy.tests.builders import AT, SYSTEM, TODAY, City
from guanjia.domains.energy.tests.metering import BEGUN
from guanjia.kernel import scale

pytestmark = [pytest.mark.django_db, pytest.mark.pg15]
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
JULY_2 = BEGUN + DAY


def test_only_what_was_touched_is_reckoned(city: City) -> None:
    meter = metering.meter(city)
    metering.send(meter, metering.steady(BEGUN, days=30))
    metering.roll()
    MeterDay.objects.filter(meter=meter.pk, day__lt=BEGUN + 20 * DAY).update(amount=1)
    metering.send(meter, [(midnight(BEGUN) + 30 * DAY + HOUR, Decimal("2884"))])
    assert metering.roll().days == 2, "its day, and the one before, whose end it may change"
    assert metering.amount(meter, BEGUN + 19 * DAY) == 1


def test_days_of_a_meter_are_taken_together(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    """Readings come day by day of all meters; taken so, each day would read those beside it."""
    many = [metering.meter(city, number=f"DB-{n}") for n in range(6)]
    for day in range(10):
        for meter in many:
            metering.send(meter, metering.steady(BEGUN + DAY * day, days=1))
    read: list[int] = []
    sent = readings.sent

    def counted(*of: Any) -> Any:
        found = sent(*of)
        read.append(len(found))
        return found

    monkeypatch.setattr(readings, "sent", counted)
    first = metering_rolls.roll(today=TODAY, limit=11)
    assert first.days == MeterDay.objects.filter(meter=many[0].pk).count() == 11
    assert set(MeterDue.objects.values_list("meter", flat=True)) == {m.pk for m in many[1:]}
    while metering_rolls.roll(today=TODAY, limit=20).left:
        pass
    assert sum(read) == 6 * (10 * 96 + 1), "every reading once"


def test_readings_of_years_ago_are_dropped_whole_and_the_days_stay(city: City) -> None:
    meter = metering.meter(city)
    metering.send(meter, metering.steady(BEGUN, days=2))
    metering.roll()
    gone = scale.drop_before(READINGS, JULY_2)
    assert gone == [BEGUN]
    later = date(2023, 8, 20)
    metering.send(meter, [(midnight(later) - HOUR, Decimal(200))], at=midnight(later))
    metering.roll(later)
    assert metering.amount(meter, BEGUN) == 96


def test_a_day_that_is_being_read_is_dropped_another_time(
    city: City, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Who waits for a reader makes everybody wait behind it."""
    monkeypatch.setattr(scale, "DROP_WAIT", "50ms", raising=False)
    scale.make_days(READINGS, [BEGUN, JULY_2])
    reader = connection.copy()
    try:
        reader.set_autocommit(False)
        reader.cursor().execute("LOCK TABLE energy_meterreading IN ACCESS SHARE MODE")
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL statement_timeout = '5s'")
        assert scale.drop_before(READINGS, JULY_2) == []
        assert "energy_meterreading_20200701 is in use" in caplog.text
    finally:
        reader.close()
    assert scale.drop_before(READINGS, JULY_2) == [BEGUN]


def test_days_whose_readings_were_dropped_stay_whatever_is_told_of_the_meter(city: City) -> None:
    """A reading by eye, which is kept for ever, lies before them and is counted anew."""
    meter = metering.meter(city)
    rows = [{"meter": meter, "at": midnight(JULY_2), "value": Decimal(96)}]
    meters.note_readings(actor=SYSTEM, rows=rows, at=AT)
    metering.send(meter, metering.steady(JULY_2, days=2, start="96")[1:])
    metering.roll()
    scale.drop_before(READINGS, date(2020, 8, 1))
    later = date(2023, 8, 20)
    metering.send(meter, [(midnight(later) - HOUR, Decimal(400))], at=midnight(later))
    metering.roll(later)
    meters.enter_meters(
        actor=SYSTEM, rows=[metering.facts(city, "school", multiplier=Decimal(2))],
        at=midnight(later),
    )  # fmt: skip
    metering.roll(later)
    assert [metering.amount(meter, BEGUN + DAY * n) for n in range(3)] == [96, 96, 96]
    assert metering.month(meter, later - DAY).amount > 0


def test_a_beginning_that_is_moved_later_is_where_counting_begins(city: City) -> None:
    meter = metering.meter(city)
    metering.send(meter, metering.steady(BEGUN)[:8])
    metering.send(meter, metering.steady(JULY_2 + DAY, start="200")[1:])
    metering.roll()
    metering.meter(city, installed_at=midnight(JULY_2), installed_reading=Decimal(104))
    metering.roll()
    assert [metering.amount(meter, BEGUN + DAY * n) for n in range(3)] == [0, 96, 96]


def test_an_end_that_is_told_afterwards_counts(city: City) -> None:
    meter = metering.meter(city)
    metering.send(meter, metering.steady(BEGUN, days=4))
    metering.roll()
    metering.meter(city, until=JULY_2)
    metering.roll()
    assert [metering.amount(meter, BEGUN + DAY * n) for n in range(4)] == [96, 95, 0, 0]
    assert metering.month(meter, BEGUN).amount == 191, "up to the last reading of the last day"
    metering.meter(city, until=JULY_2 + DAY)
    metering.roll()
    assert [metering.amount(meter, BEGUN + DAY * n) for n in range(4)] == [96, 96, 95, 0]
    metering.meter(city)
    metering.roll()
    assert [metering.amount(meter, BEGUN + DAY * n) for n in range(4)] == [96] * 4


def test_another_source_counts_with_what_it_can_pass(city: City) -> None:
    meter = metering.meter(city)
    metering.send(meter, metering.steady(BEGUN, per_hour="900"))
    metering.roll()
    metering.meter(city, energy=Energy.WATER)
    metering.roll()
    row = metering.day(meter, BEGUN)
    assert row is not None
    assert (row.amount < 21_600, row.jumped > 0) == (True, True)


@pytest.mark.django_db(transaction=True)
def test_another_multiplier_is_not_lost_while_days_are_rolled_up(
    city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Told after the meters were read, of days that nobody has seen rolled up yet."""
    meter = metering.meter(city)
    metering.send(meter, metering.steady(BEGUN, days=2))
    looked = Book.of

    def interrupted(*args: Any, **kwargs: Any) -> Book:
        book = looked(*args, **kwargs)
        if coming.ident is None:
            coming.start()
            coming.join(1)
        return book

    def come() -> None:
        try:
            metering.meter(city, multiplier=Decimal(3))
        finally:
            connection.close()

    coming = threading.Thread(target=come)
    monkeypatch.setattr(Book, "of", interrupted)
    metering.roll()
    coming.join(20)
    metering.roll()
    assert [metering.amount(meter, BEGUN + DAY * n) for n in range(2)] == [288, 288]


@pytest.mark.django_db(transaction=True)
def test_what_comes_while_days_are_rolled_up_is_not_lost(
    city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Committed by somebody else after the touched days were taken, seen by nobody yet."""
    meter = metering.meter(city)
    early, late = metering.steady(BEGUN)[:50], metering.steady(BEGUN)[40:]
    metering.send(meter, early)
    looked = Book.of

    def interrupted(*args: Any, **kwargs: Any) -> Book:
        book = looked(*args, **kwargs)
        if not coming.is_alive() and coming.ident is None:
            coming.start()
            coming.join(20)
        return book

    def come() -> None:
        try:
            metering.send(meter, late)
        finally:
            connection.close()

    coming = threading.Thread(target=come)
    monkeypatch.setattr(Book, "of", interrupted)
    assert metering_rolls.roll(today=TODAY).left > 0
    assert metering.amount(meter, BEGUN) == 49
    metering.roll()
    assert metering.amount(meter, BEGUN) == 96
