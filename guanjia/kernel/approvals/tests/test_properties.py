"""Random routes and random acts where nobody keeps the routes; see ``lives`` and ``world``."""

import pytest

from guanjia.kernel.approvals.tests.lives import live_many


@pytest.mark.slow
@pytest.mark.django_db
def test_whatever_people_do_a_case_has_a_next_holder_or_an_end() -> None:
    live_many(kept=False)
