"""A standard that the bureau brings in beside what was found by the one before it."""

import re
from collections.abc import Callable, Iterator
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from guanjia.domains.space.actions import findings, judging, timelines
from guanjia.domains.space.models import Finding
from guanjia.domains.space.rules import findings as rules
from guanjia.domains.space.terms.findings import FindingCode
from guanjia.domains.space.terms.ledger import Basis, RoomKind
from guanjia.domains.space.tests.builders import TODAY, City
from guanjia.domains.space.tests.test_findings_rules import EXAMPLE, standing
from guanjia.kernel.access.tests.builders import AT
from guanjia.kernel.org.models import Unit
from guanjia.kernel.regulations.lawbook import law_at

BACKEND = "django.contrib.auth.backends.ModelBackend"
TAGS = re.compile(r"<[^>]+>")
FIRST = date(2020, 5, 28)
LATER = datetime(2020, 5, 28, 9, tzinfo=AT.tzinfo)
OWN = """space.office.per_person.prefecture:
  title: 市级机关办公室人均使用面积上限
  unit: ㎡/人
  local: may_tighten
  tighter: lower
  values:
    - since: 2020-05-28
      value: {CITY_HEAD: 42, CITY_DEPUTY: 30, BUREAU_HEAD: 24, BUREAU_DEPUTY: 17, BELOW_BUREAU: 8}
      cite: {own: 本局参数：从严标准}
"""


@pytest.fixture
def stricter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The folder of the bureau's own provisions, in force from ``FIRST``."""
    (tmp_path / "local").mkdir()
    (tmp_path / "local" / "space-standards.yaml").write_text(OWN, "utf-8")
    monkeypatch.setenv("GUANJIA_REGULATIONS_DIR", str(tmp_path))


@pytest.fixture
def at() -> Iterator[Callable[[datetime], Any]]:
    """Sets the clock."""
    travels: list[Any] = []

    def travel(moment: datetime) -> None:
        travels.append(time_machine.travel(moment, tick=False))
        travels[-1].start()

    yield travel
    for one in reversed(travels):
        one.stop()


def judge(city: City, moment: datetime) -> judging.Judged:
    return judging.judge(actor=city.actor("keeper"), day=moment.date(), at=moment)


def page_of(city: City, who: str, address: str) -> str:
    client = Client()
    client.force_login(city.accounts[who], backend=BACKEND)
    answer = client.get(address)
    assert answer.status_code == 200, answer.status_code
    page = answer.content.decode()
    return re.sub(r"\s+", " ", TAGS.sub("", page[page.index("<main") :]))


def finding_page(city: City, who: str, finding: Finding) -> str:
    return page_of(city, who, reverse("space:finding", args=[finding.pk]))


def the_room(city: City) -> Finding:
    """The farming bureau's room 102, over its limit of 18 ㎡ by 2 ㎡ at first."""
    rows = Finding.objects.filter(code=FindingCode.OVER_AREA, room=city.room("102"))
    found: Finding = rows.latest("pk")
    return found


@pytest.mark.usefixtures("stricter")
def test_old_and_new_finding_each_show_their_own_value_and_its_first_day(
    city: City, at: Callable[[datetime], Any]
) -> None:
    judge(city, AT)
    old = the_room(city)
    judge(city, LATER)
    new = the_room(city)
    assert new.continues == old
    at(LATER)
    page = finding_page(city, "clerk", old)
    assert "超出限额 2 ㎡。" in page
    assert "《党政机关办公用房建设标准》" in page
    assert "2014年11月24日起的值" in page
    page = finding_page(city, "clerk", new)
    assert "超出限额 3 ㎡。" in page
    assert "规则：本局参数：从严标准 · 2020年5月28日起的值" in page


@pytest.mark.usefixtures("stricter")
def test_a_room_shows_the_version_of_the_day(city: City, at: Callable[[datetime], Any]) -> None:
    at(LATER)
    room = reverse("space:room", args=[city.room("102").pk])
    assert "本局参数：从严标准 · 2020年5月28日起的值" in page_of(city, "clerk", room)
    before = page_of(city, "clerk", f"{room}?on=2020-05-27")
    assert "2014年11月24日起的值" in before
    assert "从严标准" not in before


