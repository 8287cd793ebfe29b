"""One approval on a page of any department: what this person may do, and the whole story.

The page of a department asks once (``show``) and hands the answer to the tags of ``gj_approval``.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.utils import timezone

from guanjia.kernel.approvals import moving, queries, seating
from guanjia.kernel.approvals.actions import sharing
from guanjia.kernel.approvals.models import Act, Case, CaseStep, Seat
from guanjia.kernel.approvals.terms import ActKind, CaseState, Origin, SeatState, StepState
from guanjia.kernel.org.models import Person
from guanjia.kernel.values.actor import Actor
from guanjia.ui import formats
from guanjia.ui.approval import kept as kept_acts
from guanjia.ui.approval import lines
from guanjia.ui.approval.kept import Kept
from guanjia.ui.approval.lines import Line

PHRASES = ("同意", "情况属实，同意", "请补充材料")
_PHRASES_MAX = 8
_OWN_PHRASES = 3  # one's own last words stand before the common ones
_OWN_LOOKED = 40
_OWN_LENGTH = 20  # what is longer was written for one case only
PEOPLE_MAX = 400
STATIONS_MAX = 3  # of more steps the life line tells how many are done
_ACTS = ("agree", "return", "hand_over", "add", "copy", "urge", "stop", "withdraw")

Told = Sequence[tuple[datetime, Line]]


@dataclass(frozen=True, kw_only=True)
class Station:
    """A station of a life line: ``at`` is done, now, later or stop."""

    at: str
    title: str
    when: str = ""
    who: str = ""


@dataclass(frozen=True, kw_only=True)
class Decide:
    """The part of the person who is to decide; ``keeper`` only says who decides."""

    step_id: int
    title: str
    behalf: str
    keeper: bool
    signature: bool
    targets: tuple[tuple[str, str], ...]


@dataclass(frozen=True, kw_only=True)
class Shown:
    """Everything the tags show; ``waits`` says why somebody who sits there cannot act yet."""

    case: Case
    title: str
    story: tuple[Line, ...]
    stations: tuple[Station, ...]
    decide: Decide | None
    waits: str
    withdraw: bool
    urge: bool
    urge_from: str
    copies: bool
    stops: bool
    people: Sequence[Person]
    phrases: tuple[str, ...]
    kept: Kept
    urls: Mapping[str, str] = field(default_factory=dict)


def show(
    *,
    request: HttpRequest,
    actor: Actor,
    case: Case,
    at: datetime,
    told: Told = (),
    after: Sequence[Line] = (),
    phrases: Sequence[str] = (),
) -> Shown:
    """The approval for this person at this moment.

    ``told``: what the department did besides, sorted in by its time; ``after``: who has it once
    the approval is over; ``phrases``: words that the department's approvers use.
    """
    acts, steps = queries.history(case), queries.steps(case)
    table = _table(steps)
    keeps = queries.keeps(actor=actor, case=case)
    mine = case.applicant_id is not None and case.applicant_id == actor.person_id
    seat = None if mine else queries.seat_of(actor=actor, case=case)
    decide = _decide(seat, steps) if seat is not None else None
    open_case = case.state in (CaseState.RUNNING, CaseState.RETURNED)
    urge, urge_from = _urging(case, at) if mine or keeps else (False, "")
    copies = open_case and queries.involved(actor=actor, case=case)
    return Shown(
        case=case,
        title=f"{case.route_title} 第 {case.version} 版",
        story=(
            *_done(acts, told, many_steps=len(steps) > 1),
            *_waiting(case, steps, table, actor=actor, keeps=keeps, at=at),
            *after,
        ),
        stations=tuple(stations(steps, acts, table)),
        decide=decide,
        waits=_waits(case, actor) if decide is None and not mine else "",
        withdraw=mine and open_case,
        urge=urge and decide is None,
        urge_from=urge_from,
        copies=copies,
        stops=open_case and not mine and (keeps or decide is not None),
        people=_people(actor, case, table) if copies or decide is not None else [],
        phrases=_phrases(actor, phrases) if decide is not None else (),
        kept=kept_acts.take(request, case_id=case.pk),
        urls={name: lines.address(f"portal:case_{name}", case.pk) for name in _ACTS},
    )


def _decide(seat: Seat, steps: Sequence[CaseStep]) -> Decide:
    step = seat.step
    done = (StepState.AGREED, StepState.CARRIED)
    earlier = [s for s in steps if s.position < step.position and s.state in done]
    return Decide(
        step_id=step.pk,
        title=step.title,
        behalf=seat.on_behalf.name if seat.on_behalf else "",
        keeper=seat.origin == Origin.KEEPER,
        signature=step.signature,
        targets=(("", "申请人"), *((str(s.position), s.title) for s in reversed(earlier))),
    )


def _people(actor: Actor, case: Case, table: moving.Table | None) -> list[Person]:
    """Whom one may draw in: colleagues who do not sit on the step already."""
    seated = {seat.person_id for seat in table.seats} if table is not None else set()
    found = queries.colleagues(actor=actor, case=case).exclude(pk__in=seated)
    return list(found[:PEOPLE_MAX])


def _waits(case: Case, actor: Actor) -> str:
    """Whoever added somebody to go first sees that they wait for them; whose turn comes, that."""
    mine = next((s for s in queries.open_seats(case) if s.person_id == actor.person_id), None)
    if mine is None or mine.state == SeatState.ACTIVE:
        return ""
    if mine.state == SeatState.PAUSED:
        return "等您加签的人办完，再由您办。"
    return "前面的人办完后由您办。"


def _urging(case: Case, at: datetime) -> tuple[bool, str]:
    """Whether one may urge now, and from when on if somebody just did."""
    if case.state != CaseState.RUNNING:
        return False, ""
    _, again = sharing.urged(case)
    if again is None or again <= at:
        return True, ""
    return False, f"{formats.daytime(again, style='near', today=timezone.localdate(at))} 后可再催"


def _phrases(actor: Actor, of_department: Sequence[str]) -> tuple[str, ...]:
    """One's own last short words first, then the common ones, each once."""
    said = (
        Act.objects.filter(
            person_id=actor.person_id or -1, kind__in=[ActKind.AGREE, ActKind.RETURN]
        )
        .exclude(comment="")
        .order_by("-pk")
        .values_list("comment", flat=True)[:_OWN_LOOKED]
    )
    own = list(dict.fromkeys(text for text in said if len(text) <= _OWN_LENGTH))[:_OWN_PHRASES]
    # One with and one without 。 are the same; a button shows none.
    shown = dict.fromkeys(phrase.rstrip("。") for phrase in (*own, *PHRASES, *of_department))
    return tuple(shown)[:_PHRASES_MAX]


