"""Takes the pictures of the README and the manual from a running demo.

.venv/bin/guanjia up --demo --port 8000
.venv/bin/python -m tools.screenshots http://127.0.0.1:8000
"""

import shutil
from pathlib import Path

import click
from playwright.sync_api import Browser, Page, sync_playwright

from guanjia.demo.accounts import PASSWORD

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "docs" / "screenshots"
FAULTY = ROOT / "guanjia" / "demo" / "data" / "faulty" / "fleet.cars.xlsx"
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]


def visit(browser: Browser, base: str, username: str, *, phone: bool = False) -> Page:
    """A page of somebody signed in, at a desk or on a phone."""
    context = browser.new_context(
        viewport={"width": 390, "height": 844} if phone else {"width": 1440, "height": 900},
        locale="zh-CN",
        timezone_id="Asia/Shanghai",
        has_touch=phone,
    )
    page = context.new_page()
    page.goto(base)
    page.fill("input[name=username]", username)
    page.fill("input[name=password]", PASSWORD)
    page.press("input[name=password]", "Enter")
    page.wait_for_load_state("networkidle")
    return page


def take(page: Page, name: str, address: str = "") -> None:
    """Open an address and keep its picture."""
    if address:
        page.goto(address)
    page.wait_for_load_state("networkidle")
    page.screenshot(path=TARGET / f"{name}.png")
    click.echo(f"{name}.png")


@click.command()
@click.argument("base")
def main(base: str) -> None:
    """Take every picture."""
    base = base.rstrip("/")
    TARGET.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=ARGUMENTS
        )
        desk = visit(browser, base, "xiongyanxin")
        take(desk, "todo", f"{base}/")
        desk.goto(f"{base}/fleet/board/")
        desk.locator("[data-queue] a, .gj-queue a").first.click()
        take(desk, "board")
        take(desk, "trips", f"{base}/fleet/trips/")
        desk.goto(f"{base}/fleet/trips/?view=all&state=FINISHED")
        desk.locator("tbody a[href*='/fleet/trips/']").first.click()
        take(desk, "trip")
        desk.goto(f"{base}/fleet/cars/import/")
        desk.set_input_files("input[type=file]", FAULTY)
        desk.get_by_role("button", name="核对").first.click()
        desk.wait_for_url("**/import/*/")
        take(desk, "import")
        take(visit(browser, base, "wangjie", phone=True), "driver", f"{base}/fleet/drive/")
        take(visit(browser, base, "moxing"), "request", f"{base}/fleet/request/?copy=1")
        browser.close()


if __name__ == "__main__":
    main()
