"""Numbers as official texts print them: 42036 → 42000余, 50320 → 50000多, 420136 → 42万. Pure.

余 and 多 say "and some more", so they round down and vanish when nothing is left over. 万 and 亿
keep three leading digits, rounded to the nearest, without trailing zeros.
"""

from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal

from guanjia.kernel.values.term import Term

_LEADING_OF_REST = 2
_LEADING_OF_UNIT = 3
_WAN = Decimal(10_000)
_YI = Decimal(100_000_000)
_SMALLEST_WITH_REST = 10


class Style(Term):
    """How a number is printed in a sentence."""

    EXACT = "EXACT", "照实"
    REST = "REST", "余"
    MORE = "MORE", "多"
    WAN = "WAN", "万"


def rounded(value: Decimal | int, style: Style) -> str:
    """The number in the style, without unit and without separators, as 公文 writes it.

    A number the style cannot shorten (below 10, below 10,000 for 万, negative) is printed exactly.
    """
    number = Decimal(value)
    if style is Style.EXACT or number < 0:
        return exact(number)
    return _in_wan(number) if style is Style.WAN else _with_rest(number, style.label)


def exact(value: Decimal | int) -> str:
    """Every digit there is, no trailing zeros, never an exponent."""
    text = f"{Decimal(value):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def floor_of_rest(value: Decimal | int) -> Decimal:
    """What 余 and 多 round to: two leading digits, in a two-digit number one; never above."""
    number = Decimal(value)
    if number < _SMALLEST_WITH_REST:
        return number
    whole = number.to_integral_value(ROUND_DOWN)
    exponent = max(whole.adjusted() - _LEADING_OF_REST + 1, 1)
    return whole.quantize(Decimal(1).scaleb(exponent), ROUND_DOWN)


def _with_rest(number: Decimal, word: str) -> str:
    floor = floor_of_rest(number)
    return exact(floor) + (word if floor < number else "")


def _in_wan(number: Decimal) -> str:
    if number < _WAN:
        return exact(number)
    shown = _leading(number / _WAN)
    if shown < _WAN:
        return f"{exact(shown)}万"
    return f"{exact(_leading(number / _YI))}亿"


def _leading(number: Decimal) -> Decimal:
    """Three leading digits, but never less than the whole part."""
    places = max(_LEADING_OF_UNIT - 1 - number.adjusted(), 0)
    return number.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
