"""Accounts with duties for tests, opened and given by the same actions as everybody's."""

from datetime import date
from typing import Any

from django.test import override_settings

from guanjia.kernel.access import actions, queries
from guanjia.kernel.access.models import Account
from guanjia.kernel.org.models import Person, Unit
from guanjia.kernel.org.tests.builders import AT, SYSTEM
from guanjia.kernel.values.actor import Actor, Reach

PASSWORD = "correct horse battery"
TODAY = AT.date()
LONG_AGO = date(2000, 1, 1)

Given = tuple[str, Reach, Unit | None]


def hasty() -> override_settings:
    """Passwords hashed badly but at once: a real hash takes longer than the test."""
    return override_settings(PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"])


def account(username: str, person: Person | None = None, *given: Given, **facts: Any) -> Account:
    """An open account that need not change its password, with some duties."""
    with hasty():
        opened = actions.open_account(
            actor=SYSTEM,
            username=username,
            person_id=person.pk if person else None,
            **{"password": PASSWORD, "must_change": False, "at": AT, **facts},
        )
    for duty, reach, unit in given:
        actions.grant(
            actor=SYSTEM,
            account_id=opened.pk,
            duty=duty,
            reach=reach,
            unit_id=unit.pk if unit else None,
            since=LONG_AGO,
            at=AT,
        )
    return opened


def actor(of: Account, on: date = TODAY) -> Actor:
    """Who acts behind an account on a day."""
    return queries.actor_of(account=of, on=on, address="192.0.2.7")
