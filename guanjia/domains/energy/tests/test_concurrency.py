"""Two who do the same at once: one list, one case, one division of a month."""

from decimal import Decimal
from functools import partial
from typing import Any

import pytest
import time_machine

from guanjia.domains.energy.actions import quotas, sampling, sites
from guanjia.domains.energy.models import Consumption, QuotaCase, Sample, Site, SitePart
from guanjia.domains.energy.terms.sites import Basis
from guanjia.domains.energy.tests import builders
from guanjia.domains.energy.tests.at_once import all_at_once, parted
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
    assert sorted(winners) == [(0, 0), (0, 0), (0, 0), (1, 0)]
    assert QuotaCase.objects.count() == 1


def test_a_building_told_by_many_is_divided_once(city: City) -> None:
    row = {"area": city.units["leping"], "name": "大院", "address": "", "floor_m2": None}
    sites.enter_sites(actor=SYSTEM, rows=[row], at=AT)
    made = Site.objects.get()
    parts: dict[int, Any] = {city.institution(n).pk: None for n in ("school", "office")}
    month = AT.date().replace(month=5, day=1)
    sites.share_out(
        actor=SYSTEM, site_id=made.pk, since=month, basis=Basis.FLOOR, parts=parts, at=AT
    )
    acts = [
        partial(sites.tell_month, actor=SYSTEM, site_id=made.pk, month=month, at=AT,
                lines=lines({"ELECTRICITY": amount}))
        for amount in (1000, 2000, 3000)
    ]  # fmt: skip
    winners, refused = parted(all_at_once(acts))
    assert (len(winners), refused) == (3, [])
    amounts = list(Consumption.objects.values_list("amount", flat=True))
    assert sum(amounts) in {Decimal(1000), Decimal(2000), Decimal(3000)}
    assert sorted(SitePart.objects.values_list("amount", flat=True)) == sorted(amounts)
