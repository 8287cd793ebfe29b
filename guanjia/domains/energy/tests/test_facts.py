"""What the rows say of institutions in a year, as assessments read it."""

from datetime import date
from decimal import Decimal

import pytest

from guanjia.domains.energy.actions import filings
from guanjia.domains.energy.models import Filing
from guanjia.domains.energy.queries import facts
from guanjia.domains.energy.terms.assessment import Fact
from guanjia.domains.energy.terms.returns import FilingKind
from guanjia.domains.energy.tests.builders import AT, DAY, SYSTEM, TODAY, City

pytestmark = [pytest.mark.django_db, pytest.mark.pg15]


def test_facts_of_a_year(city: City) -> None:
    for name, power in (("school", 4000), ("hospital", 90_000)):
        city.half_year(name, power=power)
        city.half_year(name, year=2019, power=power + 400)
    ids = [city.institution(name).pk for name in ("school", "office", "hospital")]
    told = facts.of_year(ids, year=2020, today=TODAY)
    school, office = told[ids[0]], told[ids[1]]
    assert school[Fact.MONTHS] == Decimal(6) / 7, "January to July are over"
    # Electricity fell from 4,540 to 4,140 kWh on the average, water stayed.
    fell = school[Fact.PER_PERSON_FELL]
    assert fell is not None
    assert round(fell, 2) == Decimal("8.81")
    assert school[Fact.WATER_FELL] == 0
    assert school[Fact.IN_TIME] is None, "no filing is due"
    assert school[Fact.SETTLED] == 1
    assert office[Fact.MONTHS] == 0
    assert office[Fact.PER_PERSON_FELL] is None
    assert office[Fact.SETTLED] is None


def test_a_running_year_is_compared_with_the_same_months(city: City) -> None:
    for month in range(1, 13):
        city.tell("school", 2019, month, ELECTRICITY=4000, WATER=100)
    city.tell("school", 2020, 1, ELECTRICITY=3600, WATER=80)
    pk = city.institution("school").pk
    told = facts.of_year([pk], year=2020, today=TODAY)[pk]
    assert told[Fact.PER_PERSON_FELL] == 10
    assert told[Fact.WATER_FELL] == 20


def test_filings_in_time_and_doubts_settled(city: City) -> None:
    city.half_year("school")
    filings.open_period(actor=SYSTEM, kind=FilingKind.QUARTER, first=date(2020, 1, 1), at=AT)
    city.tell("school", 2020, 7, ELECTRICITY=(0, 50), WATER=100)
    pk = city.institution("school").pk
    told = facts.of_year([pk], year=2020, today=TODAY)[pk]
    assert (told[Fact.IN_TIME], told[Fact.SETTLED]) == (0, 0)


def test_a_source_that_was_left_out_is_no_saving(city: City) -> None:
    for month in (1, 2):
        city.tell("school", 2019, month, ELECTRICITY=4000, WATER=100, GAS=500)
    city.tell("school", 2020, 1, ELECTRICITY=3600, WATER=80)
    pk = city.institution("school").pk
    told = facts.of_year([pk], year=2020, today=TODAY)[pk]
    assert (told[Fact.PER_PERSON_FELL], told[Fact.WATER_FELL]) == (None, 20)
    city.tell("school", 2020, 2, ELECTRICITY=3600, WATER=80, GAS=450)
    told = facts.of_year([pk], year=2020, today=TODAY)[pk]
    assert told[Fact.PER_PERSON_FELL] == 10, "February alone"


def test_months_that_are_not_over_do_not_count_yet(city: City) -> None:
    for month in (1, 2, 8):
        city.tell("school", 2020, month, ELECTRICITY=4000, WATER=100)
    pk = city.institution("school").pk
    assert facts.of_year([pk], year=2020, today=TODAY)[pk][Fact.MONTHS] == Decimal(2) / 7


def test_a_filing_is_late_when_its_last_day_is_over(city: City) -> None:
    city.half_year("school")
    filings.open_period(actor=SYSTEM, kind=FilingKind.QUARTER, first=date(2020, 1, 1), at=AT)
    Filing.objects.update(due_on=TODAY)
    pk = city.institution("school").pk

    def in_time(day: date) -> Decimal | None:
        return facts.of_year([pk], year=2020, today=day)[pk][Fact.IN_TIME]

    assert (in_time(TODAY), in_time(TODAY + DAY)) == (None, 0)
    one = Filing.objects.get(institution=pk)
    filings.send(actor=city.actor("clerk"), filing_id=one.pk, at=AT)
    assert in_time(TODAY) == 1


def test_water_is_compared_over_the_months_that_told_of_it(city: City) -> None:
    for month in range(1, 7):
        city.tell("hospital", 2020, month, ELECTRICITY=90_000, WATER=3000)
    # 200 people with half of the hospital's water for each, but told of one month only.
    city.tell("clinic", 2020, 1, ELECTRICITY=9000, WATER=200)
    city.tell("clinic", 2020, 2, ELECTRICITY=9000)
    ids = [city.institution(name).pk for name in ("hospital", "clinic", "school")]
    told = facts.of_year(ids, year=2020, today=TODAY)
    mean = Decimal(18_000 + 200) / (6 * 1500 + 200)
    assert told[ids[0]][Fact.WATER_TO_PEERS] == 2 / mean
    assert told[ids[1]][Fact.WATER_TO_PEERS] == 1 / mean
    assert told[ids[2]][Fact.WATER_TO_PEERS] is None
