"""An inspector without a network: thirty rooms kept in the telephone, sent twice, none lost."""

import io
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest
import time_machine
from django.contrib.sessions.models import Session
from django.db import connection, transaction
from PIL import Image
from playwright.sync_api import Page, Route, expect

from guanjia.domains.space.actions import timelines
from guanjia.domains.space.models import Floor, Inspection, Rectification, Room, Round
from guanjia.domains.space.terms.ledger import Basis, RoomKind, RoomState
from guanjia.domains.space.terms.rounds import Told
from guanjia.domains.space.tests import builders, rounding
from guanjia.kernel.access.tests.builders import AT, PASSWORD, hasty
from guanjia.kernel.attachments.models import Attachment
from tests.journeys.conftest import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

ROOMS = 30
OTHER_UNITS_ROOM = "203"
MINUTES = 3  # between two rooms
LOOKS = "() => patrolStore.looks(Number(document.body.dataset.account))"
DRAFTS = (
    "() => patrolStore.drafts(Number(document.body.dataset.account),"
    " Number(document.body.dataset.patrol))"
)
ROUNDS = """async () => {
  const base = await patrolStore.open();
  return new Promise((done) => {
    const asked = base.transaction("rounds").objectStore("rounds").count();
    asked.onsuccess = () => done(asked.result);
  });
}"""
PAGES = """async () => {
  const kept = await caches.open("gj-patrol-1");
  const all = await kept.keys();
  const found = all.filter((each) => !new URL(each.url).pathname.startsWith("/static/"));
  const read = async (each) => [new URL(each.url).pathname, await (await kept.match(each)).text()];
  return Promise.all(found.map(read));
}"""


@pytest.fixture
def city() -> Iterator[builders.City]:
    """The small city; its farming bureau holds thirty rooms of one floor."""
    with hasty(), time_machine.travel(AT, tick=True):
        made = builders.city()
        floor = Floor.objects.get(building=made.building, number=2)
        for n in range(ROOMS - 4):  # four are there
            number = f"3{n:02d}"
            room = Room.objects.create(building=made.building, floor=floor, number=number)
            timelines.begin(
                room=room, since=builders.SINCE, told_at=AT, kind=RoomKind.OFFICE,
                usable_m2=Decimal(18), state=RoomState.IN_USE,
            )  # fmt: skip
            timelines.hold(
                room=room, unit=made.units["farming"], since=builders.SINCE, basis=Basis.LEDGER
            )
            made.rooms[number] = room
        yield made


@pytest.fixture
def round_(city: builders.City) -> Round:
    """A round of the farming bureau alone, under way."""
    return rounding.running(city, units=[city.units["farming"].pk])


def in_thread(act: Callable[[], Any]) -> Any:
    """Ask the database beside the browser's loop, which runs in this thread."""

    def asked() -> Any:
        try:
            return act()
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asked).result()


def atomically(act: Callable[[], Any]) -> Callable[[], Any]:
    """The same in one transaction."""

    def done() -> Any:
        with transaction.atomic():
            return act()

    return done


def stored() -> list[tuple[str, datetime]]:
    """Room and time of every record that arrived."""
    rows = Inspection.objects.filter(told=Told.PHONE).select_related("room")
    return in_thread(lambda: sorted((row.room.number, row.scanned_at) for row in rows))


def prepared(visitor: Visitor, round_: Round) -> Page:
    """The page of the round, opened while there is a network, ready to go without one."""
    page = visitor.page
    page.clock.install(time=AT)
    visitor.open(f"/space/patrol/{round_.pk}/")
    expect(page.locator(".patrol-row")).to_have_count(ROOMS)
    page.wait_for_selector("body[data-ready=yes]")
    return page


def inspect(page: Page, number: str, *, ticks: str = "", note: str = "") -> None:
    """Choose a room, tick, write, keep."""
    page.locator(".patrol-row", has=page.get_by_text(number, exact=True)).click()
    form = page.locator("#room")
    expect(form.locator("h2")).to_contain_text(number)
    if ticks:
        form.get_by_text(ticks, exact=True).click()
    if note:
        form.locator("#note").fill(note)
    page.get_by_role("button", name="记下", exact=True).click()
    expect(page.locator("#rooms")).to_be_visible()


def kept(page: Page) -> dict[str, datetime]:
    """Room label and time of every record that waits in the telephone."""
    return {
        each["label"].split()[-1]: datetime.fromisoformat(each["scanned_at"]).replace(microsecond=0)
        for each in page.evaluate(LOOKS)
    }


def all_rooms(page: Page) -> list[str]:
    return page.locator(".patrol-no").all_inner_texts()


def picture() -> bytes:
    """A photo as a telephone takes it, small."""
    out = io.BytesIO()
    Image.new("RGB", (40, 30), "white").save(out, "PNG")
    return out.getvalue()


def send(page: Page) -> None:
    page.evaluate("window.dispatchEvent(new Event('online'))")


