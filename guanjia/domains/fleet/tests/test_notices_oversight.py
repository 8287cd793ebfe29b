"""What the notices of oversight and sealing say: golden files."""

from pathlib import Path
from typing import Any

import pytest

from guanjia.domains.fleet.notices import oversight as notices
from guanjia.kernel.notices.tests import golden

FOLDER = Path(__file__).parent / "golden"
FACTS: dict[str, Any] = {
    "unit": "市农业农村局",
    "count": 1,
    "red": 1,
    "plate": "赣H10001",
    "day": "5月19日",
    "number": "DC2020051900001",
    "due": "5月27日",
    "comment": "附会议通知",
    "outcome": "属实",
    "decision": "已谈话提醒",
    "month": "2020年5月",
    "edition": 1,
    "total": 6,
    "yellow": 3,
    "green": 2,
    "title": "端午节封存",
    "begin": "6月24日 18:00",
    "end": "6月28日 8:00",
    "notice": "端午节期间公务用车封存停驶。",
    "reason": "防汛应急响应，全部车辆待命",
}
VARIANTS: dict[str, dict[str, Any]] = {
    "fleet.findings.many": {"count": 4, "red": 0},
    "fleet.monthly_list.again": {"edition": 2},
}
NAMES = [*(kind.key for kind in notices.KINDS), *VARIANTS]


@pytest.mark.parametrize("name", NAMES)
def test_a_notice_says_what_it_said(name: str) -> None:
    key = ".".join(name.split(".")[:2])
    (kind,) = (kind for kind in notices.KINDS if kind.key == key)
    now, before = golden.said(kind, FACTS | VARIANTS.get(name, {}), folder=FOLDER, name=name)
    assert now == before
