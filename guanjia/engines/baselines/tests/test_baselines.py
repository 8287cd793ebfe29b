"""Savings and odd months: what was planted is found, and nothing is found where nothing was."""

import math
from dataclasses import replace
from datetime import date
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from guanjia.engines.baselines.fitting import Method, Reading, TooFew
from guanjia.engines.baselines.outliers import standing_out
from guanjia.engines.baselines.savings import saving

LEVEL, SPREAD = 10_000.0, 300.0


def month(number: int) -> date:
    return date(2018 + number // 12, number % 12 + 1, 1)


def degrees(number: int) -> tuple[float, float]:
    wave = math.cos(2 * math.pi * number / 12)
    return max(wave, 0) * 300, max(-wave, 0) * 400


def year(
    first: int, last: int, *, seed: int = 1, less: float = 0.0, weather: bool = False
) -> list[Reading]:
    """Months with a season and some noise; ``less`` is what a measure takes off each."""
    rng = Random(seed * 1000 + first)
    found = []
    for number in range(first, last):
        heating, cooling = degrees(number)
        amount = LEVEL + 8 * heating + 5 * cooling + rng.gauss(0, SPREAD) - less
        told = {"heating": heating, "cooling": cooling} if weather else {}
        found.append(Reading(month=month(number), amount=amount, **told))
    return found


@pytest.mark.parametrize(
    ("before", "weather", "method"),
    [(24, True, Method.WEATHER), (24, False, Method.SEASON), (12, False, Method.SAME_MONTH)],
)
def test_a_planted_step_lies_in_its_interval(before: int, weather: bool, method: Method) -> None:
    found = saving(
        before=year(0, before, weather=weather),
        after=year(before, before + 12, less=1500, weather=weather),
    )
    assert found.method is method
    assert found.low < 12 * 1500 < found.high
    assert found.certain
    assert found.margin < 12 * 1500 / 2, "the interval says something"


@pytest.mark.parametrize(
    ("before", "weather"), [(24, True), (12, False)], ids=["weather", "same months"]
)
def test_where_nothing_changed_the_interval_holds_nothing_as_often_as_it_says(
    before: int, weather: bool
) -> None:
    runs = 120
    held = sum(
        not saving(
            before=year(0, before, seed=seed, weather=weather),
            after=year(before, before + 12, seed=seed, weather=weather),
        ).certain
        for seed in range(1, runs + 1)
    )
    assert held / runs > 0.88, held  # 0.95 less three standard errors of 120 runs


@settings(max_examples=15, deadline=None)
@given(scale=st.floats(0.01, 1000), less=st.floats(0, 3000))
def test_another_unit_gives_the_same_share(scale: float, less: float) -> None:
    before, after = year(0, 24), year(24, 36, less=less)
    plain = saving(before=before, after=after)
    other = saving(
        before=[Reading(month=one.month, amount=one.amount * scale) for one in before],
        after=[Reading(month=one.month, amount=one.amount * scale) for one in after],
    )
    assert other.saved == pytest.approx(plain.saved * scale, rel=1e-6, abs=1e-3 * scale)
    assert other.margin == pytest.approx(plain.margin * scale, rel=1e-6)


@settings(max_examples=15, deadline=None)
@given(shift=st.floats(-5000, 50_000))
def test_a_base_load_more_changes_no_saving(shift: float) -> None:
    before, after = year(0, 24), year(24, 36, less=800)
    plain = saving(before=before, after=after)
    other = saving(
        before=[Reading(month=one.month, amount=one.amount + shift) for one in before],
        after=[Reading(month=one.month, amount=one.amount + shift) for one in after],
    )
    assert other.saved == pytest.approx(plain.saved, rel=1e-6, abs=1e-2)
    assert other.margin == pytest.approx(plain.margin, rel=1e-6)


@pytest.mark.parametrize("months", [8, 12, 24, 30])
@pytest.mark.parametrize("place", [0, 5, 7])
def test_a_planted_month_stands_out(months: int, place: int) -> None:
    flat = [
        Reading(month=month(n), amount=LEVEL + 50 * math.sin(3.7 * n * n)) for n in range(months)
    ]
    assert standing_out(flat).odd == ()
    odd = Reading(month=flat[place].month, amount=LEVEL * 1.4)
    found = standing_out([*flat[:place], odd, *flat[place + 1 :]])
    assert [each.month for each in found.odd] == [odd.month]
    assert found.odd[0].expected < odd.amount


def test_one_slip_by_a_digit_hides_no_other_month() -> None:
    told = year(0, 31)
    told[30] = Reading(month=told[30].month, amount=told[30].amount * 10)
    told[9] = Reading(month=told[9].month, amount=told[9].amount * 1.6)
    found = standing_out(told)
    assert [each.month for each in found.odd] == [told[9].month, told[30].month]
    assert found.odd[1].expected == pytest.approx(told[30].amount / 10, rel=0.15)
    assert found.cv_rmse is not None
    assert found.cv_rmse < 0.1, "how well the line fits is told without them"


def test_a_month_without_degree_days_is_no_other_method_once_it_is_left_out() -> None:
    told = [replace(one, heating=0.0) for one in year(0, 24, weather=True)]
    told[5] = replace(told[5], amount=told[5].amount * 10, heating=None, cooling=None)
    found = standing_out(told)
    assert found.method is Method.SEASON
    assert [each.month for each in found.odd] == [told[5].month]
    assert found.odd[0].expected == pytest.approx(told[5].amount / 10, rel=0.3)


def test_the_only_month_with_heating_may_be_odd() -> None:
    told = [
        replace(one, heating=0.0, amount=one.amount - 8 * (one.heating or 0))
        for one in year(0, 24, weather=True)
    ]
    told[0] = replace(told[0], heating=300.0)
    told[7] = replace(told[7], amount=told[7].amount * 10)
    found = standing_out(told)
    assert found.method is Method.WEATHER
    assert [each.month for each in found.odd] == [told[7].month]


def test_no_month_is_expected_to_use_less_than_nothing() -> None:
    told = [
        Reading(month=month(n), amount=1000.0 if month(n).month in (1, 2, 12) else 0.0)
        for n in range(36)
    ]
    told[9] = Reading(month=told[9].month, amount=9000.0)
    (odd,) = standing_out(told).odd
    assert odd.month == told[9].month
    assert odd.expected == 0.0


def test_a_slip_by_a_digit_stands_out_of_months_that_are_all_alike() -> None:
    flat = [Reading(month=month(n), amount=100.0) for n in range(8)]
    flat[3] = Reading(month=flat[3].month, amount=1000.0)
    (odd,) = standing_out(flat).odd
    assert (odd.month, odd.expected) == (flat[3].month, 100.0)


def test_ordinary_years_rarely_have_an_odd_month() -> None:
    struck = sum(bool(standing_out(year(0, 24, seed=seed)).odd) for seed in range(1, 101))
    assert struck <= 14, struck  # 5 of 100 are expected; that and four standard errors


def test_weather_explains_what_a_season_does_not() -> None:
    found = standing_out(year(0, 24, weather=True))
    assert found.method is Method.WEATHER
    assert found.r2 is not None
    assert found.r2 > 0.7
    assert found.cv_rmse == pytest.approx(SPREAD / (LEVEL + 1000), rel=0.4)


def test_degree_days_that_never_vary_explain_nothing() -> None:
    still = [
        Reading(month=one.month, amount=one.amount, heating=0.0, cooling=10.0)
        for one in year(0, 24)
    ]
    assert standing_out(still).method is Method.SEASON
    after = [
        Reading(month=one.month, amount=one.amount, heating=0.0, cooling=10.0)
        for one in year(24, 30)
    ]
    assert saving(before=still, after=after).method is Method.SEASON


def test_a_city_without_heating_is_read_by_its_summers() -> None:
    def warm(readings: list[Reading]) -> list[Reading]:
        return [replace(one, amount=one.amount - 8 * (one.heating or 0), heating=0.0)
                for one in readings]  # fmt: skip

    found = saving(
        before=warm(year(0, 24, weather=True)),
        after=warm(year(24, 36, less=900, weather=True)),
    )
    assert found.method is Method.WEATHER
    assert found.low < 12 * 900 < found.high
    unknown = [replace(one, cooling=None) for one in year(24, 36, less=900, weather=True)]
    assert saving(before=year(0, 24, weather=True), after=unknown).method is Method.SEASON


def test_nothing_is_said_of_too_few_months() -> None:
    with pytest.raises(TooFew) as few:
        standing_out(year(0, 5))
    assert (few.value.need, few.value.have) == (6, 5)
    with pytest.raises(TooFew) as after:
        saving(before=year(0, 24), after=year(24, 26))
    assert (after.value.need, after.value.have) == (3, 2)
    with pytest.raises(TooFew) as pairs:
        saving(before=year(0, 4), after=year(12, 24))
    assert (pairs.value.need, pairs.value.have) == (6, 4)


def test_amounts_that_never_change_save_nothing_and_stand_out_never() -> None:
    flat = [Reading(month=month(n), amount=500.0) for n in range(24)]
    assert standing_out(flat).odd == ()
    assert standing_out(flat).r2 is None, "there is nothing to explain"
    found = saving(
        before=flat, after=[Reading(month=month(n), amount=500.0) for n in range(24, 30)]
    )
    assert found.saved == pytest.approx(0, abs=1e-6)
    assert found.margin == pytest.approx(0, abs=1e-6)
    nothing = [Reading(month=month(n), amount=0.0) for n in range(12)]
    assert standing_out(nothing).odd == ()


def test_only_the_months_that_have_their_like_are_counted() -> None:
    found = saving(before=year(0, 18), after=year(19, 27))
    assert (found.method, found.before_months, found.after_months) == (Method.SAME_MONTH, 11, 8)
    assert saving(before=year(0, 12), after=year(12, 20)).before_months == 8
