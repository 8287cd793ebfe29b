"""Quotas: a year is judged, who is over is asked why, explains, is taken or given back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils import timezone

from guanjia.domains.energy.events import QuotaCaseMoved, QuotaCasesAsked
from guanjia.domains.energy.models import QuotaCase
from guanjia.domains.energy.queries import quotas as queries
from guanjia.domains.energy.queries import totals
from guanjia.domains.energy.queries.quotas import Measured
from guanjia.domains.energy.rules import quotas as rules
from guanjia.domains.energy.terms.quotas import CASE_LIFE, OWED, CaseState, Place, QuotaMeasure
from guanjia.kernel.attachments.terms import Bounds
from guanjia.kernel.audit import actions as audit
from guanjia.kernel.events import bus
from guanjia.kernel.findings import actions as findings
from guanjia.kernel.findings.declaration import FindingKind
from guanjia.kernel.locks import advisory
from guanjia.kernel.regulations.lawbook import law_at
from guanjia.kernel.regulations.verdict import Citation
from guanjia.kernel.values.actor import Actor

JUDGE, EXPLAIN, DECIDE = queries.JUDGE, queries.EXPLAIN, queries.DECIDE
FILES = Bounds(count_max=6)
_BEYOND = "本年值超出可登记的范围，按最大值登记，先核对月报和面积"


def _due(at: datetime) -> date:
    """Until when an explanation that is asked for now is owed."""
    today = timezone.localdate(at)
    return today + timedelta(days=int(law_at(today)[rules.DAYS].value))


def _moved(row: QuotaCase, actor: Actor, at: datetime) -> QuotaCaseMoved:
    return QuotaCaseMoved(case_id=row.pk, by_id=actor.person_id, at=at)


CASES = FindingKind(
    subject=queries.CASES, stem="energy.quota", explains=EXPLAIN, decides=DECIDE, owed=OWED,
    explained=CaseState.TOLD, back=CaseState.BACK, order=Citation(title=CASE_LIFE.rule, own=True),
    files=FILES, unit=lambda row: row.institution.unit, said="说明", due=_due,
    steps={"returned": "sent_back", "decided": "accepted"},
    news=dict.fromkeys(("explained", "returned", "decided", "lapsed"), _moved),
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Judged:
    """What came of judging a year: how many are newly asked, and how many cases lapsed."""

    count: int
    lapsed: int


@transaction.atomic
def judge_year(*, actor: Actor, year: int, at: datetime) -> Judged:
    """Judge a year of the institutions in one's scope; who is over its quota is asked why.

    Safe to repeat: a case that is there stays with its figures; one that nobody has taken yet and
    whose figure is known and over no more lapses. Where no figure can be told now (the institution
    left, or its kind has no quota any more), the case stays for people to decide. A figure beyond
    what a case holds is kept as the most it holds. Needs ``energy.quota.judge``.
    """
    actor.must(JUDGE)
    advisory.advisory(JUDGE)  # who judges at the same time sees what the first asked
    today, scope = timezone.localdate(at), actor.scope(JUDGE)
    rules.may_judge(year=year, today=today).enforce()
    law = queries.law_of(year, today)
    measured = {
        (each.body.id, each.quota.measure): each
        for each in queries.measured(totals.year_of(scope, year), law)
    }
    over = {key: each for key, each in measured.items() if each.place is Place.OVER}
    there = list(
        QuotaCase.objects.within(scope)
        .select_for_update(of=("self",))
        .select_related("institution__area")
        .filter(year=year)
        .exclude(state=CaseState.LAPSED)
        .order_by("pk")
    )
    fallen = [
        (row, measured[key])
        for row in there
        if (key := (row.institution_id, QuotaMeasure(row.measure))) in measured
        and key not in over and row.state != CaseState.ACCEPTED
    ]  # fmt: skip
    known = {(row.institution_id, row.measure) for row in there}
    due = _due(at)
    made = [
        QuotaCase(
            institution_id=key[0], year=year, measure=each.quota.measure,
            value=min(each.value, rules.VALUE_MAX), bound=each.quota.bound or 0,
            article=each.quota.cite.line(), checked=not each.quota.cite.unchecked,
            since=each.quota.since, months=each.body.months, state=CaseState.ASKED, raised_at=at,
            due_on=due,
        )
        for key, each in over.items()
        if key not in known
    ]  # fmt: skip
    _ask(actor, made, at)
    return Judged(count=len(made), lapsed=_lapse(actor, fallen, at))


def _ask(actor: Actor, made: list[QuotaCase], at: datetime) -> None:
    QuotaCase.objects.bulk_create(made, batch_size=500)
    ids = tuple(row.pk for row in made)
    rows = QuotaCase.objects.filter(pk__in=ids).select_related("institution__area")
    audit.record_many(
        audit.entry(
            actor=actor, verb="energy.quota.asked", on=row, at=at,
            after={"value": row.value, "bound": row.bound, "article": row.article,
                   "due_on": row.due_on},
            note=_BEYOND if row.value >= rules.VALUE_MAX else "",
        )
        for row in rows.order_by("pk")
    )  # fmt: skip
    if ids:
        bus.publish(QuotaCasesAsked(case_ids=ids, urged=False, at=at))


def _lapse(actor: Actor, rows: Sequence[tuple[QuotaCase, Measured]], at: datetime) -> int:
    for row, now in rows:
        findings.close(
            CASES, actor=actor, row=row, facts={"state": CaseState.LAPSED}, closing=_why(now),
            at=at, step="lapsed",
        )  # fmt: skip
    return len(rows)


def _why(now: Measured) -> str:
    if now.quota.bound is None:
        return "这类机构的定额现在没有约束值"
    return f"现在的本年值为 {now.value.normalize():f}，不超过约束值 {now.quota.bound.normalize():f}"


@transaction.atomic
def explain(
    *, actor: Actor, quota_id: int, explanation: str, files: Sequence[int] = (), at: datetime
) -> QuotaCase:
    """An institution says why it used more than its quota, with papers where there are some.

    Needs ``energy.quota.explain`` for it.
    """
    cite = law_at(timezone.localdate(at))[rules.DEMANDS].cite
    row: QuotaCase = findings.explain(
        CASES, actor=actor, pk=quota_id, explanation=explanation, files=files, at=at,
        may=lambda _: rules.explained(words=explanation, cite=cite),
    )  # fmt: skip
    return row


@transaction.atomic
def accept(*, actor: Actor, quota_id: int, decision: str = "", at: datetime) -> QuotaCase:
    """The bureau takes an explanation; needs ``energy.quota.decide``."""
    row: QuotaCase = findings.held(
        CASES, actor=actor, pk=quota_id, act="采纳", when=(CaseState.TOLD,)
    )
    findings.decide(
        CASES, actor=actor, row=row, facts={"state": CaseState.ACCEPTED}, decision=decision,
        at=at, must=False,
    )  # fmt: skip
    return row


@transaction.atomic
def send_back(*, actor: Actor, quota_id: int, comment: str, at: datetime) -> QuotaCase:
    """The bureau gives an explanation back with reasons; it is owed again from today on."""
    row: QuotaCase = findings.send_back(CASES, actor=actor, pk=quota_id, comment=comment, at=at)
    return row


def remind(*, actor: Actor, at: datetime) -> int:
    """Remind of explanations that are due in a few days, and of those late since yesterday."""
    today = timezone.localdate(at)
    days = int(law_at(today)[rules.REMIND].value)
    ids = tuple(
        QuotaCase.objects.within(actor.scope(JUDGE))
        .filter(
            state__in=OWED,
            due_on__in=[today + timedelta(days=days), today - timedelta(days=1)],
        )
        .order_by("pk")
        .values_list("pk", flat=True)
    )
    if ids:
        bus.publish(QuotaCasesAsked(case_ids=ids, urged=True, at=at))
    return len(ids)
