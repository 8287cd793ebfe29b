"""A floor drawn with an unsteady hand: the walls meet all the same, and a click opens a room."""

import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import time_machine
from django.db import connection
from playwright.sync_api import Page, expect

from guanjia.domains.space.models import PlanShape
from guanjia.domains.space.tests import builders
from guanjia.kernel.access.tests.builders import AT, hasty
from tests.journeys.conftest import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

Spot = tuple[int, int]


@pytest.fixture
def city() -> Iterator[builders.City]:
    """The small city; nothing of it is drawn."""
    with hasty(), time_machine.travel(AT, tick=True):
        yield builders.city()


def in_thread(act: Callable[[], Any]) -> Any:
    """Ask the database beside the browser's loop, which runs in this thread."""

    def asked() -> Any:
        try:
            return act()
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asked).result()


def drag(page: Page, start: Spot, end: Spot) -> None:
    """Press, move and let go on the stage."""
    box = page.locator("[data-sk-stage]").bounding_box()
    assert box
    page.mouse.move(box["x"] + start[0], box["y"] + start[1])
    page.mouse.down()
    page.mouse.move(box["x"] + (start[0] + end[0]) / 2, box["y"] + (start[1] + end[1]) / 2)
    page.mouse.move(box["x"] + end[0], box["y"] + end[1])
    page.mouse.up()


def drawn() -> dict[str, list[list[int]]]:
    """The stored shapes by room number, or by role."""
    rows = PlanShape.objects.select_related("room")
    return {row.room.number if row.room else row.role: row.polygon for row in rows}


def test_rooms_drawn_by_hand_share_their_walls(
    city: builders.City, sign_in: Callable[..., Visitor]
) -> None:
    visitor = sign_in("keeper")
    place = f"/space/floors/{city.building.pk}/2/"
    page = visitor.open(f"{place}sketch/")
    page.click("[data-sk-tool=rect]")
    drag(page, (60, 60), (160, 220))
    drag(page, (164, 56), (250, 226))  # begins beside the corner, ends beside the line
    expect(page.locator("[data-sk-list] li")).to_have_count(2)
    # The third one by typing: put beside the others.
    page.keyboard.press("Escape")
    page.click("[data-sk-tool=pick]")
    page.locator("[data-sk-stage]").focus()
    page.keyboard.press("Escape")
    page.fill("[data-sk-w]", "3.6")
    page.fill("[data-sk-h]", "6")
    page.click("[data-sk-add]")
    # What is taken back comes again.
    page.click("[data-sk-undo]")
    expect(page.locator("[data-sk-list] li")).to_have_count(2)
    page.click("[data-sk-redo]")
    expect(page.locator("[data-sk-list] li")).to_have_count(3)
    expect(page.locator("[data-sk-missing]")).to_have_text("还没画 1 间：204")
    page.get_by_role("button", name="保存平面图").click()
    page.wait_for_url(f"{visitor.base}{place}")
    shapes = in_thread(drawn)
    assert set(shapes) == {"201", "202", "203"}
    first, second, third = (shapes[number] for number in ("201", "202", "203"))
    for left, right in ((first, second), (second, third)):
        assert max(x for x, _ in left) == min(x for x, _ in right)
        assert min(y for _, y in left) == min(y for _, y in right) == 0
    assert max(y for _, y in first) == max(y for _, y in second)
    assert [max(x for x, _ in third) - min(x for x, _ in third), max(y for _, y in third)] == [
        3600, 6000,
    ]  # fmt: skip
    # The plan is there: a click opens a room beside it, Escape closes it.
    page.locator("a.sp-room", has_text="203").click()
    expect(page.locator("#peek_title")).to_have_text("203 室")
    expect(page.locator("#peek_title")).to_be_focused()
    assert page.url.endswith(f"room={city.room('203').pk}")
    page.keyboard.press("Escape")
    expect(page.locator("#peek_title")).to_have_count(0)
    assert page.url.endswith(place)


def test_a_floor_is_printed_on_one_sheet(
    city: builders.City, sign_in: Callable[..., Visitor]
) -> None:
    visitor = sign_in("keeper")
    room = city.room("203").pk
    for place in (f"{city.building.pk}/2/?room={room}", f"{city.building.pk}/"):
        page = visitor.open(f"/space/floors/{place}")
        printed = page.pdf(prefer_css_page_size=True)
        assert len(re.findall(rb"/Type\s*/Page\b", printed)) == 1
