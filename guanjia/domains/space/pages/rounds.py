"""巡检: the list, the plan, a round with its progress by unit, a unit of it, one record."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.http import HttpResponse
from django.utils import timezone

from guanjia.domains.space.actions import rounds as actions
from guanjia.domains.space.acts.rounds import ACTS
from guanjia.domains.space.forms import rounds as forms
from guanjia.domains.space.models import Inspection, Round
from guanjia.domains.space.pages import round_view as view
from guanjia.domains.space.pages.links import link
from guanjia.domains.space.queries import rooms
from guanjia.domains.space.queries import rounds as queries
from guanjia.domains.space.rules import rounds as rules
from guanjia.domains.space.terms.ledger import RoomKind
from guanjia.domains.space.terms.rounds import RectState, RoundState
from guanjia.kernel.access.queries import holders
from guanjia.kernel.attachments import queries as attachments
from guanjia.kernel.org.models import Unit
from guanjia.kernel.regulations.lawbook import law_at
from guanjia.kernel.regulations.verdict import Finding, Refused
from guanjia.ui import pages, trail
from guanjia.ui.pages import PageRequest, needs

SEE, PLAN, INSPECT = queries.SEE, actions.PLAN, "space.round.inspect"
USUAL_DAYS = 9  # from the first day of a round to its last, where its planner says nothing
SHOWN_MAX = 200
_REFUSED = 422


# ── the list ─────────────────────────────────────────────────────────────────────────────


@needs(SEE)
def rounds(request: PageRequest) -> HttpResponse:
    """Every round that visits units of the scope, the latest first."""
    today = timezone.localdate()
    found = list(queries.rounds(request.scope)[:SHOWN_MAX])
    sums = queries.sums(rows=found, scope=request.scope, day=today)
    context = {
        "rows": [_sum(one) for one in sums],
        "may_plan": request.actor.can(PLAN),
        "may_inspect": request.actor.can(INSPECT),
        "may_enter": request.actor.can("space.round.enter"),
    }
    return pages.render(request, "space/rounds.html", context)


def _sum(one: queries.Sum) -> dict[str, Any]:
    pk = one.round.pk
    return {
        "sum": one,
        "round": one.round,
        "chip": one.round.chip,
        **_urls(round=pk),
    }


def _urls(**where: Any) -> dict[str, str]:
    """The rows behind the numbers of a round, or of a unit of it."""
    return {
        "records_url": view.inspections_url(**where),
        "problems_url": view.inspections_url(**where, view="problem"),
        "undone_url": view.rectifications_url(**where, view="undone"),
        "late_url": view.rectifications_url(**where, view="late"),
    }


# ── planning ─────────────────────────────────────────────────────────────────────────────


@needs(PLAN)
def round_new(request: PageRequest) -> HttpResponse:
    """安排巡检: days, units, people and the checklist."""
    at = timezone.now()
    form = _plan_form(request, at)
    refused: Sequence[Finding] = ()
    if form.is_bound and form.is_valid():
        try:
            made = actions.plan_round(actor=request.actor, plan=_plan(form), at=at)
        except Refused as no:
            form.add_refusal(no)
            refused = [one for one in no.findings if one.field not in form.fields]
        else:
            pages.flash(request, f"已安排“{made}”，各单位已收到通知；到时点“开始巡检”")
            return pages.to("space:round", made.pk)
    context = {
        "form": form,
        "refused": refused,
        "chosen": {str(pk) for pk in form["units"].value() or ()},
        "going": {str(pk) for pk in form["inspectors"].value() or ()},
        "due_help": f"不填的，定在巡检结束后 {law_at(at)['space.round.rectify_days'].value} 天",
    }
    status = _REFUSED if form.is_bound else 200
    return pages.render(request, "space/round_new.html", context, status=status)


def _plan_form(request: PageRequest, at: datetime) -> forms.Plan:
    today = timezone.localdate(at)
    units = [
        unit
        for unit in queries.holding_units(today)
        if unit in set(Unit.objects.within(request.actor.scope(PLAN)))
    ]
    people = sorted(
        {one for unit in units[:1] for one in holders(verb=INSPECT, unit=unit, on=today)},
        key=lambda person: person.number,
    )
    return forms.Plan(
        request.POST if request.method == "POST" else None,
        units=units,
        people=people,
        usual=rules.usual_items(law=law_at(at)),
        initial={
            "begins_on": today,
            "ends_on": today + timedelta(days=USUAL_DAYS),
            "units": [unit.pk for unit in units],
        },
    )


def _plan(form: forms.Plan) -> actions.Plan:
    given = form.cleaned_data
    return actions.Plan(
        title=given["title"], begins_on=given["begins_on"], ends_on=given["ends_on"],
        due_on=given["due_on"], notice=given["notice"], units=given["units"],
        inspectors=given["inspectors"], items=form.items(),
    )  # fmt: skip


# ── one round ────────────────────────────────────────────────────────────────────────────


@needs(SEE)
def round(request: PageRequest, round_id: int) -> HttpResponse:
    """One round: how far it is with each unit, its checklist, who goes."""
    at = timezone.now()
    actor, today = request.actor, timezone.localdate(at)
    scope = actor.scope(SEE)
    found = queries.round_of(scope=scope, round_id=round_id)
    lines = queries.progress(round_=found, scope=scope, day=today)
    context = {
        "round": found,
        "row": found,
        "chip": found.chip,
        "rows": [_progress(found, one) for one in lines],
        "sums": _progress_sums(lines) | _urls(round=found.pk),
        "items": [(item, queries.cite_of(item)) for item in found.items.all()],
        "people": view.names(one.person.name for one in found.inspectors.select_related("person")),
        "acts": [act for act in ACTS if act.may(actor, found)],
        "may_go": found.state == RoundState.RUNNING and queries.may_go(actor=actor, round_=found),
        "records": trail.told(model="space.round", pk=found.pk) if scope.everything else None,
        "on_time": at,
    }
    return pages.render(request, "space/round.html", context)


def _progress(found: Round, one: queries.Progress) -> dict[str, Any]:
    return {
        "one": one,
        "share": min(100, one.looked * 100 // one.rooms) if one.rooms else 0,
        "url": link("space:round_unit", found.pk, one.unit.pk),
        **_urls(round=found.pk, unit=one.unit.code),
    }


def _progress_sums(lines: Sequence[queries.Progress]) -> dict[str, Any]:
    names = ("rooms", "looked", "records", "problems", "undone", "late")
    sums = {name: sum(getattr(one, name) for one in lines) for name in names}
    return sums | {"units": len(lines), "visited": sum(one.visited for one in lines)}


# ── a unit of a round, and one record ────────────────────────────────────────────────────


@needs(SEE)
def round_unit(request: PageRequest, round_id: int, unit_id: int) -> HttpResponse:
    """A visited unit: its rooms with the look that counts, and what it has to put right."""
    today = timezone.localdate()
    scope = request.actor.scope(SEE)
    found = queries.round_of(scope=scope, round_id=round_id)
    visit = queries.visit_of(round_=found, unit_id=unit_id, scope=scope)
    day = min(max(today, found.begins_on), found.ends_on)
    held = queries.rooms_of(round_=found, visit=visit, day=day)
    mine = queries.rectifications(scope).filter(round=found, unit=visit.unit)
    whole = queries.inspections(scope).filter(round=found, unit=visit.unit, room=None)
    context = {
        "round": found,
        "visit": visit,
        "day": day,
        "rows": [_room(request, room, last) for room, last in held],
        "looked": sum(last is not None for _, last in held),
        "whole": list(whole),
        "rects": [(row, view.rect_chip(row, today=today), view.what(row.inspection))
                  for row in mine],
    }  # fmt: skip
    return pages.render(request, "space/round_unit.html", context)


def _room(request: PageRequest, room: Any, last: Inspection | None) -> dict[str, Any]:
    sees = request.actor.can(rooms.SEE)
    return {
        "room": room,
        "kind": RoomKind(room.now.kind).label,
        "url": link("space:room", room.pk) if sees else "",
        "last": last,
        "what": view.what(last) if last else "",
    }


@needs(SEE)
def inspection(request: PageRequest, inspection_id: int) -> HttpResponse:
    """One record: what was found by which article, photos, when by whose clock."""
    actor = request.actor
    row = queries.inspection(scope=request.scope, inspection_id=inspection_id)
    sees_room = row.room_id is not None and actor.can(rooms.SEE)
    context = {
        "row": row,
        "found": view.found(row),
        "what": view.what(row),
        "rects": (rects := list(row.rectifications.order_by("pk"))),
        "called_off": any(rect.state == RectState.CALLED_OFF for rect in rects),
        "others": list(queries.other_looks(row)),
        "files": attachments.of(model="space.inspection", row_id=row.pk),
        "room_url": link("space:room", row.room_id)
        if sees_room and rooms.sees_room(actor, row.room_id or 0)
        else "",
        "unit_url": link("space:round_unit", row.round_id, row.unit_id),
        "off_minutes": abs(row.clock_off_s) // 60,
        "records": trail.told(model="space.inspection", pk=row.pk),
    }
    return pages.render(request, "space/inspection.html", context)
