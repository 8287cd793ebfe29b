"""待办 of rounds and 整改: to go, to mend, to accept."""

from collections.abc import Iterator
from typing import Any

import pytest
import time_machine

from guanjia.domains.space.tests import builders, rounding
from guanjia.domains.space.tests.builders import AT, City
from guanjia.ui import waiting

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_morning")]


@pytest.fixture
def _morning(tmp_path: Any, settings: Any) -> Iterator[None]:
    settings.FILES_ROOT = tmp_path / "files"
    with time_machine.travel(AT, tick=False):
        yield


@pytest.fixture
def city(db: None) -> City:
    """The small city of the department."""
    return builders.city()


def waits(city: City, who: str, kind: str) -> list[str]:
    actor = city.actor(who)
    counted = waiting.counts(actor, AT)
    rows = waiting.todos(actor=actor, at=AT, counted=counted)
    return [row.title for row in rows if row.kind == kind]


def test_what_waits_stands_in_the_list_of_who_does_it(city: City) -> None:
    made = rounding.running(city)
    assert waits(city, "inspector", "巡检") == [made.title]
    assert waits(city, "keeper", "巡检") == [], "who plans rounds has the list of all"
    rect = rounding.asked(city, made)
    assert waits(city, "clerk", "巡检整改") == ["常委楼 101 面积超标"]
    assert waits(city, "stranger", "巡检整改") == []
    assert waits(city, "keeper", "巡检整改") == []
    rounding.answered(city, rect)
    assert waits(city, "clerk", "巡检整改") == []
    assert waits(city, "keeper", "整改待验收") == ["市农业农村局 面积超标"]


def test_an_inspector_who_is_not_named_has_nothing_to_go(city: City) -> None:
    rounding.running(city, inspectors=[city.people["keeper_too"].pk])
    assert waits(city, "inspector", "巡检") == []