def test_thirty_rooms_without_a_network_sent_twice_are_thirty_records(
    city: builders.City, round_: Round, sign_in: Callable[..., Visitor]
) -> None:
    visitor = sign_in("inspector", phone=True)
    page = prepared(visitor, round_)
    _keeps_nothing_of_other_units(page)

    visitor.context.set_offline(True)
    for number in all_rooms(page):
        problem = number in ("101", "305")
        inspect(
            page, number, ticks="面积超标" if problem else "", note="隔墙拆了" if problem else ""
        )
        page.clock.fast_forward(MINUTES * 60_000)
    times = kept(page)
    assert len(times) == ROOMS
    gaps = [later - early for early, later in pairwise(sorted(times.values()))]
    assert min(gaps) >= timedelta(minutes=MINUTES)
    assert stored() == []

    page.reload()  # still without a network: the page and what it kept are there
    expect(page.locator(".patrol-row")).to_have_count(ROOMS)
    expect(page.locator("#patrol-state")).to_contain_text(f"{ROOMS} 条已存在手机")
    assert kept(page) == times
    page.evaluate(f"async () => {{ window.before = await ({LOOKS})(); }}")

    visitor.context.set_offline(False)
    expect(page.locator("body[data-waiting='0']")).to_have_count(1)
    assert dict(stored()) == times
    assert len(stored()) == ROOMS

    # The same thirty once more, as a telephone sends that never saw the answer.
    page.evaluate(
        "async () => { for (const look of window.before) await patrolStore.put(look);"
        " document.body.dataset.waiting = 'again'; }"
    )
    assert len(kept(page)) == ROOMS
    send(page)
    expect(page.locator("body[data-waiting='0']")).to_have_count(1)
    assert kept(page) == {}
    assert dict(stored()) == times
    assert len(stored()) == ROOMS
    rects = in_thread(lambda: sorted(Rectification.objects.values_list("room__number", flat=True)))
    assert rects == ["101", "305"]


def test_what_is_half_filled_in_is_there_after_a_reload(
    city: builders.City, round_: Round, sign_in: Callable[..., Visitor]
) -> None:
    """Ticks, words, the photo and the time of the look outlive the page, until 记下 or 不记."""
    visitor = sign_in("inspector", phone=True)
    page = prepared(visitor, round_)
    visitor.context.set_offline(True)
    form, tick = page.locator("#room"), page.get_by_role("checkbox", name="面积超标")
    page.locator(".patrol-row", has=page.get_by_text("101", exact=True)).click()
    tick.check()
    form.locator("#measured").fill("26.5")
    form.locator("#note").fill("隔墙拆了")
    page.locator("#photo").set_input_files(
        {"name": "a.png", "mimeType": "image/png", "buffer": picture()}
    )
    expect(page.locator("#shots img")).to_have_count(1)
    page.wait_for_function(f"async () => (await ({DRAFTS})())[0]?.note === '隔墙拆了'")
    page.clock.fast_forward(5 * 60_000)

    page.reload()
    expect(form.locator("h2")).to_contain_text("101")
    expect(tick).to_be_checked()
    expect(form.locator("#measured")).to_have_value("26.5")
    expect(form.locator("#note")).to_have_value("隔墙拆了")
    expect(page.locator("#shots img")).to_have_count(1)
    assert kept(page) == {}, "nothing is recorded yet"
    page.get_by_role("button", name="记下", exact=True).click()
    expect(page.locator("#rooms")).to_be_visible()
    (look,) = page.evaluate(LOOKS)
    assert (look["note"], look["measured"], len(look["photos"])) == ("隔墙拆了", "26.5", 1)
    assert kept(page)["101"] < AT + timedelta(minutes=5), "the look, not the reload"
    assert page.evaluate(DRAFTS) == []

    half = page.locator(".patrol-row", has=page.get_by_text("102", exact=True))
    half.click()
    tick.check()
    page.go_back()  # as the button of the telephone does
    expect(half).to_contain_text("填了一半，没有记下")
    page.reload()
    expect(half).to_contain_text("填了一半，没有记下")
    half.click()
    expect(tick).to_be_checked()
    page.get_by_role("button", name="不记", exact=True).click()
    expect(half).not_to_contain_text("填了一半")
    half.click()
    expect(tick).not_to_be_checked()
    assert page.evaluate(DRAFTS) == []
    page.reload()  # with nothing filled in there is nothing to go on with
    expect(page.locator("#rooms")).to_be_visible()
    assert list(kept(page)) == ["101"]


def _keeps_nothing_of_other_units(page: Page) -> None:
    """What lies in the telephone names the round's rooms only, and pages hold no rooms at all."""
    rooms = page.evaluate(
        "async () => (await patrolStore.round(Number(document.body.dataset.account),"
        " Number(document.body.dataset.patrol))).told"
    )
    assert [each["name"] for each in rooms["units"]] == ["市农业农村局"]
    assert OTHER_UNITS_ROOM not in {each["n"] for each in rooms["rooms"]}
    pages = page.evaluate(PAGES)
    assert len(pages) == 2
    for path, html in pages:
        assert path.startswith("/space/patrol/")
        assert "教育局" not in html
        assert "常委楼" not in html


