"""操作记录: the trail with its filters, and the check that nobody touched it."""

from typing import Any

from django.http import HttpResponse, HttpResponseNotAllowed

from guanjia.kernel.access import withheld
from guanjia.kernel.audit import actions, queries
from guanjia.kernel.regulations.verdict import verdict_from_json
from guanjia.kernel.values.actor import Actor, Scope
from guanjia.portal import forms, words
from guanjia.portal.pages.home import paged, record_row
from guanjia.ui import pages
from guanjia.ui.pages import PageRequest, needs
from guanjia.ui.trail import named_acts

PER_PAGE = 50


@needs("audit.see")
def audit(request: PageRequest) -> HttpResponse:
    """Who did what to which row, newest first."""
    return _shown(request)


def _shown(request: PageRequest, *, result: Any = None) -> HttpResponse:
    form = forms.TrailFilter(request.GET)
    given = form.cleaned_data if form.is_valid() else {}
    scope = request.actor.scope("audit.see")
    found = withheld.share(queries.trail(scope, **given), scope, model="on_type", row_id="on_id")
    page = paged(request, found, PER_PAGE)
    context = {
        "form": form,
        "page": page,
        "rows": [_row(record, request.actor, scope) for record in page.object_list],
        "verbs": named_acts().items(),
        "verifies": request.actor.can("audit.verify"),
        "result": result,
        "narrowed": any(given.values()),
    }
    return pages.render(request, "portal/audit.html", context)


def _row(record: Any, actor: Actor, scope: Scope) -> dict[str, Any]:
    """A record with its details; from outside those of rows of one's own field only."""
    row = record_row(record, actor)
    if scope.shared and not row["url"]:
        return row | {"changes": [], "verdict": None}
    found = words.changes(on_type=record.on_type, before=record.before, after=record.after)
    verdict = verdict_from_json(record.verdict) if record.verdict else None
    return row | {"changes": found, "verdict": verdict}


@needs("audit.verify")
def verify(request: PageRequest) -> HttpResponse:
    """核验: recompute every seal, compare the files, and say what was found."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    result = actions.verify()
    if request.actor.can("audit.see"):
        return _shown(request, result=result)
    return pages.render(request, "portal/verified.html", {"result": result})
