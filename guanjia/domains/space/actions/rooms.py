"""Rooms: a new one, what it is from a day on, several that become one, one that is split."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateRange

from guanjia.domains.space.actions import timelines
from guanjia.domains.space.models import Building, Floor, Holding, Occupant, Room, RoomSpell
from guanjia.domains.space.rules import ledger
from guanjia.domains.space.terms.ledger import Basis, BuildingState, RoomKind, RoomState
from guanjia.kernel.acts.changing import change, made
from guanjia.kernel.org.models import Person, Unit
from guanjia.kernel.regulations.verdict import refuse
from guanjia.kernel.values.actor import Actor

CHANGEABLE = ("kind", "usable_m2", "gross_m2", "state")


@dataclass(frozen=True, kw_only=True)
class RoomPart:
    """One of the rooms into which a room is split: its number and what it is."""

    number: str
    kind: RoomKind
    usable_m2: Decimal


@dataclass(frozen=True, kw_only=True)
class _Stand:
    """How a room stands on a day: what it is, who holds it, who sits there, what is promised."""

    spell: RoomSpell
    holding: Holding | None
    sitters: tuple[Person, ...]
    promised: tuple[str, ...]
    changes_on: date | None
    seats_on: date | None

    @property
    def papered(self) -> bool:
        """Whether a voucher or a promise stands in the way of the ledger alone."""
        held = self.holding is not None and self.holding.basis in ledger.BY_PAPER
        return held or bool(self.promised)


def _room(actor: Actor, room_id: int) -> Room:
    """A room of the actor's, locked."""
    actor.must("space.room.enter")
    Room.objects.within(actor.scope("space.room.enter")).get(pk=room_id)
    return timelines.lock([room_id])[0]


def _life(room: Room) -> tuple[date | None, date | None]:
    """From when and up to when (open: ``None``) the room is in the ledger."""
    spells = list(room.spells.order_by("during"))
    if not spells:  # it was entered by mistake and taken back on the same day
        ledger.gone(room=str(room)).enforce()
    return spells[0].during.lower, spells[-1].during.upper


def _stand(room: Room, on: date) -> _Stand:
    later = Holding.objects.filter(room=room, during__startswith__gt=on).select_related("unit")
    seats = Occupant.objects.filter(room=room).on(on).select_related("person__unit")
    spells, sat = (
        [row.during.lower for row in model.objects.filter(room=room, during__startswith__gt=on)]
        for model in (RoomSpell, Occupant)
    )
    return _Stand(
        spell=RoomSpell.objects.filter(room=room).on(on).get(),
        holding=Holding.objects.filter(room=room).on(on).select_related("unit").first(),
        sitters=tuple(seat.person for seat in seats.order_by("person__number")),
        promised=tuple(str(row.unit) for row in later.order_by("during")),
        changes_on=max((*spells, *sat), default=None),
        seats_on=max(sat, default=None),
    )


def _holder_path(room: Room, at: datetime) -> str:
    """Within whose reach what is told of a room lies: that of who holds it today."""
    held = Holding.objects.filter(room=room).on(ledger.day_of(at)).select_related("unit").first()
    return held.unit_path if held else ""


def _tell(  # noqa: PLR0917 — what of what, what became of it, when and why
    actor: Actor, room: Room, verb: str, at: datetime, after: Mapping[str, Any], why: str
) -> None:
    """A room is new, or becomes another: there is nothing that it was before."""
    made(
        room, actor=actor, verb=verb, at=at, beside=after, note=why,
        unit_path=_holder_path(room, at),
    )  # fmt: skip


def _restated(  # noqa: PLR0917 — what of what, from what into what, from when and why
    actor: Actor,
    room: Room,
    verb: str,
    at: datetime,
    facts: Mapping[str, tuple[Any, Any]],
    on: date,
    why: str,
) -> None:
    change(
        room, {}, actor=actor, verb=verb, at=at, beside=facts, also={"on": on}, note=why,
        unit_path=_holder_path(room, at),
    )  # fmt: skip


