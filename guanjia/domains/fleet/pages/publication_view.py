"""What a public notice shows: a table by unit or month from its frozen rows, and its changes."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from guanjia.domains.fleet.models import Publication
from guanjia.domains.fleet.terms.costs import CostKind
from guanjia.domains.fleet.terms.publications import Told, digest_of, totals_of
from guanjia.kernel.values import money
from guanjia.ui import formats


@dataclass(frozen=True, kw_only=True)
class Number:
    """A number of the table; ``url`` opens its rows."""

    value: int
    url: str = ""


@dataclass(frozen=True, kw_only=True)
class Line:
    """One unit: its trips, kilometres, costs by kind, and all costs together."""

    name: str
    trips: Number
    km: Number
    costs: tuple[Number, ...]
    cost_fen: Number


@dataclass(frozen=True, kw_only=True)
class Table:
    """The table of a notice, of one month or of the whole period."""

    kinds: tuple[str, ...]
    lines: tuple[Line, ...]
    total: Line
    months: tuple[str, ...]
    month: str


def table(found: Publication, *, month: str = "", opens: bool = False) -> Table:
    """The table of a notice; ``opens``: every number leads to the rows behind it."""
    told = found.told
    months = tuple(sorted({row.month for row in told}))
    month = month if month in months else ""
    rows = [row for row in told if not month or row.month == month]
    kinds = tuple(kind.value for kind in CostKind if any(row.costs.get(kind) for row in told))
    page = reverse("fleet:publication_rows", args=[found.pk]) if opens else ""
    units = dict.fromkeys((row.unit, row.name) for row in rows)
    lines = tuple(
        _line([row for row in rows if row.unit == unit], name, kinds, _Where(page, unit, month))
        for unit, name in units
    )
    return Table(
        kinds=tuple(CostKind(kind).label for kind in kinds),
        lines=lines,
        total=_line(rows, "合计", kinds, _Where(page, "", month)),
        months=months,
        month=month,
    )


@dataclass(frozen=True)
class _Where:
    """Where the numbers of a line lead; nowhere without a page."""

    page: str
    unit: str
    month: str

    def number(self, value: int, what: str) -> Number:
        query = {"what": what, "unit": self.unit, "month": self.month}
        asked = urlencode({key: text for key, text in query.items() if text})
        return Number(value=value, url=f"{self.page}?{asked}" if self.page and value else "")


def _line(rows: Sequence[Told], name: str, kinds: Iterable[str], where: _Where) -> Line:
    sums = totals_of(rows)
    return Line(
        name=name,
        trips=where.number(sums["trips"], "trips"),
        km=where.number(sums["km"], "km"),
        costs=tuple(where.number(sums["costs"].get(kind, 0), kind) for kind in kinds),
        cost_fen=where.number(sums["cost_fen"], "cost"),
    )


def changes(found: Publication) -> list[dict[str, str]]:
    """What an edition corrects: unit, month, what, old and new value in words."""
    return [
        {
            "name": each["name"],
            "month": each["month"],
            "title": each["title"],
            "old": _said(each["item"], each["old"]),
            "new": _said(each["item"], each["new"]),
        }
        for each in found.changes
    ]


def _said(item: str, value: int) -> str:
    if item == "trips":
        return f"{formats.num(value)} 辆次"
    return f"{formats.num(value)} 公里" if item == "km" else money.yuan(value)


def is_unchanged(found: Publication) -> bool:
    """Whether what is kept still has the digest it was published with."""
    return found.digest == digest_of(found.content())


def sheet(found: Publication) -> dict[str, Any]:
    """Everything a notice says as the arguments of ``excel.book``, unit by unit, month by month."""
    told = found.told
    kinds = [kind for kind in CostKind if any(row.costs.get(kind) for row in told)]
    sums = totals_of(told)
    notes = [
        f"公示单位：{found.issuer}　第 {found.edition} 版",
        f"公示时间：{formats.day(found.published_at, style='iso') if found.published_at else '—'}",
        "不含保密车辆。辆次按已收车的派车单计，合乘不重复计；费用按发生日期和计入的登记计。",
        f"校验值（SM3）：{found.digest}",
    ]
    if found.reason:
        notes.insert(1, f"更正原因：{found.reason}")
    return {
        "title": found.title,
        "notes": notes,
        "heads": ("单位", "月份", "辆次", "里程（公里）", *(f"{k.label}（元）" for k in kinds),
                  "费用合计（元）"),
        "rows": [
            (row.name, row.month, row.trips, row.km,
             *(money.in_yuan(row.costs.get(kind, 0)) for kind in kinds),
             money.in_yuan(row.cost_fen))
            for row in told
        ],
        "totals": ("合计", "", sums["trips"], sums["km"],
                   *(money.in_yuan(sums["costs"].get(kind, 0)) for kind in kinds),
                   money.in_yuan(sums["cost_fen"])),
    }  # fmt: skip
