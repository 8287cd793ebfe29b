"""The one way in which tests start a browser, and how long it may take over a step."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, Page, expect, sync_playwright

# Milliseconds. A step waits for what it needs, and no longer; this only bounds how long a broken
# one takes to fail. A machine that is busy with something else needs far more than an idle one.
PATIENCE = 60_000
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@contextmanager
def started() -> Iterator[Browser]:
    """A headless Chromium, as Debian installs it. AssertionError where there is none."""
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    assert path, "chromium is missing; make test installs it"
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS, timeout=PATIENCE)
        yield browser
        browser.close()


def patient(page: Page) -> Page:
    """The same page, waiting as long as a step may take."""
    page.set_default_timeout(PATIENCE)
    return page
