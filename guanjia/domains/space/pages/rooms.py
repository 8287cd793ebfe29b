"""A room as it is and was, and the ledger of one unit (分台账)."""

from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any

from django.http import HttpResponse
from django.urls import reverse

from guanjia.domains.space.actions.timelines import day_before
from guanjia.domains.space.models import Holding, Occupant, Room, RoomSpell
from guanjia.domains.space.pages import filling, room_leads
from guanjia.domains.space.pages.buildings import m2
from guanjia.domains.space.queries import buildings, room_files, standards
from guanjia.domains.space.queries import rooms as queries
from guanjia.domains.space.terms.ledger import RoomKind, RoomState
from guanjia.kernel.audit.models import Record
from guanjia.kernel.org.models import Unit
from guanjia.kernel.values.actor import Scope
from guanjia.ui import pages, trail
from guanjia.ui.pages import PageRequest, needs

SEE, ENTER, SEAT = "space.room.see", "space.room.enter", "space.room.seat"
STORY_SHOWN = 60
_TERMS = {"kind": RoomKind, "state": RoomState}


@dataclass(frozen=True, kw_only=True)
class Event:
    """One line of a room's story: from when, what, and how long."""

    day: date | None
    icon: str
    text: str
    note: str = ""
    until: date | None = None


@needs(SEE)
def room(request: PageRequest, room_id: int) -> HttpResponse:
    """One room: what it is on a day, who holds it, who sits there, and how it came to that."""
    found = _room(request, room_id)
    day, past = filling.asked_day(request)
    # Who held the room once sees what it was then, not who sits there now.
    row = queries.listed(request.scope, day).filter(pk=found.pk).first()
    actor = request.actor
    context = {
        "room": found,
        "row": row,
        "day": day,
        "past": past,
        "facts": _facts(found, row),
        "verdict": standards.verdict_of(room_id=found.pk, day=day)
        if row and actor.can("space.standard.see")
        else None,
        "sitters": _sitters(found, day) if row else [],
        "files": room_files.of_room(actor, found),
        "may_file": not past and row and room_files.may_add(actor, room_id=found.pk, day=day),
        "story": _story(found, request.scope)[:STORY_SHOWN],
        "records": trail.in_words(
            queries.records_of(room=found, scope=request.scope)[: trail.SHOWN],
            change=partial(change, whole=request.scope.everything),
        ),
        "may": actor.can(ENTER),
        "may_seat": may_seat(request, found, row),
        "floor_rooms": _beside(request, found, day),
        # What is open is open today: a past day's page does not mix it in.
        "leads": [] if past else room_leads.of_room(actor, found, row, today=day),
    }
    return pages.render(request, "space/room.html", context)


def _room(request: PageRequest, room_id: int) -> Room:
    rows = Room.objects.within(request.scope).select_related("building__compound", "floor")
    found: Room = rows.get(pk=room_id)
    return found


def may_seat(request: PageRequest, room: Room, row: Any) -> bool:
    """Whether this person may say who sits in the room today."""
    scope = request.actor.scope(SEAT)
    if scope.nothing or row is None:
        return False
    return scope.everything or bool(
        Holding.objects.within(scope).filter(room=room, during__contains=row.asked).exists()
    )


def _facts(room: Room, row: Any) -> list[tuple[str, str]]:
    facts = [("院落", room.building.compound.name), ("楼层", room.floor.title)]
    if row is None:
        return facts
    return [
        *facts,
        ("房间类别", row.now.get_kind_display()),
        ("使用面积", m2(row.now.usable_m2)),
        ("建筑面积", m2(row.now.gross_m2)),
        ("使用依据", row.held.get_basis_display() if row.held else ""),
        ("凭证号", row.held.paper if row.held else ""),
        ("使用期间", _span(row.held) if row.held else ""),
    ]


def _span(row: Any) -> str:
    since = f"{row.during.lower:%Y-%m-%d} 起" if row.during.lower else "起始不详"
    return f"{since}，到 {day_before(row.during.upper):%Y-%m-%d} 止" if row.during.upper else since


def _sitters(room: Room, day: date) -> list[Occupant]:
    rows = Occupant.objects.filter(room=room).on(day).select_related("person__unit")
    return list(rows.order_by("person__number"))


