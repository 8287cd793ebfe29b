"""What a new release ships takes effect where the bureau never chose otherwise."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from guanjia.config import schema
from guanjia.domains.fleet.tests import builders
from guanjia.domains.fleet.tests.builders import AT
from guanjia.kernel.access.models import Grant
from guanjia.kernel.access.tests.builders import account
from guanjia.kernel.approvals import queries, routes
from guanjia.kernel.approvals.actions import editions
from guanjia.kernel.approvals.models import Case, Edition
from guanjia.kernel.approvals.routes import Route, Step, duty
from guanjia.kernel.org.tests.builders import person
from guanjia.kernel.values.actor import Actor, Reach

pytestmark = pytest.mark.django_db


@pytest.fixture
def newer() -> Iterator[Route]:
    """The route of a later release: one step more."""
    shipped = routes.get("fleet.trip")
    assert shipped is not None
    check = Step(key="check", title="复核", holder=duty("fleet.trip.approve"))
    yield replace(shipped, steps=(*shipped.steps, check))
    routes.enlist(shipped)


def numbers() -> list[tuple[int, str, str]]:
    rows = Edition.objects.filter(route="fleet.trip").order_by("number")
    return [(edition.number, edition.state, edition.note) for edition in rows]


def test_a_changed_default_becomes_the_next_edition(newer: Route) -> None:
    assert schema.migrate() == 0
    assert numbers() == [(1, "IN_FORCE", "随系统提供")]
    routes.enlist(newer)
    schema.migrate()
    schema.migrate()
    assert numbers() == [(1, "RETIRED", "随系统提供"), (2, "IN_FORCE", "随系统升级")]


def test_what_the_bureau_chose_stays(newer: Route) -> None:
    schema.migrate()
    actor = Actor.system("流程管理员")
    made = editions.draft(actor=actor, route_key="fleet.trip", steps=newer.steps[:1], at=AT)
    editions.replay(actor=actor, edition_id=made.pk, at=AT)
    editions.switch_on(actor=actor, edition_id=made.pk, at=AT)
    routes.enlist(newer)
    schema.migrate()
    assert [number for number, state, _ in numbers() if state == "IN_FORCE"] == [2]


def test_after_a_change_of_tables_everybody_is_seated_anew(monkeypatch: Any) -> None:
    """A duty that came to nobody's notice, as in data written by an older release."""
    city = builders.city()
    case = Case.objects.get(subject_id=city.requested().pk)
    fresh = person("D036055", city.units["farming"], "新来的")
    Grant.objects.create(
        account=account("fresh", fresh), duty="fleet.approver", reach=Reach.BELOW,
        unit=city.units["farming"], since=date(2000, 1, 1),
    )  # fmt: skip
    assert fresh not in queries.deciders(case)
    schema.migrate()
    assert fresh not in queries.deciders(case), "nothing changed, so nobody looks"
    monkeypatch.setattr(schema, "waiting", lambda: 1)
    monkeypatch.setattr(schema, "call_command", lambda *_, **__: None)
    schema.migrate()
    assert fresh in queries.deciders(case)
