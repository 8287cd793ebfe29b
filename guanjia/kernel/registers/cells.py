"""From what stands in an Excel cell to a value, or to a sentence that says how to mend it. Pure."""

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from typing import Any

from guanjia.kernel.registers import moments
from guanjia.kernel.registers.declaration import Column, Kind
from guanjia.kernel.values.term import Term


@dataclass(frozen=True, slots=True)
class ErrorCell:
    """A formula that ended in an error: ``#REF!``, ``#N/A``."""

    text: str


@dataclass(frozen=True, slots=True)
class Uncomputed:
    """A formula whose result was never stored in the file."""


@dataclass(frozen=True, slots=True)
class Percent:
    """A number shown as a percentage: 0.43 stands there as 43%."""

    value: float


Raw = (
    str
    | int
    | float
    | bool
    | datetime
    | date
    | time
    | timedelta
    | ErrorCell
    | Uncomputed
    | Percent
    | None
)


@dataclass(frozen=True, slots=True)
class Reading:
    """The value of a cell, and what is wrong (``code``) or odd (``doubt``) about it.

    ``value`` is what the column's kind promises: TEXT and REFERENCE ``str`` (an empty TEXT is
    ``""``), INTEGER ``int``, DECIMAL ``Decimal`` with the column's places, DATE ``date``, MONTH the
    ``date`` of its first day, DATETIME aware in Asia/Shanghai, CHOICE the ``Term``; ``None`` for an
    empty cell of any other kind.
    """

    value: Any = None
    code: str = ""
    message: str = ""
    doubt: bool = False

    @property
    def faulty(self) -> bool:
        """Whether the cell refuses the row."""
        return bool(self.code) and not self.doubt


_INVISIBLE = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff\u00ad"))
_BLANKS = dict.fromkeys(map(ord, "\u00a0\u2000\u2002\u2003\u2007\u2009\u202f\u3000\t"), " ")
_LINES = {0x2028: "\n", 0x2029: "\n"}
_TIDY = _INVISIBLE | _BLANKS | _LINES
_BETWEEN_CODES = re.compile(r"[、，,;；/\s]+")
_CONTROL = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
_FULL_WIDTH_CODE = {
    code: half for code, half in _FULL_WIDTH.items() if chr(half).isalnum() or chr(half) in "-_./:+"
}
_PLAIN_NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)")
_GROUPED_NUMBER = re.compile(r"[+-]?[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]+)?")

_TEXTUAL = (Kind.TEXT, Kind.REFERENCE)
_NUMBER_LENGTH_MAX = 40
_INTEGER_CEILING = 2**31 - 1  # what an integer column of the database holds
_DECIMAL_CEILING = Decimal(10) ** 12
_EXCEL_DIGITS = 15  # Excel keeps no more; longer numbers lost their last digits
_LABELS_SHOWN = 8
_SHOWN_LENGTH = 120


def tidy(text: str) -> str:
    """Text without surrounding blanks, invisible signs and Excel's carriage returns."""
    text = text.replace("_x000D_", "").replace("\r\n", "\n").replace("\r", "\n")
    return text.translate(_TIDY).strip()


def several(text: str) -> tuple[str, ...]:
    """The codes that one cell names, each once, in their order: ``D045005、D045006``."""
    return tuple(dict.fromkeys(code for code in _BETWEEN_CODES.split(text) if code))


def half_width(text: str) -> str:
    """Full-width digits, letters and punctuation as their ASCII twins."""
    return text.translate(_FULL_WIDTH)


def is_blank(raw: Raw) -> bool:
    """Whether nothing stands in the cell."""
    return raw is None or (isinstance(raw, str) and not tidy(raw))


def shown(raw: Raw) -> str:
    """The cell as a person sees it, for the preview and the list of faults; bounded."""
    return _shown(raw)[:_SHOWN_LENGTH]


def _shown(raw: Raw) -> str:
    text = str(raw)
    match raw:
        case None:
            text = ""
        case str():
            text = _CONTROL.sub("�", tidy(raw))
        case bool():
            text = "是" if raw else "否"
        case float():
            text = _plain(raw)
        case datetime():
            clock = f" {raw:%H:%M:%S}".removesuffix(":00")
            text = f"{raw.year:04}-{raw:%m-%d}" + (clock if raw.time() != time.min else "")
        case Percent():
            text = f"{_plain(raw.value * 100)}%"
        case ErrorCell():
            text = raw.text
        case Uncomputed():
            text = "公式"
    return text


def _plain(number: float) -> str:
    if not math.isfinite(number):
        return str(number)
    return f"{Decimal(format(number, '.15g')).normalize():f}"


