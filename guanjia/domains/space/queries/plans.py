"""The plans of a building's floors as they were on a day, and the rooms on them."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from guanjia.domains.space.models import (
    Building,
    Floor,
    FloorPlan,
    Holding,
    Occupant,
    PlanShape,
    PlanUpload,
    Room,
)
from guanjia.domains.space.queries import buildings as ledger
from guanjia.domains.space.queries import rooms as reading
from guanjia.domains.space.queries import standards
from guanjia.domains.space.rules import plans as rules
from guanjia.domains.space.terms.ledger import Basis, RoomKind, RoomState
from guanjia.domains.space.terms.plans import AreaGap, KnownRoom, Shape, ShapeRole
from guanjia.domains.space.terms.standards import RoomVerdict, Said
from guanjia.kernel.access.subjects import Subject
from guanjia.kernel.org.terms import Rank
from guanjia.kernel.regulations.lawbook import law_at
from guanjia.kernel.values.actor import Actor, Scope

SEE, DRAW = "space.room.see", "space.plan.draw"


@dataclass(frozen=True, kw_only=True)
class Sitter:
    """Somebody who sits in a room: name, post and rank."""

    id: int
    name: str
    post: str
    rank: str


@dataclass(frozen=True, kw_only=True)
class RoomSeen:
    """A room as a plan tells of it on a day; ``verdict`` is ``None`` where it may not be seen."""

    id: int
    number: str
    floor: int
    building_id: int = 0
    kind: RoomKind
    state: RoomState
    usable_m2: Decimal
    unit_id: int | None = None
    unit: str = ""
    basis: Basis | None = None
    paper: str = ""
    people: tuple[Sitter, ...] = ()
    verdict: RoomVerdict | None = None

    @property
    def vacant(self) -> bool:
        """Whether it stands empty (空置)."""
        return self.state is RoomState.VACANT

    @property
    def over_m2(self) -> Decimal | None:
        """By how much it is over the standard; ``None`` where it is not."""
        return self.verdict.over_m2 if self.verdict is not None and self.verdict.over else None

    @property
    def within(self) -> bool:
        """Whether it was judged and is within the standard."""
        return self.verdict is not None and self.verdict.said is Said.WITHIN


@dataclass(frozen=True, kw_only=True)
class PlanOfDay:
    """The edition that shows a floor on a day; ``later`` where it was drawn only afterwards."""

    plan: FloorPlan
    shapes: tuple[PlanShape, ...]
    later: bool = False


def buildings(scope: Scope, day: date) -> Any:
    """The buildings somebody may open, as they were on a day."""
    return ledger.as_at(Building.objects.within(scope), day)


def floors_of(building: Building) -> list[Floor]:
    """The floors of a building, the highest first."""
    return list(building.floors.order_by("-number"))


def plan_on(*, floor: Floor, day: date) -> PlanOfDay | None:
    """The edition of a day. Where none was drawn yet the first one stands in, and says so: the
    walls of a floor outlive its drawings."""
    plan = FloorPlan.objects.filter(floor=floor).up_to(day).first()
    later = plan is None
    if plan is None:
        plan = FloorPlan.objects.filter(floor=floor).order_by("since", "edition").first()
    if plan is None:
        return None
    return PlanOfDay(plan=plan, shapes=tuple(plan.shapes.all()), later=later)


def editions(*, floor: Floor) -> list[FloorPlan]:
    """Every edition of a floor's plan, the newest first."""
    rows = FloorPlan.objects.filter(floor=floor).select_related("drawn_by").order_by("-edition")
    return list(rows)


def drawn_floors(building: Building) -> set[int]:
    """The numbers of the floors of a building that have a plan."""
    rows = FloorPlan.objects.filter(floor__building=building)
    return set(rows.values_list("floor__number", flat=True))


def held_ids(*, floor: Floor, day: date) -> frozenset[int]:
    """The rooms of a floor that any unit holds on a day: of others' rooms a plan tells no more."""
    held = Holding.objects.on(day).filter(room__floor=floor)
    return frozenset(held.values_list("room_id", flat=True))


def may_judge(actor: Actor) -> bool:
    """Whether verdicts may be shown to somebody at all."""
    return actor.can(standards.SEE)


def rooms_of(
    *, building: Building, day: date, scope: Scope, judged: bool, floor: int | None = None
) -> list[RoomSeen]:
    """The rooms of a building (or one floor of it) on a day that the scope may see, in the order
    of their numbers; ``judged``: with their verdicts. Six statements, however many rooms."""
    rows: Any = reading.as_of(day=day, scope=scope).filter(building=building)
    if floor is not None:
        rows = rows.filter(floor__number=floor)
    found = list(rows.order_by("floor__number", "number"))
    return _seen(found, day=day, judged=judged)


