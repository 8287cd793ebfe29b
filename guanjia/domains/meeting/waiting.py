"""待办 of meetings: bookings that whoever keeps the room decides on."""

from datetime import datetime
from typing import Any

from guanjia.domains.meeting import queries as reading
from guanjia.kernel.values.actor import Actor
from guanjia.ui import formats
from guanjia.ui.registers import addresses
from guanjia.ui.waiting import Rank, Source, Todo, moment_words


def _to_decide(actor: Actor, _: datetime) -> Any:
    return reading.to_decide(actor) if actor.can(reading.DECIDE) else None


def _show(row: Any, _: Actor, at: datetime) -> Todo:
    return Todo(
        kind="会议室待审批",
        tone="wait",
        icon="calendar-event",
        title=f"{row.room} {row.title}",
        detail=formats.joined(row.unit.shown, f"{row.people} 人"),
        due=f"{moment_words(row.starts_at, at=at)} 开会",
        url=addresses.maybe("meeting:booking", row.pk),
        verb="审批",
        rank=Rank.DECIDE,
        due_at=row.starts_at,
    )


SOURCES = (
    Source(key="meeting_decide", kind="会议室待审批", place=630, rows=_to_decide, show=_show),
)
