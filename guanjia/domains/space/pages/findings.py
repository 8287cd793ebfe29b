"""用房问题: look everything over, a finding, and what is done with it. The list is a register."""

from django.http import HttpResponse
from django.utils import timezone

from guanjia.domains.space.actions import judging
from guanjia.domains.space.acts.findings import ACTS, EXPLAINED
from guanjia.domains.space.forms import findings as forms
from guanjia.domains.space.pages import finding_view as view
from guanjia.domains.space.queries import findings as queries
from guanjia.kernel.attachments import queries as attachments
from guanjia.kernel.regulations.verdict import Refused
from guanjia.ui import pages, trail
from guanjia.ui.forms import checked
from guanjia.ui.pages import PageRequest, needs

SEE, JUDGE = queries.SEE, queries.JUDGE
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
    actor, at = request.actor, timezone.now()
    today = timezone.localdate(at)
    found = queries.finding(scope=request.scope, finding_id=finding_id)
    goes_on = found.continued_by.first()
    context = {
        "finding": found,
        "ground": view.ground(found),
        "cite": queries.cite_of(found),
        "figures": view.figures(found),
        "chip": view.chip(found, today=today),
        "life": view.life(found),
        "goes_on": goes_on,
        "goes_on_url": view.finding_url(actor, goes_on),
        "continues_url": view.finding_url(actor, found.continues),
        "said_before": queries.said_before(found),
        "records": trail.told(model="space.finding", pk=found.pk),
        "files": attachments.of(model="space.finding", row_id=found.pk),
        "form": forms.Explain(),
        "acts": [act for act in ACTS if act is not EXPLAINED and act.may(actor, found)],
        "may_explain": EXPLAINED.may(actor, found),
        "on_time": at,
        **view.links(actor, found),
    }
    return pages.render(request, "space/finding.html", context)
