"""The ranks of an assessment as they are published: who passed, in their places. Pure."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from guanjia.domains.energy.terms.assessment import Outcome
from guanjia.engines.wordreports.paper import Figure, Head, Paper, Section, Series, Table, written

_HEADS = (
    Head(title="名次", places=0),
    Head(title="机构"),
    Head(title="所属区域"),
    Head(title="得分", unit="分", places=2),
    Head(title="等次"),
)


@dataclass(frozen=True, kw_only=True)
class Ranked:
    """An institution in an assessment; ``place`` where it passed."""

    name: str
    area: str
    total: Decimal
    grade: str
    outcome: Outcome
    place: int


def paper_of(
    *, title: str, source: str, rows: Sequence[Ranked], grades: Sequence[str], listed: int
) -> Paper:
    """What is told of an assessment: how many took part of those ``listed`` in the register, how it
    ended for them, and those who passed, the first one first. ``grades``: the best one first."""
    passed = sorted(
        (row for row in rows if row.outcome is Outcome.PASSED), key=lambda row: row.place
    )
    ends = Counter(row.outcome for row in rows)
    told = "，".join(f"{outcome.label}{ends[outcome]}家" for outcome in Outcome if ends[outcome])
    counted = Counter(row.grade for row in passed)
    named = [grade for grade in grades if counted[grade]]
    figures = (_chart(named, counted),) if named else ()
    whole = Section(
        key="whole", title="参加和结果", figures=figures,
        sentences=(f"名录库有公共机构{listed}家，参加{len(rows)}家：{told or '没有结果'}。",),
    )  # fmt: skip
    ranks = Section(
        key="ranks",
        title="名次",
        sentences=() if passed else ("没有达标的机构。",),
        tables=(_table(passed, graded=bool(grades)),) if passed else (),
    )
    notes = ["只列达标的机构，得分相同的名次并列；未完成、不达标的只列家数。"]
    if source:
        notes.append(f"评价标准：{source}。")
    return Paper(title=f"{title}结果", sections=(whole, ranks), notes=tuple(notes))


def _table(passed: Sequence[Ranked], *, graded: bool) -> Table:
    heads = _HEADS if graded else _HEADS[:-1]
    rows = tuple(_row(each, graded=graded) for each in passed)
    return Table(title="达标机构", heads=heads, rows=rows)


def _row(each: Ranked, *, graded: bool) -> tuple[str | None, ...]:
    row = (str(each.place), each.name, each.area, written(each.total, 2))
    return (*row, each.grade or None) if graded else row


def _chart(named: Sequence[str], counted: Counter[str]) -> Figure:
    values = tuple(str(counted[grade]) for grade in named)
    return Figure(
        key="grades", title="各等次家数", unit="家", noun="等次", kind="bar", places=0,
        categories=tuple(named), series=(Series(name="达标机构", values=values),),
    )  # fmt: skip
