"""What a department brings to the demo city, as data; its package ``demo`` holds it as ``DEMO``.

    DEMO = Demo(
        place=20, ledgers=("space.buildings", "space.rooms"), accounts=accounts.ACCOUNTS,
        says="安排办公用房的调配、巡检和统计", live=live,
    )

The files of its ledgers lie beside it, in ``ledgers``.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from random import Random

from guanjia.demo.accounts import DemoAccount, Grant
from guanjia.kernel.values.actor import Actor

Say = Callable[[str], None]


@dataclass(frozen=True, kw_only=True)
class Setting:
    """The moment the city is built around; ``settled``: when accounts and archives were entered.

    ``rng``: of the department alone, so that its demo stays the same whatever others draw.
    """

    at: datetime
    settled: datetime
    actor: Actor
    rng: Random
    say: Say


@dataclass(frozen=True, kw_only=True)
class Demo:
    """A department's part: ledgers, who signs in, and what happens, by calling actions.

    ``place``: its turn among the departments. ``grants``: further duties of accounts that others
    bring, by user name. ``prepare`` runs after all ledgers and before accounts, ``live`` last.
    """

    place: int
    ledgers: tuple[str, ...] = ()
    accounts: tuple[DemoAccount, ...] = ()
    grants: Mapping[str, tuple[Grant, ...]] = field(default_factory=dict)
    says: str = ""
    prepare: Callable[[Setting], None] | None = None
    live: Callable[[Setting], None] | None = None
