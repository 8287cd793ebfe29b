"""How a field looks on the wire: its name, what it holds, and where it is read. One table, to be
replaced when the province publishes its own."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.apps import apps
from django.utils import timezone

from guanjia.kernel.exchange.wires import Wire
from guanjia.kernel.values.actor import Scope
from guanjia.kernel.values.term import Term


class Shape(Term):
    """What a field holds (数据类型)."""

    TEXT = "TEXT", "文本"
    NUMBER = "NUMBER", "数"
    MONEY = "MONEY", "金额（分）"
    DATE = "DATE", "日期"
    TIME = "TIME", "时间"
    FLAG = "FLAG", "是否"
    CODE = "CODE", "代码"


Reader = Callable[[Any], Any]


@dataclass(frozen=True, kw_only=True)
class Field:
    """One field: its name on the wire and in Chinese; ``terms`` is the dictionary of a code."""

    name: str
    title: str
    shape: Shape
    read: Reader
    terms: type[Term] | None = None

    def value(self, row: Any) -> Any:
        """The value as JSON can hold it: decimals as text, so that none is rounded on the way."""
        found = self.read(row)
        match found:
            case datetime():
                return timezone.localtime(found).isoformat()
            case date():
                return found.isoformat()
            case Decimal():
                return f"{found:f}"
            case Term():
                return found.value
        return None if found == "" else found


def dig(path: str) -> Reader:
    """Reads along a path of attributes; nothing where one of them is missing."""
    parts = path.split(".")

    def read(row: Any) -> Any:
        for part in parts:
            row = getattr(row, part)
            if row is None:
                return None
        return row

    return read


def _field(shape: Shape) -> Callable[..., Field]:
    def make(name: str, title: str, path: str | Reader = "", **more: Any) -> Field:
        read = dig(path or name) if isinstance(path, str) else path
        return Field(name=name, title=title, shape=shape, read=read, **more)

    return make


text, number, money = _field(Shape.TEXT), _field(Shape.NUMBER), _field(Shape.MONEY)
day, time, flag = _field(Shape.DATE), _field(Shape.TIME), _field(Shape.FLAG)


def code(name: str, title: str, terms: type[Term], path: str | Reader = "") -> Field:
    """A field whose values are listed in a dictionary."""
    made: Field = _field(Shape.CODE)(name, title, path, terms=terms)
    return made


def unit(path: str = "unit", *, name: str = "unit", title: str = "单位") -> tuple[Field, Field]:
    """A unit by its code and its name."""
    return (
        text(f"{name}_code", f"{title}编码", f"{path}.code"),
        text(f"{name}_name", f"{title}名称", f"{path}.name"),
    )


def car(path: str = "car", *, name: str = "car", title: str = "") -> tuple[Field, Field]:
    """A car by our number for it and its plate."""
    return (
        number(f"{name}_id", f"{title}车辆标识", f"{path}.pk"),
        text(f"{name}_plate", f"{title}号牌号码", f"{path}.plate"),
    )


Dependants = Callable[[int], Iterable[tuple[str, int]]]


@dataclass(frozen=True, kw_only=True)
class Entity:
    """One table as it is sent: ``answers`` names the entities of DB32/T 3826-2020 it stands for."""

    kind: str
    model: str
    title: str
    answers: tuple[str, ...]
    fields: tuple[Field, ...]
    label: str  # the name of the field that names a row
    related: tuple[str, ...] = ()
    dependants: Dependants | None = None

    def data(self, row: Any) -> dict[str, Any]:
        """A row as it is sent."""
        return {field.name: field.value(row) for field in self.fields}

    def read(self, ids: Iterable[int]) -> Mapping[int, dict[str, Any]]:
        """The rows with these ids, without those of secret cars (保密车辆)."""
        objects: Any = apps.get_model(self.model).objects
        rows = objects.within(Scope.outside()).filter(pk__in=list(ids)).order_by()
        return {row.pk: self.data(row) for row in rows.select_related(*self.related)}

    def wire(self) -> Wire:
        """What the exchange is told of it."""
        more = {"dependants": self.dependants} if self.dependants else {}
        return Wire(
            kind=self.kind,
            model=self.model,
            title=self.title,
            read=self.read,
            label=lambda data: f"{self.title} {data.get(self.label) or ''}".strip(),
            **more,
        )
