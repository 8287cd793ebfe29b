"""Files on forms and the large picture in a real browser, against a small server of its own."""

import re
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django import forms
from django.template.loader import render_to_string
from playwright.sync_api import Page, expect

from guanjia.kernel.attachments.terms import Bounds
from guanjia.kernel.attachments.tests import samples
from guanjia.ui import files, icons
from guanjia.ui.tests import chromium

pytestmark = pytest.mark.browser

STATIC = Path(icons.__file__).parent / "static" / "ui"
BOUNDS = Bounds(count_max=3, bytes_max=1_000_000)
PNG = samples.png()
FRAME = """<!doctype html><html lang="zh-CN"><meta charset="utf-8"><link rel="icon" href="data:,">
<link rel="stylesheet" href="/guanjia.css"><link rel="stylesheet" href="/files.css">
<body><header class="gj-top"></header><main id="main"><div id="flash"></div>{body}</main>
<script src="/guanjia.js"></script><script src="/files.js"></script></body></html>"""
KINDS = {"css": "text/css", "js": "text/javascript"}


class Asking(forms.Form):
    """One field."""

    files = files.FilesField(bounds=BOUNDS)


def form() -> str:
    """The form as the template draws it."""
    context = files.field_context(Asking()["files"], actor=None, help_text="")
    return (
        '<form method="post" action="/send"><input type="hidden" name="csrfmiddlewaretoken"'
        f' value="t0">{render_to_string("ui/files/field.html", context)}'
        '<button type="submit">提交</button></form>'
    )


def shown(number: int, *, pages: int = 1, name: str = "照片.png") -> SimpleNamespace:
    """A file as the templates take it."""
    file = SimpleNamespace(
        pk=number, name=name, size="1 KB", pages=pages, uploader="莫兴", is_scanned=True,
        uploaded_at=datetime(2020, 5, 20, tzinfo=UTC),
    )  # fmt: skip
    return SimpleNamespace(
        file=file, icon="photo", url=f"/files/{number}/", thumb_url=f"/p/{number}?size=thumb",
        large_url=f"/p/{number}?size=large", view_pages=pages, discard_url=f"/drop/{number}",
        remove_url="",
    )  # fmt: skip


def listing() -> str:
    """A page with a picture and a PDF of two pages."""
    rows = [shown(1), shown(2, pages=2, name="公函.pdf")]
    return render_to_string("ui/files/list.html", {"rows": rows, "gone": [], "id": "files"})


class Site:
    """What the browser sent, and how it is answered."""

    def __init__(self) -> None:
        self.staged: list[str] = []
        self.tokens: set[str] = set()
        self.sent: list[str] = []
        self.dropped: list[str] = []
        self.refused = ""
        self.broken = 0
        self.open = threading.Event()
        self.open.set()
        self.lock = threading.Lock()
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self.handler())
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def stage(self, body: bytes) -> tuple[int, str, str]:
        """The row of a file, a refusal in a header, or a fault."""
        self.open.wait(10)
        found = re.search(rb'filename="([^"]*)"', body)
        name = found.group(1).decode() if found else "?"
        with self.lock:
            if self.broken:
                self.broken -= 1
                return 500, "", ""
            if name == self.refused:
                return 422, "", "%E6%B2%A1%E6%9C%89%E6%94%B6%E4%B8%8B%EF%BC%9A" + "is%20a%20program"
            self.staged.append(name)
            row = shown(len(self.staged), name=name)
        return 200, render_to_string("ui/files/staged.html", {"row": row, "name": "files"}), ""

    def handler(self) -> type[BaseHTTPRequestHandler]:
        """The class that answers for this site."""
        site = self

        class Handler(BaseHTTPRequestHandler):
            def answer(self, status: int, body: bytes, kind: str, told: str = "") -> None:
                self.send_response(status)
                self.send_header("Content-Type", f"{kind}; charset=utf-8")
                self.send_header("Content-Length", str(len(body)))
                if told:
                    self.send_header("X-Guanjia-Sentence", told)
                self.end_headers()
                self.wfile.write(body)

            def do_GET(self) -> None:
                path = self.path.partition("?")[0]
                asset = STATIC / path.lstrip("/")
                if asset.suffix.lstrip(".") in KINDS:
                    self.answer(200, asset.read_bytes(), KINDS[asset.suffix.lstrip(".")])
                elif path.startswith("/p/"):
                    self.answer(200, PNG, "image/png")
                else:
                    body = listing() if path == "/list" else form()
                    self.answer(200, FRAME.replace("{body}", body).encode(), "text/html")

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                site.tokens.add(self.headers.get("X-CSRFToken", ""))
                if self.path == "/files/stage/":
                    status, html, told = site.stage(body)
                    self.answer(status, html.encode(), "text/html", told)
                elif self.path == "/send":
                    site.sent.append(body.decode())
                    self.answer(200, FRAME.replace("{body}", "sent").encode(), "text/html")
                else:
                    site.dropped.append(self.path)
                    self.answer(204, b"", "text/html")

            def log_message(self, *args: object) -> None:
                """Quiet."""

        return Handler


