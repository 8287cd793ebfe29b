"""A month of an institution, offered by its meters and taken from them."""

import threading
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection, transaction

from guanjia.domains.energy.actions import alarms, metered
from guanjia.domains.energy.models import (
    Consumption,
    Meter,
    MeterChange,
)
from guanjia.domains.energy.queries import meters as queries
from guanjia.domains.energy.queries.readings import midnight
from guanjia.domains.energy.terms.energies import Energy
from guanjia.domains.energy.terms.meters import MeterRole, Missing, Settling
from guanjia.domains.energy.tests import metering
from guanjia.domains.energy.tests.builders import AT, SYSTEM, City
from guanjia.domains.energy.tests.metering import BEGUN, change, look, refused

pytestmark = [pytest.mark.django_db, pytest.mark.pg15]
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


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

    row = take("clerk")
    assert (row.institution, row.month, row.origin) == (school, BEGUN, "METER")
    line = Consumption.objects.get(month_return=row, energy="ELECTRICITY")
    assert (line.amount, line.cost_fen) == (2976, 184_500), "the cost that was told stays"
    assert Consumption.objects.get(month_return=row, energy="WATER").amount == 120
    assert take("clerk") == row
    assert Consumption.objects.filter(month_return=row).count() == 2
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
        explanation="通信异常", at=midnight(BEGUN + DAY * 5),
    )  # fmt: skip
    assert lacking(city) is None
