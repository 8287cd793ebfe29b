"""审批流程: the routes of every department, drawn, edited, tried out, switched on."""

from collections.abc import Iterable, Mapping, Sequence
from copy import deepcopy
from datetime import datetime
from typing import Any

from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_POST

from guanjia.kernel.access import subjects
from guanjia.kernel.approvals import preview
from guanjia.kernel.approvals import routes as declared
from guanjia.kernel.approvals.actions import editions
from guanjia.kernel.approvals.models import Edition
from guanjia.kernel.approvals.routes import OPS, By, Fact, FactKind, Route, Step
from guanjia.kernel.approvals.terms import EditionState, Late, Mode
from guanjia.kernel.org import queries as org
from guanjia.kernel.org.models import Person, Unit
from guanjia.kernel.regulations.verdict import Finding, Refused
from guanjia.kernel.values.actor import Actor
from guanjia.portal import route_forms, route_words
from guanjia.portal.route_forms import Sheet
from guanjia.ui import pages
from guanjia.ui.pages import PageRequest, needs
from guanjia.ui.subjects import url_of

SEE, EDIT = "approvals.route.see", "approvals.route.edit"
DIFFERING_SHOWN = 50
_FOUND_MAX = 8
_MODES = {Mode.ALL: "会签（都要办，或够比例）"}
_STATES = {
    EditionState.DRAFT: ("wait", "pencil"),
    EditionState.IN_FORCE: ("done", "circle-check"),
    EditionState.RETIRED: ("idle", "history"),
    EditionState.DROPPED: ("idle", "archive"),
}


def _named(key: str) -> Route:
    route = declared.get(key)
    if route is None:
        raise Edition.DoesNotExist
    return route


def _edits(actor: Actor) -> bool:
    """Whether somebody may change routes: they bind every unit, so it takes the whole city."""
    return actor.can(EDIT) and actor.scope(EDIT).everything


def _draft(route: Route) -> Edition | None:
    found: Edition | None = Edition.objects.filter(
        route=route.key, state=EditionState.DRAFT
    ).first()
    return found


# ── looking ──────────────────────────────────────────────────────────────────────────────


@needs(SEE)
def all_routes(request: PageRequest) -> HttpResponse:
    """Every route with its edition in force, the cases under way and the draft that waits."""
    at = timezone.now()
    rows = [_row(route, at) for route in declared.all_routes()]
    context = {"rows": rows, "edits": _edits(request.actor)}
    return pages.render(request, "portal/routes.html", context)


def _row(route: Route, at: datetime) -> dict[str, Any]:
    return {
        "route": route,
        "department": route_words.department_of(route),
        "edition": editions.in_force(route, at=at),
        "draft": _draft(route),
        "open": sorted(editions.open_cases(route.key).items(), reverse=True),
    }


@needs(SEE)
def route(request: PageRequest, key: str) -> HttpResponse:
    """The edition in force, drawn, with its history."""
    return _shown(request, _named(key))


@needs(SEE)
def edition(request: PageRequest, key: str, number: int) -> HttpResponse:
    """One edition to be read, with what it changed against the one before."""
    found = _named(key)
    return _shown(request, found, Edition.objects.get(route=found.key, number=number))


def _shown(
    request: PageRequest,
    route: Route,
    edition: Edition | None = None,
    *,
    findings: Sequence[Finding] = (),
    status: int = 200,
) -> HttpResponse:
    at = timezone.now()
    now = editions.in_force(route, at=at)
    shown = edition or now
    steps = declared.steps_from_data(shown.steps)
    history = list(Edition.objects.filter(route=route.key).order_by("-number"))
    before = _before(shown, history)
    old = declared.steps_from_data(before.steps) if before else ()
    names = route_words.names_of([*steps, *old])
    unit, today = _today(request, steps, at)
    counted = editions.open_cases(route.key)
    context = {
        "route": route,
        "department": route_words.department_of(route),
        "edition": shown,
        "state": _state(shown),
        "current": shown.pk == now.pk,
        "before": before,
        "changes": route_words.changes(route, old, steps, names) if before else (),
        "steps": route_words.drawn(route, steps, names, today),
        "units": _units(request.actor),
        "unit": unit,
        "draft": next((e for e in history if e.state == EditionState.DRAFT), None),
        "history": [_line(one, counted) for one in history],
        "under_way": sum(counted.values()),
        "edits": _edits(request.actor),
        "findings": findings,
    }
    return pages.render(request, "portal/route.html", context, status=status)


