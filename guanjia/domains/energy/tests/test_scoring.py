"""Points from facts and what they come to: 未完成, ★, veto, grades; steps at their bounds."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guanjia.domains.energy.rules import scoring
from guanjia.domains.energy.rules.scoring import Measure
from guanjia.domains.energy.terms.assessment import Fact, Grade, Leaf, Outcome, Scale

GRADES = (
    Grade(title="优秀", least=Decimal(90)),
    Grade(title="良好", least=Decimal(80)),
    Grade(title="合格", least=Decimal(60)),
)


def leaf(number: str, points: Any, **facts: Any) -> Leaf:
    return Leaf(number=number, title=f"指标{number}", points=Decimal(str(points)), **facts)


def given_points(**points: Any) -> dict[str, Decimal]:
    return {name.removeprefix("n"): Decimal(str(value)) for name, value in points.items()}


def test_ninety_six_points_with_an_unmet_binding_target_are_unfinished_and_name_it() -> None:
    leaves = [leaf("1", 4, must=True), leaf("2", 96)]
    found = scoring.result(leaves, given_points(n1=0, n2=96), grades=GRADES)
    assert (found.total, found.outcome, found.grade) == (96, Outcome.UNFINISHED, "")
    assert found.reasons == ("1 指标1",)


def test_a_binding_target_met_in_part_is_unmet() -> None:
    leaves = [leaf("1", 4, must=True), leaf("2", 96)]
    found = scoring.result(leaves, given_points(n1="3.99", n2=96), grades=GRADES)
    assert found.outcome is Outcome.UNFINISHED
    found = scoring.result(leaves, given_points(n1=4, n2=96), grades=GRADES)
    assert (found.outcome, found.grade) == (Outcome.PASSED, "优秀")


def test_eighty_five_points_with_a_star_at_nothing_fail() -> None:
    leaves = [leaf("1", 10, star=True), leaf("2", 90)]
    found = scoring.result(leaves, given_points(n2=85), grades=(), least=Decimal(85))
    assert (found.outcome, found.reasons) == (Outcome.FAILED, ("1 指标1",))
    found = scoring.result(leaves, given_points(n1="0.5", n2="84.5"), grades=(), least=Decimal(85))
    assert found.outcome is Outcome.PASSED


def test_one_point_too_few_fails_and_says_how_many() -> None:
    found = scoring.result([leaf("1", 100)], given_points(n1="84.99"), grades=(), least=Decimal(85))
    assert found.reasons == ("得分 84.99，低于 85 分",)


def test_a_veto_outweighs_everything() -> None:
    leaves = [leaf("1", 5, veto=True), leaf("2", 5, must=True), leaf("3", 90)]
    found = scoring.result(leaves, given_points(n3=90), grades=GRADES)
    assert (found.outcome, found.reasons) == (Outcome.VETOED, ("1 指标1",))


def test_extras_come_on_top() -> None:
    leaves = [leaf("1", 100), leaf("2", 10, extra=True)]
    assert scoring.sound(leaves, full=Decimal(100)).refusals == ()
    found = scoring.result(leaves, given_points(n1=88, n2=5), grades=GRADES)
    assert (found.total, found.grade) == (93, "优秀")


@pytest.mark.parametrize(
    ("points", "grade"), [("90", "优秀"), ("89.99", "良好"), ("60", "合格"), ("59.99", "")]
)
def test_grades_at_their_bounds(points: str, grade: str) -> None:
    assert scoring.result([leaf("1", 100)], given_points(n1=points), grades=GRADES).grade == grade


@pytest.mark.parametrize(
    ("ratio", "points"),
    [("0.5", 8), ("0.9", 8), ("0.901", 6), ("1.0", 6), ("1.1", 3), ("1.2", 1), ("1.2001", 0)],
)
def test_steps_of_water_per_person(ratio: str, points: int) -> None:
    measure = Measure.of(
        {"fact": "WATER_TO_PEERS", "scale": "STEPS",
         "steps": [["0.9", 8], ["1.0", 6], ["1.1", 3], ["1.2", 1]]}
    )  # fmt: skip
    assert scoring.points_of(measure, Decimal(ratio), most=Decimal(8)) == points


def test_work_counts_each_time_and_no_further_than_the_points() -> None:
    measure = Measure.of({"fact": "TRAINING", "scale": "EACH", "each": 2})
    found = [scoring.points_of(measure, Decimal(n), most=Decimal(5)) for n in (0, 1, 2, 3, 9)]
    assert found == [0, 2, 4, 5, 5]


def test_what_is_not_known_gives_no_points_and_is_no_nought() -> None:
    measure = Measure(fact=Fact.IN_TIME, scale=Scale.SHARE)
    assert scoring.points_of(measure, None, most=Decimal(10)) is None


@given(
    value=st.decimals("-1", "3", places=3),
    most=st.integers(1, 50),
    scale=st.sampled_from(list(Scale)),
)
def test_points_stay_within_bounds(value: Decimal, most: int, scale: Scale) -> None:
    measure = Measure(
        fact=Fact.MONTHS, scale=scale, each=Decimal(7), bound=Decimal(1),
        steps=((Decimal(1), Decimal(99)),),
    )  # fmt: skip
    points = scoring.points_of(measure, value, most=Decimal(most))
    assert points is not None
    assert 0 <= points <= most


@pytest.mark.parametrize(
    ("leaves", "code"),
    [
        ([leaf("1", 50), leaf("1", 50)], "number_twice"),
        ([], "points_missing"),
        ([leaf("1", 0), leaf("2", 100)], "points_missing"),
        ([leaf("1", 40), leaf("2", 50)], "points_differ"),
    ],
)
def test_a_scheme_that_does_not_add_up_is_not_opened(leaves: list[Leaf], code: str) -> None:
    assert scoring.sound(leaves, full=Decimal(100)).refusals[0].code == code
