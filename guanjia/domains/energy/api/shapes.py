"""The shapes of monthly returns over the API, and how they become what the actions take.

Faults name the row and the field, rows counted from 0 in ``field`` (``months.3.code``) and from 1
in the sentence. Nothing is written where one row has a fault.
"""

from collections.abc import Collection, Sequence
from datetime import date
from decimal import Decimal
from typing import Annotated, Any

from django.utils import timezone
from ninja import Field, Schema
from pydantic import AwareDatetime, ConfigDict

from guanjia.domains.energy.actions.returns import Month
from guanjia.domains.energy.models import Institution, MonthReturn
from guanjia.domains.energy.queries import institutions as directory
from guanjia.domains.energy.queries import returns as queries
from guanjia.domains.energy.terms.energies import SOURCES, Energy, Used
from guanjia.domains.energy.terms.returns import FilingState, Origin
from guanjia.kernel.regulations.verdict import Finding, Refused
from guanjia.kernel.values.period import Period

MONTHS_MAX = 2000
_LINES_MAX = len(Energy)
_AMOUNT_MAX, _COST_MAX = Decimal(10_000_000_000), 100_000_000_000
_HEADLINE = "没有写入："
_SHOWN = 100


class LineIn(Schema):
    """One source of a month; what is left out or null says nothing, 0 is told."""

    model_config = ConfigDict(extra="forbid")

    energy: Energy = Field(description="品种")
    amount: Annotated[
        Decimal | None, Field(ge=0, le=_AMOUNT_MAX, max_digits=16, decimal_places=4)
    ] = Field(None, description="用量，按品种的单位")
    cost_fen: Annotated[int | None, Field(ge=0, le=_COST_MAX)] = Field(None, description="费用，分")


class MonthIn(Schema):
    """A month of an institution."""

    model_config = ConfigDict(extra="forbid")

    code: Annotated[str, Field(min_length=18, max_length=18)] = Field(
        description="统一社会信用代码"
    )
    name: Annotated[str, Field(max_length=100)] = Field(
        "", description="机构名称；几家机构同一代码时要写"
    )
    month: Annotated[str, Field(pattern=r"^20[0-9]{2}-[0-9]{2}$")] = Field(
        description="月份，写成 2020-05"
    )
    lines: Annotated[list[LineIn], Field(min_length=1, max_length=_LINES_MAX)]


EXAMPLE: Any = {
    "months": [
        {
            "code": "12360200MB8463675X",
            "name": "市图书馆",
            "month": "2020-05",
            "lines": [{"energy": "ELECTRICITY", "amount": "4016.5", "cost_fen": 249023}],
        }
    ]
}


