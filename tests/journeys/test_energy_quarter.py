"""A clerk with a telephone, a county, the city: a quarter of energy from the months to the lock,
and a year's assessment from the self-score with its papers to the place."""

import re
from collections.abc import Callable, Iterator
from datetime import date, timedelta

import pytest
import time_machine
from playwright.sync_api import Page, expect

from guanjia.domains.energy.actions import assessing, filings, schemes
from guanjia.domains.energy.models import Assessment, Indicator
from guanjia.domains.energy.terms.returns import FilingKind
from guanjia.domains.energy.tests import builders
from guanjia.kernel.access.tests.builders import hasty
from guanjia.kernel.attachments.tests import samples
from tests.journeys.conftest import PHONE, Visitor

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

NAME = "乐平市第一中学"
SECOND_QUARTER = date(2020, 4, 1)


@pytest.fixture
def city() -> Iterator[builders.City]:
    """The school has told all months but June; its second quarter is asked for."""
    with hasty(), time_machine.travel(builders.AT, tick=True):
        made = builders.city()
        for month in range(1, 6):
            made.tell("school", 2020, month, ELECTRICITY=4000 + 40 * month, WATER=120 + month)
        filings.open_period(
            actor=builders.SYSTEM, kind=FilingKind.QUARTER, first=SECOND_QUARTER, at=builders.AT
        )
        yield made


def test_a_quarter_is_filled_in_on_a_telephone_and_accepted(
    city: builders.City, sign_in: Callable[..., Visitor]
) -> None:
    clerk = sign_in("clerk", phone=True)
    filing = _fills_in(clerk)
    _settles(clerk, filing)
    county, keeper = sign_in("county"), sign_in("keeper")
    _acts(county, filing, "审核通过")
    _acts(keeper, filing, "审定锁定")
    page = clerk.open(filing)
    expect(page.locator("main")).to_contain_text("已锁定")
    expect(page.get_by_role("link", name="报送", exact=True)).to_have_count(0)


def _todo(visitor: Visitor, words: str) -> Page:
    page = visitor.open("/")
    page.get_by_role("link").filter(has_text=words).first.click()
    return page


def _fits(page: Page) -> None:
    page.wait_for_load_state("load")  # without its styles nothing fits
    wide = page.evaluate("document.documentElement.scrollWidth")
    assert wide <= PHONE["width"], page.url


def _fills_in(clerk: Visitor) -> str:
    """June with a figure too many; the path of its filing."""
    page = _todo(clerk, "2020年第二季度")
    page.wait_for_url(re.compile(r"/energy/filings/\d+/"))
    _fits(page)
    filing = page.url.removeprefix(clerk.base)
    page.get_by_role("link").filter(has_text="2020年6月").click()
    page.get_by_role("link").filter(has_text="填报").first.click()
    _fits(page)
    for name, value in (
        ("electricity", "42,400"), ("electricity_cost", "2628.8"),
        ("water", "126"), ("water_cost", "359.1"),
    ):  # fmt: skip
        page.fill(f"input[name={name}]", value)
    page.get_by_role("button", name="保存月报").click()
    expect(page.locator("main")).to_contain_text("疑似多写一位")
    return filing


def _settles(clerk: Visitor, filing: str) -> None:
    """It cannot be sent so; corrected it can."""
    page = clerk.open(filing)
    page.get_by_role("link", name="报送", exact=True).click()
    page.get_by_role("button", name="报送", exact=True).click()
    expect(page.locator("main")).to_contain_text("疑点")
    page = clerk.open(filing)
    page.get_by_role("link").filter(has_text="2020年6月").click()
    page.get_by_role("link").filter(has_text="更正").first.click()
    page.fill("input[name=electricity]", "4240")
    page.get_by_role("button", name="保存月报").click()
    expect(page.locator("main")).not_to_contain_text("待说明")
    page = clerk.open(filing)
    page.get_by_role("link", name="报送", exact=True).click()
    _fits(page)
    page.get_by_role("button", name="报送", exact=True).click()
    expect(page.locator("main")).to_contain_text("待县级审核")
    _fits(page)


def _acts(visitor: Visitor, path: str, act: str) -> None:
    page = visitor.open(path)
    page.get_by_role("link", name=act, exact=True).click()
    page.get_by_role("button", name=act, exact=True).click()
    expect(page.locator("#flash")).not_to_be_empty()
    expect(page.get_by_role("link", name=act, exact=True)).to_have_count(0)


@pytest.fixture
def assessed(city: builders.City) -> Assessment:
    """The school alone in the assessment of 2020; all but one indicator scored by itself."""
    made = schemes.plan_scheme(
        actor=builders.SYSTEM, table=schemes.tables()["online"], year=2020, at=builders.AT
    )
    schemes.open_scheme(
        actor=builders.SYSTEM, scheme_id=made.pk, at=builders.AT,
        institution_ids=[city.institution("school").pk],
        self_until=builders.TODAY + timedelta(days=9),
        appeal_until=builders.TODAY + timedelta(days=30),
    )  # fmt: skip
    row: Assessment = Assessment.objects.get()
    first, *others = Indicator.objects.filter(how="EVIDENCE").order_by("position")
    assert others, first
    for leaf in others:
        assessing.score_self(
            actor=builders.SYSTEM, assessment_id=row.pk, indicator_id=leaf.pk, points=leaf.points,
            at=builders.AT,
        )  # fmt: skip
    return row


def test_a_school_scores_itself_with_papers_and_is_judged(
    assessed: Assessment, sign_in: Callable[..., Visitor]
) -> None:
    clerk = sign_in("clerk", phone=True)
    page = _todo(clerk, "公共机构节能在线考核")
    _fits(page)
    page.get_by_role("link", name="组织机构和岗位责任").click()
    page.fill("input[name=points]", "6")
    page.locator("#id_files").set_input_files(
        {"name": "岗位责任.pdf", "mimeType": "application/pdf", "buffer": samples.pdf()}
    )
    expect(page.locator("main form")).to_contain_text("已收下 岗位责任.pdf")
    page.get_by_role("button", name="保存得分").click()
    page.get_by_role("link", name="组织机构和岗位责任").click()
    expect(page.get_by_role("link").filter(has_text="岗位责任.pdf")).to_be_visible()
    _fits(page)
    path = f"/energy/assessments/{assessed.pk}/"
    _acts(clerk, path, "提交自评")
    county, keeper = sign_in("county"), sign_in("keeper")
    papers = county.open(path)
    papers.get_by_role("link", name="组织机构和岗位责任").click()
    expect(papers.get_by_role("link").filter(has_text="岗位责任.pdf")).to_be_visible()
    _acts(county, path, "转市级评审")
    desk = keeper.open(path)
    desk.get_by_role("link", name="评定", exact=True).click()
    desk.get_by_role("button", name="评定", exact=True).click()
    expect(desk.locator("main")).to_contain_text("还没有评审打分")
    desk = keeper.open(path)
    desk.get_by_role("link", name="现场评审").click()
    desk.fill("input[name=points]", "5")
    desk.get_by_role("button", name="保存得分").click()
    _acts(keeper, path, "评定")
    page = clerk.open(path)
    expect(page.locator("main")).to_contain_text("公示申诉")
    _fits(page)
