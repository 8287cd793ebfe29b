"""How a case moves: reaching a step, seating its people, settling it, and going on.

Everything here runs under the lock of the case (``locking``).
"""

import math
from collections.abc import Sequence
from datetime import datetime
from fractions import Fraction

from django.db.models import QuerySet

from guanjia.kernel.approvals import seating
from guanjia.kernel.approvals.events import StepReached
from guanjia.kernel.approvals.models import Case, CaseStep, Seat
from guanjia.kernel.approvals.seating import Sitting
from guanjia.kernel.approvals.telling import SYSTEM, publish, tell
from guanjia.kernel.approvals.terms import (
    OPEN_SEATS,
    ActKind,
    CaseState,
    Mode,
    Origin,
    SeatState,
    StepState,
)
from guanjia.kernel.calendar import hours
from guanjia.kernel.regulations.lawbook import NotInForce
from guanjia.kernel.regulations.verdict import refuse

_GONE = (SeatState.HANDED, SeatState.REMOVED)
_ALONE = (Mode.ANY, Mode.ONE)


def steps_of(case: Case) -> "QuerySet[CaseStep]":
    """The steps of the case's present round, in order."""
    return case.steps.filter(round=case.round).order_by("position")


def advance(case: Case, at: datetime) -> bool:
    """Go on to the next step ahead; whether there was none and the case is agreed."""
    following = steps_of(case).filter(state=StepState.AHEAD).first()
    if following is None:
        case.state, case.closed_at = CaseState.AGREED, at
        case.save(update_fields=["state", "closed_at"])
        return True
    reach(following, case, at)
    return False


def reach(step: CaseStep, case: Case, at: datetime) -> None:
    """Make a step the active one and seat its people anew."""
    step.state, step.visit, step.active_at = StepState.ACTIVE, step.visit + 1, at
    step.due_at = _due(step, at)
    step.decided_by = step.decided_at = step.reminded_at = step.escalated_at = None
    step.save(
        update_fields=[
            "state",
            "visit",
            "active_at",
            "due_at",
            "decided_by",
            "decided_at",
            "reminded_at",
            "escalated_at",
        ]
    )
    seat(step, case, seating.sittings(step, case=case, at=at), at)


def _due(step: CaseStep, at: datetime) -> datetime | None:
    if step.hours is None:
        return None
    try:
        return hours.after(at, step.hours)
    except NotInForce:  # a case of a time before the hours of the office were written down
        return None


def seat(step: CaseStep, case: Case, sittings: Sequence[Sitting], at: datetime) -> None:
    """Give people seats on the active step; refuses when there is nobody to give one to."""
    if not sittings:
        refuse(
            "nobody_next",
            f"还没有人能办“{step.title}”。",
            "请安全管理员授予职责，或请流程管理员指定审批人，再提交。",
        ).enforce()
    taken = step.seats.filter(visit=step.visit).count()
    in_turn = step.mode == Mode.TURN and sittings[0].origin is not Origin.KEEPER
    waiting = step.seats.filter(visit=step.visit, state__in=OPEN_SEATS).exists()
    made = [
        Seat(
            step=step,
            visit=step.visit,
            place=taken + i,
            person=sitting.person,
            origin=sitting.origin,
            on_behalf=sitting.on_behalf,
            state=SeatState.AHEAD if in_turn and (i or waiting) else SeatState.ACTIVE,
            active_at=None if in_turn and (i or waiting) else at,
        )
        for i, sitting in enumerate(sittings)
    ]
    Seat.objects.bulk_create(made)
    for sitting in sittings:
        if sitting.on_behalf is not None:
            tell(
                case=case,
                actor=SYSTEM,
                kind=ActKind.LEND,
                step=step,
                to=f"{sitting.person.name}（代 {sitting.on_behalf.name}）",
                at=at,
            )
    _tell_reached(case, step, [s for s in made if s.state == SeatState.ACTIVE])


def _tell_reached(case: Case, step: CaseStep, seats: Sequence[Seat]) -> None:
    if seats:
        people = tuple(each.person_id for each in seats)
        publish(StepReached, case, step_id=step.pk, person_ids=people)


def wake(case: Case, step: CaseStep, seats: Sequence[Seat], at: datetime) -> None:
    """Make seats the present ones and tell their people."""
    for each in seats:
        each.state, each.active_at = SeatState.ACTIVE, at
        each.save(update_fields=["state", "active_at"])
    _tell_reached(case, step, seats)


def seats_of(step: CaseStep) -> list[Seat]:
    """Every seat of the step's present visit, in order."""
    rows = step.seats.filter(visit=step.visit).select_related("person", "on_behalf")
    return list(rows.order_by("place", "pk"))


