"""Offices in the demo: allotments, rounds, surveys, idle rooms.

Every area has a module of its own beside this one; here they are called in the order in which
things happen.
"""

from datetime import datetime
from random import Random

from guanjia.demo import (
    rooms_allocation,
    rooms_idle,
    rooms_ledger,
    rooms_plan,
    rooms_rounds,
    rooms_standards,
    rooms_surveys,
)


def live(*, at: datetime, rng: Random) -> None:
    """Let everything happen that a visitor should find, by calling actions; ``at``: the moment."""
    rooms_ledger.live(at=at)
    rooms_standards.settle(at=at)
    rooms_allocation.live(at=at)
    rooms_plan.live(at=at)
    rooms_surveys.live(at=at, rng=rng)
    rooms_rounds.live(at=at)
    rooms_idle.live(at=at)
    # Last: it looks over everything that happened.
    rooms_standards.live(at=at)
