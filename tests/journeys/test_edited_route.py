"""A route edited in the browser, a delegate on leave, a 会签 of two, a drawn signature, one trip.

The keeper of routes adds a joint decision for trips of many riders; the approver goes on leave and
lends the decisions to a colleague; somebody asks for a car with a photo of the letter; everybody
decides on their own screen; the page of the trip tells the whole story.
"""

import concurrent.futures
import io
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import time_machine
from PIL import Image
from playwright.sync_api import Page, expect

from guanjia.domains.fleet.models import Trip
from guanjia.domains.fleet.terms.trips import TripState
from guanjia.domains.fleet.tests import builders
from guanjia.kernel.access.tests.builders import AT, hasty
from guanjia.kernel.approvals.models import Act
from guanjia.kernel.approvals.terms import ActKind
from guanjia.kernel.audit.models import Record
from guanjia.kernel.org.tests import builders as org
from guanjia.kernel.values.actor import Reach
from tests.journeys.conftest import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def city() -> Iterator[builders.City]:
    """The small city with a keeper of routes, on a working morning."""
    with hasty(), time_machine.travel(AT, tick=True):
        made = builders.city()
        keeper = org.person("D055030", made.units["bureau"], name="刘程")
        made.join("liucheng", keeper, ("approvals.keeper", Reach.CITY, None))
        yield made


def test_a_trip_goes_an_edited_route_with_a_delegate_and_two_who_decide_together(
    city: builders.City, sign_in: Callable[..., Visitor]
) -> None:
    _keeper_edits_the_route(sign_in("liucheng"))
    _approver_goes_on_leave(sign_in("approver"))
    asker = sign_in("asker")
    number = _asks_with_a_photo(asker)
    _delegate_agrees(sign_in("colleague"), number)
    _head_agrees(sign_in("head"), number)
    _clerk_signs_on_a_phone(sign_in("clerk", phone=True), number)
    _dispatches(sign_in("dispatcher"), number)
    _tells_the_whole_story(asker, number)
    _is_kept_in_rows_and_records(number)


def _keeper_edits_the_route(keeper: Visitor) -> None:
    page = keeper.open("/routes/fleet.trip/edit/")
    page.get_by_role("button", name="在最后加一步").click()
    expect(page.locator("h2", has_text="新的一步")).to_be_visible()
    last = page.locator(".gj-road-edit").last
    last.get_by_label("步骤名称").fill("分管领导会签")
    _swapped(page, lambda: last.get_by_label("由谁办").select_option(value="PEOPLE"))
    for number, name in (("D036001", "余建国"), ("D036020", "占小青")):
        last.get_by_label("名单").fill(number)
        _swapped(page, lambda: last.get_by_role("button", name="找人加入").click())
        if last.locator(".gj-road-people", has_text=name).count() == 0:
            _swapped(page, lambda name=name: last.get_by_role("button", name=name).click())
        expect(last.locator(".gj-road-people")).to_contain_text(name)
    _swapped(page, lambda: last.get_by_label("办法").select_option(value="ALL"))
    _swapped(page, lambda: last.get_by_role("button", name="加条件").click())
    _swapped(page, lambda: last.get_by_label("案情要素").select_option(value="passengers"))
    last.get_by_label("怎样比较").select_option(value="ABOVE")
    last.get_by_label("乘车人数").fill("4")
    last.locator("input[name$=signature]").check()
    page.get_by_label("修改说明").fill("五人以上用车加分管领导会签")
    page.get_by_role("button", name="保存草稿").click()
    expect(page.locator("main")).to_contain_text("第 2 版草稿等着启用")
    page.get_by_role("button", name="试算").click()
    expect(page.locator("h1")).to_contain_text("试算第 2 版草稿")
    page.get_by_role("button", name="启用", exact=True).click()
    page.get_by_role("button", name="启用第 2 版").click()
    expect(page.locator("main")).to_contain_text("分管领导会签")
    expect(page.locator("main")).to_contain_text("第 2 版")


def _swapped(page: Page, act: Callable[[], Any]) -> None:
    """Do what makes the form come anew from the server, and wait for it."""
    with page.expect_response(re.compile("/routes/fleet.trip/edit/")):
        act()
    page.wait_for_timeout(150)  # until HTMX has put it in


def _approver_goes_on_leave(approver: Visitor) -> None:
    page = approver.open("/me/delegations/")
    option = page.locator("select[name=person] option", has_text="贺思").get_attribute("value")
    page.get_by_label("受托人").select_option(value=option)
    page.get_by_label("从哪天", exact=True).fill(f"{AT:%Y-%m-%d}")
    page.get_by_label("到哪天", exact=True).fill(f"{AT:%Y-%m-%d}")
    page.get_by_label("事由").fill("赴省里开会")
    page.get_by_role("button", name="登记委托").click()
    expect(page.locator("main")).to_contain_text("进行中")


def _asks_with_a_photo(asker: Visitor) -> str:
    page = asker.open("/fleet/request/")
    expect(page.locator("#check_ahead")).to_contain_text("贺思（代 邵红）")
    page.get_by_label("调研督导", exact=True).check()
    page.fill("input[name=reason]", "早稻病虫害防治现场督查")
    page.fill("input[name=origin]", "市发展中心")
    page.fill("input[name=destination]", "鹅湖镇")
    page.fill("input[name=planned_from]", f"{AT:%Y-%m-%d} 10:00")
    page.fill("input[name=planned_to]", f"{AT:%Y-%m-%d} 17:30")
    page.fill("input[name=passengers]", "6")
    expect(page.locator("#check_ahead")).to_contain_text("余建国、占小青")
    page.locator(".gj-files-input:not(.gj-files-camera)").set_input_files(
        {"name": "IMG_0520.jpg", "mimeType": "image/jpeg", "buffer": _photo()}
    )
    expect(page.locator("[data-files-rows]")).to_contain_text("IMG_0520.jpg")
    expect(page.locator("[data-files-rows] input[name=files]")).to_have_count(1)
    page.get_by_role("button", name="提交申请").first.click()
    page.wait_for_url(re.compile(r"/fleet/trips/\d+/"))
    expect(page.locator("#flash")).to_contain_text("等余建国、贺思审批")
    expect(page.locator("#files")).to_contain_text("IMG_0520.jpg")
    found = re.search(r"PC\d{13}", page.inner_text("h1"))
    assert found
    return found[0]


