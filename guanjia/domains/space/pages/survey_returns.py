"""填报单: what a unit returns, filled in on a page, agreed to, reviewed."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from guanjia.domains.space.actions import survey_filling as filling
from guanjia.domains.space.actions import survey_review as review
from guanjia.domains.space.forms import surveys as forms
from guanjia.domains.space.models import SurveyDoubt, SurveyReturn
from guanjia.domains.space.pages import survey_view as view
from guanjia.domains.space.pages.links import link
from guanjia.domains.space.queries import surveys as queries
from guanjia.domains.space.registers.survey_rooms import SHEET
from guanjia.domains.space.terms.surveys import ReturnState, SurveyState
from guanjia.kernel.regulations.verdict import Refused
from guanjia.kernel.values.actor import Actor
from guanjia.ui import pages, trail
from guanjia.ui.forms import NOT_DONE, checked
from guanjia.ui.pages import PageRequest, needs

SEE, FILL = queries.SEE, queries.FILL
APPROVE, REVIEW = queries.APPROVE, queries.REVIEW
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
        "typed": request.POST if refused else {},
        "refused": refused.findings if refused else (),
        "sheet_url": link("space:survey_rooms_export", view="all", words=filing.number, cols=SHEET),
        "take_url": link("space:survey_rooms_import"),
        **_acts(actor, filing),
    }
    status = _REFUSED if refused else 200
    return pages.render(request, "space/survey_return.html", context, status=status)


def _acts(actor: Actor, filing: SurveyReturn) -> dict[str, bool]:
    """What this person may do with the return where it lies."""
    runs = filing.survey.state == SurveyState.OPEN
    state = ReturnState(filing.state)

    def may(verb: str, *states: ReturnState) -> bool:
        return runs and state in states and _within(actor, verb, filing.pk)

    return {
        "may_fill": may(FILL, ReturnState.FILLING),
        "may_recall": may(FILL, ReturnState.SENT),
        "may_approve": may(APPROVE, ReturnState.SENT),
        "may_review": may(REVIEW, ReturnState.APPROVED),
        "may_excuse": may(REVIEW, ReturnState.FILLING),
        "may_ask": may(REVIEW, ReturnState.EXCUSED),
    }


def _within(actor: Actor, verb: str, filing_id: int) -> bool:
    if not actor.can(verb):
        return False
    return bool(SurveyReturn.objects.within(actor.scope(verb)).filter(pk=filing_id).exists())


Said = str | Callable[[Any], str]  # what is said afterwards, perhaps by what came of it


def _act(
    request: PageRequest, filing_id: int, said: Said, doing: Callable[[datetime], Any]
) -> HttpResponse:
    at = timezone.now()
    SurveyReturn.objects.within(request.scope).only("pk").get(pk=filing_id)  # outside: 404
    try:
        done = doing(at)
    except Refused as refused:
        return _page(request, filing_id, at=at, refused=refused)
    pages.flash(request, said if isinstance(said, str) else said(done))
    return pages.back(request, reverse("space:survey_return", args=[filing_id]))


def _plain(
    request: PageRequest, filing_id: int, said: Said, act: Callable[..., Any]
) -> HttpResponse:
    """An act that needs nothing but the return."""

    def doing(at: datetime) -> Any:
        return act(actor=request.actor, filing_id=filing_id, at=at)

    return _act(request, filing_id, said, doing)


def _with_why(
    request: PageRequest, filing_id: int, said: str, act: Callable[..., Any]
) -> HttpResponse:
    """An act that wants a reason."""

    def doing(at: datetime) -> Any:
        given = checked(forms.Why(request.POST), headline=NOT_DONE)
        return act(actor=request.actor, filing_id=filing_id, why=given["why"], at=at)

    return _act(request, filing_id, said, doing)


@needs(FILL)
@require_POST
def survey_return_send(request: PageRequest, filing_id: int) -> HttpResponse:
    """上报."""
    return _plain(request, filing_id, _sent, filling.send_return)


def _sent(filing: SurveyReturn) -> str:
    if filing.state == ReturnState.SENT:
        return "已上报，等单位审批人审批"
    return "已上报，单位没有审批人，直接报到办公用房管理科"


@needs(FILL)
@require_POST
def survey_return_recall(request: PageRequest, filing_id: int) -> HttpResponse:
    """撤回."""
    return _plain(request, filing_id, "已撤回，改好后再上报", filling.recall_return)


@needs(APPROVE)
@require_POST
def survey_return_approve(request: PageRequest, filing_id: int) -> HttpResponse:
    """同意, by the unit's head."""
    return _plain(request, filing_id, "已同意，报到办公用房管理科", review.approve_return)


@needs(APPROVE)
@require_POST
def survey_return_back(request: PageRequest, filing_id: int) -> HttpResponse:
    """退回, by the unit's head."""
    return _with_why(request, filing_id, "已退回，填报人已收到通知", review.send_back)


@needs(REVIEW)
@require_POST
def survey_return_accept(request: PageRequest, filing_id: int) -> HttpResponse:
    """通过, by the bureau."""
    return _plain(request, filing_id, "已通过并锁定，与台账的差异已列出", review.accept_return)


@needs(REVIEW)
@require_POST
def survey_return_reject(request: PageRequest, filing_id: int) -> HttpResponse:
    """退回, by the bureau."""
    return _with_why(request, filing_id, "已退回单位，填报人已收到通知", review.send_back)


@needs(REVIEW)
@require_POST
def survey_return_excuse(request: PageRequest, filing_id: int) -> HttpResponse:
    """免报."""
    return _with_why(request, filing_id, "已免报，报表按台账统计这个单位", review.excuse_return)


@needs(REVIEW)
@require_POST
def survey_return_ask(request: PageRequest, filing_id: int) -> HttpResponse:
    """恢复填报."""
    return _plain(request, filing_id, "已恢复，等单位填报", review.ask_again)


@needs(FILL)
@require_POST
def survey_doubt_explain(request: PageRequest, survey_doubt_id: int) -> HttpResponse:
    """说明疑点."""
    doubt = SurveyDoubt.objects.within(request.scope).get(pk=survey_doubt_id)

    def doing(at: datetime) -> Any:
        given = checked(forms.Words(request.POST))
        return filling.explain_doubt(
            actor=request.actor, doubt_id=doubt.pk, words=given["words"], at=at
        )

    return _act(request, doubt.filing_id, f"已说明：{doubt}", doing)
