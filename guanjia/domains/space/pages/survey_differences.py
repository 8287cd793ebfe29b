"""填报差异: what a unit returned otherwise than the ledger, taken into it or not."""

from django.http import HttpResponse

from guanjia.domains.space.acts.survey_differences import ACTS
from guanjia.domains.space.models import SurveyDifference
from guanjia.domains.space.pages.links import link
from guanjia.domains.space.queries import rooms as room_queries
from guanjia.domains.space.queries import surveys as queries
from guanjia.ui import pages, trail
from guanjia.ui.pages import PageRequest, needs

SEE = queries.SEE


@needs(SEE)
def survey_difference(request: PageRequest, difference_id: int) -> HttpResponse:
    """One difference: both values, and what the keeper of the ledger does with it."""
    actor = request.actor
    found = queries.difference(scope=actor.scope(SEE), difference_id=difference_id)
    row = found.row
    sees_room = row.room_id is not None and room_queries.sees_room(actor, row.room_id)
    context = {
        "found": found,
        "row": row,
        "filing": row.filing,
        "chip": found.chip,
        "room_url": link("space:room", row.room_id) if sees_room else "",
        "acts": [act for act in ACTS if act.may(actor, found)],
        "next": _next(request, found),
        "records": trail.told(model="space.surveydifference", pk=found.pk),
    }
    return pages.render(request, "space/survey_difference.html", context)


def _next(request: PageRequest, found: SurveyDifference) -> SurveyDifference | None:
    """The next difference of the survey that waits, for going through them one by one."""
    rows = queries.differences(request.actor.scope(SEE)).open()
    rows = rows.filter(row__filing__survey=found.row.filing.survey_id).exclude(pk=found.pk)
    later: SurveyDifference | None = rows.filter(pk__gt=found.pk).order_by("pk").first()
    return later or rows.order_by("pk").first()


@needs(SEE)
def survey_difference_next(request: PageRequest, difference_id: int) -> HttpResponse:
    """To the next one that waits, after one was decided."""
    found = queries.difference(scope=request.scope, difference_id=difference_id)
    following = _next(request, found)
    return pages.to("space:survey_difference", following.pk if following else found.pk)
