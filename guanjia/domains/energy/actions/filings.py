"""Filings on their way: opened for a period, sent, handed on, given back, locked, opened again."""

from collections.abc import Collection
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from guanjia.domains.energy.events import FilingMoved, FilingsOpened, FilingsUrged
from guanjia.domains.energy.models import Filing, Institution
from guanjia.domains.energy.queries import filings as queries
from guanjia.domains.energy.rules import filings as rules
from guanjia.domains.energy.terms.returns import WRITABLE, FilingKind, FilingState
from guanjia.kernel.acts.changing import change, locked
from guanjia.kernel.audit import actions as audit
from guanjia.kernel.events import bus
from guanjia.kernel.regulations.lawbook import law_at
from guanjia.kernel.regulations.verdict import refuse
from guanjia.kernel.values.actor import Actor

FILINGS = queries.FILINGS
FILL, REVIEW, ACCEPT, OPEN = queries.FILL, queries.REVIEW, queries.ACCEPT, queries.OPEN
S = FilingState


@transaction.atomic
def open_period(*, actor: Actor, kind: FilingKind, first: date, at: datetime) -> int:
    """Ask every institution of the register for a period (布置报表); returns how many are new.

    Safe to repeat: institutions that joined later are asked then. Refused before the period begins.
    Needs ``energy.filing.open``.
    """
    actor.must(OPEN)
    today = timezone.localdate(at)
    if first > today:
        refuse("in_the_future", "没有布置：", "这个报告期还没有开始。", field="first").enforce()
    last = rules.last_day(kind, first)
    due = rules.due(kind, first, law_at(last))
    there = Filing.objects.filter(kind=kind, first=first).values("institution")
    wanted = Institution.objects.within(actor.scope(OPEN)).listed(min(last, today))
    made = Filing.objects.bulk_create(
        [
            Filing(institution=one, kind=kind, first=first, due_on=due, state=S.DRAFT)
            for one in wanted.exclude(pk__in=there).select_related("area").order_by("pk")
        ],
        batch_size=1000,
    )
    audit.record_many(
        audit.entry(
            actor=actor, verb="energy.filing.opened", on=one, at=at,
            after={"kind": kind, "first": first, "due_on": due},
        )
        for one in made
    )  # fmt: skip
    if made:
        bus.publish(FilingsOpened(filing_ids=tuple(one.pk for one in made), at=at))
    return len(made)


@transaction.atomic
def send(*, actor: Actor, filing_id: int, at: datetime) -> Filing:
    """An institution reports its period: to the county, or at once to the city."""
    filing: Filing = locked(
        FILINGS, actor=actor, verb=FILL, pk=filing_id, act="报送", when=WRITABLE
    )
    over = rules.last_day(FilingKind(filing.kind), filing.first) < timezone.localdate(at)
    verdict = rules.may_send(ready=queries.readiness(filing), over=over)
    facts: dict[str, Any] = {
        "state": rules.next_desk(of_city=filing.institution.area.parent_id is None)
    }
    # The first time counts for being in time: who is sent back had reported.
    if filing.sent_at is None:
        facts["sent_at"] = at
    change(
        filing, facts, actor=actor, verb="energy.filing.sent", at=at, verdict=verdict,
        news=[_moved(filing, actor, at)],
    )  # fmt: skip
    return filing


def _moved(filing: Filing, actor: Actor, at: datetime) -> FilingMoved:
    return FilingMoved(filing_id=filing.pk, by_id=actor.person_id, at=at)


@transaction.atomic
def hand_on(*, actor: Actor, filing_id: int, at: datetime) -> Filing:
    """A county found the filing right and hands it to the city."""
    filing: Filing = locked(
        FILINGS, actor=actor, verb=REVIEW, pk=filing_id, act="审核通过", when=(S.COUNTY,)
    )
    change(
        filing, {"state": S.CITY}, actor=actor, verb="energy.filing.handed_on", at=at,
        news=[_moved(filing, actor, at)],
    )  # fmt: skip
    return filing


@transaction.atomic
def send_back(*, actor: Actor, filing_id: int, reason: str, at: datetime) -> Filing:
    """A desk gives the filing back to its institution, with reasons."""
    # Whoever works at both desks gives back from the one at which it lies.
    at_city = FILINGS.reaches(actor, ACCEPT, filing_id) and queries.lies_with_city(filing_id)
    verb = ACCEPT if at_city else REVIEW
    filing: Filing = locked(
        FILINGS, actor=actor, verb=verb, pk=filing_id, act="退回", when=queries.SENDING_BACK[verb]
    )
    change(
        filing, {"state": S.SENT_BACK, "reason": reason}, actor=actor,
        verb="energy.filing.sent_back", at=at, verdict=rules.reasoned("没有退回：", reason),
        note=reason, news=[_moved(filing, actor, at)],
    )  # fmt: skip
    return filing


