"""Empty rooms as they stood on a day: since when, why, what is to become of them (闲置台账)."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import (
    Count,
    DateField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
)
from django.db.models.functions import Coalesce, Greatest

from guanjia.domains.space.models import DisposalRoom, Holding, IdleSpell, Room, RoomSpell
from guanjia.domains.space.queries import rooms
from guanjia.domains.space.terms.ledger import RoomState
from guanjia.kernel.values.actor import Scope

SEE, DEAL = "space.disposal.see", "space.disposal.deal"


def idle(*, day: date, scope: Scope) -> Any:
    """The rooms that stand empty on a day and that nobody holds then.

    Each has ``since`` (``None`` where the ledger does not tell), ``asked``, ``cause``, ``plan`` and
    ``note`` as told for this stretch (``None`` where nobody told), and ``use_number`` of the
    disposal under way. Inside a scope: rooms that its units once held.
    """
    rows = rooms.vacant(day=day)
    if not scope.everything:
        rows = rows.filter(pk__in=Room.objects.within(scope).values("pk"))
    return _told(rows.annotate(since=_since(day), asked=Value(day, DateField())), day)


def _since(day: date) -> Greatest:
    """The day after it was last something else or held by somebody; else when it was first told."""
    spells = RoomSpell.objects.filter(room=OuterRef("pk"))
    other = spells.filter(during__endswith__lte=day).exclude(state=RoomState.VACANT)
    held = Holding.objects.filter(room=OuterRef("pk"), during__endswith__lte=day)
    return Greatest(
        Subquery(other.order_by("-during__endswith").values("during__endswith")[:1]),
        Subquery(held.order_by("-during__endswith").values("during__endswith")[:1]),
        Subquery(spells.order_by("during").values("during__startswith")[:1]),
    )


def _told(rows: Any, day: date) -> Any:
    told = IdleSpell.objects.filter(
        room=OuterRef("pk"),
        during__contains=day,
        during__startswith__gte=Coalesce(OuterRef("since"), Value(date.min, DateField())),
    )
    open_use = DisposalRoom.objects.filter(room=OuterRef("pk"), open=True)
    return rows.annotate(
        cause=Subquery(told.values("cause")[:1]),
        plan=Subquery(told.values("plan")[:1]),
        note=Subquery(told.values("note")[:1]),
        use_number=Subquery(open_use.values("disposal__number")[:1]),
        use_id=Subquery(open_use.values("disposal")[:1]),
    )


def of_room(*, room_id: int, day: date) -> Any:
    """One empty room of a day with what is told of it, or ``None`` where it is not empty."""
    return idle(day=day, scope=Scope.all()).filter(pk=room_id).first()


def told_of(*, room_id: int) -> QuerySet[IdleSpell]:
    """Everything that was told of a room's being empty, the newest first."""
    return IdleSpell.objects.filter(room=room_id).order_by("-during")


@dataclass(frozen=True, kw_only=True)
class Heap:
    """Empty rooms that have something in common; areas in usable ㎡."""

    key: str
    rooms: int
    m2: Decimal


@dataclass(frozen=True, kw_only=True)
class Summed:
    """The empty rooms of a day together: all, the long empty, those nobody told the reason of."""

    all: Heap
    long: Heap
    untold: Heap
    by_cause: tuple[Heap, ...]


def _heap(rows: Any, key: str) -> Heap:
    found = rows.aggregate(rooms=Count("pk"), m2=Sum("now__usable_m2"))
    return Heap(key=key, rooms=found["rooms"], m2=found["m2"] or Decimal(0))


def long_idle(*, day: date, days: int) -> Q:
    """The condition that a room has been empty for so many days or longer."""
    return Q(since__lte=day - timedelta(days=days))


def summed(*, day: date, scope: Scope, long_days: int) -> Summed:
    """What the head of the list shows; four statements."""
    rows = idle(day=day, scope=scope)
    causes = (
        rows.filter(cause__isnull=False)
        .values("cause")
        .annotate(rooms=Count("pk"), m2=Sum("now__usable_m2"))
        .order_by("-m2")
    )
    return Summed(
        all=_heap(rows, "all"),
        long=_heap(rows.filter(long_idle(day=day, days=long_days)), "long"),
        untold=_heap(rows.filter(cause=None), "untold"),
        by_cause=tuple(Heap(key=one["cause"], rooms=one["rooms"], m2=one["m2"]) for one in causes),
    )
