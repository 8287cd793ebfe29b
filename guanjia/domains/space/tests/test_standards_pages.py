"""The pages of 核定面积: what every unit may have against what it holds, for whoever may see it."""

import io
import re
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from html import unescape
from typing import Any
from urllib.parse import parse_qs, urlsplit

import openpyxl
import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from guanjia.domains.space.actions import establishments, timelines
from guanjia.domains.space.queries import standards
from guanjia.domains.space.terms.ledger import Basis, RoomKind
from guanjia.domains.space.tests.builders import SINCE, TODAY, City
from guanjia.kernel.access.models import Look
from guanjia.kernel.access.tests.builders import AT
from guanjia.kernel.org.models import Person, Unit
from guanjia.kernel.org.terms import Nature, Rank

BACKEND = "django.contrib.auth.backends.ModelBackend"
LIST = "space:standards"
NONE = Decimal(0)
TAGS = re.compile(r"<[^>]+>")


@pytest.fixture(autouse=True)
def _morning() -> Iterator[None]:
    with time_machine.travel(AT, tick=False):
        yield


def visit(city: City, username: str) -> Client:
    client = Client()
    client.force_login(city.accounts[username], backend=BACKEND)
    return client


def seen(city: City, username: str, name: str, *args: Any, **query: str) -> str:
    answer = visit(city, username).get(reverse(name, args=args), query)
    assert answer.status_code == 200, answer.status_code
    return str(answer.content.decode())


def words(page: str) -> str:
    """What somebody reads on a page, without its marks."""
    return re.sub(r"\s+", " ", TAGS.sub("", page[page.index("<main") :]))


def example(city: City) -> None:
    """The establishment of the worked example."""
    numbers = {Rank.BUREAU_HEAD: 1, Rank.BUREAU_DEPUTY: 3, Rank.BELOW_BUREAU: 146}
    establishments.enter_establishments(
        actor=city.actor("keeper"), at=AT,
        rows=[
            {"unit": city.units["farming"], "rank": rank, "number": number, "since": SINCE}
            for rank, number in numbers.items()
        ],
    )  # fmt: skip


def crowd(city: City) -> None:
    """The farming bureau holds more than it may: its establishment is of two."""
    Unit.objects.filter(pk=city.units["farming"].pk).update(headcount=2)


# ── the list ─────────────────────────────────────────────────────────────────────────────


def test_the_list_shows_everybody_to_the_bureau_and_a_unit_to_itself(city: City) -> None:
    for who in ("keeper", "decider", "supervisor"):
        page = words(seen(city, who, LIST))
        assert "市农业农村局" in page, who
        assert "市教育局" in page, who
    for who in ("clerk", "chief"):
        page = words(seen(city, who, LIST))
        assert "市农业农村局" in page, who
        assert "市教育局" not in page, who
    for who in ("inspector", "cashier"):
        assert visit(city, who).get(reverse(LIST)).status_code == 403, who


def test_the_figures_of_the_list(city: City) -> None:
    example(city)
    page = words(seen(city, "clerk", LIST))
    assert "2,825.3" in page
    assert "122.0" in page
    assert "余 2,703.3" in page
    assert "推算" not in page
    assert "2 个单位没有职级编制，按实有职级推算" in words(seen(city, "keeper", LIST))


@pytest.mark.parametrize(
    ("view", "there"), [("", True), ("over", True), ("office", True), ("unknown", False)]
)
def test_the_views_of_the_list(city: City, view: str, there: bool) -> None:
    crowd(city)
    page = words(seen(city, "keeper", LIST, view=view))
    assert ("市农业农村局" in page) is there


def test_what_is_over_and_what_is_left_are_told_apart(city: City) -> None:
    crowd(city)
    page = words(unit_page(city))
    assert "超出核定" in page
    assert "低于核定" not in page
    assert "超 20.0 ㎡" in page, "62 of offices where 24 + 18 are approved"
    assert "余 5.2 ㎡" in page, "no equipment rooms"


