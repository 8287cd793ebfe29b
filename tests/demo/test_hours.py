"""The demo's day is alive at every hour, and the years around it fit in; ledgers are taken once.

Each moment costs ten seconds and more, so the suite visits those where most of it is at stake and
`make bench` (GUANJIA_DEMO_MOMENTS=all) visits all. One more, a working morning, is the whole demo
of test_demo; plans alone are made at every three quarters of an hour of a week in test_planning.
"""

import os
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.models import Q

from guanjia.domains.fleet import demo
from guanjia.domains.fleet.models import Bill, DisposalLot, Finding, SealedCar, Trip
from guanjia.kernel.audit.models import Record
from guanjia.kernel.values.period import SHANGHAI
from tests.demo.moments import assert_alive, live_the_day, setting

pytestmark = pytest.mark.django_db

ALL = os.environ.get("GUANJIA_DEMO_MOMENTS") == "all"
# Quota, lots, bills, sealing and findings: where a month begins, and at night. One in the suite.
YEARS = (
    datetime(2026, 6, 1, 0, 0, tzinfo=SHANGHAI),  # a Monday; nothing came back yet
    *([datetime(2026, 3, 15, 23, 59, 30, tzinfo=SHANGHAI)] * ALL),  # a Sunday's last moment
)
# The short form: the one odd day that is neither a Sunday nor a midnight.
SHORT = (datetime(2026, 2, 18, 9, 30, tzinfo=SHANGHAI),)  # in the spring festival
LONG = (
    *SHORT,
    datetime(2026, 3, 11, 0, 0, tzinfo=SHANGHAI),  # the hours of a working day
    datetime(2026, 3, 11, 17, 31, tzinfo=SHANGHAI),
    datetime(2026, 3, 11, 23, 59, 30, tzinfo=SHANGHAI),
    datetime(2026, 3, 15, 11, 0, tzinfo=SHANGHAI),  # a Sunday
    datetime(2027, 1, 1, 3, 0, tzinfo=SHANGHAI),
    datetime(2028, 2, 29, 16, 15, tzinfo=SHANGHAI),
)
MOMENTS = LONG if ALL else SHORT


@pytest.mark.slow
@pytest.mark.parametrize("at", MOMENTS, ids=str)
def test_the_day_is_alive(demo_city: Any, at: datetime) -> None:
    live_the_day(at, demo_city)
    assert_alive(at)


@pytest.mark.slow
@pytest.mark.parametrize("at", YEARS, ids=str)
def test_the_years_around_it_fit_into_every_moment(demo_city: Any, at: datetime) -> None:
    live_the_day(at, demo_city)
    assert_alive(at)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        demo.live_the_year(setting(at))
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    assert_lived(at)


def assert_lived(at: datetime) -> None:
    """The year's life is complete, and nothing of it lies ahead."""
    assert not Trip.objects.filter(Q(went_at__gt=at) | Q(back_at__gt=at)).exists()
    assert not Record.objects.filter(at__gt=at).exists()
    last = (at.date().replace(day=1) - timedelta(days=1)).replace(day=1)
    states = set(Bill.objects.filter(month=last).values_list("state", flat=True))
    assert states >= {"SENT", "DISPUTED", "AGREED", "CLOSED"}, states
    assert SealedCar.objects.filter(state="TO_SEAL").count() >= 2
    assert DisposalLot.objects.count() >= 2
    astray = Finding.objects.filter(grounds__code="OUTSIDE_PLACE", level="RED")
    assert astray.filter(grounds__code="OUTSIDE_TIME").exists()
