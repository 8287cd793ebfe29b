"""Totals that a table of returns tells beside its months: they must be what the months come to.

A title says over which months it is a total (上半年, 一季度, 1-3月, 累计). It is compared only
where the table has exactly these months; a total over others is known, and left alone.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Generic, TypeVar

from django.utils import timezone

from guanjia.domains.energy.terms.energies import Energy, Measure
from guanjia.domains.energy.terms.returns import Severity
from guanjia.kernel.registers import cells
from guanjia.kernel.registers.cells import Raw
from guanjia.kernel.registers.declaration import Column, Kind
from guanjia.kernel.regulations.lawbook import law_at

SEVERITY = "energy.check.total_severity"
Span = frozenset[int]
# What a title says of a total, and over which months; what is left names source and side.
_TOTAL = re.compile(r"合计|总计|小计|累计")
_RUNNING = re.compile(r"累计|本年")
_LAST = 12


def _months(first: int, last: int) -> "Span":
    return frozenset(range(first, last + 1)) if 0 < first <= last <= _LAST else frozenset()


# ``None``: as far as the year has come.
_NAMED: dict[str, "Span | None"] = {
    "全年度": _months(1, 12), "全年": _months(1, 12), "年度": _months(1, 12),
    "本年度": None, "本年": None,
    "上半年": _months(1, 6), "下半年": _months(7, 12),
    "前二季度": _months(1, 6), "前两季度": _months(1, 6), "前三季度": _months(1, 9),
    **{f"{before}{word}季度": _months(3 * place + 1, 3 * place + 3)
       for place, words in enumerate(("一1", "二2", "三3", "四4"))
       for word in words for before in ("第", "")},
}  # fmt: skip
_SPAN = re.compile(
    rf"(?P<named>{'|'.join(sorted(_NAMED, key=len, reverse=True))})"
    r"|(?P<first>\d{1,2})月?份?[-至到~—–](?P<last>\d{1,2})月份?"
)
_NUMBER = Column(name="total", title="合计", kind=Kind.DECIMAL, places=4)
_HALF = Decimal("0.5")
T = TypeVar("T")
Side = tuple[Energy, Measure]


def checked() -> bool:
    """Whether totals are compared: unless the bureau has switched it off. A total that differs is
    always refused; nothing of it could be explained later."""
    return bool(law_at(timezone.localdate())[SEVERITY].value != Severity.OFF)


@dataclass(frozen=True, kw_only=True)
class Total(Generic[T]):
    """A column of totals: of what (``None``: of what its row says), over which months (``None``:
    over those there are; empty: nobody can tell which), and whether it runs on from January."""

    meaning: T | None
    span: Span | None = None
    running: bool = False

    def parts(self, months: Mapping[int, str]) -> list[int]:
        """The columns it is the total of, out of columns with their months (``2020-05``, ``-05``,
        or empty: the row's own); none where the table has other months. Those of two years cannot
        be told apart, and of a month there is nothing that runs on."""
        if "" in months.values():
            alone = self.span is None and not self.running and set(months.values()) == {""}
            return list(months) if alone else []
        numbers = {at: int(month[-2:]) for at, month in months.items()}
        wanted = self.span
        if wanted is None:
            last = max(numbers.values(), default=0)
            wanted = _months(1, last) if self.running else frozenset(numbers.values())
        found = [at for at, number in numbers.items() if number in wanted]
        one_year = len({months[at][:-3] for at in found}) == 1
        return found if one_year and {numbers[at] for at in found} == wanted else []


def total_of(title: str, meaning_of: Callable[[str], T | None]) -> Total[T] | None:
    """What a title of a total is the total of; ``None`` where it is none, or cannot be read."""
    text = cells.fold_label(title)
    if not _TOTAL.search(text):
        return None
    rest = _SPAN.sub("", _TOTAL.sub("", text))
    bare = not rest.strip("()-_/、:：.")
    meaning = None if bare else meaning_of(rest)
    if meaning is None and not bare:
        return None
    spans = {span for each in _SPAN.finditer(text) if (span := _span(each)) is not None}
    return Total(
        meaning=meaning, running=bool(_RUNNING.search(text)),
        span=None if not spans else spans.pop() if len(spans) == 1 else frozenset(),
    )  # fmt: skip


def _span(found: re.Match[str]) -> Span | None:
    """The months that a span names; empty where they do not follow one another in a year."""
    if named := found["named"]:
        return _NAMED[named]
    return _months(int(found["first"]), int(found["last"]))


def number(raw: Raw) -> Decimal | None:
    """The number in a cell; ``None`` where there is none."""
    found: Decimal | None = cells.read(_NUMBER, raw).value
    return found


def sums(told: Iterable[tuple[Side, Raw]]) -> dict[Side, Decimal]:
    """What the cells of each source and side come to."""
    found: dict[Side, Decimal] = {}
    for side, raw in told:
        value = number(raw)
        if value is not None:
            found[side] = found.get(side, Decimal(0)) + value
    return found


def differs(raw: Raw, side: Side, parts: Mapping[Side, Decimal]) -> str:
    """What is wrong with a total, in words; empty where it agrees, to half of its last digit."""
    total = number(raw)
    if total is None or side not in parts:
        return ""
    exponent = total.normalize().as_tuple().exponent
    last = Decimal(1).scaleb(min(exponent, 0) if isinstance(exponent, int) else 0)
    if abs(total - parts[side]) <= last * _HALF:
        return ""
    energy, measure = side
    said = f"{energy.label}{measure.label}"
    return f"{said}合计 {_shown(total)}，各月相加 {_shown(parts[side])}，核对哪个月填错"


def _shown(value: Decimal) -> str:
    return f"{value.normalize():,f}"