def test_units_are_found_by_name_and_code_and_an_empty_list_says_so(city: City) -> None:
    assert "市教育局" not in words(seen(city, "keeper", LIST, words="农业"))
    assert "市教育局" in words(seen(city, "keeper", LIST, words="3602d040"))
    assert "没有符合条件的单位" in words(seen(city, "keeper", LIST, words="没有这个"))


def test_the_list_as_of_another_day(city: City) -> None:
    timelines.hold(
        room=city.room("202"), unit=city.units["farming"], since=TODAY, basis=Basis.LEDGER
    )
    assert "140.0" in words(seen(city, "clerk", LIST))
    yesterday = seen(city, "clerk", LIST, on=f"{TODAY - timedelta(days=1)}")
    assert "122.0" in words(yesterday)
    assert "on=2020-05-19" in yesterday


def test_every_area_opens_just_its_rooms(city: City) -> None:
    page = seen(city, "keeper", LIST)
    links = re.findall(r'href="(/space/rooms/\?[^"]+)">([\d,.]+)</a>', page)
    assert links
    for address, figure in links:
        rows = words(visit(city, "keeper").get(address.replace("&amp;", "&")).content.decode())
        assert figure in rows, address


def test_the_sheet_has_the_rows_that_are_shown(city: City) -> None:
    example(city)
    answer = visit(city, "supervisor").get(reverse("space:standards_export"), {"words": "农业"})
    sheet = openpyxl.load_workbook(io.BytesIO(answer.content)).active
    rows = list(sheet.iter_rows(values_only=True))
    assert rows[0][0] == "各单位办公用房核定面积"
    heads = next(n for n, row in enumerate(rows) if row[0] == "单位编码")
    assert len(rows) == heads + 2
    assert rows[heads + 1][:8] == (
        "3602D036", "市农业农村局", 150, "职级编制", 1392, 1200, 233.28, 2825.28,
    )  # fmt: skip
    look = Look.objects.get()
    assert (look.rows, look.exported) == (1, True)


# ── a unit ───────────────────────────────────────────────────────────────────────────────


def unit_page(city: City, who: str = "clerk", unit: str = "farming", **query: str) -> str:
    return seen(city, who, "space:standards_unit", city.units[unit].pk, **query)


def test_a_unit_sees_how_its_figures_come_about(city: City) -> None:
    example(city)
    page = words(unit_page(city))
    for said in (
        "1 × 24 + 3 × 18 + 146 × 9 = 1,392 ㎡",
        "编制 150 人 × 8 = 1,200 ㎡",
        "（1,392 + 1,200）× 9% = 233.28 ㎡",
        "《党政机关办公用房建设标准》",
        "2014年11月24日起的值",
        "100 人 × 3.7 + 50 人 × 2.6 = 500 ㎡",
        "2,825.28 ÷ 0.65 + 500 = 4,846.58 ㎡",
        "职级编制合计 150 人，单位名录编制 10 人，不一致。",
        "低于核定",
    ):
        assert said in page, said
    assert "未核对" not in page
    assert "常委楼 102" in page, "the room over its limit"


def test_without_an_establishment_the_page_says_what_it_took(city: City) -> None:
    page = words(unit_page(city))
    assert "没有登记职级编制" in page
    assert "按实有职级推算" in page


def test_more_people_in_service_than_the_establishment_are_told(city: City) -> None:
    assert "比编制多" not in words(unit_page(city))
    crowd(city)
    page = words(unit_page(city))
    ((there, more),) = re.findall(r"在编在职 (\d+) 人，比编制多 (\d+) 人；", page)
    serving = Person.objects.filter(
        unit__path__startswith=city.units["farming"].path, employment="ESTABLISHED", left_on=None
    ).count()
    assert (int(there), int(more)) == (serving, serving - 2)


