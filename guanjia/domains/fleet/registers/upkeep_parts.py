"""What the registers of insurance, inspection, maintenance, fines and accidents share."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db.models import DecimalField, ExpressionWrapper, Sum, Value
from django.utils import timezone

from guanjia.domains.fleet.models import Car
from guanjia.domains.fleet.queries import archive
from guanjia.domains.fleet.registers.cars import upper
from guanjia.kernel.registers import fields
from guanjia.kernel.registers.declaration import Column, Fault, Filter, ImportRow, Kind, Register
from guanjia.kernel.values.actor import Actor

FEN = 100
MONEY_MAX = 100_000_000


def yuan(fen: int | None) -> Decimal | None:
    """分 → 元 for a cell."""
    return None if fen is None else (Decimal(fen) / FEN).quantize(Decimal("0.01"))


def fen(amount: Decimal | None) -> int:
    """元 of a cell → 分; an empty cell is nothing."""
    return 0 if amount is None else int(amount * FEN)


def of(name: str) -> Callable[[Any], Decimal | None]:
    """A cell of money from a field in 分."""
    return lambda row: yuan(getattr(row, name))


def total(name: str) -> Any:
    """The sum of a field in 分, in 元."""
    return ExpressionWrapper(
        Sum(name) / Value(Decimal(FEN)), output_field=DecimalField(max_digits=14, decimal_places=2)
    )


def money(name: str, title: str, *, field: str, **more: Any) -> Column:
    """A column of money in 元, totalled under the key of the field."""
    return Column(
        name=name,
        title=f"{title}(元)",
        heading=title,
        unit="元",
        kind=Kind.DECIMAL,
        value=of(field),
        minimum=0,
        maximum=MONEY_MAX,
        places=2,
        sort=field,
        total=field,
        **more,
    )


def number_column(number: Any, *, link: str = "", example: str = "") -> Column:
    """The number by which a row is known, of its model field."""
    return fields.of(
        number, max_length=40, link=link, example=example, duplicate_code="number_duplicate"
    )


def car_column() -> Column:
    """The car, by its plate; leads to its page."""
    return Column(
        name="car",
        title="号牌号码",
        kind=Kind.REFERENCE,
        reference=archive.cars_by_plate,
        clean=upper,
        missing="车辆台账中没有 {value}",
        missing_code="car_unknown",
        required=True,
        path="car.plate",
        widget="fleet/cells/car_link.html",
        sort="car__plate",
        example="赣H12345",
    )


def unit_column(path: str = "car.unit.shown", sort: str = "car__unit__position") -> Column:
    """The unit that has the car."""
    return Column(name="unit_name", title="单位", path=path, imported=False, sort=sort)


def unit_filter(path: str = "car__unit") -> Filter:
    """The rows of a subtree of units."""
    return Filter(name="unit", title="单位", kind="unit", path=path)


def note_column(note: Any) -> Column:
    """What else there is to say, of its model field."""
    return fields.of(note, fold=2, sort="")


def outside(
    *, register: Register, rows: Sequence[ImportRow], actor: Actor, verb: str, model: Any
) -> Iterator[Fault]:
    """Rows of cars, or with numbers, that belong to somebody else."""
    scope = actor.scope(verb)
    if scope.everything:
        return
    ids = {row.values["car"].pk for row in rows}
    held = set(Car.objects.within(scope).filter(pk__in=ids).values_list("pk", flat=True))
    numbers = [row.values["number"] for row in rows]
    taken = set(model.objects.filter(number__in=numbers).values_list("number", flat=True))
    ours = model.objects.within(scope).filter(number__in=taken)
    taken -= set(ours.values_list("number", flat=True))
    for row in rows:
        if row.values["car"].pk not in held:
            yield register.fault(row, "car", "outside", "这辆车不在您的范围内")
        elif row.values["number"] in taken:
            yield register.fault(row, "number", "number_taken", "这个编号已由别的单位登记")


def not_yet(
    *, register: Register, row: ImportRow, names: Iterable[str], today: date
) -> Iterator[Fault]:
    """Days and instants that have not come."""
    for name in names:
        value = row.values[name]
        if value is None:
            continue
        day = timezone.localtime(value).date() if isinstance(value, datetime) else value
        if day > today:
            yield register.fault(row, name, "in_the_future", "这个日期还没有到")