def _state(edition: Edition) -> dict[str, str]:
    state = EditionState(edition.state)
    tone, icon = _STATES[state]
    return {"tone": tone, "icon": icon, "word": state.label}


def _line(edition: Edition, counted: Mapping[int, int]) -> dict[str, Any]:
    return {
        "edition": edition,
        "state": _state(edition),
        "open": counted.get(edition.number, 0),
    }


def _before(edition: Edition, history: Iterable[Edition]) -> Edition | None:
    """The edition that was in force before this one, or is while this one is a draft."""
    return next(
        (e for e in history if e.number < edition.number and e.in_force_at is not None), None
    )


def _units(actor: Actor) -> list[Unit]:
    return list(org.units(actor.scope(SEE)).open())


def _today(
    request: PageRequest, steps: Sequence[Step], at: datetime
) -> tuple[Unit | None, Sequence[preview.Ahead]]:
    """The unit that was asked for, and who would decide its requests as of now."""
    code = request.GET.get("unit", "").replace("\0", "")
    unit = org.units(request.actor.scope(SEE)).open().filter(code=code).first() if code else None
    if unit is None:
        return None, ()
    return unit, preview.of_steps(steps=steps, unit=unit, applicant_id=None, at=at)


# ── editing ──────────────────────────────────────────────────────────────────────────────


@needs(EDIT)
def edit(request: PageRequest, key: str) -> HttpResponse:
    """The editor: every button posts the whole sheet; ``save`` keeps it as a draft."""
    found, at = _named(key), timezone.now()
    editions.must_edit(request.actor)
    base = _draft(found) or editions.in_force(found, at=at)
    if request.method != "POST":
        steps = declared.steps_from_data(base.steps)
        note = base.note if base.state == EditionState.DRAFT else ""
        sheet = route_forms.opened(
            route=found, number=base.number, steps=steps, note=note, units=_units(request.actor)
        )
        return _editor(request, found, sheet)
    known = _keys(found)
    sheet = route_forms.read(request.POST, known_keys=known)
    op = request.POST.get("op", "")
    if op == "save" or op.startswith("replace:"):
        return _keep(request, found, sheet, op, at)
    route_forms.act(sheet, op, route=found, known_keys=known)
    route_forms.look_for(sheet, lambda words: _find(request.actor, words))
    return _editor(request, found, sheet)


def _keys(route: Route) -> set[str]:
    """The keys of every step any edition has had: a new step is never taken for an old one."""
    kept = Edition.objects.filter(route=route.key).values_list("steps", flat=True)
    return {step["key"] for steps in kept for step in steps}


def _keep(request: PageRequest, route: Route, sheet: Sheet, op: str, at: datetime) -> HttpResponse:
    steps = _steps(request.actor, route, sheet)
    if sheet.faulty:
        return _editor(request, route, sheet, status=422)
    told = op.removeprefix("replace:")
    seen = int(told) if told.isdecimal() and len(told) <= 6 else sheet.base  # noqa: PLR2004 — digits
    try:
        kept = editions.draft(
            actor=request.actor, route_key=route.key, steps=steps, note=sheet.note, seen=seen, at=at
        )
    except Refused as refused:
        return _editor(request, route, sheet, findings=refused.findings, status=422)
    if kept.made_at != at:
        pages.flash(request, f"与第 {kept.number} 版相同，没有另存", tone="idle")
    else:
        pages.flash(request, f"已存为第 {kept.number} 版草稿，试算之后可以启用")
    return pages.to("portal:route", route.key)


