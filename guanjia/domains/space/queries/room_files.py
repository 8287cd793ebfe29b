"""Photos and files of rooms and floors: who may add them, who may see them."""

from datetime import date

from django.utils import timezone

from guanjia.domains.space.models import Building, Floor, Holding, Room
from guanjia.kernel.attachments import queries as attachments
from guanjia.kernel.attachments.models import Attachment
from guanjia.kernel.org.models import Unit
from guanjia.kernel.values.actor import Actor

SEE, ADD, ENTER = "space.room.see", "space.room.file", "space.building.enter"
ROOM, FLOOR = "space.room", "space.floor"


def sees_floor(actor: Actor, floor_id: int) -> bool:
    """Whether somebody may open a floor: its building is in their sight."""
    scope = actor.scope(SEE)
    seen = Building.objects.within(scope).filter(floors=floor_id)
    return not scope.nothing and bool(seen.exists())


def sees_room_file(actor: Actor, room_id: int, unit_id: int | None) -> bool:
    """Whether somebody who sees a room may open a file of it, added while ``unit_id`` held it.

    A unit sees what was added in its own time; what was added while nobody held the room goes with
    the room to whoever holds it today. What another unit's time left is the bureau's to see.
    """
    scope = actor.scope(SEE)
    if scope.everything:
        return True
    if unit_id is not None:
        return bool(Unit.objects.within(scope).filter(pk=unit_id).exists())
    held = Holding.objects.within(scope).on(timezone.localdate()).filter(room=room_id)
    return bool(held.exists())


def of_room(actor: Actor, room: Room) -> list[Attachment]:
    """The photos and files of a room that somebody who sees the room may open."""
    found = attachments.of(model=ROOM, row_id=room.pk)
    seen = {unit: sees_room_file(actor, room.pk, unit) for unit in {one.unit_id for one in found}}
    return [one for one in found if seen[one.unit_id]]


def of_floor(floor: Floor) -> list[Attachment]:
    """The photos and files of a floor, for whoever sees its building."""
    return attachments.of(model=FLOOR, row_id=floor.pk)


def may_add(actor: Actor, *, room_id: int, day: date) -> bool:
    """Whether somebody may add files to a room: the bureau to all, a clerk to the unit's own."""
    scope = actor.scope(ADD)
    if scope.nothing:
        return False
    if scope.everything:
        return True
    held = Holding.objects.within(scope).on(day).filter(room=room_id)
    return bool(held.exists())
