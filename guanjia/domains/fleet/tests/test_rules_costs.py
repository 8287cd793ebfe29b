"""The rules of running costs against cases an official can read, and what holds of all levels."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from guanjia.domains.fleet.rules import fuel, reimbursing, times
from guanjia.domains.fleet.terms.costs import (
    Barred,
    CardFacts,
    ClaimFacts,
    CostKind,
    FillFacts,
    LevelFacts,
    Norm,
    Segment,
)
from guanjia.kernel.regulations.lawbook import LawInForce, law_at
from guanjia.kernel.regulations.verdict import Verdict

FOLDER = Path(__file__).parent / "cases"
PLATE = "赣H10001"
MORNING = datetime(2020, 5, 20, 8, tzinfo=times.ZONE)
LAW = law_at(MORNING)


def number(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=times.ZONE)


def within_tank(facts: Mapping[str, Any], _: LawInForce) -> Verdict:
    tank_l = number(facts["tank_l"])
    return fuel.within_tank(litres=Decimal(facts["litres"]), tank_l=tank_l, plate=PLATE)


def within_battery(facts: Mapping[str, Any], law: LawInForce) -> Verdict:
    battery = number(facts["battery_kwh"])
    return fuel.within_battery(kwh=Decimal(facts["kwh"]), battery_kwh=battery, plate=PLATE, law=law)


def usual_price(facts: Mapping[str, Any], law: LawInForce) -> Verdict:
    return fuel.usual_price(
        litres=Decimal(facts["litres"]), amount_fen=facts["amount_fen"], law=law
    )


def own_card(facts: Mapping[str, Any], law: LawInForce) -> Verdict:
    plate = facts["card_plate"]
    card = CardFacts(number="1000113", plate=plate) if plate else None
    return fuel.own_card(number="1000113", plate=PLATE, card=card, known=facts["known"], law=law)


def on_an_order(facts: Mapping[str, Any], law: LawInForce) -> Verdict:
    return fuel.on_an_order(plate=PLATE, when="5月20日 9:00", none=facts["none"], law=law)


def may_reimburse(facts: Mapping[str, Any], law: LawInForce) -> Verdict:
    barred = facts.get("barred")
    claim = ClaimFacts(
        kind=CostKind[facts["kind"]],
        words=facts.get("words", ""),
        barred=Barred[barred] if barred else None,
    )
    return reimbursing.may_reimburse(facts=claim, law=law)


def room_for_both(facts: Mapping[str, Any], law: LawInForce) -> Verdict:
    first, second = (
        FillFacts(ref=1, at=moment(at), litres=Decimal(litres), odometer_km=km)
        for at, litres, km in (facts["first"], facts["second"])
    )
    litres = facts.get("norm", "8.00")
    norm = Norm(litres_per_100km=Decimal(litres), cars=5) if litres else None
    tank_l = number(facts.get("tank_l", "50"))
    return fuel.room_for_both(
        first=first, second=second, tank_l=tank_l, norm=norm, plate=PLATE, law=law
    )


VERDICTS = {
    rule.__name__: rule
    for rule in (
        within_tank,
        within_battery,
        usual_price,
        own_card,
        on_an_order,
        may_reimburse,
        room_for_both,
    )
}


def cases(*names: str) -> list[Any]:
    return [
        pytest.param(name, case, id=f"{name}-{case['case']}")
        for name in names
        for case in yaml.safe_load((FOLDER / f"{name}.yaml").read_text("utf-8"))
    ]


@pytest.mark.parametrize(("name", "case"), cases(*VERDICTS))
def test_a_rule_says_what_the_case_expects(name: str, case: dict[str, Any]) -> None:
    verdict = VERDICTS[name](case["given"], law_at(case["on_date"]))
    expect = case["expect"]
    for kind, findings in (
        ("refused", verdict.refusals),
        ("warned", verdict.warnings),
        ("passed", verdict.passes),
    ):
        assert [each.code for each in findings] == expect.get(kind, [])
    found = (*verdict.refusals, *verdict.warnings)
    assert all(each.cite is not None for each in found), "every finding names its 依据"
    if says := expect.get("says"):
        assert any(says in each.text() for each in found)


def fill(place: int, row: list[Any]) -> FillFacts:
    day, litres, full, odometer = row
    return FillFacts(
        ref=place,
        at=moment(f"2020-{day}T12:00"),
        litres=number(litres),
        full=full,
        odometer_km=odometer,
    )


@pytest.mark.parametrize(("_", "case"), cases("segments"))
def test_fuel_is_counted_from_full_to_full(_: str, case: dict[str, Any]) -> None:
    fills = [fill(place, row) for place, row in enumerate(case["given"]["fills"])]
    found = fuel.segments(fills)
    expected = case["expect"]["segments"]
    assert len(found) == len(expected)
    for segment, wanted in zip(found, expected, strict=True):
        assert segment.litres == Decimal(wanted["litres"])
        assert (segment.km, segment.litres_per_100km) == (
            wanted.get("km"),
            number(wanted.get("per_100km")),
        )
        assert wanted.get("why", "") in segment.why
        assert bool(segment.why) == (segment.km is None), "what is not judged says why"
        assert not segment.odd


def segment(litres: str, km: int) -> Segment:
    (found,) = fuel.segments(
        [
            FillFacts(ref=1, at=MORNING, litres=Decimal(40), full=True, odometer_km=10_000),
            FillFacts(
                ref=2,
                at=MORNING + timedelta(days=5),
                litres=Decimal(litres),
                full=True,
                odometer_km=10_000 + km,
            ),
        ]
    )
    return found


@pytest.mark.parametrize(("_", "case"), cases("judged"))
def test_a_segment_is_judged_beside_its_class(_: str, case: dict[str, Any]) -> None:
    facts, expect = case["given"], case["expect"]
    norm = Norm(litres_per_100km=Decimal(facts["norm"]), cars=5) if facts["norm"] else None
    law = law_at(case["on_date"])
    found = fuel.judged(segment(facts["litres"], facts["km"]), norm=norm, law=law)
    assert found.odd == expect["odd"]
    assert expect.get("why", "") in found.why
    verdict = fuel.usual_consumption(found, plate=PLATE, law=law)
    assert [each.code for each in verdict.warnings] == (["norm_odd"] if expect["odd"] else [])


@pytest.mark.parametrize(("_", "case"), cases("norm_of"))
def test_a_class_has_a_median_when_it_is_large_enough(_: str, case: dict[str, Any]) -> None:
    cars = [[segment(litres, km) for litres, km in car] for car in case["given"]["cars"]]
    found = fuel.norm_of(cars, law=law_at(case["on_date"]))
    expected = number(case["expect"]["norm"])
    assert (found.litres_per_100km if found else None) == expected


def levels(readings: list[Any]) -> list[LevelFacts]:
    return [
        LevelFacts(at=MORNING + timedelta(minutes=place), litres=Decimal(litres))
        for place, litres in enumerate(readings)
    ]


@pytest.mark.parametrize(("_", "case"), cases("used"))
def test_levels_tell_what_was_burnt(_: str, case: dict[str, Any]) -> None:
    rows, law = levels(case["given"]["levels"]), law_at(case["on_date"])
    assert fuel.used(rows, law) == Decimal(case["expect"]["used"])
    assert fuel.filled(rows, law) == Decimal(case["expect"]["filled"])
    assert fuel.used(rows[::-1], law) == Decimal(case["expect"]["used"]), "by time, not by place"


NOISE = Decimal(LAW["fleet.fuel.level_noise"].value)
READINGS = st.lists(st.decimals(min_value=0, max_value=120, places=2), min_size=1, max_size=60)


@given(READINGS)
def test_what_was_burnt_is_start_and_what_went_in_less_the_end(readings: list[Decimal]) -> None:
    rows = levels(readings)
    burnt, went_in = fuel.used(rows, LAW), fuel.filled(rows, LAW)
    assert burnt >= 0 <= went_in
    assert abs(burnt - (readings[0] + went_in - readings[-1])) < NOISE


@given(READINGS)
def test_no_more_is_burnt_than_every_fall_together(readings: list[Decimal]) -> None:
    falls = sum((max(Decimal(0), a - b) for a, b in pairwise(readings)), Decimal(0))
    assert fuel.used(levels(readings), LAW) <= falls


@given(st.lists(st.decimals(min_value=0, max_value=120, places=2), min_size=1, max_size=40))
def test_a_tank_that_only_runs_down_burnt_what_it_lost(readings: list[Decimal]) -> None:
    falling = sorted(readings, reverse=True)
    lost = falling[0] - falling[-1]
    assert fuel.used(levels(falling), LAW) == (lost if lost >= NOISE else 0)
