"""The city: ledgers taken in by their registers, accounts opened, archives brought to today."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from random import Random

from pypinyin import lazy_pinyin

from guanjia.demo import accounts
from guanjia.demo.accounts import DemoAccount, Grant
from guanjia.domains.fleet.actions import entering
from guanjia.domains.fleet.queries import archive
from guanjia.domains.fleet.terms.cars import CarState
from guanjia.domains.fleet.terms.drivers import DriverState
from guanjia.kernel.access import actions as access
from guanjia.kernel.access import duties
from guanjia.kernel.access.models import Account
from guanjia.kernel.org import actions as org
from guanjia.kernel.org.models import Person, Unit
from guanjia.kernel.org.terms import Employment, Rank
from guanjia.kernel.registers import amending, catalogue
from guanjia.kernel.registers.importing import import_file
from guanjia.kernel.values.actor import Actor, Scope

DATA = Path(__file__).parent / "data"
LEDGERS = (
    "org.units",
    "org.people",
    "fleet.cars",
    "fleet.drivers",
    "fleet.renewals",
    "fleet.trips",
    "fleet.disposals",
    "space.buildings",
    "space.rooms",
    "space.allocations",
    "space.inspections",
    "meeting.bookings",
    "energy.institutions",
    "energy.returns",
    "energy.audits",
    "energy.demonstrations",
    "energy.city_scores",
)

Say = Callable[[str], None]


class LedgerRefused(ValueError):
    """A ledger of the demo was not taken in; the message says which and why."""


@dataclass(kw_only=True)
class Staff:
    """Who asks and decides at a unit, as user names, and who rides."""

    unit: Unit
    applicant: str
    approver: str
    head: str
    clerk: str = ""
    riders: list[str] = field(default_factory=list)


def take_ledgers(*, actor: Actor, at: datetime, say: Say) -> None:
    """Import the ledgers of 2020 上半年 through the same door as everybody's files."""
    for key in LEDGERS:
        register = catalogue.get(key)
        if register is None:
            raise LedgerRefused(f"没有台账 {key}")
        report = import_file(
            register=register, path_or_file=DATA / "2020h1" / f"{key}.xlsx", actor=actor, at=at
        )
        if report.refused:
            first = report.errors[0]
            raise LedgerRefused(f"{register.title}第 {first.row} 行{first.column}：{first.message}")
        say(f"  {register.title}：{report.rows:,} {register.noun}")


def add_drivers_as_people(*, actor: Actor, at: datetime) -> None:
    """Drivers with an account become people of the section that keeps the cars (linked later)."""
    section = Unit.objects.get(code=accounts.CAR_SECTION)
    org.enter_people(
        actor=actor,
        at=at,
        rows=[
            {
                "number": driver.number,
                "name": driver.name,
                "unit": section,
                "rank": Rank.BELOW_BUREAU,
                "title": "驾驶员",
                "mobile": driver.mobile,
                "employment": Employment.CONTRACT,
                "hired_on": date(2016, 3, 1),
            }
            for driver in archive.drivers(Scope.all()).filter(number__in=accounts.DRIVERS)
        ],
    )


def renew_archives(*, actor: Actor, rng: Random, at: datetime, today: date) -> None:
    """Licences and inspections as they would stand today: most valid, some soon due, some past."""
    add_drivers_as_people(actor=actor, at=at)
    entering.enter_drivers(actor=actor, at=at, rows=_driver_rows(rng, today))
    _renew_cars(actor, rng, at, today)


def _driver_rows(rng: Random, today: date) -> list[dict[str, object]]:
    drivers = list(archive.drivers(Scope.all()).order_by("number"))
    others = [driver for driver in drivers if driver.number not in accounts.DRIVERS]
    rng.shuffle(others)
    days = dict.fromkeys((driver.number for driver in drivers), 0)
    for driver in drivers:
        days[driver.number] = rng.randint(200, 6 * 365)
    soon, past = others[:3], others[3:9]
    for driver, left in zip(soon, (9, 17, 26), strict=True):
        days[driver.number] = left
    for driver in past:
        days[driver.number] = -rng.randint(20, 400)
    states = dict.fromkeys(days, DriverState.ON_DUTY)
    states[others[9].number], states[others[10].number] = DriverState.ON_LEAVE, DriverState.LEFT
    return [
        {
            "number": driver.number,
            "name": driver.name,
            "mobile": driver.mobile,
            "licence_until": today + timedelta(days=days[driver.number]),
            "state": states[driver.number],
        }
        for driver in drivers
    ]


