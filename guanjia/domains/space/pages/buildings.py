"""Compounds and buildings: what they are, floor by floor, unit by unit, and how they change."""

from datetime import date
from typing import Any

from django.http import HttpResponse
from django.urls import reverse

from guanjia.domains.space.acts.buildings import AMEND, AMEND_COMPOUND, APPRAISAL
from guanjia.domains.space.models import Building, Compound
from guanjia.domains.space.pages import building_changes, filling
from guanjia.domains.space.queries import buildings as queries
from guanjia.domains.space.queries.buildings import ENTER, SEE
from guanjia.domains.space.terms.ledger import RoomKind, TitleState
from guanjia.kernel.attachments import queries as attachments
from guanjia.kernel.registers.declaration import Column
from guanjia.kernel.registers.fields import of
from guanjia.ui import formats, pages, trail
from guanjia.ui.pages import PageRequest, needs
from guanjia.ui.sections import Section


def m2(value: Any) -> str:
    """An area as it is shown, or nothing."""
    return f"{formats.num(value, places=1)} ㎡" if value is not None else ""


# ── compounds ────────────────────────────────────────────────────────────────────────────


@needs(SEE)
def compounds(request: PageRequest) -> HttpResponse:
    """院落: the compounds with their land and buildings, today or on a day."""
    day, past = filling.asked_day(request)
    rows = queries.compound_rows(request.scope, day)
    pages.tell_shown(request, rows=len(rows))
    context = {"compounds": rows, "may": request.actor.can(ENTER), "day": day, "past": past}
    return pages.render(request, "space/compounds.html", context)


@needs(SEE)
def compound(request: PageRequest, compound_id: int) -> HttpResponse:
    """One compound: its land, its buildings, today or on a day; what was done."""
    day, past = filling.asked_day(request)
    found = queries.as_at(queries.compounds_within(request.scope), day).get(pk=compound_id)
    rows = [row for row in queries.compound_rows(request.scope, day) if row[0].pk == found.pk]
    context = {
        "compounds": rows,
        "compound": found,
        "land": LAND.rows(found),
        "day": day,
        "past": past,
        "past_day": day if past else None,
        "may": request.actor.can(ENTER),
        "acts": [AMEND_COMPOUND] if AMEND_COMPOUND.may(request.actor, found) else [],
        "changes": building_changes.chapters(found),
        "records": trail.told(model="space.compound", pk=found.pk, change=building_changes.change),
    }
    return pages.render(request, "space/compound.html", context)


LAND = Section(
    title="土地",
    fields=(
        of(Compound.land_m2, value=lambda one: m2(one.land_m2)),
        of(Compound.land_title_no),
        of(Compound.address),
    ),
)


# ── a building ───────────────────────────────────────────────────────────────────────────


@needs(SEE)
def building(request: PageRequest, building_id: int) -> HttpResponse:
    """One building: the archive, its title, its floors and who is in it, today or on a day."""
    day, past = filling.asked_day(request)
    found = _building(request, building_id, day)
    rooms = queries.rooms_of(building=found, day=day, scope=request.scope)
    pages.tell_shown(request, rows=len(rooms), register="space.rooms")
    context = {
        "building": found,
        "facts": FACTS.rows(found),
        "title": _title(found),
        "day": day,
        "past": past,
        "whole": request.scope.everything,
        "floors": queries.by_floor(rooms),
        "kinds": queries.by_kind(rooms),
        "units": queries.by_unit(rooms),
        "all": queries.total(rooms),
        "columns": list(RoomKind),
        "list_url": _list_url(found, day, past=past),
        "unheld_url": _list_url(found, day, past=past, view="unheld"),
        "files": attachments.of(model="space.building", row_id=found.pk),
        "changes": building_changes.chapters(found),
        "records": trail.told(model="space.building", pk=found.pk, change=building_changes.change),
        "past_day": day if past else None,
        # Of a past day only what was told wrongly is put right.
        "acts": [
            act
            for act in ([AMEND] if past else [APPRAISAL, AMEND])
            if act.may(request.actor, found)
        ],
        "may": request.actor.can(ENTER),
        "may_add": request.actor.can("space.room.enter"),
    }
    return pages.render(request, "space/building.html", context)


def _building(request: PageRequest, building_id: int, day: date) -> Building:
    rows = queries.as_at(Building.objects.within(request.scope), day)
    found: Building = rows.get(pk=building_id)
    return found


def _list_url(building: Building, day: date, *, past: bool, view: str = "all") -> str:
    """The room register of this building on that day; further filters are added behind."""
    on = f"&on={day:%Y-%m-%d}" if past else ""
    return f"{reverse('space:rooms_list')}?view={view}&building={building.pk}{on}"


def _safety(building: Building) -> str:
    appraised = f"（{building.appraised_on:%Y-%m-%d} 鉴定）" if building.appraised_on else ""
    return f"{building.get_safety_display()}{appraised}" if building.safety else ""


FACTS = Section(
    title="楼栋",
    fields=(
        of(Compound.name, title="院落", path="compound.name"),
        of(Compound.address, path="compound.address"),
        of(Building.gross_m2, value=lambda building: m2(building.gross_m2)),
        of(Building.floors_above, unit="层"),
        of(Building.kind),
        of(Building.structure),
        of(Building.built_year, value=lambda building: str(building.built_year or "")),
        of(Building.delivered_on),
        Column(name="safety", title="安全等级", value=_safety),
        of(Compound.land_m2, value=lambda building: m2(building.compound.land_m2)),
    ),
)


def _title(building: Building) -> list[tuple[str, str]]:
    filed = building.title_state == TitleState.FILED
    return [
        ("备案号" if filed else "权属证号", building.title_no),
        ("权属人", building.title_owner),
        ("备案日期" if filed else "登记日期", formats.day(building.titled_on, style="iso")
         if building.titled_on else ""),
        ("证载面积", m2(building.title_m2)),
        ("土地权属证号", building.compound.land_title_no),
    ]  # fmt: skip
