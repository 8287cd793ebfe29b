"""The bell of somebody who looks at a page: it counts without being asked, and leads to the row."""

import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
import time_machine
from django.db import connection
from playwright.sync_api import expect

from guanjia.domains.fleet.models import Trip
from guanjia.domains.fleet.tests import builders
from guanjia.kernel.access.tests.builders import AT, hasty
from tests.journeys.conftest import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def city() -> Iterator[builders.City]:
    """A unit that asks for cars, the bureau that has them, on a working morning."""
    with hasty(), time_machine.travel(AT, tick=True):
        yield builders.city()


def asked_for(city: builders.City) -> Trip:
    """A request by somebody else; in a thread, since the browser's loop runs in this one."""

    def ask() -> Trip:
        try:
            return city.requested()
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(ask).result()


def test_the_bell_rings_on_an_open_page_and_leads_to_the_request(
    city: builders.City, sign_in: Callable[..., Visitor]
) -> None:
    page = sign_in("approver").page
    page.clock.install()
    page.reload()
    bell = page.locator(".gj-bell")
    expect(bell.locator(".gj-count")).to_have_count(0)
    trip = asked_for(city)
    page.clock.fast_forward(61_000)
    expect(bell).to_contain_text("通知，1 条未读")
    bell.click()
    page.locator(".gj-notices-list a", has_text="待您审批").click()
    page.wait_for_url(re.compile(rf"/fleet/trips/{trip.pk}/"))
    expect(page.locator("h1")).to_contain_text(trip.number)
    expect(page.locator(".gj-bell .gj-count")).to_have_count(0)
