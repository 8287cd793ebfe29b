"""Answering a doubt on the page of its row: done, or refused with its 依据."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from django.http import HttpResponse
from django.utils import timezone

from guanjia.kernel.registers import remarks
from guanjia.kernel.registers.models import Remark
from guanjia.kernel.regulations.verdict import Finding, Refused
from guanjia.ui import pages
from guanjia.ui.forms import NOT_DONE, checked
from guanjia.ui.pages import PageRequest

REFUSED = 422
Doing = Callable[[dict[str, Any], datetime], str]  # what was done, in a sentence


def answering(request: PageRequest, *, register: str, row_id: int, remark_id: int) -> Doing:
    """The act of answering a doubt; raises ``Remark.DoesNotExist`` for a doubt on another row."""
    Remark.objects.get(register=register, object_id=row_id, pk=remark_id)

    def doing(given: dict[str, Any], at: datetime) -> str:
        remark = remarks.explain(
            actor=request.actor, remark_id=remark_id, explanation=given["explanation"], at=at
        )
        return f"已说明：{remark.headline.rstrip('。')}"

    return doing


def act(
    request: PageRequest,
    *,
    kind: Any,
    doing: Doing,
    done: str,
    done_id: int,
    again: Callable[[Sequence[Finding]], HttpResponse],
) -> HttpResponse:
    """Do an act of a detail page and come back to it with one line; a refusal stays on the page."""
    try:
        given = checked(kind(request.POST), headline=NOT_DONE) if kind else {}
        sentence = doing(given, timezone.now())
    except Refused as refused:
        return again(refused.findings)
    pages.flash(request, sentence)
    return pages.to(done, done_id)
