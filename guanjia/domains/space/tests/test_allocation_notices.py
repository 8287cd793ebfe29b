"""What both sides are told of allocations and clearances: golden files, who hears, 待办."""

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from guanjia.domains.space import jobs
from guanjia.domains.space.actions import allocation_reminding, allocations, clearances
from guanjia.domains.space.models import Clearance
from guanjia.domains.space.notices import allocations as notices
from guanjia.domains.space.terms.clearances import ClearanceReason
from guanjia.domains.space.tests import allotting
from guanjia.domains.space.tests.allotting import loan_wish
from guanjia.domains.space.tests.builders import AT, City
from guanjia.kernel.notices.models import Notice
from guanjia.kernel.notices.tests import golden

FOLDER = Path(__file__).parent / "golden"
FACTS: dict[str, Any] = {
    "unit": "市农业农村局",
    "number": "TP202000001",
    "paper": "景借调〔2020〕001号",
    "place": "市发展中心北苑常委楼2层 1 间",
    "m2": "18.0 ㎡",
    "last": "8月31日",
    "left": 30,
    "way": "借用",
    "rented": False,
    "outside": False,
    "reason": "建新交旧",
    "count": 2,
    "due": "6月20日",
    "note": "钥匙没有交齐",
    "late": 0,
}
VARIANTS: dict[str, dict[str, Any]] = {
    "space.allocation_granted.outside": {
        "outside": True,
        "way": "租用",
        "place": "珠山区广场南路 18 号",
    },
    "space.loan_ending.today": {"left": 0},
    "space.loan_ending.over": {"left": -3},
    "space.loan_ending.rented": {"way": "租用", "rented": True},
    "space.loan_ending.rented_over": {"left": -3, "way": "租用", "rented": True},
    "space.clearance_due.late": {"late": 8},
    "space.clearance_handed_back.silent": {"note": ""},
}
NAMES = [*(kind.key for kind in notices.KINDS), *VARIANTS]


@pytest.mark.parametrize("name", NAMES)
def test_a_notice_says_what_it_said(name: str) -> None:
    key = ".".join(name.split(".")[:2])
    (kind,) = (kind for kind in notices.KINDS if kind.key == key)
    now, before = golden.said(kind, FACTS | VARIANTS.get(name, {}), folder=FOLDER, name=name)
    assert now == before


@pytest.fixture
def _morning(tmp_path: Any, settings: Any) -> Iterator[None]:
    settings.FILES_ROOT = tmp_path / "files"
    with time_machine.travel(AT, tick=False):
        yield


def told(kind: notices.NoticeKind) -> list[str]:
    rows = Notice.objects.filter(kind=kind.key).select_related("person").order_by("pk")
    return [row.person.name for row in rows]


def titles(kind: notices.NoticeKind) -> list[str]:
    return list(Notice.objects.filter(kind=kind.key).order_by("pk").values_list("title", flat=True))


def on_day(city: City, day: date) -> None:
    """The daily job, run twice as it may."""
    at = AT.replace(month=day.month, day=day.day)
    for _ in range(2):
        clearances.end_loans(actor=city.actor("keeper"), at=at)
        allocation_reminding.remind(actor=city.actor("keeper"), at=at)


@pytest.mark.django_db
@pytest.mark.usefixtures("_morning")
def test_a_loan_reminds_both_sides_before_and_at_the_end(city: City) -> None:
    allotting.handed_over(city, "202", what=loan_wish())
    on_day(city, date(2020, 7, 31))
    assert told(notices.ENDING) == [], "a month and a day before"
    on_day(city, date(2020, 8, 1))
    assert told(notices.ENDING) == ["莫兴", "彭敏瓷", "冯海"]
    on_day(city, date(2020, 8, 10))
    assert len(told(notices.ENDING)) == 3, "said already"
    on_day(city, date(2020, 8, 25))
    on_day(city, date(2020, 8, 31))
    assert len(told(notices.ENDING)) == 9
    assert titles(notices.ENDING)[::3] == [
        "借用还有 30 天到期：市发展中心北苑常委楼2层 1 间",
        "借用还有 6 天到期：市发展中心北苑常委楼2层 1 间",
        "借用今天到期：市发展中心北苑常委楼2层 1 间",
    ]
    assert told(notices.OPENED) == []
    on_day(city, date(2020, 9, 1))
    assert told(notices.OPENED) == ["莫兴"]
    assert Clearance.objects.get().reason == ClearanceReason.LOAN_ENDED