@pytest.fixture(scope="module")
def chromium_browser() -> Iterator[Any]:
    with chromium.started() as browser:
        yield browser


@pytest.fixture
def site() -> Iterator[Site]:
    made = Site()
    thread = threading.Thread(target=made.server.serve_forever, daemon=True)
    thread.start()
    yield made
    made.open.set()
    made.server.shutdown()
    made.server.server_close()
    thread.join(5)


@pytest.fixture
def page(chromium_browser: Any, site: Site) -> Iterator[Page]:
    context = chromium_browser.new_context()
    opened = chromium.patient(context.new_page())
    opened.goto(site.url)
    yield opened
    context.close()


def file(name: str, content: bytes = b"x" * 1000) -> Any:
    return {"name": name, "mimeType": "image/png", "buffer": content}


def choose(page: Page, *chosen: Any) -> None:
    page.set_input_files("#id_files", list(chosen))


def test_chosen_files_are_sent_at_once_and_the_form_carries_their_ids(
    page: Page, site: Site
) -> None:
    choose(page, file("a.png"), file("b.png"))
    expect(page.locator("input[name=files]")).to_have_count(2)
    expect(page.locator(".gj-files-word")).to_have_text("再加")
    page.click("button[type=submit]")
    page.wait_for_load_state()
    assert sorted(site.staged) == ["a.png", "b.png"]
    assert site.tokens >= {"t0"}
    assert sorted(re.findall(r"files=(\d)", site.sent[0])) == ["1", "2"]


def test_a_refused_file_says_why_in_its_row_and_does_not_go_with_the_form(
    page: Page, site: Site
) -> None:
    site.refused = "bad.png"
    choose(page, file("bad.png"), file("good.png"))
    row = page.locator(".gj-file[data-tone=stop]")
    expect(row.locator(".gj-sub")).to_have_text("is a program")
    expect(page.locator("input[name=files]")).to_have_count(1)
    row.locator("button").click()
    expect(page.locator(".gj-file")).to_have_count(1)
    page.click("button[type=submit]")
    page.wait_for_load_state()
    assert site.sent[0].count("files=") == 1


def test_what_is_too_large_or_empty_or_too_much_is_never_sent(page: Page, site: Site) -> None:
    choose(page, file("large.png", b"x" * 1_100_000), file("empty.png", b""))
    expect(page.locator(".gj-file[data-tone=stop]")).to_have_count(2)
    expect(page.locator(".gj-sub", has_text="超过 977 KB")).to_have_count(1)
    choose(page, *(file(f"{n}.png") for n in range(4)))
    expect(page.locator("input[name=files]")).to_have_count(3)
    expect(page.locator("#flash")).to_contain_text("最多 3 个文件")
    expect(page.locator(".gj-files-word")).to_have_text("已满")
    assert len(site.staged) == 3


