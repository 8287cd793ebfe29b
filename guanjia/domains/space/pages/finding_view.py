"""What the pages of 用房问题 show of a finding: its state, its life, where it leads."""

from datetime import date
from typing import Any

from django.utils import timezone

from guanjia.domains.space.models import Finding
from guanjia.domains.space.queries import findings as queries
from guanjia.domains.space.queries import rooms
from guanjia.domains.space.terms.findings import FINDING_LIFE, FindingState, Measure, Outcome
from guanjia.kernel.regulations.verdict import Finding as Ground
from guanjia.kernel.values.actor import Actor
from guanjia.ui import formats
from guanjia.ui.approval.panel import Station
from guanjia.ui.registers import addresses


def late(finding: Finding, *, today: date) -> bool:
    """Whether the time to explain or to put right has passed."""
    if finding.state == FindingState.RAISED:
        return finding.due_on < today
    return (
        finding.state == FindingState.MENDING
        and finding.mend_by is not None
        and finding.mend_by < today
    )


def chip(finding: Finding, *, today: date) -> tuple[str, str, str]:
    """Tone, icon and word of the state."""
    state = FindingState(finding.state)
    if late(finding, today=today):
        word = "逾期未说明" if state is FindingState.RAISED else "逾期未整改"
        return "stop", "alarm", word
    if state is FindingState.CLOSED:
        tone = "done" if finding.outcome == Outcome.GONE else "idle"
        return tone, "circle-check", Outcome(finding.outcome).label
    return FINDING_LIFE.chip(finding.state)


def ground(finding: Finding) -> Ground:
    """What was found, as a verdict panel shows it: the words and the article of that day."""
    return Ground(
        code=finding.code.lower(),
        headline=finding.headline,
        sentence=finding.sentence,
        cite=queries.cite_of(finding),
    )


def figures(finding: Finding) -> list[tuple[str, str]]:
    """Actual, limit and excess in the measure of the finding."""
    unit = Measure(finding.measure).label
    found = []
    if finding.measured is not None:
        found.append(("实际", _with(finding.measured, finding.measure, unit)))
    if finding.limit is not None:
        found.append(("限额", _with(finding.limit, finding.measure, unit)))
    if finding.measured is not None and finding.limit is not None:
        over = finding.measured - finding.limit
        if over > 0:
            found.append(("超出", _with(over, finding.measure, unit)))
    return found


def _with(value: Any, measure: str, unit: str) -> str:
    places = 1 if measure == Measure.AREA else 0
    return f"{formats.num(value, places=places)} {unit}"


def life(finding: Finding) -> list[Station]:
    """Found, explained, decided, gone: when and by whom."""
    closed = finding.state == FindingState.CLOSED
    explained = finding.explained_at is not None
    decided = finding.decided_at is not None
    stations = [_station("done", "发现", finding.raised_at, "系统核查")]
    if explained or not (closed or decided):
        who = str(finding.explained_by or "") if explained else str(finding.unit or "本局")
        when = finding.explained_at if explained else None
        at = "done" if explained else _at(finding, FindingState.RAISED)
        stations.append(_station(at, "说明", when, who, due=finding.due_on))
    if decided or not closed:
        who = str(finding.decided_by or "") if decided else "办公用房管理科"
        at = "done" if decided else _at(finding, FindingState.EXPLAINED)
        stations.append(_station(at, "处理", finding.decided_at, who))
    if finding.outcome == Outcome.MEND or finding.mend_by:
        at = "done" if closed else "now"
        stations.append(_station(at, "整改", None, str(finding.unit or ""), due=finding.mend_by))
    end = Outcome(finding.outcome).label if closed else "办结"
    stations.append(_station("done" if closed else "later", end, finding.closed_at, ""))
    return stations


def _at(finding: Finding, state: FindingState) -> str:
    return "now" if finding.state == state else "later"


def _station(at: str, title: str, when: Any, who: str, due: date | None = None) -> Station:
    said = formats.daytime(timezone.localtime(when)) if when else ""
    if not said and due is not None and at != "done":
        said = f"{formats.day(due)}前"
    return Station(at=at, title=title, when=said, who=who)


def finding_url(actor: Actor, finding: Finding | None) -> str:
    """Where another finding opens; ``""`` for none, or where it is of a unit they may not see."""
    if finding is None or not queries.FINDINGS.sees_row(actor, finding.pk):
        return ""
    return addresses.maybe("space:finding", finding.pk)


def links(actor: Actor, finding: Finding) -> dict[str, str]:
    """Where the subject of a finding opens; ``""`` where this person may not look."""
    room = unit = building = person = ""
    if finding.room_id and actor.can(rooms.SEE) and rooms.sees_room(actor, finding.room_id):
        room = addresses.maybe("space:room", finding.room_id)
    if finding.building_id and actor.can(rooms.SEE) and actor.scope(rooms.SEE).everything:
        building = addresses.maybe("space:building", finding.building_id)
    if finding.unit_id and actor.can("space.standard.see"):
        unit = addresses.maybe("space:standards_unit", finding.unit_id)
    if finding.person_id and finding.person and actor.can(rooms.SEE):
        query = f"view=all&person={finding.person.name}"
        person = addresses.maybe("space:rooms_list", query=query)
    return {"room_url": room, "building_url": building, "unit_url": unit, "person_url": person}
