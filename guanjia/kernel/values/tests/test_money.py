"""Money between 分 and what people write."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guanjia.kernel.values import money
from guanjia.kernel.values.money import MoneyUnreadable

FEN = st.integers(-(10**14), 10**14)


@pytest.mark.parametrize(
    ("text", "fen"),
    [
        ("311,000.00", 31_100_000),
        ("311000", 31_100_000),
        (" 30 元 ", 3_000),
        ("¥0.01", 1),
        ("￥１２，３４５．６", 1_234_560),
        ("-5", -500),
        ("−5", -500),
        ("31.1 万元", 31_100_000),
    ],
)
def test_it_reads_yuan(text: str, fen: int) -> None:
    assert money.parse_yuan(text) == fen


@pytest.mark.parametrize(
    ("text", "fen"), [("29.96", 29_960_000), ("19.52 万元", 19_520_000), ("180000元", 18_000_000)]
)
def test_it_reads_wan(text: str, fen: int) -> None:
    assert money.parse_wan(text) == fen


@pytest.mark.parametrize(
    "text", ["", "元", "三十", "1,00", "1.2.3", "1e5", "nan", "0.001", "٣", "1" * 31, "--5", "5-"]
)
def test_it_says_what_it_cannot_read(text: str) -> None:
    with pytest.raises(MoneyUnreadable, match=r"金额.*。"):
        money.parse_yuan(text)


def test_it_writes_as_the_design_shows() -> None:
    assert money.yuan(31_100_000) == "311,000.00 元"
    assert money.yuan(-1) == "-0.01 元"
    assert money.wan(29_960_000) == "29.96 万元"
    assert money.wan(30_000_000) == "30 万元"
    assert money.wan(31_100_000) == "31.10 万元"


@given(fen=FEN)
def test_what_is_written_in_yuan_reads_back(fen: int) -> None:
    assert money.parse_yuan(money.yuan(fen)) == fen


@given(fen=FEN)
def test_wan_is_right_to_half_its_last_digit(fen: int) -> None:
    assert abs(money.parse_wan(money.wan(fen)) - fen) <= money.FEN_PER_WAN // 200
