"""Four people and one trip: asked for, approved, dispatched, out, back, rated."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import time_machine
from playwright.sync_api import expect

from guanjia.domains.fleet.models import Trip
from guanjia.domains.fleet.terms.trips import TripState
from guanjia.domains.fleet.tests import builders
from guanjia.kernel.access.tests.builders import AT, hasty
from guanjia.kernel.audit.models import Record
from tests.journeys.conftest import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def city() -> Iterator[builders.City]:
    """A unit that asks for cars, the bureau that has them, on a working morning."""
    with hasty(), time_machine.travel(AT, tick=True):
        yield builders.city()


def test_a_trip_is_asked_for_approved_dispatched_driven_and_rated(
    city: builders.City, sign_in: Callable[..., Visitor]
) -> None:
    asker, approver = sign_in("asker"), sign_in("approver")
    dispatcher, driver = sign_in("dispatcher"), sign_in("driver", phone=True)

    number = _asks(asker)
    _approves(approver, number)
    _dispatches(dispatcher, number)
    _drives(driver)
    _rates(asker, number)

    _is_told_in_rows_and_records(number)


def _asks(asker: Visitor) -> str:
    page = asker.open("/fleet/request/")
    expect(page.locator("input[name=rider_name]")).to_have_value("莫兴")  # oneself, to begin with
    page.get_by_label("调研督导", exact=True).check()
    page.fill("input[name=reason]", "早稻病虫害防治现场督查")
    page.fill("input[name=origin]", "市发展中心")
    page.fill("input[name=destination]", "鹅湖镇")
    page.fill("input[name=planned_from]", f"{AT:%Y-%m-%d}T10:00")
    page.fill("input[name=planned_to]", f"{AT:%Y-%m-%d}T17:30")
    page.fill("input[name=passengers]", "4")
    page.get_by_role("button", name="提交申请").first.click()
    page.wait_for_url(re.compile(r"/fleet/trips/\d+/"))
    expect(page.locator("h1")).to_contain_text("派车单")
    expect(page.locator("main")).to_contain_text("待审批")
    expect(page.locator("main")).to_contain_text("邵红")  # the next holder by name
    found = re.search(r"PC\d{13}", page.inner_text("h1"))
    assert found
    return found[0]


def _approves(approver: Visitor, number: str) -> None:
    page = approver.open("/")
    row = page.locator("tr", has_text=number)
    expect(row).to_contain_text("鹅湖镇")
    row.get_by_role("link").first.click()
    page.wait_for_url(re.compile(r"/fleet/trips/\d+/"))
    page.get_by_label("意见", exact=True).fill("同意前往")
    page.get_by_role("button", name="同意", exact=True).click()
    expect(page.locator("main")).to_contain_text("待派车")
    assert number not in approver.open("/").inner_text("main")


def _dispatches(dispatcher: Visitor, number: str) -> None:
    page = dispatcher.open("/fleet/board/")
    page.get_by_text("鹅湖镇").first.click()
    page.get_by_role("button", name="派这辆").first.click()
    expect(page.locator("main")).to_contain_text(re.compile(r"已派 ?赣H"))
    trip = dispatcher.open(f"/search/?q={number}")
    expect(trip.locator("main")).to_contain_text(number)


def _drives(driver: Visitor) -> None:
    page = driver.open("/fleet/drive/")
    expect(page.locator("main")).to_contain_text("鹅湖镇")
    page.fill("input[name=km]", "10000")
    page.locator("footer").get_by_role("button", name="出车").click()
    expect(page.locator("main")).to_contain_text("出车中")
    page.fill("input[name=km]", "10084")
    expect(page.locator("#id_km_distance")).to_contain_text("84")
    page.fill("input[name=parking]", "10")
    page.locator("footer").get_by_role("button", name="收车").click()
    expect(page.locator("main")).to_contain_text("已收车")


def _rates(asker: Visitor, number: str) -> None:
    page = asker.open("/")
    row = page.locator("tr", has_text=number)
    expect(row).to_contain_text("待评价")
    row.get_by_role("link").first.click()
    page.wait_for_url(re.compile(r"/fleet/trips/\d+/"))
    page.locator("input[name=stars]").last.check()
    page.get_by_role("button", name="提交评价").click()
    expect(page.locator("main")).to_contain_text("84")
    expect(page.locator("main")).to_contain_text("已完成")


def _is_told_in_rows_and_records(number: str) -> None:
    """Read in a thread: the browser's loop runs in this one."""
    import concurrent.futures  # noqa: PLC0415 — only here

    def look() -> tuple[Any, list[str]]:
        from django.db import connection  # noqa: PLC0415 — the thread's own connection

        try:
            trip = Trip.objects.select_related("driver").get(number=number)
            verbs = Record.objects.filter(on_label=number).order_by("pk")
            return trip, list(verbs.values_list("verb", flat=True))
        finally:
            connection.close()

    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        trip, verbs = pool.submit(look).result()
    assert (trip.state, trip.driven, trip.parking_fen) == (TripState.FINISHED, 84, 1000)
    assert trip.stars in range(1, 6)
    assert trip.driver.name == "汪杰"
    assert verbs == [
        "fleet.trip.requested",
        "fleet.trip.approved",
        "fleet.trip.dispatched",
        "fleet.trip.departed",
        "fleet.trip.finished",
        "fleet.trip.rated",
    ]
