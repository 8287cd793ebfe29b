"""What people are told about rounds and 整改: golden files, and who is told."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from guanjia.domains.space.actions import rectifying
from guanjia.domains.space.notices import rounds as notices
from guanjia.domains.space.tests import rounding
from guanjia.domains.space.tests.builders import AT, TODAY, City
from guanjia.kernel.notices.models import Notice
from guanjia.kernel.notices.tests import golden

FOLDER = Path(__file__).parent / "golden"
FACTS: dict[str, Any] = {
    "title": "2020年办公用房专项巡检",
    "unit": "市农业农村局",
    "units": 55,
    "days": "5月13日至5月22日",
    "notice": "请派一名同志陪同。",
    "count": 1,
    "place": "常委楼 101",
    "what": "面积超标",
    "due": "6月21日",
    "round": "2020年办公用房专项巡检",
    "answer": "已隔出一间",
    "comment": "附整改后的照片",
    "state": "已销号",
    "verdict": "现场看过",
    "number": "ZG202000001",
}
VARIANTS: dict[str, dict[str, Any]] = {
    "space.rectifications.many": {"count": 3},
    "space.rectifications_late.many": {"count": 3},
}
NAMES = [*(kind.key for kind in notices.KINDS), *VARIANTS]


@pytest.mark.parametrize("name", NAMES)
def test_a_notice_says_what_it_said(name: str) -> None:
    key = ".".join(name.split(".")[:2])
    (kind,) = (kind for kind in notices.KINDS if kind.key == key)
    now, before = golden.said(kind, FACTS | VARIANTS.get(name, {}), folder=FOLDER, name=name)
    assert now == before


def told(kind: notices.NoticeKind) -> list[str]:
    rows = Notice.objects.filter(kind=kind.key).select_related("person").order_by("pk")
    return [row.person.name for row in rows]


def test_units_hear_of_the_round_and_named_inspectors_of_their_task(city: City) -> None:
    rounding.planned(city, inspectors=[city.people["inspector"].pk])
    assert told(notices.ROUND) == ["莫兴", "洪涛"]
    assert told(notices.TASK) == ["程勇"]


def test_everybody_hears_of_what_is_theirs(city: City) -> None:
    made, keeper = rounding.running(city), city.actor("keeper")
    rect = rounding.asked(city, made)
    assert told(notices.ASKED) == ["莫兴"], "the unit's clerk, and no keeper"
    rounding.answered(city, rect)
    assert told(notices.ANSWERED) == ["彭敏瓷", "冯海"]
    rectifying.send_back(actor=keeper, rectification_id=rect.pk, comment="附照片", at=AT)
    assert told(notices.RETURNED) == ["莫兴"]
    late = AT + timedelta(days=(rect.due_on - TODAY).days + 1)
    rectifying.remind(actor=keeper, at=late)
    rectifying.remind(actor=keeper, at=late)
    assert told(notices.LATE) == ["莫兴"]
    rounding.answered(city, rect, at=late)
    rectifying.accept(actor=keeper, rectification_id=rect.pk, at=late)
    assert told(notices.ENDED) == ["莫兴"]
    lead = Notice.objects.get(kind=notices.ENDED.key)
    assert (lead.subject_model, lead.subject_id) == ("space.rectification", rect.pk)
