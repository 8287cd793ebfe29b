"""Opening accounts and giving duties; the three administrators (三员) keep each other in check."""

import secrets
from datetime import date, datetime

from django.contrib.auth.password_validation import validate_password
from django.contrib.sessions.models import Session
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q

from guanjia.kernel.access import duties, queries
from guanjia.kernel.access.events import DutiesChanged
from guanjia.kernel.access.models import Account, Grant
from guanjia.kernel.audit import actions as audit
from guanjia.kernel.events import bus
from guanjia.kernel.org.models import Person, Unit
from guanjia.kernel.regulations.verdict import refuse
from guanjia.kernel.values.actor import Actor, Reach

SYSTEM_ADMIN, SECURITY_ADMIN, AUDIT_ADMIN = "access.system", "access.security", "access.audit"
_APART = {SYSTEM_ADMIN, SECURITY_ADMIN, AUDIT_ADMIN}


@transaction.atomic
def open_account(
    *,
    actor: Actor,
    username: str,
    name: str = "",
    person_id: int | None = None,
    password: str,
    must_change: bool = True,
    at: datetime,
) -> Account:
    """Open an account; the first password must be changed at the first sign-in.

    Needs ``access.account.open`` (the system administrator's). Refuses a taken name.
    """
    actor.must("access.account.open")
    if Account.objects.filter(username=username).exists():
        refuse("username_taken", f"用户名 {username} 已有人用。", "换一个用户名。").enforce()
    inside = Person.objects.within(actor.scope("access.account.open"))
    person = inside.get(pk=person_id) if person_id else None
    if person is not None and Account.objects.filter(person=person).exists():
        refuse("has_account", f"{person.name}已有账号。", "到账号列表里找。").enforce()
    account = Account(
        username=username,
        name=name or (person.name if person else username),
        person=person,
        must_change_password=must_change,
        created_at=at,
    )
    account.set_password(password)
    account.save(force_insert=True)
    audit.record(
        actor=actor, verb="access.account.opened", on=account, at=at, after={"username": username}
    )
    return account


def _locked(actor: Actor, verb: str, account_id: int) -> Account:
    """The account, locked; ``DoesNotExist`` outside the scope of the verb."""
    inside = queries.accounts(actor.scope(verb)).select_for_update(of=("self",), no_key=True)
    return inside.get(pk=account_id)


@transaction.atomic
def set_active(*, actor: Actor, account_id: int, active: bool, at: datetime) -> Account:
    """Suspend (停用) or reopen an account; nobody suspends themselves."""
    actor.must("access.account.open")
    account: Account = Account.objects.select_for_update(no_key=True).get(pk=account_id)
    if account.pk == actor.account_id:
        refuse("own_account", "不能停用自己的账号。", "请另一位系统管理员办理。").enforce()
    account.is_active = active
    account.save(update_fields=["is_active"])
    audit.record(
        actor=actor,
        verb="access.account.reopened" if active else "access.account.suspended",
        on=account,
        at=at,
    )
    bus.publish(DutiesChanged(account_id=account.pk, at=at))
    return account


@transaction.atomic
def reset_password(*, actor: Actor, account_id: int, at: datetime) -> str:
    """Give a new random password that must be changed; returns it once, it is stored nowhere."""
    actor.must("access.account.open")
    account = _locked(actor, "access.account.open", account_id)
    password = secrets.token_urlsafe(9)
    account.set_password(password)
    account.must_change_password = True
    account.save(update_fields=["password", "must_change_password"])
    audit.record(actor=actor, verb="access.password.reset", on=account, at=at)
    return password


@transaction.atomic
def change_password(*, actor: Actor, old: str, new: str, at: datetime) -> Account:
    """Change one's own password; refuses a wrong old one and a weak new one."""
    account: Account = Account.objects.select_for_update().get(pk=actor.account_id)
    if not account.check_password(old):
        refuse("wrong_password", "原密码不对。", "再输一次。", field="old").enforce()
    try:
        validate_password(new, account)
    except ValidationError as weak:
        refuse("weak_password", "新密码太弱。", " ".join(weak.messages), field="new").enforce()
    if old == new:
        refuse("same_password", "新密码与原密码相同。", "换一个。", field="new").enforce()
    account.set_password(new)
    account.must_change_password = False
    account.save(update_fields=["password", "must_change_password"])
    audit.record(actor=actor, verb="access.password.changed", on=account, at=at)
    return account


