"""A floor as people see it (楼层平面图): the plan, one room beside it, the whole building below."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_date

from guanjia.domains.space.models import Building, Floor, FloorPlan
from guanjia.domains.space.pages import plan_peek, plan_stack
from guanjia.domains.space.pages import plan_picture as pictures
from guanjia.domains.space.pages.links import link
from guanjia.domains.space.pages.plan_picture import Mode, Paint, Picture
from guanjia.domains.space.queries import plans as reading
from guanjia.domains.space.queries import room_files
from guanjia.domains.space.queries.plans import DRAW, SEE, PlanOfDay, RoomSeen
from guanjia.domains.space.terms.ledger import RoomKind, RoomState
from guanjia.ui import pages
from guanjia.ui.pages import PageRequest, needs

LISTS = {"all": "全部", "over": "超标", "vacant": "空置", "gap": "图账不符"}


@dataclass(frozen=True, kw_only=True)
class Look:
    """What of a building is looked at: the day, the mode, the chosen room, which rooms are listed;
    all of it stands in the address."""

    day: date
    today: date
    mode: Mode = Mode.STATE
    room_id: int | None = None
    listed: str = "all"
    unread: str = ""  # a day that could not be read

    @classmethod
    def read(cls, given: QueryDict, today: date) -> "Look":
        """The look of an address; what cannot be read is as if it were not there."""
        told = given.get("on", "").strip()
        try:
            day = parse_date(told)
        except ValueError:
            day = None
        mode, room, listed = given.get("mode", ""), given.get("room", ""), given.get("list", "")
        return cls(
            day=day or today,
            today=today,
            mode=Mode(mode) if mode in set(Mode) else Mode.STATE,
            room_id=int(room) if room.isdecimal() and len(room) < 10 else None,  # noqa: PLR2004 — an id
            listed=listed if listed in LISTS else "all",
            unread=told if told and day is None else "",
        )

    def query(self, **other: Any) -> str:
        """The look as a query, some of it otherwise; usual values are left out."""
        told = {
            "on": self.day.isoformat() if self.day != self.today else "",
            "mode": self.mode.value if self.mode is not Mode.STATE else "",
            "room": self.room_id or "",
            "list": self.listed if self.listed != "all" else "",
        } | other
        kept = {key: value for key, value in told.items() if value not in ("", None)}
        return f"?{urlencode(kept)}" if kept else ""

    @property
    def room_stem(self) -> str:
        """The query to which only the id of another room has to be added."""
        query = self.query(room="")
        return f"{query}&room=" if query else "?room="


@needs(SEE)
def floors(request: PageRequest) -> HttpResponse:
    """Every building somebody may open, with its floors and which of them have a plan."""
    here = reading.buildings(request.scope, timezone.localdate())
    found = here.order_by("compound__position", "position", "pk")
    found = list(found.prefetch_related("floors__plans"))
    groups: dict[str, list[Any]] = {}
    for building in found:
        rows = sorted(building.floors.all(), key=lambda floor: floor.number)
        drawn = sum(bool(floor.plans.all()) for floor in rows)
        groups.setdefault(building.compound.name, []).append((building, rows, drawn))
    if len(found) == 1 and groups:
        rows = next(iter(groups.values()))[0][1]
        if rows:
            lowest = next((floor.number for floor in rows if floor.number > 0), rows[0].number)
            return pages.to("space:floor", found[0].pk, lowest)
    context = {"groups": list(groups.items()), "may": request.actor.can(DRAW)}
    return pages.render(request, "space/floors.html", context)


@needs(SEE)
def floor(request: PageRequest, building_id: int, floor_no: int) -> HttpResponse:
    """One floor as of a day (一层一图)."""
    look = Look.read(request.GET, timezone.localdate())
    building, here = _floor(request, building_id, floor_no, look.day)
    context = _context(request, building, here, look)
    return pages.render(request, "space/floor.html", context)


@needs(SEE)
def floor_room(request: PageRequest, building_id: int, floor_no: int, room_id: int) -> HttpResponse:
    """The panel of one room, for the page that shows its floor; on its own it leads there."""
    look = Look.read(request.GET, timezone.localdate())
    building, _ = _floor(request, building_id, floor_no, look.day)
    if not pages.asked_by_htmx(request):
        here = reverse("space:floor", args=(building_id, floor_no))
        return HttpResponseRedirect(f"{here}{look.query(room=room_id)}")
    room = reading.room_of(
        room_id=room_id, day=look.day, scope=request.scope,
        judged=reading.may_judge(request.actor),
    )  # fmt: skip
    if room is None or (room.building_id, room.floor) != (building_id, floor_no):
        return pages.render(request, "space/floor_unseen.html", {"day": look.day}, status=404)
    context = {
        "peek": plan_peek.peek(actor=request.actor, building=building, room=room, day=look.day),
        "building": building,
        "look": look,
        "close_url": reverse("space:floor", args=(building_id, floor_no)) + look.query(room=""),
    }
    return pages.render(request, "space/floor_room.html", context)


@needs(SEE)
def stack(request: PageRequest, building_id: int) -> HttpResponse:
    """The whole building, floor above floor (全楼各层)."""
    look = Look.read(request.GET, timezone.localdate())
    building = get_object_or_404(reading.buildings(request.scope, look.day), pk=building_id)
    rooms = _rooms(request, building, look)
    paint = pictures.paint(mode=look.mode, rooms=rooms)
    here = reverse("space:floor_stack", args=(building_id,))
    context = {
        "building": building,
        "look": look,
        "modes": _modes(here, look),
        "legend": paint.legend(rooms),
        "bars": _bars(building, rooms, paint, None, look),
        "figures": _figures(building, None, rooms, look),
        "judged": reading.may_judge(request.actor),
        "partial": not request.scope.everything,
    }
    return pages.render(request, "space/floor_stack.html", context)


@needs(SEE)
def plan(request: PageRequest, edition_id: int) -> HttpResponse:
    """An edition of a floor's plan, on the day from which it was used."""
    if not reading.sees_plan(request.actor, edition_id):
        raise Http404
    row = FloorPlan.objects.select_related("floor").get(pk=edition_id)
    look = Look(day=row.since, today=timezone.localdate())
    here = reverse("space:floor", args=(row.floor.building_id, row.floor.number))
    return HttpResponseRedirect(here + look.query())