def _beside(request: PageRequest, room: Room, day: date) -> list[Any]:
    """The rooms of the same floor that may be opened, to go from door to door."""
    rows = queries.as_of(day=day, scope=request.scope).filter(floor=room.floor)
    return list(rows.order_by("number"))


# ── how it came to that ──────────────────────────────────────────────────────────────────


def _story(room: Room, scope: Scope) -> list[Event]:
    """Everything the scope may know of the room's past, the newest first."""
    spells, holdings, occupants = queries.story(room=room, scope=scope)
    events = [
        *(_was(spell) for spell in spells),
        *(_held(holding) for holding in holdings),
        *(_sat(occupant) for occupant in occupants),
    ]
    return sorted(events, key=lambda one: one.day or date.min, reverse=True)


def _was(spell: RoomSpell) -> Event:
    text = (
        f"{spell.get_kind_display()}，使用面积 {m2(spell.usable_m2)}，{spell.get_state_display()}"
    )
    return Event(
        day=spell.during.lower, icon="building", text=text, note=spell.why, until=spell.during.upper
    )


def _held(holding: Holding) -> Event:
    paper = f" {holding.paper}" if holding.paper else ""
    text = f"{holding.unit} 使用（{holding.get_basis_display()}{paper}）"
    return Event(day=holding.during.lower, icon="key", text=text, until=holding.during.upper)


def _sat(occupant: Occupant) -> Event:
    person = occupant.person
    text = f"{person.name} 在此办公"
    note = person.title
    return Event(
        day=occupant.during.lower, icon="user", text=text, note=note, until=occupant.during.upper
    )


def change(record: Record, *, whole: bool = True) -> str:
    """What an act changed about a room, from what into what.

    ``whole``: also who held it and sat there before another unit came; no unit's clerk reads that.
    """
    before, after = record.before or {}, record.after or {}
    if not whole and before.get("unit") and after.get("unit"):
        before = {name: value for name, value in before.items() if name != "people"}
        before["unit"] = "其他单位"
    told = []
    for name, term in _TERMS.items():
        if before.get(name) in set(term) and after.get(name) in set(term):
            told.append(f"{term(before[name]).label} → {term(after[name]).label}")
    if before.get("usable_m2") and after.get("usable_m2"):
        told.append(f"使用面积 {before['usable_m2']} → {after['usable_m2']} ㎡")
    if "unit" in before and "unit" in after:
        told.append(f"{before['unit'] or '没有使用单位'} → {after['unit'] or '没有使用单位'}")
    if "people" in before and "people" in after:
        old, new = "、".join(before["people"]), "、".join(after["people"])
        told.append(f"{old or '没有人'} → {new or '没有人'}")
    if isinstance(after.get("into"), list | str):
        into = after["into"] if isinstance(after["into"], str) else "、".join(after["into"])
        told.append(f"成为 {into}")
    return "，".join(told)


# ── the ledger of one unit ───────────────────────────────────────────────────────────────


@needs(SEE)
def unit_ledger(request: PageRequest, unit_id: int) -> HttpResponse:
    """分台账: the rooms of a unit and its sections on a day, by class with sums."""
    unit = Unit.objects.within(request.scope).get(pk=unit_id)
    day, past = filling.asked_day(request)
    rows = queries.listed(request.scope, day).filter(held__unit__path__startswith=unit.path)
    order = ("building__compound__position", "building__position", "floor__number", "number")
    rooms = list(rows.order_by(*order))
    pages.tell_shown(request, rows=len(rooms), register="space.rooms")
    on = f"&on={day:%Y-%m-%d}" if past else ""
    listed = f"?view=all&unit={unit.code}{on}"
    context = {
        "unit": unit,
        "rooms": rooms,
        "day": day,
        "past": past,
        "kinds": buildings.by_kind(rooms),
        "all": buildings.total(rooms),
        "places": len({row.building_id for row in rooms}),
        "people": sum(len(row.sitting) for row in rooms),
        "list_url": reverse("space:rooms_list") + listed,
        "export_url": reverse("space:rooms_export") + listed,
    }
    return pages.render(request, "space/unit_ledger.html", context)