@transaction.atomic
def grant(
    *,
    actor: Actor,
    account_id: int,
    duty: str,
    reach: Reach,
    unit_id: int | None = None,
    since: date,
    at: datetime,
) -> Grant:
    """Give a duty with its reach; acts on the account's next request.

    Needs ``access.duty.grant`` (the security administrator's). Nobody gives themselves a duty, and
    the three administrators' duties are never on one account (三员分立).
    """
    actor.must("access.duty.grant")
    account = _locked(actor, "access.duty.grant", account_id)
    if account.pk == actor.account_id:
        refuse("own_duty", "不能给自己授权。", "请另一位安全管理员办理。").enforce()
    if duties.get(duty) is None:
        refuse("duty_unknown", "没有这项职责。", "从列表中选一项。", field="duty").enforce()
    # Also what begins later: the three must not meet on any day.
    not_over = Q(until=None) | Q(until__gt=since)
    held = set(account.grants.filter(not_over).values_list("duty", flat=True))
    if duty in _APART and held & (_APART - {duty}):
        refuse(
            "three_apart", "不能授权。", "系统、安全、审计三员不得由一人兼任。", field="duty"
        ).enforce()
    scope = actor.scope("access.duty.grant")
    unit = Unit.objects.within(scope).get(pk=unit_id) if unit_id else None
    if reach in (Reach.CITY, Reach.CITY_READ) and not scope.everything:
        refuse("reach_wide", "不能授权。", "数据范围超出您自己的。", field="reach").enforce()
    if reach in (Reach.UNIT, Reach.BELOW) and unit is None:
        refuse("unit_missing", "没有选单位。", "这个数据范围要指明单位。", field="unit").enforce()
    given, fresh = Grant.objects.get_or_create(
        account=account, duty=duty, reach=reach, unit=unit, until=None, defaults={"since": since}
    )
    if fresh:
        audit.record(
            actor=actor,
            verb="access.duty.granted",
            on=account,
            at=at,
            after={"duty": duty, "reach": reach, "unit": unit.code if unit else None},
        )
        bus.publish(DutiesChanged(account_id=account.pk, duty=duty, at=at))
    return given


@transaction.atomic
def revoke(*, actor: Actor, grant_id: int, until: date, at: datetime) -> Grant:
    """Take a duty back; acts on the account's next request."""
    actor.must("access.duty.grant")
    given = (
        Grant.objects.select_for_update(of=("self",))
        .select_related("account", "unit")
        .get(pk=grant_id)
    )
    _locked(actor, "access.duty.grant", given.account_id)
    given.until = max(until, given.since)
    given.save(update_fields=["until"])
    audit.record(
        actor=actor,
        verb="access.duty.revoked",
        on=given.account,
        at=at,
        before={
            "duty": given.duty,
            "reach": given.reach,
            "unit": given.unit.code if given.unit else None,
        },
    )
    changed = DutiesChanged(account_id=given.account_id, duty=given.duty, at=at)
    bus.publish(changed)
    return given


@transaction.atomic
def first_administrator(*, at: datetime) -> tuple[str, str] | None:
    """Make the first account with a random password, when there is none; returns name, password.

    It holds the system administrator's duty and, so that the three can be set up, the security
    administrator's until another account holds that one.
    """
    if Account.objects.exists():
        return None
    actor = Actor.system("首次启动")
    password = secrets.token_urlsafe(9)
    account = open_account(
        actor=actor, username="admin", name="系统管理员", password=password, at=at
    )
    for duty in (SYSTEM_ADMIN, SECURITY_ADMIN):
        Grant.objects.create(account=account, duty=duty, reach=Reach.CITY, since=at.date())
    return account.username, password


def record_door(*, account: Account, address: str, verb: str, at: datetime) -> None:
    """Leave a trace of a sign-in or sign-out: ``access.signed_in``, ``access.signed_out``."""
    actor = Actor(
        name=account.name,
        account_id=account.pk,
        person_id=account.person_id,
        address=address,
    )
    audit.record(actor=actor, verb=verb, on=account, at=at)


def end_sessions(account_id: int) -> int:
    """End every open session of an account; returns how many there were."""
    mine = [
        session.pk
        for session in Session.objects.iterator()
        if session.get_decoded().get("_auth_user_id") == str(account_id)
    ]
    return Session.objects.filter(pk__in=mine).delete()[0]
