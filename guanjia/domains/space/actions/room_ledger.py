"""Rooms as a ledger states them: the first ledger tells how it was, a later one what is new."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateRange

from guanjia.domains.space.models import Building, Floor, Holding, Occupant, Room, RoomSpell
from guanjia.domains.space.rules import ledger
from guanjia.domains.space.terms.ledger import Basis, RoomState
from guanjia.kernel.audit import actions as audit
from guanjia.kernel.audit.models import Record
from guanjia.kernel.values.actor import Actor

Rows = Sequence[Mapping[str, Any]]
FACTS = ("kind", "usable_m2", "gross_m2", "state")
_BATCH = 1_000
LEDGER = "台账导入"


@transaction.atomic
def enter_rooms(*, actor: Actor, rows: Rows, at: datetime) -> tuple[int, int, int]:
    """Enter rooms as a ledger states them: ``compound``, ``building``, ``floor``, ``number``,
    ``kind``, ``usable_m2``, ``gross_m2``, ``unit``, ``people``, ``state``.

    Facts are taken as they stand; the caller has looked for what cannot be. Rooms of a building
    that had none begin with its delivery (unknown: unbounded), everything else with today. What
    the ledger cannot know is left: gross space and sitters where the cell is empty, the holder and
    the state of a room that is held by a voucher, and rooms that were merged or split away. Needs
    ``space.room.enter``; returns how many were created, changed and left as they were.
    """
    actor.must("space.room.enter")
    told = _Ledger(actor=actor, at=at, today=ledger.day_of(at))
    places = _buildings(rows)
    rooms = _rooms(places.values())
    had_rooms = {building_id for building_id, _ in rooms}
    floors = _floors(rows, places)
    told.read(rooms.values())
    fresh: list[tuple[Room, Mapping[str, Any], date | None]] = []
    unchanged = updated = 0
    for row in rows:
        building = places[row["compound"], row["building"]]
        room = rooms.get((building.pk, row["number"]))
        if room is None:
            room = Room(
                building=building, floor=floors[building.pk, row["floor"]], number=row["number"]
            )
            fresh.append((room, row, told.since(building, known=building.pk in had_rooms)))
        elif told.change(room, row):
            updated += 1
        else:
            unchanged += 1
    Room.objects.bulk_create([room for room, _, _ in fresh], batch_size=_BATCH)
    for room, row, since in fresh:
        told.begin(room, row, since)
    told.write()
    return len(fresh), updated, unchanged


def _buildings(rows: Rows) -> dict[tuple[str, str], Building]:
    wanted = {(row["compound"], row["building"]) for row in rows}
    found = Building.objects.select_related("compound").filter(
        name__in={name for _, name in wanted}
    )
    return {(building.compound.name, building.name): building for building in found}


def _rooms(buildings: Iterable[Building]) -> dict[tuple[int, str], Room]:
    """Every room of the buildings, locked in the order in which everybody locks them."""
    rows = (
        Room.objects.select_for_update(of=("self",))
        .select_related("building__compound", "floor")
        .filter(building__in={building.pk for building in buildings})
        .order_by("pk")
    )
    return {(room.building_id, room.number): room for room in rows}


def _floors(rows: Rows, places: Mapping[tuple[str, str], Building]) -> dict[tuple[int, int], Floor]:
    wanted = {(places[row["compound"], row["building"]].pk, row["floor"]) for row in rows}
    Floor.objects.bulk_create(
        [Floor(building_id=building, number=number) for building, number in sorted(wanted)],
        ignore_conflicts=True,
    )
    found = Floor.objects.filter(building__in={building for building, _ in wanted})
    return {(floor.building_id, floor.number): floor for floor in found}


@dataclass
class _Ledger:
    """What is known of the rooms today, and what the ledger makes of it; written in one go."""

    actor: Actor
    at: datetime
    today: date
    spells: dict[int, RoomSpell] = field(default_factory=dict)
    holdings: dict[int, Holding] = field(default_factory=dict)
    promised: dict[int, date] = field(default_factory=dict)
    seats: dict[int, dict[int, Occupant]] = field(default_factory=dict)
    coming: dict[tuple[int, int], date] = field(default_factory=dict)
    ended: list[Any] = field(default_factory=list)
    dropped: list[Any] = field(default_factory=list)
    edited: list[RoomSpell] = field(default_factory=list)
    begun: list[Any] = field(default_factory=list)
    records: list[Record] = field(default_factory=list)

    def read(self, rooms: Iterable[Room]) -> None:
        """What the rooms are today, who holds them, who sits there, what is promised."""
        buildings = {room.building_id for room in rooms}
        if not buildings:
            return
        of = {"room__building__in": buildings}
        today = self.today
        for spell in RoomSpell.objects.filter(**of).on(today):
            self.spells[spell.room_id] = spell
        for holding in Holding.objects.filter(**of).on(today).select_related("unit"):
            self.holdings[holding.room_id] = holding
        later = Holding.objects.filter(**of, during__startswith__gt=today).order_by("-during")
        self.promised = {row.room_id: row.during.lower for row in later}
        for seat in Occupant.objects.filter(**of).on(today).select_related("person"):
            self.seats.setdefault(seat.room_id, {})[seat.person_id] = seat
        for seat in Occupant.objects.filter(**of, during__startswith__gt=today).order_by("-during"):
            self.coming[seat.room_id, seat.person_id] = seat.during.lower

    def since(self, building: Building, *, known: bool) -> date | None:
        """From when a new room is there: with its building's delivery, which may be unknown;
        from today where the building's rooms were told before, or where it is delivered later
        than the ledger has rooms in it."""
        delivered = building.delivered_on
        return self.today if known or (delivered and delivered > self.today) else delivered

    # ── a room that is new ───────────────────────────────────────────────────────────────

    def begin(self, room: Room, row: Mapping[str, Any], since: date | None) -> None:
        """A new room, with what it is, who holds it and who sits there."""
        during = DateRange(since, None)
        self.begun.append(
            RoomSpell(
                room=room, during=during, why=LEDGER, told_at=self.at,
                **{name: row[name] for name in FACTS},
            )
        )  # fmt: skip
        if row["unit"] is not None:
            self.begun.append(
                Holding(room=room, unit=row["unit"], during=during, basis=Basis.LEDGER)
            )
        self.begun += [Occupant(room=room, person=one, during=during) for one in row["people"]]
        self._tell(room, None, _told(row, row["unit"], row["people"]), row["unit"])

    # ── a room that is known ─────────────────────────────────────────────────────────────

    def change(self, room: Room, row: Mapping[str, Any]) -> bool:
        """What the ledger says otherwise of a known room, from today on."""
        spell = self.spells.get(room.pk)
        if spell is None:  # merged, split or not there yet: a ledger does not bring it back
            return False
        holding = self.holdings.get(room.pk)
        papered = holding is not None and holding.basis in ledger.BY_PAPER
        facts = {name: row[name] for name in FACTS}
        if facts["gross_m2"] is None:
            facts["gross_m2"] = spell.gross_m2
        if papered:
            facts["state"] = spell.state
        before: dict[str, Any] = {}
        after: dict[str, Any] = {}
        self._restate(room, spell, facts, before, after)
        moved = not papered and self._hold(room, holding, row["unit"], before, after)
        if row["people"] or ((moved or row["state"] is RoomState.VACANT) and not papered):
            self._seat(room, row["people"], before, after)
        if after:
            self._tell(room, before, after, row["unit"])
        return bool(after)

    def _restate(
        self,
        room: Room,
        spell: RoomSpell,
        facts: dict[str, Any],
        before: dict[str, Any],
        after: dict[str, Any],
    ) -> None:
        changed = [name for name in FACTS if getattr(spell, name) != facts[name]]
        if not changed:
            return
        before |= {name: getattr(spell, name) for name in changed}
        after |= {name: facts[name] for name in changed}
        if spell.during.lower == self.today:
            for name in changed:
                setattr(spell, name, facts[name])
            spell.told_at, spell.why = self.at, LEDGER
            self.edited.append(spell)
            return
        end = spell.during.upper
        spell.during = DateRange(spell.during.lower, self.today)
        self.ended.append(spell)
        self.begun.append(
            RoomSpell(
                room=room, during=DateRange(self.today, end), why=LEDGER, told_at=self.at, **facts
            )
        )

    def _hold(
        self,
        room: Room,
        holding: Holding | None,
        unit: Any,
        before: dict[str, Any],
        after: dict[str, Any],
    ) -> bool:
        """Whether the room went to another unit, or to nobody."""
        if (holding.unit_id if holding else None) == (unit.pk if unit else None):
            return False
        before["unit"] = str(holding.unit) if holding else ""
        after["unit"] = str(unit) if unit else ""
        if holding is not None:
            self._end(holding)
        if unit is not None:
            during = DateRange(self.today, self.promised.get(room.pk))
            self.begun.append(Holding(room=room, unit=unit, during=during, basis=Basis.LEDGER))
        return True

    def _seat(
        self, room: Room, people: Sequence[Any], before: dict[str, Any], after: dict[str, Any]
    ) -> None:
        sitting = self.seats.get(room.pk, {})
        wanted = {person.pk: person for person in people}
        if sitting.keys() == wanted.keys():
            return
        before["people"] = [seat.person.name for seat in sitting.values()]
        after["people"] = [person.name for person in people]
        for key in sitting.keys() - wanted.keys():
            self._end(sitting[key])
        for key in wanted.keys() - sitting.keys():
            during = DateRange(self.today, self.coming.get((room.pk, key)))
            self.begun.append(Occupant(room=room, person=wanted[key], during=during))

    def _end(self, row: Holding | Occupant) -> None:
        if row.during.lower == self.today:
            self.dropped.append(row)
            return
        row.during = DateRange(row.during.lower, self.today)
        self.ended.append(row)

    # ── what was done ────────────────────────────────────────────────────────────────────

    def _tell(
        self, room: Room, before: dict[str, Any] | None, after: dict[str, Any], unit: Any
    ) -> None:
        held = self.holdings.get(room.pk)
        holder = unit or (held.unit if held else None)
        self.records.append(
            audit.entry(
                actor=self.actor, verb="space.room.entered", on=room, at=self.at, before=before,
                after=after, note=LEDGER, unit_path=holder.path if holder else "",
            )
        )  # fmt: skip

    def write(self) -> None:
        """What ends goes first, so that what begins finds its place free."""
        models: tuple[Any, ...] = (RoomSpell, Holding, Occupant)
        for model in models:
            gone = [row.pk for row in self.dropped if isinstance(row, model)]
            model.objects.filter(pk__in=gone).delete()
            ended = [row for row in self.ended if isinstance(row, model)]
            model.objects.bulk_update(ended, ["during"], batch_size=_BATCH)
        names = [*FACTS, "why", "told_at"]
        RoomSpell.objects.bulk_update(self.edited, names, batch_size=_BATCH)
        for model in models:
            begun = [row for row in self.begun if isinstance(row, model)]
            model.objects.bulk_create(begun, batch_size=_BATCH)
        audit.record_many(self.records)


def _told(row: Mapping[str, Any], unit: Any, people: Sequence[Any]) -> dict[str, Any]:
    return {
        **{name: row[name] for name in FACTS},
        "unit": str(unit) if unit else "",
        "people": [person.name for person in people],
    }
