"""What meters and gateways send over MQTT: topics, their JSON, and what may be wrong. Pure.

    guanjia/v1/meters/<number>      {"v": 1, "readings": [{"at": …, "value": …}, …]}
    guanjia/v1/gateways/<gateway>   the same, each reading with its own "meter"

docs/domains/energy/meters.md is the description for makers of devices.
"""

import json
import re
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from guanjia.domains.energy.terms.meters import READING_MAX, AsideReason, Line, SetAside

VERSION = 1
PAYLOAD_MAX = 64 * 1024  # bytes
READINGS_MAX = 1_000
SAMPLE_MAX = 300
NUMBER = re.compile(r"[0-9A-Za-z._-]{1,40}")
TOPICS = ("guanjia/v1/meters/+", "guanjia/v1/gateways/+")
_PLACES = 3
_EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
_LAST = datetime(2200, 1, 1, tzinfo=UTC)

Parsed = tuple[list[Line], list[SetAside]]


class _Unreadable(ValueError):
    """What is wrong with a message, in Chinese."""


def parse(topic: str, payload: bytes) -> Parsed:
    """The readings of a message, and what of it is none. Never raises."""
    whose = topic.rpartition("/")[2]
    number = whose if NUMBER.fullmatch(whose) else ""
    gateway = topic.startswith("guanjia/v1/gateways/")
    try:
        readings = _readings(payload)
    except _Unreadable as fault:
        return [], [_aside(number, f"{fault}：{_text(payload)}")]
    lines: list[Line] = []
    aside: list[SetAside] = []
    for each in readings:
        try:
            lines.append(_line(each, None if gateway else number))
        except _Unreadable as fault:
            aside.append(_aside(number, f"{fault}：{_shown(each)}"))
    return lines, aside


def _readings(payload: bytes) -> list[Any]:
    if len(payload) > PAYLOAD_MAX:
        raise _Unreadable(f"报文超过 {PAYLOAD_MAX // 1024} KiB")
    try:
        # Numbers as they are written: a binary fraction would show another register.
        told = json.loads(payload, parse_float=_fraction, parse_constant=_no_number)
    except (ValueError, RecursionError):
        raise _Unreadable("不是 JSON") from None
    if not isinstance(told, dict) or told.get("v") != VERSION or told.get("v") is True:
        raise _Unreadable(f"v 应为 {VERSION}")
    readings = told.get("readings")
    if not isinstance(readings, list) or not readings:
        raise _Unreadable("没有 readings")
    if len(readings) > READINGS_MAX:
        raise _Unreadable(f"一条报文最多 {READINGS_MAX} 个读数")
    return readings


def _fraction(text: str) -> Decimal:
    """A number with a point or an exponent; one that no exponent can hold is none."""
    try:
        return Decimal(text)
    except InvalidOperation:
        return Decimal("NaN")


def _no_number(_: str) -> Any:
    raise ValueError


def _line(told: Any, number: str | None) -> Line:
    """``number``: whose the topic says it is; ``None`` where the reading itself says so. Nobody
    speaks for another because his own topic is no number."""
    if not isinstance(told, dict):
        raise _Unreadable("读数应为 at、value")
    if number is None:
        number = told.get("meter")
    if not isinstance(number, str) or not NUMBER.fullmatch(number):
        raise _Unreadable("没有表号，或表号有别的字符")
    return Line(number=number, at=_moment(told.get("at")), value=_value(told.get("value")))


def _moment(told: Any) -> datetime:
    """``2020-05-01T00:15:00+08:00``, or whole seconds since the epoch."""
    if isinstance(told, bool) or not isinstance(told, int | str):
        raise _Unreadable("没有时间 at")
    try:
        if isinstance(told, int):
            at = datetime.fromtimestamp(told, UTC)
        else:
            at = datetime.fromisoformat(told)
    except (ValueError, OverflowError, OSError):
        raise _Unreadable("看不懂时间 at") from None
    if at.utcoffset() is None:
        raise _Unreadable("时间 at 没有写时区")
    if not _EARLIEST <= at < _LAST:
        raise _Unreadable("时间 at 不合理")
    # An offset may have a fraction, too.
    return at.astimezone(UTC).replace(microsecond=0)


def _value(told: Any) -> Decimal:
    if isinstance(told, bool) or not isinstance(told, int | str | Decimal):
        raise _Unreadable("没有读数 value")
    try:
        value = Decimal(told)
    except InvalidOperation:
        raise _Unreadable("看不懂读数 value") from None
    if not value.is_finite() or not 0 <= value <= READING_MAX:
        raise _Unreadable("读数 value 不合理")
    return round(value, _PLACES)


def _aside(number: str, sample: str) -> SetAside:
    # As a text that the database takes: without half of a pair, without nothing.
    kept = sample[:SAMPLE_MAX].encode("utf-8", "replace").decode().replace("\x00", "�")
    return SetAside(number=number, reason=AsideReason.BROKEN, sample=kept)


def _text(payload: bytes) -> str:
    return payload[:SAMPLE_MAX].decode("utf-8", errors="replace")


def _shown(told: Any) -> str:
    return str(told)[:SAMPLE_MAX]