def _new_place(building: Building, floor: int, number: str, *, since: date) -> Room:
    """A room row at a place that is free from a day on and can be; the caller has locked the
    building, or a room of it. A room that ended there before begins again."""
    number = number.strip()
    if not number:
        refuse("number_missing", "没有登记：", "补填房间号。", field="number").enforce()
    if fault := ledger.floor_fault(floor):
        refuse("floor_unknown", "没有登记：", f"{fault}。", field="floor").enforce()
    if high := ledger.above_the_roof(floor=floor, floors_above=building.floors_above):
        refuse("floor_unknown", "没有登记：", f"{high}。", field="floor").enforce()
    known: Room | None = Room.objects.filter(building=building, number=number).first()
    if known is not None and known.floor.number == floor and _over(known, since):
        return known
    if known is not None:
        sentence = f"{building}已有 {number}，换一个房间号，或打开它登记变动。"
        refuse("number_taken", "没有登记：", sentence, field="number").enforce()
    place, _ = Floor.objects.get_or_create(building=building, number=floor)
    room: Room = Room.objects.create(building=building, floor=place, number=number)
    return room


def _over(room: Room, since: date) -> bool:
    """Whether a room ended before a day, for good."""
    return not any(
        model.objects.filter(room=room, during__overlap=DateRange(since, None)).exists()
        for model in (RoomSpell, Holding, Occupant)
    )


def _must_fit(usable_m2: Decimal, gross_m2: Decimal | None) -> None:
    if usable_m2 <= 0:
        refuse("area_small", "没有登记：", "使用面积应大于 0。", field="usable_m2").enforce()
    for field, m2 in (("usable_m2", usable_m2), ("gross_m2", gross_m2)):
        if m2 is not None and (big := ledger.too_big(m2=m2)):
            title = "使用面积" if field == "usable_m2" else "建筑面积"
            refuse("area_big", "没有登记：", f"{title}{big}。", field=field).enforce()
    if small := ledger.gross_too_small(usable_m2=usable_m2, gross_m2=gross_m2):
        refuse("gross_too_small", "没有登记：", f"{small}。", field="gross_m2").enforce()


@transaction.atomic
def add_room(
    *,
    actor: Actor,
    building_id: int,
    floor: int,
    number: str,
    facts: Mapping[str, Any],
    since: date,
    why: str,
    at: datetime,
) -> Room:
    """A room that was not in the ledger (新建房间): ``facts`` are kind, areas and state."""
    actor.must("space.room.enter")
    building = (
        Building.objects.within(actor.scope("space.room.enter"))
        .select_for_update(of=("self",))
        .get(pk=building_id)
    )
    verdict = ledger.house_stands(building=building.name, state=BuildingState(building.state))
    verdict += ledger.may_change(
        on=since, today=ledger.day_of(at), there_since=None, there_until=None, why=why
    )
    verdict.enforce()
    _must_fit(facts["usable_m2"], facts.get("gross_m2"))
    room = _new_place(building, floor, number, since=since)
    given = {name: facts.get(name) for name in CHANGEABLE}
    timelines.begin(room=room, since=since, told_at=at, why=why, **given)
    _tell(actor, room, "space.room.added", at, {**given, "since": since}, why)
    return room


@transaction.atomic
def change_room(
    *, actor: Actor, room_id: int, changes: Mapping[str, Any], on: date, why: str, at: datetime
) -> Room:
    """The room is something else from a day on (登记房间变动): kind, areas, state, with why.

    The days before stay as they were, and so do changes that are told from later days. Needs
    ``space.room.enter``.
    """
    room = _room(actor, room_id)
    since, until = _life(room)
    ledger.may_change(
        on=on, today=ledger.day_of(at), there_since=since, there_until=until, why=why
    ).enforce()
    stand = _stand(room, on)
    given = {name: changes[name] for name in CHANGEABLE if name in changes}
    changed = {name: value for name, value in given.items() if getattr(stand.spell, name) != value}
    if not changed:
        return room
    usable = changed.get("usable_m2", stand.spell.usable_m2)
    _must_fit(usable, changed.get("gross_m2", stand.spell.gross_m2))
    if changed.get("state") == RoomState.VACANT and stand.holding is not None:
        sentence = f"{stand.holding.unit}还在使用这间房，腾退移交后才是空置。"
        refuse("still_held", "没有登记：", sentence, field="state").enforce()
    told = {name: (getattr(stand.spell, name), value) for name, value in changed.items()}
    timelines.restate(room=room, on=on, told_at=at, why=why, **changed)
    _restated(actor, room, "space.room.changed", at, told, on, why)
    return room