def _steps(actor: Actor, route: Route, sheet: Sheet) -> tuple[Step, ...]:
    numbers = {number for step in sheet.steps for number in step.people}
    able = _able(actor).filter(number__in=numbers)
    people = {person.number: person for person in able}
    return route_forms.steps_of(sheet, route=route, units=_units(actor), people=people)


def _able(actor: Actor) -> Any:
    """People who can be asked to decide: they serve and have an account in use."""
    return org.people(actor.scope(EDIT)).serving().filter(account__is_active=True)


def _find(actor: Actor, words: str) -> list[Person]:
    found = org.find_people(scope=actor.scope(EDIT), text=words, limit=200)
    able = set(_able(actor).filter(pk__in=[p.pk for p in found]).values_list("pk", flat=True))
    return [person for person in found if person.pk in able][:_FOUND_MAX]


def _editor(
    request: PageRequest,
    route: Route,
    sheet: Sheet,
    *,
    findings: Sequence[Finding] = (),
    status: int = 200,
) -> HttpResponse:
    newest = Edition.objects.filter(
        route=route.key, state__in=[EditionState.DRAFT, EditionState.IN_FORCE]
    )
    stale = any(finding.code == "stale" for finding in findings)
    people = org.people_by_number({n for step in sheet.steps for n in step.people})
    context = {
        "route": route,
        "sheet": sheet,
        "findings": findings,
        "newer": newest.order_by("-number").first() if stale else None,
        "people": people,
        "units": route_forms.unit_choices(_units(request.actor)),
        "verbs": [(verb, route_words.verb_says(verb)) for verb in route.verbs],
        "bys": By.choices(),
        "modes": [(m.value, _MODES.get(m, m.label)) for m in Mode],
        "lates": Late.choices(),
        "facts": route.facts,
        "rows": [_typed_row(route, i, step, people) for i, step in enumerate(sheet.steps)],
        "faults": _faults(sheet),
        "preview": _preview(request.actor, route, sheet),
    }
    part = "portal/parts/route_sheet.html"
    return pages.render(request, "portal/route_edit.html", context, part=part, status=status)


def _preview(actor: Actor, route: Route, sheet: Sheet) -> list[route_words.ShownStep]:
    """The sheet drawn as far as it can be read; its faults are not looked for yet."""
    steps = _steps(actor, route, deepcopy(sheet))
    return route_words.drawn(route, steps, route_words.names_of(steps))


def _typed_row(
    route: Route, place: int, step: route_forms.TypedStep, people: Mapping[str, Person]
) -> dict[str, Any]:
    """A step of the sheet with the names of its fields and what may be chosen in them."""
    at = f"s{place}-"
    return {
        "at": at,
        "id": f"s{place}",
        "title_id": f"{at}title",
        "find_id": f"{at}find",
        "found_id": f"{at}found",
        "list_id": f"{at}people-list",
        "more_id": f"{at}add-condition",
        "step": step,
        "share_says": route_words.share(step.mode, step.share, step.by, len(step.people)),
        "numbers": "|".join(step.people),
        "people": [(number, people.get(number)) for number in step.people],
        "conditions": [
            _condition_row(f"{at}c{j}-", one, route.fact(one.fact))
            for j, one in enumerate(step.when)
        ],
    }


def _condition_row(at: str, typed: route_forms.TypedCondition, fact: Fact | None) -> dict[str, Any]:
    kind = fact.kind if fact else None
    choices = fact.choices if fact and kind is FactKind.CHOICE else ()
    return {
        "at": at,
        "fact_id": f"{at}fact",
        "typed": typed,
        "fact": fact,
        "ops": [(op.value, op.label) for op in OPS[fact.kind]] if fact else (),
        "choices": (("1", "是"), ("0", "否")) if kind is FactKind.YES_NO else choices,
        "unit": "元" if kind is FactKind.MONEY else (fact.unit if fact else ""),
    }


