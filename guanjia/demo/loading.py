"""Loading a demo into an empty database: all of it in one transaction, or nothing."""

from datetime import date, datetime, timedelta
from random import Random

from django.db import connection, transaction

from guanjia.demo import accounts, city, departments
from guanjia.demo.declaration import Say, Setting
from guanjia.kernel.access.models import Account
from guanjia.kernel.locks import advisory
from guanjia.kernel.org.models import Unit
from guanjia.kernel.values.actor import Actor
from guanjia.kernel.values.period import SHANGHAI

NAME = "jingdezhen"
_TITLE = "景德镇市 2020 年上半年台账和今天的用车"
_AFTER_THE_LEDGERS = date(2020, 7, 10)
_SEED = 20200630
_SETTLED = timedelta(days=30)  # accounts and archives are older than the day that is shown


def is_empty() -> bool:
    """Whether nothing has been entered yet: no unit and no account."""
    return not (Unit.objects.exists() or Account.objects.exists())


def is_here() -> bool:
    """Whether the demo's accounts are there to sign in with."""
    return bool(Account.objects.filter(username=accounts.LEADER).exists())


def load(name: str, *, at: datetime, say: Say = lambda _: None) -> None:
    """Load the demo ``name``; a second time changes nothing and says so.

    ``at``: aware, the moment the living day is built around. Raises ``KeyError`` for an unknown
    name, ``ValueError`` where the demo does not fit in: a database with other data, a moment
    before the ledgers end. Messages are sentences without the full stop.
    """
    if name != NAME:
        raise KeyError(f"没有这个名称，可以装入的有 {NAME}（{_TITLE}）")
    moment = at.astimezone(SHANGHAI)
    if moment.date() < _AFTER_THE_LEDGERS:
        raise ValueError(f"台账记到 2020 年 6 月，{_AFTER_THE_LEDGERS:%Y-%m-%d} 以后才能装入")
    with transaction.atomic():
        advisory.advisory("demo.load")  # two loads at once: the second finds it there
        if Account.objects.filter(username=accounts.LEADER).exists():
            say("演示数据已经在库里，没有改动。")
            return
        if not is_empty():
            raise ValueError("库里已有别的数据，演示数据只装进空的数据库")
        _fill(moment, say)


def _fill(at: datetime, say: Say) -> None:
    actor = Actor.system("演示数据")
    settled = (at - _SETTLED).replace(hour=9, minute=0, second=0, microsecond=0)
    demos = [(demo, setting(at, settled, actor, say)) for demo in departments.demos().values()]
    say("导入 2020 年上半年的台账：")
    city.take_ledgers(actor=actor, at=settled, say=say)
    for demo, around in demos:
        if demo.prepare:
            demo.prepare(around)
    _measure()
    say("开设演示账号、授予职责……")
    city.open_accounts(actor=actor, at=settled, since=settled.date())
    for demo, around in demos:
        if demo.live:
            say(f"{demo.says}……")
            demo.live(around)
            _measure()


def setting(at: datetime, settled: datetime, actor: Actor, say: Say) -> Setting:
    """The moment for one department, with chances of its own."""
    rng = Random(_SEED)  # noqa: S311 — the same demo every time
    return Setting(at=at, settled=settled, actor=actor, rng=rng, say=say)


def _measure() -> None:
    """Let the database count its rows: until this transaction ends, nothing else does, and it
    would walk through what it takes for empty."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
