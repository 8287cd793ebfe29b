"""委托: who decides for somebody on leave, lent by oneself, looked after by the keepers."""

from datetime import date, timedelta
from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from guanjia.kernel.approvals import queries
from guanjia.kernel.approvals.actions import lending
from guanjia.kernel.approvals.models import Delegation
from guanjia.kernel.org import queries as org
from guanjia.kernel.org.models import Person
from guanjia.kernel.regulations.verdict import Finding, Refused, refuse
from guanjia.kernel.values.actor import Actor
from guanjia.portal.delegation_forms import Lend
from guanjia.portal.pages.home import paged
from guanjia.ui import formats, pages
from guanjia.ui.pages import PageRequest, needs, needs_sign_in

_WORDS_MAX = 60


def colleagues(actor: Actor) -> Any:
    """Whom one may ask to stand in: who serves with an account in one's own unit or its sections.

    The same as the act lets pass.
    """
    if actor.unit_id is None or actor.person_id is None:
        return Person.objects.none()
    rows = Person.objects.serving().filter(
        unit__path__startswith=org.home_path(unit_id=actor.unit_id), account__is_active=True
    )
    found = rows.exclude(pk=actor.person_id).select_related("unit")
    return found.order_by("unit__position", "number")


@needs_sign_in
def mine(request: PageRequest) -> HttpResponse:
    """我的委托: lend one's decisions for a leave; what was lent and borrowed."""
    today = timezone.localdate()
    fresh = {"since": today}
    given = request.POST if request.method == "POST" else None
    form = Lend(given, initial=fresh, colleagues=colleagues(request.actor))
    findings: tuple[Finding, ...] = ()
    if request.actor.person_id is None and given is not None:
        findings = refuse(
            "no_person", "这个账号没有对应的人员。", "请系统管理员把账号对应到人员。"
        ).refusals
    elif form.is_valid() and (lent := _lend(request.actor, form)):
        when = formats.span(lent.since, lent.until - timedelta(days=1))
        pages.flash(request, f"{when}由{lent.delegate.name}代您审批，办理记录写明代办")
        return pages.to("portal:my_delegations")
    rows = [_row(one, request.actor, today) for one in queries.delegations_of(request.actor)]
    context = {
        "form": form,
        "findings": findings,
        "lent": [row for row in rows if row["mine"]],
        "borrowed": [row for row in rows if not row["mine"]],
        "is_person": request.actor.person_id is not None,
    }
    status = 422 if given is not None else 200
    return pages.render(request, "portal/my_delegations.html", context, status=status)


def _lend(actor: Actor, form: Lend) -> Delegation | None:
    given = form.cleaned_data
    try:
        return lending.delegate(
            actor=actor, person_id=int(given["person"]), since=given["since"], until=form.until,
            reason=given["reason"], at=timezone.now(),
        )  # fmt: skip
    except Refused as refused:
        form.add_refusal(refused)
        return None


def _row(lent: Delegation, actor: Actor, today: date) -> dict[str, Any]:
    tone, icon, word = _state(lent, today)
    return {
        "lent": lent,
        "last": lent.until - timedelta(days=1),
        "mine": lent.principal_id == actor.person_id,
        "tone": tone,
        "icon": icon,
        "word": word,
        "ends": lent.ended_at is None and today < lent.until,
        "sentence": _consequence(lent, actor),
    }


def _consequence(lent: Delegation, actor: Actor) -> str:
    whose = "您" if lent.principal_id == actor.person_id else lent.principal.name
    return f"{lent.delegate.name}不再代{whose}审批，还没办的件转回{whose}手上。"


def _state(lent: Delegation, today: date) -> tuple[str, str, str]:
    if lent.ended_at is not None:
        return "idle", "arrow-back-up", "已收回"
    if today < lent.since:
        return "wait", "clock", "未开始"
    if today < lent.until:
        return "move", "user-check", "进行中"
    return "idle", "history", "已结束"


@needs("approvals.keep")
def all_delegations(request: PageRequest) -> HttpResponse:
    """委托登记: every delegation of the people inside the scope, the latest first."""
    today = timezone.localdate()
    inside = org.people(request.scope)
    rows = Delegation.objects.filter(principal__in=inside.values("pk"))
    words = request.GET.get("q", "").replace("\0", "").strip()[:_WORDS_MAX]
    if words:
        by_name = rows.filter(principal__name__icontains=words)
        rows = by_name | rows.filter(delegate__name__icontains=words)
    state = request.GET.get("state", "")
    if state == "now":
        rows = rows.filter(ended_at=None, since__lte=today, until__gt=today)
    elif state == "ahead":
        rows = rows.filter(ended_at=None, since__gt=today)
    page = paged(request, rows.select_related("principal__unit", "delegate__unit"))
    context = {
        "page": page,
        "rows": [_row(one, request.actor, today) for one in page.object_list],
        "q": words,
        "state": state,
        "narrowed": bool(words or state),
    }
    return pages.render(request, "portal/delegations.html", context)


@require_POST
@needs_sign_in
def end(request: PageRequest, delegation_id: int) -> HttpResponse:
    """收回委托, by whoever lent it or a keeper; who else asks finds nothing."""
    taken = lending.end(actor=request.actor, delegation_id=delegation_id, at=timezone.now())
    whose = "您" if taken.principal_id == request.actor.person_id else taken.principal.name
    pages.flash(request, f"已收回，{taken.delegate.name}不再代{whose}审批")
    return pages.back(request, reverse("portal:my_delegations"))
