"""The page script in a real browser, against a small server without the rest of the house."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest
from playwright.sync_api import Page

from guanjia.ui import icons
from guanjia.ui.tests import chromium

pytestmark = pytest.mark.browser

SCRIPT = (Path(icons.__file__).parent / "static" / "ui" / "guanjia.js").read_text(encoding="utf-8")
FRAME = """<!doctype html><html lang="zh-CN"><link rel="icon" href="data:,">
<body data-account="1"><header class="gj-top"></header>
<main id="main"><div id="flash">{flash}</div>{body}</main>
<script src="/script.js"></script></body>"""

FORM = """<form method="post" action="/send" {attrs}>
<input type="hidden" name="csrfmiddlewaretoken" value="t">
<input type="hidden" name="idempotency_key" value="k1">
<input id="why" name="why" maxlength="100" data-count="why_count"><em id="why_count"></em>
<input id="odo" name="odo" data-odo-base="59251"><span id="odo_distance"></span>
<input id="at" name="at" data-date="datetime"><em></em>
<span data-saved></span><button type="submit">送出</button></form>
<button id="ask" data-dialog="d">作废</button>
<dialog id="d"><h2 tabindex="-1">作废这张单</h2>
<button data-dialog-close>不作废</button></dialog>
<table data-batch><tr><th><input type="checkbox" data-tick-all></th></tr>
<tr><td><input type="checkbox" data-tick></td></tr>
<tr><td><input type="checkbox" data-tick></td></tr>
<tr><td class="gj-batch">已选 <b data-batch-count></b> 单</td></tr></table>"""

REFUSED = """<div id="refused">没有写原因。</div><div style="height: 4000px"></div>
<dialog id="d" open><h2 tabindex="-1">作废这张单</h2><input id="why"></dialog>"""


class Site:
    """What the browser was sent, and what it gets; a small server of its own on a free port."""

    def __init__(self) -> None:
        self.attrs = ""
        self.posts: list[dict[str, list[str]]] = []
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self.handler())
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def handler(self) -> type[BaseHTTPRequestHandler]:
        """The class that answers for this site."""
        site = self

        class Handler(BaseHTTPRequestHandler):
            def send(self, body: str, kind: str) -> None:
                data = body.encode()
                self.send_response(200)
                self.send_header("Content-Type", f"{kind}; charset=utf-8")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def do_GET(self) -> None:
                if self.path == "/script.js":
                    self.send(SCRIPT, "text/javascript")
                else:
                    self.send(site.page(self.path), "text/html")

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                if self.path != "/send":
                    self.send(site.page(self.path), "text/html")
                    return
                site.posts.append(parse_qs(body))
                self.send_response(302)
                self.send_header("Location", "/done")
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *args: object) -> None:
                """Quiet."""

        return Handler

    def page(self, path: str) -> str:
        """The form, or the page after it was taken."""
        flash = '<p class="gj-flash" data-tone="done">已收车</p>' if path == "/done" else ""
        body = {"/done": "", "/refused": REFUSED}.get(path, FORM.replace("{attrs}", self.attrs))
        return FRAME.replace("{flash}", flash).replace("{body}", body)


@pytest.fixture(scope="module")
def chromium_browser() -> Iterator[Any]:
    with chromium.started() as browser:
        yield browser


@pytest.fixture
def site() -> Iterator[Site]:
    site = Site()
    threading.Thread(target=site.server.serve_forever, daemon=True).start()
    yield site
    site.server.shutdown()
    site.server.server_close()


@pytest.fixture
def page(chromium_browser: Any, site: Site) -> Iterator[Page]:
    context = chromium_browser.new_context()
    page = chromium.patient(context.new_page())
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.goto(f"{site.url}/form")
    yield page
    context.close()
    assert faults == []


def test_a_double_click_sends_once(page: Page, site: Site) -> None:
    page.evaluate(
        "() => { const b = document.querySelector('form button'); b.click(); b.click(); }"
    )
    page.wait_for_url(f"{site.url}/done")
    assert len(site.posts) == 1


def test_counters_distance_and_typed_dates(page: Page) -> None:
    page.fill("#why", "早稻病虫害")
    assert page.inner_text("#why_count") == "5 / 100"
    page.fill("#odo", "59558")
    assert page.inner_text("#odo_distance") == "本次行驶 307 公里"
    page.fill("#odo", "59,000")
    assert "比上次读数 59,251 公里小" in page.inner_text("#odo_distance")
    page.fill("#at", "2020年5月23日 8点30")
    page.press("#at", "Tab")
    assert page.input_value("#at") == "2020-05-23 08:30"
    assert page.input_value("#odo") == "59,000"


def test_a_date_may_be_typed_loosely_or_picked_and_nothing_typed_is_dropped(page: Page) -> None:
    for typed, kept in (
        ("20200523 1600", "2020-05-23 16:00"),
        ("2020-05-23（周六）9:05", "2020-05-23 09:05"),
        ("2020-05-23 下午", "2020-05-23 下午"),
    ):
        page.fill("#at", typed)
        page.press("#at", "Tab")
        assert page.input_value("#at") == kept
    page.evaluate(
        """() => { const picker = document.querySelector("#at ~ .gj-picker");
        picker.value = "2020-05-24T08:15"; picker.dispatchEvent(new Event("input")); }"""
    )
    assert page.input_value("#at") == "2020-05-24 08:15"


def test_the_odometer_is_sent_in_bare_digits(page: Page, site: Site) -> None:
    page.fill("#odo", "59558")
    page.press("#odo", "Tab")
    assert page.input_value("#odo") == "59,558"
    page.click("form button")
    page.wait_for_url(f"{site.url}/done")
    assert site.posts[0]["odo"] == ["59558"]


def test_a_dialog_gives_the_focus_back(page: Page) -> None:
    page.click("#ask")
    assert page.evaluate("document.querySelector('#d').open")
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.id") == "ask"


def test_a_dialog_sent_open_asks_again_in_sight_and_says_why(page: Page, site: Site) -> None:
    page.goto(f"{site.url}/refused")
    assert page.evaluate("document.querySelector('#d').matches(':modal')")
    assert "没有写原因。" in page.inner_text("#d")
    assert page.locator("#refused").count() == 1
    assert page.evaluate("document.querySelector('#d').getBoundingClientRect().bottom") < 720


def test_ticks_and_the_batch_bar(page: Page) -> None:
    assert page.is_hidden(".gj-batch")
    page.check("[data-tick-all]")
    assert page.inner_text("[data-batch-count]") == "2"
    page.uncheck("[data-tick] >> nth=0")
    assert page.inner_text("[data-batch-count]") == "1"
    assert page.evaluate("document.querySelector('[data-tick-all]').indeterminate")


def test_a_draft_survives_and_goes_when_it_was_taken(page: Page, site: Site) -> None:
    site.attrs = 'data-draft="1:x"'
    page.goto(f"{site.url}/form")
    page.fill("#why", "写了一半")
    page.wait_for_function("document.querySelector('[data-saved]').textContent.includes('已存')")
    page.goto(f"{site.url}/form")
    assert page.input_value("#why") == "写了一半"
    page.click("form button")
    page.wait_for_url(f"{site.url}/done")
    page.goto(f"{site.url}/form")
    assert page.input_value("#why") == ""


def test_without_a_net_an_act_is_kept_and_sent_once_later(page: Page, site: Site) -> None:
    site.attrs = 'data-offline="收车"'
    page.goto(f"{site.url}/form")
    page.context.set_offline(True)
    page.fill("#odo", "59558")
    page.click("form button")
    page.wait_for_selector("#kept")
    assert "收车已存在手机，联网后自动送出" in page.inner_text("#kept")
    assert page.is_hidden("form button")
    assert site.posts == []
    page.context.set_offline(False)
    page.wait_for_url(f"{site.url}/done")
    assert [post["idempotency_key"] for post in site.posts] == [["k1"]]
    assert site.posts[0]["odo"] == ["59558"]
    assert page.inner_text("#flash") == "已收车"
    assert page.query_selector("#kept") is None


def test_a_refusal_of_a_kept_act_is_told(page: Page, site: Site) -> None:
    page.evaluate("""() => localStorage.setItem('gj:offline', JSON.stringify([
        {key: 'k9', at: 0, title: '收车', url: '/form', body: 'a=1', account: '1'}]))""")
    page.goto(f"{site.url}/form")
    page.wait_for_selector("#kept [class~=btn]")
    assert "收车没有送成" in page.inner_text("#kept")
    page.click("#kept button")
    assert page.query_selector("#kept") is None
    assert site.posts == []
