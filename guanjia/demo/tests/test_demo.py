"""The demo city: its ledgers give the report's figures, and its day is alive at every hour."""

import json
from collections import Counter
from datetime import datetime, timedelta
from random import Random
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.models import Q
from django.test import TestCase, override_settings

from guanjia.demo import accounts, city, day, life, loading
from guanjia.demo.planning import HERE
from guanjia.domains.fleet.models import Bill, Car, DisposalLot, Driver, Finding, SealedCar, Trip
from guanjia.domains.fleet.queries import sheets
from guanjia.domains.fleet.terms.trips import Paper, TripState
from guanjia.domains.report import queries as report
from guanjia.kernel.access import queries as access
from guanjia.kernel.access.models import Account
from guanjia.kernel.approvals import queries as approvals
from guanjia.kernel.audit import actions as audit
from guanjia.kernel.audit.models import Record
from guanjia.kernel.registers import catalogue
from guanjia.kernel.registers.importing import import_file
from guanjia.kernel.registers.models import Remark
from guanjia.kernel.values.actor import Actor, Scope
from guanjia.kernel.values.period import Period

MORNING = datetime(2026, 3, 11, 10, 20, 37, tzinfo=HERE)
EVERYWHERE = Scope.all()
QUICK_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


def around(at: datetime) -> tuple[datetime, datetime]:
    """Midnight before and after a moment."""
    return Period.day(at.astimezone(HERE).date()).bounds()


@override_settings(PASSWORD_HASHERS=QUICK_HASHERS)
class TestTheDay(TestCase):
    """Ledgers and accounts are made once; every test lives another day on them."""

    @classmethod
    def setUpTestData(cls) -> None:
        """Take the ledgers, open the accounts."""
        actor, at = Actor.system("演示数据"), datetime(2020, 7, 11, 9, tzinfo=HERE)
        city.take_ledgers(actor=actor, at=at, say=lambda _: None)
        city.add_drivers_as_people(actor=actor, at=at)
        cls.staff = city.open_accounts(actor=actor, at=at, since=at.date())
        # The planner may remember these tables as other tests left them, nearly empty; one that is
        # never committed is never looked at again by itself.
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")

    def live(self, at: datetime) -> None:
        """Live the day around a moment."""
        actor, rng = Actor.system("演示数据"), Random(1)
        city.renew_archives(actor=actor, rng=rng, at=at - timedelta(days=30), today=at.date())
        day.live(at=at, staff=self.staff, rng=rng)
        with connection.cursor() as cursor:  # constraints that wait for the commit speak now
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")

    def assert_alive(self, at: datetime) -> None:
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
        self.assert_todo(at)

    def assert_todo(self, at: datetime) -> None:
        """The named people find something to do."""
        for username in ("shaohong", "yuxinhua", "xumingjin"):
            actor = access.actor_named(username=username, on=at.date())
            assert approvals.waiting_for(actor).exists(), username
        applicant = access.actor_named(username="moxing", on=at.date())
        assert sheets.to_rate(person_id=applicant.person_id or 0).exists()
        assert sheets.sent_back(person_id=applicant.person_id or 0).count() == 1
        driver = access.actor_named(username="wangjie", on=at.date())
        assert sheets.driving(person_id=driver.person_id or 0, day=at.date()).exists()

    def test_a_working_morning(self) -> None:
        self.live(MORNING)
        self.assert_alive(MORNING)
        busy = sheets.on_board(scope=EVERYWHERE, day=MORNING.date())
        assert 18 <= busy.count() <= 30
        assert len({trip.car.seats for trip in busy}) >= 4
        assert 60 <= Trip.objects.filter(asked_at__isnull=False).count() <= 95
        chief = access.actor_named(username="xumingjin", on=MORNING.date())
        assert approvals.waiting_for(chief).filter(step__key="head").exists()  # for a rest day

    def test_archives_stand_as_of_today(self) -> None:
        self.live(MORNING)
        today = MORNING.date()
        assert 55 <= Driver.objects.filter(licence_until__gte=today).count() <= 70
        soon = Driver.objects.filter(licence_until__range=(today, today + timedelta(days=30)))
        assert soon.count() == 3
        assert Driver.objects.filter(licence_until__lt=today).count() == 6
        assert Driver.objects.filter(person__isnull=False).count() == len(accounts.DRIVERS)
        inspected = Car.objects.exclude(inspected_until=None)
        assert inspected.filter(inspected_until__lt=today).count() == 1
        month = (today, today + timedelta(days=30))
        assert inspected.filter(inspected_until__range=month).count() == 2

    def test_every_act_left_a_record_and_the_trail_holds(self) -> None:
        self.live(MORNING)
        for trip in Trip.objects.filter(asked_at__isnull=False):
            assert Record.objects.filter(on_type="fleet.trip", on_id=trip.pk).exists()
        assert audit.verify().ok

    @pytest.mark.slow
    def test_it_gives_the_figures_of_the_report(self) -> None:
        expected = json.loads((city.DATA / "2020h1" / "expected.json").read_text())
        self.live(MORNING)
        found = report.report(scope=EVERYWHERE, period=Period.parse(expected["period"]))
        assert {k: v["value"] for k, v in found["figures"].items()} == expected["figures"]

    @pytest.mark.slow
    def test_every_hour_of_the_clock(self) -> None:
        for at in (
            datetime(2026, 3, 11, 0, 0, tzinfo=HERE),
            datetime(2026, 3, 11, 17, 31, tzinfo=HERE),
            datetime(2026, 3, 11, 23, 59, 30, tzinfo=HERE),
        ):
            with self.subTest(at=at):
                self.on_its_own(at)

    @pytest.mark.slow
    def test_odd_days(self) -> None:
        for at in (
            datetime(2026, 3, 15, 11, 0, tzinfo=HERE),  # a Sunday
            datetime(2026, 2, 18, 9, 30, tzinfo=HERE),  # in the spring festival
            datetime(2027, 1, 1, 3, 0, tzinfo=HERE),
            datetime(2028, 2, 29, 16, 15, tzinfo=HERE),
        ):
            with self.subTest(at=at):
                self.on_its_own(at)

    @pytest.mark.slow
    def test_the_years_around_it_fit_into_every_moment(self) -> None:
        """Quota, lots, bills, sealing and findings: at night, and where a month begins."""
        for at in (
            datetime(2026, 6, 1, 0, 0, tzinfo=HERE),  # a Monday; nothing came back yet
            datetime(2026, 3, 15, 23, 59, 30, tzinfo=HERE),  # a Sunday's last moment
        ):
            with self.subTest(at=at), transaction.atomic():
                self.live(at)
                with connection.cursor() as cursor:
                    cursor.execute("SET CONSTRAINTS ALL DEFERRED")
                    life.live(at=at, rng=Random(1))
                    cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
                self.assert_lived(at)
                transaction.set_rollback(True)

    def assert_lived(self, at: datetime) -> None:
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

    def on_its_own(self, at: datetime) -> None:
        """Live a day, look at it, undo it."""
        with transaction.atomic():
            self.live(at)
            self.assert_alive(at)
            transaction.set_rollback(True)


