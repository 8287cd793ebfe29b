"""Routes as data: conditions, faults, and back from what was kept."""

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guanjia.kernel.approvals import routes
from guanjia.kernel.approvals.routes import (
    By,
    Condition,
    Holder,
    Op,
    Step,
    duty,
    faults,
    people,
    steps_as_data,
    steps_from_data,
)
from guanjia.kernel.approvals.terms import Late, Mode
from guanjia.kernel.approvals.tests.builders import HEAD, IS_BIG, NOBODY, SIGN, route, step

ROUTE = route()


def when(fact: str, op: Op, value: Any) -> Condition:
    return Condition(fact=fact, op=op, value=value)


@pytest.mark.parametrize(
    ("condition", "told", "holds"),
    [
        (when("over", Op.IS, True), True, True),
        (when("over", Op.IS, True), False, False),
        (when("over", Op.IS, True), 1, False),  # a number is not a yes
        (when("over", Op.IS, False), None, False),
        (when("level", Op.IS, "city"), "city", True),
        (when("level", Op.IS_NOT, "city"), "town", True),
        (when("level", Op.IS_NOT, "city"), None, True),
        (when("area", Op.ABOVE, "12.5"), 12.5, False),
        (when("area", Op.AT_LEAST, "12.5"), Decimal("12.50"), True),
        (when("area", Op.BELOW, 12), "11.99", True),
        (when("area", Op.AT_MOST, 12), 12, True),
        (when("area", Op.IS, "5.0"), 5, True),
        (when("area", Op.IS_NOT, "5.0"), 5, False),
        (when("area", Op.ABOVE, 0), None, False),
        (when("amount", Op.ABOVE, 50_000_00), 50_000_01, True),
    ],
)
def test_a_condition_compares_what_is_told(condition: Condition, told: Any, holds: bool) -> None:
    assert condition.holds({condition.fact: told} if told is not None else {}) is holds


@given(st.integers(-(10**12), 10**12), st.integers(-(10**12), 10**12))
def test_amounts_compare_as_numbers_do(told: int, value: int) -> None:
    facts = {"amount": told}
    assert when("amount", Op.ABOVE, value).holds(facts) is (told > value)
    assert when("amount", Op.AT_LEAST, value).holds(facts) is (told >= value)
    assert when("amount", Op.BELOW, value).holds(facts) is (told < value)
    assert when("amount", Op.AT_MOST, value).holds(facts) is (told <= value)
    assert when("amount", Op.IS, value).holds(facts) is (told == value)
    assert when("amount", Op.IS_NOT, value).holds(facts) is (told != value)


def test_a_step_is_needed_when_all_its_conditions_hold() -> None:
    both = step("a", when=(IS_BIG, when("over", Op.IS, True)))
    assert [
        both.needed({"amount": amount, "over": over})
        for amount, over in [(60_000_00, True), (60_000_00, False), (1, True)]
    ] == [True, False, False]
    assert routes.needed([both, step("b")], {}) == [step("b")]


words = st.text(st.characters(categories=["L", "N"]), min_size=1, max_size=8)
holders = st.one_of(
    st.builds(duty, st.sampled_from([SIGN, HEAD, NOBODY])),
    st.builds(Holder, by=st.just(By.AT), verb=st.just(SIGN), unit=words),
    st.builds(Holder, by=st.just(By.ABOVE), verb=st.just(SIGN)),
    st.lists(words, min_size=1, max_size=30, unique=True).map(lambda numbers: people(*numbers)),
)
conditions = st.one_of(
    st.builds(when, st.just("over"), st.just(Op.IS), st.booleans()),
    st.builds(when, st.just("level"), st.sampled_from([Op.IS, Op.IS_NOT]), st.just("town")),
    st.builds(
        when,
        st.sampled_from(["amount", "area"]),
        st.sampled_from(list(Op)),
        st.one_of(
            st.integers(0, 10**12),
            st.decimals(0, 10**6, places=2).map(str),
        ),
    ),
)
steps_drawn = st.lists(
    st.builds(
        Step,
        key=words,
        title=words,
        holder=holders,
        mode=st.sampled_from(list(Mode)),
        share=st.integers(1, 100),
        when=st.lists(conditions, max_size=8).map(tuple),
        hours=st.none() | st.integers(1, 400),
        late=st.sampled_from(list(Late)),
        signature=st.booleans(),
    ),
    min_size=1,
    max_size=20,
    unique_by=lambda each: each.key,
).map(tuple)