def test_by_the_superseded_values_the_page_says_that_nobody_checked_them(city: City) -> None:
    example(city)
    page = words(unit_page(city, on="2014-11-23"))
    assert "未核对" in page
    assert "没有市级机关服务用房的标准" in page


def test_ancillary_rooms_are_tried_out_and_not_kept(city: City) -> None:
    page = words(unit_page(city, cars="12", guards="x", bicycles="-3"))
    assert "12 辆 × 40 = 480 ㎡" in page
    assert "480" not in words(unit_page(city))


def test_nobody_sees_the_figures_of_another_unit(city: City) -> None:
    for who in ("stranger", "stranger_chief"):
        answer = visit(city, who).get(
            reverse("space:standards_unit", args=[city.units["farming"].pk])
        )
        assert answer.status_code == 404, who
    assert "核定面积" in unit_page(city, "keeper")


def test_a_unit_that_the_standard_is_not_for_says_so(city: City) -> None:
    Unit.objects.filter(pk=city.units["other"].pk).update(nature=Nature.ENTERPRISE)
    assert "不按党政机关办公用房标准核定" in words(unit_page(city, "keeper", "other"))


def test_only_the_bureau_is_offered_the_import(city: City) -> None:
    address = reverse("space:establishments_import")
    assert address in unit_page(city, "keeper")
    assert address not in unit_page(city)
    assert visit(city, "clerk").get(address).status_code == 403
    assert standards.ENTER


# ── a figure and the rows it opens ────────────────────────────────────────────────────────


def opened(city: City, url: str) -> tuple[int, Decimal]:
    """How many rooms the register shows behind an address, and their usable space."""
    page = visit(city, "keeper").get(unescape(url)).content.decode()
    told = re.search(r"全部 ([\d,]+) 间合计 ?([\d,.]+)", words(page))
    if told is None:
        assert "共 0 间" in words(page)
        return 0, NONE
    return int(told[1].replace(",", "")), Decimal(told[2].replace(",", ""))


def test_a_held_figure_opens_the_rooms_it_counts(city: City) -> None:
    """Public use and lease are held by the bureau on paper, a school below the office answers for
    itself, a section does not: each stands where the figure has it."""
    bureau, farming = city.units["bureau"], city.units["farming"]
    school = Unit.objects.create(
        code="3602D036S1", name="市农业学校", parent=farming, nature=Nature.INSTITUTION,
        level=farming.level, path=f"{farming.path}3602D036S1/", position=9,
    )  # fmt: skip
    for number, unit, basis in (
        ("201", bureau, Basis.ALLOTTED),
        ("202", bureau, Basis.LEASE),
        ("204", bureau, Basis.REUSE),
        ("105", city.units["section"], Basis.LEDGER),
    ):
        timelines.hold(room=city.room(number), unit=unit, since=SINCE, basis=basis)
    timelines.release(room=city.room("101"), on=TODAY)
    timelines.hold(room=city.room("101"), unit=school, since=TODAY, basis=Basis.LEDGER)
    for unit in (bureau, farming, school):
        for day in (TODAY, TODAY - timedelta(days=1)):
            standing = standards.standing(unit_id=unit.pk, day=day)
            assert standing is not None
            on = {"on": f"{day:%Y-%m-%d}"} if day != TODAY else {}
            page = seen(city, "keeper", "space:standards_unit", unit.pk, **on)
            links = re.findall(r'href="(/space/rooms/\?[^"]*counted=[^"]*)"', page)
            assert bool(links) is (standing.held_m2 > 0), "every figure opens its rows"
            for url in set(links):
                kinds = parse_qs(urlsplit(unescape(url)).query)["kind"][0].split(",")
                count = sum(standing.rooms.get(RoomKind(kind), 0) for kind in kinds)
                area = sum((standing.held.get(RoomKind(kind), Decimal(0)) for kind in kinds), NONE)
                assert opened(city, url) == (count, area), (unit, url)
    assert standards.standing(unit_id=bureau.pk, day=TODAY).held_m2 == 24  # type: ignore[union-attr]
