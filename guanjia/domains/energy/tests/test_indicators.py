"""What a year's publication tells, and of whom it tells nothing. Pure."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guanjia.domains.energy.rules import indicators
from guanjia.domains.energy.rules.reckoning import Intensity
from guanjia.domains.energy.terms.energies import Energy

YEAR = 2019


def line(title: str, told: int, named: int = 0) -> indicators.Line:
    none = Intensity(per_person=None, per_m2=None, water_per_person=None, co2_per_m2=None)
    return indicators.Line(
        title=title, institutions=told, told=told, months=told, amounts={}, coal=Decimal(told),
        intensity=none, named=named,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("told", "shown"),
    [((9, 5, 4), {"0", "1", "2"}), ((9, 5, 2), {"0"}), ((9, 5, 2, 2), {"0", "1"}), ((2,), set())],
)
def test_what_is_hidden_cannot_be_reckoned_from_the_rest(
    told: tuple[int, ...], shown: set[str]
) -> None:
    lines = [line(str(place), count) for place, count in enumerate(told)]
    paper = indicators.paper_of(
        year=YEAR,
        whole=line("全市", sum(told)),
        areas=lines,
        kinds=[],
        key_users=None,
        unknown=(),
        over=True,
    )
    table = paper.section("areas").tables[0]
    assert {row[0] for row in table.rows if row[4] is not None} == shown
    for figure in paper.section("areas").figures:
        assert set(figure.categories) == shown
    if sum(told) < 3:
        assert "不足以合计" in paper.section("whole").sentences[0]


def shown_of(lines: list[indicators.Line]) -> tuple[bool, set[str]]:
    """Whether the whole is told, and which groups are."""
    told, named = sum(one.told for one in lines), sum(one.named for one in lines)
    paper = indicators.paper_of(
        year=YEAR, whole=line("全市", told, named), areas=lines, kinds=[], key_users=None,
        unknown=(), over=True,
    )  # fmt: skip
    rows = paper.section("areas").tables[0].rows
    whole = "不足以合计" not in paper.section("whole").sentences[0]
    return whole, {str(row[0]) for row in rows if row[4] is not None}


@pytest.mark.parametrize(
    ("groups", "whole", "shown"),
    [
        ([(3, 1)], False, set()),
        ([(3, 3), (5, 1)], True, {"0", "1"}),
        ([(4, 2), (8, 0)], True, set()),
        ([(4, 2), (8, 0), (9, 0)], True, {"2"}),
        ([(9, 1), (3, 3), (2, 1)], True, {"1"}),
        ([(4, 3), (3, 3)], False, {"1"}),
    ],
)
def test_a_sum_less_those_who_are_known_by_name_tells_of_no_single_one(
    groups: list[tuple[int, int]], whole: bool, shown: set[str]
) -> None:
    lines = [line(str(place), *group) for place, group in enumerate(groups)]
    assert shown_of(lines) == (whole, shown)


def test_a_column_is_told_where_enough_are_behind_it() -> None:
    many = replace(line("乡", 9), amounts={Energy.WATER: Decimal(90)})
    few = replace(
        line("城区", 5), amounts={Energy.WATER: Decimal(30), Energy.ELECTRICITY: Decimal(7)},
        tellers={"water": (1, 0), "per_person": (0, 0), "per_m2": (5, 4)},
    )  # fmt: skip
    paper = indicators.paper_of(
        year=YEAR, whole=few, areas=[few, many], kinds=[], key_users=None, unknown=(), over=True
    )
    rows = {row[0]: row[4:7] for row in paper.section("areas").tables[0].rows}
    assert rows["城区"][1:] == ("7", None), "of water it would be one institution's"
    assert rows["乡"][2] is None, "and from the whole it could be reckoned"
    assert "用电7千瓦时，用水不足以合计。" in paper.section("whole").sentences[0]


def test_what_nobody_told_is_not_nothing() -> None:
    told = replace(line("城区", 5), amounts={Energy.WATER: Decimal(30)}, coal=None)
    paper = indicators.paper_of(
        year=YEAR, whole=told, areas=[told], kinds=[], key_users=None, unknown=(), over=True
    )
    assert "综合能耗没有填报，用电没有填报，用水30吨。" in paper.section("whole").sentences[0]
    assert paper.section("areas").tables[0].rows[0][4:7] == (None, None, "30")
    assert paper.section("areas").figures[0].series[0].values == (None,)


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), max_size=8))
def test_nothing_that_is_left_over_is_one_or_two(groups: list[tuple[int, int]]) -> None:
    lines = [line(str(place), told, min(told, named)) for place, (told, named) in enumerate(groups)]
    whole, shown = shown_of(lines)
    for count in (lambda one: one.told, lambda one: one.told - one.named):
        told = [count(one) for one in lines if one.title in shown]
        assert not {1, 2} & set(told)
        if whole:
            assert sum(count(one) for one in lines) - sum(told) not in {1, 2}