@pytest.mark.django_db
@pytest.mark.slow
def test_loading_twice_changes_nothing(settings: Any) -> None:
    settings.PASSWORD_HASHERS = QUICK_HASHERS
    told: list[str] = []
    assert loading.is_empty()
    loading.load("jingdezhen", at=MORNING, say=told.append)
    assert not loading.is_empty()
    counts = Trip.objects.count(), Record.objects.count(), Account.objects.count()
    told.clear()
    loading.load("jingdezhen", at=MORNING + timedelta(days=3), say=told.append)
    assert told == ["演示数据已经在库里，没有改动。"]
    assert counts == (Trip.objects.count(), Record.objects.count(), Account.objects.count())
    assert {account.username for account in accounts.ACCOUNTS} <= set(
        Account.objects.values_list("username", flat=True)
    )
    assert Account.objects.get(username="moxing").check_password(accounts.PASSWORD)
    assert not Account.objects.filter(must_change_password=True).exists()
    ledgers_again()


def ledgers_again() -> None:
    """A ledger taken in again over the demo changes no trip and no car."""
    for key in ("org.units", "org.people", "fleet.cars", "fleet.trips"):
        register = catalogue.get(key)
        assert register is not None
        taken = import_file(
            register=register,
            path_or_file=city.DATA / "2020h1" / f"{key}.xlsx",
            actor=Actor.system("测试"),
            at=MORNING,
        )
        assert not taken.refused, taken.errors
        assert taken.created == 0


@pytest.mark.django_db
def test_an_unknown_name_is_answered_with_the_known_ones() -> None:
    with pytest.raises(KeyError, match="jingdezhen"):
        loading.load("atlantis", at=MORNING)


@pytest.mark.django_db
def test_it_does_not_mix_with_other_data() -> None:
    Account.objects.create(username="admin", name="管理员", created_at=MORNING)
    with pytest.raises(ValueError, match="别的数据"):
        loading.load("jingdezhen", at=MORNING)


@pytest.mark.django_db
def test_it_does_not_fit_before_the_ledgers_end() -> None:
    with pytest.raises(ValueError, match="2020"):
        loading.load("jingdezhen", at=datetime(2020, 5, 20, 12, tzinfo=HERE))


@pytest.mark.django_db
@pytest.mark.slow
def test_the_faulty_cars_yield_exactly_their_faults() -> None:
    actor = Actor.system("测试")
    at = datetime(2020, 7, 11, 9, tzinfo=HERE)
    for key in ("org.units", "org.people"):
        take(key, city.DATA / "2020h1" / f"{key}.xlsx", actor, at)
    found = take("fleet.cars", city.DATA / "faulty" / "fleet.cars.xlsx", actor, at)
    planted = json.loads((city.DATA / "faulty" / "fleet.cars.faults.json").read_text())
    told = [(fault.row, fault.column) for fault in (*found.errors, *found.doubts)]
    for fault in planted:
        rows = {fault["row"], fault.get("twin", fault["row"])}
        hits = [place for place in told if place[0] in rows and place[1] == fault["column"]]
        assert len(hits) == 1, fault
        told.remove(hits[0])
    assert told == []
    assert found.refused
    assert not Car.objects.exists()


def take(key: str, path: Any, actor: Actor, at: datetime) -> Any:
    """Import one file."""
    register = catalogue.get(key)
    assert register is not None
    return import_file(register=register, path_or_file=path, actor=actor, at=at)


def test_the_accounts_are_told_apart() -> None:
    names = [account.username for account in accounts.ACCOUNTS]
    assert len(names) == len(set(names)) == 25
