"""Codes that carry their own check: 统一社会信用代码, and the shape of a mobile number. Pure."""

import re

_CREDIT_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"  # GB 32100-2015: without I O S V Z
_CREDIT_LENGTH = 18
_CREDIT_BASE = len(_CREDIT_ALPHABET)
_CREDIT_VALUE = {sign: value for value, sign in enumerate(_CREDIT_ALPHABET)}
_LOOKALIKE = {"I": "数字 1", "O": "数字 0", "S": "数字 5", "Z": "数字 2", "V": "字母 U 或 Y"}
_MOBILE = re.compile(r"1[3-9][0-9]{9}")
_MOBILE_LENGTH = 11


def credit_check_character(body: str) -> str:
    """The 18th character that belongs to the first 17 (GB 32100-2015); ``KeyError`` for a sign
    outside its alphabet."""
    total = sum(
        _CREDIT_VALUE[sign] * pow(3, place, _CREDIT_BASE)
        for place, sign in enumerate(body[: _CREDIT_LENGTH - 1])
    )
    return _CREDIT_ALPHABET[-total % _CREDIT_BASE]


def credit_code_fault(text: str) -> str | None:
    """What is wrong with a 统一社会信用代码, as a sentence; ``None`` when nothing is."""
    if len(text) != _CREDIT_LENGTH:
        return f"统一社会信用代码应为 {_CREDIT_LENGTH} 位，表中为 {len(text)} 位"
    for sign in text:
        if sign in _CREDIT_VALUE:
            continue
        if sign in _LOOKALIKE:
            return f"统一社会信用代码不用字母 {sign}，是否为{_LOOKALIKE[sign]}"
        return f"统一社会信用代码只用数字和大写字母，不能有“{sign}”"
    expected = credit_check_character(text)
    if expected != text[-1]:
        return f"第 {_CREDIT_LENGTH} 位算得 {expected}，表中为 {text[-1]}"
    return None


def mobile_fault(text: str) -> str | None:
    """What is wrong with a mobile number, as a sentence; ``None`` when nothing is."""
    if not re.fullmatch(r"[0-9]+", text):
        return "手机号只填数字"
    if len(text) != _MOBILE_LENGTH:
        return f"手机号应为 {_MOBILE_LENGTH} 位，表中为 {len(text)} 位"
    if not _MOBILE.fullmatch(text):
        return "手机号以 13 至 19 开头，核对前两位"
    return None
