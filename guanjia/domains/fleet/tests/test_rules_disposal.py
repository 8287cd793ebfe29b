"""The rules of a car's end against cases that an official can read: `cases/<rule>.yaml`."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from guanjia.domains.fleet.rules import disposals, lives
from guanjia.domains.fleet.terms.cars import Body, CarState, Keeping
from guanjia.domains.fleet.terms.disposals import (
    DisposalFacts,
    DisposalMethod,
    LifeFacts,
    LotFacts,
)
from guanjia.kernel.regulations.lawbook import LawInForce, law_at
from guanjia.kernel.regulations.verdict import Verdict

FOLDER = Path(__file__).parent / "cases"
DAY = date(2020, 5, 20)
LATER = date(2020, 6, 10)
CAR = LifeFacts(
    plate="赣H12345",
    registered_on=date(2015, 6, 1),
    odometer_km=100_000,
    seats=5,
    keeping=Keeping.CENTRAL,
    state=CarState.IN_USE,
    body=Body.SEDAN,
    inspected_until=date(2030, 1, 1),
)
DEAL = DisposalFacts(
    method=DisposalMethod.AUCTION,
    plate="赣H12345",
    registered_on=date(2018, 3, 1),
    valuation_fen=2_500_000,
    valued_on=date(2020, 3, 20),
    proceeds_fen=2_600_000,
    paid_fen=2_600_000,
    receipt="JK20200001",
    document="景机管处〔2020〕1号",
    approved_on=date(2020, 4, 8),
    disposed_on=DAY,
    plate_returned_on=date(2020, 5, 25),
)
LOT = LotFacts(cars=17, undealt=0, sum_fen=31_100_000, total_fen=31_100_000, paid_fen=31_100_000)
_READ = {
    "body": lambda name: None if name is None else Body[name],
    "keeping": lambda name: Keeping[name],
    "state": lambda name: CarState[name],
    "method": lambda name: DisposalMethod[name],
}


def read(given: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _READ.get(name, lambda value: value)(value) for name, value in given.items()}


def life_ahead(given: Mapping[str, Any], law: LawInForce) -> Verdict:
    car = replace(CAR, **read(given))
    if "inspected_until" not in given:  # valid on every day of the cases
        car = replace(car, inspected_until=date(law.on_date.year + 2, 1, 1))
    return lives.life_ahead(car=car, law=law, on=law.on_date)


def public_way(given: Mapping[str, Any], law: LawInForce) -> Verdict:
    return disposals.public_way(law=law, **read(given))


def may_send_disposal(given: Mapping[str, Any], law: LawInForce) -> Verdict:
    return disposals.may_send(disposal=replace(DEAL, **read(given)), on=law.on_date)


def may_deal(given: Mapping[str, Any], law: LawInForce) -> Verdict:
    return disposals.may_deal(disposal=replace(DEAL, **read(given)), on=law.on_date)


def may_pay_in(given: Mapping[str, Any], law: LawInForce) -> Verdict:
    facts = read(given)
    paid_on = facts.pop("paid_on", date(2020, 6, 1))
    deal = replace(DEAL, **facts)
    return disposals.may_pay_in(disposal=deal, paid_on=paid_on, on=LATER, law=law)


def may_finish_disposal(given: Mapping[str, Any], law: LawInForce) -> Verdict:
    return disposals.may_finish(disposal=replace(DEAL, **read(given)), on=LATER, law=law)


def ledger_doubts(given: Mapping[str, Any], law: LawInForce) -> Verdict:
    return disposals.ledger_doubts(disposal=replace(DEAL, **read(given)), law=law)


def may_close(given: Mapping[str, Any], law: LawInForce) -> Verdict:
    return disposals.may_close(lot=replace(LOT, **given), law=law)


def may_pay_in_lot(given: Mapping[str, Any], law: LawInForce) -> Verdict:
    return disposals.may_pay_in_lot(on=LATER, law=law, **given)


RULES = (
    life_ahead,
    public_way,
    may_send_disposal,
    may_deal,
    may_pay_in,
    may_finish_disposal,
    ledger_doubts,
    may_close,
    may_pay_in_lot,
)


def cases() -> list[Any]:
    return [
        pytest.param(rule, case, id=f"{rule.__name__}: {case['case']}")
        for rule in RULES
        for case in yaml.safe_load((FOLDER / f"{rule.__name__}.yaml").read_text("utf-8"))
    ]


@pytest.mark.parametrize(("rule", "case"), cases())
def test_the_rule_says_what_the_official_signed(rule: Any, case: dict[str, Any]) -> None:
    verdict = rule(case["given"], law_at(case.get("on_date", DAY)))
    expect = case["expect"]
    assert expect, "a case says what comes of it"
    for kind, findings in (
        ("refused", verdict.refusals),
        ("warned", verdict.warnings),
        ("passed", verdict.passes),
    ):
        if kind in expect:
            assert [finding.code for finding in findings] == expect[kind]
    found = [*verdict.refusals, *verdict.warnings]
    if "says" in expect:
        assert any(expect["says"] in finding.text() for finding in found), found
    if "field" in expect:
        assert [finding.field for finding in found] == [expect["field"]]
    if "cites" in expect:
        assert any(f.cite is not None and expect["cites"] in f.cite.line() for f in found), found


@pytest.mark.parametrize(("rule", "case"), cases())
def test_a_finding_is_a_calm_sentence_with_its_basis(rule: Any, case: dict[str, Any]) -> None:
    verdict = rule(case["given"], law_at(case.get("on_date", DAY)))
    for finding in (*verdict.refusals, *verdict.warnings):
        assert finding.headline.endswith("。")
        assert finding.sentence.endswith("。")
        assert not set("！!") & set(finding.text())


@pytest.mark.parametrize(
    ("start", "years", "full"),
    [
        (date(2012, 2, 29), 8, date(2020, 2, 29)),
        (date(2012, 2, 29), 15, date(2027, 2, 28)),
        (date(2012, 5, 31), 8, date(2020, 5, 31)),
    ],
)
def test_years_are_full_on_the_same_day_or_the_last_of_its_month(
    start: date, years: int, full: date
) -> None:
    assert lives.years_after(start, years) == full


@pytest.mark.parametrize(
    ("fen", "words"),
    [(0, "0.00 元"), (1, "0.01 元"), (31_100_000, "311,000.00 元"), (-199, "-1.99 元")],
)
def test_money_is_named_to_the_last_fen(fen: int, words: str) -> None:
    assert disposals.yuan(fen) == words


def test_no_trip_is_left_behind() -> None:
    verdict = disposals.not_booked(plate="赣H12345", booked=["PC2020052000001"])
    assert [f.code for f in verdict.refusals] == ["car_booked"]
    assert "PC2020052000001" in verdict.refusals[0].headline
    assert disposals.not_booked(plate="赣H12345", booked=[]).allowed


def test_the_ledger_names_the_day_and_the_trip_after_it() -> None:
    verdict = disposals.trip_after(
        plate="赣H12345", disposed_on=DAY, number="PC2020052100001", went_on=date(2020, 5, 21)
    )
    (doubt,) = verdict.warnings
    assert "2020年5月20日处置，2020年5月21日出车" in doubt.sentence
