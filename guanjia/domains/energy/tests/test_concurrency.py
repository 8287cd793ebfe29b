"""Two who do the same at once: one list, one case, one division of a month."""

from collections.abc import Callable
from contextlib import ExitStack
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
import time_machine
from django.db import transaction

from guanjia.domains.energy.actions import filings, metered, quotas, sampling, sites
from guanjia.domains.energy.models import (
    Consumption,
    Filing,
    Institution,
    MonthReturn,
    QuotaCase,
    Sample,
    Site,
    SitePart,
)
from guanjia.domains.energy.terms.returns import FilingKind
from guanjia.domains.energy.terms.sites import Basis
from guanjia.domains.energy.tests import builders, metering
from guanjia.domains.energy.tests.at_once import all_at_once, meanwhile, parted
from guanjia.domains.energy.tests.builders import AT, SYSTEM, City, lines

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.pg15]


@pytest.fixture
def city(transactional_db: None) -> City:
    """The small city, committed, so that other connections see it."""
    with time_machine.travel(AT, tick=False):
        return builders.city()


def test_a_period_is_drawn_from_once_however_many_draw(city: City) -> None:
    acts = [
        partial(sampling.draw, actor=SYSTEM, year=2020, quarter=1, seed=f"{n}", at=AT)
        for n in range(4)
    ]
    winners, refused = parted(all_at_once(acts))
    assert len(winners) == 1
    assert {each.findings[0].code for each in refused} == {"drawn"}
    assert Sample.objects.count() == 1


def test_a_year_judged_by_many_asks_everybody_once(city: City) -> None:
    city.tell("office", 2019, 6, ELECTRICITY=200_000)
    act = partial(quotas.judge_year, actor=SYSTEM, year=2019, at=AT)
    winners, refused = parted(all_at_once([act] * 4))
    assert not refused
    assert sorted(won.count for won in winners) == [0, 0, 0, 1]
    assert QuotaCase.objects.count() == 1


def test_a_month_from_meters_waits_as_everybody_does(city: City) -> None:
    """Whoever tells a month has locked its institution before it locks the month."""
    july, school = metering.BEGUN, city.institution("school")
    meter = metering.meter(city)
    city.tell("school", 2020, 7, ELECTRICITY=("1", "1845"), WATER="120")
    metering.send(meter, metering.steady(july, days=31))
    metering.roll()
    take = partial(metered.take_month, actor=SYSTEM, institution_id=school.pk, month=july, at=AT)
    with ExitStack() as stack:
        with transaction.atomic():
            there = Institution.objects.select_for_update(of=("self",), no_key=True)
            list(there.filter(pk=school.pk))
            taken = stack.enter_context(meanwhile(take))
            rows = MonthReturn.objects.select_for_update(of=("self",))
            list(rows.filter(institution=school, month=july))
        told = taken()
    assert (told.month, told.origin) == (july, "METER")


MAY = AT.date().replace(month=5, day=1)


def shared(city: City) -> Site:
    """A building that two institutions share."""
    row = {"area": city.units["leping"], "name": "大院", "address": "", "floor_m2": None}
    sites.enter_sites(actor=SYSTEM, rows=[row], at=AT)
    made: Site = Site.objects.get()
    parts: dict[int, Any] = {city.institution(n).pk: None for n in ("school", "office")}
    sites.share_out(actor=SYSTEM, site_id=made.pk, since=MAY, basis=Basis.FLOOR, parts=parts, at=AT)
    return made


def telling(made: Site, amount: int) -> Callable[[], Any]:
    """Somebody who tells its May."""
    return partial(sites.tell_month, actor=SYSTEM, site_id=made.pk, month=MAY, at=AT,
                   lines=lines({"ELECTRICITY": amount}))  # fmt: skip


def test_a_building_told_by_many_is_divided_once(city: City) -> None:
    made = shared(city)
    acts = [telling(made, amount) for amount in (1000, 2000, 3000)]
    winners, refused = parted(all_at_once(acts))
    assert (len(winners), refused) == (3, [])
    amounts = list(Consumption.objects.values_list("amount", flat=True))
    assert sum(amounts) in {Decimal(1000), Decimal(2000), Decimal(3000)}
    assert sorted(SitePart.objects.values_list("amount", flat=True)) == sorted(amounts)


def test_a_building_does_not_tell_over_a_month_that_a_clerk_begins(city: City) -> None:
    made = shared(city)
    with ExitStack() as stack:
        with transaction.atomic():
            city.tell("office", 2020, 5, ELECTRICITY=700)
            outcome = stack.enter_context(meanwhile(telling(made, 1000)))
        _, refused = parted([outcome()])
    assert [each.findings[0].code for each in refused] == ["told_otherwise"]
    assert Consumption.objects.get().amount == 700


def test_a_clerk_does_not_begin_a_month_that_a_building_tells(city: City) -> None:
    made = shared(city)
    with ExitStack() as stack:
        with transaction.atomic():
            telling(made, 1000)()
            clerk = partial(city.tell, "office", 2020, 5, ELECTRICITY=700)
            outcome = stack.enter_context(meanwhile(clerk))
        _, refused = parted([outcome()])
    assert [each.findings[0].code for each in refused] == ["from_site"]
    assert sum(Consumption.objects.values_list("amount", flat=True)) == 1000


def test_a_building_and_a_clerk_lock_in_one_order(city: City) -> None:
    made = shared(city)
    for number in (4, 5, 6):
        city.tell("office", 2020, number, WATER=20)
    filings.open_period(actor=SYSTEM, kind=FilingKind.QUARTER, first=date(2020, 4, 1), at=AT)
    with ExitStack() as stack:
        with transaction.atomic():
            list(Filing.objects.select_for_update().order_by("pk"))
            outcome = stack.enter_context(meanwhile(telling(made, 1000)))
            city.tell("office", 2020, 5, WATER=30)
        winners, refused = parted([outcome()])
    assert (len(winners), refused) == (1, [])
