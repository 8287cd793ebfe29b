"""Rooms as they stood on a day, and who holds them when."""

from collections import defaultdict
from collections.abc import Collection
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import DateField, Exists, F, OuterRef, Prefetch, Q, Sum, Value
from django.utils import timezone

from guanjia.domains.space.models import Holding, Occupant, Room, RoomSpell
from guanjia.domains.space.terms.ledger import Basis, RoomFacts, RoomKind, RoomState
from guanjia.kernel.access.subjects import Subject
from guanjia.kernel.audit import queries as audit
from guanjia.kernel.org.models import Unit
from guanjia.kernel.values.actor import Actor, Scope

SEE = "space.room.see"
EVERYWHERE = Scope.all()


def as_of(*, day: date, scope: Scope) -> Any:
    """The rooms of a day that the scope's units held then (all of them with sight of everything).

    Each row has ``now`` (what it was) and ``held`` (who held it, or ``None``) read along.
    """
    rows: Any = Room.objects.on(day).held_within(scope)
    return rows.select_related("building__compound", "floor", "now", "held__unit")


def listed(scope: Scope, day: date) -> Any:
    """The same with who sat there that day, as ``sitting``: what the register shows.

    What lists filter by is annotated (``kind_now``, ``state_now``): a condition on ``now__…`` in
    a filter of its own would join the spells once more. Who holds a room is asked for apart
    (``held_below``, ``unheld``, ``named``): a count need not join the holdings.
    """
    seats = Occupant.objects.on(day).select_related("person").order_by("person__number")
    rows = as_of(day=day, scope=scope).annotate(
        asked=Value(day, DateField()),
        kind_now=F("now__kind"),
        state_now=F("now__state"),
    )
    return rows.prefetch_related(Prefetch("occupants", queryset=seats, to_attr="sitting"))


def sat_by(rows: Any, words: str) -> Any:
    """Of rooms ``listed`` for a day those in which somebody of that name or 工号 sat then."""
    named = Q(person__name__icontains=words) | Q(person__number__icontains=words)
    there = Q(room=OuterRef("pk"), during__contains=OuterRef("asked"))
    return rows.filter(Exists(Occupant.objects.filter(named, there)))


def held_below(rows: Any, code: str) -> Any:
    """Of rooms ``listed`` for a day those that a unit or anything below it held then."""
    path = Unit.objects.filter(code=code).values_list("path", flat=True).first()
    if path is None:
        return rows.none()
    # Annotated first: a filter of its own would join the holdings once more.
    return rows.annotate(holder_path=F("held__unit__path")).filter(holder_path__startswith=path)


def unheld() -> Q:
    """The condition on rooms ``listed`` for a day that nobody held them then."""
    held = Holding.objects.filter(room=OuterRef("pk"), during__contains=OuterRef("asked"))
    return Q(~Exists(held))


def named(rows: Any, words: str) -> Any:
    """Of rooms ``listed`` for a day those of a number, or held by a unit of a name, or on a paper,
    with these words in it."""
    rows = rows.annotate(holder_name=F("held__unit__name"), paper_now=F("held__paper"))
    wanted = Q(number__icontains=words) | Q(holder_name__icontains=words)
    return rows.filter(wanted | Q(paper_now__icontains=words))


def sees_room(actor: Actor, room_id: int) -> bool:
    """Whether somebody may open a room: one that a unit of theirs holds or ever held."""
    scope = actor.scope(SEE)
    return not scope.nothing and bool(Room.objects.within(scope).filter(pk=room_id).exists())


def now(row: Any) -> str:
    """What a room ``listed`` for today is, in one line."""
    held = f"{row.held.unit} 使用" if row.held else "没有使用单位"
    kind, state = row.now.get_kind_display(), row.now.get_state_display()
    return f"现在：{kind}，使用面积 {row.now.usable_m2:,.1f} ㎡，{state}，{held}"


# Gone rooms are not acted on.
ROOM = Subject(
    model="space.room", title="房间", page="space:room", sees=sees_room, key="room_id",
    path="rooms", stem="room", rows=lambda scope: listed(scope, timezone.localdate()), name="",
    listed=("房间台账", "space:rooms_list"), now=now,
)  # fmt: skip


def holders(*, room_ids: Collection[int], since: date | None, until: date | None) -> list[Holding]:
    """Who holds any of these rooms on any day of a half-open stretch, also ahead of time."""
    rows = (
        Holding.objects.filter(room__in=room_ids, during__overlap=DateRange(since, until))
        .select_related("room__building", "unit")
        .order_by("room", "during")
    )
    return list(rows)


def vacant(*, day: date) -> Any:
    """The rooms that stand empty on a day and that nobody holds then."""
    held = Holding.objects.filter(room=OuterRef("pk"), during__contains=day)
    on_day: Any = Room.objects.on(day)
    rows = on_day.filter(~Exists(held), now__state=RoomState.VACANT)
    return rows.select_related("building__compound", "floor", "now", "held__unit")


def sitters(*, room_ids: Collection[int] | None, day: date) -> dict[int, list[Occupant]]:
    """Who sits in which room on a day, by room id; of every room where none are named."""
    rows = Occupant.objects.on(day).select_related("person__unit")
    if room_ids is not None:
        rows = rows.filter(room__in=room_ids)
    found: dict[int, list[Occupant]] = defaultdict(list)
    for row in rows:
        found[row.room_id].append(row)
    return dict(found)


def facts_of(*, rooms: Any, day: date) -> list[RoomFacts]:
    """What rules need to know of rooms read by ``as_of``; two statements in all."""
    rows = list(rooms)
    people = sitters(room_ids=None if len(rows) > 500 else [row.pk for row in rows], day=day)  # noqa: PLR2004 — a long list of ids is slower than reading all
    return [
        RoomFacts(
            id=row.pk,
            name=str(row),
            kind=RoomKind(row.now.kind),
            state=RoomState(row.now.state),
            usable_m2=row.now.usable_m2,
            gross_m2=row.now.gross_m2,
            holder_id=row.held.unit_id if row.held else None,
            basis=Basis(row.held.basis) if row.held else None,
            people=tuple(one.person_id for one in people.get(row.pk, ())),
            since=row.held.during.lower if row.held else None,
        )
        for row in rows
    ]


def story(
    *, room: Room, scope: Scope = EVERYWHERE
) -> tuple[list[RoomSpell], list[Holding], list[Occupant]]:
    """Everything a room ever was, who held it, who sat there; the newest first.

    Inside a scope: the times in which its units held the room, and their people.
    """
    spells = list(room.spells.order_by("-during"))
    holdings = list(room.holdings.within(scope).select_related("unit").order_by("-during"))
    occupants = room.occupants.within(scope).select_related("person__unit").order_by("-during")
    if not scope.everything:
        spells = [one for one in spells if any(_meet(one.during, h.during) for h in holdings)]
    return spells, holdings, list(occupants)


def _meet(one: Any, other: Any) -> bool:
    """Whether two half-open stretches have a day in common."""
    begins = max(one.lower or date.min, other.lower or date.min)
    return bool(begins < min(one.upper or date.max, other.upper or date.max))


def records_of(*, room: Room, scope: Scope) -> Any:
    """What was done to a room while a unit inside the scope held it, the latest first."""
    return audit.about(on_type="space.room", on_id=room.pk).within(scope).order_by("-at", "-pk")


def usable_m2(*, rooms: Any) -> Decimal:
    """The usable space of rooms read by ``as_of``, in ㎡."""
    return rooms.aggregate(m2=Sum("now__usable_m2"))["m2"] or Decimal(0)
