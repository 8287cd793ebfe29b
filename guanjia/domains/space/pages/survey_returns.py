"""填报单: what a unit returns; what may be done about it and its doubts stands in ``acts``."""

from django.http import HttpResponse
from django.utils import timezone

from guanjia.domains.space.acts.survey_returns import ACTS, SEND
from guanjia.domains.space.pages import survey_view as view
from guanjia.domains.space.pages.links import link
from guanjia.domains.space.queries import surveys as queries
from guanjia.domains.space.registers.survey_rooms import SHEET
from guanjia.ui import pages, trail
from guanjia.ui.pages import PageRequest, needs

SEE = queries.SEE


@needs(SEE)
def survey_return(request: PageRequest, filing_id: int) -> HttpResponse:
    """One return with its doubts and rooms, and what this person may do with it."""
    actor, today = request.actor, timezone.localdate()
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
        "sheet_url": link("space:survey_rooms_export", view="all", words=filing.number, cols=SHEET),
        "take_url": link("space:survey_rooms_import"),
        "may_fill": SEND.may(actor, filing),
        "acts": [act for act in ACTS if act.may(actor, filing)],
    }
    return pages.render(request, "space/survey_return.html", context)
