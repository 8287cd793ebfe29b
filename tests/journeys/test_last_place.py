"""A quota of 14 with 14 cars on the books refuses the fifteenth; a finished disposal lets it pass.

The clerk asks for a car and is told the article. One of the fourteen is on its way to the yard;
that alone helps nobody. The keeper finishes its disposal, the clerk sends the very same form again,
and it is on its way.
"""

import concurrent.futures
import re
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import pytest
import time_machine
from playwright.sync_api import Page, expect

from guanjia.domains.fleet.models import Car, Purchase
from guanjia.domains.fleet.queries import quotas
from guanjia.domains.fleet.terms.cars import CarState, Use
from guanjia.domains.fleet.tests import builders, quota_scenes
from guanjia.domains.fleet.tests.builders import TODAY, City
from guanjia.kernel.access.tests.builders import AT, hasty
from tests.journeys.conftest import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PLACES = 14
GOES = "赣H50014"


@pytest.fixture
def city() -> Iterator[City]:
    """The small city on a working morning; the unit has just as many cars as it may keep."""
    with hasty(), time_machine.travel(AT, tick=True):
        made = builders.city()
        quota_scenes.grant(made, PLACES)
        for number in range(1, PLACES + 1):
            quota_scenes.car_of(made, f"赣H500{number:02d}", registered_on=date(2009, 3, 1))
        yield made


def test_the_fifteenth_car_waits_until_a_disposal_is_finished(
    city: City, sign_in: Callable[..., Visitor]
) -> None:
    clerk = sign_in("clerk")
    _sees_the_quota_full(clerk)
    page = _asks(clerk)
    expect(page.locator("main")).to_contain_text("《机关事务管理条例》第二十五条")
    expect(page.locator("main")).to_contain_text("编制 14 辆，在编 14 辆，没有空余")
    disposal = _in_a_thread(lambda: quota_scenes.nearly_scrapped(city, GOES))
    page = _asks(clerk)
    expect(page.locator("main")).to_contain_text("没有空余")
    _finishes(sign_in("car_keeper"), disposal.pk)
    page = _asks(clerk)
    page.wait_for_url(re.compile(r"/fleet/purchases/\d+/"))
    expect(page.locator("#flash")).to_contain_text("已提交，等余建国审批")
    expect(page.locator("main")).to_contain_text("其他公务用车在编制之内")
    page = clerk.open("/fleet/quotas/")
    expect(page.locator("tbody")).to_contain_text("占用 1")
    assert _in_a_thread(_rows) == (CarState.DISPOSED, 1, 0)


def _sees_the_quota_full(clerk: Visitor) -> None:
    page = clerk.open("/fleet/quotas/")
    expect(page.locator("tbody")).to_contain_text("14 / 14")
    expect(page.locator("tbody")).to_contain_text("满编")


def _asks(clerk: Visitor) -> Page:
    page = clerk.open("/fleet/purchases/request/")
    page.get_by_label("新增配备").check()
    expect(page.get_by_label("旧车号牌")).to_be_hidden()
    page.fill("input[name=make]", "比亚迪秦EV")
    page.fill("input[name=price_wan]", "14.98")
    page.fill("input[name=reason]", "基层调研")
    page.get_by_role("button", name="提交申请").click()
    return page


def _in_a_thread(call: Callable[[], Any]) -> Any:
    """The browser's loop runs in this one."""

    def alone() -> Any:
        from django.db import connection  # noqa: PLC0415 — the thread's own connection

        try:
            return call()
        finally:
            connection.close()

    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        return pool.submit(alone).result()


def _finishes(keeper: Visitor, disposal_id: int) -> None:
    """The last act of the disposal cancels the card; with it the place is free."""
    page = keeper.open(f"/fleet/disposals/{disposal_id}/")
    page.get_by_role("link", name="办结处置").click()
    page.get_by_role("button", name="办结处置").click()
    expect(page.locator("main")).to_contain_text("已办结")


def _rows() -> tuple[str, int, int]:
    purchase = Purchase.objects.get()
    standing = quotas.standing(unit_id=purchase.unit_id, use=Use.OTHER, on=TODAY)
    return Car.objects.get(plate=GOES).state, standing.reserved, standing.free
