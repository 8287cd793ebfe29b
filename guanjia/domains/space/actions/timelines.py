"""The time lines of a room: what it is, who holds it, who sits there. Inside a caller's act.

The caller has locked the rooms (``lock``), asked the rules, and writes the record of what it does.
Days are half-open: a room handed back on the 5th was held up to the 4th. ``None`` as a beginning
means that nobody knows since when.
"""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

from django.db.backends.postgresql.psycopg_any import DateRange

from guanjia.domains.space.models import Holding, Occupant, Room, RoomSpell
from guanjia.domains.space.terms.ledger import Basis
from guanjia.kernel.acts import stretches
from guanjia.kernel.org.models import Person, Unit


def lock(room_ids: Iterable[int]) -> list[Room]:
    """The rooms, locked in one order so that two who want the same rooms wait for each other."""
    rows = (
        Room.objects.select_for_update(of=("self",))
        .select_related("building__compound", "floor")
        .filter(pk__in=set(room_ids))
        .order_by("pk")
    )
    return list(rows)


def begin(*, room: Room, since: date | None, told_at: datetime, **facts: Any) -> RoomSpell:
    """A room that is new in the ledger, with what it is: ``kind``, ``usable_m2``, ``gross_m2``,
    ``state``, ``why``."""
    spell: RoomSpell = RoomSpell.objects.create(
        room=room, during=DateRange(since, None), told_at=told_at, **facts
    )
    return spell


def restate(*, room: Room, on: date, told_at: datetime, **changes: Any) -> RoomSpell | None:
    """The room is something else from a day on; the days before stay as they were.

    A second change on the same day replaces the first. ``None`` where nothing changes, or where
    the room was not in the ledger on that day.
    """
    spell = RoomSpell.objects.select_for_update().filter(room=room).on(on).first()
    if spell is None or all(getattr(spell, name) == value for name, value in changes.items()):
        return None
    facts = {name: getattr(spell, name) for name in ("kind", "usable_m2", "gross_m2", "state")}
    facts |= {"why": "", **changes, "room": room, "told_at": told_at}
    after: RoomSpell = stretches.follow(spell, on=on, facts=facts)
    return after


def leave(*, room: Room, on: date) -> RoomSpell | None:
    """The room is no longer in the ledger from a day on; what it was before stays."""
    spell = RoomSpell.objects.select_for_update().filter(room=room).on(on).first()
    if spell is not None:
        stretches.end(spell, on)
    return spell


def hold(
    *,
    room: Room,
    unit: Unit,
    since: date | None,
    until: date | None = None,
    basis: Basis,
    paper: str = "",
) -> Holding:
    """The unit holds the room from ``since`` up to but not including ``until``.

    The database refuses a day on which another holds it; ask ``queries.rooms.holders`` first.
    """
    holding: Holding = Holding.objects.create(
        room=room, unit=unit, during=DateRange(since, until), basis=basis, paper=paper
    )
    return holding


def release(*, room: Room, on: date) -> Holding | None:
    """The room is held by nobody from ``on``: the holding of that day ends, one that was to begin
    then is gone. ``None`` where nobody held it."""
    holding = (
        Holding.objects.select_for_update(of=("self",))
        .select_related("unit")
        .filter(room=room)
        .on(on)
        .first()
    )
    if holding is None:
        return None
    stretches.end(holding, on)
    return holding


def seat(*, room: Room, person: Person, since: date | None) -> Occupant | None:
    """The person sits in the room from a day on; ``None`` where they do already."""
    day = since or date.min
    if Occupant.objects.filter(room=room, person=person, during__contains=day).exists():
        return None
    later = Occupant.objects.filter(room=room, person=person, during__startswith__gt=day).first()
    occupant: Occupant = Occupant.objects.create(
        room=room,
        person=person,
        during=DateRange(since, later.during.lower if later else None),
    )
    return occupant


def unseat(*, room: Room, on: date, people: Iterable[int] | None = None) -> list[Occupant]:
    """These people (all, where none are named) sit there no longer from ``on``."""
    rows = Occupant.objects.select_for_update(of=("self",)).filter(room=room).on(on)
    if people is not None:
        rows = rows.filter(person__in=list(people))
    ended = list(rows.select_related("person"))
    for occupant in ended:
        stretches.end(occupant, on)
    return ended


def day_before(day: date) -> date:
    """The last day that belongs to a half-open stretch, as people write it."""
    return day - timedelta(days=1)
