"""能源审计: who has to be audited, one audit with its findings and measures, and what was saved."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.http import Http404, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_POST

from guanjia.domains.energy.actions import auditing as actions
from guanjia.domains.energy.forms import auditing as forms
from guanjia.domains.energy.forms.returns import Reason
from guanjia.domains.energy.models import AuditFinding, AuditMeasure, EnergyAudit, Institution
from guanjia.domains.energy.pages.holding import within
from guanjia.domains.energy.pages.links import link
from guanjia.domains.energy.queries import areas, totals
from guanjia.domains.energy.queries import auditing as queries
from guanjia.domains.energy.queries import institutions as directory
from guanjia.domains.energy.rules import auditing as rules
from guanjia.domains.energy.terms.auditing import AuditContent
from guanjia.domains.energy.terms.energies import SOURCES, Energy
from guanjia.domains.energy.terms.works import AuditState
from guanjia.kernel.attachments import queries as attachments
from guanjia.kernel.audit.models import Record
from guanjia.kernel.regulations.lawbook import law_at
from guanjia.kernel.regulations.verdict import Refused, refuse
from guanjia.ui import pages, trail
from guanjia.ui.forms import checked
from guanjia.ui.pages import PageRequest, needs

SEE, KEEP = queries.SEE, actions.KEEP
_REFUSED = 422
_UNDER_WAY = (AuditState.RUNNING, AuditState.DONE)


def _find(request: PageRequest, audit_id: int) -> EnergyAudit:
    found: EnergyAudit = queries.listed(request.actor.scope(SEE)).get(pk=audit_id)
    return found


@needs(SEE)
def audit(request: PageRequest, audit_id: int) -> HttpResponse:
    """The audit: its seven contents, findings, measures, savings, files."""
    return _page(request, audit_id)


def _page(
    request: PageRequest, audit_id: int, *, refused: Refused | None = None, act: str = ""
) -> HttpResponse:
    found = _find(request, audit_id)
    state, keeps = AuditState(found.state), within(request, KEEP, found.institution_id)
    told = {row.content: row for row in found.contents.all()}
    rule = law_at(timezone.now())["energy.audit.contents"]
    findings = _findings(found)
    acts = {
        "begin": keeps and state is AuditState.PLANNED,
        "finish": keeps and state is AuditState.RUNNING,
        "call_off": keeps and state in (AuditState.PLANNED, AuditState.RUNNING),
    } | {
        f"measure_{measure['key']}": keeps and measure["row"].done_on is None
        for one in findings
        for measure in one["measures"]
    }
    context = {
        "audit": found,
        "institution": found.institution,
        "area": areas.title(found.institution.area),
        "contents": [
            {"key": content.value, "title": content.label, "row": told.get(content.value)}
            for content in (AuditContent(name) for name in rule.value)
        ],
        "told": len(told),
        "rule": rule,
        "findings": findings,
        "files": attachments.of(model="energy.energyaudit", row_id=found.pk),
        "form": forms.Files(),
        "may_write": keeps and state in _UNDER_WAY,
        "may_begin": acts["begin"],
        "may_finish": acts["finish"],
        "may_call_off": acts["call_off"],
        "refused": refused.findings if refused else (),
        "act": act if acts.get(act) else "",  # what came of it stands in its dialog, else on top
        "typed": request.POST if refused else {"on": f"{timezone.localdate():%Y-%m-%d}"},
        "records": trail.told(model="energy.energyaudit", pk=found.pk, change=_change),
    }  # fmt: skip
    status = _REFUSED if refused else 200
    return pages.render(request, "energy/audit.html", context, status=status)


def _change(record: Record) -> str:
    """What was told, found or set, in short."""
    after = record.after or {}
    if content := after.get("content"):
        return str(AuditContent(content).label)
    return str(after.get("measure", ""))


def _findings(found: EnergyAudit) -> list[dict[str, Any]]:
    """Findings with their measures: how far these are, and what they saved."""
    rows = queries.findings_of(found.pk)
    measures = [measure for row in rows for measure in row.measures.all()]
    saved = queries.savings_of(measures, found.institution_id)
    today = timezone.localdate()
    return [
        {
            "row": row,
            "measures": [
                {
                    "row": measure,
                    "key": str(measure.pk),
                    "state": rules.measure_state(
                        due=measure.due_on, done=measure.done_on, today=today
                    ),
                    "claims": [
                        (claim, SOURCES[Energy(claim.energy)].unit)
                        for claim in measure.claims.all()
                    ],
                    "saved": saved.get(measure.pk, []),
                    "beside": queries.disturbed(measure, found.institution_id),
                }
                for measure in row.measures.all()
            ],
        }
        for row in rows
    ]


# ── planning one ─────────────────────────────────────────────────────────────────────────


@needs(SEE)
def audits_due(request: PageRequest) -> HttpResponse:
    """应审计单位: whose year reaches a threshold, those without a recent audit first."""
    at = timezone.now()
    today, law = timezone.localdate(at), law_at(at)
    known = totals.years(request.scope)
    text = request.GET.get("year", "")
    year = int(text) if text in {str(each) for each in known} else next(iter(known), today.year)
    titles = {area.pk: areas.title(area) for area in areas.all_areas()}
    rows = queries.obliged(scope=request.scope, year=year, today=today, law=law)
    context = {
        "year": year,
        "years": [
            {"title": f"{each} 年", "url": link("energy:audits_due", year=each),
             "current": each == year}
            for each in known
        ],
        "rows": [{"row": row, "area": titles.get(row.body.area_id, "")} for row in rows],
        "open": sum(not row.recent for row in rows),
        "threshold": law["energy.audit.threshold"],
        "every": law["energy.audit.every_years"],
        "may_plan": request.actor.can(KEEP),
    }  # fmt: skip
    return pages.render(request, "energy/audits_due.html", context)


@needs(KEEP)
def audit_new(request: PageRequest) -> HttpResponse:
    """计划审计 of one institution."""
    asked = request.GET.get("institution", "")
    given = Institution.objects.within(request.scope).filter(pk=int(asked)) if _is_id(asked) else []
    first = {"institution": next(iter(given)).name} if given else {}
    form = forms.Plan(request.POST or None, initial=first)
    if form.is_bound and form.is_valid():
        try:
            made = _plan(request, form.cleaned_data)
            pages.flash(request, f"已计划审计 {made.institution}")
            return pages.to("energy:audit", made.pk)
        except Refused as refused:
            form.add_refusal(refused)
    status = _REFUSED if form.is_bound else 200
    return pages.render(request, "energy/audit_new.html", {"form": form}, status=status)


def _is_id(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 9  # noqa: PLR2004 — an id of ours


def _plan(request: PageRequest, given: dict[str, Any]) -> EnergyAudit:
    at = timezone.now()
    words = given["institution"].strip()
    one = directory.one_named(request.scope, words, day=timezone.localdate(at))
    if one is None:
        sentence = "名录库中没有唯一的这个名称，核对名称，同名的填信用代码。"
        refuse("institution_unknown", "没有计划：", sentence, field="institution").enforce()
    assert one is not None  # noqa: S101 — the refusal has left
    return actions.plan_audit(
        actor=request.actor, institution_id=one.pk, begun_on=given["begun_on"],
        auditor=given["auditor"], at=at,
    )  # fmt: skip


# ── what is told of one ──────────────────────────────────────────────────────────────────


def _writing(
    request: PageRequest,
    audit_id: int,
    form: Any,
    *,
    title: str,
    enter: Callable[[Any], str],
    template: str = "energy/audit_form.html",
) -> HttpResponse:
    """A form of the audit: entered and back, or shown again with what was refused."""
    found: EnergyAudit = queries.listed(request.scope).get(pk=audit_id)
    if form.is_bound and form.is_valid():
        try:
            said = enter(form)
            pages.flash(request, said)
            return pages.to("energy:audit", audit_id)
        except Refused as refused:
            form.add_refusal(refused)
    context = {"audit": found, "institution": found.institution, "form": form, "title": title}
    status = _REFUSED if form.is_bound else 200
    return pages.render(request, template, context, status=status)


@needs(KEEP)
def audit_content(request: PageRequest, audit_id: int, content: str) -> HttpResponse:
    """审计情况 of one of the contents."""
    if content not in set(AuditContent):
        raise Http404
    asked = AuditContent(content)
    row = queries.content_of(request.scope, audit_id, asked)
    form = forms.Content(request.POST or None, initial={"words": row.words if row else ""})

    def enter(form: Any) -> str:
        actions.tell_content(
            actor=request.actor, audit_id=audit_id, content=asked,
            words=form.cleaned_data["words"], at=timezone.now(),
        )  # fmt: skip
        return f"已登记 {asked.label}"

    return _writing(request, audit_id, form, title=asked.label, enter=enter)


@needs(KEEP)
def audit_finding_new(request: PageRequest, audit_id: int) -> HttpResponse:
    """登记审计发现."""

    def enter(form: Any) -> str:
        given = form.cleaned_data
        actions.add_finding(
            actor=request.actor, audit_id=audit_id, content=AuditContent(given["content"]),
            words=given["words"], at=timezone.now(),
        )  # fmt: skip
        return "已登记审计发现"

    form = forms.Finding(request.POST or None)
    return _writing(request, audit_id, form, title="登记审计发现", enter=enter)


@needs(KEEP)
def audit_measure_new(request: PageRequest, audit_finding_id: int) -> HttpResponse:
    """制定整改措施 for a finding."""
    finding: AuditFinding = AuditFinding.objects.get(pk=audit_finding_id)

    def enter(form: Any) -> str:
        given = form.cleaned_data
        made = actions.set_measure(
            actor=request.actor, finding_id=finding.pk, title=given["title"],
            due_on=given["due_on"], cost_fen=given["cost"], claims=form.claims(),
            at=timezone.now(),
        )  # fmt: skip
        return f"已登记措施 {made}"

    return _writing(
        request, finding.audit_id, forms.Measure(request.POST or None), title=str(finding),
        enter=enter, template="energy/audit_measure.html",
    )  # fmt: skip


# ── acts ─────────────────────────────────────────────────────────────────────────────────


def _done(
    request: PageRequest, audit_id: int, said: str, doing: Callable[[datetime], Any], act: str = ""
) -> HttpResponse:
    _find(request, audit_id)  # outside: 404
    try:
        doing(timezone.now())
    except Refused as refused:
        return _page(request, audit_id, refused=refused, act=act)
    pages.flash(request, said)
    return pages.to("energy:audit", audit_id)


@needs(KEEP)
@require_POST
def audit_begin(request: PageRequest, audit_id: int) -> HttpResponse:
    """启动."""

    def doing(at: datetime) -> Any:
        on = checked(forms.On(request.POST), headline="没有启动。")["on"]
        actions.begin_audit(actor=request.actor, audit_id=audit_id, on=on, at=at)

    return _done(request, audit_id, "审计已启动", doing, "begin")


@needs(KEEP)
@require_POST
def audit_finish(request: PageRequest, audit_id: int) -> HttpResponse:
    """完成: every content has its words."""

    def doing(at: datetime) -> Any:
        on = checked(forms.On(request.POST), headline="没有完成。")["on"]
        actions.finish_audit(actor=request.actor, audit_id=audit_id, on=on, at=at)

    return _done(request, audit_id, "审计已完成", doing, "finish")


@needs(KEEP)
@require_POST
def audit_call_off(request: PageRequest, audit_id: int) -> HttpResponse:
    """取消, with a reason."""

    def doing(at: datetime) -> Any:
        reason = checked(Reason(request.POST), headline="没有取消。")["reason"]
        actions.call_off_audit(actor=request.actor, audit_id=audit_id, reason=reason, at=at)

    return _done(request, audit_id, "审计已取消", doing, "call_off")


@needs(KEEP)
@require_POST
def audit_measure_done(request: PageRequest, measure_id: int) -> HttpResponse:
    """措施完成."""
    measure: AuditMeasure = AuditMeasure.objects.select_related("finding").get(pk=measure_id)

    def doing(at: datetime) -> Any:
        on = checked(forms.On(request.POST), headline="没有保存。")["on"]
        actions.finish_measure(actor=request.actor, measure_id=measure_id, on=on, at=at)

    return _done(
        request, measure.finding.audit_id, f"已完成 {measure}", doing, f"measure_{measure_id}"
    )


@needs(KEEP)
@require_POST
def audit_files(request: PageRequest, audit_id: int) -> HttpResponse:
    """附文件."""

    def doing(at: datetime) -> Any:
        files = checked(forms.Files(request.POST), headline="没有附上。")["files"]
        actions.add_files(actor=request.actor, audit_id=audit_id, files=files, at=at)

    return _done(request, audit_id, "文件已附上", doing)
