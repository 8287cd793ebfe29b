"""What the import pages show of an upload: counts, reasons, and the rows with their faults."""

import re
from dataclasses import dataclass, field
from typing import Any

from guanjia.kernel.registers.declaration import Column, Register
from guanjia.kernel.registers.models import Upload
from guanjia.ui.registers import cells

WORDS_MAX = 14
# What a code means, by the code itself or by its ending; departments name theirs the same way.
_REASONS = {
    "column_unknown": "：台账没有这一列",
    "column_missing": "：缺这一列",
    "column_duplicate": "：列名重复",
    "column_untitled": "没有列名",
    "database_refused": "与已有记录冲突",
    "sheet_ignored": "没有读的工作表",
    "row_skipped": "没有读的行",
    "required_missing": "未填",
    "number_unreadable": "：数字读不出",
    "date_unreadable": "：日期读不出",
    "choice_unknown": "不在可选项内",
    "value_too_small": "太小",
    "value_too_large": "太大",
    "text_too_long": "太长",
    "in_the_future": "还没有到",
}
_ENDINGS = {
    "_unknown": "查不到",
    "_duplicate": "重复",
    "duplicate": "重复",
    "_taken": "已被占用",
    "_missing": "未填",
    "_invalid": "写法不对",
    "_unreadable": "读不出",
    "_check_digit": "校验不符",
    "_behind": "：比已登记的少得多",
    "_backwards": "：前后接不上",
    "_odd": "不合常理",
}


@dataclass(frozen=True, kw_only=True)
class Reason:
    """One line of 按原因看."""

    title: str
    count: int
    url: str
    current: bool


@dataclass(frozen=True, kw_only=True)
class CellShown:
    """One cell as it stands in the file; ``tone`` is stop for a fault, wait for a doubt."""

    text: str
    css: str
    tone: str = ""
    message: str = ""


@dataclass(frozen=True, kw_only=True)
class RowShown:
    """One row of the file with what to mend in it."""

    number: int
    how: str
    cells: list[CellShown] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class Preview:
    """Everything the page shows of a file that was read."""

    columns: list[tuple[Column, str]]
    rows: list[RowShown]
    heads: list[dict[str, Any]]
    reasons: list[Reason]
    doubt_reasons: list[Reason]
    hidden: int
    rest: int


def reason_title(code: str, column: str, message: str) -> str:
    """What a reason is called: its column and what is the matter; else the fault's own words."""
    short = re.sub(r"[(（].*[)）]$", "", column)
    words = _REASONS.get(code) or next(
        (words for ending, words in _ENDINGS.items() if code.endswith(ending)), ""
    )
    if words:
        return f"{short}{words}".removeprefix("：")
    words = message.partition("。")[0]  # what follows tells of the one row
    words = words if len(words) <= WORDS_MAX else f"{words[:WORDS_MAX]}…"
    return words if not short or short in words else f"{short}：{words}"


def preview(*, upload: Upload, register: Register, reason: str, everything: bool) -> Preview:
    """The rows to look at: faulty and doubtful ones, or all that were kept.

    ``reason`` is ``CODE:COLUMN`` or empty. Faults of the header and of the file stand apart.
    """
    report = upload.report
    columns = _columns(register, report)
    wanted = [fault for fault in report.get("errors", ()) if _fits(fault, reason)]
    doubts = [fault for fault in report.get("doubts", ()) if _fits(fault, reason)]
    numbers = {row[0] for row in report.get("cells", ())}
    marked = {fault["row"] for fault in (*wanted, *doubts)}
    by_row = _by_row(wanted, doubts)
    rows = [
        _row(number, texts, columns, by_row.get(number, {}))
        for number, texts in report.get("cells", ())
        if everything or number in marked
    ]
    # A fault whose cells were not kept (very many of them) still shows its line.
    others = [fault for fault in (*wanted, *doubts) if fault["row"] not in numbers and fault["row"]]
    header = report.get("header_row", 0)
    return Preview(
        columns=[(column, cells.css_of(column, folds=False)) for _, column in columns],
        rows=rows,
        heads=[f for f in (*wanted, *doubts) if f["row"] in (0, header)],
        reasons=_reasons(report.get("reasons", ()), reason),
        doubt_reasons=_reasons(report.get("doubt_reasons", ()), reason),
        hidden=len([fault for fault in others if fault["row"] != header]),
        rest=max(0, report.get("rows", 0) - len(numbers)),
    )


def _columns(register: Register, report: dict[str, Any]) -> list[tuple[int, Column]]:
    """Place in the file and column: what names the row first, then what has faults, then the rest.

    So every cell to mend is seen without scrolling sideways.
    """
    faulty = {fault["column"] for fault in (*report.get("errors", ()), *report.get("doubts", ()))}
    placed = enumerate(register.column(name) for name in report.get("columns", ()))

    def order(item: tuple[int, Column]) -> tuple[bool, bool, int]:
        place, column = item
        return column.name != register.key_column, column.title not in faulty, place

    return sorted(placed, key=order)


def _fits(fault: dict[str, Any], reason: str) -> bool:
    return not reason or reason == f"{fault['code']}:{fault['column']}"


def _reasons(counted: Any, chosen: str) -> list[Reason]:
    return [
        Reason(
            title=reason_title(code, column, message),
            count=count,
            url=f"{code}:{column}",
            current=chosen == f"{code}:{column}",
        )
        for code, column, count, message in counted
    ]


def _by_row(errors: list[Any], doubts: list[Any]) -> dict[int, dict[str, tuple[str, str]]]:
    """Tone and message by row and column title; an error hides a doubt of the same cell."""
    found: dict[int, dict[str, tuple[str, str]]] = {}
    for tone, faults in (("wait", doubts), ("stop", errors)):
        for fault in faults:
            found.setdefault(fault["row"], {})[fault["column"]] = (tone, fault["message"])
    return found


def _row(
    number: int,
    texts: list[str],
    columns: list[tuple[int, Column]],
    found: dict[str, tuple[str, str]],
) -> RowShown:
    shown = []
    for place, column in columns:
        tone, message = found.get(column.title, ("", ""))
        css = cells.css_of(column, folds=False)
        shown.append(CellShown(text=texts[place], css=css, tone=tone, message=message))
    return RowShown(
        number=number, how="；".join(message for _, message in found.values()), cells=shown
    )
