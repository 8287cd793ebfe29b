"""The rules of 用房问题 against cases that an official can read; each with its article."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml

from guanjia.domains.space.models import Finding
from guanjia.domains.space.rules import findings as rules
from guanjia.domains.space.rules import standards
from guanjia.domains.space.terms.findings import (
    BuildingFacts,
    FindingCode,
    FindingState,
    LateFacts,
    LeaverFacts,
    Measure,
    OfficeSeat,
    Outcome,
    UseFacts,
)
from guanjia.domains.space.terms.ledger import RoomKind
from guanjia.domains.space.terms.standards import (
    Basis,
    RoomCase,
    SitterFacts,
    UnitFacts,
    UnitStanding,
)
from guanjia.kernel.findings import actions as findings
from guanjia.kernel.org.terms import Level, Rank
from guanjia.kernel.regulations.lawbook import LawInForce, law_at

FOLDER = Path(__file__).parent / "cases"
DAY = date(2020, 5, 20)


def cases(name: str) -> list[Any]:
    read = yaml.safe_load((FOLDER / f"{name}.yaml").read_text("utf-8"))
    return [pytest.param(case, id=case["case"]) for case in read]


def article(found: Any) -> str:
    return str(found.cite.article)


@pytest.mark.parametrize("case", cases("findings_late"))
def test_an_office_is_back_in_time_or_late(case: dict[str, Any]) -> None:
    rule = {"left": rules.late_left, "post": rules.late_post}[case["rule"]]
    facts = LeaverFacts(
        person_id=3, person="余建国", on=case["begin"], room_id=1, room="常委楼 101", unit_id=7
    )
    found = rule(facts=facts, on=case["today"], law=law_at(case["today"]))
    assert (found is not None) is case["late"]
    if found is not None:
        assert case.get("says", "") in found.sentence
        assert article(found) == "第十九条"
        assert found.subject == "person:3:room:1"


@pytest.mark.parametrize("case", cases("findings_offices"))
def test_one_person_one_office(case: dict[str, Any]) -> None:
    seats = [
        OfficeSeat(
            room_id=n, room=f"{n}室", usable_m2=Decimal(text.lstrip("+")), unit_id=7,
            of_post=text.startswith("+"),
        )
        for n, text in enumerate(case["seats"], start=1)
    ]  # fmt: skip
    limit = None if case["limit"] is None else Decimal(case["limit"])
    found = rules.two_offices(
        person_id=3, person="余建国", seats=seats, limit_m2=limit, unit_id=7,
        law=law_at(case.get("today", DAY)),
    )  # fmt: skip
    assert (found is not None) is case["found"]
    if found is not None:
        assert (found.measured, found.limit) == (case["places"], case["allowed"])
        assert found.measure is Measure.PLACES
        assert case.get("says", "") in found.sentence
        assert article(found) == "第十九条"


@pytest.mark.parametrize("case", cases("findings_decide"))
def test_who_may_decide_when(case: dict[str, Any]) -> None:
    verdict = rules.may_decide(
        outcome=Outcome(case["outcome"]), mend_by=case["mend_by"], today=DAY, law=law_at(DAY)
    )
    verdict += findings.not_yet(
        Finding(due_on=case["due"]), owed=case["state"] == FindingState.RAISED, today=DAY,
        cite=law_at(DAY)["space.finding.explain_days"].cite,
    )  # fmt: skip
    assert sorted(finding.code for finding in verdict.refusals) == sorted(case["expect"])
    assert all(finding.cite for finding in verdict.refusals)


# ── rooms and units over the standard ────────────────────────────────────────────────────


def room(usable: str, rank: Rank, law: LawInForce) -> Any:
    person = SitterFacts(id=1, name="占小青", rank=rank, level=Level.PREFECTURE)
    return standards.Judge(law).room(
        RoomCase(
            id=4, name="常委楼 102", kind=RoomKind.OFFICE, usable_m2=Decimal(usable),
            people=(person,),
        )
    )  # fmt: skip


def test_a_room_over_its_limit_is_found_with_value_article_and_version() -> None:
    law = law_at(DAY)
    found = rules.over_area(verdict=room("20", Rank.BUREAU_DEPUTY, law), unit_id=7)
    assert found is not None
    assert (found.measured, found.limit, found.measure) == (20, 18, Measure.AREA)
    assert found.since == date(2014, 11, 24)
    assert found.headline == "超出限额 2 ㎡。"
    assert found.cite.title == "党政机关办公用房建设标准"
    assert rules.over_area(verdict=room("18", Rank.BUREAU_DEPUTY, law), unit_id=7) is None


def test_by_the_superseded_values_the_finding_says_that_nobody_checked_them() -> None:
    law = law_at(date(2014, 11, 23))
    found = rules.over_area(verdict=room("18", Rank.BUREAU_DEPUTY, law), unit_id=7)
    assert found is not None
    assert found.limit == 12
    assert found.cite.unchecked


EXAMPLE = {Rank.BUREAU_HEAD: 1, Rank.BUREAU_DEPUTY: 3, Rank.BELOW_BUREAU: 146}


def standing(
    held: Mapping[RoomKind, Decimal],
    law: LawInForce,
    level: Level = Level.PREFECTURE,
    ranks: Mapping[Rank, int] = EXAMPLE,
) -> UnitStanding:
    facts = UnitFacts(id=7, name="市农业农村局", level=level, basis=Basis.ENTERED, ranks=ranks)
    return UnitStanding(approved=standards.approved(facts=facts, law=law), held=held, rooms={})


@pytest.mark.parametrize(
    ("held", "over"), [("2825.28", None), ("2825.29", "0.01"), ("3000", "174.72"), ("0", None)]
)
def test_a_unit_over_what_is_approved(held: str, over: str | None) -> None:
    law = law_at(DAY)
    found = rules.unit_over(standing=standing({RoomKind.OFFICE: Decimal(held)}, law), law=law)
    if over is None:
        assert found is None
        return
    assert found is not None
    assert found.headline == f"超出核定面积 {over} ㎡。"
    assert (found.measured, found.limit) == (Decimal(held), Decimal("2825.28"))
    assert "核定 1,392 ㎡" in found.sentence
    assert "按《党政机关办公用房建设标准》2014年11月24日起的值核定" in found.sentence
    assert article(found) == "第十九条"
    assert not found.cite.unchecked


def test_one_value_that_nobody_checked_marks_the_finding() -> None:
    law = law_at(DAY)  # the formula for service rooms of counties
    county = standing(
        {RoomKind.OFFICE: Decimal(900)}, law, Level.COUNTY, {Rank.SECTION_HEAD: 2}
    )  # fmt: skip
    found = rules.unit_over(standing=county, law=law)
    assert found is not None
    assert found.cite.unchecked


def test_technical_rooms_and_quarters_are_not_counted() -> None:
    law = law_at(DAY)
    held = {RoomKind.TECHNICAL: Decimal(9000), RoomKind.QUARTERS: Decimal(9000)}
    assert rules.unit_over(standing=standing(held, law), law=law) is None


def test_before_the_measure_of_2017_no_unit_is_over() -> None:
    law = law_at(date(2017, 12, 4))
    found = rules.unit_over(standing=standing({RoomKind.OFFICE: Decimal(9000)}, law), law=law)
    assert found is None


# ── buildings, clearances, use ───────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("delivered", "titled", "found"),
    [(True, False, True), (True, True, False), (False, False, False)],
)
def test_a_delivered_building_needs_its_title(delivered: bool, titled: bool, found: bool) -> None:
    building = BuildingFacts(
        id=1, name="常委楼", delivered=delivered, title="未登记", titled=titled,
        delivered_on=date(2019, 1, 1),
    )  # fmt: skip
    made = rules.untitled(building=building, law=law_at(DAY))
    assert (made is not None) is found
    if made is not None:
        assert article(made) == "第五条"
        assert made.unit_id is None  # the bureau's own


def late(cite: Any = None) -> LateFacts:
    return LateFacts(
        clearance_id=5, number="TT2020001", reason="建新交旧", begins_on=date(2020, 4, 1),
        due_on=date(2020, 5, 1), rooms="常委楼 101", room_ids=(1,), unit_id=7, cite=cite,
    )  # fmt: skip


def test_rooms_that_were_to_be_back_tell_reason_and_day() -> None:
    law = law_at(DAY)
    cite = law["space.hand_back.left_months"].cite
    found = rules.late_clearance(facts=late(cite), law=law)
    assert found is not None
    assert "建新交旧，2020年4月1日起算，应于2020年5月1日前移交：常委楼 101" in found.sentence
    assert found.cite == cite
    fallback = rules.late_clearance(facts=late(), law=law)
    assert fallback is not None
    assert fallback.cite.own


def use(**facts: Any) -> UseFacts:
    return UseFacts(room_id=1, room="常委楼 101", unit_id=7, unit="市农业农村局", **facts)


def test_another_use_than_it_was_given_for() -> None:
    law = law_at(DAY)
    changed = rules.function_changed(facts=use(given_as="服务用房", now_as="办公室"), law=law)
    assert changed is not None
    assert changed.headline == "由服务用房改作办公室。"
    same = rules.function_changed(facts=use(given_as="办公室", now_as="办公室"), law=law)
    assert same is None


@pytest.mark.parametrize(("since", "found"), [("2020-04-20", False), ("2020-04-19", True)])
def test_a_room_that_stands_empty_in_a_units_hands(since: str, found: bool) -> None:
    facts = use(empty_since=date.fromisoformat(since))
    made = rules.vacant_held(facts=facts, on=DAY, law=law_at(DAY))
    assert (made is not None) is found


def test_lent_out_and_passed_on_each_have_their_own_article() -> None:
    law = law_at(DAY)
    lent = rules.lent_out(facts=use(), law=law)
    passed = rules.lent_out(facts=use(people=("洪涛",)), law=law)
    assert lent is not None
    assert passed is not None
    assert (article(lent), article(passed)) == ("第二十三条", "第十九条")
    assert "洪涛" in passed.sentence


def test_offices_in_technical_rooms() -> None:
    law = law_at(DAY)
    found = rules.technical_misuse(facts=use(people=("莫兴",)), law=law)
    assert found is not None
    assert (found.code, article(found)) == (FindingCode.TECHNICAL_MISUSE, "第二十一条")
    assert rules.technical_misuse(facts=use(), law=law) is None
