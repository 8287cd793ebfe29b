"""On a phone nothing is reached by swiping alone: every act of a page's head is in sight."""

from collections.abc import Callable, Iterator

import pytest
import time_machine

from guanjia.domains.space.tests import builders
from guanjia.kernel.access.tests.builders import AT, hasty
from tests.journeys.conftest import PHONE, Visitor

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

ACTS = ".gj-head .gj-acts > *"


@pytest.fixture
def city() -> Iterator[builders.City]:
    """The small city."""
    with hasty(), time_machine.travel(AT, tick=True):
        yield builders.city()


def test_a_head_with_many_acts_keeps_them_all_in_sight(
    city: builders.City, sign_in: Callable[..., Visitor]
) -> None:
    page = sign_in("keeper", phone=True).open(f"/space/buildings/{city.building.pk}/")
    boxes = [act.bounding_box() for act in page.locator(ACTS).all() if act.is_visible()]
    acts = [box for box in boxes if box]
    assert len(acts) > 2, "the head of a building has several acts"
    assert sum(box["width"] for box in acts) > PHONE["width"], "more than one line holds"
    assert all(box["x"] >= 0 and box["x"] + box["width"] <= PHONE["width"] for box in acts)
