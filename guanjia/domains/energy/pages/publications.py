"""能耗公示: what is published of energy; drafts for its keepers, and what everybody may read."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from guanjia.domains.energy.actions import publications as actions
from guanjia.domains.energy.forms.publications import Draft
from guanjia.domains.energy.models import EnergyPublication
from guanjia.domains.energy.pages import papers
from guanjia.domains.energy.queries import publications as queries
from guanjia.domains.energy.queries import totals
from guanjia.domains.energy.rules import publications as rules
from guanjia.domains.energy.terms.analyses import PublicationKind, PublicationState
from guanjia.kernel.regulations.verdict import Finding, Refused
from guanjia.ui import formats, pages, trail
from guanjia.ui.forms import checked
from guanjia.ui.pages import PageRequest, needs, needs_sign_in, public
from guanjia.ui.registers import pages as register_pages

SEE, MAKE = queries.SEE, queries.MAKE
_REFUSED, _PER_PAGE, _WORDS_MAX = 422, 30, 60


# ── for everybody signed in ──────────────────────────────────────────────────────────────


@needs_sign_in
@require_safe
def notices(request: PageRequest) -> HttpResponse:
    """Everything that was published, with its editions; drafts for whoever sees them."""
    return _list(request)


def _list(request: PageRequest, findings: Sequence[Finding] = ()) -> HttpResponse:
    scope = request.actor.scope(MAKE)
    makes = request.actor.can(MAKE) and scope.everything
    context = {
        "rows": queries.publications(request.actor),
        "makes": makes,
        "years": totals.years(scope) if makes else [],
        "findings": findings,
        "typed": request.POST,
        "public_url": reverse("energy:public"),
    }
    status = _REFUSED if findings else 200
    return pages.render(request, "energy/notices.html", context, status=status)


@needs_sign_in
@require_safe
def notice(request: PageRequest, publication_id: int) -> HttpResponse:
    """One publication, with its acts for whoever makes them."""
    return _one(request, publication_id)


def _one(
    request: PageRequest, publication_id: int, findings: Sequence[Finding] = (), opened: str = ""
) -> HttpResponse:
    found = queries.publication(actor=request.actor, publication_id=publication_id)
    makes, state = queries.within(request.actor, MAKE, found), PublicationState(found.state)
    sees = queries.within(request.actor, SEE, found)
    told = state is not PublicationState.DRAFT
    path = reverse("energy:published", args=[found.code])
    acts = {
        "correct": makes and told and found.kind != PublicationKind.ANALYSIS
        and getattr(found, "correction", None) is None,
        "withdraw": makes and state is PublicationState.PUBLISHED,
    }  # fmt: skip
    context = {
        "notice": found,
        **_paper(found, shown=sees or found.stands),
        "unchanged": _unchanged(found),
        "editions": queries.editions(found),
        "public_path": path if told else "",
        "public_url": f"{settings.PUBLIC_URL}{path}",
        "publishes": makes and not told,
        "over": found.scheme_id is not None or timezone.localdate().year > found.year,
        "corrects": acts["correct"],
        "withdraws": acts["withdraw"],
        "findings": findings,
        "act": opened if acts.get(opened) else "",
        "refused": findings,
        "typed": request.POST,
        "records": trail.told(model="energy.energypublication", pk=found.pk)
        if sees else (),
        "sees": sees,
    }  # fmt: skip
    status = _REFUSED if findings else 200
    return pages.render(request, "energy/notice.html", context, status=status)


def _paper(found: EnergyPublication, *, shown: bool, words: str = "") -> dict[str, Any]:
    """What it says, for whoever may read it."""
    if not shown:
        return {"paper": None, "sections": []}
    paper = found.content()
    return {"paper": paper, "sections": papers.sections(paper, words=words)}


def _unchanged(found: EnergyPublication) -> bool:
    return found.digest == rules.digest_of(found.sealed())


# ── making one ───────────────────────────────────────────────────────────────────────────


@needs(MAKE)
@require_POST
def notice_draft(request: PageRequest) -> HttpResponse:
    """统计公示稿 of a year."""
    try:
        given = checked(Draft(request.POST), headline="没有统计。")
        made = actions.draft_year(
            actor=request.actor, year=given["year"], key_users=given["key_users"],
            at=timezone.now(),
        )  # fmt: skip
    except Refused as refused:
        return _list(request, findings=refused.findings)
    pages.flash(request, f"已统计 {given['year']} 年，核对后公示")
    return pages.to("energy:notice", made.pk)


def _doing(
    request: PageRequest,
    publication_id: int,
    act: Callable[[datetime], tuple[EnergyPublication, str]],
    opened: str = "",
) -> HttpResponse:
    try:
        found, said = act(timezone.now())
    except Refused as refused:
        return _one(request, publication_id, findings=refused.findings, opened=opened)
    pages.flash(request, said)
    return pages.to("energy:notice", found.pk)


@needs(MAKE)
@require_POST
def notice_publish(request: PageRequest, publication_id: int) -> HttpResponse:
    """公示."""

    def act(at: datetime) -> tuple[EnergyPublication, str]:
        told = actions.publish(actor=request.actor, publication_id=publication_id, at=at)
        return told, f"已公示“{told}”，不用登录就能看"

    return _doing(request, publication_id, act)


@needs(MAKE)
@require_POST
def notice_correct(request: PageRequest, publication_id: int) -> HttpResponse:
    """更正公示: another edition of indicators or ranks."""

    def act(at: datetime) -> tuple[EnergyPublication, str]:
        made = actions.correct(
            actor=request.actor, publication_id=publication_id,
            reason=request.POST.get("reason", ""), at=at,
        )  # fmt: skip
        return made, "已统计更正稿，核对后公示"

    return _doing(request, publication_id, act, opened="correct")


@needs(MAKE)
@require_POST
def notice_withdraw(request: PageRequest, publication_id: int) -> HttpResponse:
    """撤下, with its reason."""

    def act(at: datetime) -> tuple[EnergyPublication, str]:
        gone = actions.withdraw(
            actor=request.actor, publication_id=publication_id,
            reason=request.POST.get("reason", ""), at=at,
        )  # fmt: skip
        return gone, "已撤下，公示地址上写明撤下和原因"

    return _doing(request, publication_id, act, opened="withdraw")


@needs(MAKE)
@require_POST
def notice_drop(request: PageRequest, publication_id: int) -> HttpResponse:
    """Give up a draft."""
    try:
        actions.drop_draft(actor=request.actor, publication_id=publication_id, at=timezone.now())
    except Refused as refused:
        return _one(request, publication_id, findings=refused.findings)
    pages.flash(request, "公示稿已放弃，没有公示过")
    return pages.to("energy:notices")


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
