"""能源审计: who has to be audited, one audit with its findings and measures, and what was saved."""

from typing import Any

from django.http import HttpResponse
from django.utils import timezone

from guanjia.domains.energy.acts import auditing as acts
from guanjia.domains.energy.models import EnergyAudit
from guanjia.domains.energy.pages.links import link
from guanjia.domains.energy.queries import areas, totals, works
from guanjia.domains.energy.queries import auditing as queries
from guanjia.domains.energy.rules import auditing as rules
from guanjia.domains.energy.terms.auditing import AuditContent
from guanjia.domains.energy.terms.energies import SOURCES, Energy
from guanjia.kernel.attachments import queries as attachments
from guanjia.kernel.audit.models import Record
from guanjia.kernel.regulations.lawbook import law_at
from guanjia.ui import pages, trail
from guanjia.ui.pages import PageRequest, needs

SEE, KEEP, AUDITS = queries.SEE, queries.KEEP, queries.AUDITS


@needs(SEE)
def audit(request: PageRequest, audit_id: int) -> HttpResponse:
    """The audit: its seven contents, findings, measures, savings, files."""
    actor = request.actor
    found: EnergyAudit = works.audits(request.scope).get(pk=audit_id)
    told = {row.content: row for row in found.contents.all()}
    rule = law_at(timezone.now())["energy.audit.contents"]
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
        "findings": _findings(found),
        "files": attachments.of(model=AUDITS.model, row_id=found.pk),
        "may_write": acts.CONTENT.may(actor, found),
        "may_attach": acts.FILES.may(actor, found),
        "acts": [act for act in acts.HEAD if act.may(actor, found)],
        "records": trail.told(model=AUDITS.model, pk=found.pk, change=_change),
    }
    return pages.render(request, "energy/audit.html", context)


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


# ── who has to be audited ────────────────────────────────────────────────────────────────


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
