"""Quotas: a year is judged, who is over is asked why, explains, is taken or given back."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from guanjia.domains.energy.events import QuotaCaseMoved, QuotaCasesAsked
from guanjia.domains.energy.models import QuotaCase
from guanjia.domains.energy.queries import quotas as queries
from guanjia.domains.energy.queries import totals
from guanjia.domains.energy.queries.quotas import Measured
from guanjia.domains.energy.rules import quotas as rules
from guanjia.domains.energy.terms.quotas import OWED, CaseState, Place, QuotaMeasure
from guanjia.kernel.attachments import actions as attachments
from guanjia.kernel.attachments.terms import Bounds
from guanjia.kernel.audit import actions as audit
from guanjia.kernel.events import bus
from guanjia.kernel.locks import advisory
from guanjia.kernel.regulations.lawbook import law_at
from guanjia.kernel.values.actor import Actor

JUDGE, EXPLAIN, DECIDE = queries.JUDGE, queries.EXPLAIN, queries.DECIDE
FILES = Bounds(count_max=6)
_BEYOND = "本年值超出可登记的范围，按最大值登记，先核对月报和面积"


@transaction.atomic
def judge_year(*, actor: Actor, year: int, at: datetime) -> tuple[int, int]:
    """Judge a year of the institutions in one's scope; who is over its quota is asked why.

    Safe to repeat: a case that is there stays with its figures; one that nobody has taken yet and
    whose figure is known and over no more lapses. Where no figure can be told now (the institution
    left, or its kind has no quota any more), the case stays for people to decide. A figure beyond
    what a case holds is kept as the most it holds. Needs ``energy.quota.judge``. Returns how many
    were asked, and how many cases lapsed.
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
    due = today + timedelta(days=int(law_at(today)[rules.DAYS].value))
    made = [
        QuotaCase(
            institution_id=key[0], year=year, measure=each.quota.measure,
            value=min(each.value, rules.VALUE_MAX), bound=each.quota.bound or 0,
            article=each.quota.cite.line(), checked=not each.quota.cite.unchecked,
            since=each.quota.since, months=each.body.months, state=CaseState.ASKED, asked_at=at,
            due_on=due,
        )
        for key, each in over.items()
        if key not in known
    ]  # fmt: skip
    _ask(actor, made, at)
    return len(made), _lapse(actor, fallen, at)


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
        before = audit.facts_of(row, "state")
        row.state = CaseState.LAPSED
        row.save(update_fields=["state"])
        audit.record(
            actor=actor, verb="energy.quota.lapsed", on=row, at=at, before=before,
            after=audit.facts_of(row, "state"),
            note=_why(now),
        )  # fmt: skip
        bus.publish(QuotaCaseMoved(case_id=row.pk, by_id=actor.person_id, at=at))
    return len(rows)


def _why(now: Measured) -> str:
    if now.quota.bound is None:
        return "这类机构的定额现在没有约束值"
    return f"现在的本年值为 {now.value.normalize():f}，不超过约束值 {now.quota.bound.normalize():f}"


@transaction.atomic
def explain(
    *, actor: Actor, case_id: int, words: str, files: Sequence[int] = (), at: datetime
) -> QuotaCase:
    """An institution says why it used more than its quota, with papers where there are some.

    Needs ``energy.quota.explain`` for it.
    """
    case = _locked(actor, EXPLAIN, case_id)
    cite = law_at(timezone.localdate(at))[rules.DEMANDS].cite
    rules.may_explain(state=CaseState(case.state), words=words, cite=cite).enforce()
    if files:
        attachments.claim(actor=actor, ids=files, subject=case, bounds=FILES, at=at)
    return _move(
        actor, case, CaseState.TOLD, "energy.quota.explained", at, words=words.strip(),
        told_at=at, told_by_id=actor.person_id,
    )  # fmt: skip


@transaction.atomic
def accept(*, actor: Actor, case_id: int, words: str = "", at: datetime) -> QuotaCase:
    """The bureau takes an explanation; needs ``energy.quota.decide``."""
    case = _locked(actor, DECIDE, case_id)
    rules.may_answer(state=CaseState(case.state), words=words, back=False).enforce()
    return _move(
        actor, case, CaseState.ACCEPTED, "energy.quota.accepted", at, answer=words.strip(),
        answered_at=at,
    )  # fmt: skip


@transaction.atomic
def send_back(*, actor: Actor, case_id: int, words: str, at: datetime) -> QuotaCase:
    """The bureau gives an explanation back with reasons; it is owed again from today on."""
    case = _locked(actor, DECIDE, case_id)
    rules.may_answer(state=CaseState(case.state), words=words, back=True).enforce()
    today = timezone.localdate(at)
    due = today + timedelta(days=int(law_at(today)[rules.DAYS].value))
    return _move(
        actor, case, CaseState.BACK, "energy.quota.sent_back", at, answer=words.strip(),
        answered_at=at, due_on=due,
    )  # fmt: skip


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


def _locked(actor: Actor, verb: str, case_id: int) -> QuotaCase:
    actor.must(verb)
    case: QuotaCase = (
        QuotaCase.objects.within(actor.scope(verb))
        .select_for_update(of=("self",))
        .select_related("institution__area")
        .get(pk=case_id)
    )
    return case


def _move(
    actor: Actor, case: QuotaCase, state: CaseState, verb: str, at: datetime, **facts: Any
) -> QuotaCase:
    names = ("state", *(name.removesuffix("_id") for name in facts))
    before = audit.facts_of(case, *names)
    case.state = state
    for name, value in facts.items():
        setattr(case, name, value)
    case.save(update_fields=["state", *facts])
    audit.record(
        actor=actor, verb=verb, on=case, at=at, before=before,
        after=audit.facts_of(case, *names), note=str(facts.get("answer", "")),
    )  # fmt: skip
    bus.publish(QuotaCaseMoved(case_id=case.pk, by_id=actor.person_id, at=at))
    return case
