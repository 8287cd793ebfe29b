"""填报差异: what a unit returned otherwise than the ledger, taken into it or not."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_POST

from guanjia.domains.space.actions import survey_adopting as actions
from guanjia.domains.space.forms import surveys as forms
from guanjia.domains.space.models import SurveyDifference
from guanjia.domains.space.pages.links import link
from guanjia.domains.space.queries import rooms as room_queries
from guanjia.domains.space.queries import surveys as queries
from guanjia.domains.space.terms.surveys import DiffState
from guanjia.kernel.regulations.verdict import Refused
from guanjia.ui import pages, trail
from guanjia.ui.forms import NOT_DONE, checked
from guanjia.ui.pages import PageRequest, needs

SEE, ADOPT = queries.SEE, queries.ADOPT
_REFUSED = 422


@needs(SEE)
def survey_difference(request: PageRequest, difference_id: int) -> HttpResponse:
    """One difference: both values, and what the keeper of the ledger does with it."""
    return _page(request, difference_id)


def _page(request: PageRequest, difference_id: int, refused: Refused | None = None) -> HttpResponse:
    actor = request.actor
    found = queries.difference(scope=actor.scope(SEE), difference_id=difference_id)
    row, state = found.row, DiffState(found.state)
    sees_room = row.room_id is not None and room_queries.sees_room(actor, row.room_id)
    context = {
        "found": found,
        "row": row,
        "filing": row.filing,
        "chip": found.chip,
        "room_url": link("space:room", row.room_id) if sees_room else "",
        "may_adopt": actor.can(ADOPT) and state is not DiffState.ADOPTED,
        "may_decline": actor.can(ADOPT) and state is DiffState.OPEN,
        "next": _next(request, found),
        "records": trail.told(model="space.surveydifference", pk=found.pk),
        "typed": request.POST if refused else {},
        "refused": refused.findings if refused else (),
    }
    status = _REFUSED if refused else 200
    return pages.render(request, "space/survey_difference.html", context, status=status)


def _next(request: PageRequest, found: SurveyDifference) -> SurveyDifference | None:
    """The next difference of the survey that waits, for going through them one by one."""
    rows = queries.differences(request.actor.scope(SEE)).open()
    rows = rows.filter(row__filing__survey=found.row.filing.survey_id).exclude(pk=found.pk)
    later: SurveyDifference | None = rows.filter(pk__gt=found.pk).order_by("pk").first()
    return later or rows.order_by("pk").first()


def _act(
    request: PageRequest, difference_id: int, said: str, doing: Callable[[datetime], Any]
) -> HttpResponse:
    found = queries.difference(scope=request.actor.scope(SEE), difference_id=difference_id)
    try:
        doing(timezone.now())
    except Refused as refused:
        return _page(request, difference_id, refused)
    pages.flash(request, f"{found.row.place} {found.get_kind_display()}：{said}")
    following = _next(request, found)
    return pages.to("space:survey_difference", following.pk if following else found.pk)


@needs(ADOPT)
@require_POST
def survey_difference_adopt(request: PageRequest, difference_id: int) -> HttpResponse:
    """采纳 into the ledger, from a day on."""

    def doing(at: datetime) -> Any:
        given = checked(forms.Since(request.POST), headline="没有采纳。")
        return actions.adopt_difference(
            actor=request.actor, difference_id=difference_id, since=given["since"], at=at
        )

    return _act(request, difference_id, "已采纳，台账已改", doing)


@needs(ADOPT)
@require_POST
def survey_difference_decline(request: PageRequest, difference_id: int) -> HttpResponse:
    """不采纳, with the reason."""

    def doing(at: datetime) -> Any:
        given = checked(forms.Why(request.POST), headline=NOT_DONE)
        return actions.decline_difference(
            actor=request.actor, difference_id=difference_id, why=given["why"], at=at
        )

    return _act(request, difference_id, "不采纳，台账不动", doing)
