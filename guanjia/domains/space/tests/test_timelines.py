"""The time lines of a room."""

from datetime import date

import pytest
from django.db import IntegrityError, transaction

from guanjia.domains.space.actions import timelines
from guanjia.domains.space.queries import rooms
from guanjia.domains.space.terms.ledger import Basis, RoomKind, RoomState
from guanjia.domains.space.tests.builders import SINCE, TODAY, City
from guanjia.kernel.access.tests.builders import AT
from guanjia.kernel.values.actor import Scope

pytestmark = pytest.mark.pg15

LATER = date(2020, 9, 1)


def _on(city: City, number: str, day: date) -> object:
    found = rooms.as_of(day=day, scope=Scope.all()).filter(pk=city.room(number).pk).first()
    return found and (found.now.kind, found.now.state, found.held and found.held.unit.short_name)


def test_a_past_day_keeps_what_the_room_was(city: City) -> None:
    room = city.room("101")
    timelines.restate(
        room=room, on=TODAY, told_at=AT, kind=RoomKind.SERVICE, state=RoomState.VACANT
    )
    timelines.release(room=room, on=TODAY)
    assert _on(city, "101", TODAY) == (RoomKind.SERVICE, RoomState.VACANT, None)
    assert _on(city, "101", SINCE) == (RoomKind.OFFICE, RoomState.IN_USE, "农业农村局")
    assert _on(city, "101", date(2018, 12, 31)) is None


def test_a_second_change_of_a_day_replaces_the_first(city: City) -> None:
    room = city.room("101")
    timelines.restate(room=room, on=TODAY, told_at=AT, state=RoomState.REPAIR)
    timelines.restate(room=room, on=TODAY, told_at=AT, state=RoomState.CLEARING)
    assert room.spells.count() == 2
    assert timelines.restate(room=room, on=TODAY, told_at=AT, state=RoomState.CLEARING) is None


def test_a_room_is_held_by_one_unit_also_ahead_of_time(city: City) -> None:
    room, other = city.room("201"), city.units["other"]
    timelines.hold(room=room, unit=other, since=LATER, basis=Basis.ALLOTTED)
    with pytest.raises(IntegrityError), transaction.atomic():
        timelines.hold(
            room=room, unit=city.units["farming"], since=TODAY, until=date(2020, 9, 2),
            basis=Basis.LOAN,
        )  # fmt: skip
    timelines.hold(
        room=room, unit=city.units["farming"], since=TODAY, until=LATER, basis=Basis.LOAN
    )
    held = rooms.holders(room_ids=[room.pk], since=TODAY, until=None)
    assert [row.unit.short_name for row in held] == ["农业农村局", "教育局"]


def test_what_was_to_begin_and_is_released_before_never_was(city: City) -> None:
    room = city.room("201")
    timelines.hold(room=room, unit=city.units["other"], since=LATER, basis=Basis.ALLOTTED)
    timelines.release(room=room, on=LATER)
    assert not room.holdings.exists()


def test_people_sit_from_a_day_to_a_day(city: City) -> None:
    room, person = city.room("103"), city.people["sitter"]
    assert timelines.seat(room=room, person=person, since=TODAY) is None
    timelines.unseat(room=room, on=TODAY, people=[person.pk])
    assert [o.person.name for o in rooms.sitters(room_ids=[room.pk], day=TODAY)[room.pk]] == [
        "莫兴"
    ]
    assert len(rooms.sitters(room_ids=None, day=SINCE)[room.pk]) == 2


def test_a_unit_sees_its_own_rooms(city: City) -> None:
    scope = city.actor("clerk").scope(rooms.SEE)
    found = {row.number for row in rooms.as_of(day=TODAY, scope=scope)}
    assert found == {"101", "102", "103", "104"}
    assert rooms.sees_room(city.actor("clerk"), city.room("101").pk)
    assert not rooms.sees_room(city.actor("clerk"), city.room("203").pk)
    facts = rooms.facts_of(rooms=rooms.as_of(day=TODAY, scope=Scope.all()), day=TODAY)
    assert len(facts) == 10
