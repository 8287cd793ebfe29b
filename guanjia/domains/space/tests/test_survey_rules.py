"""The checks of returns against cases that an official can read; who may do what when."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml

from guanjia.domains.space.rules import surveys as rules
from guanjia.domains.space.terms.ledger import RoomKind, RoomState
from guanjia.domains.space.terms.surveys import (
    CheckCode,
    Entry,
    PersonFiled,
    Progress,
    ReturnState,
    RoomFiled,
    SurveyState,
    UnitFiled,
)
from guanjia.kernel.regulations.lawbook import law_at

FOLDER = Path(__file__).parent / "cases"
DAY = date(2020, 5, 20)
PATH, ELSEWHERE = "/3602/3602D036/", "/3602/3602D040/"
PEOPLE = {
    "莫兴": PersonFiled(id=1, name="莫兴", unit_path=PATH, unit="市农业农村局"),
    "贺思": PersonFiled(id=2, name="贺思", unit_path=PATH, unit="市农业农村局"),
    "去职": PersonFiled(
        id=3, name="去职", unit_path=PATH, unit="市农业农村局", left_on=date(2020, 5, 20)
    ),
    "外人": PersonFiled(id=4, name="外人", unit_path=ELSEWHERE, unit="市教育局"),
}


def cases(name: str) -> list[Any]:
    read = yaml.safe_load((FOLDER / f"{name}.yaml").read_text("utf-8"))
    return [pytest.param(case, id=case["case"]) for case in read]


def people(text: str) -> tuple[PersonFiled, ...]:
    return tuple(PEOPLE[name] for name in text.split("、") if name)


def room(place: int, given: Mapping[str, Any]) -> RoomFiled:
    area = None if given["area"] is None else Decimal(given["area"])
    entry = Entry(given.get("entry", "KEPT"))
    state, sitting = given.get("state", "IN_USE"), people(given.get("people", ""))
    before = people(given["ledger_people"]) if "ledger_people" in given else sitting
    known = entry is not Entry.ADDED
    ledger_area = Decimal(given["ledger_area"]) if "ledger_area" in given else area
    return RoomFiled(
        id=place,
        name=f"常委楼 {given['number']}",
        entry=entry,
        kind=RoomKind(given["kind"]),
        state=RoomState(state),
        usable_m2=area,
        people=sitting,
        why=given.get("why", ""),
        room_id=place if known else None,
        ledger_kind=RoomKind(given.get("ledger_kind", given["kind"])) if known else None,
        ledger_state=RoomState(given.get("ledger_state", state)) if known else None,
        ledger_m2=ledger_area if known else None,
        ledger_people=tuple(person.id for person in before) if known else (),
        others=tuple(given.get("others", ())),
    )


def unit(case: Mapping[str, Any]) -> UnitFiled:
    given = case.get("unit", {})
    approved = given.get("approved", {}).items()
    return UnitFiled(
        name="市农业农村局",
        path=PATH,
        established=given.get("established", 40),
        present=given.get("present", 40),
        leased_m2=given.get("leased", Decimal(0)),
        rooms=tuple(room(n, each) for n, each in enumerate(case.get("rooms", ()), start=1)),
        approved={RoomKind(kind): None if m2 is None else Decimal(m2) for kind, m2 in approved},
        before_m2=Decimal(given["before"]) if "before" in given else None,
        before_title="2019年统计年报",
    )


@pytest.mark.parametrize("case", cases("survey_doubts"))
def test_what_is_odd_about_a_return(case: Mapping[str, Any]) -> None:
    found = rules.doubts(unit(case), as_of=DAY, law=law_at(case.get("on_date", DAY)))
    told = [f"{each.code} {each.severity}{' 已说明' if each.said else ''}" for each in found]
    assert told == case["expect"]
    assert len({(each.code, each.subject) for each in found}) == len(found)


def test_every_check_has_its_severity() -> None:
    table = law_at(DAY)[rules.SEVERITY].value
    assert set(table) == set(CheckCode)


@pytest.mark.parametrize(
    ("survey", "state", "code"),
    [
        (SurveyState.OPEN, ReturnState.FILLING, ""),
        (SurveyState.OPEN, ReturnState.SENT, "sent"),
        (SurveyState.OPEN, ReturnState.APPROVED, "sent"),
        (SurveyState.OPEN, ReturnState.ACCEPTED, "locked"),
        (SurveyState.OPEN, ReturnState.EXCUSED, "excused"),
        (SurveyState.PUBLISHED, ReturnState.FILLING, "published"),
        (SurveyState.OFF, ReturnState.FILLING, "off"),
    ],
)
def test_a_return_is_filled_in_while_it_is_open(
    survey: SurveyState, state: ReturnState, code: str
) -> None:
    verdict = rules.may_fill(survey=survey, state=state)
    assert [each.code for each in verdict.refusals] == ([code] if code else [])
    assert all(each.cite for each in verdict.refusals)


def test_rates_are_told_of_those_that_were_to_report() -> None:
    assert Progress().on_time_rate is None
    assert Progress(reported=3, on_time=2, late=1).on_time_rate == 50
    assert Progress(units=5, excused=1, accepted=2).share == 50
