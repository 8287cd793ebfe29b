"""待办 of clearances (腾退): rooms to give back, and to take back."""

from datetime import datetime
from typing import Any

from django.utils import timezone

from guanjia.domains.space.queries import clearances
from guanjia.domains.space.rules.allocations import area
from guanjia.domains.space.terms.clearances import WITH_UNIT, ClearanceState
from guanjia.kernel.values.actor import Actor
from guanjia.kernel.values.period import noon
from guanjia.ui import formats
from guanjia.ui.registers import addresses
from guanjia.ui.waiting import Rank, Source, Todo, due_words

HAND_BACK, ACCEPT = clearances.HAND_BACK, clearances.ACCEPT


def _to_hand_back(actor: Actor, _: datetime) -> Any:
    """Those of the own units; the bureau sees all and would have a list that is not its own."""
    if not actor.can(HAND_BACK) or actor.can(ACCEPT):
        return None
    return clearances.waiting(actor.scope(HAND_BACK), *WITH_UNIT)


def _show_clearance(row: Any, _: Actor, at: datetime) -> Todo:
    today = timezone.localdate(at)
    late, accepts = row.is_late_on(today), row.state == ClearanceState.HANDED_BACK
    returned = row.state == ClearanceState.RETURNED
    return Todo(
        kind="待接收" if accepts else "待腾退",
        tone="stop" if late or returned else ("move" if accepts else "wait"),
        icon="logout",
        title=f"{row.unit} {row.get_reason_display()} {row.places} 间",
        detail=formats.joined(area(row.m2) if row.m2 else "", row.state_note[:40], row.number),
        due=f"{formats.day(row.handed_back_on, today=today)}移交"
        if accepts
        else due_words(row.due_on, today=today),
        due_tone="stop" if late else "",
        url=addresses.maybe("space:clearance", row.pk),
        act_url=addresses.maybe(f"space:clearance_{'accept' if accepts else 'hand_back'}", row.pk),
        verb="接收" if accepts else "移交",
        rank=Rank.ANSWER,
        due_at=noon(row.due_on),
    )


def _to_accept(actor: Actor, _: datetime) -> Any:
    if not actor.can(ACCEPT):
        return None
    return clearances.waiting(actor.scope(ACCEPT), ClearanceState.HANDED_BACK)


SOURCES = (
    Source(key="space_clear", kind="待腾退", place=290, rows=_to_hand_back, show=_show_clearance),
    Source(key="space_accept", kind="待接收", place=300, rows=_to_accept, show=_show_clearance),
)
