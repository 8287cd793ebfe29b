"""The demo of a working morning, loaded once and whole: its ledgers give the report's figures, its
day is alive, and loading it again changes nothing. Other moments: test_hours.
"""

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine

from guanjia.demo import accounts, departments, loading
from guanjia.domains.energy.models import MonthReturn
from guanjia.domains.fleet.demo.accounts import DRIVERS
from guanjia.domains.fleet.models import Car, Driver, Trip
from guanjia.domains.fleet.queries import sheets
from guanjia.domains.report import queries as report
from guanjia.kernel.access import queries as access
from guanjia.kernel.access.models import Account
from guanjia.kernel.approvals import queries as approvals
from guanjia.kernel.audit import actions as audit
from guanjia.kernel.audit.models import Record
from guanjia.kernel.registers import catalogue
from guanjia.kernel.registers.importing import import_file
from guanjia.kernel.values.actor import Actor
from guanjia.kernel.values.period import SHANGHAI, Period
from tests.demo.moments import EVERYWHERE, MORNING, QUICK_HASHERS, assert_alive

pytestmark = pytest.mark.django_db

FAULTY = Path(__file__).parent / "data"


@pytest.mark.slow
def test_a_working_morning(demo_loaded: Any) -> None:
    assert_alive(MORNING)
    busy = sheets.on_board(scope=EVERYWHERE, day=MORNING.date())
    assert 18 <= busy.count() <= 30
    assert len({trip.car.seats for trip in busy}) >= 4
    assert 60 <= Trip.objects.filter(asked_at__isnull=False).count() <= 95
    chief = access.actor_named(username="xumingjin", on=MORNING.date())
    assert approvals.waiting_for(chief).filter(step__key="head").exists()  # for a rest day


@pytest.mark.slow
def test_archives_stand_as_of_today(demo_loaded: Any) -> None:
    today = MORNING.date()
    assert 55 <= Driver.objects.filter(licence_until__gte=today).count() <= 70
    soon = Driver.objects.filter(licence_until__range=(today, today + timedelta(days=30)))
    assert soon.count() == 3
    assert Driver.objects.filter(licence_until__lt=today).count() == 6
    assert Driver.objects.filter(person__isnull=False).count() == len(DRIVERS)
    inspected = Car.objects.exclude(inspected_until=None)
    assert inspected.filter(inspected_until__lt=today).count() == 1
    month = (today, today + timedelta(days=30))
    assert inspected.filter(inspected_until__range=month).count() == 2


@pytest.mark.slow
def test_every_act_left_a_record_and_the_trail_holds(demo_loaded: Any) -> None:
    trips = Trip.objects.filter(asked_at__isnull=False)
    told = Record.objects.filter(on_type="fleet.trip").values("on_id")
    assert trips.exists()
    assert not trips.exclude(pk__in=told).exists()
    assert audit.verify().ok


@pytest.mark.slow
def test_it_gives_the_figures_of_the_report(demo_loaded: Any) -> None:
    expected = json.loads(departments.EXPECTED.read_text())
    found = report.report(scope=EVERYWHERE, period=Period.parse(expected["period"]))
    assert {k: v["value"] for k, v in found["figures"].items()} == expected["figures"]


@pytest.mark.slow
def test_everybody_named_can_sign_in(demo_loaded: Any, settings: Any) -> None:
    settings.PASSWORD_HASHERS = QUICK_HASHERS
    assert {account.username for account in departments.accounts()} <= set(
        Account.objects.values_list("username", flat=True)
    )
    assert Account.objects.get(username="moxing").check_password(accounts.PASSWORD)
    assert not Account.objects.filter(must_change_password=True).exists()


@pytest.mark.slow
def test_loading_twice_changes_nothing(demo_loaded: Any) -> None:
    told: list[str] = []
    counts = Trip.objects.count(), Record.objects.count(), Account.objects.count()
    loading.load("jingdezhen", at=MORNING + timedelta(days=3), say=told.append)
    assert told == ["演示数据已经在库里，没有改动。"]
    assert counts == (Trip.objects.count(), Record.objects.count(), Account.objects.count())
    ledgers_again()


