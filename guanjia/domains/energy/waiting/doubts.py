"""待办 of doubts (疑点) about monthly returns: to be explained."""

from datetime import datetime
from typing import Any

from guanjia.domains.energy.queries import doubts, filings
from guanjia.kernel.values.actor import Actor
from guanjia.ui.registers import addresses
from guanjia.ui.waiting import Rank, Source, Todo


def _to_explain(actor: Actor, _: datetime) -> Any:
    scope = actor.scope(doubts.EXPLAIN)
    if not scope.person_id or actor.can(filings.REVIEW):
        return None
    return doubts.waiting(scope)


def _show_explain(row: Any, _: Actor, __: datetime) -> Todo:
    month = row.month_return.month
    return Todo(
        kind="月报疑点待说明",
        tone="wait",
        icon="alert-circle",
        title=f"{row.month_return.institution} {month.year}年{month.month}月",
        detail=row.sentence,
        due="",
        url=addresses.maybe("energy:doubt", row.pk),
        verb="说明",
        rank=Rank.ANSWER,
        due_at=row.raised_at,
    )


SOURCES = (
    Source(
        key="energy_explain", kind="月报疑点待说明", place=500, rows=_to_explain, show=_show_explain
    ),
)
