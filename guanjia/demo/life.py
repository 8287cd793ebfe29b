"""A year in the life of the demo's cars: quota, purchases, costs, bills, findings.

Every area has a module of its own beside this one; here they are called in the order in which
things happen.
"""

from datetime import datetime
from random import Random


def live(*, at: datetime, rng: Random) -> None:
    """Let everything happen that a visitor should find, by calling actions; ``at``: the moment."""
