"""Filters of a list: texts in an address → conditions on the rows, and back to words."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.db.models import DateTimeField, ForeignKey, GeneratedField, Model, Q, QuerySet
from django.db.models.constants import LOOKUP_SEP

from guanjia.kernel.org import models as org
from guanjia.kernel.registers.declaration import Filter, Register
from guanjia.kernel.values.actor import Scope
from guanjia.kernel.values.period import SHANGHAI

TEXT_MAX = 60
_BIGINT = 2**63
FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(2199, 12, 31)


def parts(register: Register, name: str) -> tuple[str, ...]:
    """The parameter names a filter reads: two for dates, else its own name."""
    found = next(each for each in register.filters if each.name == name)
    return (f"{name}_from", f"{name}_to") if found.kind == "dates" else (name,)


def cleaned(register: Register, given: Mapping[str, str], notes: list[str]) -> dict[str, str]:
    """The texts that can be read, empty ones left out; the others are named in ``notes``."""
    kept = {}
    for each in register.filters:
        for name in parts(register, each.name):
            text = given.get(name, "").replace("\0", "")[:TEXT_MAX]
            fault = _fault(each, text) if text else None
            if fault:
                notes.append(f"{fault}，这个条件没有用上。")
            elif text:
                kept[name] = text
    return kept


def _fault(each: Filter, text: str) -> str | None:
    if each.kind == "choice" and each.choices is not None:
        unknown = [value for value in text.split(",") if value not in set(each.choices)]
        return f"“{each.title}”中没有“{unknown[0]}”" if unknown else None
    if each.kind in {"dates", "day"} and day_from(text) is None:
        return f"“{each.title}”写成 2020-05-01 这样的日期"
    if each.kind == "pick" and not (text.isdecimal() or text.removeprefix("-").isdecimal()):
        return f"“{each.title}”中没有“{text}”"
    return None


def day_from(text: str) -> date | None:
    """The day an address names, or ``None``."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    # A year that is still being typed (0202) is no day anybody looks for.
    return day if FIRST_DAY <= day <= LAST_DAY else None


def day(register: Register, given: Mapping[str, str]) -> date | None:
    """The day as of which the rows are to be shown, where one is given."""
    for each in register.filters:
        if each.kind == "day" and given.get(each.name):
            return day_from(given[each.name])
    return None


def label(each: Filter, given: Mapping[str, str], scope: Scope) -> str:
    """What a filter is set to, in words: ``2020-05-01 至 05-20``, ``办理中``.

    Rows and units get their names inside the scope only: beyond it a number stays a number.
    """
    if each.kind == "dates":
        return _span(given.get(f"{each.name}_from", ""), given.get(f"{each.name}_to", ""))
    text = given.get(each.name, "")
    if each.kind == "choice" and each.choices is not None:
        return "、".join(each.choices(value).label for value in text.split(","))
    if each.kind == "unit":
        found = org.Unit.objects.within(scope).filter(code=text).first()
        return f"{found.name}及下级" if found else text
    if each.kind == "pick" and each.options is not None:
        return {str(value): words for value, words in each.options(scope)}.get(text, text)
    return text


def _span(first: str, last: str) -> str:
    if not last:
        return f"{first} 起"
    if not first:
        return f"至 {last}"
    if first == last:
        return first
    # The year is said once: 2020-05-01 至 05-20.
    return f"{first} 至 {last[5:] if first[:4] == last[:4] else last}"


def narrow(rows: QuerySet[Any], register: Register, given: Mapping[str, str]) -> QuerySet[Any]:
    """The rows that meet every given filter."""
    for each in register.filters:
        value = _value(each, given)
        if value is None:
            continue
        if each.apply is not None:
            rows = each.apply(rows, value)
        else:
            rows = rows.filter(_condition(rows.model, each, value))
    return rows


def condition(model: type[Model], register: Register, given: Mapping[str, str]) -> Q | None:
    """The given filters as one condition; ``None`` where a filter narrows by a function."""
    found = Q()
    for each in register.filters:
        value = _value(each, given)
        if value is None:
            continue
        if each.apply is not None:
            return None
        found &= _condition(model, each, value)
    return found


def _value(each: Filter, given: Mapping[str, str]) -> Any:
    """What a filter is set to: (first, last) for dates, else text; ``None``: all rows stay."""
    if each.kind == "day":
        return None
    if each.kind == "dates":
        days = [day_from(given.get(f"{each.name}_{end}", "")) for end in ("from", "to")]
        return tuple(days) if any(days) else None
    return given.get(each.name) or None


def _condition(model: type[Model], each: Filter, value: Any) -> Q:
    path = each.path or each.name
    if each.kind == "dates":
        return _within(model, path, *value)
    if each.kind == "unit":
        return _below(model, path, value)
    if each.kind == "pick":
        return Q(**{path: int(value)}) if abs(int(value)) < _BIGINT else Q(pk__in=[])
    if each.kind == "text":
        found = Q()
        for one in path.split(","):
            found |= Q(**{f"{one.strip()}__icontains": value})
        return found
    return Q(**{f"{path}__in": value.split(",")})


def _within(model: type[Model], path: str, first: date | None, last: date | None) -> Q:
    found = Q()
    field = _field(model, path)
    timed = isinstance(getattr(field, "output_field", field), DateTimeField)
    if first:
        start = datetime.combine(first, time.min, SHANGHAI) if timed else first
        found &= Q(**{f"{path}__gte": start})
    if last:
        after = last + timedelta(days=1)  # the last day belongs to the range, as people read it
        found &= Q(
            **{f"{path}__lt": datetime.combine(after, time.min, SHANGHAI) if timed else after}
        )
    return found


def _below(model: type[Model], path: str, code: str) -> Q:
    unit = org.Unit.objects.filter(code=code).values_list("path", flat=True).first()
    if unit is None:
        return Q(pk__in=[])
    if isinstance(_field(model, path), ForeignKey):
        path = f"{path}{LOOKUP_SEP}path"
    return Q(**{f"{path}__startswith": unit})


def _field(model: type[Model], path: str) -> Any:
    """The model field at the end of an ORM path; ``None`` for an annotation."""
    found: Any = None
    for part in path.split(LOOKUP_SEP):
        try:
            found = model._meta.get_field(part)
        except FieldDoesNotExist:
            return None
        model = found.related_model or model
    return found.output_field if isinstance(found, GeneratedField) else found
