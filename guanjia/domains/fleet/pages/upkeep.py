"""What falls due, policies and inspections entered by hand, and the plans of maintenance."""

from collections import Counter
from datetime import datetime
from typing import Any

from django import forms as django_forms
from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_POST

from guanjia.domains.fleet.actions import upkeep as actions
from guanjia.domains.fleet.forms import upkeep as forms
from guanjia.domains.fleet.pages import filling
from guanjia.domains.fleet.queries import archive
from guanjia.domains.fleet.queries import upkeep as queries
from guanjia.domains.fleet.terms.upkeep import DueKind, DueState
from guanjia.kernel.regulations.lawbook import law_at
from guanjia.kernel.regulations.verdict import Finding, Refused, refuse
from guanjia.ui import formats, pages
from guanjia.ui.forms import checked
from guanjia.ui.pages import PageRequest, needs

_UNKNOWN = "unknown"
_NOT_MADE = "没有新建。"
SEE, ENTER, DECIDE = "fleet.upkeep.see", "fleet.upkeep.enter", "fleet.upkeep.decide"


# ── what falls due ───────────────────────────────────────────────────────────────────────


@needs(SEE)
def upkeep(request: PageRequest) -> HttpResponse:
    """到期提醒: inspection, insurance and maintenance that are over or near, the worst first."""
    today = timezone.localdate()
    every = queries.due_things(scope=request.scope, on=today, all_states=True)
    near = (DueState.OVERDUE, DueState.SOON)
    found = [thing for thing in every if thing.state in near]
    unknown = [thing for thing in every if thing.state is DueState.UNKNOWN]
    kind = request.GET.get("kind", "")
    kinds = Counter(thing.kind for thing in found)
    chosen = unknown if kind == _UNKNOWN else [t for t in found if kind in ("", t.kind.value)]
    law = law_at(today)
    context = {
        "things": chosen,
        "overdue": sum(thing.state is DueState.OVERDUE for thing in chosen),
        "cites": {thing.cite: thing.kind for thing in chosen if thing.state is DueState.OVERDUE},
        "tabs": [
            {"title": "全部", "url": "?", "current": not kind, "count": len(found)},
            *(
                {"title": each.label, "url": f"?kind={each.value}", "current": kind == each.value,
                 "count": kinds[each]}
                for each in DueKind
            ),
            {"title": "没有登记", "url": f"?kind={_UNKNOWN}", "current": kind == _UNKNOWN,
             "count": len(unknown)},
        ],
        "ahead_days": law["fleet.due.ahead_days"].value,
        "ahead_km": law["fleet.due.ahead_km"].value,
        "may": request.actor.can(ENTER),
        "today": today,
    }  # fmt: skip
    return pages.render(request, "fleet/upkeep.html", context)


# ── policies and inspections ─────────────────────────────────────────────────────────────


@needs(ENTER)
def policy_new(request: PageRequest) -> HttpResponse:
    """登记保险单."""

    def enter(given: dict[str, Any], at: datetime) -> HttpResponse:
        actions.enter_policies(actor=request.actor, rows=[given], at=at)
        pages.flash(request, f"已登记 {given['car'].plate} 的保险单 {given['number']}")
        return pages.to("fleet:car", given["car"].pk)

    words = {
        "title": "登记保险单", "act": "登记保险单", "back": "车辆保险台账",
        "back_url": "fleet:policies_list",
        "lead": "按保险单填写。交强险登记后，车辆的保险期止随之顺延，保费记入运行费用。",
    }  # fmt: skip
    form = forms.PolicyForm(
        request.POST or None, scope=request.scope, initial=filling.started(request)
    )
    return filling.fill(request, form=form, words=words, enter=enter)


@needs(ENTER)
def inspection_new(request: PageRequest) -> HttpResponse:
    """登记检验."""

    def enter(given: dict[str, Any], at: datetime) -> HttpResponse:
        actions.enter_inspections(actor=request.actor, rows=[given], at=at)
        until = given["valid_until"]
        told = f"有效期至 {until:%Y-%m-%d}" if until else "不合格，复检合格前不要派出"
        pages.flash(request, f"已登记 {given['car'].plate} 的检验，{told}")
        return pages.to("fleet:car", given["car"].pk)

    words = {
        "title": "登记检验", "act": "登记检验", "back": "车辆检验台账",
        "back_url": "fleet:inspections_list",
        "lead": "按检验报告填写。检验合格后，车辆的检验有效期止随之顺延，检验费记入运行费用。",
    }  # fmt: skip
    started = filling.started(request, on=formats.day(timezone.localdate(), style="iso"))
    form = forms.InspectionForm(request.POST or None, scope=request.scope, initial=started)
    return filling.fill(request, form=form, words=words, enter=enter)


# ── plans ────────────────────────────────────────────────────────────────────────────────


@needs(SEE)
def plans(request: PageRequest) -> HttpResponse:
    """保养计划: which hold, for which cars, how often; and a form for another."""
    return _plans_page(request)


def _plans_page(
    request: PageRequest, *, findings: tuple[Finding, ...] = (), status: int = 200
) -> HttpResponse:
    may = request.actor.can(DECIDE)
    cars = archive.cars(request.scope)
    rows = queries.plans()
    if not request.scope.everything or request.scope.shared:
        visible = cars.values("pk")
        rows = rows.filter(car=None) | rows.filter(car__in=visible)
    context = {
        "plans": rows.distinct(),
        "form": forms.PlanForm(request.POST or None, label_suffix=""),
        "findings": findings,
        "may": may,
        "plates": cars.exclude(state="DISPOSED").order_by("plate") if may else (),
        "open": bool(findings),
    }
    return pages.render(request, "fleet/plans.html", context, status=status)


@require_POST
@needs(DECIDE)
def plan_new(request: PageRequest) -> HttpResponse:
    """新建保养计划."""
    form = forms.PlanForm(request.POST)
    try:
        checked(form, headline=_NOT_MADE)
        facts = _facts(form, request)
        plan = actions.make_plan(actor=request.actor, facts=facts, at=timezone.now())
    except Refused as refused:
        return _plans_page(request, findings=refused.findings, status=filling.REFUSED)
    pages.flash(request, f"已建保养计划：{plan.for_whom}，{plan.title}，{plan.every}")
    return pages.to("fleet:plans")


def _facts(form: forms.PlanForm, request: PageRequest) -> dict[str, Any]:
    try:
        return form.facts(request.scope)
    except django_forms.ValidationError as fault:
        _refuse(str(fault.messages[0]))
        raise


def _refuse(sentence: str) -> None:
    refuse("plan_form", _NOT_MADE, sentence).enforce()


@require_POST
@needs(DECIDE)
def plan_stop(request: PageRequest, plan_id: int) -> HttpResponse:
    """停用保养计划."""
    plan = actions.stop_plan(actor=request.actor, plan_id=plan_id, at=timezone.now())
    pages.flash(request, f"已停用：{plan.for_whom}，{plan.title}")
    return pages.to("fleet:plans")
