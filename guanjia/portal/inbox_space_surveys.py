"""What 统计摸底 puts into 待办: to fill in, to approve in the unit, to review in the bureau."""

from datetime import date, datetime, time
from typing import Any

from django.utils import timezone

from guanjia.domains.space.queries import surveys
from guanjia.kernel.values.actor import Actor
from guanjia.kernel.values.period import SHANGHAI
from guanjia.portal import places
from guanjia.portal.inbox import Source, Todo, due_words

_REVIEW, _APPROVE, _FILL = 2, 1, 4  # beside 待审批 and 已退回


def _noon(day: date) -> datetime:
    return datetime.combine(day, time(12), SHANGHAI)


def _todo(filing: Any, at: datetime, *, kind: str, verb: str, rank: int) -> Todo:
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
        url=places.maybe("space:survey_return", filing.pk),
        verb=verb,
        rank=rank,
        due_at=_noon(due),
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
    return _todo(filing, at, kind="统计待填报", verb="填报", rank=_FILL)


def _show_approve(filing: Any, _: Actor, at: datetime) -> Todo:
    return _todo(filing, at, kind="统计待审批", verb="审批", rank=_APPROVE)


def _show_review(filing: Any, _: Actor, at: datetime) -> Todo:
    return _todo(filing, at, kind="统计待审核", verb="审核", rank=_REVIEW)


SPACE_SURVEYS = (
    Source(key="space_survey_fill", kind="统计待填报", rows=_to_fill, show=_show_fill),
    Source(key="space_survey_approve", kind="统计待审批", rows=_to_approve, show=_show_approve),
    Source(key="space_survey_review", kind="统计待审核", rows=_to_review, show=_show_review),
)