@transaction.atomic
def tell_holder(
    *, actor: Actor, room_id: int, unit_id: int | None, on: date, why: str, at: datetime
) -> Room:
    """Which unit holds a room from a day on, as the ledger has it (登记使用单位), or nobody.

    For what was never allotted through the system: a room held by a voucher goes on by allocation
    and handing back. Who sat there for another unit sits there no longer. Needs
    ``space.room.enter``.
    """
    room = _room(actor, room_id)
    since, until = _life(room)
    ledger.may_change(
        on=on, today=ledger.day_of(at), there_since=since, there_until=until, why=why
    ).enforce()
    stand = _stand(room, on)
    held = stand.holding
    ledger.may_hold_by_ledger(
        basis=Basis(held.basis) if held else None,
        paper=held.paper if held else "",
        later=stand.promised,
    ).enforce()
    unit = Unit.objects.get(pk=unit_id) if unit_id else None
    if (held.unit_id if held else None) == unit_id:
        return room
    # Who sat down later did so for the unit that held it: they would stay behind.
    ledger.may_reshape(on=on, changes_on=stand.seats_on).enforce()
    timelines.release(room=room, on=on)
    timelines.unseat(room=room, on=on)
    if unit is not None:
        timelines.hold(room=room, unit=unit, since=on, basis=Basis.LEDGER)
    state = RoomState.IN_USE if unit else RoomState.VACANT
    if stand.spell.state in (RoomState.IN_USE, RoomState.VACANT):
        timelines.restate(room=room, on=on, told_at=at, why=why, state=state)
    told = {"unit": (str(held.unit) if held else "", str(unit) if unit else "")}
    _restated(actor, room, "space.room.held", at, told, on, why)
    return room


# ── rooms that become one, a room that becomes several ───────────────────────────────────


@transaction.atomic
def merge_rooms(
    *,
    actor: Actor,
    room_ids: Sequence[int],
    number: str,
    usable_m2: Decimal | None = None,
    on: date,
    why: str,
    at: datetime,
) -> Room:
    """Several rooms are one from a day on (合并房间): under the number of one of them or a new one.

    They lie on one floor and are held by one unit, or nobody, by the ledger alone. Their space adds
    up where ``usable_m2`` is not given; who held and sat goes on in the new room. The old rooms end
    that day and stay in the ledger of the days before. Needs ``space.room.enter``.
    """
    actor.must("space.room.enter")
    scope = actor.scope("space.room.enter")
    mine = Room.objects.within(scope).filter(pk__in=room_ids).values_list("pk", flat=True)
    rooms = timelines.lock(mine)
    for room in rooms:
        since, until = _life(room)
        ledger.may_change(
            on=on, today=ledger.day_of(at), there_since=since, there_until=until, why=why
        ).enforce()
    stands = {room.pk: _stand(room, on) for room in rooms}
    ledger.may_merge(
        floors={room.floor_id for room in rooms},
        holders={one.holding.unit_id if one.holding else None for one in stands.values()},
        papered=[room.number for room in rooms if stands[room.pk].papered],
        count=len(rooms),
    ).enforce()
    _must_be_last(on, stands.values())
    kept = next((room for room in rooms if room.number == number.strip()), None)
    target = kept or _new_place(rooms[0].building, rooms[0].floor.number, number, since=on)
    area = usable_m2 or sum((one.spell.usable_m2 for one in stands.values()), Decimal(0))
    _must_fit(area, None)
    largest = max(stands.values(), key=lambda one: one.spell.usable_m2)
    trace = f"由 {'、'.join(room.number for room in rooms)} 合并：{why}"[:200]
    facts = {
        "kind": largest.spell.kind, "state": largest.spell.state, "usable_m2": area,
        "gross_m2": None,
    }  # fmt: skip
    sitters = {person.pk: person for one in stands.values() for person in one.sitters}
    for room in rooms:
        if room is not kept:
            _end(room, on)
            _tell(actor, room, "space.room.merged", at, {"into": target.number, "on": on}, why)
    if kept is None:
        timelines.begin(room=target, since=on, told_at=at, why=trace, **facts)
        if largest.holding is not None:
            unit = largest.holding.unit
            timelines.hold(room=target, unit=unit, since=on, basis=Basis.LEDGER)
    else:
        timelines.restate(room=target, on=on, told_at=at, why=trace, **facts)
    for person in sitters.values():
        timelines.seat(room=target, person=person, since=on)
    came = {"from": [room.number for room in rooms], "usable_m2": area, "on": on}
    _tell(actor, target, "space.room.merged", at, came, why)
    return target


