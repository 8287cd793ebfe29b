"""Who is told of a survey: that a return is asked, is due, came back, waits, is through."""

from datetime import datetime

from django.utils import timezone

from guanjia.domains.space.actions import surveys as actions
from guanjia.domains.space.events import (
    SurveyPlanned,
    SurveyPublished,
    SurveyReminded,
    SurveyReturnMoved,
)
from guanjia.domains.space.models import Survey, SurveyReturn
from guanjia.domains.space.queries import surveys as queries
from guanjia.domains.space.terms.surveys import ReturnState
from guanjia.kernel.access.queries import holders
from guanjia.kernel.events import bus
from guanjia.kernel.notices.actions.notices import about, send
from guanjia.kernel.notices.kinds import NoticeKind
from guanjia.ui import formats

ASKED = NoticeKind(
    key="space.survey_asked", title="布置统计填报", template="space/notices/survey_asked.txt"
)
REMINDED = NoticeKind(
    key="space.survey_reminded", title="催报", template="space/notices/survey_reminded.txt"
)
TO_APPROVE = NoticeKind(
    key="space.survey_to_approve",
    title="统计填报待审批",
    template="space/notices/survey_to_approve.txt",
)
BACK = NoticeKind(
    key="space.survey_back", title="统计填报退回", template="space/notices/survey_back.txt"
)
ACCEPTED = NoticeKind(
    key="space.survey_accepted",
    title="统计填报通过",
    template="space/notices/survey_accepted.txt",
)
PUBLISHED = NoticeKind(
    key="space.survey_published",
    title="统计报表发布",
    template="space/notices/survey_published.txt",
)
KINDS = (ASKED, REMINDED, TO_APPROVE, BACK, ACCEPTED, PUBLISHED)


def _facts(filing: SurveyReturn) -> dict[str, object]:
    survey = filing.survey
    return {
        "title": survey.title,
        "unit": str(filing.unit),
        "number": filing.number,
        "as_of": formats.day(survey.as_of, style="full"),
        "due": formats.day(survey.due_on),
        "late": False,
    }


def _returns(**wanted: object) -> list[SurveyReturn]:
    rows = SurveyReturn.objects.filter(**wanted).select_related("survey", "unit")
    return list(rows.order_by("pk"))


def _clerks(filing: SurveyReturn, at: datetime) -> list[int]:
    """Those who fill it in, whoever has it now; not the bureau's own people."""
    day = timezone.localdate(at)
    people = holders(verb=queries.FILL, unit=filing.unit, on=day)
    bureau = {person.pk for person in holders(verb=queries.PLAN, unit=filing.unit, on=day)}
    return [person.pk for person in people if person.pk not in bureau]


def planned(news: SurveyPlanned) -> None:
    """Every unit's clerks hear what is asked until when."""
    for filing in _returns(survey=news.survey_id):
        send(
            kind=ASKED, to=_clerks(filing, news.at), facts=_facts(filing), subject=about(filing),
            once=str(filing.pk), at=news.at,
        )  # fmt: skip


def reminded(news: SurveyReminded) -> None:
    """Whoever has the return that has not come."""
    today = timezone.localdate(news.at)
    for filing in _returns(pk__in=news.filing_ids):
        send(
            kind=REMINDED,
            to=actions.told_of(filing, today),
            facts=_facts(filing) | {"late": filing.survey.due_on < today},
            subject=about(filing),
            once=f"{filing.pk}:{today:%Y-%m-%d}",
            at=news.at,
        )


def moved(news: SurveyReturnMoved) -> None:
    """Who has it next, or who waited for it."""
    (filing,) = _returns(pk=news.filing_id)
    state = ReturnState(filing.state)
    facts, to = _facts(filing), _clerks(filing, news.at)
    if state is ReturnState.SENT:
        day = timezone.localdate(news.at)
        kind, to = (
            TO_APPROVE,
            [p.pk for p in holders(verb=queries.APPROVE, unit=filing.unit, on=day)],
        )
    elif state is ReturnState.ACCEPTED:
        kind = ACCEPTED
    elif state is ReturnState.FILLING and filing.back_at == news.at:
        kind = BACK
        facts |= {"by": filing.back_by, "why": filing.back_why}
    else:
        return
    send(
        kind=kind, to=to, facts=facts, subject=about(filing), without=[news.by_id],
        once=f"{filing.pk}:{news.at.isoformat()}", at=news.at,
    )  # fmt: skip


def published(news: SurveyPublished) -> None:
    """The units whose rooms the report counts."""
    survey = Survey.objects.get(pk=news.survey_id)
    to = {pk for filing in _returns(survey=survey) for pk in _clerks(filing, news.at)}
    send(
        kind=PUBLISHED,
        to=to,
        facts={"title": survey.title, "as_of": formats.day(survey.as_of, style="full")},
        subject=about(survey),
        once=str(survey.pk),
        at=news.at,
    )


def subscribe() -> None:
    """Hear of everything above."""
    bus.subscribe(SurveyPlanned, planned)
    bus.subscribe(SurveyReminded, reminded)
    bus.subscribe(SurveyReturnMoved, moved)
    bus.subscribe(SurveyPublished, published)
