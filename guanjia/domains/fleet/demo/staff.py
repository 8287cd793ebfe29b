"""Who asks for cars at a unit, who decides and who rides."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime

from guanjia.demo.accounts import HOUSING, RED_CROSS, DemoAccount, Grant
from guanjia.demo.city import open_account, username_of
from guanjia.domains.fleet.demo import accounts
from guanjia.kernel.org import actions as org
from guanjia.kernel.org.models import Person, Unit
from guanjia.kernel.values.actor import Actor


@dataclass(kw_only=True)
class Staff:
    """Who asks and decides at a unit, as user names, and who rides."""

    unit: Unit
    applicant: str
    approver: str
    head: str
    clerk: str = ""
    riders: list[str] = field(default_factory=list)


def open_staff(*, actor: Actor, at: datetime, since: date) -> dict[str, Staff]:
    """Open the accounts of the other units; returns who is who at each unit."""
    dispatcher = Person.objects.get(number=accounts.ACCOUNTS[0].number)
    section = Unit.objects.get(code=accounts.CAR_SECTION)
    org.hold_post(
        actor=actor, person_id=dispatcher.pk, unit_id=section.pk, title="调度员", since=since, at=at
    )
    staff = {
        HOUSING: _staff(
            HOUSING, applicant="moxing", approver="shaohong", head="xumingjin"
        ),
        RED_CROSS: _staff(
            RED_CROSS,
            applicant="shenyanjia",
            approver="yuxinhua",
            head=_open_for(
                actor, "D022001", RED_CROSS, "head", at, since
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
        username=username_of(person),
        name=person.name,
        role_title=title,
        unit=str(person.unit),
        number=number,
        grants=grants(unit),
    )
    open_account(actor=actor, account=account, at=at, since=since)
    return account.username
