"""Who sits in a room (使用人): told by the unit's clerk for its rooms, by the bureau for all."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.db import transaction

from guanjia.domains.space.actions import timelines
from guanjia.domains.space.models import Holding, Occupant, Room, RoomSpell
from guanjia.domains.space.rules import ledger
from guanjia.domains.space.terms.ledger import RoomState
from guanjia.kernel.acts.changing import change
from guanjia.kernel.org.models import Person
from guanjia.kernel.regulations.verdict import Verdict
from guanjia.kernel.values.actor import Actor

SEAT = "space.room.seat"


@transaction.atomic
def seat_in(
    *, actor: Actor, room_id: int, people_ids: Sequence[int], on: date, at: datetime, why: str = ""
) -> Room:
    """As ``seat_people``; the room, which says what the rules warn of (``warnings``)."""
    verdict = seat_people(
        actor=actor, room_id=room_id, people_ids=people_ids, on=on, at=at, why=why
    )
    room: Any = Room.objects.get(pk=room_id)
    room.warnings = verdict.warnings
    seated: Room = room
    return seated


@transaction.atomic
def seat_people(
    *, actor: Actor, room_id: int, people_ids: Sequence[int], on: date, at: datetime, why: str = ""
) -> Verdict:
    """These people, and nobody else, sit in the room from a day on (登记使用人); what is told of
    later days already stays.

    Needs ``space.room.seat`` over the unit that holds the room on that day: a clerk tells of the
    unit's own rooms. Returns what the rules warn of (somebody of another unit).
    """
    actor.must(SEAT)
    held = Holding.objects.within(actor.scope(SEAT)).on(on).filter(room=room_id)
    mine = Room.objects.within(actor.scope(SEAT)).filter(pk=room_id)
    if not actor.scope(SEAT).everything and not held.exists():
        mine = mine.none()
    mine.get()
    room = timelines.lock([room_id])[0]
    holding = Holding.objects.filter(room=room).on(on).select_related("unit").first()
    spells = list(RoomSpell.objects.filter(room=room).order_by("during"))
    if not spells:  # it was entered by mistake and taken back on the same day
        ledger.gone(room=str(room)).enforce()
    spell = next((one for one in spells if on in one.during), None)
    people = list(Person.objects.filter(pk__in=people_ids).select_related("unit").order_by("pk"))
    today = ledger.day_of(at)
    verdict = ledger.may_change(
        on=on,
        today=today,
        there_since=spells[0].during.lower,
        there_until=spells[-1].during.upper,
        why="使用人",
    )
    if people:
        unit = holding.unit if holding else None
        verdict += ledger.may_sit(
            holder=str(unit) if unit else "",
            state=RoomState(spell.state) if spell else RoomState.CLOSED,
            left=[(one.name, one.left_on) for one in people if one.left_on is not None],
            strangers=[
                (one.name, str(one.unit))
                for one in people
                if unit is not None and not one.unit.path.startswith(unit.path)
            ],
            on=on,
        )
    verdict.enforce()
    before = _names(room, on)
    wanted = {person.pk for person in people}
    sitting = set(Occupant.objects.filter(room=room).on(on).values_list("person", flat=True))
    timelines.unseat(room=room, on=on, people=sitting - wanted)
    for person in people:
        timelines.seat(room=room, person=person, since=on)
    until = holding.during.upper if holding else None
    if until is not None and until <= today:  # another unit's days begin there
        timelines.unseat(room=room, on=until, people=wanted)
    after = _names(room, on)
    if before != after:
        change(
            room, {}, actor=actor, verb="space.room.seated", at=at, verdict=verdict, note=why,
            beside={"people": (before, after)}, also={"on": on},
            unit_path=holding.unit_path if holding else "",
        )  # fmt: skip
    return verdict


def _names(room: Room, on: date) -> list[str]:
    seats = Occupant.objects.filter(room=room).on(on).order_by("person__number")
    return list(seats.values_list("person__name", flat=True))
