"""The rules of idle rooms against cases that an official can read: ``cases/idle_*.yaml``."""

from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from guanjia.domains.space.rules import disposals as rules
from guanjia.domains.space.rules.clearances import months_after
from guanjia.domains.space.terms.disposals import Carried, DisposalFacts, DisposalWay, PaidIn
from guanjia.domains.space.terms.ledger import Basis
from guanjia.kernel.regulations.lawbook import LawInForce, law_at
from guanjia.kernel.regulations.verdict import Verdict

FOLDER = Path(__file__).parent / "cases"
DAY = date(2020, 5, 20)
LEASE = {
    "on": DAY, "document": "景机管房〔2020〕9号", "paper": "HT-1", "party": "昌江文化公司",
    "platform": "市公共资源交易中心", "last_on": date(2021, 5, 19), "rent_fen": 320_000, "every": 3,
}  # fmt: skip


def idle_rooms_free(given: Mapping[str, Any], law: LawInForce) -> Verdict:
    held = [(room, unit, Basis[basis]) for room, unit, basis in given["held"]]
    busy = [(room, state) for room, state in given["busy"]]
    return rules.rooms_free(way=DisposalWay[given["way"]], held=held, busy=busy, law=law)


def idle_may_send(given: Mapping[str, Any], law: LawInForce) -> Verdict:
    facts = DisposalFacts(way=DisposalWay[given["way"]], valuation_fen=given.get("valuation_fen"))
    return rules.may_send(facts=facts, law=law)


def idle_may_carry_out(given: Mapping[str, Any], law: LawInForce) -> Verdict:
    facts = DisposalFacts(
        way=DisposalWay[given.get("way", "LEASE")], valuation_fen=300_000,
        approved_on=date(2020, 5, 10),
    )  # fmt: skip
    carried = Carried(**(LEASE | given.get("carried", {})))
    return rules.may_carry_out(facts=facts, carried=carried, on=law.on_date, law=law)


def idle_may_pay_in(given: Mapping[str, Any], law: LawInForce) -> Verdict:
    paid = PaidIn(**({"receipt": "FS1", "fen": 960_000, "on": DAY} | dict(given)))
    return rules.may_pay_in(due_fen=960_000, paid=paid, on=law.on_date, law=law)


RULES = (idle_rooms_free, idle_may_send, idle_may_carry_out, idle_may_pay_in)


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
    if "unchecked" in expect:
        assert [f.cite is not None and f.cite.unchecked for f in found] == [expect["unchecked"]]


@pytest.mark.parametrize(("rule", "case"), cases())
def test_a_finding_is_a_calm_sentence(rule: Any, case: dict[str, Any]) -> None:
    verdict = rule(case["given"], law_at(case.get("on_date", DAY)))
    for finding in (*verdict.refusals, *verdict.warnings):
        assert finding.headline.endswith("。")
        assert finding.sentence.endswith("。")
        assert not set("！!") & set(finding.text())


@pytest.mark.parametrize(
    ("on", "last_on", "every", "sums"),
    [
        (date(2020, 5, 20), date(2021, 5, 19), 3, [960_000] * 4),
        (date(2020, 5, 20), date(2020, 6, 19), 3, [320_000]),
        (date(2020, 5, 20), date(2020, 6, 20), 1, [320_000, 10_667]),  # a day, rounded up
        (date(2020, 1, 31), date(2020, 2, 28), 1, [320_000]),  # to the last of February
        (date(2020, 5, 20), date(2020, 5, 29), 12, [106_667]),
    ],
)
def test_rents_fall_due_ahead_and_the_last_is_shorter(
    on: date, last_on: date, every: int, sums: list[int]
) -> None:
    carried = Carried(on=on, last_on=last_on, rent_fen=320_000, every=every)
    assert [fen for _, fen, _ in rules.instalments(carried=carried)] == sums


@given(
    on=st.dates(date(2020, 1, 1), date(2024, 12, 31)),
    every=st.sampled_from((1, 3, 6, 12)),
    years=st.integers(1, 5),
)
def test_every_part_of_whole_months_is_the_same_rent(on: date, every: int, years: int) -> None:
    last_on = months_after(on, 12 * years) - timedelta(days=1)
    carried = Carried(on=on, last_on=last_on, rent_fen=100_000, every=every)
    sums = {fen for _, fen, _ in rules.instalments(carried=carried)}
    assert sums == {every * 100_000}


def test_the_rents_of_a_lease_cover_every_day_once() -> None:
    carried = Carried(on=date(2020, 1, 31), last_on=date(2023, 4, 2), rent_fen=100, every=6)
    parts = [title.removeprefix("租金 ") for title, _, _ in rules.instalments(carried=carried)]
    spans = [part.split(" 至 ") for part in parts]
    ends = [date.fromisoformat(end) for _, end in spans]
    begins = [date.fromisoformat(begin) for begin, _ in spans]
    assert begins[0] == carried.on
    assert ends[-1] == carried.last_on
    assert begins[1:] == [end + timedelta(days=1) for end in ends[:-1]]