class Table:
    """The seats of one visit of a step and what they come to. Reads once, answers often."""

    def __init__(self, step: CaseStep) -> None:
        self.step = step
        self.seats = [each for each in seats_of(step) if each.state not in _GONE]
        self.tops = [each for each in self.seats if each.asked_by_id is None]

    def added(self, to: Seat, origin: Origin) -> list[Seat]:
        """The seats somebody added before or after their own."""
        return [s for s in self.seats if s.asked_by_id == to.pk and s.origin == origin]

    def done(self, one: Seat) -> bool:
        """Whether a seat agreed, and whoever was to follow it too."""
        return one.state == SeatState.AGREED and all(
            self.done(each) for each in self.added(one, Origin.AFTER)
        )

    def voters(self) -> list[Seat]:
        """The seats that count in a 会签: not those who only say who decides."""
        return [s for s in self.tops if s.origin not in (Origin.KEEPER, Origin.ESCALATED)]

    def wanted(self) -> int:
        """How many of a 会签 must agree."""
        return max(1, math.ceil(Fraction(len(self.voters()) * self.step.share, 100)))

    def reachable(self) -> bool:
        """Whether as many as must agree still can."""
        can = [s for s in self.voters() if s.state != SeatState.RETURNED]
        return len(can) >= self.wanted()

    def settled(self) -> bool:
        """Whether the step is agreed."""
        if self.step.mode in _ALONE:
            return any(self.done(top) for top in self.tops)
        voters = self.voters()
        agreed = sum(self.done(each) for each in voters)
        if self.step.mode == Mode.ALL:
            return bool(voters) and agreed >= self.wanted()
        return bool(voters) and agreed == len(voters)


def settle(case: Case, step: CaseStep, at: datetime, *, by: int | None) -> bool:
    """Draw the consequences of what was decided on the active step; whether the case is agreed.

    ``by``: the person whose decision this is. Wakes who comes next, drops who is no longer needed,
    and goes on when the step is agreed.
    """
    table = Table(step)
    if table.settled():
        drop_open(step)
        step.state, step.decided_by_id, step.decided_at = StepState.AGREED, by, at
        step.save(update_fields=["state", "decided_by", "decided_at"])
        return advance(case, at)
    if step.mode in _ALONE and any(top.state == SeatState.AGREED for top in table.tops):
        # The first one's decision counts; only whoever that one added is still to come.
        for top in table.tops:
            if top.state in OPEN_SEATS:
                _drop_with_added(table, top)
    _wake_next(case, table, at)
    return False


def _wake_next(case: Case, table: Table, at: datetime) -> None:
    ready = [
        each
        for each in table.seats
        if each.state == SeatState.PAUSED
        and all(table.done(child) for child in table.added(each, Origin.BEFORE))
    ]
    for each in table.seats:
        if each.state == SeatState.AGREED:
            ready += [
                child for child in table.added(each, Origin.AFTER) if child.state == SeatState.AHEAD
            ]
    if table.step.mode == Mode.TURN and not ready:
        busy = [t for t in table.tops if t.state in (SeatState.ACTIVE, SeatState.PAUSED)]
        waiting = [t for t in table.tops if t.state == SeatState.AHEAD]
        over = all(table.done(t) for t in table.tops if t.state == SeatState.AGREED)
        if not busy and over and waiting:
            ready = waiting[:1]
    wake(case, table.step, ready, at)


def drop_added(step: CaseStep, one: Seat) -> None:
    """Whom a person added need not decide any more, for the person themselves decided otherwise."""
    table = Table(step)
    for child in [*table.added(one, Origin.BEFORE), *table.added(one, Origin.AFTER)]:
        _drop_with_added(table, child)


def remove_with_added(one: Seat) -> None:
    """Take a seat away, and the open ones of whom its person added."""
    for child in one.asked.filter(state__in=OPEN_SEATS):
        remove_with_added(child)
    one.state = SeatState.REMOVED
    one.save(update_fields=["state"])


def _drop_with_added(table: Table, one: Seat) -> None:
    for child in [*table.added(one, Origin.BEFORE), *table.added(one, Origin.AFTER)]:
        _drop_with_added(table, child)
    if one.state in OPEN_SEATS:
        one.state = SeatState.DROPPED
        one.save(update_fields=["state"])


def drop_open(step: CaseStep) -> None:
    """Nobody is to decide on this visit any more."""
    step.seats.filter(visit=step.visit, state__in=OPEN_SEATS).update(state=SeatState.DROPPED)


def leave(case: Case, state: CaseState, at: datetime | None) -> None:
    """Take the case out of everybody's hands; ``at`` closes it."""
    for step in steps_of(case).filter(state__in=[StepState.ACTIVE, StepState.AHEAD]):
        drop_open(step)
        step.state = StepState.DROPPED
        step.save(update_fields=["state"])
    case.state, case.closed_at = state, at
    case.save(update_fields=["state", "closed_at"])