@given(steps_drawn)
def test_steps_come_back_from_what_was_kept(steps: tuple[Step, ...]) -> None:
    assert faults(ROUTE, steps) == []
    assert steps_from_data(json.loads(json.dumps(steps_as_data(steps)))) == steps


def test_decimals_are_kept_as_text() -> None:
    (kept,) = steps_as_data([step("a", when=(when("area", Op.ABOVE, Decimal("1.50")),))])
    assert kept["when"][0]["value"] == "1.50"


@pytest.mark.parametrize(
    ("missing", "error"), [("title", KeyError), ("mode", KeyError), ("when", KeyError)]
)
def test_what_is_no_step_is_not_read(missing: str, error: type[Exception]) -> None:
    (kept,) = steps_as_data([step("a")])
    with pytest.raises(error):
        steps_from_data([{name: value for name, value in kept.items() if name != missing}])
    for name, value in [("mode", "MOST"), ("by", "LOT"), ("hours", "soon"), ("share", "half")]:
        with pytest.raises(ValueError, match=value):
            steps_from_data([{**kept, name: value}])


@pytest.mark.parametrize(
    ("wrong", "field", "said"),
    [
        (step("a", duty("tests.other")), "verb", "没有选由哪项职责办"),
        (step("a", Holder(by=By.AT, verb=SIGN)), "unit", "没有选单位"),
        (step("a", people()), "people", "没有选人"),
        (step("a", people("1", "2", "1")), "people", "选了两次"),
        (step("a", people(*map(str, range(31)))), "people", "最多 30 人"),
        (step("a", share=0), "share", "1 至 100"),
        (step("a", share=101), "share", "1 至 100"),
        (step("a", hours=0), "hours", "1 至 400"),
        (step("a", hours=401), "hours", "1 至 400"),
        (step("x" * 41), "key", "最多 40"),
        (step("a", when=(IS_BIG,) * 9), "when", "最多 8 个条件"),
        (step("a", when=(when("colour", Op.IS, "red"),)), "when", "没有的要素"),
        (step("a", when=(when("over", Op.ABOVE, True),)), "when", "不能这样比较"),
        (step("a", when=(when("over", Op.IS, "yes"),)), "when", "选“是”或“否”"),
        (step("a", when=(when("level", Op.IS, "moon"),)), "when", "没有这个选项"),
        (step("a", when=(when("area", Op.ABOVE, "much"),)), "when", "写成数字"),
        (step("a", when=(when("area", Op.ABOVE, "NaN"),)), "when", "写成数字"),
        (step("a", when=(when("area", Op.ABOVE, True),)), "when", "写成数字"),
        (Step(key="a", title=" ", holder=duty(SIGN)), "title", "没有写步骤名称"),
        (Step(key="a", title="长" * 21, holder=duty(SIGN)), "title", "最多 20 字"),
    ],
)
def test_a_fault_is_named_at_its_field(wrong: Step, field: str, said: str) -> None:
    found = [fault for fault in faults(ROUTE, [step("ok"), wrong]) if fault.position == 1]
    assert [fault.field for fault in found][:1] == [field] or field in {f.field for f in found}
    assert any(said in fault.sentence for fault in found)


def test_a_route_has_one_to_twenty_steps_of_their_own_keys() -> None:
    assert "至少" in faults(ROUTE, [])[0].sentence
    assert "最多 20 步" in faults(ROUTE, [step(f"s{i}") for i in range(21)])[0].sentence
    twice = faults(ROUTE, [step("a"), step("a")])
    assert [(fault.position, fault.field) for fault in twice] == [(0, "key"), (1, "key")]


def test_routes_are_found_by_their_key() -> None:
    routes.enlist(ROUTE)
    assert routes.get(ROUTE.key) is ROUTE
    assert routes.get("tests.other") is None
    assert routes.all_routes() == [ROUTE]
    assert ROUTE.fact("over") is not None
    assert ROUTE.fact("colour") is None
