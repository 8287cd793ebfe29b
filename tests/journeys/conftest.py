"""Browsers for stories across pages: one per person, each with a session of their own."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from guanjia.kernel.access.tests.builders import PASSWORD
from guanjia.ui.tests import chromium

DESK = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}


@dataclass
class Visitor:
    """Somebody at a screen, and what went wrong in their browser."""

    page: Page
    context: BrowserContext
    faults: list[str]
    base: str

    def open(self, path: str) -> Page:
        """Go to a page of the house."""
        answer = self.page.goto(self.base + path)
        assert answer is not None
        assert answer.status == 200, f"{path}: {answer.status}"
        return self.page


@pytest.fixture
def browser() -> Iterator[Browser]:
    """A headless Chromium; a visitor's calls that would leave this machine are faults."""
    with chromium.started() as browser:
        yield browser


@pytest.fixture
def sign_in(browser: Browser, live_server: Any) -> Iterator[Callable[..., Visitor]]:
    """Signs somebody in, at a desk or on a phone; nobody's browser may have seen a fault."""
    visitors: list[Visitor] = []

    def signed_in(username: str, *, phone: bool = False) -> Visitor:
        context = browser.new_context(
            viewport=PHONE if phone else DESK,  # type: ignore[arg-type]  # a plain dict will do
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
            has_touch=phone,
        )
        page = chromium.patient(context.new_page())
        visitor = Visitor(page=page, context=context, faults=[], base=live_server.url)
        page.on("pageerror", lambda fault: visitor.faults.append(str(fault)))
        page.on(
            "request",
            lambda request: (
                None
                if request.url.startswith((live_server.url, "data:", "blob:"))
                else visitor.faults.append(f"leaves the machine: {request.url}")
            ),
        )
        visitors.append(visitor)
        page.goto(live_server.url)
        page.fill("input[name=username]", username)
        page.fill("input[name=password]", PASSWORD)
        page.press("input[name=password]", "Enter")
        page.wait_for_url(live_server.url + "/")
        return visitor

    yield signed_in
    for visitor in visitors:
        visitor.context.close()
    assert [fault for visitor in visitors for fault in visitor.faults] == []
