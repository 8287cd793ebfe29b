"""Rounds, what they found, what is put right; the first argument says where one may look."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, Exists, Max, Min, OuterRef, Q

from guanjia.domains.space.models import (
    CheckItem,
    Holding,
    Inspection,
    Inspections,
    Mark,
    Rectification,
    Rectifications,
    Room,
    Round,
    Rounds,
    Visit,
)
from guanjia.domains.space.queries import rooms
from guanjia.domains.space.terms.ledger import RoomKind
from guanjia.domains.space.terms.rounds import RECT_LIFE, ROUND_LIFE, UNDONE, RectState, RoundState
from guanjia.kernel.access.subjects import Subject
from guanjia.kernel.org.models import Unit
from guanjia.kernel.regulations.verdict import Citation
from guanjia.kernel.values.actor import Actor, Scope
from guanjia.kernel.values.period import SHANGHAI, Period

SEE, RECTIFY, ACCEPT = "space.round.see", "space.round.rectify", "space.round.accept"


# ── rounds ───────────────────────────────────────────────────────────────────────────────


def rounds(scope: Scope) -> Rounds:
    """The rounds that visit units inside the scope, the latest first."""
    rows: Rounds = Round.objects.within(scope)
    return rows.order_by("-begins_on", "-pk")


def round_of(*, scope: Scope, round_id: int) -> Round:
    """One of them; ``DoesNotExist`` outside the scope."""
    found: Round = Round.objects.within(scope).get(pk=round_id)
    return found


def running(scope: Scope) -> Rounds:
    """The rounds under way."""
    return rounds(scope).filter(state=RoundState.RUNNING)


def cite_of(item: CheckItem) -> Citation | None:
    """The article of a line as it stood when the round was planned."""
    if item.cite:
        facts = dict(item.cite)
        for name in ("since", "checked_on"):
            facts[name] = date.fromisoformat(facts[name]) if facts.get(name) else None
        return Citation(**facts)
    return Citation(title=item.basis, own=True) if item.basis else None


def visit_for(visits: Iterable[Visit], path: str) -> Visit | None:
    """The visited unit that a unit of this path belongs to: itself, or the nearest above."""
    found = [visit for visit in visits if path.startswith(visit.unit.path)]
    return max(found, key=lambda visit: len(visit.unit.path), default=None)


def holding_units(day: date) -> list[Unit]:
    """The units that hold a room on a day, in protocol order: whom a round can visit."""
    ids = Holding.objects.on(day).values("unit")
    return list(Unit.objects.filter(pk__in=ids).order_by("position", "pk"))


@dataclass(frozen=True, kw_only=True)
class Progress:
    """How far a round is with a unit: rooms it holds, rooms looked at, records, what was found."""

    visit: Visit
    rooms: int
    looked: int
    records: int
    problems: int
    undone: int
    late: int

    @property
    def unit(self) -> Unit:
        """The unit."""
        unit: Unit = self.visit.unit
        return unit

    @property
    def visited(self) -> bool:
        """Whether anybody was there."""
        return self.records > 0


def progress(*, round_: Round, scope: Scope, day: date) -> list[Progress]:
    """How far a round is, by unit in protocol order; a handful of statements."""
    visits = list(visits_of(round_=round_, scope=scope))
    held = _rooms_by_visit(visits, min(day, round_.ends_on))
    found = _found(Inspection.objects.filter(round=round_), by="unit", distinct="room")
    rects = _undone(Rectification.objects.filter(round=round_), by="unit", day=day)
    return [
        Progress(
            visit=visit,
            rooms=held.get(visit.pk, 0),
            looked=found[visit.unit_id]["distinct"],
            records=found[visit.unit_id]["records"],
            problems=found[visit.unit_id]["problems"],
            undone=rects[visit.unit_id]["undone"],
            late=rects[visit.unit_id]["late"],
        )
        for visit in visits
    ]


Counts = Mapping[Any, Mapping[str, int]]


def _found(rows: Any, *, by: str, distinct: str) -> Counts:
    """Of inspections by unit or round: how many, how many with a problem, of how many rooms or
    units; 0 of what is not there."""
    problem = Q(Exists(Mark.objects.filter(inspection=OuterRef("pk"))))
    counted: dict[Any, Mapping[str, int]] = defaultdict(lambda: defaultdict(int))
    told = rows.filter(replaced=False).order_by().values(by)
    for row in told.annotate(
        records=Count("pk"),
        distinct=Count(distinct, distinct=True),
        problems=Count("pk", filter=problem),
    ):
        counted[row[by]] = row
    return counted


def _undone(rows: Any, *, by: str, day: date) -> Counts:
    """Of what is put right by unit or round: how many are not done, and how many of them late."""
    counted: dict[Any, Mapping[str, int]] = defaultdict(lambda: defaultdict(int))
    told = rows.order_by().values(by)
    for row in told.annotate(
        undone=Count("pk", filter=Q(state__in=UNDONE)),
        late=Count("pk", filter=Q(state=RectState.OPEN, due_on__lt=day)),
    ):
        counted[row[by]] = row
    return counted


def visits_of(*, round_: Round, scope: Scope) -> Any:
    """The units of a round inside the scope, in protocol order."""
    rows = Visit.objects.filter(round=round_).select_related("unit")
    if not scope.everything:
        rows = rows.filter(unit__in=Unit.objects.within(scope))
    return rows.order_by("unit__position", "pk")


def visit_of(*, round_: Round, unit_id: int, scope: Scope) -> Visit:
    """The visit to a unit; ``DoesNotExist`` outside the scope."""
    found: Visit = visits_of(round_=round_, scope=scope).get(unit=unit_id)
    return found


def rooms_of(*, round_: Round, visit: Visit, day: date) -> list[tuple[Room, Inspection | None]]:
    """The rooms that a visited unit holds on a day, each with the look that counts, if any."""
    visits = list(visits_of(round_=round_, scope=Scope.all()))
    last = _last_looks(round_)
    return [
        (room, last.get(room.pk))
        for room in _held_rooms(day)
        if visit_for(visits, room.held.unit.path) == visit
    ]


def _held_rooms(day: date) -> Any:
    """The rooms that anybody holds on a day, in the order in which one walks."""
    held = rooms.as_of(day=day, scope=Scope.all()).filter(held__pk__isnull=False)
    return held.order_by("building__position", "building", "floor__number", "number")


def _rooms_by_visit(visits: Sequence[Visit], day: date) -> dict[int, int]:
    """How many rooms each visited unit holds, with those of its sections."""
    counted: dict[int, int] = defaultdict(int)
    held = Holding.objects.on(day).values("unit__path").annotate(n=Count("pk"))
    for row in held.order_by():
        visit = visit_for(visits, row["unit__path"])
        if visit is not None:
            counted[visit.pk] += row["n"]
    return dict(counted)


@dataclass(frozen=True, kw_only=True)
class Sum:
    """A round in a list: how many units, how many of them visited, what was found and is undone."""

    round: Round
    units: int
    visited: int
    records: int
    problems: int
    undone: int
    late: int


def sums(*, rows: Sequence[Round], scope: Scope, day: date) -> list[Sum]:
    """The numbers of some rounds inside the scope, in four statements."""
    ids = [row.pk for row in rows]
    units = Visit.objects.filter(round__in=ids)
    if not scope.everything:
        units = units.filter(unit__in=Unit.objects.within(scope))
    counted = dict(
        units.order_by().values("round").annotate(n=Count("pk")).values_list("round", "n")
    )
    found = _found(
        Inspection.objects.within(scope).filter(round__in=ids), by="round", distinct="unit"
    )
    rects = _undone(Rectification.objects.within(scope).filter(round__in=ids), by="round", day=day)
    return [
        Sum(
            round=row,
            units=counted.get(row.pk, 0),
            visited=found[row.pk]["distinct"],
            records=found[row.pk]["records"],
            problems=found[row.pk]["problems"],
            undone=rects[row.pk]["undone"],
            late=rects[row.pk]["late"],
        )
        for row in rows
    ]


# ── on the telephone ─────────────────────────────────────────────────────────────────────


def may_go(*, actor: Actor, round_: Round) -> bool:
    """Whether somebody goes round: a named inspector, anybody with the duty where none is named,
    and whoever plans rounds."""
    if not actor.can("space.round.inspect"):
        return False
    named = set(round_.inspectors.values_list("person", flat=True))
    return not named or actor.person_id in named or actor.can("space.round.plan")


def rooms_to_go(*, round_: Round, scope: Scope, day: date) -> list[dict[str, Any]]:
    """The rooms a round looks at, as the telephone keeps them: short keys, plain data."""
    visits = list(visits_of(round_=round_, scope=scope))
    sitters = rooms.sitters(room_ids=None, day=day)
    last = _last_looks(round_)
    found = []
    for row in _held_rooms(day):
        visit = visit_for(visits, row.held.unit.path)
        if visit is not None:
            people = [one.person.name for one in sitters.get(row.pk, ())]
            found.append(_to_go(row, visit, people, last.get(row.pk)))
    return found


def _to_go(row: Room, visit: Visit, people: list[str], last: Inspection | None) -> dict[str, Any]:
    told = {
        "id": row.pk,
        "b": str(row.building),
        "f": row.floor.title,
        "n": row.number,
        "u": visit.unit_id,
        "k": row.now.kind,
        "m": f"{row.now.usable_m2.normalize():f}",
        "p": people,
    }
    if last is not None:
        told["last"] = {
            "at": last.scanned_at.astimezone(SHANGHAI).strftime("%m-%d %H:%M")
            if last.scanned_at
            else f"{last.on_day:%m-%d}",
            "who": last.inspector_name,
            "what": "、".join(last.words),
        }
    return told


def _last_looks(round_: Round) -> dict[int, Inspection]:
    rows = inspections(Scope.all()).filter(round=round_, room__isnull=False, replaced=False)
    return {row.room_id: row for row in rows if row.room_id is not None}


# ── inspections ──────────────────────────────────────────────────────────────────────────


def inspections(scope: Scope) -> Inspections:
    """The records of inspections inside the scope, with what their pages show."""
    rows: Inspections = (
        Inspection.objects.within(scope)
        .select_related("round", "unit", "room__building", "room__floor")
        .prefetch_related("marks__item")
    )
    return rows


def with_problem(rows: Inspections, *, wanted: bool = True) -> Inspections:
    """Those that found something, or nothing."""
    marked = Exists(Mark.objects.filter(inspection=OuterRef("pk")))
    return rows.filter(marked) if wanted else rows.filter(~marked)


def inspection(*, scope: Scope, inspection_id: int) -> Inspection:
    """One of them; ``DoesNotExist`` outside the scope."""
    found: Inspection = inspections(scope).get(pk=inspection_id)
    return found


def of_period(*, scope: Scope, period: Period) -> Inspections:
    """The inspections of a period by their day."""
    rows: Inspections = Inspection.objects.within(scope).filter(
        on_day__gte=period.start, on_day__lt=period.end
    )
    return rows


def first_and_last(*, scope: Scope, period: Period) -> tuple[date | None, date | None]:
    """The first and the last day on which anybody was inspected in a period."""
    found = of_period(scope=scope, period=period).aggregate(first=Min("on_day"), last=Max("on_day"))
    return found["first"], found["last"]


def other_looks(inspection: Inspection) -> Inspections:
    """The other records of the same room in the same round, the latest first."""
    rows = inspections(Scope.all()).filter(round=inspection.round_id).exclude(pk=inspection.pk)
    rows = rows.filter(unit=inspection.unit_id, room=inspection.room_id)
    return rows.order_by("-scanned_at", "-pk")


@dataclass(frozen=True, kw_only=True)
class Mismatch:
    """A room that is not as the ledger tells: what it says, what an inspector found, when."""

    room_id: int
    room: str
    what: str
    told: str
    found: str
    on_day: date
    inspection_id: int
    inspector: str


def mismatches(*, scope: Scope, day: date) -> list[Mismatch]:
    """Rooms whose last inspection measured or saw something else than the ledger tells on a day.

    For the reconciliation of ledgers (账实): once the ledger says what was found, it is gone.
    """
    last = (
        Inspection.objects.within(scope)
        .filter(replaced=False, room__isnull=False, told_m2__isnull=False, on_day__lte=day)
        .order_by("room_id", "-on_day", "-pk")
        .distinct("room_id")
    )
    rows = inspections(scope).filter(pk__in=last.values("pk"))
    rows = rows.filter(Q(measured_m2__isnull=False) | ~Q(seen_kind=""))
    found = {row.room_id: row for row in rows if row.room_id is not None}
    now = rooms.as_of(day=day, scope=Scope.all()).filter(pk__in=list(found))
    return [
        Mismatch(
            room_id=room.pk,
            room=str(room),
            what=what,
            told=told,
            found=seen,
            on_day=found[room.pk].on_day,
            inspection_id=found[room.pk].pk,
            inspector=found[room.pk].inspector_name,
        )
        for room in now.order_by("pk")
        for what, told, seen in _differs(found[room.pk], room)
    ]


def _differs(row: Inspection, room: Any) -> Iterator[tuple[str, str, str]]:
    """What an inspector found otherwise than the ledger tells: what, told, found."""
    if row.measured_m2 is not None and row.measured_m2 != room.now.usable_m2:
        yield "使用面积", f"{room.now.usable_m2:.1f} ㎡", f"{row.measured_m2:.1f} ㎡"
    if row.seen_kind and row.seen_kind != room.now.kind:
        yield "房间类别", RoomKind(room.now.kind).label, RoomKind(row.seen_kind).label


# ── putting right ────────────────────────────────────────────────────────────────────────


def rectifications(scope: Scope) -> Rectifications:
    """What units inside the scope have to put right, with what its pages show."""
    rows: Rectifications = (
        Rectification.objects.within(scope)
        .select_related("round", "unit", "room__building", "inspection", "explained_by")
        .prefetch_related("inspection__marks__item")
    )
    return rows


ROUNDS = Subject(
    model="space.round", title="巡检", page="space:round", see=SEE, rows=rounds, life=ROUND_LIFE,
    key="round_id", path="rounds", stem="round", name="title", listed=("巡检", "space:rounds"),
)  # fmt: skip


RECTIFICATIONS = Subject(
    model="space.rectification", title="整改", page="space:rectification", see=SEE,
    rows=rectifications, life=RECT_LIFE, key="rectification_id", path="rectifications",
    stem="rectification", beside=("unit", "room__building", "inspection"),
    listed=("巡检整改", "space:rectifications_list"),
)  # fmt: skip


def rectification(*, scope: Scope, rectification_id: int) -> Rectification:
    """One of them; ``DoesNotExist`` outside the scope."""
    found: Rectification = rectifications(scope).get(pk=rectification_id)
    return found


def to_rectify(scope: Scope) -> Rectifications:
    """What waits for its unit."""
    return rectifications(scope).filter(state=RectState.OPEN)


def to_accept(scope: Scope) -> Rectifications:
    """What a unit has answered."""
    return rectifications(scope).filter(state=RectState.ANSWERED)


# ── who may open what ────────────────────────────────────────────────────────────────────


def sees_inspection(actor: Actor, inspection_id: int) -> bool:
    """Whether somebody may open a record."""
    scope = actor.scope(SEE)
    rows = Inspection.objects.within(scope).filter(pk=inspection_id)
    return not scope.nothing and bool(rows.exists())
