"""Columns from model fields: what a field says of itself is not said again in a register."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models

from guanjia.kernel.registers.declaration import Column, Kind
from guanjia.kernel.values.term import Term

MONEY = "_fen"  # how the name of a field ends that keeps money, in 分
FEN_IN = {"元": 100, "万元": 1_000_000}
_KINDS: tuple[tuple[type[Any], Kind], ...] = (
    (models.DateTimeField, Kind.DATETIME),
    (models.DateField, Kind.DATE),
    (models.DecimalField, Kind.DECIMAL),
    (models.IntegerField, Kind.INTEGER),
    (models.ForeignKey, Kind.REFERENCE),
    (models.CharField, Kind.TEXT),
    (models.TextField, Kind.TEXT),
)


def of(attribute: Any, *, unit: str = "", **over: Any) -> Column:
    """The column of one model field: ``of(Parcel.mass_kg, unit="kg")``.

    ``attribute``: the field as its class has it. Name, title, kind, choices, length, decimals,
    bounds, and whether a cell must be filled and is the only one of its value come from the field;
    rows can be ordered by it. ``unit`` follows the title in brackets, not its heading. Money kept
    in 分 is a column without ``_fen``, in 元 or 万元. ``over``: what the column says otherwise, as
    ``Column`` takes it. Raises ``TypeError`` for a field that no cell can show, and for a foreign
    key without its ``reference``.
    """
    field = field_of(attribute)
    money = field.name.endswith(MONEY)
    facts = _money(field, unit or "元") if money else _plain(field, unit)
    column = Column(**{**facts, "model_field": label_of(field), **over})
    if column.kind is Kind.REFERENCE and column.imported and column.reference is None:
        msg = f"{label_of(field)}: a column of a foreign key needs a reference"
        raise TypeError(msg)
    return column


def field_of(attribute: Any) -> Any:
    """The model field behind what its class has under the field's name."""
    found = getattr(attribute, "field", attribute)
    if not isinstance(found, models.Field):
        msg = f"{attribute!r} is no field of a model"
        raise TypeError(msg)
    return found


def label_of(field: Any) -> str:
    """How a field is named among all: ``app.model.field``."""
    return f"{field.model._meta.label_lower}.{field.name}"


def title_of(field: Any) -> str:
    """What people call a field."""
    return str(field.verbose_name)


def term_of(field: Any) -> type[Term] | None:
    """The enumeration of a field that was given ``choices=Term.choices``; else ``None``."""
    told = getattr(field.choices, "choices_func", None) or getattr(field.choices, "func", None)
    term = getattr(told, "__self__", None)
    return term if isinstance(term, type) and issubclass(term, Term) else None


def kind_of(field: Any) -> Kind:
    """How cells of a field are read and shown; ``TypeError`` for what no cell can show."""
    if term_of(field) is not None:
        return Kind.CHOICE
    for of_field, kind in _KINDS:
        if isinstance(field, of_field):
            return kind
    msg = f"{label_of(field)}: no cell shows a {type(field).__name__}"
    raise TypeError(msg)


def bounds_of(field: Any) -> tuple[Any, Any]:
    """The least and the greatest value that a field may have, where it says so."""
    least = [v.limit_value for v in field._validators if isinstance(v, MinValueValidator)]
    most = [v.limit_value for v in field._validators if isinstance(v, MaxValueValidator)]
    if not least and isinstance(
        field, models.PositiveIntegerField | models.PositiveSmallIntegerField
    ):
        least = [0]
    return max(least, default=None), min(most, default=None)


def must_be_told(field: Any) -> bool:
    """Whether a row has to say something here."""
    return not (field.null or field.blank or field.has_default())


def in_yuan(name: str, *, fen: int = FEN_IN["元"]) -> Callable[[Any], Decimal | None]:
    """Row → amount of a field in 分, in units of that many ``fen``."""

    def amount(row: Any) -> Decimal | None:
        kept = getattr(row, name)
        return None if kept is None else Decimal(kept) / fen

    return amount


def _money(field: Any, unit: str) -> dict[str, Any]:
    title, (least, most) = title_of(field), bounds_of(field)
    return {
        "name": field.name.removesuffix(MONEY),
        "title": f"{title}({unit})",
        "heading": title,
        "unit": unit,
        "kind": Kind.DECIMAL,
        "value": in_yuan(field.name, fen=FEN_IN[unit]),
        "minimum": 0 if least is None else Decimal(least) / FEN_IN[unit],
        "maximum": None if most is None else Decimal(most) / FEN_IN[unit],
        "places": 2,
        "required": must_be_told(field),
        "sort": field.name,
    }


def _plain(field: Any, unit: str) -> dict[str, Any]:
    kind, title, (least, most) = kind_of(field), title_of(field), bounds_of(field)
    facts: dict[str, Any] = {
        "name": field.name,
        "title": f"{title}({unit})" if unit else title,
        "heading": title if unit else "",
        "unit": unit,
        "kind": kind,
        "required": must_be_told(field),
        "unique": field.unique,
        "sort": field.name,
        "choices": term_of(field),
        "minimum": least,
        "maximum": most,
    }
    if kind is Kind.DECIMAL:
        facts["places"] = field.decimal_places
    if kind is Kind.TEXT and field.max_length is not None:
        facts["max_length"] = field.max_length
    return facts
