"""统计摸底: how far the units of a survey are; what may be done is declared in ``acts``."""

from django.http import HttpResponse
from django.utils import timezone

from guanjia.domains.space.acts.surveys import ACTS
from guanjia.domains.space.pages import survey_view as view
from guanjia.domains.space.queries import surveys as queries
from guanjia.domains.space.terms.surveys import SurveyState
from guanjia.ui import pages, trail
from guanjia.ui.pages import PageRequest, needs

SEE, PLAN, REVIEW = queries.SEE, queries.PLAN, queries.REVIEW


@needs(SEE)
def survey(request: PageRequest, survey_id: int) -> HttpResponse:
    """One survey: how far its units are; each number opens its returns."""
    actor, today = request.actor, timezone.localdate()
    scope = actor.scope(SEE)
    found = queries.survey(scope=scope, survey_id=survey_id)
    filings = list(queries.returns(scope).filter(survey=found).order_by("unit__position", "pk"))
    sums = queries.sums(filings)
    progress = queries.progress(survey=found, scope=scope, today=today)
    context = {
        "survey": found,
        "chip": found.chip,
        "progress": progress,
        "counts": view.counts(found, progress),
        "lines": [
            (filing, view.return_chip(filing, today=today), *sums.get(filing.pk, (0, 0, 0)))
            for filing in filings
        ],
        "open": found.state == SurveyState.OPEN,
        "may_plan": actor.can(PLAN),
        "may_review": actor.can(REVIEW),
        "may_report": scope.everything,
        "acts": [act for act in ACTS if not act.makes and act.may(actor, found)],
        "records": trail.told(model="space.survey", pk=found.pk) if scope.everything else (),
        "today": today,
    }
    return pages.render(request, "space/survey.html", context)
