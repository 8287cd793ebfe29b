"""The lines of a quote as a form sends them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms
from django.http import QueryDict

from guanjia.domains.fleet.rules import order_lines
from guanjia.domains.fleet.terms.upkeep import ItemFacts, ItemKind

ROWS_SHOWN = 6
_QUANTITY_MAX = Decimal(9999)
_PRICE_MAX = Decimal(1_000_000)


@dataclass(frozen=True, kw_only=True)
class LineShown:
    """A line as it was typed, with what is wrong with it."""

    title: str = ""
    kind: str = ""
    quantity: str = ""
    price: str = ""
    fault: str = ""

    @property
    def amount(self) -> str:
        """Quantity times price, where both can be read."""
        quantity, price = _number(self.quantity, _QUANTITY_MAX), _number(self.price, _PRICE_MAX)
        return "" if quantity is None or price is None else f"{quantity * price:,.2f}"


@dataclass(frozen=True)
class Lines:
    """The lines of a quote as a form sends them: four lists of one length."""

    typed: Sequence[LineShown] = ()

    @classmethod
    def of(cls, items: Iterable[ItemFacts]) -> "Lines":
        """The lines that stand."""
        return cls(
            [
                LineShown(
                    title=item.title,
                    kind=item.kind.value,
                    quantity=f"{item.quantity.normalize():f}",
                    price="" if item.price_fen is None else f"{item.price_fen / 100:.2f}",
                )
                for item in items
            ]
        )

    @classmethod
    def read(cls, data: Any) -> "Lines":
        """The lines of a sent form; empty ones do not count."""
        lists = [data.getlist(f"item_{name}") for name in ("title", "kind", "quantity", "price")]
        rows = []
        for title, kind, quantity, price in zip(*lists, strict=False):
            values = [str(text).strip() for text in (title, kind, quantity, price)]
            if any(values[0:1] + values[3:4]):
                rows.append(_judged(*values))
        most = order_lines.LINES_MAX
        over = [
            replace(row, fault=f"报价最多 {most} 行，多的合并或另行报修。") for row in rows[most:]
        ]
        return cls(rows[:most] + over)

    @property
    def faults(self) -> list[str]:
        """What is wrong, line by line."""
        return [f"第 {n} 行：{row.fault}" for n, row in enumerate(self.typed, 1) if row.fault]

    def items(self) -> list[ItemFacts]:
        """The lines as the action takes them; only where nothing is wrong."""
        return [
            ItemFacts(
                title=row.title,
                kind=ItemKind(row.kind or order_lines.kind_of(row.title)),
                quantity=_read(row.quantity),
                price_fen=int(_read(row.price) * 100),
            )
            for row in self.typed
        ]

    @property
    def rows(self) -> list[LineShown]:
        """What the form shows: what was typed, and empty lines after it."""
        spare = max(ROWS_SHOWN - len(self.typed), 2)
        return [*self.typed, *[LineShown()] * spare]


class _LinesWidget(forms.Widget):
    """The four lists; a call of the API tells the same as one text."""

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:  # noqa: ARG002 — Django's signature
        return Lines.read(data) if isinstance(data, QueryDict) else data.get(name, "")


class LinesField(forms.Field):
    """The lines of a quote: a table on its page, one text as ledgers write it in a call."""

    widget = _LinesWidget

    def __init__(self, **rest: Any) -> None:
        told = {
            "label": "报价明细",
            "help_text": "如 机油 4×80.00；机滤 1×45.00",
            "initial": Lines(),
        }
        super().__init__(**{**told, **rest})

    def to_python(self, value: Any) -> list[ItemFacts]:
        """The lines; where one cannot be read, how many."""
        if isinstance(value, Lines):
            if value.faults:
                raise forms.ValidationError(f"报价明细有 {len(value.faults)} 行要改。")
            return value.items()
        try:
            return order_lines.read(value or "")
        except order_lines.LineUnreadable as fault:
            raise forms.ValidationError(f"{fault}。") from None


def _judged(title: str, kind: str, quantity: str, price: str) -> LineShown:
    given = {"title": title, "kind": kind, "quantity": quantity or "1", "price": price}
    return LineShown(**given, fault=_fault(title, kind, quantity or "1", price))


def _fault(title: str, kind: str, quantity: str, price: str) -> str:
    if not title or len(title) > order_lines.TITLE_MAX:
        return f"项目名称 1 到 {order_lines.TITLE_MAX} 个字。"
    if kind not in ("", *ItemKind):
        return "项目类别选材料或工时。"
    if _number(quantity, _QUANTITY_MAX) in (None, Decimal(0)):
        return "数量填大于 0 的数，最多两位小数。"
    if _number(price, _PRICE_MAX) is None:
        return "单价填金额，如 80.00。"
    return ""


def _read(text: str) -> Decimal:
    """A number as quotations write it: ``1,480.00``, ``1480元``."""
    return Decimal(text.replace(",", "").replace("，", "").replace("元", ""))


def _number(text: str, most: Decimal) -> Decimal | None:
    try:
        value = _read(text)
    except InvalidOperation:
        return None
    if not value.is_finite() or not 0 <= value <= most or value != round(value, 2):
        return None
    return value