@pytest.mark.usefixtures("stricter")
def test_a_unit_on_a_past_day_has_what_was_open_then(
    city: City, at: Callable[[datetime], Any]
) -> None:
    judge(city, AT)
    judge(city, LATER)
    at(LATER)
    address = reverse("space:standards_unit", args=[city.units["farming"].pk])
    today = page_of(city, "clerk", address)
    before = page_of(city, "clerk", f"{address}?on=2020-05-27")
    assert "常委楼 102，超出限额 3 ㎡。" in today
    assert "常委楼 102，超出限额 2 ㎡。" not in today
    assert "常委楼 102，超出限额 2 ㎡。" in before
    assert "常委楼 102，超出限额 3 ㎡。" not in before
    assert "用房问题" not in page_of(city, "clerk", f"{address}?on={TODAY.replace(day=1)}")


@pytest.mark.usefixtures("stricter")
def test_what_the_unit_said_is_read_beside_the_new_finding(
    city: City, at: Callable[[datetime], Any]
) -> None:
    judge(city, AT)
    old = the_room(city)
    findings.explain_finding(
        actor=city.actor("clerk"), finding_id=old.pk, explanation="由两间合并而成", at=AT
    )
    judge(city, LATER)
    at(LATER)
    new = the_room(city)
    assert "由两间合并而成" in finding_page(city, "keeper", new)
    findings.explain_finding(
        actor=city.actor("clerk"), finding_id=new.pk, explanation="已报批隔断", at=LATER
    )
    page = finding_page(city, "keeper", new)
    assert "已报批隔断" in page
    assert "由两间合并而成" not in page


@pytest.mark.usefixtures("stricter")
def test_another_unit_that_has_the_room_now_does_not_read_what_was_said_before(
    city: City, at: Callable[[datetime], Any]
) -> None:
    judge(city, AT)
    old = the_room(city)
    findings.explain_finding(
        actor=city.actor("clerk"), finding_id=old.pk, explanation="由两间合并而成", at=AT
    )
    room, other = city.room("102"), city.units["other"]
    timelines.release(room=room, on=FIRST)
    timelines.hold(room=room, unit=other, since=FIRST, basis=Basis.LEDGER)
    judge(city, LATER)
    new = the_room(city)
    assert new.unit == other
    assert new.continues == old
    at(LATER)
    page = finding_page(city, "stranger", new)
    assert old.number in page
    assert "由两间合并而成" not in page
    client = Client()
    client.force_login(city.accounts["stranger"], backend=BACKEND)
    html = client.get(reverse("space:finding", args=[new.pk])).content.decode()
    assert reverse("space:finding", args=[old.pk]) not in html


@pytest.mark.usefixtures("stricter")
def test_the_sentence_of_a_unit_names_the_own_version_apart_from_its_title() -> None:
    law = law_at(FIRST)
    unit = standing({RoomKind.OFFICE: Decimal(9000)}, law, ranks=EXAMPLE)
    found = rules.unit_over(standing=unit, law=law)
    assert found is not None
    assert "按2020年5月28日起的值（本局参数：从严标准）核定。" in found.sentence


def test_more_findings_than_are_listed_are_counted(
    city: City, at: Callable[[datetime], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    Unit.objects.filter(pk=city.units["farming"].pk).update(headcount=2)
    judge(city, AT)
    at(AT)
    monkeypatch.setattr("guanjia.domains.space.pages.standards._FINDINGS", 1)
    address = reverse("space:standards_unit", args=[city.units["farming"].pk])
    many = Finding.objects.open().filter(unit=city.units["farming"]).count()
    assert many > 1
    page = page_of(city, "clerk", address)
    assert re.search(rf"用房问题 ?{many}", page)


@pytest.mark.usefixtures("stricter")
def test_a_floor_plan_of_a_past_day_leads_to_the_finding_of_that_day(
    city: City, at: Callable[[datetime], Any]
) -> None:
    judge(city, AT)
    old = the_room(city)
    judge(city, LATER)
    new = the_room(city)
    at(LATER)
    client = Client()
    client.force_login(city.accounts["keeper"], backend=BACKEND)
    floor = f"/space/floors/{city.building.pk}/1/?room={city.room('102').pk}"

    def leads_to(address: str) -> set[str]:
        page = client.get(address).content.decode()
        return set(re.findall(r'href="/space/findings/(\d+)/', page))

    assert leads_to(floor) == {f"{new.pk}"}
    assert leads_to(f"{floor}&on=2020-05-27") == {f"{old.pk}"}