@pytest.mark.django_db
@pytest.mark.usefixtures("_morning")
def test_a_lease_reminds_both_sides_as_a_loan_does(city: City) -> None:
    lease = allotting.rented(city, last_on=date(2020, 8, 31))
    forever = allotting.rented(city, last_on=None)
    on_day(city, date(2020, 7, 31))
    assert told(notices.ENDING) == []
    on_day(city, date(2020, 8, 1))
    assert told(notices.ENDING) == ["莫兴", "彭敏瓷", "冯海"], "the unit and the keepers"
    for day in (date(2020, 8, 25), date(2020, 8, 31), date(2020, 9, 1), date(2020, 9, 2)):
        on_day(city, day)
    assert titles(notices.ENDING)[::3] == [
        "租用还有 30 天到期：广场北路 12 号",
        "租用还有 6 天到期：广场北路 12 号",
        "租用今天到期：广场北路 12 号",
    ]
    assert {row.subject_id for row in Notice.objects.filter(kind=notices.ENDING.key)} == {lease.pk}
    assert forever.last_on is None
    assert not Clearance.objects.exists(), "no room of the bureau's is to be given back"


@pytest.mark.django_db
@pytest.mark.usefixtures("_morning")
def test_a_lease_that_was_given_back_reminds_nobody(city: City) -> None:
    lease = allotting.rented(city, last_on=date(2020, 8, 31))
    allocations.end_recorded(
        actor=city.actor("keeper"), allocation_id=lease.pk, on=AT.date(), at=AT
    )
    on_day(city, date(2020, 8, 25))
    assert told(notices.ENDING) == []


@pytest.mark.django_db
@pytest.mark.usefixtures("_morning")
def test_the_job_does_both_and_may_run_again(city: City) -> None:
    allotting.handed_over(city, "202", what=loan_wish())
    with time_machine.travel(AT.replace(month=9, day=2), tick=False):
        jobs.loans.func(0)
        jobs.loans.func(0)
    assert Clearance.objects.count() == 1
    assert told(notices.OPENED) == ["莫兴"]


@pytest.mark.django_db
@pytest.mark.usefixtures("_morning")
def test_a_clearance_is_told_before_and_again_and_again_after_its_day(city: City) -> None:
    made = clearances.open_clearance(
        actor=city.actor("keeper"), unit_id=city.units["farming"].pk,
        reason=ClearanceReason.LEFT, room_ids=[city.room("102").pk], begins_on=date(2020, 5, 4),
        at=AT,
    )  # fmt: skip
    assert told(notices.OPENED) == ["莫兴"]
    on_day(city, date(2020, 5, 28))
    assert told(notices.DUE) == ["莫兴"]
    on_day(city, date(2020, 6, 5))
    assert told(notices.DUE)[1:] == ["莫兴", "彭敏瓷", "冯海"], "late, the bureau hears of it"
    on_day(city, date(2020, 6, 12))
    assert len(told(notices.DUE)) == 7
    late = AT.replace(month=6, day=12)
    clearances.hand_back(actor=city.actor("clerk"), clearance_id=made.pk, on=late.date(), at=late)
    assert told(notices.HANDED_BACK) == ["彭敏瓷", "冯海"]
    clearances.send_back(actor=city.actor("keeper"), clearance_id=made.pk, reason="缺钥匙", at=late)
    assert told(notices.SENT_BACK) == ["莫兴"]


@pytest.mark.django_db
@pytest.mark.usefixtures("_morning")
def test_who_asked_hears_that_rooms_wait(city: City) -> None:
    allotting.granted(city, "202")
    assert told(notices.GRANTED) == ["莫兴"]


@pytest.mark.django_db
@pytest.mark.usefixtures("_morning")
def test_who_asked_hears_that_a_lease_has_its_papers_and_sees_its_end(city: City) -> None:
    made = allotting.rented(city, last_on=date(2020, 12, 31))
    assert told(notices.GRANTED) == ["莫兴"]
    assert titles(notices.GRANTED) == ["租用的房屋已登记：广场北路 12 号"]
    client = Client()
    client.force_login(city.accounts["clerk"], backend="django.contrib.auth.backends.ModelBackend")
    address = reverse("space:allocation", args=[made.pk])

    def life() -> str:
        page = client.get(address).content.decode()
        line = page[page.index("gj-life-panel") :]
        return re.sub(r"<[^>]+>|\s", "", line[: line.index("</section>")])

    assert "归还12月31日" in life()
    allocations.end_recorded(actor=city.actor("keeper"), allocation_id=made.pk, on=AT.date(), at=AT)
    assert "归还5月20日" in life()
