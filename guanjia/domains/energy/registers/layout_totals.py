"""Totals that a table of returns tells beside its months: they must be what the months come to."""

import re
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import TypeVar

from django.utils import timezone

from guanjia.domains.energy.terms.energies import Energy, Measure
from guanjia.domains.energy.terms.returns import Severity
from guanjia.kernel.registers import cells
from guanjia.kernel.registers.cells import Raw
from guanjia.kernel.registers.declaration import Column, Kind
from guanjia.kernel.regulations.lawbook import law_at

SEVERITY = "energy.check.total_severity"
# What a title says of a total, and over which months; what is left names source and side.
_TOTAL = re.compile(r"合计|总计|小计|累计")
_SPAN = re.compile(r"全年|上半年|下半年|本年|年度|[一二三四1-4]季度|\d{1,2}月?[-至到~]\d{1,2}月份?")
_NUMBER = Column(name="total", title="合计", kind=Kind.DECIMAL, places=4)
_HALF = Decimal("0.5")
T = TypeVar("T")
Side = tuple[Energy, Measure]


def checked() -> bool:
    """Whether totals are compared: what the bureau has set down."""
    return bool(law_at(timezone.localdate())[SEVERITY].value == Severity.ERROR)


def total_of(title: str, meaning_of: Callable[[str], T | None]) -> T | None:
    """What a title of a total is the total of; ``None`` where it is none, or cannot be read."""
    text = cells.fold_label(title)
    if not _TOTAL.search(text):
        return None
    rest = _SPAN.sub("", _TOTAL.sub("", text))
    return meaning_of(rest) if rest.strip("()-_/、:：.") else None


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
