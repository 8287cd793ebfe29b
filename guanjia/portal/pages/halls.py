"""办事, 台账, 我的, search."""

from typing import Any

from django.http import HttpResponse, HttpResponseRedirect

from guanjia.kernel.access import duties
from guanjia.kernel.org import queries as org
from guanjia.kernel.registers import catalogue
from guanjia.kernel.values.actor import Actor, Held, Reach, Scope
from guanjia.portal import offices
from guanjia.ui import menu, pages
from guanjia.ui import search as finding
from guanjia.ui.pages import PageRequest, needs_sign_in
from guanjia.ui.registers import addresses

WORDS_MAX = 60


@needs_sign_in
def hall_of_services(request: PageRequest) -> HttpResponse:
    """办事: everything this person can start and open, by the groups of the menu."""
    context = {"groups": offices.groups(request.actor), "for_all": menu.for_all()}
    return pages.render(request, "portal/services.html", context)


@needs_sign_in
def hall_of_registers(request: PageRequest) -> HttpResponse:
    """台账: every list this person may look into."""
    found = [
        {
            "title": register.title,
            "url": url,
            "import_url": _import_url(register, request.actor),
            "says": "、".join(each.title for each in register.filters[:4]),
        }
        for register in catalogue.all_registers()
        if request.actor.can(register.see) and (url := addresses.maybe(register.url))
    ]
    return pages.render(request, "portal/registers.html", {"registers": found})


def _import_url(register: Any, actor: Actor) -> str:
    if register.write_rows is None or not actor.can(register.take):
        return ""
    return addresses.maybe(addresses.url_name(register, "import"))


@needs_sign_in
def me(request: PageRequest) -> HttpResponse:
    """我的: who I am, what I am charged with and how far it reaches."""
    actor = request.actor
    person = (
        org.people(actor.scope("org.person.see")).filter(pk=actor.person_id).first()
        if actor.person_id
        else None
    )
    context = {
        "person": person,
        "account": request.user,
        "held": [_held(held) for held in actor.held],
    }
    return pages.render(request, "portal/me.html", context)


def _held(held: Held) -> dict[str, Any]:
    reach = held.reach.label
    if held.reach in (Reach.UNIT, Reach.BELOW) and held.unit_id:
        unit = org.unit_named(unit_id=held.unit_id)
        reach = f"{unit}及下级" if held.reach is Reach.BELOW else unit
    verbs = sorted({duties.title_of(verb) for verb in held.verbs})
    return {"title": held.title, "reach": reach, "verbs": "、".join(verbs)}


@needs_sign_in
def search(request: PageRequest) -> HttpResponse:
    """What the box in the top bar finds, each kind within the scope of its own verb."""
    text = request.GET.get("q", "").replace("\0", "").strip()[:WORDS_MAX]
    groups = finding.found(request.actor, text) if text else []
    only = [row for group in groups for row in group.rows]
    if len(only) == 1 and only[0].url:
        return HttpResponseRedirect(only[0].url)
    full = any(len(group.rows) >= finding.LIMIT for group in groups)
    context = {"q": text, "groups": groups, "total": len(only), "full": full,
               "limit": finding.LIMIT}  # fmt: skip
    return pages.render(request, "portal/search.html", context)


def _people(scope: Scope, text: str) -> Any:
    return org.find_people(scope=scope, text=text, limit=finding.LIMIT)


def _units(scope: Scope, text: str) -> Any:
    return org.find_units(scope=scope, text=text, limit=finding.LIMIT)


def _person_says(person: Any) -> str:
    return " · ".join(part for part in (person.number, str(person.unit), person.title) if part)


def _unit_says(unit: Any) -> str:
    return f"{unit.code} · {unit.name} · {unit.get_nature_display()}"


KINDS = (
    finding.Kind(
        title="人员", verb="org.person.see", url_name="portal:person", place=80, find=_people,
        says=_person_says,
    ),
    finding.Kind(
        title="单位", verb="org.unit.see", url_name="portal:unit", place=90, find=_units,
        says=_unit_says,
    ),
)  # fmt: skip
