"""Where a room's page leads: its open findings, who lives there, its emptiness, the repairs."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from guanjia.domains.space.models import Disposal, Room
from guanjia.domains.space.pages import finding_view
from guanjia.domains.space.queries import disposals, findings, idle, tenancies, works
from guanjia.domains.space.terms.disposals import LEAVING, UNDER_WAY, DisposalState
from guanjia.domains.space.terms.ledger import RoomState
from guanjia.domains.space.terms.tenancies import TenancyState
from guanjia.domains.space.terms.works import OPEN
from guanjia.kernel.values.actor import Actor
from guanjia.ui.registers import addresses

Chip = tuple[str, str, str]


@dataclass(frozen=True, kw_only=True)
class Lead:
    """One thing about a room that has a page of its own; ``chip``: tone, icon and word."""

    url: str
    title: str
    note: str = ""
    chip: Chip | None = None


def of_room(actor: Actor, room: Room, row: Any, *, today: date) -> list[Lead]:
    """What there is about a room now and this person may open, what presses first.

    ``row``: the room as ``queries.rooms.listed`` reads it today, ``None`` where it is not theirs.
    """
    return [
        *_findings(actor, room, today),
        *_tenancy(actor, room),
        *_disposals(actor, room),
        *_empty(actor, room, row),
        *_works(actor, room, row),
    ]


def _findings(actor: Actor, room: Room, today: date) -> list[Lead]:
    if not actor.can(findings.SEE):
        return []
    rows = findings.open_about(scope=actor.scope(findings.SEE), room_id=room.pk)
    return [
        Lead(
            url=addresses.maybe("space:finding", one.pk),
            title=one.headline,
            note=one.number,
            chip=finding_view.chip(one, today=today),
        )
        for one in rows
    ]


def _tenancy(actor: Actor, room: Room) -> list[Lead]:
    if not actor.can(tenancies.SEE):
        return []
    rows = tenancies.tenancies(actor.scope(tenancies.SEE))
    return [
        Lead(
            url=addresses.maybe("space:tenancy", one.pk),
            title=f"{one.tenant.name} 租住周转房",
            note=one.number,
        )
        for one in rows.filter(room=room, state=TenancyState.RUNNING)
    ]


def _disposals(actor: Actor, room: Room) -> list[Lead]:
    """What is under way or uses the room, and by what it left the ledger."""
    if not actor.can(disposals.SEE):
        return []
    rows = disposals.of_room(room_id=room.pk, scope=actor.scope(disposals.SEE))
    return [
        Lead(
            url=addresses.maybe("space:disposal", one.pk),
            title=f"{one.get_way_display()}{_left(one)}",
            note=one.number,
            chip=one.chip,
        )
        for one in rows
        if one.state in (*UNDER_WAY, DisposalState.RUNNING)
        or (one.state == DisposalState.DONE and one.way in LEAVING)
    ]


def _left(disposal: Disposal) -> str:
    if disposal.state != DisposalState.DONE or disposal.carried_on is None:
        return ""
    return f"，{disposal.carried_on:%Y-%m-%d} 起不在台账"


def _empty(actor: Actor, room: Room, row: Any) -> list[Lead]:
    if not actor.can(idle.SEE) or row is None or row.held or row.now.state != RoomState.VACANT:
        return []
    return [Lead(url=addresses.maybe("space:idle_room", room.pk), title="闲置情况和处置利用")]


def _works(actor: Actor, room: Room, row: Any) -> list[Lead]:
    if not actor.can(works.SEE) or row is None:
        return []
    rows = works.of_building(building_id=room.building_id, scope=actor.scope(works.SEE))
    under_way = [
        Lead(
            url=addresses.maybe("space:works_one", one.pk),
            title=one.title,
            note=f"{one.number} {one.get_state_display()}",
        )
        for one in rows
        if one.state in OPEN
    ]
    whole = addresses.maybe("space:works_building", room.building_id)
    return [*under_way, Lead(url=whole, title=f"{room.building}大中修")]
