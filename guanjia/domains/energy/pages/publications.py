"""能耗公示: what is published of energy; drafts for its keepers, and what everybody may read."""

from typing import Any

from django.conf import settings
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from guanjia.domains.energy.acts.publications import DROP, OF_NOTICES, PUBLISH
from guanjia.domains.energy.models import EnergyPublication
from guanjia.domains.energy.pages import papers
from guanjia.domains.energy.queries import publications as queries
from guanjia.domains.energy.queries import totals
from guanjia.domains.energy.rules import publications as rules
from guanjia.domains.energy.terms.analyses import PublicationState
from guanjia.ui import formats, pages, trail
from guanjia.ui.pages import PageRequest, needs_sign_in, public
from guanjia.ui.registers import pages as register_pages

SEE, MAKE, NOTICES = queries.SEE, queries.MAKE, queries.NOTICES
_PER_PAGE, _WORDS_MAX = 30, 60


# ── for everybody signed in ──────────────────────────────────────────────────────────────


@needs_sign_in
@require_safe
def notices(request: PageRequest) -> HttpResponse:
    """Everything that was published, with its editions; drafts for whoever sees them."""
    scope = request.actor.scope(MAKE)
    context = {
        "rows": queries.publications(request.actor),
        "makes": request.actor.can(MAKE) and scope.everything and totals.years(scope),
        "public_url": reverse("energy:public"),
    }
    return pages.render(request, "energy/notices.html", context)


@needs_sign_in
@require_safe
def notice(request: PageRequest, publication_id: int) -> HttpResponse:
    """One publication, with its acts for whoever makes them."""
    actor = request.actor
    found = queries.publication(actor=actor, publication_id=publication_id)
    sees = NOTICES.reaches(actor, SEE, found.pk)
    told = found.state != PublicationState.DRAFT
    path = reverse("energy:published", args=[found.code])
    acts = [act for act in OF_NOTICES if act.may(actor, found)]
    context = {
        "notice": found,
        **_paper(found, shown=sees or found.stands),
        "unchanged": _unchanged(found),
        "editions": queries.editions(found),
        "public_path": path if told else "",
        "public_url": f"{settings.PUBLIC_URL}{path}",
        "runs": DROP in acts and PUBLISH not in acts,
        "acts": acts,
        "records": trail.told(model=NOTICES.model, pk=found.pk) if sees else (),
        "sees": sees,
    }
    return pages.render(request, "energy/notice.html", context)


def _paper(found: EnergyPublication, *, shown: bool, words: str = "") -> dict[str, Any]:
    """What it says, for whoever may read it."""
    if not shown:
        return {"paper": None, "sections": []}
    paper = found.content()
    return {"paper": paper, "sections": papers.sections(paper, words=words)}


def _unchanged(found: EnergyPublication) -> bool:
    return found.digest == rules.digest_of(found.sealed())


# ── for everybody ────────────────────────────────────────────────────────────────────────


@public
@require_safe
def public_list(request: HttpRequest) -> HttpResponse:
    """What stands published, found by title and institution."""
    words = request.GET.get("q", "").strip()[:_WORDS_MAX]
    rows = queries.public(words)
    context = {"words": words, "page": Paginator(rows, _PER_PAGE).get_page(request.GET.get("page"))}
    return pages.render(request, "energy/public.html", context)


@public
@require_safe
def published(request: HttpRequest, code: str) -> HttpResponse:
    """What was published, as it was; of what was corrected or withdrawn only that it was."""
    found = _told(code)
    words = request.GET.get("q", "").strip()[:_WORDS_MAX]
    context: dict[str, Any] = {
        "notice": found,
        "gone": found.state == PublicationState.WITHDRAWN,
        "unchanged": _unchanged(found),
        "words": words,
        **_paper(found, shown=found.stands, words=words),
    }
    return pages.render(request, "energy/published.html", context)


@public
@require_safe
def published_sheet(_: HttpRequest, code: str) -> HttpResponse:
    """The same as an Excel file; of a corrected or withdrawn one there is none any more."""
    found = _standing(code)
    content = papers.book(found.content(), notes=_notes(found))
    return register_pages.excel(content, f"{found.title}.xlsx")


@public
@require_safe
def published_csv(_: HttpRequest, code: str) -> HttpResponse:
    """The same as CSV."""
    found = _standing(code)
    content = papers.comma_separated(found.content(), notes=_notes(found))
    return register_pages.download(content, f"{found.title}.csv", "text/csv; charset=utf-8")


def _notes(found: EnergyPublication) -> list[str]:
    day = formats.day(found.published_at, style="iso") if found.published_at else "—"
    return [
        f"公示单位：{found.issuer}　第 {found.edition} 版　公示时间：{day}",
        *([f"更正原因：{found.reason}"] if found.reason else []),
        *found.content().notes,
        f"校验值（SM3）：{found.digest}",
    ]


def _told(code: str) -> EnergyPublication:
    found = queries.by_code(code)
    if found is None:
        raise Http404
    return found


def _standing(code: str) -> EnergyPublication:
    found = _told(code)
    if not found.stands:
        raise Http404
    return found
