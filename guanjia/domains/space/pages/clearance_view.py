"""What the page of a clearance shows, in words: its state, its life, what is next."""

from datetime import date
from typing import Any

from guanjia.domains.space.acts.clearances import ACTS
from guanjia.domains.space.models import Clearance
from guanjia.domains.space.queries import clearances as reading
from guanjia.domains.space.queries import rooms
from guanjia.domains.space.rules import clearances as rules
from guanjia.domains.space.terms.clearances import ClearanceReason, ClearanceState
from guanjia.kernel.attachments import queries as attachments
from guanjia.kernel.regulations.lawbook import law_at
from guanjia.kernel.values.actor import Actor
from guanjia.ui import formats, trail
from guanjia.ui.approval.panel import Station

SUBJECT, SEE = reading.SUBJECT, reading.SEE
S = ClearanceState


def page(*, actor: Actor, clearance: Clearance, today: date) -> dict[str, Any]:
    """Everything the template shows."""
    late = clearance.is_late = clearance.is_late_on(today)
    law = law_at(clearance.begins_on)
    reason = ClearanceReason(clearance.reason)
    limit = rules.due(reason=reason, begins_on=clearance.begins_on, law=law)
    verdict = rules.in_time(
        reason=reason, begins_on=clearance.begins_on, due_on=clearance.due_on, on=today, law=law
    )
    return {
        "clearance": clearance,
        "rows": reading.rooms_of(clearance),
        "chip": clearance.chip,
        "life": life(clearance, today),
        "limit": limit,
        "late": verdict.refusals if late else (),
        "files": attachments.of(model=SUBJECT, row_id=clearance.pk),
        "records": trail.told(model=SUBJECT, pk=clearance.pk),
        "sees_rooms": actor.can(rooms.SEE),
        "acts": [act for act in ACTS if not act.makes and act.may(actor, clearance)],
    }


def life(clearance: Clearance, today: date) -> list[Station]:
    """Opened, due, handed back, accepted."""
    state, due = S(clearance.state), clearance.due_on
    opened = Station(at="done", title="发起腾退", when=formats.daytime(clearance.opened_at),
                     who=clearance.get_reason_display())  # fmt: skip
    if state is S.CALLED_OFF:
        return [opened, Station(at="stop", title="已撤销", who=clearance.state_note)]
    handed = clearance.handed_back_on is not None and state is not S.RETURNED
    found = [opened]
    if state is S.RETURNED:
        found.append(Station(at="stop", title="退回整改", who=clearance.state_note))
    if handed:
        who = clearance.handed_by.name if clearance.handed_by else ""
        when = formats.day(clearance.handed_back_on)  # type: ignore[arg-type]  # as above
        late = (clearance.handed_back_on - due).days  # type: ignore[operator]  # as above
        told = f"{who} 逾期 {late} 天".strip() if late > 0 else who
        found.append(Station(at="done", title="移交", when=when, who=told))
    else:
        left = f"逾期 {(today - due).days} 天" if due < today else str(clearance.unit)
        found.append(Station(at="now", title="移交", when=f"{formats.day(due)}前", who=left))
    when = formats.day(clearance.accepted_on) if clearance.accepted_on else ""
    who = clearance.accepted_by.name if clearance.accepted_by else "办公用房管理科"
    at = "done" if state is S.DONE else ("now" if state is S.HANDED_BACK else "later")
    return [*found, Station(at=at, title="接收", when=when, who=who)]