def test_a_lost_answer_a_half_sent_batch_and_a_signed_out_session_lose_nothing(
    city: builders.City, round_: Round, sign_in: Callable[..., Visitor]
) -> None:
    visitor = sign_in("inspector", phone=True)
    page = prepared(visitor, round_)
    visitor.context.set_offline(True)
    numbers = all_rooms(page)[:24]  # more than one sending takes
    for number in numbers:
        inspect(page, number)
        page.clock.fast_forward(60_000)
    page.locator(".patrol-row", has=page.get_by_text(all_rooms(page)[24], exact=True)).click()
    page.locator("#photo").set_input_files(
        {"name": "a.png", "mimeType": "image/png", "buffer": picture()}
    )
    expect(page.locator("#shots img")).to_have_count(1)
    page.get_by_role("button", name="记下", exact=True).click()
    expect(page.locator("#rooms")).to_be_visible()
    times = kept(page)
    assert len(times) == 25

    lost: list[int] = []

    def loses_the_answer(route: Route) -> None:
        lost.append(route.fetch().status)  # the server takes it all in
        route.abort()

    visitor.context.route("**/looks/", loses_the_answer)
    visitor.context.set_offline(False)
    page.wait_for_function("() => document.body.dataset.waiting === '25'")
    while not lost:
        page.wait_for_timeout(50)
    visitor.context.unroute("**/looks/")
    assert lost[0] == 200
    assert len(stored()) == 20, "one sending arrived"
    assert len(kept(page)) == 25, "and the telephone knows of none"

    in_thread(lambda: Session.objects.all().delete())  # signed out in the middle
    send(page)
    expect(page.get_by_text("登录已过期，记下的都在手机里")).to_be_visible()
    assert len(kept(page)) == 25
    page.get_by_role("link", name="重新登录").click()
    page.fill("input[name=username]", "inspector")
    page.fill("input[name=password]", PASSWORD)
    page.press("input[name=password]", "Enter")
    page.wait_for_url(f"{visitor.base}/space/patrol/{round_.pk}/")
    expect(page.locator("body[data-waiting='0']")).to_have_count(1)
    assert kept(page) == {}
    assert dict(stored()) == times
    assert len(stored()) == 25
    assert in_thread(lambda: Attachment.objects.filter(name="现场1.jpg").count()) == 1


def test_a_record_that_is_refused_stays_until_its_inspector_decides(
    city: builders.City, round_: Round, sign_in: Callable[..., Visitor]
) -> None:
    visitor = sign_in("inspector", phone=True)
    page = prepared(visitor, round_)
    visitor.context.set_offline(True)
    inspect(page, "101")
    inspect(page, "102")
    room = city.room("101")
    in_thread(atomically(lambda: timelines.release(room=room, on=builders.TODAY)))
    visitor.context.set_offline(False)
    line = page.locator("[data-refused] .gj-kept")
    expect(line).to_contain_text("常委楼 101没有收下")
    expect(line).to_contain_text("没有使用单位")
    assert [number for number, _ in stored()] == ["102"]
    page.reload()
    expect(line).to_contain_text("没有收下")
    line.get_by_role("button", name="不要这条").click()
    expect(line).to_have_count(0)
    assert kept(page) == {}


def test_another_account_on_the_telephone_finds_no_rooms_and_loses_no_records(
    city: builders.City, round_: Round, sign_in: Callable[..., Visitor]
) -> None:
    visitor = sign_in("inspector", phone=True)
    page = prepared(visitor, round_)
    visitor.context.set_offline(True)
    inspect(page, "101")
    in_thread(lambda: Session.objects.all().delete())
    visitor.context.set_offline(False)
    expect(page.get_by_text("登录已过期，记下的都在手机里")).to_be_visible()
    page.goto(f"{visitor.base}/sign-in/")
    page.fill("input[name=username]", "keeper")
    page.fill("input[name=password]", PASSWORD)
    page.press("input[name=password]", "Enter")
    page.wait_for_url(visitor.base + "/")
    visitor.open("/space/patrol/")
    expect(page.get_by_text("另一个账号记下没送出的记录")).to_be_visible()
    assert page.evaluate(ROUNDS) == 0
    assert stored() == []


def test_a_record_that_the_server_fails_at_does_not_hold_up_the_others(
    round_: Round, sign_in: Callable[..., Visitor]
) -> None:
    visitor = sign_in("inspector", phone=True)
    page = prepared(visitor, round_)
    visitor.context.set_offline(True)
    for number in ("101", "102", "103"):
        inspect(page, number)
    first = page.evaluate(LOOKS)[0]["uid"]

    def fails_at_the_first(route: Route) -> None:
        if first.encode() in (route.request.post_data_buffer or b""):
            route.fulfill(status=500)
        else:
            route.continue_()

    visitor.context.route("**/looks/", fails_at_the_first)
    visitor.context.set_offline(False)
    expect(page.locator("body[data-waiting='1']")).to_have_count(1)
    assert [number for number, _ in stored()] == ["102", "103"]
    assert list(kept(page)) == ["101"]
    visitor.context.unroute("**/looks/")
    send(page)
    expect(page.locator("body[data-waiting='0']")).to_have_count(1)
    assert [number for number, _ in stored()] == ["101", "102", "103"]
