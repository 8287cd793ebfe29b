"""待办 of allocations: rooms to choose and to receive, terms that end, requests that came back."""

from datetime import datetime
from typing import Any

from django.db.models import Q
from django.utils import timezone

from guanjia.domains.space.queries import allocations
from guanjia.domains.space.rules.allocations import area
from guanjia.domains.space.terms.allocations import AllocationMethod, AllocationState
from guanjia.kernel.regulations.lawbook import law_at
from guanjia.kernel.values.actor import Actor
from guanjia.kernel.values.period import noon
from guanjia.ui import formats
from guanjia.ui.registers import addresses
from guanjia.ui.waiting import RETURNED, Rank, Source, Todo, sent_back

REQUEST, GRANT = allocations.REQUEST, allocations.GRANT


def _to_choose(actor: Actor, _: datetime) -> Any:
    if not actor.can(GRANT):
        return None
    return allocations.waiting(actor.scope(GRANT), AllocationState.AGREED)


def _show_to_choose(row: Any, _: Actor, at: datetime) -> Todo:
    today = timezone.localdate(at)
    longer = row.extends_id is not None
    from_stock = row.way in {AllocationMethod.REALLOCATE, AllocationMethod.SWAP,
                             AllocationMethod.LOAN}  # fmt: skip
    verb = "签发续借" if longer else ("选房" if from_stock else "登记房屋")
    act = "grant_extension" if longer else ("grant" if from_stock else "outside")
    return Todo(
        kind="待选房",
        tone="wait",
        icon="key",
        title=f"{row.unit} {'续借' if longer else row.get_way_display()}",
        detail=formats.joined(
            area(row.wanted_m2) if row.wanted_m2 else "", row.reason[:40], row.number
        ),
        due=f"{formats.day(row.approved_on, today=today)}批准",
        url=addresses.maybe("space:allocation", row.pk),
        act_url=addresses.maybe(f"space:allocation_{act}", row.pk),
        verb=verb,
        rank=Rank.CHECK,
        due_at=noon(row.approved_on),
    )


def _to_receive(actor: Actor, _: datetime) -> Any:
    if not actor.can(REQUEST):
        return None
    return allocations.waiting(actor.scope(REQUEST), AllocationState.RESERVED)


def _show_to_receive(row: Any, _: Actor, at: datetime) -> Todo:
    day = row.since_on or timezone.localdate(at)
    return Todo(
        kind="待交接",
        tone="move",
        icon="key",
        title=f"{row.unit} {row.place}",
        detail=formats.joined(row.paper, row.number),
        due=f"{formats.day(day, today=timezone.localdate(at))}起用",
        url=addresses.maybe("space:allocation", row.pk),
        act_url=addresses.maybe("space:allocation_hand_over", row.pk),
        verb="交接",
        rank=Rank.COMPLETE,
        due_at=noon(day),
    )


def _sent_back(actor: Actor, _: datetime) -> Any:
    if not actor.person_id or not actor.can(REQUEST):
        return None
    rows = allocations.waiting(actor.scope(REQUEST), AllocationState.RETURNED)
    return rows.filter(applicant=actor.person_id)


def _show_sent_back(row: Any, _: Actor, at: datetime) -> Todo:
    return sent_back(
        row,
        title=f"{row.unit} {row.get_way_display()}用房",
        url=addresses.maybe("space:allocation", row.pk),
        # A longer loan is not mended: it is called off and asked for again from the loan.
        act_url="" if row.extends_id else addresses.maybe("space:allocation_mend", row.pk),
        verb="查看意见" if row.extends_id else "改后再交",
        due_at=row.asked_at or at,
    )


def _ending(actor: Actor, at: datetime) -> Any:
    """Loans and leases that end: a unit its own; the bureau those that nobody gives back here: of
    ledgers, and leased elsewhere."""
    if not actor.can(REQUEST):
        return None
    law = law_at(at)
    days = int(law["space.loan.remind_days"].value) if "space.loan.remind_days" in law else 0
    today, keeps = timezone.localdate(at), actor.can(GRANT)
    rows = allocations.terms_ending(
        scope=actor.scope(GRANT if keeps else REQUEST), on=today, days=0 if keeps else days
    ).filter(allocations.without_extension())
    here = Q(state=AllocationState.RECORDED) | Q(way=AllocationMethod.RENT)
    return rows.filter(here) if keeps else rows


def _show_ending(row: Any, actor: Actor, at: datetime) -> Todo:
    today = timezone.localdate(at)
    over, rented = row.last_on < today, row.way == AllocationMethod.RENT
    return Todo(
        kind=f"{row.get_way_display()}到期",
        tone="stop" if over else "wait",
        icon="calendar-due",
        title=f"{row.unit} {row.get_way_display()} {row.place}",
        detail=formats.joined(row.paper, row.number),
        due="已到期" if over else f"{formats.day(row.last_on, today=today)}到期",
        due_tone="stop" if over else "",
        url=addresses.maybe("space:allocation", row.pk),
        verb="登记归还" if actor.can(GRANT) else "续租或退租" if rented else "续借或交回",
        rank=Rank.COMPLETE,
        due_at=noon(row.last_on),
    )


SOURCES = (
    Source(key="returned", kind=RETURNED, place=250, rows=_sent_back, show=_show_sent_back),
    Source(key="space_choose", kind="待选房", place=260, rows=_to_choose, show=_show_to_choose),
    Source(key="space_receive", kind="待交接", place=270, rows=_to_receive, show=_show_to_receive),
    Source(key="space_loan", kind="借用租用到期", place=280, rows=_ending, show=_show_ending),
)
