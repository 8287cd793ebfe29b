"""Reading findings and monthly lists; the first argument says where one may look."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, Q, Subquery

from guanjia.domains.fleet.models import Finding, Findings, GroundRow, MonthlyList, MonthlyLists
from guanjia.domains.fleet.terms.oversight import (
    FINDING_LIFE,
    FindingState,
    GroundCode,
    Level,
    Outcome,
)
from guanjia.kernel.access.subjects import Subject
from guanjia.kernel.org.models import Unit
from guanjia.kernel.values.actor import Scope
from guanjia.kernel.values.period import Period

SEE, EXPLAIN, DECIDE = "fleet.oversight.see", "fleet.oversight.explain", "fleet.oversight.decide"


def findings(scope: Scope) -> Findings:
    """The findings inside the scope with what their list shows."""
    rows: Findings = (
        Finding.objects.within(scope)
        .select_related("unit", "car", "trip", "explained_by", "decided_by")
        .prefetch_related("grounds")
    )
    return rows


def _now(row: Finding) -> str:
    """Car, day, and the first of the grounds that stand."""
    grounds = [ground.headline for ground in row.grounds.all() if ground.gone_at is None]
    told = f"，{grounds[0].rstrip('。')}" if grounds else ""
    return f"{row.car.plate} {row.on_day:%Y-%m-%d}{told}"


FINDINGS = Subject(
    model="fleet.finding", title="督车事项", page="fleet:finding", see=SEE, rows=findings,
    life=FINDING_LIFE, key="finding_id", path="oversight", stem="finding",
    beside=("unit", "car", "trip"), listed=("督车", "fleet:oversight"),
    now=_now,
)  # fmt: skip


def finding(*, scope: Scope, finding_id: int) -> Finding:
    """One finding; raises ``Finding.DoesNotExist`` outside the scope."""
    found: Finding = findings(scope).get(pk=finding_id)
    return found


def narrowed(
    rows: Findings,
    *,
    period: Period | None = None,
    level: str = "",
    state: str = "",
    code: str = "",
    outcome: str = "",
    unit: Unit | None = None,
    words: str = "",
) -> Findings:
    """The findings that a filter leaves; an empty filter leaves all."""
    if period is not None:
        rows = rows.filter(on_day__gte=period.start, on_day__lt=period.end)
    if level:
        rows = rows.filter(level=level)
    if state:
        rows = rows.filter(state=state)
    if outcome:
        rows = rows.filter(outcome=outcome)
    if code:
        having = GroundRow.objects.filter(code=code, gone_at=None).values("finding")
        rows = rows.filter(pk__in=Subquery(having))
    if unit is not None:
        rows = rows.filter(unit__path__startswith=unit.path)
    if words:
        rows = rows.filter(
            Q(number__icontains=words)
            | Q(car__plate__icontains=words)
            | Q(trip__number__icontains=words)
        )
    return rows


def counts(rows: Findings) -> dict[str, int]:
    """How many there are by state, by level, and past their day; one statement."""
    told: dict[str, int] = rows.order_by().aggregate(
        all=Count("pk"),
        **{state.value: Count("pk", filter=Q(state=state)) for state in FindingState},
        **{level.value: Count("pk", filter=Q(level=level)) for level in Level},
    )
    return told


def of_trip(*, scope: Scope, trip_id: int) -> Findings:
    """The findings about a trip, the latest first."""
    return findings(scope).filter(trip_id=trip_id).order_by("-pk")


def of_car(*, scope: Scope, car_id: int, limit: int = 5) -> list[Finding]:
    """The latest findings about a car."""
    return list(findings(scope).filter(car_id=car_id).order_by("-on_day", "-pk")[:limit])


def to_explain(scope: Scope) -> Findings:
    """The findings that wait for the unit's words, the first due first."""
    return findings(scope).filter(state=FindingState.OPEN).order_by("due_on", "pk")


def to_decide(scope: Scope, *, on: date) -> Findings:
    """The explained findings, and those whose unit let its time pass."""
    rows = findings(scope).filter(
        Q(state=FindingState.EXPLAINED) | Q(state=FindingState.OPEN, due_on__lt=on)
    )
    return rows.order_by("due_on", "pk")


# ── the monthly list ─────────────────────────────────────────────────────────────────────


def frozen(*, scope: Scope, period: Period) -> list[dict[str, Any]]:
    """A month's findings as plain data, to be kept as they are now."""
    rows = (
        findings(scope)
        .filter(on_day__gte=period.start, on_day__lt=period.end)
        .exclude(outcome=Outcome.GONE)
        .order_by("unit__position", "on_day", "pk")
    )
    return [_frozen(row) for row in rows]


def _frozen(row: Finding) -> dict[str, Any]:
    grounds = [g for g in row.grounds.all() if g.gone_at is None]
    return {
        "id": row.pk,
        "number": row.number,
        "level": row.level,
        "on_day": row.on_day.isoformat(),
        "unit": str(row.unit),
        "unit_path": row.unit.path,
        "plate": row.car.plate,
        "plate_colour": row.car.get_plate_colour_display(),
        "trip": row.trip.number if row.trip else "",
        "trip_id": row.trip_id,
        "grounds": [GroundCode(g.code).label for g in grounds],
        "sentences": [f"{g.headline}{g.sentence}" for g in grounds],
        "state": FindingState(row.state).label,
        "explanation": row.explanation,
        "outcome": Outcome(row.outcome).label if row.outcome else "",
        "decision": row.decision,
    }


def monthly_lists(scope: Scope) -> MonthlyLists:
    """The monthly lists for whoever may look at all."""
    rows: MonthlyLists = MonthlyList.objects.within(scope)
    return rows


LISTS = Subject(
    model="fleet.monthlylist", title="月度督车清单", page="fleet:monthly_list", key="list_id",
    path="oversight/lists", stem="monthly_list", see=SEE, rows=monthly_lists, name="",
    sees=lambda actor, _: actor.can(SEE), listed=("月度清单", "fleet:monthly_lists"),
)  # fmt: skip


def rows_of(*, scope: Scope, made: MonthlyList) -> list[dict[str, Any]]:
    """The frozen rows inside a scope: a unit sees its own, nobody outside a car secret by now."""
    ids = [row["id"] for row in made.rows]
    seen = set(Finding.objects.within(scope).filter(pk__in=ids).values_list("pk", flat=True))
    return [row for row in made.rows if row["id"] in seen]


@dataclass(frozen=True, kw_only=True)
class Tally:
    """How many findings of a unit there are, by level."""

    unit: str
    unit_path: str
    red: int
    yellow: int
    green: int

    @property
    def total(self) -> int:
        """All of them."""
        return self.red + self.yellow + self.green


def tallies(rows: Iterable[Mapping[str, Any]]) -> list[Tally]:
    """The rows of a list counted by unit and level, in their order."""
    found: dict[str, dict[str, Any]] = {}
    for row in rows:
        unit = found.setdefault(
            row["unit_path"], {"unit": row["unit"], **dict.fromkeys(("red", "yellow", "green"), 0)}
        )
        unit[row["level"].lower()] += 1
    return [Tally(unit_path=path, **counted) for path, counted in found.items()]
