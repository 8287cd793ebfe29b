"""Reminding both sides (到期提醒): of loans and leases that end, of rooms to be given back."""

from datetime import datetime, timedelta

from django.db import transaction

from guanjia.domains.space.actions.allocations import day_of
from guanjia.domains.space.events import ClearanceDue, LoanEnding
from guanjia.domains.space.queries import allocations, clearances
from guanjia.kernel.events import bus
from guanjia.kernel.regulations.lawbook import LawInForce, law_at
from guanjia.kernel.values.actor import Actor, Scope

FIRST, AGAIN = "space.loan.remind_days", "space.loan.remind_again_days"
CLEARANCE = "space.clearance.remind_days"
ACCEPT = "space.allocation.accept"


@transaction.atomic
def remind(*, actor: Actor, at: datetime) -> tuple[int, int]:
    """Tell of loans and leases before and at their end, of clearances before and after their day.

    By the daily job. Safe to run often: every stage is told once (``once`` of the notices), and a
    day that was missed is made up. Returns how many loans and leases and how many
    clearances were spoken of.
    """
    actor.must(ACCEPT)
    scope, law = actor.scope(ACCEPT), law_at(at)
    return _loans(scope, law, at), _clearances(scope, law, at)


def _loans(scope: Scope, law: LawInForce, at: datetime) -> int:
    today = day_of(at)
    stages = [int(law[key].value) for key in (FIRST, AGAIN) if key in law]
    if not stages:
        return 0
    rows = allocations.terms_ending(scope=scope, on=today, days=max(stages))
    told = 0
    for loan in rows.filter(allocations.without_extension()):
        left = (loan.last_on - today).days if loan.last_on else 0
        stage = min((days for days in (*stages, 0) if days >= left), default=0)
        bus.publish(LoanEnding(allocation_id=loan.pk, days=stage, at=at))
        told += 1
    return told


def _clearances(scope: Scope, law: LawInForce, at: datetime) -> int:
    if CLEARANCE not in law:
        return 0
    today, days = day_of(at), int(law[CLEARANCE].value)
    told = 0
    for clearance in clearances.due_soon(scope=scope, on=today, days=days):
        late = today - clearance.due_on
        turn = max(late // timedelta(days=days), 0)
        bus.publish(ClearanceDue(clearance_id=clearance.pk, late=late.days > 0, turn=turn, at=at))
        told += 1
    return told