_FIELDS = {  # in the order of the page
    "key": "标识", "title": "名称", "verb": "职责", "unit": "单位", "people": "名单",
    "find": "找人", "share": "比例", "when": "条件", "hours": "时限",
}  # fmt: skip


_TYPED_IN = {"people": "find"}  # the list itself is no field


def _faults(sheet: Sheet) -> list[dict[str, str]]:
    """Where something must be mended: the id of its field and what it is called."""
    found = []
    for i, step in enumerate(sheet.steps):
        found += [
            {"id": f"s{i}-{_TYPED_IN.get(name, name)}", "label": f"第 {i + 1} 步{label}"}
            for name, label in _FIELDS.items()
            if name in step.errors
        ]
        found += [
            {"id": f"s{i}-c{j}-value", "label": f"第 {i + 1} 步条件"}
            for j, one in enumerate(step.when)
            if one.error
        ]
    return found


# ── trying out, switching on, putting aside ──────────────────────────────────────────────


def _asked(request: PageRequest, route: Route) -> Edition | None:
    """The edition whose number was posted; without one the draft there is."""
    number = request.POST.get("number", "")
    if number.isdecimal() and len(number) <= 6:  # noqa: PLR2004 — digits
        found: Edition | None = Edition.objects.filter(route=route.key, number=int(number)).first()
        return found
    return _draft(route)


def _no_draft(request: PageRequest, route: Route) -> HttpResponse:
    pages.flash(request, "这个流程没有草稿，先编辑并保存", tone="wait")
    return pages.to("portal:route", route.key)


@require_POST
@needs(EDIT)
def replay(request: PageRequest, key: str) -> HttpResponse:
    """试算: last year's cases over the draft; what would differ, and where nobody is there."""
    found, at = _named(key), timezone.now()
    draft = _asked(request, found)
    if draft is None:
        return _no_draft(request, found)
    try:
        result = editions.replay(actor=request.actor, edition_id=draft.pk, at=at)
    except Refused as refused:
        return _shown(request, found, findings=refused.findings, status=422)
    actor = request.actor
    draft.refresh_from_db()
    context = {
        "route": found,
        "draft": draft,
        "result": result,
        "differing": [_differing(one, actor) for one in result.differing[:DIFFERING_SHOWN]],
        "vacancies": result.vacancies,
        "sees_accounts": actor.can("access.account.see"),
        "under_way": sum(editions.open_cases(found.key).values()),
    }
    return pages.render(request, "portal/route_replay.html", context)


def _differing(one: editions.Differing, actor: Actor) -> dict[str, Any]:
    case = one.case
    seen = subjects.sees(actor=actor, model=case.subject_type, row_id=case.subject_id)
    return {
        "case": case,
        "label": case.subject_label if seen else "",
        "url": url_of(case.subject_type, case.subject_id) if seen else "",
        "was": one.was,
        "would": one.would,
    }


@require_POST
@needs(EDIT)
def switch_on(request: PageRequest, key: str) -> HttpResponse:
    """启用: the draft takes new cases from now on."""
    found = _named(key)
    draft = _asked(request, found)
    if draft is None:
        return _no_draft(request, found)
    try:
        made = editions.switch_on(actor=request.actor, edition_id=draft.pk, at=timezone.now())
    except Refused as refused:
        return _shown(request, found, findings=refused.findings, status=422)
    pages.flash(request, f"{found.title}第 {made.number} 版已启用，新件从现在起按它办")
    return pages.to("portal:route", found.key)


@require_POST
@needs(EDIT)
def drop(request: PageRequest, key: str) -> HttpResponse:
    """放弃草稿; it stays to be read."""
    found = _named(key)
    draft = _asked(request, found)
    if draft is None:
        return _no_draft(request, found)
    try:
        gone = editions.drop(actor=request.actor, edition_id=draft.pk, at=timezone.now())
    except Refused as refused:
        return _shown(request, found, findings=refused.findings, status=422)
    pages.flash(request, f"已放弃第 {gone.number} 版草稿，{found.title}仍按现行版本")
    return pages.to("portal:route", found.key)
