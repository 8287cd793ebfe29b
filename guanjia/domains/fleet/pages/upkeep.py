"""What falls due, and the plans of maintenance; what is done is declared in ``acts``."""

from collections import Counter

from django.http import HttpResponse
from django.utils import timezone

from guanjia.domains.fleet.queries import archive
from guanjia.domains.fleet.queries import upkeep as queries
from guanjia.domains.fleet.terms.upkeep import DueKind, DueState
from guanjia.kernel.regulations.lawbook import law_at
from guanjia.ui import pages
from guanjia.ui.pages import PageRequest, needs

_UNKNOWN = "unknown"
SEE, ENTER, DECIDE = queries.SEE, queries.ENTER, queries.DECIDE


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


# ── plans ────────────────────────────────────────────────────────────────────────────────


@needs(SEE)
def plans(request: PageRequest) -> HttpResponse:
    """保养计划: which hold, for which cars, how often."""
    actor, scope = request.actor, request.scope
    rows = queries.plans()
    if not scope.everything or scope.shared:
        rows = rows.filter(car=None) | rows.filter(car__in=archive.cars(scope).values("pk"))
    may = actor.can(DECIDE)
    mine = queries.every_plan(actor.scope(DECIDE)).values_list("pk", flat=True) if may else ()
    context = {"plans": rows.distinct(), "may": may, "mine": set(mine)}
    return pages.render(request, "fleet/plans.html", context)