@transaction.atomic
def lock(*, actor: Actor, filing_id: int, at: datetime) -> Filing:
    """The city accepts the filing; its months stand from now on."""
    filing: Filing = locked(
        FILINGS, actor=actor, verb=ACCEPT, pk=filing_id, act="审定锁定", to=S.LOCKED
    )
    change(
        filing, {"state": S.LOCKED, "locked_at": at, "reason": ""}, actor=actor,
        verb="energy.filing.locked", at=at, news=[_moved(filing, actor, at)],
    )  # fmt: skip
    return filing


@transaction.atomic
def hand_on_many(*, actor: Actor, filing_ids: Collection[int], at: datetime) -> int:
    """A county hands on all of some filings, or none; returns how many."""
    rows = _all_at(actor, REVIEW, filing_ids, S.COUNTY)
    for row in rows:
        hand_on(actor=actor, filing_id=row.pk, at=at)
    return len(rows)


@transaction.atomic
def lock_many(*, actor: Actor, filing_ids: Collection[int], at: datetime) -> int:
    """The city accepts all of some filings, or none; returns how many."""
    rows = _all_at(actor, ACCEPT, filing_ids, S.CITY)
    for row in rows:
        lock(actor=actor, filing_id=row.pk, at=at)
    return len(rows)


def _all_at(
    actor: Actor, verb: str, filing_ids: Collection[int], desk: FilingState
) -> list[Filing]:
    """Some filings of the actor's scope, locked in one order; raises ``Refused`` with those that do
    not lie at the desk."""
    actor.must(verb)
    rows = Filing.objects.within(actor.scope(verb)).filter(pk__in=filing_ids)
    found = list(
        rows.select_for_update(of=("self",)).select_related("institution__area").order_by("pk")
    )
    elsewhere = [str(row.institution) for row in found if row.state != desk]
    rules.may_move_together(
        count=len(found), missing=len(set(filing_ids)) - len(found), elsewhere=elsewhere, desk=desk
    ).enforce()
    return found


@transaction.atomic
def unlock(*, actor: Actor, filing_id: int, reason: str, at: datetime) -> Filing:
    """The exception: an accepted period is opened again, and the trail says by whom and why."""
    filing: Filing = locked(
        FILINGS, actor=actor, verb=ACCEPT, pk=filing_id, act="解锁", when=(S.LOCKED,)
    )
    year = Filing.objects.filter(
        institution=filing.institution_id, kind=FilingKind.YEAR, state=S.LOCKED,
        first=filing.first.replace(month=1),
    )  # fmt: skip
    verdict = rules.may_unlock(
        reason=reason, year_locked=filing.kind == FilingKind.QUARTER and year.exists()
    )
    change(
        filing, {"state": S.SENT_BACK, "reason": reason}, actor=actor,
        verb="energy.filing.unlocked", at=at, verdict=verdict, note=reason,
        news=[_moved(filing, actor, at)],
    )  # fmt: skip
    return filing


def urging(actor: Actor) -> str:
    """Whom one may review, or accept from, one may remind (催报)."""
    return ACCEPT if actor.can(ACCEPT) else REVIEW


def urge_period(*, actor: Actor, kind: FilingKind, first: date, at: datetime) -> int:
    """Remind all that have not reported a period (一键催报); returns how many."""
    rows = Filing.objects.filter(kind=kind, first=first)
    return urge(actor=actor, filing_ids=list(rows.values_list("pk", flat=True)), at=at)


@transaction.atomic
def urge(*, actor: Actor, filing_ids: Collection[int], at: datetime) -> int:
    """Remind the institutions among these that have not reported; returns how many."""
    verb = urging(actor)
    actor.must(verb)
    rows = Filing.objects.within(actor.scope(verb)).filter(pk__in=filing_ids, state__in=WRITABLE)
    found = list(rows.select_related("institution__area").order_by("pk"))
    audit.record_many(
        audit.entry(actor=actor, verb="energy.filing.urged", on=one, at=at) for one in found
    )
    if found:
        bus.publish(FilingsUrged(filing_ids=tuple(one.pk for one in found), at=at))
    return len(found)


def open_due(*, actor: Actor, at: datetime) -> int:
    """Open the quarter and the year that are over; returns how many filings are new."""
    today = timezone.localdate(at)
    opened = 0
    for kind in FilingKind:
        running = rules.first_of(kind, today)
        before = rules.first_of(kind, running - timedelta(days=1))
        opened += open_period(actor=actor, kind=kind, first=before, at=at)
    return opened


def remind(*, actor: Actor, at: datetime) -> int:
    """Remind of filings that are due in a few days, and of those late since yesterday."""
    today = timezone.localdate(at)
    days = int(law_at(today)["energy.filing.remind_days"].value)
    rows = Filing.objects.filter(state__in=WRITABLE).filter(
        due_on__in=[today + timedelta(days=days), today - timedelta(days=1)]
    )
    return urge(actor=actor, filing_ids=list(rows.values_list("pk", flat=True)), at=at)
