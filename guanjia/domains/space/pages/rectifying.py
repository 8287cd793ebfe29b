"""整改: one thing that has to be put right, and what is done with it. The list is a register."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from guanjia.domains.space.actions import rectifying as actions
from guanjia.domains.space.forms import rounds as forms
from guanjia.domains.space.pages import round_view as view
from guanjia.domains.space.pages.links import link
from guanjia.domains.space.queries import rooms
from guanjia.domains.space.queries import rounds as queries
from guanjia.domains.space.terms.rounds import UNDONE, RectState
from guanjia.kernel.attachments import queries as attachments
from guanjia.kernel.regulations.verdict import Refused
from guanjia.kernel.values.actor import Actor
from guanjia.ui import pages, trail
from guanjia.ui.forms import NOT_DONE, checked
from guanjia.ui.pages import PageRequest, needs

SEE, RECTIFY, ACCEPT = queries.SEE, actions.RECTIFY, actions.ACCEPT
_REFUSED = 422


@needs(SEE)
def rectification(request: PageRequest, rectification_id: int) -> HttpResponse:
    """What has to be put right, by when, what the unit did, and the acts of this person."""
    return _page(request, rectification_id, at=timezone.now())


def _page(
    request: PageRequest,
    rectification_id: int,
    *,
    at: datetime,
    refused: Refused | None = None,
    opened: str = "",
) -> HttpResponse:
    actor, today = request.actor, timezone.localdate(at)
    row = queries.rectification(scope=actor.scope(SEE), rectification_id=rectification_id)
    looked = queries.inspection(scope=actor.scope(SEE), inspection_id=row.inspection_id)
    sees_room = row.room_id is not None and actor.can(rooms.SEE)
    context = {
        "row": row,
        "looked": looked,
        "chip": view.rect_chip(row, today=today),
        "life": view.life(row),
        "what": view.what(looked),
        "found": view.found(looked),
        "late_days": max(0, (today - row.due_on).days) if row.state == RectState.OPEN else 0,
        "shots": attachments.of(model="space.inspection", row_id=looked.pk),
        "files": attachments.of(model="space.rectification", row_id=row.pk),
        "records": trail.told(model="space.rectification", pk=row.pk),
        "form": forms.Answer(request.POST if refused else None),
        "typed": request.POST if refused else {},
        "refused": refused.findings if refused else (),
        "open": opened,
        "room_url": link("space:room", row.room_id)
        if sees_room and rooms.sees_room(actor, row.room_id or 0)
        else "",
        **_acts(actor, row),
    }
    status = _REFUSED if refused else 200
    return pages.render(request, "space/rectification.html", context, status=status)


def _acts(actor: Actor, row: Any) -> dict[str, bool]:
    """What this person may do with it as it stands."""
    accepts = _within(actor, ACCEPT, row.pk)
    return {
        # Who is to accept an answer is not offered to write another one.
        "may_answer": row.state in UNDONE
        and not (accepts and row.state == RectState.ANSWERED)
        and _within(actor, RECTIFY, row.pk),
        "may_accept": row.state == RectState.ANSWERED and accepts,
        "may_call_off": row.state in UNDONE and accepts,
    }


def _within(actor: Actor, verb: str, pk: int) -> bool:
    if not actor.can(verb):
        return False
    return bool(queries.rectifications(actor.scope(verb)).filter(pk=pk).exists())


def _act(
    request: PageRequest,
    rectification_id: int,
    done: str,
    doing: Callable[[datetime], Any],
    opened: str = "",
) -> HttpResponse:
    at = timezone.now()
    scope = request.actor.scope(SEE)
    queries.rectification(scope=scope, rectification_id=rectification_id)  # outside: 404
    try:
        doing(at)
    except Refused as refused:
        return _page(request, rectification_id, at=at, refused=refused, opened=opened)
    pages.flash(request, done)
    return pages.back(request, reverse("space:rectification", args=[rectification_id]))


@needs(RECTIFY)
@require_POST
def rectification_answer(request: PageRequest, rectification_id: int) -> HttpResponse:
    """填报整改情况, by the unit."""

    def doing(at: datetime) -> Any:
        given = checked(forms.Answer(request.POST), headline=NOT_DONE)
        return actions.answer(
            actor=request.actor, rectification_id=rectification_id, answer=given["answer"],
            files=given["files"], at=at,
        )  # fmt: skip

    return _act(request, rectification_id, "已填报，等办公用房管理科验收", doing)


def _words(request: PageRequest) -> str:
    given = checked(forms.Words(request.POST), headline=NOT_DONE)
    return str(given["words"])


@needs(ACCEPT)
@require_POST
def rectification_return(request: PageRequest, rectification_id: int) -> HttpResponse:
    """退回重新整改, with what is missing."""

    def doing(at: datetime) -> Any:
        return actions.send_back(
            actor=request.actor, rectification_id=rectification_id, comment=_words(request), at=at
        )

    return _act(request, rectification_id, "已退回，单位已收到通知", doing, "return")


@needs(ACCEPT)
@require_POST
def rectification_accept(request: PageRequest, rectification_id: int) -> HttpResponse:
    """验收销号."""

    def doing(at: datetime) -> Any:
        return actions.accept(
            actor=request.actor, rectification_id=rectification_id, verdict=_words(request), at=at
        )

    return _act(request, rectification_id, "已验收销号", doing, "accept")


@needs(ACCEPT)
@require_POST
def rectification_call_off(request: PageRequest, rectification_id: int) -> HttpResponse:
    """撤销: the finding was wrong."""

    def doing(at: datetime) -> Any:
        return actions.call_off(
            actor=request.actor, rectification_id=rectification_id, reason=_words(request), at=at
        )

    return _act(request, rectification_id, "已撤销，不再扣分", doing, "call_off")