def short_title(column: Column) -> str:
    """The column's title without its unit: 购置价格(万元) → 购置价格."""
    return re.sub(r"\s*[(（][^()（）]*[)）]\s*$", "", column.title) or column.title


def _bad(code: str, message: str) -> Reading:
    return Reading(code=code, message=message)


def read(column: Column, raw: Raw, *, must: bool = False, epoch_1904: bool = False) -> Reading:
    """Read one cell as its column demands; never raises.

    ``must`` makes the cell required beyond what the column says (the key of a register).
    ``epoch_1904``: whether bare day numbers count from 1904, as in workbooks of old Macs.
    REFERENCE comes back as the code's text (a cell with ``many`` codes as it stands); looking it up
    is for the importer, in bulk.
    """
    if complaint := _uncountable(raw) or _turned_into_a_day(column, raw):
        return complaint
    cleaned = _cleaned(column, raw)
    if is_blank(cleaned):
        if column.required or must:
            return _bad("required_missing", f"补填{short_title(column)}")
        return Reading(value="" if column.kind is Kind.TEXT else None)
    reading = _READERS[column.kind](column, cleaned, epoch_1904)
    if column.check is not None and not reading.faulty:
        sentence = column.check(reading.value)
        return _bad(column.check_code, sentence) if sentence else reading
    return reading


def _cleaned(column: Column, raw: Raw) -> Raw:
    """What typed text becomes before anything else; codes also when Excel holds them as numbers."""
    if column.kind in _TEXTUAL and not _lost_digits(raw) and raw is not None:
        text = tidy(raw) if isinstance(raw, str) else _shown(raw)
        if column.kind is Kind.REFERENCE or _is_code(column):
            text = text.translate(_FULL_WIDTH_CODE).replace("\n", " ")
        return column.clean(text) if column.clean is not None else text
    if isinstance(raw, str) and column.clean is not None:
        return column.clean(tidy(raw))
    return raw


def _lost_digits(raw: Raw) -> bool:
    return isinstance(raw, int | float) and abs(raw) >= 10**_EXCEL_DIGITS


def _uncountable(raw: Raw) -> Reading | None:
    if isinstance(raw, ErrorCell):
        return _bad("cell_error", f"公式出错（{raw.text}），改正公式或直接填写")
    if isinstance(raw, Uncomputed):
        return _bad("formula_uncomputed", "公式没有算出结果，用 Excel 打开并保存后再上传")
    return None


def _turned_into_a_day(column: Column, raw: Raw) -> Reading | None:
    """Excel makes a day of the number 3-1; what tells rows apart must not be guessed back."""
    if column.kind is Kind.TEXT and column.unique and isinstance(raw, date | time):
        name = short_title(column)
        return _bad("code_as_day", f"{name}被当作日期，把格子设为文本后重填")
    return None


def _text(column: Column, raw: Raw, _: bool) -> Reading:
    if _lost_digits(raw):
        return _bad("code_as_number", "长编码被当作数字，末几位已失真，把格子设为文本后重填")
    text = str(raw)
    if _CONTROL.search(text):
        return _bad("text_unreadable", "格子里有看不见的控制字符，重新输入一遍")
    if len(text) > column.max_length:
        return _bad("text_too_long", f"最多 {column.max_length} 个字，现有 {len(text)} 个")
    return Reading(value=text)


def _is_code(column: Column) -> bool:
    """Codes are compared and checked sign by sign; prose keeps the width people typed."""
    return bool(column.unique or column.check or column.clean)


def _decimal(raw: Raw) -> Decimal | None:
    """The exact number that stands in a cell, or ``None``; Excel's float noise is rounded away."""
    if isinstance(raw, str):
        return _decimal_text(half_width(tidy(raw)).replace("\u2212", "-"))
    if isinstance(raw, bool) or not isinstance(raw, int | float) or not math.isfinite(raw):
        return None
    return Decimal(raw) if isinstance(raw, int) else Decimal(format(raw, f".{_EXCEL_DIGITS}g"))


def _decimal_text(text: str) -> Decimal | None:
    if len(text) > _NUMBER_LENGTH_MAX:
        return None
    if _GROUPED_NUMBER.fullmatch(text):
        return Decimal(text.replace(",", ""))
    return Decimal(text) if _PLAIN_NUMBER.fullmatch(text) else None


def counts_in_percent(column: Column) -> bool:
    """Whether the column's unit is %: a cell shown as 43% then means 43, not 0.43."""
    return "%" in half_width(column.unit + column.title)


def _number(column: Column, raw: Raw) -> Decimal | None:
    if isinstance(raw, Percent):
        number = _decimal(raw.value)
        return number * 100 if number is not None and counts_in_percent(column) else number
    return _decimal(raw)


