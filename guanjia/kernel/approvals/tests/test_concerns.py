"""Whose business deciding is: by a duty, by a seat, by standing in, by a copy; nobody else's."""

from typing import Any

import pytest

from guanjia.kernel.approvals import concerns, routes
from guanjia.kernel.approvals.actions import sharing
from guanjia.kernel.approvals.routes import people
from guanjia.kernel.approvals.tests import builders
from guanjia.kernel.approvals.tests.builders import AT, Office, lend, step
from guanjia.kernel.values.actor import Actor

pytestmark = pytest.mark.django_db


@pytest.fixture
def office() -> Office:
    return builders.office()


def concerned(office: Office, *names: str) -> list[str]:
    return [name for name in names if concerns.deciding(office.actor(name))]


def test_a_duty_of_a_route_is_enough_and_asks_no_database(
    office: Office, django_assert_num_queries: Any
) -> None:
    holder = office.actor("an")
    assert not concerns.deciding(holder), "no route names the verb yet"
    routes.enlist(builders.route(step("a")))
    with django_assert_num_queries(0):
        assert concerns.deciding(holder)


def test_who_only_asked_has_nothing_to_decide(office: Office) -> None:
    office.open(step("a", people("n-an")), by="clerk")
    assert concerned(office, "an", "clerk", "du") == ["an"]


def test_who_stands_in_and_who_has_a_copy_find_it(office: Office) -> None:
    case = office.open(step("a", people("n-an")))
    lend(office, "an", "du")
    sharing.copy(
        actor=office.actor("asker"), case_id=case.pk, at=AT, person_ids=[office.people["en"].pk]
    )
    assert concerned(office, "an", "du", "en", "fu") == ["an", "du", "en"]


def test_who_is_no_person_in_the_register_decides_nothing() -> None:
    assert not concerns.deciding(Actor(name="某账号"))
