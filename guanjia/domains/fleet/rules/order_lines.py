"""The lines of a work order as one text, for a cell of a sheet: read and written alike. Pure.

``机油 4×80.00；机滤 1×45.00；更换工时 1×120.00``; a ledger may name things alone: ``机油、机滤``.
"""

import re
from collections.abc import Sequence
from decimal import Decimal

from guanjia.domains.fleet.terms.upkeep import ItemFacts, ItemKind

TITLE_MAX = 60
LINES_MAX = 60
_LABOUR = re.compile("工时|人工")
_MARK = "（工时）"
_SPLIT = re.compile(r"[;；\n]+")
_BARE = re.compile(r"[;；\n、，,]+")
_LINE = re.compile(
    r"(?P<title>.+?)(?:\s+(?P<quantity>\d+(?:\.\d{1,2})?)"
    r"(?:\s*[×xX*＊✕]\s*(?P<price>[\d,]+(?:\.\d{1,2})?)\s*元?)?)?"
)
_TIMES = re.compile("[×✕＊*]")
_PRICED = re.compile(r"\d\s*[×xX*＊✕]\s*[\d,]")


class LineUnreadable(ValueError):
    """A line nobody can read; the message is a sentence without its full stop."""


def kind_of(title: str) -> ItemKind:
    """Whether a line is labour or a part, by its name."""
    return ItemKind.LABOUR if _LABOUR.search(title) else ItemKind.PART


def read(text: str) -> list[ItemFacts]:
    """The lines of a text; raises ``LineUnreadable`` with a sentence for whoever filled it in."""
    parts = (_SPLIT if _PRICED.search(text) else _BARE).split(text)
    lines = [_line(part.strip()) for part in parts if part.strip()]
    if len(lines) > LINES_MAX:
        raise LineUnreadable(f"项目最多 {LINES_MAX} 行")
    return lines


def _line(text: str) -> ItemFacts:
    found = _LINE.fullmatch(text)
    if found is None:
        raise LineUnreadable(f"读不出“{text[:20]}”，写成 机油 4×80.00")
    title = found["title"].strip()
    kind = kind_of(title)
    title = title.removesuffix(_MARK).strip()
    quantity = Decimal(found["quantity"] or 1)
    if not title or len(title) > TITLE_MAX or _TIMES.search(title) or _PRICED.search(title):
        raise LineUnreadable(f"读不出“{text[:20]}”，写成 机油 4×80.00，每项之间用分号")
    if quantity <= 0:
        raise LineUnreadable(f"“{title[:20]}”的数量应大于 0")
    price = found["price"]
    fen = None if price is None else int(Decimal(price.replace(",", "")) * 100)
    return ItemFacts(title=title, kind=kind, quantity=quantity, price_fen=fen)


def write(items: Sequence[ItemFacts]) -> str:
    """The lines as one text that ``read`` reads back."""
    return "；".join(_written(item) for item in items)


def _written(item: ItemFacts) -> str:
    title = item.title
    if item.kind is ItemKind.LABOUR and kind_of(title) is ItemKind.PART:
        title += _MARK
    if item.price_fen is not None:
        return f"{title} {_plain(item.quantity)}×{item.price_fen / 100:.2f}"
    return title if item.quantity == 1 else f"{title} {_plain(item.quantity)}"


def _plain(quantity: Decimal) -> str:
    return f"{quantity.normalize():f}"