def ledgers_again() -> None:
    """A ledger taken in again over the demo changes no trip and no car."""
    for key in ("org.units", "org.people", "fleet.cars", "fleet.trips"):
        register = catalogue.get(key)
        assert register is not None
        taken = import_file(
            register=register,
            path_or_file=departments.ledger(key),
            actor=Actor.system("测试"),
            at=MORNING,
        )
        assert not taken.refused, taken.errors
        assert taken.created == 0


# ── where it is not loaded ────────────────────────────────────────────────────────────────


def test_an_unknown_name_is_answered_with_the_known_ones() -> None:
    with pytest.raises(KeyError, match="jingdezhen"):
        loading.load("atlantis", at=MORNING)


def test_it_does_not_mix_with_other_data() -> None:
    Account.objects.create(username="admin", name="管理员", created_at=MORNING)
    with pytest.raises(ValueError, match="别的数据"):
        loading.load("jingdezhen", at=MORNING)


def test_it_does_not_fit_before_the_ledgers_end() -> None:
    with pytest.raises(ValueError, match="2020"):
        loading.load("jingdezhen", at=datetime(2020, 5, 20, 12, tzinfo=SHANGHAI))


@pytest.mark.slow
def test_the_faulty_cars_yield_exactly_their_faults() -> None:
    actor = Actor.system("测试")
    at = datetime(2020, 7, 11, 9, tzinfo=SHANGHAI)
    for key in ("org.units", "org.people"):
        take(key, departments.ledger(key), actor, at)
    found = take("fleet.cars", FAULTY / "fleet.cars.xlsx", actor, at)
    planted = json.loads((FAULTY / "fleet.cars.faults.json").read_text())
    told = [(fault.row, fault.column) for fault in (*found.errors, *found.doubts)]
    for fault in planted:
        rows = {fault["row"], fault.get("twin", fault["row"])}
        hits = [place for place in told if place[0] in rows and place[1] == fault["column"]]
        assert len(hits) == 1, fault
        told.remove(hits[0])
    assert told == []
    assert found.refused
    assert not Car.objects.exists()


@pytest.mark.slow
def test_the_faulty_returns_yield_exactly_their_faults() -> None:
    actor = Actor.system("测试")
    at = datetime(2020, 7, 11, 9, tzinfo=SHANGHAI)
    for key in ("org.units", "energy.institutions"):
        take(key, departments.ledger(key), actor, at)
    with time_machine.travel(at, tick=False):
        found = take("energy.returns", FAULTY / "energy.returns.xlsx", actor, at)
    planted = json.loads((FAULTY / "energy.returns.faults.json").read_text())
    told = {(fault.row, fault.column) for fault in (*found.errors, *found.doubts)}
    blamed = set()
    for fault in planted:
        rows = {fault["row"], fault.get("twin", fault["row"])}
        assert {(row, fault["column"]) for row in rows} & told, fault
        blamed |= rows
    assert {row for row, _ in told} <= blamed, "no clean row is doubted"
    slips = {"times_ten", "divided_by_thousand", "unit_price_out_of_band", "zero_with_cost"}
    odd = {(fault.row, fault.column) for fault in found.doubts}
    assert {(f["row"], f["column"]) for f in planted if f["kind"] in slips} <= odd
    assert not MonthReturn.objects.exists()


def take(key: str, path: Any, actor: Actor, at: datetime) -> Any:
    """Import one file."""
    register = catalogue.get(key)
    assert register is not None
    return import_file(register=register, path_or_file=path, actor=actor, at=at)


def test_the_accounts_are_told_apart() -> None:
    names = [account.username for account in departments.accounts()]
    assert len(names) == len(set(names)) == 29
