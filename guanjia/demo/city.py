"""The city: ledgers taken in by their registers, accounts opened."""

from collections.abc import Iterable
from datetime import date, datetime

from pypinyin import lazy_pinyin

from guanjia.demo import accounts, departments
from guanjia.demo.accounts import DemoAccount, Grant
from guanjia.demo.declaration import Say
from guanjia.kernel.access import actions as access
from guanjia.kernel.access import duties
from guanjia.kernel.access.models import Account
from guanjia.kernel.org.models import Person, Unit
from guanjia.kernel.registers import catalogue
from guanjia.kernel.registers.importing import import_file
from guanjia.kernel.values.actor import Actor


class LedgerRefused(ValueError):
    """A ledger of the demo was not taken in; the message says which and why."""


def take_ledgers(
    *, actor: Actor, at: datetime, say: Say = lambda _: None, only: Iterable[str] = ()
) -> None:
    """Import the ledgers of 2020 上半年 through the same door as everybody's files.

    ``only``: these registers, in the order of the departments; none: all.
    """
    wanted = set(only)
    for key, file in departments.ledgers():
        if wanted and key not in wanted:
            continue
        register = catalogue.get(key)
        if register is None:
            raise LedgerRefused(f"没有台账 {key}")
        report = import_file(register=register, path_or_file=file, actor=actor, at=at)
        if report.refused:
            first = report.errors[0]
            raise LedgerRefused(f"{register.title}第 {first.row} 行{first.column}：{first.message}")
        say(f"  {register.title}：{report.rows:,} {register.noun}")


def open_accounts(*, actor: Actor, at: datetime, since: date) -> None:
    """Open the named accounts."""
    for account in departments.accounts():
        open_account(actor=actor, account=account, at=at, since=since)


def username_of(person: Person) -> str:
    """Pinyin; with the end of the 工号 where somebody is already called so."""
    plain = "".join(lazy_pinyin(person.name))
    taken = Account.objects.filter(username=plain).exists()
    return f"{plain}{person.number[1:]}" if taken else plain


def open_account(*, actor: Actor, account: DemoAccount, at: datetime, since: date) -> None:
    """Open one account, with those of its duties that are installed."""
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
