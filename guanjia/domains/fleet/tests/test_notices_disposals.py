"""What the unit is told of the end of its car: golden files."""

from pathlib import Path
from typing import Any

import pytest

from guanjia.domains.fleet.notices import disposals as notices
from guanjia.kernel.notices.tests import golden

FOLDER = Path(__file__).parent / "golden"
FACTS = {
    "number": "CZ202000012",
    "plate": "赣H10001",
    "make": "大众朗逸",
    "method": "拍卖",
    "unit": "市农业农村局",
    "day": "5月20日",
    "proceeds": "26,000.00 元",
    "receipt": "JK20200001",
}
VARIANTS: dict[str, dict[str, Any]] = {
    "fleet.disposal_dealt.nothing": {"proceeds": ""},
    "fleet.disposal_done.nothing": {"proceeds": "", "receipt": "", "method": "报废"},
}
NAMES = [*(kind.key for kind in notices.KINDS), *VARIANTS]


@pytest.mark.parametrize("name", NAMES)
def test_a_notice_says_what_it_said(name: str) -> None:
    key = ".".join(name.split(".")[:2])
    (kind,) = (kind for kind in notices.KINDS if kind.key == key)
    now, before = golden.said(kind, FACTS | VARIANTS.get(name, {}), folder=FOLDER, name=name)
    assert now == before
