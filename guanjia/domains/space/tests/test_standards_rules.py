"""The rules of 核定面积 against cases that an official can read, and the worked example."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml

from guanjia.domains.space.rules import standards as rules
from guanjia.domains.space.terms.ledger import BuildingKind, RoomKind
from guanjia.domains.space.terms.standards import (
    Basis,
    Extras,
    RoomCase,
    Said,
    SitterFacts,
    UnitFacts,
)
from guanjia.kernel.org.terms import Level, Rank
from guanjia.kernel.regulations.lawbook import LawUnreadable, law_at

FOLDER = Path(__file__).parent / "cases"
DAY = date(2020, 5, 20)
BEFORE = date(2014, 11, 23)


def cases(name: str) -> list[Any]:
    read = yaml.safe_load((FOLDER / f"{name}.yaml").read_text("utf-8"))
    return [pytest.param(case, id=case["case"]) for case in read]


def number(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def unit(ranks: Mapping[Rank, int], level: Level = Level.PREFECTURE, **facts: Any) -> UnitFacts:
    return UnitFacts(
        id=7, name="市农业农村局", level=level, ranks=ranks, basis=Basis.ENTERED, **facts
    )


EXAMPLE = unit({Rank.BUREAU_HEAD: 1, Rank.BUREAU_DEPUTY: 3, Rank.BELOW_BUREAU: 146})


@pytest.mark.parametrize("case", cases("standards_limit"))
def test_the_limit_of_a_rank(case: dict[str, Any]) -> None:
    limit = rules.limit_of(
        rank=Rank(case["rank"]), level=Level(case["level"]), law=law_at(case.get("day", DAY))
    )
    assert limit.m2 == number(case["m2"])
    assert case.get("says", "") in limit.note
    if limit.m2 is not None or "checked" in case:
        assert limit.cite is not None
        assert limit.cite.unchecked is not case.get("checked", True)


@pytest.mark.parametrize("case", cases("standards_service"))
def test_service_rooms_for_each_person(case: dict[str, Any]) -> None:
    each = rules.service_per_person(
        persons=case["people"], level=Level(case["level"]), law=law_at(case.get("day", DAY))
    )
    assert each == number(case["each"])


@pytest.mark.parametrize("case", cases("standards_room"))
def test_a_room_is_judged_by_the_sum_of_those_who_sit_there(case: dict[str, Any]) -> None:
    people = tuple(
        SitterFacts(id=n, name=f"人{n}", rank=Rank(rank), level=Level.PREFECTURE)
        for n, rank in enumerate(case["ranks"], start=1)
    )
    room = RoomCase(
        id=1, name="常委楼 101", kind=RoomKind(case.get("kind", "OFFICE")), people=people,
        usable_m2=Decimal(case["m2"]),
    )  # fmt: skip
    day = case.get("day", DAY)
    verdict = rules.Judge(law_at(day)).room(room)
    assert (verdict.said, verdict.limit_m2) == (Said(case["said"]), number(case["limit"]))
    assert verdict.over_m2 == Decimal(case.get("over", "0"))
    assert verdict.over is (case["said"] == "OVER")
    assert verdict.sentence
    assert verdict.day == day
    if verdict.judged:  # value, article and version stand beside every verdict
        assert verdict.citation is not None
        assert verdict.since is not None
        assert verdict.checked is (day >= date(2014, 11, 24))


def test_a_verdict_tells_how_the_limit_comes_about() -> None:
    people = (
        SitterFacts(id=1, name="占小青", rank=Rank.BUREAU_DEPUTY, level=Level.PREFECTURE),
        SitterFacts(id=2, name="贺思", rank=Rank.BELOW_BUREAU, level=Level.PREFECTURE),
    )
    room = RoomCase(
        id=1, name="102", kind=RoomKind.OFFICE, usable_m2=Decimal("30.5"), people=people
    )
    verdict = rules.Judge(law_at(DAY)).room(room)
    assert verdict.sentence == (
        "使用面积 30.5 ㎡；限额：副局(处)级 1 人、每人 18 ㎡，"
        "局(处)级以下 1 人、每人 9 ㎡，合计 27 ㎡。"
    )
    assert [person.limit_m2 for person in verdict.persons] == [18, 9]
    assert verdict.per_person_m2 == Decimal("15.25")
    assert verdict.share == 89
    assert verdict.citation is not None
    assert verdict.citation.line().startswith("《党政机关办公用房建设标准》")
    assert verdict.since == date(2014, 11, 24)


# ── 算例（1.4）：市级机关，编制 150 ──────────────────────────────────────────────────────────


def test_the_worked_example() -> None:
    law = law_at(DAY)
    approved = rules.approved(facts=EXAMPLE, law=law)
    assert [part.m2 for part in approved.basic] == [1392, 1200, Decimal("233.28")]
    assert approved.total_m2 == Decimal("2825.28")
    assert approved.office.formula == "1 × 24 + 3 × 18 + 146 × 9 = 1,392 ㎡"
    assert approved.service.formula == "编制 150 人 × 8 = 1,200 ㎡"
    assert approved.equipment.formula == "（1,392 + 1,200）× 9% = 233.28 ㎡"
    needs = {
        kind: rules.gross_need(
            usable_m2=approved.total_m2, ancillary_m2=Decimal(0), kind=kind, law=law
        )
        for kind in BuildingKind
    }
    multi, high = needs[BuildingKind.MULTI], needs[BuildingKind.HIGH]
    assert multi is not None
    assert high is not None
    assert (multi.ratio, multi.m2) == (Decimal("0.65"), Decimal("4346.58"))
    assert (high.ratio, high.m2) == (Decimal("0.60"), Decimal("4708.80"))
    assert needs[BuildingKind.LOW] is None  # the standard names no ratio for 低层


def test_the_canteen_and_the_other_ancillary_rooms_of_the_example() -> None:
    extras = Extras(cars=250, bicycles=10, motorcycles=4, guards=3)
    parts = {
        part.title: part
        for part in rules.ancillary(persons=150, extras=extras, law=law_at(DAY))
    }  # fmt: skip
    assert parts["食堂"].m2 == 500
    assert parts["食堂"].formula == "100 人 × 3.7 + 50 人 × 2.6 = 500 ㎡"
    assert parts["汽车库"].m2 == 200 * 40 + 50 * 38
    assert parts["自行车库"].m2 == 18
    assert parts["电动车、摩托车库"].m2 == 10
    assert parts["警卫用房"].m2 == 75
    assert all(part.gross and part.cite for part in parts.values())
    small = rules.ancillary(persons=100, extras=Extras(), law=law_at(DAY))
    assert small[0].m2 == 370


def test_ancillary_rooms_are_added_after_the_ratio() -> None:
    need = rules.gross_need(
        usable_m2=Decimal("2825.28"), ancillary_m2=Decimal(500), kind=BuildingKind.MULTI,
        law=law_at(DAY),
    )  # fmt: skip
    assert need is not None
    assert need.m2 == Decimal("4846.58")
    assert need.formula == "2,825.28 ÷ 0.65 + 500 = 4,846.58 ㎡"


def test_every_part_carries_its_version_and_what_nobody_checked() -> None:
    county = rules.approved(
        facts=unit({Rank.SECTION_HEAD: 2, Rank.BELOW_SECTION: 40}, Level.COUNTY), law=law_at(DAY)
    )
    assert county.office.m2 == 396
    assert county.service.m2 == 336
    marks = [part.cite.unchecked for part in county.basic if part.cite]
    assert marks == [False, True, False]  # 县级服务用房的公式未核对
    assert {part.since for part in county.basic} == {date(2014, 11, 24)}


def test_what_the_standard_of_a_day_does_not_say_is_not_made_up() -> None:
    old = rules.approved(facts=EXAMPLE, law=law_at(BEFORE))
    assert old.office.m2 == 1 * 12 + 3 * 12 + 146 * 6
    assert (old.service.m2, old.equipment.m2, old.total_m2) == (None, None, None)
    assert "没有市级机关服务用房的标准" in old.service.note
    assert old.equipment.note
    township = rules.approved(facts=unit({Rank.SECTION_HEAD: 1}, Level.TOWNSHIP), law=law_at(DAY))
    assert township.office.m2 is None
    assert "省级政府规定" in township.office.note
    nobody = rules.approved(facts=unit({}), law=law_at(DAY))
    assert nobody.office.m2 is None
    assert "不能核定" in nobody.office.note
    assert [
        part.m2 for part in rules.ancillary(persons=9, extras=Extras(), law=law_at(BEFORE))
    ] == [None] * 5


# ── what a deployment adds ───────────────────────────────────────────────────────────────

LOCAL = """
space.office.per_person.township:
  title: 乡级机关办公室使用面积上限
  unit: ㎡/人
  values:
    - since: 2020-01-01
      value: {SECTION_HEAD: 24, SECTION_DEPUTY: 18, BELOW_SECTION: 9}
      cite: {own: 本局参数：省里规定的乡级标准}
