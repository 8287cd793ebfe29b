"""The rules of quotas and purchases against cases that an official can read."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml

from guanjia.domains.fleet.rules import purchases, quotas
from guanjia.domains.fleet.terms.cars import Body, Energy, Use
from guanjia.domains.fleet.terms.purchases import (
    EarlyReason,
    OldCarFacts,
    PurchaseFacts,
    YearSoFar,
)
from guanjia.domains.fleet.terms.quotas import Standing
from guanjia.kernel.regulations.lawbook import LawInForce, law_at
from guanjia.kernel.regulations.verdict import Verdict

FOLDER = Path(__file__).parent / "cases"
DAY = date(2020, 5, 20)
OLD = date(2012, 5, 20)


def standing(given: Mapping[str, Any]) -> Standing:
    names = ("quota", "on_books", "reserved", "known")
    return Standing(**{name: given[name] for name in names if name in given})


def takes_a_place(given: Mapping[str, Any], law: LawInForce) -> Verdict:
    return quotas.takes_a_place(
        standing=standing(given), unit_name="市农业农村局", use=Use.OTHER, law=law
    )


def may_change(given: Mapping[str, Any], law: LawInForce) -> Verdict:
    return quotas.may_change(
        standing=standing(given),
        delta=given["delta"],
        takes_effect_on=given["takes_effect_on"],
        today=DAY,
        law=law,
    )


def may_buy(given: Mapping[str, Any], law: LawInForce) -> Verdict:
    litres = given.get("displacement_l")
    car = PurchaseFacts(
        use=Use[given["use"]],
        energy=Energy[given.get("energy", "PETROL")],
        body=Body[given.get("body", "SEDAN")],
        price_fen=given["price_yuan"] * 100,
        displacement_l=None if litres is None else Decimal(litres),
        special_reason=given.get("special_reason", ""),
        needed_for_law_enforcement=given.get("needed", False),
    )
    return purchases.within_ceiling(car=car, law=law)


def old_car(given: Mapping[str, Any]) -> OldCarFacts:
    return OldCarFacts(
        plate="赣H12345",
        registered_on=given.get("registered_on", OLD),
        use=Use.OTHER,
        unit_id=55 if "elsewhere" in given else 36,
    )


def may_renew(given: Mapping[str, Any], law: LawInForce) -> Verdict:
    early = given.get("early_reason")
    car = PurchaseFacts(
        use=Use.OTHER,
        energy=Energy.ELECTRIC,
        unit_id=36,
        old_car=None if "no_old_car" in given else old_car(given),
        early_reason=EarlyReason[early] if early else None,
        sound=given.get("sound", False),
    )
    return purchases.may_renew(car=car, on=law.on_date, law=law)


def new_energy(given: Mapping[str, Any], law: LawInForce) -> Verdict:
    car = PurchaseFacts(
        use=Use.CONFIDENTIAL,
        energy=Energy[given["energy"]],
        fixed_city_route=given.get("fixed_city_route", False),
    )
    so_far = YearSoFar(bought=given["bought"], new_energy=given["new_energy"])
    return purchases.new_energy(car=car, so_far=so_far, law=law)


def old_enough(given: Mapping[str, Any], law: LawInForce) -> Verdict:
    return purchases.old_enough(old=old_car(given), on=law.on_date, law=law)


PLAYED = [
    pytest.param(rule, case, id=f"{rule.__name__}: {case['case']}")
    for rule in (takes_a_place, may_change, may_buy, may_renew, new_energy, old_enough)
    for case in yaml.safe_load((FOLDER / f"{rule.__name__}.yaml").read_text("utf-8"))
]


@pytest.mark.parametrize(("rule", "case"), PLAYED)
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
    if "cites_nothing" in expect:
        assert [finding.cite for finding in found] == [None]


@pytest.mark.parametrize(("rule", "case"), PLAYED)
def test_a_finding_is_a_calm_sentence_with_its_basis(rule: Any, case: dict[str, Any]) -> None:
    verdict = rule(case["given"], law_at(case.get("on_date", DAY)))
    for finding in (*verdict.refusals, *verdict.warnings):
        assert finding.headline.endswith("。")
        assert finding.sentence.endswith("。")
        assert not set("！!") & set(finding.text())
        assert finding.cite is not None or "cites_nothing" in case["expect"]


def test_an_imported_car_is_warned_of() -> None:
    car = PurchaseFacts(use=Use.OTHER, energy=Energy.PETROL, domestic=False)
    warned = purchases.home_made(car=car, law=law_at(DAY)).warnings
    assert [finding.code for finding in warned] == ["imported"]
    assert warned[0].cite is not None
    assert warned[0].cite.unchecked
    home = PurchaseFacts(use=Use.OTHER, energy=Energy.PETROL)
    assert not purchases.home_made(car=home, law=law_at(DAY)).warnings
    assert not purchases.home_made(car=car, law=law_at(date(2017, 12, 4))).warnings


@pytest.mark.parametrize(("day", "early"), [(date(2020, 5, 20), True), (date(2020, 5, 21), False)])
def test_one_step_more_is_for_what_comes_before_the_years(day: date, early: bool) -> None:
    car = PurchaseFacts(use=Use.OTHER, energy=Energy.PETROL, old_car=old_car({}))
    assert purchases.is_early(car=car, on=day, law=law_at(day)) is early


def test_what_the_quota_is_kept_by_was_compared_with_the_official_text() -> None:
    law = law_at(DAY)
    assert not law["fleet.quota.kept"].cite.unchecked
    assert law["fleet.renewal.service_years"].cite.unchecked


def test_a_ledger_that_tells_no_body_is_taken_for_a_small_car() -> None:
    dear = PurchaseFacts(use=Use.OTHER, energy=Energy.PETROL, price_fen=180_001_00)
    codes = [f.code for f in purchases.ceiling_findings(car=dear, law=law_at(DAY))]
    assert codes == ["over_price"]
    fair = PurchaseFacts(use=Use.LAW_ENFORCEMENT, energy=Energy.ELECTRIC, price_fen=14_980_000)
    assert purchases.ceiling_findings(car=fair, law=law_at(DAY)) == ()


def test_over_the_quota_is_told_with_its_article() -> None:
    law = law_at(DAY)
    over = quotas.kept(standing=Standing(quota=3, on_books=5, reserved=1), law=law).refusals
    assert over[0].headline == "超编 2 辆。"
    assert over[0].cite is not None
    assert over[0].cite.article == "第二十五条"
    full = Standing(quota=3, on_books=3, reserved=0)
    assert not quotas.kept(standing=full, law=law).refusals
