"""What people do with findings (督车): explain, send back, decide, close; and the monthly list."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import Max

from guanjia.domains.fleet.events import (
    FindingDecided,
    FindingExplained,
    FindingReturned,
    FindingsLate,
    MonthlyListMade,
)
from guanjia.domains.fleet.models import Finding, MonthlyList
from guanjia.domains.fleet.queries import oversight as queries
from guanjia.domains.fleet.rules import times
from guanjia.domains.fleet.terms.oversight import DECISIONS, FILES, FindingState, Outcome
from guanjia.kernel.attachments import actions as attachments
from guanjia.kernel.attachments import retention
from guanjia.kernel.audit import actions as audit
from guanjia.kernel.calendar import queries as calendar
from guanjia.kernel.events import bus
from guanjia.kernel.locks import advisory
from guanjia.kernel.regulations.lawbook import law_at
from guanjia.kernel.regulations.verdict import Citation, refuse
from guanjia.kernel.values import digests
from guanjia.kernel.values.actor import Actor, Scope
from guanjia.kernel.values.period import Period

EXPLANATION_MAX = 1000
WORDS_MAX = 500
ORDER = Citation(title="督车事项先说明、再处理、后办结，每一步留痕", own=True)
OWN_WORDS = Citation(title="谁处理，谁不改单位的说明", own=True)


def _locked(actor: Actor, verb: str, finding_id: int) -> Finding:
    actor.must(verb)
    finding: Finding = (
        Finding.objects.within(actor.scope(verb))
        .select_for_update(of=("self",))
        .select_related("unit", "car", "trip")
        .get(pk=finding_id)
    )
    return finding


def _must_stand(finding: Finding, *states: FindingState) -> None:
    if finding.state not in states:
        now = FindingState(finding.state).label
        refuse("other_state", f"这一件{now}。", "看新内容，再决定还要不要办。", ORDER).enforce()


def _words(text: str, *, what: str, field: str, most: int = WORDS_MAX) -> str:
    words = text.strip()
    if not words or len(words) > most:
        refuse(
            f"{field}_missing", f"没有写{what}。", f"写明{what}，1 到 {most} 个字。", field=field
        ).enforce()
    return words


@transaction.atomic
def explain_finding(
    *, actor: Actor, finding_id: int, explanation: str, files: Sequence[int] = (), at: datetime
) -> Finding:
    """Say what happened (说明), with papers; by the unit (``fleet.oversight.explain``).

    May be said anew until somebody decides; not by who decides, where the unit has spoken.
    Publishes ``FindingExplained``.
    """
    finding = _locked(actor, "fleet.oversight.explain", finding_id)
    _must_stand(finding, FindingState.OPEN, FindingState.EXPLAINED)
    if is_for_the_unit_to_mend(actor, finding):
        refuse(
            "said_by_the_unit", "情况说明由单位自己改。", "要补充的，退回说明，写明缺什么。",
            OWN_WORDS,
        ).enforce()  # fmt: skip
    words = _words(explanation, what="情况说明", field="explanation", most=EXPLANATION_MAX)
    before = audit.facts_of(finding, "state", "explanation")
    finding.state, finding.explanation = FindingState.EXPLAINED, words
    finding.explained_by_id, finding.explained_at = actor.person_id, at
    finding.returned_note = ""
    finding.save(
        update_fields=["state", "explanation", "explained_by", "explained_at", "returned_note"]
    )
    audit.record(
        actor=actor, verb="fleet.finding.explained", on=finding, at=at, before=before,
        after=audit.facts_of(finding, "state", "explanation"),
    )  # fmt: skip
    if files:
        attachments.claim(
            actor=actor, ids=files, subject=finding, unit=finding.unit, bounds=FILES,
            retain_until=retention.until(at=at), at=at,
        )  # fmt: skip
    bus.publish(FindingExplained(finding_id=finding.pk))
    return finding


def is_for_the_unit_to_mend(actor: Actor, finding: Finding) -> bool:
    """Whether the unit has said its words and ``actor`` is who decides about them."""
    said = finding.explained_at is not None and finding.explained_by_id != actor.person_id
    return said and actor.can("fleet.oversight.decide")


@transaction.atomic
def return_finding(*, actor: Actor, finding_id: int, comment: str, at: datetime) -> Finding:
    """Send an explanation back (退回), saying what is missing; the unit has its time anew."""
    finding = _locked(actor, "fleet.oversight.decide", finding_id)
    _must_stand(finding, FindingState.EXPLAINED)
    words = _words(comment, what="退回意见", field="comment", most=300)
    before = audit.facts_of(finding, "state")
    finding.state, finding.returned_note, finding.reminded_on = FindingState.OPEN, words, None
    finding.due_on = _due(at)
    finding.save(update_fields=["state", "returned_note", "due_on", "reminded_on"])
    audit.record(
        actor=actor, verb="fleet.finding.returned", on=finding, at=at, before=before,
        after=audit.facts_of(finding, "state"), note=words,
    )  # fmt: skip
    bus.publish(FindingReturned(finding_id=finding.pk, by_id=actor.person_id, at=at))
    return finding


def _due(at: datetime) -> date:
    days = int(law_at(at)["fleet.oversight.explain_days"].value)
    return calendar.add_workdays(times.day_of(at), days)


@transaction.atomic
def decide_finding(
    *, actor: Actor, finding_id: int, outcome: Outcome, decision: str, at: datetime
) -> Finding:
    """Decide what it was (处理): 属实, 不属实, 整改 or 移送, with the reasons.

    Needs ``fleet.oversight.decide``. Without an explanation only when the unit's time is over.
    """
    finding = _locked(actor, "fleet.oversight.decide", finding_id)
    _must_stand(finding, FindingState.OPEN, FindingState.EXPLAINED)
    if outcome not in DECISIONS:
        refuse("outcome", "没有选处理结果。", "选一项。", field="outcome").enforce()
    if finding.state == FindingState.OPEN and times.day_of(at) <= finding.due_on:
        refuse(
            "not_explained",
            "单位还没有说明，不能处理。",
            f"说明期限到 {finding.due_on:%Y-%m-%d}，过期可直接处理。",
            law_at(at)["fleet.oversight.explain_days"].cite,
        ).enforce()
    words = _words(decision, what="处理意见", field="decision")
    before = audit.facts_of(finding, "state")
    finding.state, finding.outcome, finding.decision = FindingState.DECIDED, outcome, words
    finding.decided_by_id, finding.decided_at = actor.person_id, at
    finding.save(update_fields=["state", "outcome", "decision", "decided_by", "decided_at"])
    audit.record(
        actor=actor, verb="fleet.finding.decided", on=finding, at=at, before=before,
        after=audit.facts_of(finding, "state", "outcome", "decision"),
    )  # fmt: skip
    bus.publish(FindingDecided(finding_id=finding.pk, by_id=actor.person_id, at=at))
    return finding


@transaction.atomic
def close_finding(*, actor: Actor, finding_id: int, closing: str = "", at: datetime) -> Finding:
    """Close a decided finding (办结); what was to be mended or referred says what came of it."""
    finding = _locked(actor, "fleet.oversight.decide", finding_id)
    _must_stand(finding, FindingState.DECIDED)
    words = closing.strip()[:WORDS_MAX]
    if finding.outcome in (Outcome.MEND, Outcome.REFER):
        words = _words(closing, what="整改或移送的结果", field="closing")
    finding.state, finding.closing, finding.closed_at = FindingState.CLOSED, words, at
    finding.save(update_fields=["state", "closing", "closed_at"])
    audit.record(
        actor=actor, verb="fleet.finding.closed", on=finding, at=at,
        before={"state": FindingState.DECIDED}, after=audit.facts_of(finding, "state"), note=words,
    )  # fmt: skip
    return finding


@transaction.atomic
def remind(*, actor: Actor, at: datetime) -> list[int]:
    """Remind units of findings past their day, every so many days (催办); returns their ids.

    By the nightly job. Safe to run twice: once a day each. Publishes ``FindingsLate``.
    """
    actor.must("fleet.oversight.decide")
    today = times.day_of(at)
    every = timedelta(days=int(law_at(at)["fleet.oversight.remind_days"].value))
    late = Finding.objects.select_for_update().filter(state=FindingState.OPEN, due_on__lt=today)
    due = [
        finding
        for finding in late.order_by("pk")
        if finding.reminded_on is None or finding.reminded_on + every <= today
    ]
    for finding in due:
        finding.reminded_on = today
    Finding.objects.bulk_update(due, ["reminded_on"])
    audit.record_many(
        audit.entry(
            actor=actor, verb="fleet.finding.reminded", on=finding, at=at,
            after={"due_on": finding.due_on.isoformat()},
        )
        for finding in due
    )  # fmt: skip
    if due:
        bus.publish(FindingsLate(finding_ids=tuple(finding.pk for finding in due), at=at))
    return [finding.pk for finding in due]


@transaction.atomic
def make_monthly_list(*, actor: Actor, month: date, note: str = "", at: datetime) -> MonthlyList:
    """Freeze a month's findings for the supervisors (月度督车清单).

    Needs ``fleet.oversight.decide``. Holds what departments outside may see: no secret cars. The
    same content again is the edition there is; other content is a new edition with its reason.
    Publishes ``MonthlyListMade``.
    """
    actor.must("fleet.oversight.decide")
    first = month.replace(day=1)
    advisory.advisory(f"fleet.monthly_list:{first}")
    period = Period.month_of(first)
    if period.start > times.day_of(at):
        refuse("in_the_future", "这个月还没有到。", "选已经开始的月份。", field="month").enforce()
    rows = queries.frozen(scope=Scope.outside(), period=period)
    digest = digests.sm3_of(rows)
    last = MonthlyList.objects.filter(month=first).order_by("-edition").first()
    if last is not None and last.digest == digest:
        return last
    if last is not None and not note.strip():
        refuse(
            "note_missing",
            f"{first.month}月的清单已经编过第 {last.edition} 版。",
            "写明为什么再编一版。",
            field="note",
        ).enforce()
    edition = MonthlyList.objects.filter(month=first).aggregate(n=Max("edition"))["n"] or 0
    made: MonthlyList = MonthlyList.objects.create(
        month=first, edition=edition + 1, rows=rows, total=len(rows), digest=digest,
        note=note.strip()[:200], made_by=actor.name, made_at=at,
    )  # fmt: skip
    audit.record(
        actor=actor, verb="fleet.monthly_list.made", on=made, at=at,
        after={"month": first.isoformat(), "edition": made.edition, "total": made.total},
        note=made.note,
    )  # fmt: skip
    bus.publish(MonthlyListMade(list_id=made.pk))
    return made
