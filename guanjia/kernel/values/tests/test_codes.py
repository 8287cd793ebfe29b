"""Codes that check themselves."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guanjia.kernel.values import codes

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
BODY = st.text(alphabet=ALPHABET, min_size=17, max_size=17)


@pytest.mark.parametrize("code", ["12360200MB434808XG", "11360200MB448062X7", "12360200MB89834863"])
def test_it_takes_codes_with_the_right_check_character(code: str) -> None:
    assert codes.credit_code_fault(code) is None


def test_it_says_which_character_was_computed() -> None:
    assert codes.credit_code_fault("12360200MB434808XA") == "第 18 位算得 G，表中为 A"


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        ("1236", "统一社会信用代码应为 18 位，表中为 4 位"),
        ("12360200MB43480OXG", "统一社会信用代码不用字母 O，是否为数字 0"),
        ("12360200mb434808XG", "统一社会信用代码只用数字和大写字母，不能有“m”"),
    ],
)
def test_it_names_what_is_wrong(code: str, sentence: str) -> None:
    assert codes.credit_code_fault(code) == sentence


@given(BODY, st.integers(0, 16), st.sampled_from(ALPHABET))
def test_every_single_wrong_character_is_noticed(body: str, place: int, other: str) -> None:
    whole = body + codes.credit_check_character(body)
    assert codes.credit_code_fault(whole) is None
    changed = whole[:place] + other + whole[place + 1 :]
    assert (codes.credit_code_fault(changed) is None) == (changed == whole)


@given(st.text(max_size=30))
def test_no_text_makes_it_stumble(text: str) -> None:
    assert codes.credit_code_fault(text) is None or codes.credit_code_fault(text)
    assert codes.mobile_fault(text) is None or codes.mobile_fault(text)


@pytest.mark.parametrize(
    ("number", "sentence"),
    [
        ("15022672106", None),
        ("1502267210", "手机号应为 11 位，表中为 10 位"),
        ("12022672106", "手机号以 13 至 19 开头，核对前两位"),
        ("1502267210X", "手机号只填数字"),
    ],
)
def test_the_shape_of_a_mobile_number(number: str, sentence: str | None) -> None:
    assert codes.mobile_fault(number) == sentence
