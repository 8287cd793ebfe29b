"""能耗抽查: the draws, one draw that can be drawn again, and the check of an institution."""

from collections import Counter
from typing import Any

from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_POST

from guanjia.domains.energy.actions import sampling as actions
from guanjia.domains.energy.forms.sampling import Check, Draw
from guanjia.domains.energy.models import SampleCheck
from guanjia.domains.energy.pages.holding import within
from guanjia.domains.energy.pages.links import link
from guanjia.domains.energy.queries import areas
from guanjia.domains.energy.queries import sampling as queries
from guanjia.domains.energy.registers.sampling import differences
from guanjia.domains.energy.rules import filings as filing_rules
from guanjia.domains.energy.rules import sampling as rules
from guanjia.domains.energy.terms.energies import SOURCES
from guanjia.domains.energy.terms.sampling import CHECKABLE, CheckState, Method
from guanjia.kernel.attachments import queries as attachments
from guanjia.kernel.regulations.lawbook import law_at
from guanjia.kernel.regulations.verdict import Refused
from guanjia.ui import pages, trail
from guanjia.ui.pages import PageRequest, needs

SEE, DRAW, CHECK = queries.SEE, queries.DRAW, queries.CHECK
_REFUSED = 422


@needs(SEE)
def samples(request: PageRequest) -> HttpResponse:
    """Every draw with how far its checks have come."""
    return _list(request)


def _list(request: PageRequest, form: Draw | None = None) -> HttpResponse:
    today = timezone.localdate()
    provision = law_at(today)[rules.PERCENT]
    context = {
        "rows": [
            {"sample": row, "title": _title(row),
             "done": row.mine - row.drawn - row.differs,
             "url": link("energy:sample_checks_list", view="all", sample=row.pk)}
            for row in queries.samples(request.scope)
        ],
        "percent": provision.value, "cite": provision.cite,
        "may_draw": request.actor.can(DRAW),
        "form": form or Draw(initial={"year": today.year - 1, "quarter": "0"}),
        "open": form is not None,
    }  # fmt: skip
    status = _REFUSED if form is not None else 200
    return pages.render(request, "energy/samples.html", context, status=status)


def _title(row: Any) -> str:
    return filing_rules.title(*rules.period(row.year, row.quarter))


@needs(DRAW)
@require_POST
def sample_draw(request: PageRequest) -> HttpResponse:
    """抽取 for a period."""
    form = Draw(request.POST)
    if not form.is_valid():
        return _list(request, form)
    told = form.cleaned_data
    try:
        made = actions.draw(
            actor=request.actor, year=told["year"], quarter=int(told["quarter"]),
            seed=told["seed"], at=timezone.now(),
        )  # fmt: skip
    except Refused as refused:
        form.add_refusal(refused)
        return _list(request, form)
    pages.flash(request, f"已抽取 {made.size} 家，名单不再改")
    return pages.to("energy:sample", made.pk)


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
    return _check(request, sample_check_id)


def _check(request: PageRequest, check_id: int, form: Check | None = None) -> HttpResponse:
    found: SampleCheck = queries.listed(request.actor.scope(SEE)).get(pk=check_id)
    writes = found.state in CHECKABLE and within(request, CHECK, found.institution_id)
    if writes and form is None:
        form = Check(initial=_first(found))
    told = queries.told(found.institution_id, queries.months_of(found.sample))
    limit = law_at(timezone.localdate())[rules.DIFFERENCE]
    context = {
        "check": found, "institution": found.institution, "sample": found.sample,
        "title": _title(found.sample), "limit": limit,
        "form": form if writes else None,
        "lines": [
            {"energy": energy, "source": source, "told": told.get(energy),
             "field": form[energy.lower()] if writes and form is not None else None}
            for energy, source in SOURCES.items()
        ],
        "filings": queries.filings_of(found),
        "files": attachments.of(model="energy.samplecheck", row_id=found.pk),
        "records": trail.told(model="energy.samplecheck", pk=found.pk),
        "on_time": timezone.now(),
    }  # fmt: skip
    status = _REFUSED if form is not None and form.is_bound else 200
    return pages.render(request, "energy/sample_check.html", context, status=status)


def _first(found: SampleCheck) -> dict[str, Any]:
    """What was written down before, where the figures had to be corrected."""
    if found.state == CheckState.DRAWN:
        return {"on": timezone.localdate(), "method": Method.ON_SITE}
    proven = {row.energy.lower(): f"{row.proven.normalize():f}" for row in found.proofs.all()}
    return {"on": timezone.localdate(), "method": found.method, "checker": found.checker, **proven}


@needs(CHECK)
@require_POST
def sample_check_record(request: PageRequest, sample_check_id: int) -> HttpResponse:
    """登记核查结果."""
    queries.listed(request.scope).get(pk=sample_check_id)  # outside: 404
    form = Check(request.POST)
    if not form.is_valid():
        return _check(request, sample_check_id, form)
    told = form.cleaned_data
    found = actions.Found(
        method=Method(told["method"]), checker=told["checker"], on=told["on"],
        proven=form.proven(), conclusion=told["conclusion"], files=told["files"],
    )  # fmt: skip
    try:
        row = actions.record_check(
            actor=request.actor, check_id=sample_check_id, found=found, at=timezone.now()
        )
    except Refused as refused:
        form.add_refusal(refused)
        return _check(request, sample_check_id, form)
    differs = row.state == CheckState.DIFFERS
    said = "误差超过允许值，已通知机构更正" if differs else f"核查结果：{row.get_state_display()}"
    pages.flash(request, said, tone="wait" if differs else "done")
    return pages.to("energy:sample_check", sample_check_id)
