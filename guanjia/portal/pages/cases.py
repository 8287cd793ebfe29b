"""The acts on an approval of any department; each leads back to the page of what it is about.

The kernel judges. What it refuses is shown on that page, with what was typed kept.
"""

import base64
import binascii
from collections.abc import Callable
from datetime import datetime

from django.http import HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from guanjia.kernel.access import subjects
from guanjia.kernel.approvals import queries
from guanjia.kernel.approvals.actions import deciding, opening, sharing
from guanjia.kernel.approvals.actions.opening import Outcome
from guanjia.kernel.approvals.models import Case
from guanjia.kernel.regulations.verdict import Refused, refuse
from guanjia.kernel.values.actor import Actor
from guanjia.ui import pages
from guanjia.ui.approval import kept, panel
from guanjia.ui.pages import PageRequest, needs_sign_in
from guanjia.ui.subjects import url_of

COMMENT_MAX = 500
PEOPLE_MAX = 60
DRAWN_MAX = 700_000  # characters of a drawn signature as text; the kernel bounds the picture
_DIGITS_MAX = 12
_PNG = "data:image/png;base64,"

Doing = Callable[[datetime], Outcome]


@needs_sign_in
def case(request: PageRequest, case_id: int) -> HttpResponse:
    """To the page of what the case is about; a kind without a page has a plain one here.

    Whoever was given a copy has read it then.
    """
    found = seen(request.actor, case_id)
    sharing.read_copies(actor=request.actor, case_id=case_id, at=timezone.now())
    url = url_of(found.subject_type, found.subject_id)
    if url:
        return HttpResponseRedirect(url)
    at = timezone.now()
    shown = panel.show(request=request, actor=request.actor, case=found, at=at)
    return pages.render(request, "portal/case.html", {"case": found, "approval": shown})


def seen(actor: Actor, case_id: int) -> Case:
    """A case this person has to do with, or whose subject they see; else there is none."""
    found: Case = Case.objects.select_related("unit", "applicant__unit", "edition").get(pk=case_id)
    sees = queries.involved(actor=actor, case=found) or subjects.sees(
        actor=actor, model=found.subject_type, row_id=found.subject_id
    )
    if not sees:
        raise Case.DoesNotExist
    return found


def page_of(found: Case) -> str:
    """Where a case is looked at."""
    return url_of(found.subject_type, found.subject_id) or f"/cases/{found.pk}/"


@require_POST
@needs_sign_in
def agree(request: PageRequest, case_id: int) -> HttpResponse:
    """同意."""

    def act(at: datetime) -> Outcome:
        return deciding.agree(
            actor=request.actor, case_id=case_id, step_id=_step(request),
            comment=_comment(request), signature=_signature(request), at=at,
        )  # fmt: skip

    return _act(request, case_id, "agree", "已同意", act)


@require_POST
@needs_sign_in
def send_back(request: PageRequest, case_id: int) -> HttpResponse:
    """退回: to the applicant or an earlier step, perhaps to come straight back."""
    to = _number(request.POST.get("to"))

    def act(at: datetime) -> Outcome:
        return deciding.send_back(
            actor=request.actor, case_id=case_id, comment=_comment(request), to_position=to,
            straight=request.POST.get("straight") == "1", step_id=_step(request), at=at,
        )  # fmt: skip

    return _act(request, case_id, "return", "已退回" if to is not None else "已退回申请人", act)


@require_POST
@needs_sign_in
def hand_over(request: PageRequest, case_id: int) -> HttpResponse:
    """转给他人办; a keeper of routes says in this way who decides."""

    def act(at: datetime) -> Outcome:
        if not (chosen := _people(request)):
            refuse("person_missing", "没有选转给谁。", "选一位同事。", field="person").enforce()
        return sharing.hand_over(
            actor=request.actor, case_id=case_id, person_id=chosen[0], step_id=_step(request),
            comment=_comment(request), at=at,
        )  # fmt: skip

    return _act(request, case_id, "hand_over", "已转办", act)


@require_POST
@needs_sign_in
def add(request: PageRequest, case_id: int) -> HttpResponse:
    """加签: colleagues decide too, before or after."""

    def act(at: datetime) -> Outcome:
        return sharing.add(
            actor=request.actor, case_id=case_id, person_ids=_people(request),
            before=request.POST.get("when") != "after", comment=_comment(request),
            step_id=_step(request), at=at,
        )  # fmt: skip

    return _act(request, case_id, "add", "已加签", act)


