"""用房问题: look everything over, a finding, and what is done with it. The list is a register."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from guanjia.domains.space.actions import findings as actions
from guanjia.domains.space.actions import judging
from guanjia.domains.space.forms import findings as forms
from guanjia.domains.space.pages import finding_view as view
from guanjia.domains.space.queries import findings as queries
from guanjia.domains.space.terms.findings import (
    BEFORE_DECISION,
    DECISIONS,
    OPEN_STATES,
    FindingState,
    Outcome,
)
from guanjia.kernel.attachments import queries as attachments
from guanjia.kernel.regulations.verdict import Refused
from guanjia.kernel.values.actor import Actor
from guanjia.ui import pages, trail
from guanjia.ui.forms import checked
from guanjia.ui.pages import PageRequest, needs

SEE, EXPLAIN = queries.SEE, queries.EXPLAIN
DECIDE, JUDGE = queries.DECIDE, queries.JUDGE
_REFUSED = 422


@needs(JUDGE)
def findings_judge(request: PageRequest) -> HttpResponse:
    """立即核查: as of which day, and what came of it."""
    at = timezone.now()
    if request.method != "POST":
        return _judge_page(request, day=f"{timezone.localdate(at):%Y-%m-%d}")
    try:
        day = checked(forms.Judge(request.POST), headline="没有核查。")["day"]
        done = judging.judge(actor=request.actor, day=day, at=at)
    except Refused as refused:
        return _judge_page(request, day=request.POST.get("day", ""), refused=refused)
    pages.flash(
        request,
        f"已按 {day:%Y-%m-%d} 的台账核查：新列 {done.raised} 件，情形有变 {done.continued} 件，"
        f"已消除 {done.gone} 件，照旧 {done.same} 件",
    )
    return pages.to("space:findings_list")


def _judge_page(request: PageRequest, *, day: str, refused: Refused | None = None) -> HttpResponse:
    context = {"day": day, "refused": refused.findings if refused else ()}
    status = _REFUSED if refused else 200
    return pages.render(request, "space/findings_judge.html", context, status=status)


@needs(SEE)
def finding(request: PageRequest, finding_id: int) -> HttpResponse:
    """One finding for whoever may see it, with the acts this person may do."""
    return _page(request, finding_id, at=timezone.now())


def _page(
    request: PageRequest, finding_id: int, *, at: datetime, refused: Refused | None = None
) -> HttpResponse:
    actor, today = request.actor, timezone.localdate(at)
    found = queries.finding(scope=actor.scope(SEE), finding_id=finding_id)
    goes_on = found.continued_by.first()
    context = {
        "finding": found,
        "ground": view.ground(found),
        "cite": queries.cite_of(found),
        "figures": view.figures(found),
        "chip": view.chip(found, today=today),
        "late": view.late(found, today=today),
        "life": view.life(found),
        "goes_on": goes_on,
        "goes_on_url": view.finding_url(actor, goes_on),
        "continues_url": view.finding_url(actor, found.continues),
        "said_before": queries.said_before(found),
        "records": trail.told(model="space.finding", pk=found.pk),
        "files": attachments.of(model="space.finding", row_id=found.pk),
        "form": forms.Explain(request.POST if refused else None),
        "typed": request.POST if refused else {},
        "refused": refused.findings if refused else (),
        "outcomes": DECISIONS,
        "on_time": at,
        **_acts(actor, found),
        **view.links(actor, found),
    }
    return pages.render(request, "space/finding.html", context, status=_REFUSED if refused else 200)


def _acts(actor: Actor, found: Any) -> dict[str, bool]:
    """What this person may do with the finding as it stands.

    Whoever decides may put down the word of a unit that said nothing, but does not change it.
    """
    decides = found.state in OPEN_STATES and _within(actor, DECIDE, found.pk)
    open_to_words = (
        found.state == FindingState.RAISED if decides else found.state in BEFORE_DECISION
    )
    return {
        "may_explain": open_to_words
        and found.unit_id is not None
        and _within(actor, EXPLAIN, found.pk),
        "may_decide": decides,
        "again": found.state == FindingState.MENDING,
    }


def _within(actor: Actor, verb: str, finding_id: int) -> bool:
    if not actor.can(verb):
        return False
    return bool(queries.findings(actor.scope(verb)).filter(pk=finding_id).exists())


def _act(
    request: PageRequest, finding_id: int, done: str, doing: Callable[[datetime], Any]
) -> HttpResponse:
    at = timezone.now()
    queries.finding(scope=request.actor.scope(SEE), finding_id=finding_id)  # outside: 404
    try:
        doing(at)
    except Refused as refused:
        return _page(request, finding_id, at=at, refused=refused)
    pages.flash(request, done)
    return pages.back(request, reverse("space:finding", args=[finding_id]))


@needs(EXPLAIN)
@require_POST
def finding_explain(request: PageRequest, finding_id: int) -> HttpResponse:
    """写下说明, by the unit."""

    def doing(at: datetime) -> Any:
        given = checked(forms.Explain(request.POST))
        return actions.explain_finding(
            actor=request.actor, finding_id=finding_id, explanation=given["explanation"],
            files=given["files"], at=at,
        )  # fmt: skip

    return _act(request, finding_id, "已说明，等办公用房管理科处理", doing)


@needs(DECIDE)
@require_POST
def finding_decide(request: PageRequest, finding_id: int) -> HttpResponse:
    """处理: 整改 with its last day, or 不成立."""

    def doing(at: datetime) -> Any:
        given = checked(forms.Decide(request.POST))
        return actions.decide_finding(
            actor=request.actor, finding_id=finding_id, outcome=Outcome(given["outcome"]),
            decision=given["decision"], mend_by=given["mend_by"], at=at,
        )  # fmt: skip

    return _act(request, finding_id, "已处理，单位已收到通知", doing)
