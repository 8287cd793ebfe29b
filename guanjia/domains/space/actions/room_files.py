"""Photos and papers of rooms and floors (照片、图纸): added, and kept with the place."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from guanjia.domains.space.actions import timelines
from guanjia.domains.space.models import Building, Floor, Holding, Room
from guanjia.domains.space.queries import room_files as reading
from guanjia.domains.space.rules import buildings as rules
from guanjia.domains.space.rules import ledger
from guanjia.kernel.attachments import actions as attachments
from guanjia.kernel.org.models import Unit
from guanjia.kernel.values.actor import Actor


@transaction.atomic
def add_to_room(
    *, actor: Actor, room_id: int, files: Sequence[int], kind: str, at: datetime
) -> int:
    """Photos and papers of a room; returns how many were added.

    Needs ``space.room.file`` over the unit that holds the room today: a clerk adds to the unit's
    own rooms. The files are of that unit's time (see ``queries.room_files``). Raises
    ``Room.DoesNotExist`` for anybody else's room, ``Refused`` for one that is gone.
    """
    actor.must(reading.ADD)
    Room.objects.within(actor.scope(reading.ADD)).get(pk=room_id)
    room = timelines.lock([room_id])[0]
    day = ledger.day_of(at)
    if not reading.may_add(actor, room_id=room.pk, day=day):
        raise Room.DoesNotExist
    if not Room.objects.on(day).filter(pk=room.pk).exists():
        ledger.gone(room=str(room)).enforce()
    held = Holding.objects.on(day).filter(room=room).select_related("unit").first()
    return _add(actor, room, files, kind, at, held.unit if held else None)


@transaction.atomic
def add_to_floor(
    *, actor: Actor, floor_id: int, files: Sequence[int], kind: str, at: datetime
) -> int:
    """Photos and papers of a floor, as of a building; returns how many were added."""
    actor.must(reading.ENTER)
    seen = Building.objects.within(actor.scope(reading.ENTER))
    floor = Floor.objects.select_for_update(of=("self",)).get(pk=floor_id, building__in=seen)
    return _add(actor, floor, files, kind, at, None)


def _add(  # noqa: PLR0917 — which files of what, when, for whom
    actor: Actor,
    place: Room | Floor,
    files: Sequence[int],
    kind: str,
    at: datetime,
    unit: Unit | None,
) -> int:
    claimed = attachments.claim(
        actor=actor, ids=files, subject=place, unit=unit, kind=kind, bounds=rules.PLACE_FILES, at=at
    )
    return len(claimed)
