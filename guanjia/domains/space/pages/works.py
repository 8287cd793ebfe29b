"""大中修: one project, a building's projects, and what is done. The list is a register."""

from datetime import date, datetime
from typing import Any

from django.http import HttpResponse
from django.utils import timezone

from guanjia.domains.space.acts.works import ACTS
from guanjia.domains.space.models import Building, Works
from guanjia.domains.space.queries import works as reading
from guanjia.domains.space.rules import works as rules
from guanjia.domains.space.rules.disposals import yuan
from guanjia.domains.space.terms.works import DONE, LastWorks, WorksPart, WorksState
from guanjia.kernel.attachments import queries as attachments
from guanjia.kernel.audit import queries as audit
from guanjia.kernel.regulations.lawbook import law_at
from guanjia.kernel.regulations.verdict import Verdict, verdict_from_json
from guanjia.ui import formats, pages, trail
from guanjia.ui.approval.panel import Station
from guanjia.ui.pages import PageRequest, needs

SEE, REQUEST = reading.SEE, reading.REQUEST
S = WorksState


@needs(SEE)
def works_one(request: PageRequest, works_id: int) -> HttpResponse:
    """One project: its life, sums, papers, and the acts this person may do."""
    at = timezone.now()
    found = reading.one(scope=request.scope, works_id=works_id)
    last = reading.last_of(
        building_id=found.building_id, part=WorksPart(found.part), without=found.pk
    )
    context = {
        "works": found,
        "chip": found.chip,
        "life": life(found),
        "last": last,
        "interval": _interval(found, last, at),
        "settle_by": rules.settle_by(accepted_on=found.accepted_on, law=law_at(at))
        if found.state == S.ACCEPTED and found.accepted_on
        else None,
        "checked": _checked(found),
        "files": attachments.of(model=reading.SUBJECT, row_id=found.pk),
        "records": trail.told(model=reading.SUBJECT, pk=found.pk),
        "on_time": at,
        "acts": [act for act in ACTS if not act.makes and act.may(request.actor, found)],
    }
    return pages.render(request, "space/works.html", context)


def _interval(found: Works, last: LastWorks | None, at: datetime) -> dict[str, Any] | None:
    """From when the part may be repaired again, while that is still to be decided on."""
    if last is None or found.state not in (S.ASKED, S.REFUSED):
        return None
    law = law_at(at)
    first = rules.free_from(last=last, law=law)
    if first is None:
        return None
    cite = law[rules.INTERVAL].cite
    return {"first": first, "soon": timezone.localdate(at) < first, "cite": cite}


def _checked(found: Works) -> Verdict | None:
    """The newest stored verdict that said anything."""
    records = audit.about(on_type=reading.SUBJECT, on_id=found.pk).order_by("-at", "-pk")
    told = next((one for one in records if one.verdict), None)
    return verdict_from_json(told.verdict or {}) if told else None


def life(found: Works) -> list[Station]:
    """申请, 列入计划, 施工, 验收, 决算: when, by whom, how much."""
    state = S(found.state)
    stations = []
    if found.asked_at is not None:
        who = found.unit.shown if found.unit else ""
        stations = [_done("申请", formats.daytime(found.asked_at), who)]
    if state in (S.REFUSED, S.CALLED_OFF):
        return [*stations, Station(at="stop", title=state.label, who=found.state_note)]
    year = f"{found.plan_year} 年" if found.plan_year else ""
    if found.asked_at is not None:
        stations.append(_step("列入计划", year, yuan(found.budget_fen or 0), now=state == S.ASKED))
        begun = _day(found.started_on)
        stations.append(_step("施工", begun, found.contractor, now=state == S.PLANNED))
    stations.append(_step("验收", _day(found.accepted_on), "", now=state == S.BUILDING))
    cost = yuan(found.final_fen or 0)
    stations.append(_step("决算", _day(found.settled_on), cost, now=state == S.ACCEPTED))
    return stations


def _day(on: date | None) -> str:
    return formats.day(on) if on else ""


def _done(title: str, when: str, who: str) -> Station:
    return Station(at="done", title=title, when=when, who=who)


def _step(title: str, when: str, who: str, *, now: bool) -> Station:
    if when:
        return _done(title, when, who)
    return Station(at="now" if now else "later", title=title)


@needs(SEE)
def works_building(request: PageRequest, building_id: int) -> HttpResponse:
    """The projects of a building, and from when each part may be repaired again."""
    building = Building.objects.within(request.scope).select_related("compound").get(pk=building_id)
    rows = reading.of_building(building_id=building.pk, scope=request.scope)
    law = law_at(timezone.localdate())
    done = [one for one in rows if one.state in DONE]
    context = {
        "building": building,
        "rows": [(one, *one.chip[:2]) for one in rows],
        "parts": [
            (WorksPart(part).label, last.accepted_on, rules.free_from(last=last, law=law))
            for part in sorted({one.part for one in done})
            if (last := reading.last_of(building_id=building.pk, part=WorksPart(part)))
        ],
        "cite": law[rules.INTERVAL].cite if rules.INTERVAL in law else None,
        "spent": sum(one.final_fen or 0 for one in done),
        "may_ask": request.actor.can(REQUEST),
    }
    return pages.render(request, "space/works_building.html", context)