# ── what the pages are made of ─────────────────────────────────────────────────────────────


def _floor(
    request: PageRequest, building_id: int, floor_no: int, day: date
) -> tuple[Building, Floor]:
    building = get_object_or_404(reading.buildings(request.scope, day), pk=building_id)
    return building, get_object_or_404(Floor, building=building, number=floor_no)


def _rooms(request: PageRequest, building: Building, look: Look) -> list[RoomSeen]:
    return reading.rooms_of(
        building=building, day=look.day, scope=request.scope,
        judged=reading.may_judge(request.actor),
    )  # fmt: skip


def _context(request: PageRequest, building: Building, here: Floor, look: Look) -> dict[str, Any]:
    everything = _rooms(request, building, look)
    rooms = [room for room in everything if room.floor == here.number]
    paint = pictures.paint(mode=look.mode, rooms=everything)
    plan = reading.plan_on(floor=here, day=look.day)
    partial = not request.scope.everything
    theirs = reading.held_ids(floor=here, day=look.day) if partial else frozenset()
    picture, spare = _picture(plan, rooms, paint, None if not partial else theirs)
    chosen = next((room for room in rooms if room.id == look.room_id), None)
    address = reverse("space:floor", args=(building.pk, here.number))
    return {
        "building": building,
        "floor": here,
        "floors": _floor_links(building, here, look),
        "look": look,
        "address": address,
        "modes": _modes(address, look),
        "legend": paint.legend(rooms),
        "figures": _figures(building, here, rooms, look),
        "picture": picture,
        "plan": plan,
        "spare": spare,
        "chosen": chosen,
        "peek": plan_peek.peek(actor=request.actor, building=building, room=chosen, day=look.day)
        if chosen is not None
        else None,
        "close_url": address + look.query(room=""),
        **_listed(address, rooms, plan, look),
        "bars": _bars(building, everything, paint, here.number, look),
        "stack_url": reverse("space:floor_stack", args=(building.pk,))
        + look.query(room="", list=""),
        "may": request.actor.can(DRAW),
        "may_file": request.actor.can(room_files.ENTER),
        "files": room_files.of_floor(here),
        "judged": reading.may_judge(request.actor),
        "partial": not request.scope.everything,
        "at": timezone.now(),
        "who": request.actor.name,
    }


def _picture(
    plan: PlanOfDay | None, rooms: list[RoomSeen], paint: Paint, held: frozenset[int] | None
) -> tuple[Picture | None, list[RoomSeen]]:
    """The picture, drawn or laid out as tiles, and the rooms that the plan does not have.

    ``held``: for whoever sees a part only, the rooms that some unit holds; else ``None``.
    """
    if plan is None:
        if not rooms:
            return None, []
        shapes, wide, high = plan_stack.tiles(rooms)
        spare: list[RoomSeen] = []
    else:
        shapes = reading.shapes_of(plan.shapes)
        wide, high = plan.plan.width_mm, plan.plan.height_mm
        drawn = {shape.room_id for shape in shapes}
        spare = [room for room in rooms if room.id not in drawn]
    return pictures.draw(
        shapes=shapes, width_mm=wide, height_mm=high, paint=paint,
        rooms={room.id: room for room in rooms},
        hidden="当日台账没有" if held is None else "不是本单位的房间", foreign=held or frozenset(),
    ), spare  # fmt: skip