space.office.per_person.prefecture:
  title: 市级机关办公室使用面积上限
  unit: ㎡/人
  local: may_tighten
  tighter: lower
  values:
    - since: 2020-01-01
      value: {CITY_HEAD: 42, CITY_DEPUTY: 30, BUREAU_HEAD: %s, BUREAU_DEPUTY: 18, BELOW_BUREAU: 9}
      cite: {own: 本局参数：从严}
"""


def local(folder: Path, head: int, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "local").mkdir()
    (folder / "local" / "space-standards.yaml").write_text(LOCAL % head, "utf-8")
    monkeypatch.setenv("GUANJIA_REGULATIONS_DIR", str(folder))


def test_the_province_may_add_townships_and_a_city_be_stricter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    local(tmp_path, 20, monkeypatch)
    law = law_at(DAY)
    township = rules.limit_of(rank=Rank.SECTION_DEPUTY, level=Level.TOWNSHIP, law=law)
    assert township.m2 == 18
    stricter = rules.limit_of(rank=Rank.BUREAU_HEAD, level=Level.PREFECTURE, law=law)
    assert (stricter.m2, stricter.since) == (20, date(2020, 1, 1))
    before = rules.limit_of(
        rank=Rank.BUREAU_HEAD, level=Level.PREFECTURE, law=law_at(date(2019, 12, 31))
    )
    assert before.m2 == 24


def test_a_city_may_not_be_more_generous(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    local(tmp_path, 25, monkeypatch)
    with pytest.raises(LawUnreadable, match="只可从严"):
        law_at(DAY)


# ── a unit whose establishment nobody entered ────────────────────────────────────────────


def test_leading_ranks_count_as_they_are_and_the_rest_as_the_lowest() -> None:
    serving = [Rank.BUREAU_HEAD, Rank.BUREAU_DEPUTY, Rank.SECTION_HEAD, Rank.BELOW_BUREAU]
    found, basis = rules.derived(
        headcount=10, ranks=serving, level=Level.PREFECTURE, law=law_at(DAY)
    )
    assert basis is Basis.DERIVED
    assert found == {Rank.BUREAU_HEAD: 1, Rank.BUREAU_DEPUTY: 1, Rank.BELOW_BUREAU: 8}


def test_without_a_headcount_the_people_are_what_there_is() -> None:
    found, basis = rules.derived(
        headcount=None, ranks=[Rank.BUREAU_HEAD, Rank.BELOW_BUREAU], level=Level.PREFECTURE,
        law=law_at(DAY),
    )  # fmt: skip
    assert (found, basis) == ({Rank.BUREAU_HEAD: 1, Rank.BELOW_BUREAU: 1}, Basis.DERIVED)


def test_without_anything_nothing_is_reckoned() -> None:
    law = law_at(DAY)
    assert rules.derived(headcount=None, ranks=[], level=Level.PREFECTURE, law=law) == (
        {}, Basis.UNKNOWN,
    )  # fmt: skip
    assert rules.derived(headcount=9, ranks=[], level=Level.TOWNSHIP, law=law)[1] is Basis.UNKNOWN
