"""What notices of bookings say. Refresh with GUANJIA_REFRESH=1."""

from pathlib import Path
from typing import Any

import pytest

from guanjia.domains.meeting import notices
from guanjia.kernel.notices.tests import golden

GOLDEN = Path(__file__).parent / "golden"
FACTS: dict[str, Any] = {
    "state": "REQUESTED", "title": "复工复产调度会", "room": "市民中心报告厅",
    "unit": "市农业农村局", "when": "5月21日 9:00–11:00", "people": 40, "note": "",
}  # fmt: skip
SAID: dict[str, tuple[Any, dict[str, Any]]] = {
    "meeting.asked": (notices.ASKED, {}),
    "meeting.decided": (notices.DECIDED, {"state": "BOOKED"}),
    "meeting.decided.refused": (notices.DECIDED, {"state": "REFUSED", "note": "设备检修"}),
    "meeting.decided.called_off": (notices.DECIDED, {"state": "CALLED_OFF", "note": "停电"}),
}


@pytest.mark.parametrize("name", SAID)
def test_a_notice_says_what_it_said(name: str) -> None:
    kind, facts = SAID[name]
    now, before = golden.said(kind, FACTS | facts, folder=GOLDEN, name=name)
    assert now == before
