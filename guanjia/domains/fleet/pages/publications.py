"""用车公示: the list, one notice, the rows behind its numbers; and what everybody may read."""

from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from guanjia.domains.fleet.acts.publications import ACTS
from guanjia.domains.fleet.models import Publication
from guanjia.domains.fleet.pages import publication_view as view
from guanjia.domains.fleet.queries import publications as queries
from guanjia.domains.fleet.terms.costs import CostKind
from guanjia.domains.fleet.terms.publications import PublicationState
from guanjia.kernel.regulations.lawbook import law_at
from guanjia.kernel.values.period import Period
from guanjia.ui import excel, pages
from guanjia.ui.pages import PageRequest, needs, needs_sign_in, public
from guanjia.ui.registers import pages as register_pages

_ROWS_MAX = 500


# ── for everybody signed in ──────────────────────────────────────────────────────────────


@needs_sign_in
@require_safe
def publications(request: PageRequest) -> HttpResponse:
    """Every notice that was published, with its editions; drafts for whoever sees them."""
    at = timezone.now()
    context = {
        "rows": queries.publications(request.actor).order_by("-start", "-end", "-edition"),
        "makes": request.actor.can(queries.MAKE),
        "rule": law_at(at)["fleet.publication.regular"],
    }
    return pages.render(request, "fleet/publications.html", context)


@needs_sign_in
@require_safe
def publication(request: PageRequest, publication_id: int) -> HttpResponse:
    """One notice; its numbers open their rows for whoever may see them."""
    actor = request.actor
    found = queries.publication(actor=actor, publication_id=publication_id)
    told = found.state != PublicationState.DRAFT
    path = reverse("fleet:published", args=[found.code])
    context = {
        "notice": found,
        "chip": found.chip,
        "reads": found.state != PublicationState.WITHDRAWN or actor.can(queries.SEE),
        "table": view.table(
            found, month=request.GET.get("month", ""), opens=actor.can(queries.SEE)
        ),
        "changes": view.changes(found),
        "unchanged": view.is_unchanged(found),
        "editions": queries.editions(found),
        "public_path": path if told else "",
        "public_url": f"{settings.PUBLIC_URL}{path}",
        "early": actor.can(queries.MAKE) and not told and timezone.localdate() <= found.last,
        "acts": [act for act in ACTS if not act.makes and act.may(actor, found)],
    }
    return pages.render(request, "fleet/publication.html", context)


@needs(queries.SEE)
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
