"""待办 of meters: alarms to settle."""

from datetime import datetime
from typing import Any

from guanjia.domains.energy.queries import filings, meters
from guanjia.kernel.values.actor import Actor
from guanjia.ui.registers import addresses
from guanjia.ui.waiting import Rank, Source, Todo


def _to_settle(actor: Actor, _: datetime) -> Any:
    """The alarms of meters of one's own institutions; who oversees many has the list."""
    scope = actor.scope(meters.SETTLE)
    if not scope.person_id or actor.can(filings.REVIEW):
        return None
    return meters.waiting(scope)


def _show_settle(row: Any, _: Actor, __: datetime) -> Todo:
    return Todo(
        kind="表计报警待处理",
        tone="wait",
        icon="bell",
        title=f"{row.meter.institution} {row.get_kind_display()}",
        detail=row.sentence,
        due="",
        url=addresses.maybe("energy:alarm", row.pk),
        verb="处理",
        rank=Rank.ANSWER,
        due_at=row.raised_at,
    )


SOURCES = (
    Source(
        key="energy_alarms", kind="表计报警待处理", place=540, rows=_to_settle, show=_show_settle
    ),
)
