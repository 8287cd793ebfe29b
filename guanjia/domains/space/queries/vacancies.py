"""Empty rooms that can be had for a stretch, and who holds those that cannot."""

from collections.abc import Collection
from datetime import date
from typing import Any

from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import Exists, OuterRef

from guanjia.domains.space.models import Holding
from guanjia.domains.space.queries import rooms
from guanjia.domains.space.terms.allocations import FreeRoom, Taken
from guanjia.domains.space.terms.ledger import RoomKind

KINDS = (RoomKind.OFFICE, RoomKind.SERVICE)


def fitting(
    *, day: date, since: date, until: date | None, kinds: Collection[RoomKind] = KINDS
) -> list[FreeRoom]:
    """The rooms that stand empty on a day and that nobody holds in a half-open stretch, also ahead
    of time; by compound, building, floor and number. One statement."""
    promised = Holding.objects.filter(room=OuterRef("pk"), during__overlap=DateRange(since, until))
    rows = (
        rooms.vacant(day=day)
        .filter(~Exists(promised), now__kind__in=list(kinds))
        .order_by("building__compound__position", "building__position", "floor__number", "number")
    )
    return [free_room(row) for row in rows]


def free_room(row: Any) -> FreeRoom:
    """A room read by ``rooms.vacant`` as rules know it."""
    return FreeRoom(
        id=row.pk,
        name=str(row),
        number=row.number,
        building=row.building.name,
        compound=row.building.compound.name,
        floor=row.floor.number,
        kind=RoomKind(row.now.kind).label,
        usable_m2=row.now.usable_m2,
        gross_m2=row.now.gross_m2,
        since=row.now.during.lower,
        why=row.now.why,
    )


def taken(*, room_ids: Collection[int], since: date, until: date | None) -> list[Taken]:
    """Who holds any of these rooms in a stretch, as rules know it."""
    return [
        Taken(
            room_id=each.room_id,
            room=str(each.room),
            unit=each.unit.shown,
            since=each.during.lower,
            until=each.during.upper,
        )
        for each in rooms.holders(room_ids=room_ids, since=since, until=until)
    ]