def _floor_links(building: Building, here: Floor, look: Look) -> list[dict[str, Any]]:
    found = sorted(reading.floors_of(building), key=lambda floor: floor.number)
    return [
        {
            "title": floor.title,
            "url": reverse("space:floor", args=(building.pk, floor.number))
            + look.query(room="", list=""),
            "current": floor.number == here.number,
        }
        for floor in found
    ]


def _modes(address: str, look: Look) -> list[dict[str, Any]]:
    return [
        {
            "title": mode.label,
            "url": address + look.query(mode="" if mode is Mode.STATE else mode.value),
            "current": mode is look.mode,
        }
        for mode in Mode
    ]


def _figures(
    building: Building, here: Floor | None, rooms: list[RoomSeen], look: Look
) -> dict[str, Any]:
    """The numbers of the head, each with the address of its rows in the register."""
    place = {
        "building": building.pk,
        "floor": here.number if here else "",
        "on": look.day.isoformat() if look.day != look.today else "",
    }

    def rows(**more: Any) -> str:
        return link("space:rooms_list", **place, **more)

    offices = [r for r in rooms if r.kind is RoomKind.OFFICE and r.state is RoomState.IN_USE]
    over = [room for room in rooms if room.over_m2 is not None]
    vacant = [room for room in rooms if room.vacant]
    return {
        "count": len(rooms),
        "usable_m2": sum(room.usable_m2 for room in rooms),
        "url": rows(),
        "offices_m2": sum(room.usable_m2 for room in offices),
        "offices_url": rows(kind=RoomKind.OFFICE.value, state=RoomState.IN_USE.value),
        "over": len(over),
        "over_m2": sum(room.over_m2 or 0 for room in over),
        "over_url": look.query(list="over", room="") + "#rooms",
        "vacant": len(vacant),
        "vacant_m2": sum(room.usable_m2 for room in vacant),
        "vacant_url": rows(state=RoomState.VACANT.value),
    }


def _listed(
    address: str, rooms: list[RoomSeen], plan: PlanOfDay | None, look: Look
) -> dict[str, Any]:
    """The rooms as a list beside (on phones below) the plan, with its tabs."""
    gaps = _gaps(rooms, plan)
    parts: Mapping[str, list[RoomSeen]] = {
        "all": rooms,
        "over": sorted(
            (r for r in rooms if r.over_m2 is not None), key=lambda r: (-(r.over_m2 or 0), r.number)
        ),
        "vacant": [room for room in rooms if room.vacant],
        "gap": [room for room in rooms if room.id in gaps],
    }
    tabs = [
        {
            "title": title,
            "url": f"{address}{look.query(list='' if key == 'all' else key)}#rooms",
            "current": key == look.listed,
            "count": len(parts[key]),
        }
        for key, title in LISTS.items()
        if parts[key] or key in ("all", look.listed)
    ]
    rows = [
        (room, f"{address}{look.query(room=room.id)}", gaps.get(room.id))
        for room in parts[look.listed]
    ]
    return {"rows": rows, "tabs": tabs}


def _gaps(rooms: list[RoomSeen], plan: PlanOfDay | None) -> dict[int, Any]:
    if plan is None:
        return {}
    found = reading.gaps(plan=plan, rooms=rooms)
    return {gap.room_id: gap for gap in found}


def _bars(
    building: Building, rooms: list[RoomSeen], paint: Paint, current: int | None, look: Look
) -> list[tuple[Any, dict[str, str]]]:
    """The stack plan: each floor with its bar, and where its numbers lead."""
    bars = plan_stack.stack(
        floors=reading.floors_of(building), rooms=rooms, paint=paint,
        drawn=reading.drawn_floors(building), current=current,
    )  # fmt: skip
    found = []
    for bar in bars:
        address = reverse("space:floor", args=(building.pk, bar.number))
        found.append(
            (
                bar,
                {
                    "floor": address + look.query(room="", list=""),
                    "over": address + look.query(room="", list="over") + "#rooms",
                    "vacant": address + look.query(room="", list="vacant") + "#rooms",
                },
            )
        )
    return found
