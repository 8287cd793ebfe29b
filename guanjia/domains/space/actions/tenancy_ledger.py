"""Taking a ledger of 周转房 in: who lives there and who did, as somebody wrote it down."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.db import transaction

from guanjia.domains.space.actions import tenancies, timelines
from guanjia.domains.space.models import Occupant, RoomSpell, Tenancy
from guanjia.domains.space.rules import tenancies as rules
from guanjia.domains.space.terms.ledger import RoomState
from guanjia.domains.space.terms.tenancies import Condition, TenancyState
from guanjia.kernel.acts.changing import change, made
from guanjia.kernel.values.actor import Actor

KEEP = tenancies.KEEP
_TOLD = ("kind", "last_on", "document", "note", "ended_on")


@transaction.atomic
def enter_tenancies(
    *, actor: Actor, rows: Sequence[Mapping[str, Any]], at: datetime
) -> tuple[int, int, int]:
    """Write rows of a ledger; how many are new, changed, as they were.

    A row: ``room`` and ``tenant`` (rows), ``since_on``, ``kind``, ``last_on``, ``ended_on`` (or
    ``None``), ``document``, ``note``. Who lives there now stands in the ledger of rooms from today
    on; rents are reckoned from the month of entering on, for older ones were paid elsewhere.
    """
    actor.must(KEEP)
    timelines.lock(row["room"].pk for row in rows)
    known = {
        (one.room_id, one.tenant_id, one.since_on): one
        for one in Tenancy.objects.select_for_update(of=("self",))
        .exclude(state=TenancyState.CALLED_OFF)
        .filter(room__in=[row["room"].pk for row in rows])
    }
    counts = [0, 0, 0]
    # What ended comes first: the next tenant of a room may stand in an earlier row.
    for row in sorted(rows, key=lambda one: one["ended_on"] or date.max):
        there = known.get((row["room"].pk, row["tenant"].pk, row["since_on"]))
        place = _enter(actor, row, at) if there is None else _update(actor, there, row, at)
        counts[place] += 1
    return counts[0], counts[1], counts[2]


def _told(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "kind": row["kind"],
        "last_on": row["last_on"],
        "document": row["document"] or "",
        "note": row["note"] or "",
        "ended_on": row["ended_on"],
    }


def _enter(actor: Actor, row: Mapping[str, Any], at: datetime) -> int:
    today = tenancies.day_of(at)
    over = row["ended_on"] is not None
    tenancy: Tenancy = Tenancy.objects.create(
        number=tenancies.new_number(today),
        room=row["room"],
        tenant=row["tenant"],
        state=TenancyState.RETURNED if over else TenancyState.RUNNING,
        condition=Condition.FINE if over else "",
        since_on=row["since_on"],
        rents_from=max(rules.month_of(today), rules.month_of(row["since_on"])),
        entered_at=at,
        **_told(row),
    )
    if not over:
        _settle(tenancy, max(row["since_on"], today), at)
    made(
        tenancy, *tenancies.ASKED, "ended_on",
        actor=actor, verb="space.tenancy.entered", at=at,
    )  # fmt: skip
    return 0


def _update(actor: Actor, tenancy: Tenancy, row: Mapping[str, Any], at: datetime) -> int:
    told = _told(row)
    if all(getattr(tenancy, name) == value for name, value in told.items()):
        return 2
    ends = tenancy.state == TenancyState.RUNNING and told["ended_on"] is not None
    if ends:
        told |= {"state": TenancyState.RETURNED, "condition": Condition.FINE}
    change(tenancy, told, actor=actor, verb="space.tenancy.entered", at=at)
    if ends and tenancy.ended_on is not None:
        timelines.unseat(room=tenancy.room, on=tenancy.ended_on, people=[tenancy.tenant_id])
        timelines.restate(
            room=tenancy.room, on=tenancy.ended_on, told_at=at, state=RoomState.VACANT,
            why=f"{tenancy.number} 退房",
        )  # fmt: skip
    return 1


def _settle(tenancy: Tenancy, on: date, at: datetime) -> None:
    """The room is lived in from a day on; where the ledger of rooms says so already, it stays."""
    if not Occupant.objects.on(on).filter(room=tenancy.room, person=tenancy.tenant).exists():
        timelines.seat(room=tenancy.room, person=tenancy.tenant, since=on)
    spell = RoomSpell.objects.filter(room=tenancy.room).on(on).first()
    if spell is not None and spell.state == RoomState.VACANT:
        timelines.restate(
            room=tenancy.room, on=on, told_at=at, state=RoomState.IN_USE,
            why=f"{tenancy.number} 入住",
        )  # fmt: skip
