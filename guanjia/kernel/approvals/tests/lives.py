"""Many lives of cases, one after the other, for the property tests.

The suite lives a short form; `make bench` 500 routes. A longer run: GUANJIA_APPROVALS_ROUTES=20000
(half of the routes in each of the two files).
"""

import os
from random import Random
from typing import Any

from hypothesis import HealthCheck, Phase, given, note, settings
from hypothesis import strategies as st

from guanjia.kernel.approvals.routes import (
    By,
    Condition,
    Holder,
    Op,
    Route,
    Step,
    duty,
    people,
)
from guanjia.kernel.approvals.terms import Late, Mode
from guanjia.kernel.approvals.tests import builders
from guanjia.kernel.approvals.tests.builders import HEAD, NOBODY, SIGN
from guanjia.kernel.approvals.tests.world import NAMES, live, world_office

ROUTES = int(os.environ.get("GUANJIA_APPROVALS_ROUTES", "20"))
ACTS = (*[15] * 9, 25)


# ── random routes ────────────────────────────────────────────────────────────────────────

holders = st.one_of(
    st.just(duty(SIGN)),
    st.just(duty(SIGN)),
    st.just(duty(HEAD)),
    st.just(duty(NOBODY)),
    st.just(Holder(by=By.ABOVE, verb=SIGN)),
    st.just(Holder(by=By.AT, verb=SIGN, unit="B2")),
    st.lists(st.sampled_from([*NAMES, "never"]), min_size=1, max_size=3, unique=True).map(
        lambda names: people(*(f"n-{name}" for name in names))
    ),
)
conditions = st.one_of(
    st.builds(
        Condition,
        fact=st.just("amount"),
        op=st.sampled_from([Op.ABOVE, Op.AT_MOST]),
        value=st.just(50_000_00),
    ),
    st.builds(Condition, fact=st.just("over"), op=st.just(Op.IS), value=st.booleans()),
)


@st.composite
def routes_drawn(draw: Any) -> Route:
    """One to six steps of every mode, share and condition."""
    steps = [
        Step(
            key=f"s{i}",
            title=f"第{i}步",
            holder=draw(holders),
            mode=draw(st.sampled_from(list(Mode))),
            share=draw(st.sampled_from([100, 100, 67, 66, 50, 34, 1])),
            when=(draw(conditions),) if draw(st.integers(0, 5)) == 0 else (),
            hours=draw(st.sampled_from([None, 1, 8])),
            late=draw(st.sampled_from(list(Late))),
        )
        for i in range(draw(st.integers(1, 6)))
    ]
    return builders.route(*steps)


# ── random lives ─────────────────────────────────────────────────────────────────────────


def live_many(*, kept: bool) -> None:
    """Half of the random routes, each with 15 to 25 random acts, and what ``world`` looks at."""
    office = world_office(kept=kept)

    @settings(
        max_examples=ROUTES // 2,
        deadline=None,
        print_blob=True,
        phases=[Phase.reuse, Phase.generate],  # the story is told; to shrink one takes minutes
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )
    @given(routes_drawn(), st.integers(0, 2**63))
    def lives(route: Route, seed: int) -> None:
        # Chance is even here; Hypothesis would try the same few people again and again.
        chance = Random(f"{seed} {route}")
        live(office, route, chance, acts=chance.choice(ACTS), tell=note)

    lives()
