"""What the pages of oversight show of a finding: its grounds, evidence and life, in words."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.urls import NoReverseMatch, reverse

from guanjia.domains.fleet.models import Car, Finding, GroundRow, Trip
from guanjia.domains.fleet.queries import oversight as queries
from guanjia.domains.fleet.queries.clues import cite_from
from guanjia.domains.fleet.terms.oversight import (
    FINDING_LIFE,
    FindingState,
    GroundCode,
    Level,
    Outcome,
)
from guanjia.kernel.regulations.verdict import Citation
from guanjia.kernel.values.actor import Actor
from guanjia.ui import formats
from guanjia.ui.approval.panel import Station

LEVELS = {  # level → tone, icon
    Level.RED: ("stop", "alert-octagon"),
    Level.YELLOW: ("wait", "alert-triangle"),
    Level.GREEN: ("done", "flag"),
}
# Which verb opens a page of evidence; a page nobody here knows is only named.
_OPENS = {
    "fleet:trip": "fleet.trip.see",
    "fleet:sighting": "fleet.oversight.see",
    "fleet:sealing": "fleet.seal.see",
    "fleet:cost": "fleet.cost.see",
    "fleet:fine": "fleet.fine.see",
}


@dataclass(frozen=True, kw_only=True)
class Proof:
    """A piece of evidence; without an address where this person may not open it."""

    title: str
    url: str


@dataclass(frozen=True, kw_only=True)
class GroundShown:
    """A ground as its page shows it."""

    tone: str
    icon: str
    level: str
    title: str
    headline: str
    sentence: str
    cite: Citation | None
    proofs: Sequence[Proof]
    gone: Any


@dataclass(frozen=True, kw_only=True)
class RowShown:
    """A finding as a line of a list."""

    finding: Finding
    tone: str
    icon: str
    state_tone: str
    state_icon: str
    state: str
    grounds: str
    first: str
    late: bool


def row(finding: Finding, *, today: date) -> RowShown:
    """One line: level, grounds, state, whether the unit's time is over."""
    tone, icon = LEVELS[Level(finding.level)]
    state_tone, state_icon, _ = FINDING_LIFE.chip(finding.state)
    standing = [g for g in finding.grounds.all() if g.gone_at is None] or list(
        finding.grounds.all()
    )
    names = list(dict.fromkeys(GroundCode(g.code).label for g in standing))
    gone = finding.outcome == Outcome.GONE
    return RowShown(
        finding=finding,
        tone=tone,
        icon=icon,
        state_tone="idle" if gone else state_tone,
        state_icon=state_icon,
        state=state_of(finding),
        grounds="、".join(names),
        first=standing[0].sentence if standing else "",
        late=finding.state == FindingState.OPEN and finding.due_on < today,
    )


def state_of(finding: Finding) -> str:
    """The state with what came of it: ``办结 · 不属实``."""
    said = FindingState(finding.state).label
    return f"{said} · {Outcome(finding.outcome).label}" if finding.outcome else said


def chip(finding: Finding, *, today: date) -> tuple[str, str, str]:
    """Tone, icon and word of the state; past its day it is red."""
    shown = row(finding, today=today)
    if shown.late:
        return "stop", "alarm", f"逾期未说明 {(today - finding.due_on).days} 天"
    return shown.state_tone, shown.state_icon, shown.state


def grounds(finding: Finding, *, actor: Actor) -> list[GroundShown]:
    """The grounds, those that stand first and the gravest first."""
    rows = list(finding.grounds.all())
    rows.sort(key=lambda g: (g.gone_at is not None, list(Level).index(Level(g.level)), g.pk))
    trips = _visible_trips(rows, actor)
    return [_ground(each, actor, trips) for each in rows]


def _visible_trips(rows: Iterable[GroundRow], actor: Actor) -> set[int]:
    ids = {e["id"] for g in rows for e in g.evidence if e["url_name"] == "fleet:trip"}
    if not ids or not actor.can("fleet.trip.see"):
        return set()
    seen = Trip.objects.within(actor.scope("fleet.trip.see")).filter(pk__in=ids)
    return set(seen.values_list("pk", flat=True))


def _ground(each: GroundRow, actor: Actor, trips: set[int]) -> GroundShown:
    tone, icon = LEVELS[Level(each.level)]
    return GroundShown(
        tone="idle" if each.gone_at else tone,
        icon=icon,
        level=Level(each.level).label,
        title=GroundCode(each.code).label,
        headline=each.headline,
        sentence=each.sentence,
        cite=cite_from(each.cite),
        proofs=[_proof(proof, actor, trips) for proof in each.evidence],
        gone=each.gone_at,
    )


def _proof(proof: Mapping[str, Any], actor: Actor, trips: set[int]) -> Proof:
    name = proof["url_name"]
    opens = actor.can(_OPENS.get(name, "<nobody>"))
    if name == "fleet:trip":
        opens = proof["id"] in trips
    try:
        url = reverse(name, args=[proof["id"]]) if opens else ""
    except NoReverseMatch:
        url = ""
    return Proof(title=proof["title"], url=url)


def life(finding: Finding) -> list[Station]:
    """Found, explained, decided, closed; or ended because the facts vanished."""
    state = FindingState(finding.state)
    found = Station(at="done", title="列入督车", when=formats.daytime(finding.raised_at))
    if finding.outcome == Outcome.GONE:
        when = formats.daytime(finding.closed_at) if finding.closed_at else ""
        return [found, Station(at="done", title="已消除", when=when, who="重新核查")]
    return [found, _explained(finding, state), _decided(finding, state), _closed(finding, state)]


def _explained(finding: Finding, state: FindingState) -> Station:
    if finding.explained_at and state is not FindingState.OPEN:
        who = finding.explained_by.name if finding.explained_by else ""
        when = formats.daytime(finding.explained_at)
        return Station(at="done", title="单位说明", when=when, who=who)
    if state is not FindingState.OPEN:
        return Station(at="stop", title="单位没有说明", when=f"{formats.day(finding.due_on)}到期")
    return Station(
        at="now", title="单位说明", when=f"{formats.day(finding.due_on)}前", who=str(finding.unit)
    )


def _decided(finding: Finding, state: FindingState) -> Station:
    if finding.decided_at:
        who = finding.decided_by.name if finding.decided_by else ""
        title = f"处理：{Outcome(finding.outcome).label}"
        return Station(at="done", title=title, when=formats.daytime(finding.decided_at), who=who)
    return Station(at="now" if state is FindingState.EXPLAINED else "later", title="管理科处理")


def _closed(finding: Finding, state: FindingState) -> Station:
    if finding.closed_at:
        return Station(at="done", title="办结", when=formats.daytime(finding.closed_at))
    return Station(at="now" if state is FindingState.DECIDED else "later", title="办结")


def of_trip(*, actor: Actor, trip_id: int, today: date) -> dict[str, Any]:
    """The findings about a trip, for its page; nothing for whoever sees no findings."""
    if not actor.can("fleet.oversight.see"):
        return {}
    rows = queries.of_trip(scope=actor.scope("fleet.oversight.see"), trip_id=trip_id)
    return {"rows": [row(finding, today=today) for finding in rows[:5]]}


def of_car(*, actor: Actor, car: Car, today: date) -> dict[str, Any]:
    """The latest findings about a car, for its page."""
    if not actor.can("fleet.oversight.see"):
        return {}
    rows = queries.of_car(scope=actor.scope("fleet.oversight.see"), car_id=car.pk)
    return {
        "rows": [row(finding, today=today) for finding in rows],
        "url": f"{reverse('fleet:oversight')}?state=all&words={car.plate}",
    }
