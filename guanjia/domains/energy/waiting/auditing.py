"""待办 of energy audits: measures that should have been done."""

from datetime import datetime
from typing import Any

from django.utils import timezone

from guanjia.domains.energy.queries import auditing
from guanjia.kernel.values.actor import Actor
from guanjia.kernel.values.period import noon
from guanjia.ui.registers import addresses
from guanjia.ui.waiting import Rank, Source, Todo, due_words


def _late_measures(actor: Actor, at: datetime) -> Any:
    """Measures of audits that should have been done."""
    if not actor.can(auditing.KEEP):
        return None
    return auditing.late(actor.scope(auditing.KEEP), timezone.localdate(at))


def _show_late(row: Any, _: Actor, at: datetime) -> Todo:
    audit = row.finding.audit
    return Todo(
        kind="整改措施已逾期",
        tone="stop",
        icon="alert-octagon",
        title=f"{audit.institution} {row.title}",
        detail=row.finding.words[:40],
        due=due_words(row.due_on, today=timezone.localdate(at)),
        due_tone="stop",
        url=addresses.maybe("energy:audit", audit.pk),
        verb="办理",
        rank=Rank.ANSWER,
        due_at=noon(row.due_on),
    )


SOURCES = (
    Source(
        key="energy_measure", kind="整改措施已逾期", place=550, rows=_late_measures, show=_show_late
    ),
)
