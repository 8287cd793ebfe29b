"""The points of a year: what inspections and late mending cost each unit (年度考核)."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Count, Exists, OuterRef
from django.db.models.functions import ExtractYear

from guanjia.domains.space.models import Inspection, Inspections, Mark, Rectification
from guanjia.domains.space.queries.rounds import of_period, rectifications
from guanjia.domains.space.rules import rounds as rules
from guanjia.domains.space.terms.rounds import MarkFacts, RectFacts, RectState, Score
from guanjia.kernel.org.models import Unit
from guanjia.kernel.regulations.lawbook import LawInForce, law_at
from guanjia.kernel.values.actor import Scope
from guanjia.kernel.values.period import SHANGHAI, Period


@dataclass(frozen=True, kw_only=True)
class UnitScore:
    """A unit's year: how often it was inspected, what was found, what was late, what it cost."""

    unit: Unit
    score: Score
    records: int
    problems: int
    rectifications: int
    late: int


@dataclass(frozen=True, kw_only=True)
class FindingOff:
    """A tick and what it takes off; ``counts`` says whether its line was not yet used up."""

    mark: Mark
    points: Decimal
    counts: bool


@dataclass(frozen=True, kw_only=True)
class LateOff:
    """Something put right too late: for how many days, and what that takes off."""

    rectification: Rectification
    days: int
    points: Decimal


@dataclass(frozen=True, kw_only=True)
class Account:
    """How a unit's points of a year come about; the rows add up to its score."""

    score: Score
    findings: list[FindingOff]
    late: list[LateOff]
    records: int


def law_of(*, year: int, on: date) -> LawInForce:
    """The provisions a year is counted by: those of its last day, or of today before that."""
    return law_at(min(on, Period.parse(str(year)).last))


def scores(*, year: int, scope: Scope, on: date) -> list[UnitScore]:
    """The points of every unit inspected in a year, in protocol order, as things stand on a day.

    The latest look at a room counts; a finding that was called off does not.
    """
    period = Period.parse(str(year))
    law = law_of(year=year, on=on)
    found = of_period(scope=scope, period=period).filter(replaced=False)
    counted = found.order_by().values("unit").annotate(records=Count("pk"))
    records = dict(counted.values_list("unit", "records"))
    marks = _by_unit(_marks(found))
    rects: dict[int, list[Rectification]] = defaultdict(list)
    for rect in _rects(scope, period):
        rects[rect.unit_id].append(rect)
    units = Unit.objects.filter(pk__in=records).order_by("position", "pk")
    listed = []
    for unit in units:
        mine = marks.get(unit.pk, [])
        score = rules.score(
            marks=[_mark_facts(mark) for mark in mine],
            rects=[_rect_facts(rect) for rect in rects[unit.pk]],
            on=on,
            law=law,
        )
        listed.append(
            UnitScore(
                unit=unit,
                score=score,
                records=records[unit.pk],
                problems=len({mark.inspection_id for mark in mine}),
                rectifications=len(rects[unit.pk]),
                late=sum(days > 0 for days in score.late_days),
            )
        )
    return listed


def account(*, year: int, unit: Unit, scope: Scope, on: date) -> Account:
    """What a unit's points of a year are made of; empty where the scope does not hold the unit."""
    period = Period.parse(str(year))
    law = law_of(year=year, on=on)
    found = of_period(scope=scope, period=period).filter(replaced=False, unit=unit)
    marks = list(_marks(found))
    facts = [_mark_facts(mark) for mark in marks]
    rects = list(_rects(scope, period).filter(unit=unit))
    days = [rules.late_days(rect=_rect_facts(rect), on=on) for rect in rects]
    return Account(
        score=rules.score(marks=facts, rects=[_rect_facts(rect) for rect in rects], on=on, law=law),
        findings=[
            FindingOff(mark=mark, points=fact.points, counts=counts)
            for mark, fact, counts in zip(
                marks, facts, rules.counting(marks=facts, law=law), strict=True
            )
        ],
        late=[
            LateOff(rectification=rect, days=late, points=rules.late_points(days=late, law=law))
            for rect, late in zip(rects, days, strict=True)
            if late
        ],
        records=found.count(),
    )


def _marks(found: Inspections) -> Any:
    """The ticks of some inspections in the order in which they were made."""
    off = Rectification.objects.filter(
        inspection=OuterRef("inspection"), state=RectState.CALLED_OFF
    )
    rows = Mark.objects.filter(~Exists(off), inspection__in=found)
    return rows.select_related(
        "item", "inspection__round", "inspection__room__building", "inspection__unit"
    ).order_by("inspection__on_day", "pk")


def _by_unit(marks: Sequence[Mark]) -> Mapping[int, list[Mark]]:
    found: dict[int, list[Mark]] = defaultdict(list)
    for mark in marks:
        found[mark.inspection.unit_id].append(mark)
    return found


def _mark_facts(mark: Mark) -> MarkFacts:
    points = Decimal(mark.item.points)
    return MarkFacts(round_id=mark.inspection.round_id, item_id=mark.item_id, points=points)


def _rects(scope: Scope, period: Period) -> Any:
    return (
        rectifications(scope)
        .exclude(state=RectState.CALLED_OFF)
        .filter(inspection__on_day__gte=period.start, inspection__on_day__lt=period.end)
        .order_by("due_on", "pk")
    )


def _rect_facts(row: Rectification) -> RectFacts:
    answered = row.explained_at if row.state != RectState.OPEN else None
    return RectFacts(
        due_on=row.due_on, answered_on=answered.astimezone(SHANGHAI).date() if answered else None
    )


def years(scope: Scope) -> list[int]:
    """The years in which units inside the scope were inspected, the latest first."""
    days = Inspection.objects.within(scope).order_by().annotate(year=ExtractYear("on_day"))
    return sorted(set(days.values_list("year", flat=True).distinct()), reverse=True)
