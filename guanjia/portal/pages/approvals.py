"""待我审批 of all departments: what waits, what I did, what I was given to read, what I sent."""

from dataclasses import asdict
from datetime import datetime
from itertools import groupby
from typing import Any

from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_POST

from guanjia.kernel.approvals import queries
from guanjia.kernel.approvals.actions import sharing
from guanjia.kernel.approvals.models import Seat
from guanjia.kernel.approvals.terms import ActKind
from guanjia.kernel.regulations.verdict import Finding, Refused
from guanjia.kernel.values.actor import Actor
from guanjia.portal import together
from guanjia.portal.pages.cases import COMMENT_MAX, page_of
from guanjia.portal.pages.home import paged
from guanjia.ui import pages
from guanjia.ui.approval.panel import PHRASES
from guanjia.ui.pages import PageRequest, needs_sign_in

SHOWN_MAX = 300
_MISSED = "approvals_missed"
_DIGITS_MAX = 12
_DECIDED = (
    ActKind.AGREE, ActKind.RETURN, ActKind.OBJECT, ActKind.STOP, ActKind.HAND_OVER,
    ActKind.ADD_BEFORE, ActKind.ADD_AFTER,
)  # fmt: skip


@needs_sign_in
def approvals(request: PageRequest) -> HttpResponse:
    """What waits for me, like things together; several of a kind can be agreed to at once."""
    return _waiting_page(request)


def _waiting_page(
    request: PageRequest, *, refused: tuple[Finding, ...] = (), status: int = 200
) -> HttpResponse:
    rows = queries.waiting_for(request.actor)
    total = rows.count()
    context = {
        "groups": _groups(list(rows[:SHOWN_MAX]), at=timezone.now()),
        "total": total,
        "shown": min(total, SHOWN_MAX),
        "missed": request.session.pop(_MISSED, []),
        "refused": refused,
        "typed": request.POST.get("comment", "") if refused else "",
        "ticked": request.POST.getlist("tick") if refused else [],
        "phrases": PHRASES[:2],
        "comment_max": COMMENT_MAX,
    }
    tabs = _tabs(request.actor, "portal:approvals")
    return pages.render(request, "portal/approvals.html", context | {"tabs": tabs}, status=status)


def _groups(seats: list[Seat], *, at: datetime) -> list[dict[str, Any]]:
    """Like things together, the group with the longest waiting one first."""
    order: dict[Any, int] = {}
    for seat in seats:
        order.setdefault(together.group_of(seat), len(order))
    found: list[dict[str, Any]] = []
    by_group = sorted(seats, key=lambda seat: order[together.group_of(seat)])
    for (_, title, signature, keeper), members in groupby(by_group, key=together.group_of):
        rows = [_row(seat, at) for seat in members]
        found.append(
            {
                "id": f"group{len(found) + 1}",
                "title": f"{rows[0]['case'].route_title} · {title}",
                "together": not signature and not keeper,
                "signature": signature and not keeper,
                "rows": rows,
            }
        )
    return found


def _row(seat: Seat, at: datetime) -> dict[str, Any]:
    step, case = seat.step, seat.step.case
    return {
        "seat": seat,
        "step": step,
        "case": case,
        "url": page_of(case),
        "tick": f"{case.pk}:{step.pk}",
        "late": step.due_at is not None and step.due_at < at,
    }


@require_POST
@needs_sign_in
def agree_together(request: PageRequest) -> HttpResponse:
    """批量同意: each in its own transaction; the result says which were not done and why."""
    chosen = [pair for pair in map(_pair, request.POST.getlist("tick")) if pair is not None]
    comment = request.POST.get("comment", "").strip()[:COMMENT_MAX]
    try:
        result = together.agree(
            actor=request.actor, chosen=chosen, comment=comment, at=timezone.now()
        )
    except Refused as refused:
        return _waiting_page(request, refused=refused.findings, status=422)
    said = f"已同意 {result.agreed} 件"
    if result.missed:
        request.session[_MISSED] = [asdict(each) for each in result.missed]
        said += f"，{len(result.missed)} 件没有办成"
    pages.flash(request, said, tone="wait" if result.missed else "done")
    return pages.to("portal:approvals")


def _pair(text: str) -> tuple[int, int] | None:
    """``case:step`` of a tick; ``None`` for anything else."""
    parts = text.split(":")
    if len(parts) == 2 and all(  # noqa: PLR2004 — a case and its step
        part.isascii() and part.isdigit() and len(part) <= _DIGITS_MAX for part in parts
    ):
        return int(parts[0]), int(parts[1])
    return None


@needs_sign_in
def approvals_done(request: PageRequest) -> HttpResponse:
    """What I decided, newest first."""
    page = paged(request, queries.decided_by(request.actor).filter(kind__in=_DECIDED))
    rows = [{"act": act, "case": act.case, "url": page_of(act.case)} for act in page.object_list]
    return _list_page(request, "portal:approvals_done", page, rows, kind="done")


@needs_sign_in
def approvals_started(request: PageRequest) -> HttpResponse:
    """What I sent on its way, newest first."""
    page = paged(request, queries.submitted_by(request.actor))
    rows = [{"case": case, "url": page_of(case)} for case in page.object_list]
    return _list_page(request, "portal:approvals_started", page, rows, kind="started")


@needs_sign_in
def approvals_copies(request: PageRequest) -> HttpResponse:
    """What I was given to read, newest first."""
    page = paged(request, queries.copies_for(request.actor))
    rows = [
        {"copy": copy, "case": copy.case, "url": pages.to("portal:case", copy.case_id).url}
        for copy in page.object_list
    ]
    return _list_page(request, "portal:approvals_copies", page, rows, kind="copies")


@require_POST
@needs_sign_in
def read_copies(request: PageRequest) -> HttpResponse:
    """All that I was given to read is read."""
    n = sharing.read_copies(actor=request.actor, at=timezone.now())
    pages.flash(request, f"{n} 件标为已读" if n else "没有未读的")
    return pages.to("portal:approvals_copies")


@require_POST
@needs_sign_in
def read_copy(request: PageRequest, copy_id: int) -> HttpResponse:
    """One of them is read."""
    sharing.read_copies(actor=request.actor, copy_id=copy_id, at=timezone.now())
    return pages.to("portal:approvals_copies")


def _list_page(
    request: PageRequest, name: str, page: Any, rows: list[dict[str, Any]], *, kind: str
) -> HttpResponse:
    tabs = _tabs(request.actor, name)
    unread = tabs[2]["count"]
    context = {"page": page, "rows": rows, "kind": kind, "tabs": tabs, "unread": unread}
    return pages.render(request, "portal/approvals_list.html", context)


def _tabs(actor: Actor, here: str) -> list[dict[str, Any]]:
    unread = queries.copies_for(actor).filter(read_at=None).count()
    counts = {
        "portal:approvals": ("待我审批", queries.waiting_for(actor).count(), "stop"),
        "portal:approvals_done": ("我办过的", None, ""),
        "portal:approvals_copies": ("抄送我的", unread or None, "stop"),
        "portal:approvals_started": ("我发起的", None, ""),
    }
    return [
        {
            "title": title,
            "url": pages.to(name).url,
            "current": name == here,
            "count": count,
            "tone": tone,
        }
        for name, (title, count, tone) in counts.items()
    ]
