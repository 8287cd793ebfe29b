"""Random routes and random acts where somebody keeps the routes; see ``lives`` and ``world``.

In a file of its own, so that two processes can share the work.
"""

import pytest

from guanjia.kernel.approvals.tests.lives import live_many


@pytest.mark.slow
@pytest.mark.django_db
def test_with_a_keeper_of_routes_it_is_so_too() -> None:
    live_many(kept=True)
