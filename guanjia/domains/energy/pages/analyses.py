"""重点用能单位: who they are in a year, the analysis of one as it would be now, and as issued."""

from typing import Any

from django.http import Http404, HttpResponse
from django.utils import timezone

from guanjia.domains.energy.actions import analyses as actions
from guanjia.domains.energy.acts.publications import LAY_OUT
from guanjia.domains.energy.models import Analysis, Institution
from guanjia.domains.energy.pages import papers
from guanjia.domains.energy.pages.holding import within
from guanjia.domains.energy.pages.links import link
from guanjia.domains.energy.queries import analysis as queries
from guanjia.domains.energy.queries import areas, totals
from guanjia.domains.energy.queries import publications as notice_queries
from guanjia.domains.energy.rules import analysis as writing
from guanjia.domains.energy.rules import publications as rules
from guanjia.domains.energy.terms.analyses import AnalysisState, PublicationState
from guanjia.engines.wordreports.paper import Figure, Paper
from guanjia.kernel.attachments import queries as attachments
from guanjia.ui import pages, trail
from guanjia.ui.pages import PageRequest, needs
from guanjia.ui.registers import pages as register_pages

SEE, ISSUE = queries.SEE, actions.ISSUE
FIRST_YEAR, LAST_YEAR = 2000, 2199


def state_of(newest: Analysis | None) -> AnalysisState:
    """Where the analysis of a year stands, read with its publications."""
    if newest is None:
        return AnalysisState.NONE
    told = {PublicationState(each.state) for each in newest.publications.all()}
    if PublicationState.PUBLISHED in told:
        return AnalysisState.PUBLISHED
    return AnalysisState.WITHDRAWN if PublicationState.WITHDRAWN in told else AnalysisState.ISSUED


@needs(SEE)
def key_users(request: PageRequest) -> HttpResponse:
    """The key users of a year, how far their months and analyses are."""
    known = totals.years(request.scope)
    over = [each for each in known if each < timezone.localdate().year]
    text = request.GET.get("year", "")
    year = int(text) if text in {str(each) for each in known} else _usual(request, over, known)
    rows = _rows(request, year)
    context = {
        "year": year,
        "years": [
            {"title": f"{each} 年", "url": link("energy:key_users", year=each),
             "current": each == year}
            for each in known
        ],
        "rows": rows,
        "issued": sum(row["newest"] is not None for row in rows),
    }  # fmt: skip
    return pages.render(request, "energy/key_users.html", context)


def _rows(request: PageRequest, year: int) -> list[dict[str, Any]]:
    newest = queries.newest_of(request.scope, year)
    return [
        {
            "institution": one,
            "area": areas.title(one.now.area),
            "facts": (facts := queries.year_facts(one.pk, year)),
            "coal": facts.coal() if facts.months else None,
            "intensity": facts.intensity() if facts.months else None,
            "newest": newest.get(one.pk),
            "state": state_of(newest.get(one.pk)),
        }
        for one in queries.key_users(request.scope, year)
    ]


def _usual(request: PageRequest, over: list[int], known: list[int]) -> int:
    """The newest year in which all key users told all months, else the newest that is over."""
    for year in over:
        facts = [queries.year_facts(one.pk, year) for one in queries.key_users(request.scope, year)]
        if facts and not any(one.missing for one in facts):
            return year
    return next(iter([*over, *known]), timezone.localdate().year)


def _bounded(year: int) -> None:
    """Years that nobody means: 404."""
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise Http404


# ── one as it would be now ───────────────────────────────────────────────────────────────


def _written(request: PageRequest, institution_id: int, year: int) -> tuple[Any, Paper]:
    """The institution and its analysis as the rows are now; outside the scope: 404."""
    _bounded(year)
    one = queries.key_users(request.actor.scope(SEE), year).get(pk=institution_id)
    return one, writing.paper_of(queries.facts_of(one, year))


@needs(SEE)
def analysis_draft(request: PageRequest, institution_id: int, year: int) -> HttpResponse:
    """The analysis of a year as it would be issued now."""
    one, paper = _written(request, institution_id, year)
    newest = queries.newest_of(request.actor.scope(SEE), year).get(one.pk)
    context = {
        "institution": one,
        "year": year,
        "paper": paper,
        "sections": papers.sections(paper, opens=_opens(one.pk), links=_links(request, one, year)),
        "newest": newest,
        "same": newest is not None and newest.digest == rules.digest_of(paper.as_json()),
        "may_issue": within(request, ISSUE, one.pk) and timezone.localdate().year > year,
    }
    return pages.render(request, "energy/analysis_draft.html", context)


def _opens(institution_id: int) -> papers.Opens:
    """Values of months lead to the month."""

    def opens(figure: Figure, name: str, place: int) -> str:
        if figure.noun != "月份":
            return ""
        year = name.removesuffix("年")
        return link("energy:month", institution_id, f"{year}-{place + 1:02}")

    return opens


def _links(request: PageRequest, one: Institution, year: int) -> dict[str, tuple[str, str]]:
    """Where the rows behind each part are, as far as the reader may see them."""
    months = link(
        "energy:returns_list", view="all", words=one.code, month_from=f"{year}-01-01",
        month_to=f"{year}-12-31",
    )  # fmt: skip
    page = link("energy:institution", one.pk, year=year)
    audits = link("energy:audits_list", view="all", words=one.code)
    sees_audits = request.actor.can("energy.audit.see")
    return {
        "basics": ("机构档案", page),
        "trend": ("看月报", months),
        "structure": ("看月报", months),
        "intensity": ("机构档案", page),
        "odd": ("看月报", months),
        "potential": ("能耗概览", link("energy:overview", year=year)),
        **({"audits": ("能源审计登记", audits)} if sees_audits else {}),
        "quality": ("看月报", months),
        "doubts": ("看疑点", link("energy:doubts_list", view="all", words=one.code)),
    }


@needs(SEE)
def analysis_draft_word(request: PageRequest, institution_id: int, year: int) -> HttpResponse:
    """The same as a Word file that nobody has issued."""
    _, paper = _written(request, institution_id, year)
    content = actions.word_of(paper, actor=request.actor, at=timezone.now())
    pages.tell_shown(request, rows=1, exported=True)
    return register_pages.download(content, f"{paper.title}（未出具）.docx", papers.DOCX)


# ── one as it was issued ─────────────────────────────────────────────────────────────────


@needs(SEE)
def analysis(request: PageRequest, analysis_id: int) -> HttpResponse:
    """An issued analysis: what it says, its file, its editions, its publication."""
    found: Analysis = queries.analyses(request.scope).get(pk=analysis_id)
    paper = found.content()
    rows = queries.analyses(request.scope).filter(institution=found.institution_id, year=found.year)
    notice = found.publications.first()
    context = {
        "analysis": found,
        "institution": found.institution,
        "paper": paper,
        "sections": papers.sections(
            paper,
            opens=_opens(found.institution_id),
            links=_links(request, found.institution, found.year),
        ),
        "files": attachments.of(model="energy.analysis", row_id=found.pk),
        "editions": list(rows.order_by("edition")),
        "unchanged": found.digest == rules.digest_of(found.paper),
        "state": state_of(found),
        "notice": notice if notice and _sees(request, notice) else None,
        "acts": [act for act in (LAY_OUT,) if act.may(request.actor, found)],
        "records": trail.told(model="energy.analysis", pk=found.pk),
    }
    return pages.render(request, "energy/analysis.html", context)


def _sees(request: PageRequest, notice: Any) -> bool:
    return notice_queries.sees_publication(request.actor, notice.pk)