class ReturnsIn(Schema):
    """Months of any institutions, all taken in or none."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [EXAMPLE]})

    months: Annotated[list[MonthIn], Field(min_length=1, max_length=MONTHS_MAX)]


class TakenOut(Schema):
    """What became of the months that were sent."""

    created: int = Field(description="新增的月报")
    updated: int = Field(description="改动的月报")
    unchanged: int = Field(description="与已有相同的月报")
    doubts: int = Field(description="这些月报待说明的疑点")


class LineOut(Schema):
    """A source of a month as it stands."""

    energy: Energy
    title: str
    unit: str
    amount: Decimal | None
    cost_fen: int | None


class MonthOut(Schema):
    """A month as it stands."""

    month: str
    origin: Origin
    told_at: AwareDatetime
    locked: bool
    doubts: int
    lines: list[LineOut]


class MonthsOut(Schema):
    """The months of an institution in a year."""

    id: int
    code: str
    name: str
    year: int
    months: list[MonthOut]


def months_of(body: ReturnsIn, *, within: Collection[int] | None = None) -> list[Month]:
    """The months as actions take them; raises ``Refused`` with every fault. ``within``: the only
    institutions that may be named, where a key says so; of others nothing is told, not even
    whether there are any."""
    known = directory.Directory({each.code for each in body.months}, within=within)
    found: list[Month] = []
    faults: list[Finding] = []
    seen: dict[tuple[int, date], int] = {}
    for place, each in enumerate(body.months):
        one = known.find(each.code, each.name)
        period = Period.month_named(each.month)
        if one is None:
            faults.append(_unknown(place, each, known.known(each.code), keyed=within is not None))
        elif period is None or period.start > timezone.localdate():
            faults.append(_fault(place, "month", "month_bad", "月份不对，或还没有到"))
        elif (first := seen.setdefault((one.pk, period.start), place)) != place:
            sentence = f"与第 {first + 1} 条是同一机构同一月份"
            faults.append(_fault(place, "month", "month_duplicate", sentence))
        elif len({line.energy for line in each.lines}) < len(each.lines):
            faults.append(_fault(place, "lines", "energy_twice", "同一品种写了两次"))
        else:
            found.append(Month(institution=one, month=period.start, lines=_lines(each)))
    if faults:
        raise Refused(faults[:_SHOWN])
    return found


def _lines(each: MonthIn) -> dict[Energy, Used]:
    return {
        line.energy: Used(amount=line.amount, cost_fen=line.cost_fen)
        for line in each.lines
        if line.amount is not None or line.cost_fen is not None
    }


def _unknown(
    place: int, each: MonthIn, there: Sequence[Institution], *, keyed: bool
) -> Finding:  # fmt: skip
    """A row about nobody we know, or about somebody the key has nothing to do with."""
    if there and each.name:
        return _fault(place, "name", "name_differs", "名称与名录库不同，核对代码和名称")
    if there:
        return _fault(place, "name", "name_missing", "几家机构同一代码，写明名称")
    if keyed:
        sentence = "名录库中没有这个代码，或不在填报范围内"
        return _fault(place, "code", "institution_unknown", sentence)
    return _fault(place, "code", "institution_unknown", "名录库中没有这个代码")


def _fault(place: int, field: str, code: str, sentence: str) -> Finding:
    return Finding(
        code=code, headline=_HEADLINE, sentence=f"第 {place + 1} 条 {field}：{sentence}。",
        field=f"months.{place}.{field}",
    )  # fmt: skip


def taken(counts: tuple[int, int, int], months: Sequence[Month]) -> dict[str, int]:
    """What became of them, with the doubts that wait."""
    created, updated, unchanged = counts
    rows = MonthReturn.objects.filter(
        institution__in={each.institution.pk for each in months},
        month__in={each.month for each in months},
    )
    keys = {each.key for each in months}
    ids = [pk for pk, one, month in rows.values_list("pk", "institution", "month")
           if (one, month) in keys]  # fmt: skip
    return {
        "created": created, "updated": updated, "unchanged": unchanged,
        "doubts": sum(queries.doubted(ids).values()),
    }  # fmt: skip


def shown(one: Institution, year: int) -> dict[str, object]:
    """The months of an institution in a year, as they stand."""
    rows = list(
        MonthReturn.objects.filter(institution=one, month__year=year)
        .prefetch_related("lines")
        .order_by("month")
    )
    still = queries.standing([(one.pk, row.month) for row in rows])
    doubts = queries.doubted([row.pk for row in rows])
    return {
        "id": one.pk, "code": one.code, "name": one.name, "year": year,
        "months": [
            {
                "month": f"{row.month:%Y-%m}", "origin": row.origin, "told_at": row.told_at,
                "locked": still.get((one.pk, row.month)) is FilingState.LOCKED,
                "doubts": doubts.get(row.pk, 0),
                "lines": [
                    {"energy": line.energy, "title": Energy(line.energy).label,
                     "unit": SOURCES[Energy(line.energy)].unit, "amount": line.amount,
                     "cost_fen": line.cost_fen}
                    for line in row.lines.all()
                ],
            }
            for row in rows
        ],
    }  # fmt: skip