def _photo() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (640, 480), "beige").save(out, "JPEG")
    return out.getvalue()


def _opens(visitor: Visitor, number: str) -> Page:
    """From the to-do list, as people do."""
    page = visitor.open("/")
    page.locator("tr", has_text=number).get_by_role("link").first.click()
    page.wait_for_url(re.compile(r"/fleet/trips/\d+/"))
    return page


def _delegate_agrees(delegate: Visitor, number: str) -> None:
    page = _opens(delegate, number)
    expect(page.locator("#decide")).to_contain_text("您代邵红审批")
    expect(page.locator("#files")).to_contain_text("IMG_0520.jpg")
    page.get_by_role("button", name="情况属实，同意").click()
    expect(page.get_by_label("意见", exact=True)).to_have_value("情况属实，同意")
    page.get_by_role("button", name="同意", exact=True).click()
    expect(page.locator("#flash")).to_contain_text("已同意，等余建国、占小青审批")
    expect(page.locator("#story")).to_contain_text("贺思（代 邵红） 同意")


def _head_agrees(head: Visitor, number: str) -> None:
    page = _opens(head, number)
    page.get_by_role("button", name="同意", exact=True).click()
    expect(page.locator("[data-pen-missing]")).to_be_visible()  # not without a signature
    page.get_by_label("意见", exact=True).fill("同意前往")
    _draws(page)
    page.get_by_role("button", name="重签").click()
    _draws(page)
    page.get_by_role("button", name="同意", exact=True).click()
    expect(page.locator("#flash")).to_contain_text("已同意，等占小青审批")
    expect(page.locator("#story")).to_contain_text("会签 2 人，已同意 1 人：余建国；等 占小青")


def _draws(page: Page) -> None:
    pad = page.locator("[data-pen-pad]")
    pad.scroll_into_view_if_needed()
    box = pad.bounding_box()
    assert box is not None
    left, middle = box["x"] + box["width"] / 5, box["y"] + box["height"] / 2
    page.mouse.move(left, middle)
    page.mouse.down()
    for step in range(1, 9):
        page.mouse.move(left + step * box["width"] / 14, middle + (-1) ** step * box["height"] / 4)
    page.mouse.up()


def _clerk_signs_on_a_phone(clerk: Visitor, number: str) -> None:
    page = _opens(clerk, number)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "nothing sticks out"
    _draws(page)
    page.get_by_role("button", name="同意", exact=True).click()
    expect(page.locator("#flash")).to_contain_text("已同意，等熊燕欣派车")


def _dispatches(dispatcher: Visitor, number: str) -> None:
    page = dispatcher.open("/fleet/board/")
    page.get_by_text("鹅湖镇").first.click()
    page.get_by_role("button", name="派这辆").first.click()
    expect(page.locator("main")).to_contain_text(re.compile(r"已派 ?赣H"))
    expect(dispatcher.open(f"/search/?q={number}").locator("main")).to_contain_text(number)


def _tells_the_whole_story(asker: Visitor, number: str) -> None:
    page = asker.open(f"/search/?q={number}")
    expect(page.locator("h1")).to_contain_text(number)
    expect(page.locator("#story header")).to_contain_text("用车审批 第 2 版")
    told = [
        re.sub(r"\s+", " ", line).strip() for line in page.locator("#story li").all_inner_texts()
    ]
    for line, words in zip(
        told,
        (
            "莫兴 提交申请",
            "按委托由 贺思（代 邵红） 办",
            "核对规则",
            "贺思（代 邵红） 同意 单位审批",
            "余建国 同意 分管领导会签",
            "占小青 同意 分管领导会签",
            "熊燕欣 派车 赣H",
        ),
        strict=True,
    ):
        assert words in line
    expect(page.locator("#story .gj-signed img")).to_have_count(2)
    stations = page.locator(".gj-life")
    expect(stations).to_contain_text("单位审批")
    expect(stations).to_contain_text("余建国等 2 人同意")


def _is_kept_in_rows_and_records(number: str) -> None:
    """Read in a thread: the browser's loop runs in this one."""

    def look() -> tuple[Trip, list[tuple[str, str]], list[str]]:
        from django.db import connection  # noqa: PLC0415 — the thread's own connection

        try:
            trip = Trip.objects.get(number=number)
            agreed = Act.objects.filter(kind=ActKind.AGREE).order_by("pk")
            verbs = Record.objects.filter(on_label=number).order_by("pk")
            return (
                trip,
                list(agreed.values_list("name", "behalf")),
                list(verbs.values_list("verb", flat=True)),
            )
        finally:
            connection.close()

    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        trip, agreed, verbs = pool.submit(look).result()
    assert trip.state == TripState.DISPATCHED
    assert agreed == [("贺思", "邵红"), ("余建国", ""), ("占小青", "")]
    assert verbs.count("fleet.trip.approved") == 3
    assert verbs.count("attachments.file.claimed") == 3, "the photo and two signatures"