def _integer(column: Column, raw: Raw, _: bool) -> Reading:
    number = _number(column, raw)
    if number is None:
        return _bad("number_unreadable", f"只填数字，如 {column.example or 5}")
    if number != number.to_integral_value():
        return _bad("number_not_whole", f"{short_title(column)}应为整数")
    return _bounded(column, number, Decimal(_INTEGER_CEILING)) or Reading(value=int(number))


def _decimal_cell(column: Column, raw: Raw, _: bool) -> Reading:
    number = _number(column, raw)
    if number is None:
        return _bad("number_unreadable", f"只填数字，如 {column.example or '1.8'}")
    if outside := _bounded(column, number, _DECIMAL_CEILING):
        return outside
    value = number.quantize(Decimal(1).scaleb(-column.places), rounding=ROUND_HALF_UP)
    if value != number:
        # What is rounded away may be all there was: 0.001 with two places is 0.
        if outside := _bounded(column, value, _DECIMAL_CEILING):
            return outside
        kept = f"取 {column.places} 位小数，读作 {value:f}"
        return Reading(value=value, code="number_rounded", message=kept, doubt=True)
    return Reading(value=value)


def _bounded(column: Column, number: Decimal, ceiling: Decimal) -> Reading | None:
    name = short_title(column)
    if column.above is not None and number <= column.above:
        return _bad("value_too_small", f"{name}应大于 {column.above}")
    if column.minimum is not None and number < column.minimum:
        return _bad("value_too_small", f"{name}不应小于 {column.minimum}")
    if column.maximum is not None and number > column.maximum:
        return _bad("value_too_large", f"{name}不应大于 {column.maximum}")
    if abs(number) > ceiling:
        return _bad("value_too_large", f"{name}的数字过大，核对位数和单位")
    return None


def _date(_: Column, raw: Raw, epoch_1904: bool) -> Reading:
    found = _moment(raw, epoch_1904)
    if isinstance(found, str):
        return _bad("date_unreadable", found or "写成 2016-05-08 这样的日期")
    return Reading(value=found.date())


def _month(_: Column, raw: Raw, epoch_1904: bool) -> Reading:
    if isinstance(raw, str):
        found = moments.month_from_text(half_width(tidy(raw)))
    elif isinstance(raw, int | float) and not isinstance(raw, bool) and math.isfinite(raw):
        found = moments.month_from_number(raw, epoch_1904=epoch_1904)
    else:
        found = _moment(raw, epoch_1904)
    if isinstance(found, str):
        return _bad("month_unreadable", found or "写成 2020-05 这样的月份")
    return Reading(value=found.date().replace(day=1))


def _datetime(_: Column, raw: Raw, epoch_1904: bool) -> Reading:
    found = _moment(raw, epoch_1904)
    if isinstance(found, str):
        return _bad("date_unreadable", found or "写成 2016-05-08 08:30 这样的时间")
    return Reading(value=found)


def _moment(raw: Raw, epoch_1904: bool) -> datetime | str:
    if isinstance(raw, str):
        return moments.from_text(half_width(tidy(raw)))
    if isinstance(raw, int | float) and not isinstance(raw, bool):
        return moments.from_number(raw, epoch_1904=epoch_1904)
    if isinstance(raw, datetime):
        return moments.from_cell(raw)
    if isinstance(raw, date):
        return moments.from_cell(datetime(raw.year, raw.month, raw.day, tzinfo=moments.SHANGHAI))
    return ""


def fold_label(text: str) -> str:
    """A label or header with width, blanks and capitals folded, for comparison only."""
    folded = re.sub(r"\s+", "", half_width(tidy(text)))
    return folded.replace("㎡", "m²").replace("²", "2").replace("³", "3").casefold()


@cache
def _terms(choices: type[Term]) -> dict[str, Term]:
    return {fold_label(term.label): term for term in choices}


def _choice(column: Column, raw: Raw, _: bool) -> Reading:
    choices = column.choices
    if choices is None:
        return _text(column, _shown(raw), False)
    term = _terms(choices).get(fold_label(_shown(raw)))
    if term is not None:
        return Reading(value=term)
    labels = choices.labels()
    more = f"等 {len(labels)} 项" if len(labels) > _LABELS_SHOWN else ""
    return _bad("choice_unknown", f"从「{'、'.join(labels[:_LABELS_SHOWN])}」{more}中选一项")


_READERS: dict[Kind, Callable[[Column, Raw, bool], Reading]] = {
    Kind.TEXT: _text,
    Kind.REFERENCE: _text,
    Kind.INTEGER: _integer,
    Kind.DECIMAL: _decimal_cell,
    Kind.DATE: _date,
    Kind.MONTH: _month,
    Kind.DATETIME: _datetime,
    Kind.CHOICE: _choice,
}
