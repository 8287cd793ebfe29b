"""The report on screen: figures that open, within the reader's scope."""

import re
from typing import Any

import pytest
from django.test import Client

from guanjia.kernel.values.actor import Reach


@pytest.fixture
def readers(city: Any, visit: Any) -> Any:
    """A reader of the whole city who sees trips too, and one of a single unit who does not."""
    city.join("boss", None, ("report.reader", Reach.CITY, None), ("fleet.leader", Reach.CITY, None))
    city.join("local", None, ("report.reader", Reach.BELOW, city.units["other"]))
    return visit


def test_the_report_needs_its_duty(city: Any, readers: Any) -> None:
    assert Client().get("/report/").status_code == 302
    assert readers("asker").get("/report/").status_code == 403
    assert readers("asker").get("/report/figures/fleet.km/").status_code == 403


def test_every_figure_opens_just_its_rows(city: Any, readers: Any) -> None:
    city.recorded("PC2020051902100")
    client = readers("boss")
    html = client.get("/report/", {"period": "2020-H1"}).content.decode()
    assert "公务用车调派" in html
    assert "2020年1–5月" in html
    assert "状态为已完成、实际出车时间在时段内的派车单" in html
    links = re.findall(r'class="gj-figref" href="([^"]+)"[^>]*>([\d,]+)<', html)
    assert [value for _, value in links] == ["1", "60", *["0"] * 6]
    listed = client.get(links[0][0].replace("&amp;", "&")).content.decode()
    assert "PC2020051902100" in listed
    assert "共 1 单" in listed


def test_a_reader_of_one_unit_counts_only_its_rows(city: Any, readers: Any) -> None:
    city.recorded("PC2020051902100")
    html = readers("local").get("/report/", {"period": "2020-H1"}).content.decode()
    assert "gj-figref" not in html, "what may not be opened is no link"
    assert "0辆次" in html


def test_a_figure_shows_its_months(city: Any, readers: Any) -> None:
    city.recorded("PC2020051902100")
    client = readers("boss")
    html = client.get("/report/figures/fleet.km/", {"period": "2020-Q2"}).content.decode()
    assert "口径：" in html
    for month in ("2020年4月", "2020年5月", "2020年6月"):
        assert month in html
    assert client.get("/report/figures/fleet.nothing/").status_code == 404


@pytest.mark.parametrize("period", ["", "x", "2020-H3", "2020-13", "9999", "0000", "2020..2019"])
def test_an_unreadable_period_is_named_and_the_usual_one_shown(readers: Any, period: str) -> None:
    answer = readers("boss").get("/report/", {"period": period})
    assert answer.status_code == 200
    if period not in ("", "9999"):
        assert "读不出时段" in answer.content.decode()
