"""Pickers of people and units: JSON, or a list of buttons when HTMX asks."""

from typing import Any

from django.http import HttpResponse, JsonResponse

from guanjia.kernel.org import queries as org
from guanjia.kernel.values.actor import Actor, Scope
from guanjia.ui import pages
from guanjia.ui.pages import PageRequest, needs_sign_in

_WORDS_MAX = 40
_LIMIT = 12
_DIGITS_MAX = 18  # what a column of ids can hold


def _text(request: PageRequest) -> str:
    return request.GET.get("q", "").replace("\0", "").strip()[:_WORDS_MAX]


def _colleagues(actor: Actor, verb: str) -> Scope:
    """Where a picker looks: what the verb shows, and one's own unit with its sections."""
    scope = actor.scope(verb)
    if scope.everything or not actor.unit_id:
        return scope
    return Scope(
        paths=(*scope.paths, org.home_path(unit_id=actor.unit_id)), unit_ids=scope.unit_ids
    )


@needs_sign_in
def people_pick(request: PageRequest) -> HttpResponse:
    """Colleagues by name, 拼音首字母 or 工号; ``unit`` (an id) keeps those of it and below."""
    scope = _colleagues(request.actor, "org.person.see")
    found = org.find_people(scope=scope, text=_text(request), limit=_LIMIT * 4)
    unit = request.GET.get("unit", "")
    if unit.isdecimal() and len(unit) <= _DIGITS_MAX:
        path = org.home_path(unit_id=int(unit))
        found = [person for person in found if path and person.unit.path.startswith(path)]
    return _answer(request, [
        {"id": p.pk, "name": p.name, "number": p.number, "unit": str(p.unit), "title": p.title}
        for p in found[:_LIMIT]
    ])  # fmt: skip


@needs_sign_in
def units_pick(request: PageRequest) -> HttpResponse:
    """Units by name or code."""
    scope = _colleagues(request.actor, "org.unit.see")
    found = org.find_units(scope=scope, text=_text(request), limit=_LIMIT)
    return _answer(request, [
        {"id": u.pk, "name": str(u), "number": u.code, "unit": u.name, "title": ""} for u in found
    ])  # fmt: skip


def _answer(request: PageRequest, results: list[dict[str, Any]]) -> HttpResponse:
    if pages.asked_by_htmx(request):
        return pages.render(request, "portal/parts/picks.html", {"results": results})
    return JsonResponse({"results": results})
