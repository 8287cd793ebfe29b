"""Which part of what was sent cannot be read, in words: for the API and bodies read by hand."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from guanjia.kernel.regulations.verdict import Finding

_AROUND = ("body", "query", "path")
_KINDS = {
    "missing": "没有填",
    "int_parsing": "应是整数",
    "int_type": "应是整数",
    "float_parsing": "应是数",
    "decimal_parsing": "应是数",
    "bool_parsing": "应是 true 或 false",
    "date_from_datetime_parsing": "写成 2020-05-08 这样的日期",
    "date_parsing": "写成 2020-05-08 这样的日期",
    "datetime_from_date_parsing": "写成 2020-05-08T08:30:00+08:00 这样的时间",
    "datetime_parsing": "写成 2020-05-08T08:30:00+08:00 这样的时间",
    "timezone_aware": "时间要带时区，如 +08:00",
    "uuid_parsing": "应是 UUID",
    "enum": "不在可选的值里",
    "literal_error": "不在可选的值里",
    "string_too_long": "太长",
    "string_too_short": "太短",
    "greater_than_equal": "太小",
    "less_than_equal": "太大",
    "json_invalid": "不是 JSON",
    "model_attributes_type": "应是一个对象",
    "model_type": "应是一个对象",
    "extra_forbidden": "没有这一项",
}
_SHOWN, _NAME_MAX = 100, 60


def findings(errors: Iterable[Mapping[str, Any]], *, headline: str) -> list[Finding]:
    """The first faults of pydantic, each with its field and a sentence without its full stop."""
    return [_finding(error, headline) for _, error in zip(range(_SHOWN), errors, strict=False)]


def _finding(error: Mapping[str, Any], headline: str) -> Finding:
    place = [part for part in error.get("loc", ()) if part not in _AROUND]
    kind = str(error.get("type", "invalid"))
    return Finding(
        code=kind, headline=headline, field=_field(place),
        sentence=f"{_place(place)} {_KINDS.get(kind, '不合要求')}".strip(),
    )  # fmt: skip


def _field(place: Sequence[str | int]) -> str:
    """The name of what could not be read; inside a list its whole way: ``months.3.month``."""
    names = [str(part)[:_NAME_MAX] for part in place]
    inside = any(isinstance(part, int) for part in place)
    return ".".join(names) if inside else "".join(names[-1:])


def _place(place: Sequence[str | int]) -> str:
    """The same in words, rows counted from one: ``months 第 4 条 month``. Only what counts a row is
    a number: a name somebody made up may be any text of digits."""
    if not any(isinstance(part, int) for part in place):
        return _field(place)
    return " ".join(
        f"第 {part + 1} 条" if isinstance(part, int) else part[:_NAME_MAX] for part in place
    )
