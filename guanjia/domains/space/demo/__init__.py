"""Offices in the demo: allotments, rounds, surveys, idle rooms."""

from guanjia.demo.declaration import Demo, Setting
from guanjia.domains.space.demo import (
    accounts,
    allocation,
    idle,
    ledger,
    plan,
    rounds,
    standards,
    surveys,
)


def live(setting: Setting) -> None:
    """Let everything happen that a visitor should find, by calling actions, in its order."""
    at = setting.at
    ledger.live(at=at)
    standards.settle(at=at)
    allocation.live(at=at)
    plan.live(at=at)
    surveys.live(at=at, rng=setting.rng)
    rounds.live(at=at)
    idle.live(at=at)
    # Last: it looks over everything that happened.
    standards.live(at=at)


DEMO = Demo(
    place=20,
    ledgers=("space.buildings", "space.rooms", "space.allocations", "space.inspections"),
    accounts=accounts.ACCOUNTS,
    grants=accounts.GRANTS,
    says="安排办公用房的调配、巡检和统计",
    live=live,
)
