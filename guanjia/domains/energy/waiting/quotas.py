"""待办 of 定额: what was used beyond it is explained, and the explanation judged."""

from datetime import datetime
from typing import Any

from django.utils import timezone

from guanjia.domains.energy.queries import quotas
from guanjia.kernel.values.actor import Actor
from guanjia.kernel.values.period import noon
from guanjia.ui.registers import addresses
from guanjia.ui.waiting import Rank, Source, Todo, due_words


def _owed_words(actor: Actor, _: datetime) -> Any:
    scope = actor.scope(quotas.EXPLAIN)
    return None if not scope.person_id or actor.can(quotas.DECIDE) else quotas.owed(scope)


def _told_words(actor: Actor, _: datetime) -> Any:
    return quotas.told(actor.scope(quotas.DECIDE)) if actor.can(quotas.DECIDE) else None


def _show_quota(row: Any, _: Actor, at: datetime) -> Todo:
    today, told = timezone.localdate(at), row.state == "TOLD"
    late = not told and row.due_on < today
    return Todo(
        kind="超定额说明待核" if told else "超定额待说明",
        tone="stop" if late or row.state == "BACK" else "wait",
        icon="scale",
        title=f"{row.institution} {row.year}年{row.get_measure_display()}超定额",
        detail=f"退回：{row.returned_note[:40]}" if row.state == "BACK" else row.explanation[:40],
        due="" if told else due_words(row.due_on, today=today),
        due_tone="stop" if late else "",
        url=addresses.maybe("energy:quota_case", row.pk),
        verb="核说明" if told else "说明",
        rank=Rank.ACT if told else Rank.ANSWER,
        due_at=row.explained_at if told else noon(row.due_on),
    )


SOURCES = (
    Source(key="energy_quota", kind="超定额待说明", place=560, rows=_owed_words, show=_show_quota),
    Source(
        key="energy_quota_told",
        kind="超定额说明待核",
        place=570,
        rows=_told_words,
        show=_show_quota,
    ),
)