# ── the story ────────────────────────────────────────────────────────────────────────────


def _table(steps: Sequence[CaseStep]) -> moving.Table | None:
    """The seats of the active step, read once."""
    active = next((step for step in steps if step.state == StepState.ACTIVE), None)
    return moving.Table(active) if active is not None else None


def _done(acts: Sequence[Act], told: Told, *, many_steps: bool) -> list[Line]:
    """What was done, oldest first, with what the department did besides."""
    done = [(act.at, lines.of_act(act, many_steps=many_steps)) for act in acts]
    return [line for _, line in sorted([*done, *told], key=lambda pair: pair[0])]


def _waiting(
    case: Case,
    steps: Sequence[CaseStep],
    table: moving.Table | None,
    *,
    actor: Actor,
    keeps: bool,
    at: datetime,
) -> Iterator[Line]:
    """Who has it, then the steps ahead with their people; nothing once it is over."""
    if case.state != CaseState.RUNNING or table is None:
        return
    yield lines.holding(table, at=at, person_id=actor.person_id, keeps=keeps, case_id=case.pk)
    for step in steps:
        if step.state == StepState.AHEAD:
            who = seating.sittings(step, case=case, at=at)
            yield lines.coming(step.title, step.mode, who)


def stations(
    steps: Sequence[CaseStep], acts: Sequence[Act], table: moving.Table | None
) -> list[Station]:
    """The steps of the present round for a life line; of more than three, how many are done."""
    found = [_station(step, acts, table) for step in steps]
    if len(found) <= STATIONS_MAX:
        return found
    done = [station for station in found if station.at == "done"]
    now = next((station for station in found if station.at == "now"), None)
    title = f"审批 {len(done)}/{len(found)}"
    if len(done) == len(found):
        return [Station(at="done", title=title, when=done[-1].when, who=done[-1].who)]
    if now is None:
        return [Station(at="later", title=title)]
    return [Station(at="now", title=title, when=now.when, who=f"{now.title} {now.who}".rstrip())]


def _station(step: CaseStep, acts: Sequence[Act], table: moving.Table | None) -> Station:
    if step.state == StepState.ACTIVE:
        seats = table.seats if table else []
        active = [s for s in seats if s.state == SeatState.ACTIVE]
        who = [lines.named(s.person, s.on_behalf) for s in active]
        vacant = active and all(s.origin == Origin.KEEPER for s in active)
        when = "等指定审批人" if vacant else "等审批"
        return Station(at="now", title=step.title, when=when, who=lines.joined(who, most=2))
    if step.state == StepState.CARRIED:
        return Station(at="done", title=step.title, when="沿用上次同意")
    if step.state == StepState.AGREED and step.decided_at is not None:
        who_agreed = lines.decided(step, acts)
        when = formats.daytime(step.decided_at)
        return Station(at="done", title=step.title, when=when, who=who_agreed)
    return Station(at="later", title=step.title)


# ── what comes after ─────────────────────────────────────────────────────────────────────

NextLine = Callable[[int, datetime], str]
_next_lines: dict[str, NextLine] = {}


def tell_next(model: str, says: NextLine) -> None:
    """A department says who has a row once its approval is over: ``等某人办理``."""
    _next_lines[model] = says


def waiting_line(case: Case) -> str:
    """Who is to act on a case under way: ``等余建国审批``; of keepers, that they name somebody."""
    seats = [s for s in queries.open_seats(case) if s.state == SeatState.ACTIVE]
    does = "指定审批人" if all(s.origin == Origin.KEEPER for s in seats) else "审批"
    return f"等{lines.joined([str(s.person) for s in seats])}{does}" if seats else ""


def next_line(*, case: Case, at: datetime) -> str:
    """In whose hands a case is now: ``等余建国审批``; after it what the department says."""
    if case.state == CaseState.RUNNING:
        return waiting_line(case)
    if case.state == CaseState.AGREED:
        says: Any = _next_lines.get(case.subject_type)
        return (says(case.subject_id, at) if says else "") or "审批办结"
    return ""
