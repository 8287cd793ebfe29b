"""What the demo has to show at every moment, and the city that its days begin with."""

from collections import Counter
from datetime import datetime, timedelta
from random import Random
from typing import Any

from django.db import connection
from django.db.models import Q
from django.test import override_settings

from guanjia.demo import city, loading
from guanjia.demo.declaration import Setting
from guanjia.domains.fleet.demo import archives, day, staff
from guanjia.domains.fleet.models import Trip
from guanjia.domains.fleet.queries import sheets
from guanjia.domains.fleet.terms.trips import Paper, TripState
from guanjia.kernel.access import queries as access
from guanjia.kernel.approvals import queries as approvals
from guanjia.kernel.registers.models import Remark
from guanjia.kernel.values.actor import Actor, Scope
from guanjia.kernel.values.period import SHANGHAI, Period

MORNING = datetime(2026, 3, 11, 10, 20, 37, tzinfo=SHANGHAI)
EVERYWHERE = Scope.all()
QUICK_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


# ── what many tests begin with, see guanjia.config.testing_grounds ────────────────────────


def load_all() -> None:
    """The whole demo of a working morning, as `guanjia up --demo` loads it."""
    assert loading.is_empty()
    with override_settings(PASSWORD_HASHERS=QUICK_HASHERS):
        loading.load("jingdezhen", at=MORNING)
    assert not loading.is_empty()


def take_ledgers() -> dict[str, staff.Staff]:
    """Ledgers and accounts, and no day yet; returns who asks and decides at each unit."""
    actor, at = Actor.system("演示数据"), datetime(2020, 7, 11, 9, tzinfo=SHANGHAI)
    with override_settings(PASSWORD_HASHERS=QUICK_HASHERS):
        city.take_ledgers(actor=actor, at=at)
        archives.add_drivers_as_people(actor=actor, at=at)
        city.open_accounts(actor=actor, at=at, since=at.date())
        who = staff.open_staff(actor=actor, at=at, since=at.date())
    # The planner may remember these tables as other tests left them, nearly empty; one that is
    # never committed is never looked at again by itself.
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return who


def setting(at: datetime) -> Setting:
    """A moment as departments get it, with chances of its own."""
    return loading.setting(at, at, Actor.system("演示数据"), lambda _: None)


def live_the_day(at: datetime, who: dict[str, Any]) -> None:
    """Live the day around a moment."""
    actor, rng = Actor.system("演示数据"), Random(1)
    archives.renew_archives(actor=actor, rng=rng, at=at - timedelta(days=30), today=at.date())
    day.live(at=at, staff=who, rng=rng)
    with connection.cursor() as cursor:  # constraints that wait for the commit speak now
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


# ── what every hour has to show ───────────────────────────────────────────────────────────


def around(at: datetime) -> tuple[datetime, datetime]:
    """Midnight before and after a moment."""
    return Period.day(at.astimezone(SHANGHAI).date()).bounds()


def assert_alive(at: datetime) -> None:
    """What every hour has to show."""
    begin, end = around(at)
    recent = Trip.objects.filter(asked_at__isnull=False)
    touching = recent.filter(
        Q(planned_from__lt=end, planned_to__gt=begin) | Q(went_at__lt=end, back_at__gte=begin)
    )
    states = Counter(touching.values_list("state", flat=True))
    assert set(states) == {state.value for state in TripState}, states
    board = sheets.on_board(scope=EVERYWHERE, day=at.date())
    assert board.count() >= 12
    assert set(board.values_list("car__seats", flat=True)) >= {5, 7}
    assert sheets.overdue(scope=EVERYWHERE, at=at).count() == 1
    assert sheets.waiting(EVERYWHERE).count() >= 5
    assert sheets.without_papers(EVERYWHERE).count() == 1
    assert recent.filter(paper=Paper.PENDING).count() == 1
    assert recent.filter(shares__isnull=False).count() == 1
    assert recent.filter(stars__isnull=False).exists()
    assert not recent.filter(Q(went_at__gt=at) | Q(back_at__gt=at)).exists()
    assert not recent.filter(asked_at__gt=at).exists()
    gaps = Remark.objects.filter(register="fleet.trips", code="odometer_gap")
    assert gaps.count() == 1
    assert_todo(at)


def assert_todo(at: datetime) -> None:
    """The named people find something to do."""
    for username in ("shaohong", "yuxinhua", "xumingjin"):
        actor = access.actor_named(username=username, on=at.date())
        assert approvals.waiting_for(actor).exists(), username
    applicant = access.actor_named(username="moxing", on=at.date())
    assert sheets.to_rate(person_id=applicant.person_id or 0).exists()
    assert sheets.sent_back(person_id=applicant.person_id or 0).count() == 1
    driver = access.actor_named(username="wangjie", on=at.date())
    assert sheets.driving(person_id=driver.person_id or 0, day=at.date()).exists()
