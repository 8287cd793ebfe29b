"""What the notices of 用房问题 say: golden files."""

from pathlib import Path
from typing import Any

import pytest

from guanjia.domains.space.notices import findings as notices
from guanjia.kernel.notices.tests import golden

FOLDER = Path(__file__).parent / "golden"
FACTS: dict[str, Any] = {
    "unit": "市农业农村局",
    "count": 1,
    "what": "房间超面积",
    "label": "常委楼 102",
    "due": "6月3日",
    "number": "YF202000001",
    "outcome": "整改",
    "mend_by": "6月19日",
    "decision": "隔断，多出的一间移交",
    "comment": "附上合并时的批复",
}
VARIANTS: dict[str, dict[str, Any]] = {
    "space.findings.many": {"count": 4},
    "space.finding_decided.unfounded": {"outcome": "不成立", "mend_by": "", "decision": "登记有误"},
}
NAMES = [*(kind.key for kind in notices.KINDS), *VARIANTS]


@pytest.mark.parametrize("name", NAMES)
def test_a_notice_says_what_it_said(name: str) -> None:
    key = ".".join(name.split(".")[:2])
    (kind,) = (kind for kind in notices.KINDS if kind.key == key)
    now, before = golden.said(kind, FACTS | VARIANTS.get(name, {}), folder=FOLDER, name=name)
    assert now == before