@transaction.atomic
def merge_beside(
    *,
    actor: Actor,
    room_id: int,
    beside: Sequence[str],
    number: str,
    usable_m2: Decimal | None = None,
    on: date,
    why: str,
    at: datetime,
) -> Room:
    """A room and others of its building, by number, are one; see ``merge_rooms``."""
    room = _room(actor, room_id)
    rows = Room.objects.filter(building=room.building_id, number__in=beside)
    found = dict(rows.values_list("number", "pk"))
    if unknown := [one for one in beside if one not in found]:
        sentence = f"{room.building}没有 {'、'.join(unknown)}，核对房间号。"
        refuse("room_unknown", "没有登记：", sentence, field="rooms").enforce()
    return merge_rooms(
        actor=actor, room_ids=[room_id, *(found[one] for one in beside)], number=number,
        usable_m2=usable_m2, on=on, why=why, at=at,
    )  # fmt: skip


@transaction.atomic
def split_into(
    *,
    actor: Actor,
    room_id: int,
    parts: Sequence[RoomPart],
    on: date,
    why: str,
    at: datetime,
) -> Room:
    """As ``split_room``; the first of the rooms, which says what the whole was (``was_m2``)."""
    spells = RoomSpell.objects.filter(room=room_id, during__contains=on)
    was = spells.values_list("usable_m2", flat=True).first()
    first: Any = split_room(actor=actor, room_id=room_id, parts=parts, on=on, why=why, at=at)[0]
    first.was_m2 = was
    made: Room = first
    return made


@transaction.atomic
def split_room(
    *,
    actor: Actor,
    room_id: int,
    parts: Sequence[RoomPart],
    on: date,
    why: str,
    at: datetime,
) -> list[Room]:
    """A room is several from a day on (拆分房间): one may keep its number, the others are new.

    All parts are held by who held the room; who sat there sits in the first part. A room held by a
    voucher is not split before the voucher is. Needs ``space.room.enter``.
    """
    room = _room(actor, room_id)
    since, until = _life(room)
    ledger.may_change(
        on=on, today=ledger.day_of(at), there_since=since, there_until=until, why=why
    ).enforce()
    stand = _stand(room, on)
    numbers = [part.number.strip() for part in parts]
    ledger.may_split(
        parts=len(parts),
        numbers=len(set(numbers)),
        papered=[room.number] if stand.papered else [],
    ).enforce()
    _must_be_last(on, [stand])
    trace = f"由 {room.number} 拆分：{why}"[:200]
    rooms = []
    if room.number not in numbers:
        _end(room, on)
        _tell(actor, room, "space.room.split", at, {"into": numbers, "on": on}, why)
    for part in parts:
        _must_fit(part.usable_m2, None)
        facts = {"kind": part.kind, "usable_m2": part.usable_m2, "gross_m2": None}
        if part.number.strip() == room.number:
            timelines.restate(room=room, on=on, told_at=at, why=trace, **facts)
            _tell(actor, room, "space.room.split", at, {"into": numbers, "on": on}, why)
            rooms.append(room)
            continue
        new = _new_place(room.building, room.floor.number, part.number, since=on)
        timelines.begin(room=new, since=on, told_at=at, why=trace, state=stand.spell.state, **facts)
        if stand.holding is not None:
            timelines.hold(room=new, unit=stand.holding.unit, since=on, basis=Basis.LEDGER)
        _tell(actor, new, "space.room.split", at, {"from": [room.number], "on": on}, why)
        rooms.append(new)
    if room not in rooms:
        for person in stand.sitters:
            timelines.seat(room=rooms[0], person=person, since=on)
    return rooms


def _must_be_last(on: date, stands: Iterable[_Stand]) -> None:
    """Rooms are not given another shape from a day before what is told of them already."""
    told = [one.changes_on for one in stands if one.changes_on is not None]
    ledger.may_reshape(on=on, changes_on=max(told, default=None)).enforce()


def _end(room: Room, on: date) -> None:
    """The room is no longer there from a day on; nobody holds it or sits in it."""
    timelines.unseat(room=room, on=on)
    timelines.release(room=room, on=on)
    timelines.leave(room=room, on=on)
