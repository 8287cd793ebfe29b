"""填报单: what a unit returns, and what is odd about it explained; the acts stand in ``acts``."""

from datetime import datetime

from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from guanjia.domains.space.actions import survey_filling as filling
from guanjia.domains.space.acts.survey_returns import ACTS, SEND
from guanjia.domains.space.forms import surveys as forms
from guanjia.domains.space.models import SurveyDoubt
from guanjia.domains.space.pages import survey_view as view
from guanjia.domains.space.pages.links import link
from guanjia.domains.space.queries import surveys as queries
from guanjia.domains.space.registers.survey_rooms import SHEET
from guanjia.kernel.regulations.verdict import Refused
from guanjia.ui import pages, trail
from guanjia.ui.forms import checked
from guanjia.ui.pages import PageRequest, needs

SEE, FILL = queries.SEE, queries.FILL
_REFUSED = 422


@needs(SEE)
def survey_return(request: PageRequest, filing_id: int) -> HttpResponse:
    """One return with its doubts and rooms, and what this person may do with it."""
    return _page(request, filing_id, at=timezone.now())


def _page(
    request: PageRequest, filing_id: int, *, at: datetime, refused: Refused | None = None
) -> HttpResponse:
    actor, today = request.actor, timezone.localdate(at)
    filing = queries.filing(scope=actor.scope(SEE), filing_id=filing_id)
    rooms = list(filing.rooms.all())
    differences = queries.differences(actor.scope(SEE)).filter(row__filing=filing)
    context = {
        "filing": filing,
        "survey": filing.survey,
        "chip": view.return_chip(filing, today=today),
        "life": view.life(filing),
        "doubts": queries.open_doubts(filing),
        "rows": [(row, view.change(row)) for row in rooms],
        "kinds": view.kinds(filing, rooms),
        "differences": differences.count(),
        "reminders": filing.reminders.all()[:5],
        "records": trail.told(model="space.surveyreturn", pk=filing.pk),
        "refused": refused.findings if refused else (),
        "sheet_url": link("space:survey_rooms_export", view="all", words=filing.number, cols=SHEET),
        "take_url": link("space:survey_rooms_import"),
        "may_fill": SEND.may(actor, filing),
        "acts": [act for act in ACTS if act.may(actor, filing)],
    }
    status = _REFUSED if refused else 200
    return pages.render(request, "space/survey_return.html", context, status=status)


@needs(FILL)
@require_POST
def survey_doubt_explain(request: PageRequest, survey_doubt_id: int) -> HttpResponse:
    """说明疑点."""
    doubt = SurveyDoubt.objects.within(request.scope).get(pk=survey_doubt_id)

    at = timezone.now()
    try:
        given = checked(forms.Words(request.POST))
        filling.explain_doubt(actor=request.actor, doubt_id=doubt.pk, words=given["words"], at=at)
    except Refused as refused:
        return _page(request, doubt.filing_id, at=at, refused=refused)
    pages.flash(request, f"已说明：{doubt}")
    return pages.back(request, reverse("space:survey_return", args=[doubt.filing_id]))