def test_a_form_waits_for_its_files(page: Page, site: Site) -> None:
    site.open.clear()
    choose(page, file("slow.png"))
    page.click("button[type=submit]")
    expect(page.locator("#flash")).to_contain_text("还有 1 个文件没有传完")
    assert site.sent == []
    site.open.set()
    expect(page.locator("input[name=files]")).to_have_count(1)
    page.click("button[type=submit]")
    page.wait_for_load_state()
    assert site.sent[0].count("files=1") == 1


def test_a_file_is_dropped_by_keyboard_and_the_focus_stays_near(page: Page, site: Site) -> None:
    choose(page, file("a.png"))
    expect(page.locator("input[name=files]")).to_have_count(1)
    choose(page, file("b.png"))
    expect(page.locator("input[name=files]")).to_have_count(2)
    page.locator("[data-files-drop]").first.focus()
    with page.expect_response("**/drop/1"):
        page.keyboard.press("Enter")
    expect(page.locator(".gj-file")).to_have_count(1)
    expect(page.locator("[data-files-drop]")).to_be_focused()
    with page.expect_response("**/drop/2"):
        page.keyboard.press("Enter")
    expect(page.locator("#id_files")).to_be_focused()
    expect(page.locator("[data-files-told]")).to_have_text("已去掉 b.png")
    assert site.dropped == ["/drop/1", "/drop/2"]


def test_what_failed_can_be_sent_again(page: Page, site: Site) -> None:
    site.broken = 1
    choose(page, file("a.png"))
    expect(page.locator(".gj-file[data-tone=stop]")).to_contain_text("服务器出错")
    page.click("[data-files-again]")
    expect(page.locator("input[name=files]")).to_have_count(1)
    expect(page.locator(".gj-file")).to_have_count(1)


def test_files_are_dragged_in_from_the_desk(page: Page, site: Site) -> None:
    page.evaluate(
        """() => {
          const data = new DataTransfer();
          data.items.add(new File(["x"], "dragged.png", {type: "image/png"}));
          const area = document.querySelector(".gj-files-drop");
          for (const name of ["dragenter", "dragover", "drop"])
            area.dispatchEvent(new DragEvent(name, {
              bubbles: true, cancelable: true, dataTransfer: data,
            }));
        }"""
    )
    expect(page.locator("input[name=files]")).to_have_count(1)
    assert site.staged == ["dragged.png"]
    assert page.locator("[data-over]").count() == 0


def test_a_name_is_shown_as_text(page: Page, site: Site) -> None:
    site.refused = "<img src=x onerror=alert(1)>.png"
    page.on("dialog", lambda _: pytest.fail("a script ran"))
    choose(page, file(site.refused))
    expect(page.locator(".gj-file[data-tone=stop]")).to_have_count(1)
    assert page.locator(".gj-file img").count() == 0


def test_pictures_and_pages_are_turned_and_the_focus_comes_back(page: Page, site: Site) -> None:
    page.goto(f"{site.url}/list")
    page.click("[data-files-open] >> nth=0")
    image = page.locator("[data-view-image]")
    expect(image).to_have_attribute("src", re.compile(r"/p/1\?size=large&page=1$"))
    expect(page.locator("[data-view-page]")).to_have_text("")
    page.keyboard.press("ArrowRight")
    expect(page.locator("[data-view-name]")).to_have_text("公函.pdf")
    expect(page.locator("[data-view-page]")).to_have_text("第 1 / 2 页")
    page.click("[data-view-turn='1']")
    expect(image).to_have_attribute("src", re.compile(r"/p/2\?size=large&page=2$"))
    expect(page.locator("[data-view-turn='1']")).to_be_disabled()
    expect(page.locator("[data-view-download]")).to_have_attribute("href", "/files/2/")
    page.keyboard.press("Escape")
    expect(page.locator("[data-files-open] >> nth=0")).to_be_focused()
