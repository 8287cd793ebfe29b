"""What the front hall puts into 待办: cases to decide, and steps that found nobody."""

from datetime import datetime
from typing import Any

from guanjia.kernel.approvals import queries as approvals
from guanjia.kernel.approvals.terms import Origin
from guanjia.kernel.values.actor import Actor
from guanjia.ui import formats, waiting
from guanjia.ui.registers import addresses
from guanjia.ui.waiting import Rank, Source, Todo, moment_words


def _to_decide(actor: Actor, _: datetime) -> Any:
    """Cases that no department shows with a line of its own."""
    if not actor.person_id:
        return None
    seats = approvals.waiting_for(actor).exclude(origin=Origin.KEEPER)
    told = [each.tells_cases_of for each in waiting.sources() if each.tells_cases_of]
    return seats.exclude(step__case__subject_type__in=told)


def _to_name(actor: Actor, _: datetime) -> Any:
    """Steps that found nobody: the keeper of routes says who decides."""
    if not actor.can("approvals.keep"):
        return None
    return approvals.waiting_for(actor).filter(origin=Origin.KEEPER)


def _show_seat(seat: Any, _: Actor, at: datetime) -> Todo:
    step, case = seat.step, seat.step.case
    names = seat.origin == Origin.KEEPER
    late = step.due_at is not None and step.due_at < at
    due = (
        f"{moment_words(step.due_at, at=at)} 前"
        if step.due_at
        else f"{moment_words(seat.active_at, at=at)} 到"
    )
    return Todo(
        kind="待指定审批人" if names else "待审批",
        tone="stop" if names or late else "wait",
        icon="user-search" if names else "gavel",
        title=f"{case.unit} {case.summary or case.subject_label}",
        detail=formats.joined(case.route_title, step.title, case.applicant, case.subject_label),
        due=due,
        due_tone="stop" if late else "",
        url=addresses.maybe("portal:case", case.pk),
        verb="指定审批人" if names else "审批",
        rank=Rank.DECIDE,
        due_at=step.due_at or seat.active_at,
    )


SOURCES = (
    Source(key="decide", kind="待审批", place=20, rows=_to_decide, show=_show_seat),
    Source(key="name", kind="待指定审批人", place=30, rows=_to_name, show=_show_seat),
)
