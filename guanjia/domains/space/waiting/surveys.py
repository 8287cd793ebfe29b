"""What 统计摸底 puts into 待办: to fill in, to approve in the unit, to review in the bureau."""

from datetime import datetime
from typing import Any

from django.utils import timezone

from guanjia.domains.space.queries import surveys
from guanjia.kernel.values.actor import Actor
from guanjia.kernel.values.period import noon
from guanjia.ui.registers import addresses
from guanjia.ui.waiting import Rank, Source, Todo, due_words


def _todo(filing: Any, at: datetime, *, kind: str, verb: str, rank: Rank) -> Todo:
    today = timezone.localdate(at)
    due = filing.survey.due_on
    late = due < today
    back = bool(filing.back_at) and verb == "填报"
    return Todo(
        kind=kind,
        tone="stop" if late or back else "wait",
        icon="clipboard-list",
        title=f"{filing.unit} {filing.survey.title}",
        detail=f"退回：{filing.back_why[:40]}" if back else f"填报单 {filing.number}",
        due=due_words(due, today=today),
        due_tone="stop" if late else "",
        url=addresses.maybe("space:survey_return", filing.pk),
        verb=verb,
        rank=rank,
        due_at=noon(due),
    )


def _to_fill(actor: Actor, _: datetime) -> Any:
    """Those of the own unit; the bureau sees all and has the page of the survey."""
    if not actor.can(surveys.FILL) or actor.can(surveys.PLAN):
        return None
    return surveys.to_fill(actor.scope(surveys.FILL))


def _to_approve(actor: Actor, _: datetime) -> Any:
    if not actor.can(surveys.APPROVE):
        return None
    return surveys.to_approve(actor.scope(surveys.APPROVE))


def _to_review(actor: Actor, _: datetime) -> Any:
    if not actor.can(surveys.REVIEW):
        return None
    return surveys.to_review(actor.scope(surveys.REVIEW))


def _show_fill(filing: Any, _: Actor, at: datetime) -> Todo:
    return _todo(filing, at, kind="统计待填报", verb="填报", rank=Rank.ANSWER)


def _show_approve(filing: Any, _: Actor, at: datetime) -> Todo:
    return _todo(filing, at, kind="统计待审批", verb="审批", rank=Rank.DECIDE)


def _show_review(filing: Any, _: Actor, at: datetime) -> Todo:
    return _todo(filing, at, kind="统计待审核", verb="审核", rank=Rank.ACT)


SOURCES = (
    Source(key="space_survey_fill", kind="统计待填报", place=450, rows=_to_fill, show=_show_fill),
    Source(
        key="space_survey_approve",
        kind="统计待审批",
        place=460,
        rows=_to_approve,
        show=_show_approve,
    ),
    Source(
        key="space_survey_review", kind="统计待审核", place=470, rows=_to_review, show=_show_review
    ),
)
