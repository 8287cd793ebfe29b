"""The panel beside a floor plan: one room, what is said of it, and how it came to be so."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from guanjia.domains.space.models import Building, Holding, Room
from guanjia.domains.space.pages.links import link
from guanjia.domains.space.queries import findings, rooms, rounds
from guanjia.domains.space.queries import plans as reading
from guanjia.domains.space.queries.plans import RoomSeen
from guanjia.domains.space.terms.ledger import Basis, RoomKind, RoomState
from guanjia.kernel.values.actor import Actor

_TOLD_MAX = 6


@dataclass(frozen=True)
class Chapter:
    """One thing that happened to a room."""

    on: date | None
    what: str
    more: str
    icon: str
    tone: str = ""


def peek(*, actor: Actor, building: Building, room: RoomSeen, day: date) -> dict[str, Any]:
    """What the panel shows of a room that lies in the actor's sight."""
    verdict = room.verdict
    return {
        "room": room,
        "verdict": verdict,
        "sitter": room.people[0] if len(room.people) == 1 else None,
        "share": verdict.share if verdict is not None else 0,
        "story": _story(actor, building, room, day),
        "room_url": link("space:room", room.id),
        "unit_url": link("space:rooms_list", words=room.unit) if room.unit else "",
        "finding_url": _finding(actor, room, day),
        "vacant_url": _fitting(actor, room),
    }


def _finding(actor: Actor, room: RoomSeen, day: date) -> str:
    """The finding about the room that was open on the day: where its mending (整改) is decided."""
    if not actor.can("space.finding.see"):
        return ""
    scope = actor.scope("space.finding.see")
    found = findings.open_about(scope=scope, room_id=room.id, on=day).first()
    return link("space:finding", found.pk) if found is not None else ""


def _fitting(actor: Actor, room: RoomSeen) -> str:
    """Vacant rooms within the limit of who sits here, for whoever may move them."""
    if room.over_m2 is None or not actor.can("space.allocation.request"):
        return ""
    limit = room.verdict.limit_m2 if room.verdict is not None else None
    return link(
        "space:rooms_list", kind=RoomKind.OFFICE.value, state=RoomState.VACANT.value,
        usable_m2_to=f"{limit:.1f}" if limit is not None else "",
    )  # fmt: skip


def _story(actor: Actor, building: Building, room: RoomSeen, day: date) -> list[Chapter]:
    """What the ledger remembers up to a day, the newest first; other units' part is left out."""
    row = Room.objects.get(pk=room.id)
    told = [*_holdings(actor, row), *_spells(actor, row), *_inspections(actor, row)]
    told = [one for one in told if one.on is None or one.on <= day]
    if building.delivered_on and building.delivered_on <= day:
        told.append(
            Chapter(building.delivered_on, "楼栋交付", building.title_no, "file-certificate")
        )
    told.sort(key=lambda one: one.on or date.min, reverse=True)
    return told[:_TOLD_MAX]


def _holdings(actor: Actor, room: Room) -> list[Chapter]:
    rows = Holding.objects.within(actor.scope(reading.SEE)).filter(room=room).select_related("unit")
    told = []
    for row in rows:
        basis = Basis(row.basis).label
        more = f"{basis} · {row.paper}" if row.paper else basis
        told.append(Chapter(row.during.lower, f"{row.unit.shown}使用", more, "key", "done"))
        if row.during.upper is not None:
            told.append(
                Chapter(row.during.upper, f"{row.unit.shown}退出", "", "arrow-back-up", "idle")
            )
    return told


def _spells(actor: Actor, room: Room) -> list[Chapter]:
    spells, _, _ = rooms.story(room=room, scope=actor.scope(reading.SEE))
    return [
        Chapter(
            row.during.lower,
            f"登记为{RoomKind(row.kind).label}，{RoomState(row.state).label}",
            f"使用面积 {row.usable_m2:.1f} ㎡" + (f"，{row.why}" if row.why else ""),
            "file-text",
            "idle",
        )
        for row in spells
    ]


def _inspections(actor: Actor, room: Room) -> list[Chapter]:
    if not actor.can("space.round.see"):
        return []
    rows = rounds.inspections(actor.scope("space.round.see")).filter(room=room, replaced=False)
    bad = set(rounds.with_problem(rows).values_list("pk", flat=True))
    return [
        Chapter(
            one.on_day,
            f"巡检：{'有问题' if one.pk in bad else '无问题'}",
            one.round.title,
            "clipboard-check",
            "wait" if one.pk in bad else "done",
        )
        for one in rows.select_related("round")[:_TOLD_MAX]
    ]
