"""用车公示: the list, one notice, the rows behind its numbers; and what everybody may read."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from guanjia.domains.fleet.actions import publications as actions
from guanjia.domains.fleet.models import Publication
from guanjia.domains.fleet.pages import publication_view as view
from guanjia.domains.fleet.queries import publications as queries
from guanjia.domains.fleet.terms.costs import CostKind
from guanjia.domains.fleet.terms.publications import PublicationState
from guanjia.kernel.regulations.lawbook import law_at
from guanjia.kernel.regulations.verdict import Finding, Refused, refuse
from guanjia.kernel.values.period import Period, PeriodUnreadable
from guanjia.ui import excel, pages
from guanjia.ui.pages import PageRequest, needs, needs_sign_in, public
from guanjia.ui.registers import pages as register_pages

_REFUSED = 422
_ROWS_MAX = 500


# ── for everybody signed in ──────────────────────────────────────────────────────────────


@needs_sign_in
@require_safe
def publications(request: PageRequest) -> HttpResponse:
    """Every notice that was published, with its editions; drafts for whoever sees them."""
    return _list(request)


def _list(request: PageRequest, findings: Sequence[Finding] = ()) -> HttpResponse:
    at = timezone.now()
    context = {
        "rows": queries.publications(request.actor).order_by("-start", "-end", "-edition"),
        "makes": request.actor.can(queries.MAKE),
        "findings": findings,
        "rule": law_at(at)["fleet.publication.regular"],
        "typed": request.POST.get("period", ""),
    }
    status = _REFUSED if findings else 200
    return pages.render(request, "fleet/publications.html", context, status=status)


@needs_sign_in
@require_safe
def publication(request: PageRequest, publication_id: int) -> HttpResponse:
    """One notice; its numbers open their rows for whoever may see them."""
    return _one(request, publication_id)


def _one(
    request: PageRequest, publication_id: int, findings: Sequence[Finding] = (), opened: str = ""
) -> HttpResponse:
    found = queries.publication(actor=request.actor, publication_id=publication_id)
    makes = request.actor.can(queries.MAKE)
    told = found.state != PublicationState.DRAFT
    path = reverse("fleet:published", args=[found.code])
    context = {
        "notice": found,
        "reads": found.state != PublicationState.WITHDRAWN or request.actor.can(queries.SEE),
        "table": view.table(
            found, month=request.GET.get("month", ""), opens=request.actor.can(queries.SEE)
        ),
        "changes": view.changes(found),
        "unchanged": view.is_unchanged(found),
        "editions": queries.editions(found),
        "public_path": path if told else "",
        "public_url": f"{settings.PUBLIC_URL}{path}",
        "publishes": makes and not told,
        "over": timezone.localdate() > found.last,
        "corrects": makes and told and getattr(found, "correction", None) is None,
        "withdraws": makes and found.state == PublicationState.PUBLISHED,
        "findings": findings,
        "open": opened,
        "typed": request.POST,
    }
    status = _REFUSED if findings else 200
    return pages.render(request, "fleet/publication.html", context, status=status)


@needs("fleet.publication.see")
@require_safe
def publication_rows(request: PageRequest, publication_id: int) -> HttpResponse:
    """The rows behind a published number, as far as this person may see them."""
    found = queries.publication(actor=request.actor, publication_id=publication_id)
    given = request.GET
    month = Period.month_named(given["month"]) if given.get("month") else found.period
    if month is None or not (found.start <= month.start and month.end <= found.end):
        raise Http404
    what, unit = given.get("what", "trips"), given.get("unit", "")
    about = _trips if what in ("trips", "km") else _costs
    context = about(request, month, unit, what) | {
        "notice": found,
        "period": month,
        "unit": next((row.name for row in found.told if row.unit == unit), ""),
        "published": _published(found, month=given.get("month", ""), unit=unit, what=what),
        "what": what,
    }
    return pages.render(request, "fleet/publication_rows.html", context)


def _trips(request: PageRequest, period: Period, unit: str, _: str) -> dict[str, Any]:
    may = request.actor.can("fleet.trip.see")
    scope = request.actor.scope("fleet.trip.see")
    rows = queries.trips_behind(scope=scope, period=period, unit=unit)
    shown = list(rows[:_ROWS_MAX]) if may else []
    return {
        "trips": shown,
        "may": may,
        "count": rows.count() if may else 0,
        "km": sum(rows.values_list("driven", flat=True)) if may else 0,
        "title": "派车单",
    }


def _costs(request: PageRequest, period: Period, unit: str, what: str) -> dict[str, Any]:
    may = request.actor.can("fleet.cost.see")
    kind = what if what in set(CostKind) else ""
    scope = request.actor.scope("fleet.cost.see")
    rows = queries.costs_behind(scope=scope, period=period, unit=unit, kind=kind)
    return {
        "costs": list(rows[:_ROWS_MAX]) if may else [],
        "may": may,
        "count": rows.count() if may else 0,
        "fen": sum(rows.values_list("amount_fen", flat=True)) if may else 0,
        "title": CostKind(kind).label if kind else "运行费用",
    }


def _published(found: Publication, *, month: str, unit: str, what: str) -> int:
    """The number as it was published."""
    rows = [row for row in found.told if month in ("", row.month) and unit in ("", row.unit)]
    if what in ("trips", "km"):
        return sum(getattr(row, what) for row in rows)
    if what in set(CostKind):
        return sum(row.costs.get(what, 0) for row in rows)
    return sum(row.cost_fen for row in rows)


# ── making one ───────────────────────────────────────────────────────────────────────────


@needs("fleet.publication.make")
@require_POST
def publication_draft(request: PageRequest) -> HttpResponse:
    """Count a period and lay it out as a draft."""
    try:
        period = _period(request.POST.get("period", ""))
        made = actions.draft_publication(actor=request.actor, period=period, at=timezone.now())
    except Refused as refused:
        return _list(request, findings=refused.findings)
    pages.flash(request, f"已统计 {period.label()}，核对后公示")
    return pages.to("fleet:publication", made.pk)


def _period(text: str) -> Period:
    try:
        return Period.parse(text)
    except PeriodUnreadable as fault:
        headline, _, advice = str(fault).partition("。")
        raise Refused(
            refuse("unreadable", f"{headline}。", advice, field="period").refusals
        ) from None


def _doing(
    request: PageRequest,
    publication_id: int,
    act: Callable[[datetime], tuple[Publication, str]],
    opened: str = "",
) -> HttpResponse:
    try:
        found, said = act(timezone.now())
    except Refused as refused:
        return _one(request, publication_id, findings=refused.findings, opened=opened)
    pages.flash(request, said)
    return pages.to("fleet:publication", found.pk)


@needs("fleet.publication.make")
@require_POST
def publication_publish(request: PageRequest, publication_id: int) -> HttpResponse:
    """Publish a draft."""

    def act(at: datetime) -> tuple[Publication, str]:
        told = actions.publish(actor=request.actor, publication_id=publication_id, at=at)
        return told, f"已公示“{told}”，不用登录就能看"

    return _doing(request, publication_id, act)


@needs("fleet.publication.make")
@require_POST
def publication_correct(request: PageRequest, publication_id: int) -> HttpResponse:
    """Lay out another edition of what was published."""

    def act(at: datetime) -> tuple[Publication, str]:
        made = actions.correct_publication(
            actor=request.actor,
            publication_id=publication_id,
            reason=request.POST.get("reason", ""),
            at=at,
        )
        return made, f"更正稿有 {len(made.changes)} 处变动，核对后公示"

    return _doing(request, publication_id, act, opened="correct")


@needs("fleet.publication.make")
@require_POST
def publication_withdraw(request: PageRequest, publication_id: int) -> HttpResponse:
    """Take a notice down."""

    def act(at: datetime) -> tuple[Publication, str]:
        gone = actions.withdraw(
            actor=request.actor,
            publication_id=publication_id,
            reason=request.POST.get("reason", ""),
            at=at,
        )
        return gone, "已撤下，公示地址上写明撤下和原因"

    return _doing(request, publication_id, act, opened="withdraw")


@needs("fleet.publication.make")
@require_POST
def publication_drop(request: PageRequest, publication_id: int) -> HttpResponse:
    """Give up a draft."""
    try:
        actions.drop_draft(actor=request.actor, publication_id=publication_id, at=timezone.now())
    except Refused as refused:
        return _one(request, publication_id, findings=refused.findings)
    pages.flash(request, "公示稿已放弃，没有公示过")
    return pages.to("fleet:publications")


# ── for everybody ────────────────────────────────────────────────────────────────────────


@public
@require_safe
def published(request: HttpRequest, code: str) -> HttpResponse:
    """What was published, as it was published; that it was corrected or withdrawn stands on top."""
    found = _told(code)
    context = {
        "notice": found,
        "table": view.table(found, month=request.GET.get("month", "")),
        "changes": view.changes(found),
        "unchanged": view.is_unchanged(found),
        "rule": law_at(found.published_at or timezone.now())["fleet.publication.regular"],
        "gone": found.state == PublicationState.WITHDRAWN,
    }
    return pages.render(request, "fleet/published.html", context)


@public
@require_safe
def published_sheet(_: HttpRequest, code: str) -> HttpResponse:
    """The same as an Excel file; of a withdrawn notice there is none any more."""
    found = _told(code)
    if found.state == PublicationState.WITHDRAWN:
        raise Http404
    content = excel.book(**view.sheet(found))
    return register_pages.excel(content, f"{found.title}.xlsx")


def _told(code: str) -> Publication:
    found = queries.by_code(code)
    if found is None:
        raise Http404
    return found