def _renew_cars(actor: Actor, rng: Random, at: datetime, today: date) -> None:
    cars = list(archive.cars(Scope.all()).filter(state=CarState.IN_USE).order_by("plate"))
    rng.shuffle(cars)
    left = {cars[0].pk: -6, cars[1].pk: 9, cars[2].pk: 21}
    for car in cars:
        amending.amend(
            archive=entering.CAR,
            actor=actor,
            pk=car.pk,
            facts={
                "inspected_until": today + timedelta(days=left.get(car.pk, rng.randint(40, 360))),
                "insured_until": today + timedelta(days=rng.randint(25, 360)),
            },
            at=at,
        )
    for car, state, reason in (
        (cars[3], CarState.REPAIR, "更换变速箱，送定点厂维修"),
        (cars[4], CarState.REPAIR, "事故修复，等待配件"),
        (cars[5], CarState.SEALED, "车况老旧，封存待评估"),
    ):
        entering.set_car_state(actor=actor, car_id=car.pk, state=state, reason=reason, at=at)


# ── accounts ─────────────────────────────────────────────────────────────────────────────


def open_accounts(*, actor: Actor, at: datetime, since: date) -> dict[str, Staff]:
    """Open the named accounts and those of the other units; returns who is who at each unit."""
    for account in accounts.ACCOUNTS:
        _open(actor, account, at, since)
    dispatcher = Person.objects.get(number=accounts.ACCOUNTS[0].number)
    section = Unit.objects.get(code=accounts.CAR_SECTION)
    org.hold_post(
        actor=actor, person_id=dispatcher.pk, unit_id=section.pk, title="调度员", since=since, at=at
    )
    staff = {
        accounts.HOUSING: _staff(
            accounts.HOUSING, applicant="moxing", approver="shaohong", head="xumingjin"
        ),
        accounts.RED_CROSS: _staff(
            accounts.RED_CROSS,
            applicant="shenyanjia",
            approver="yuxinhua",
            head=_open_for(
                actor, "D022001", accounts.RED_CROSS, "head", at, since
            ),
            clerk="suxiao",
        ),
    }  # fmt: skip
    for code in accounts.OTHER_UNITS:
        prefix = code.removeprefix("3602")
        someone = Person.objects.filter(unit__code=code, title__in=["科长", "副科长"])
        number = someone.exclude(account__isnull=False).order_by("number")[0].number
        staff[code] = _staff(
            code,
            applicant=_open_for(actor, number, code, "applicant", at, since),
            approver=_open_for(actor, f"{prefix}003", code, "approver", at, since),
            head=_open_for(actor, f"{prefix}001", code, "head", at, since),
        )
    return staff


def _staff(code: str, *, applicant: str, approver: str, head: str, clerk: str = "") -> Staff:
    unit = Unit.objects.get(code=code)
    riders = Person.objects.filter(unit=unit).exclude(title="工勤人员").order_by("number")
    return Staff(
        unit=unit,
        applicant=applicant,
        approver=approver,
        head=head,
        clerk=clerk,
        riders=list(riders.values_list("name", flat=True)[1:15]),
    )


_ROLES: dict[str, tuple[str, Callable[[str], tuple[Grant, ...]]]] = {
    "applicant": ("用车申请人", lambda _: (accounts.applicant(),)),
    "approver": ("单位用车审批人", lambda unit: (accounts.approver(unit),)),
    "head": ("单位主要负责人", lambda unit: (accounts.head(unit),)),
}


def _open_for(  # noqa: PLR0917 — who, where, as what, when
    actor: Actor, number: str, unit: str, role: str, at: datetime, since: date
) -> str:
    person = Person.objects.select_related("unit").get(number=number)
    title, grants = _ROLES[role]
    account = DemoAccount(
        username=_username(person),
        name=person.name,
        role_title=title,
        unit=str(person.unit),
        number=number,
        grants=grants(unit),
    )
    _open(actor, account, at, since)
    return account.username


def _username(person: Person) -> str:
    """Pinyin; with the end of the 工号 where somebody is already called so."""
    plain = "".join(lazy_pinyin(person.name))
    taken = Account.objects.filter(username=plain).exists()
    return f"{plain}{person.number[1:]}" if taken else plain


def _open(actor: Actor, account: DemoAccount, at: datetime, since: date) -> None:
    person = Person.objects.get(number=account.number) if account.number else None
    opened = access.open_account(
        actor=actor,
        username=account.username,
        name=account.name,
        person_id=person.pk if person else None,
        password=accounts.PASSWORD,
        must_change=False,
        at=at,
    )
    for grant in _known(account.grants):
        access.grant(
            actor=actor,
            account_id=opened.pk,
            duty=grant.duty,
            reach=grant.reach,
            unit_id=Unit.objects.get(code=grant.unit).pk if grant.unit else None,
            since=since,
            at=at,
        )


def _known(grants: Iterable[Grant]) -> list[Grant]:
    """A department that is not installed brings no duties, as it brings no figures."""
    return [grant for grant in grants if duties.get(grant.duty) is not None]
