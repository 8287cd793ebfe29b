"""Rounding as official texts do it."""

import re
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guanjia.kernel.values.rounding import Style, exact, floor_of_rest, rounded

AMOUNTS = st.decimals(min_value=0, max_value=10**12, places=2, allow_nan=False)


@pytest.mark.parametrize(
    ("value", "style", "text"),
    [
        (42036, Style.REST, "42000余"),
        (3812, Style.REST, "3800余"),
        (53, Style.REST, "50余"),
        (50320, Style.MORE, "50000多"),
        (420136, Style.WAN, "42万"),
        (30200, Style.WAN, "3.02万"),
        (2840000, Style.WAN, "284万"),
        (311000, Style.WAN, "31.1万"),
        (38000, Style.WAN, "3.8万"),
        (30000, Style.WAN, "3万"),
        (2362, Style.EXACT, "2362"),
        (24270, Style.EXACT, "24270"),
        (Decimal("100.50"), Style.EXACT, "100.5"),
        (Decimal("1E+3"), Style.EXACT, "1000"),
        (0, Style.EXACT, "0"),
        (7, Style.REST, "7"),
        (10, Style.REST, "10"),
        (253, Style.REST, "250余"),
        (42000, Style.REST, "42000"),
        (9999, Style.WAN, "9999"),
        (12345678, Style.WAN, "1235万"),
        (99999999, Style.WAN, "1亿"),
        (123456789, Style.WAN, "1.23亿"),
        (-53, Style.REST, "-53"),
    ],
)
def test_it_prints_as_official_texts_do(value: Decimal | int, style: Style, text: str) -> None:
    assert rounded(value, style) == text


@given(value=AMOUNTS)
def test_and_some_more_is_never_above(value: Decimal) -> None:
    floor = floor_of_rest(value)
    assert floor <= value
    assert value - floor <= value / 2 or value < 10
    assert rounded(value, Style.REST).endswith("余") == (floor < value)


@given(value=AMOUNTS)
def test_the_words_keep_the_number_within_half_a_percent(value: Decimal) -> None:
    text = rounded(value, Style.WAN)
    factor = {"万": 10**4, "亿": 10**8}.get(text[-1], 1)
    shown = Decimal(text.rstrip("万亿")) * factor
    assert abs(shown - value) <= value / 200


@given(value=AMOUNTS, style=st.sampled_from(Style))
def test_there_is_never_an_exponent_or_a_trailing_zero_behind_the_point(
    value: Decimal, style: Style
) -> None:
    assert re.fullmatch(r"\d+(\.\d*[1-9])?[余多万亿]?", rounded(value, style))


@given(value=AMOUNTS)
def test_exact_loses_nothing(value: Decimal) -> None:
    assert Decimal(exact(value)) == value
