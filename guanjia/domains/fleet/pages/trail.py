"""The records of one trip in Chinese: who did what when, and what it was before and after."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.utils.dateparse import parse_date, parse_datetime

from guanjia.domains.fleet.models import Car, Driver, Trip
from guanjia.kernel.audit.models import Record
from guanjia.kernel.org.models import Person, Unit
from guanjia.kernel.registers.models import Remark
from guanjia.kernel.values.actor import Scope
from guanjia.ui import formats
from guanjia.ui.trail import act_title

_TITLES = {
    "applicant": "申请人",
    "rider": "用车人",
    "car": "车辆",
    "driver": "驾驶员",
    "shares": "合乘",
    "wished_car": "指定车辆",
    "dispatched_by": "派车人",
    "explanation": "说明",
    "to": "转给",
    "people": "人员",
    "before": "先办",
    "files": "附件",
    "person": "人员",
    "step": "步骤",
    "due_at": "应办时间",
}
# Facts that repeat others, or mean nothing to a reader.
_UNTOLD = frozenset({"id", "once", "rider_id", "applicant_id", "dispatched_by_id", "rider_mobile"})
_ROWS: dict[str, Any] = {
    "car": Car, "wished_car": Car, "driver": Driver, "unit": Unit, "shares": Trip, "to": Person,
}  # fmt: skip
_EMPTY: tuple[Any, ...] = (None, "", [], {})
_BY_NUMBER = ("to", "people", "person")  # people as the approvals record them: by their 工号
_NUMBERS = "numbers"
Named = Mapping[str, Mapping[Any, str]]  # kind of row → key → how it is called
_COLUMNS = [field.name for field in Trip._meta.concrete_fields]


@dataclass(frozen=True, kw_only=True)
class Change:
    """One fact before and after, in words; ``before`` is ``""`` where there was nothing."""

    title: str
    before: str
    after: str


@dataclass(frozen=True, kw_only=True)
class Line:
    """One record as the page shows it."""

    at: datetime
    who: str
    act: str
    note: str
    changes: tuple[Change, ...]


def records_of(trip: Trip) -> list[Record]:
    """What is recorded of the trip, and of the remarks on it; the oldest first."""
    remarks = Remark.objects.filter(register="fleet.trips", object_id=trip.pk)
    own = Record.objects.filter(on_type="fleet.trip", on_id=trip.pk)
    answers = Record.objects.filter(
        on_type="registers.remark", on_id__in=list(remarks.values_list("pk", flat=True))
    )
    return sorted([*own, *answers], key=lambda record: record.pk)


def lines(records: Iterable[Record], *, scope: Scope) -> list[Line]:
    """The records in words, the newest first; at most one statement for each kind of row named.

    A shared scope is not told the name of a secret car that once was given to the trip.
    """
    told = list(records)
    named = _names(told, scope)
    return [
        Line(
            at=record.at,
            who=record.name,
            act=act_title(record.verb) or record.verb,
            note=record.note,
            changes=tuple(_changes(record, named)),
        )
        for record in reversed(told)
    ]


def _names(records: Sequence[Record], scope: Scope) -> Named:
    wanted: dict[str, set[int]] = {}
    for record in records:
        for facts in (record.before or {}, record.after or {}):
            for name, value in facts.items():
                bare = name.removesuffix("_id")
                if bare in _ROWS and isinstance(value, int):
                    wanted.setdefault(bare, set()).add(value)
    found: dict[str, Mapping[Any, str]] = {
        bare: {row.pk: _name_of(row, scope) for row in _ROWS[bare].objects.filter(pk__in=ids)}
        for bare, ids in wanted.items()
    }
    if numbers := set(_numbers(records)):
        people = Person.objects.filter(number__in=numbers)
        found[_NUMBERS] = {person.number: person.name for person in people}
    return found


def _name_of(row: Any, scope: Scope) -> str:
    """What a row is called; a shared scope is told of no secret car."""
    if scope.shared and isinstance(row, Car) and row.secret:
        return "涉密车辆"
    return str(row)


def _numbers(records: Iterable[Record]) -> Iterable[str]:
    for record in records:
        for facts in (record.before or {}, record.after or {}):
            for name in _BY_NUMBER:
                value = facts.get(name)
                each = value if isinstance(value, list) else [value]
                yield from (one for one in each if isinstance(one, str))


def _changes(record: Record, named: Named) -> Iterable[Change]:
    before, after = record.before or {}, record.after or {}
    for name in sorted({*before, *after}, key=_place):
        was, now = before.get(name), after.get(name)
        if name in _UNTOLD or _same(was, now):
            continue
        yield Change(
            title=title_of(name),
            before=shown(name, was, named) if name in before and was not in _EMPTY else "",
            after=shown(name, now, named) if name in after else "",
        )


def _place(name: str) -> tuple[int, str]:
    """Facts are told in the order of the columns: stored JSON keeps none."""
    bare = name.removesuffix("_id")
    return _COLUMNS.index(bare) if bare in _COLUMNS else len(_COLUMNS), name


def _same(was: Any, now: Any) -> bool:
    """Equal, both empty, or one moment written in two time zones."""
    if was == now or (was in _EMPTY and now in _EMPTY):
        return True
    try:
        moments = [parse_datetime(str(value)) for value in (was, now)]
    except ValueError:
        return False
    return None not in moments and moments[0] == moments[1]


def title_of(name: str) -> str:
    """What a fact is called on the screen."""
    bare = name.removesuffix("_id")
    if bare in _TITLES:
        return _TITLES[bare]
    try:
        return str(Trip._meta.get_field(bare).verbose_name)  # type: ignore[union-attr]  # a column
    except FieldDoesNotExist:
        return name


def shown(name: str, value: Any, named: Named) -> str:
    """A fact's value in words: labels, names, money in yuan, times as pages write them."""
    bare = name.removesuffix("_id")
    if value in _EMPTY:
        return "无"
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, list):
        return "、".join(shown(name, each, named) for each in value)
    if bare in named and isinstance(value, int):
        return named[bare].get(value, str(value))
    return _counted(name, value) or _called(name, bare, value, named)


def _counted(name: str, value: Any) -> str:
    if name.endswith("_fen"):
        return f"{formats.yuan(int(value))} 元"
    return f"{formats.num(int(value))} 公里" if name.endswith("_km") else ""


def _called(name: str, bare: str, value: Any, named: Named) -> str:
    """What a code, a person's number or a file is called; else the value as it is written."""
    if isinstance(value, dict):  # a file
        return str(value.get("label", ""))
    if name in _BY_NUMBER and value in named.get(_NUMBERS, {}):
        return named[_NUMBERS][value]
    labels = _labels(bare)
    return labels[value] if value in labels else _moment(str(value))


def _labels(name: str) -> Mapping[Any, str]:
    try:
        field = Trip._meta.get_field(name)
    except FieldDoesNotExist:
        return {}
    return {key: str(label) for key, label in getattr(field, "flatchoices", None) or ()}


def _moment(text: str) -> str:
    try:
        at: datetime | date | None = parse_datetime(text) or parse_date(text)
    except ValueError:
        return text
    if isinstance(at, datetime) and at.tzinfo is not None:
        return formats.daytime(at)
    return formats.day(at) if at is not None and not isinstance(at, datetime) else text