@require_POST
@needs_sign_in
def remove(request: PageRequest, case_id: int, seat_id: int) -> HttpResponse:
    """减签."""

    def act(at: datetime) -> Outcome:
        return sharing.remove(
            actor=request.actor, case_id=case_id, seat_id=seat_id, comment=_comment(request), at=at
        )

    return _act(request, case_id, "remove", "已减签", act)


@require_POST
@needs_sign_in
def copy(request: PageRequest, case_id: int) -> HttpResponse:
    """抄送."""

    def act(at: datetime) -> Outcome:
        return sharing.copy(
            actor=request.actor, case_id=case_id, person_ids=_people(request),
            comment=_comment(request), at=at,
        )  # fmt: skip

    return _act(request, case_id, "copy", "已抄送", act)


@require_POST
@needs_sign_in
def urge(request: PageRequest, case_id: int) -> HttpResponse:
    """催办."""

    def act(at: datetime) -> Outcome:
        return sharing.urge(actor=request.actor, case_id=case_id, comment=_comment(request), at=at)

    return _act(request, case_id, "urge", "已催办", act)


@require_POST
@needs_sign_in
def stop(request: PageRequest, case_id: int) -> HttpResponse:
    """终止."""

    def act(at: datetime) -> Outcome:
        return deciding.stop(
            actor=request.actor, case_id=case_id, comment=_comment(request),
            step_id=_step(request), at=at,
        )  # fmt: skip

    return _act(request, case_id, "stop", "已终止审批", act)


@require_POST
@needs_sign_in
def withdraw(request: PageRequest, case_id: int) -> HttpResponse:
    """撤回."""

    def act(at: datetime) -> Outcome:
        return opening.withdraw(
            actor=request.actor, case_id=case_id, comment=_comment(request), at=at
        )

    return _act(request, case_id, "withdraw", "已撤回", act)


def _act(request: PageRequest, case_id: int, name: str, done: str, act: Doing) -> HttpResponse:
    """Do it and go back to the page of the subject, with one line of what came of it."""
    found, at = seen(request.actor, case_id), timezone.now()
    try:
        act(at)
    except Refused as refused:
        _keep(request, case_id, name, refused)
        return HttpResponseRedirect(page_of(found))
    found.refresh_from_db()
    then = panel.next_line(case=found, at=at)
    pages.flash(request, f"{done}，{then}" if then else done)
    return HttpResponseRedirect(page_of(found))


def _keep(request: PageRequest, case_id: int, name: str, refused: Refused) -> None:
    kept.keep(
        request, case_id=case_id, act=name, findings=refused.findings,
        comment=request.POST.get("comment", ""), people=_people(request),
        told={
            key: request.POST.get(key, "")[:20] for key in ("to", "straight", "when")
        },
    )  # fmt: skip


# ── what was sent ────────────────────────────────────────────────────────────────────────


def _number(text: str | None) -> int | None:
    """A number of a form; ``None`` for what is none."""
    if text and text.isascii() and text.isdigit() and len(text) <= _DIGITS_MAX:
        return int(text)
    return None


def _step(request: PageRequest) -> int | None:
    return _number(request.POST.get("step"))


def _people(request: PageRequest) -> list[int]:
    sent = request.POST.getlist("people")[:PEOPLE_MAX]
    return [pk for pk in map(_number, sent) if pk is not None]


def _comment(request: PageRequest) -> str:
    text = request.POST.get("comment", "").strip()
    if len(text) > COMMENT_MAX:
        refuse(
            "comment_long", f"意见最多 {COMMENT_MAX} 字。", f"现有 {len(text)} 字，写短些。",
            field="comment",
        ).enforce()  # fmt: skip
    return text


def _signature(request: PageRequest) -> bytes | None:
    """The drawn picture; what is none counts as not signed."""
    text = request.POST.get("signature", "")
    if not text.startswith(_PNG) or len(text) > DRAWN_MAX:
        return None
    try:
        return base64.b64decode(text.removeprefix(_PNG), validate=True)
    except binascii.Error:
        return None