def room_of(*, room_id: int, day: date, scope: Scope, judged: bool) -> RoomSeen | None:
    """One room as of a day; ``None`` where it was not there or lies out of sight."""
    rows = reading.as_of(day=day, scope=scope).filter(pk=room_id)
    return next(iter(_seen(list(rows), day=day, judged=judged)), None)


def _seen(rows: Collection[Any], *, day: date, judged: bool) -> list[RoomSeen]:
    ids = [row.pk for row in rows]
    people = reading.sitters(room_ids=ids, day=day) if ids else {}
    verdicts = standards.verdicts(ids, day) if judged else {}
    return [
        RoomSeen(
            id=row.pk,
            number=row.number,
            floor=row.floor.number,
            building_id=row.building_id,
            kind=RoomKind(row.now.kind),
            state=RoomState(row.now.state),
            usable_m2=row.now.usable_m2,
            unit_id=row.held.unit_id if row.held else None,
            unit=row.held.unit.shown if row.held else "",
            basis=Basis(row.held.basis) if row.held else None,
            paper=row.held.paper if row.held else "",
            people=tuple(
                Sitter(
                    id=one.person_id, name=one.person.name, post=one.person.title,
                    rank=Rank(one.person.rank).label,
                )
                for one in people.get(row.pk, ())
            ),
            verdict=verdicts.get(row.pk),
        )
        for row in rows
    ]  # fmt: skip


def known_rooms(*, floor: Floor, day: date) -> list[KnownRoom]:
    """The rooms of a floor as the ledger has them on a day, for whoever draws its plan."""
    rows: Any = Room.objects.on(day).filter(floor=floor).order_by("number")
    return [
        KnownRoom(id=pk, number=number, usable_m2=m2)
        for pk, number, m2 in rows.values_list("pk", "number", "now__usable_m2")
    ]


def names_on(*, floor: Floor, days: Collection[date]) -> frozenset[str]:
    """Who sits on a floor on any of some days, by name: no label of its plan may tell that."""
    found: set[str] = set()
    for day in set(days):
        rows = Occupant.objects.on(day).filter(room__floor=floor)
        found.update(rows.values_list("person__name", flat=True))
    return frozenset(found)


def gaps(*, plan: PlanOfDay, rooms: Collection[RoomSeen]) -> list[AreaGap]:
    """The rooms whose area on the plan is not that of the ledger, by the bureau's own measure of
    the day the plan was drawn."""
    return rules.gaps(
        shapes=shapes_of(plan.shapes),
        rooms=[KnownRoom(id=r.id, number=r.number, usable_m2=r.usable_m2) for r in rooms],
        law=law_at(plan.plan.drawn_at),
    )


def shapes_of(rows: Iterable[PlanShape]) -> list[Shape]:
    """Stored shapes as rules know them."""
    return [
        Shape(
            label=row.label, role=ShapeRole(row.role), room_id=row.room_id,
            corners=tuple((x, y) for x, y in row.polygon),
        )
        for row in rows
    ]  # fmt: skip


def uploads(_: Scope) -> Any:
    """The drawings that wait to be adopted, each for whoever sent it."""
    return PlanUpload.objects.select_related("floor__building__compound")


UPLOADS = Subject(
    model="space.planupload", title="待采用的平面图", page="space:plan_upload", key="drawing_id",
    path="plans/drawings", stem="plan", see=DRAW, rows=uploads, mine="account", name="name",
    listed=("楼层平面图", "space:floors"), now=lambda sent: str(sent.floor),
)  # fmt: skip


def upload(*, actor: Actor, upload_id: int) -> PlanUpload:
    """A drawing that this very account sent; ``DoesNotExist`` for anybody else's."""
    actor.must(DRAW)
    found: PlanUpload = UPLOADS.within(actor, DRAW).get(pk=upload_id)
    return found


def waiting(*, actor: Actor, floor: Floor) -> list[PlanUpload]:
    """The drawings of a floor that this very account sent and has not adopted, the newest first."""
    rows = PlanUpload.objects.filter(floor=floor, account=actor.account_id)
    return list(rows.order_by("-sent_at", "-pk"))


def still_named(digests: frozenset[str]) -> list[str]:
    """Those files of the store that a plan or a waiting drawing names."""
    return [
        *FloorPlan.objects.filter(digest__in=digests).values_list("digest", flat=True),
        *PlanUpload.objects.filter(digest__in=digests).values_list("digest", flat=True),
    ]


def sees_plan(actor: Actor, plan_id: int) -> bool:
    """Whether somebody may open a plan: its building is in their sight."""
    scope = actor.scope(SEE)
    seen = Building.objects.within(scope).filter(floors__plans=plan_id)
    return not scope.nothing and bool(seen.exists())
