"""A year in the life of the demo's cars: quota, purchases, costs, bills, findings.

Every area has a module of its own beside this one; here they are called in the order in which
things happen.
"""

from datetime import datetime
from random import Random

from guanjia.demo import costs, disposal, network, oversight, quota, settlement, upkeep, window


def live(*, at: datetime, rng: Random) -> None:
    """Let everything happen that a visitor should find, by calling actions; ``at``: the moment."""
    quota.live(at=at, rng=rng)
    disposal.live(at=at, rng=rng)
    window.live(at=at, rng=rng)
    costs.live(at=at, rng=rng)
    upkeep.live(at=at, rng=rng)
    # After everything that drives: it takes cars that nobody else took.
    settlement.live(at=at, rng=rng)
    costs.live_last_month(at=at, rng=rng)
    network.live(at=at, rng=rng)
    # Last: it looks over everything that happened.
    oversight.live(at=at, rng=rng)
