"""能耗抽查: the draws, one draw that can be drawn again, and the check of an institution."""

from collections import Counter
from typing import Any

from django.http import HttpResponse
from django.utils import timezone

from guanjia.domains.energy.acts.sampling import RECORD
from guanjia.domains.energy.models import SampleCheck
from guanjia.domains.energy.pages.links import link
from guanjia.domains.energy.queries import areas
from guanjia.domains.energy.queries import sampling as queries
from guanjia.domains.energy.registers.sampling import differences
from guanjia.domains.energy.rules import filings as filing_rules
from guanjia.domains.energy.rules import sampling as rules
from guanjia.domains.energy.terms.energies import SOURCES
from guanjia.domains.energy.terms.sampling import CHECKABLE
from guanjia.kernel.attachments import queries as attachments
from guanjia.kernel.regulations.lawbook import law_at
from guanjia.ui import pages, trail
from guanjia.ui.pages import PageRequest, needs

SEE = queries.SEE


@needs(SEE)
def samples(request: PageRequest) -> HttpResponse:
    """Every draw with how far its checks have come."""
    provision = law_at(timezone.localdate())[rules.PERCENT]
    context = {
        "rows": [
            {"sample": row, "title": _title(row),
             "done": row.mine - row.drawn - row.differs,
             "url": link("energy:sample_checks_list", view="all", sample=row.pk)}
            for row in queries.samples(request.scope)
        ],
        "percent": provision.value, "cite": provision.cite,
        "may_draw": request.actor.can(queries.DRAW),
    }  # fmt: skip
    return pages.render(request, "energy/samples.html", context)


def _title(row: Any) -> str:
    return filing_rules.title(*rules.period(row.year, row.quarter))


@needs(SEE)
def sample(request: PageRequest, sample_id: int) -> HttpResponse:
    """A draw: how it came about, whether it can be drawn again, and its checks."""
    found: Any = queries.samples(request.scope).get(pk=sample_id)
    checks = list(queries.listed(request.scope).filter(sample=found.pk).order_by("place"))
    titles = {area.code: areas.title(area) for area in areas.all_areas()}
    drawn = Counter(row.institution.area.code for row in checks)
    context = {
        "sample": found, "title": _title(found), "checks": checks,
        "lines": [(row, differences(row)) for row in checks],
        "again": queries.drawn_again(found),
        "need": rules.needed(found.total, found.percent),
        "areas": [
            {"title": titles.get(code, code), "total": len(keys), "drawn": drawn.get(code, 0)}
            for code, keys in found.population.items()
            if request.scope.everything or drawn.get(code)
        ],
        "done": found.mine - found.drawn - found.differs,
        "list_url": link("energy:sample_checks_list", view="all", sample=found.pk),
        "records": trail.told(model="energy.sample", pk=found.pk),
        "on_time": timezone.now(),
    }  # fmt: skip
    return pages.render(request, "energy/sample.html", context)


# ── an institution that was drawn ────────────────────────────────────────────────────────


@needs(SEE)
def sample_check(request: PageRequest, sample_check_id: int) -> HttpResponse:
    """What was told and what was proven, and where to correct."""
    found: SampleCheck = queries.listed(request.scope).get(pk=sample_check_id)
    told = queries.told(found.institution_id, queries.months_of(found.sample))
    context = {
        "check": found, "institution": found.institution, "sample": found.sample,
        "title": _title(found.sample),
        "limit": law_at(timezone.localdate())[rules.DIFFERENCE],
        "lines": [
            {"energy": energy, "source": source, "told": told[energy]}
            for energy, source in SOURCES.items()
            if energy in told
        ],
        "now": found.state in CHECKABLE,
        "filings": queries.filings_of(found),
        "files": attachments.of(model="energy.samplecheck", row_id=found.pk),
        "acts": [act for act in (RECORD,) if act.may(request.actor, found)],
        "records": trail.told(model="energy.samplecheck", pk=found.pk),
        "on_time": timezone.now(),
    }  # fmt: skip
    return pages.render(request, "energy/sample_check.html", context)
