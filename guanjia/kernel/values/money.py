"""Money: integers of 分 inside, 元 and 万元 as text outside. Pure; no floating point anywhere."""

import re
from decimal import ROUND_HALF_UP, Decimal

FEN_PER_YUAN = 100
FEN_PER_WAN = 1_000_000

_AMOUNT = re.compile(r"(-?)(\d{1,3}(?:,\d{3})+|\d+)(\.\d+)?")
_MINUS_SIGNS = "－−–"
_FULL_WIDTH = str.maketrans("０１２３４５６７８９．，￥", "0123456789.,¥")
_LONGEST = 30


class MoneyUnreadable(ValueError):
    """The text is no amount; the message is a Chinese sentence with the accepted form."""


def parse_yuan(text: str) -> int:
    """Read an amount of 元 (``311,000.00``, ``¥30``, ``30 元``, ``31.1 万元``) as 分.

    Raises ``MoneyUnreadable`` for anything else and for fractions of a 分.
    """
    return _parse(text, bare=FEN_PER_YUAN)


def parse_wan(text: str) -> int:
    """Read an amount of 万元 (``29.96``, ``29.96 万元``, or with 元 behind it) as 分.

    Raises ``MoneyUnreadable`` for anything else and for fractions of a 分.
    """
    return _parse(text, bare=FEN_PER_WAN)


def yuan(fen: int) -> str:
    """``311,000.00 元``, for ledgers and vouchers."""
    return f"{Decimal(fen) / FEN_PER_YUAN:,.2f} 元"


def wan(fen: int) -> str:
    """``29.96 万元``, for pages; no decimals when it comes out even: ``30 万元``."""
    amount = (Decimal(fen) / FEN_PER_WAN).quantize(Decimal("0.01"), ROUND_HALF_UP)
    return f"{amount:,.0f} 万元" if amount == int(amount) else f"{amount:,.2f} 万元"


def in_yuan(fen: int) -> Decimal:
    """The amount in 元, exactly."""
    return Decimal(fen) / FEN_PER_YUAN


def _parse(text: str, *, bare: int) -> int:
    cleaned = re.sub(r"\s", "", text.translate(_FULL_WIDTH)).removeprefix("¥")
    for sign in _MINUS_SIGNS:
        cleaned = cleaned.replace(sign, "-")
    factor = bare
    for unit, fen in (("万元", FEN_PER_WAN), ("元", FEN_PER_YUAN)):
        if cleaned.endswith(unit):
            cleaned, factor = cleaned.removesuffix(unit), fen
            break
    found = _AMOUNT.fullmatch(cleaned) if len(cleaned) <= _LONGEST else None
    if found is None or not cleaned.isascii():
        raise MoneyUnreadable(f"读不出金额“{text[:_LONGEST]}”。写成 311,000.00 这样的数。")
    sign, whole, rest = found.groups()
    fen_exact = Decimal(sign + whole.replace(",", "") + (rest or "")) * factor
    if fen_exact != int(fen_exact):
        raise MoneyUnreadable(f"金额“{text[:_LONGEST]}”细过一分。最多写到分。")
    return int(fen_exact)
