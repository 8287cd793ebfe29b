"""What people do with findings (督车): explain, send back, decide, close; and the monthly list."""

from collections.abc import Sequence
from datetime import date, datetime

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
from guanjia.domains.fleet.terms.oversight import (
    DECISIONS,
    FILES,
    FINDING_LIFE,
    UNDER_WAY,
    FindingState,
    Outcome,
)
from guanjia.kernel.acts.changing import made
from guanjia.kernel.calendar import queries as calendar
from guanjia.kernel.events import bus
from guanjia.kernel.findings import actions as findings
from guanjia.kernel.findings.declaration import FindingKind
from guanjia.kernel.locks import advisory
from guanjia.kernel.regulations.lawbook import law_at
from guanjia.kernel.regulations.verdict import ALLOWED, Citation, Verdict, refuse
from guanjia.kernel.values import digests
from guanjia.kernel.values.actor import Actor, Scope
from guanjia.kernel.values.period import Period

EXPLAIN, DECIDE = queries.EXPLAIN, queries.DECIDE
OWN_WORDS = Citation(title="谁处理，谁不改单位的说明", own=True)
S = FindingState


def due(at: datetime) -> date:
    """The last day for words that are asked for at a moment, in workdays."""
    days = int(law_at(at)["fleet.oversight.explain_days"].value)
    return calendar.add_workdays(times.day_of(at), days)


FINDINGS = FindingKind(
    subject=queries.FINDINGS, stem="fleet.finding", explains=EXPLAIN, decides=DECIDE,
    owed=(S.OPEN,), explained=S.EXPLAINED, back=S.OPEN, due=due, files=FILES,
    order=Citation(title=FINDING_LIFE.rule, own=True), unit=lambda row: row.unit,
    news={
        "explained": lambda row, _, __: FindingExplained(finding_id=row.pk),
        "returned": lambda row, actor, at: FindingReturned(
            finding_id=row.pk, by_id=actor.person_id, at=at
        ),
        "decided": lambda row, actor, at: FindingDecided(
            finding_id=row.pk, by_id=actor.person_id, at=at
        ),
    },
    late=lambda ids, at: FindingsLate(finding_ids=ids, at=at),
)  # fmt: skip


@transaction.atomic
def explain_finding(
    *, actor: Actor, finding_id: int, explanation: str, files: Sequence[int] = (), at: datetime
) -> Finding:
    """Say what happened (说明), with papers; by the unit (``fleet.oversight.explain``).

    May be said anew until somebody decides; not by who decides, where the unit has spoken.
    Publishes ``FindingExplained``.
    """

    def may(finding: Finding) -> Verdict:
        if not is_for_the_unit_to_mend(actor, finding):
            return ALLOWED
        return refuse(
            "said_by_the_unit", "情况说明由单位自己改。", "要补充的，退回说明，写明缺什么。",
            OWN_WORDS,
        )  # fmt: skip

    done: Finding = findings.explain(
        FINDINGS, actor=actor, pk=finding_id, explanation=explanation, files=files, at=at, may=may
    )
    return done


def is_for_the_unit_to_mend(actor: Actor, finding: Finding) -> bool:
    """Whether the unit has said its words and ``actor`` is who decides about them."""
    said = finding.explained_at is not None and finding.explained_by_id != actor.person_id
    return said and actor.can(DECIDE)


@transaction.atomic
def return_finding(*, actor: Actor, finding_id: int, comment: str, at: datetime) -> Finding:
    """Send an explanation back (退回), saying what is missing; the unit has its time anew."""
    back: Finding = findings.send_back(FINDINGS, actor=actor, pk=finding_id, comment=comment, at=at)
    return back


@transaction.atomic
def decide_finding(
    *, actor: Actor, finding_id: int, outcome: Outcome, decision: str, at: datetime
) -> Finding:
    """Decide what it was (处理): 属实, 不属实, 整改 or 移送, with the reasons.

    Needs ``fleet.oversight.decide``. Without an explanation only when the unit's time is over.
    """
    finding: Finding = findings.held(
        FINDINGS, actor=actor, pk=finding_id, act="处理", when=UNDER_WAY
    )
    if outcome not in DECISIONS:
        refuse("outcome", "没有选处理结果。", "选一项。", field="outcome").enforce()
    verdict = findings.not_yet(
        finding, owed=finding.state == S.OPEN, today=times.day_of(at),
        cite=law_at(at)["fleet.oversight.explain_days"].cite,
    )  # fmt: skip
    findings.decide(
        FINDINGS, actor=actor, row=finding, facts={"state": S.DECIDED, "outcome": outcome},
        decision=decision, at=at, verdict=verdict,
    )  # fmt: skip
    return finding


@transaction.atomic
def close_finding(*, actor: Actor, finding_id: int, closing: str = "", at: datetime) -> Finding:
    """Close a decided finding (办结); what was to be mended or referred says what came of it."""
    finding: Finding = findings.held(
        FINDINGS, actor=actor, pk=finding_id, act="办结", when=(S.DECIDED,)
    )
    must = "整改或移送的结果" if finding.outcome in (Outcome.MEND, Outcome.REFER) else ""
    findings.close(
        FINDINGS, actor=actor, row=finding, facts={"state": S.CLOSED}, closing=closing, at=at,
        must=must,
    )  # fmt: skip
    return finding


@transaction.atomic
def remind(*, actor: Actor, at: datetime) -> list[int]:
    """Remind units of findings past their day, every so many days (催办); returns their ids.

    By the nightly job. Safe to run twice: once a day each. Publishes ``FindingsLate``.
    """
    days = int(law_at(at)["fleet.oversight.remind_days"].value)
    return findings.remind(FINDINGS, actor=actor, days=days, at=at)


@transaction.atomic
def make_monthly_list(*, actor: Actor, month: date, note: str = "", at: datetime) -> MonthlyList:
    """Freeze a month's findings for the supervisors (月度督车清单).

    Needs ``fleet.oversight.decide``. Holds what departments outside may see: no secret cars. The
    same content again is the edition there is; other content is a new edition with its reason.
    Publishes ``MonthlyListMade``.
    """
    actor.must(DECIDE)
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
    entered: MonthlyList = MonthlyList.objects.create(
        month=first, edition=edition + 1, rows=rows, total=len(rows), digest=digest,
        note=note.strip()[:200], made_by=actor.name, made_at=at,
    )  # fmt: skip
    made(
        entered, "month", "edition", "total", actor=actor, verb="fleet.monthly_list.made", at=at,
        note=entered.note,
    )  # fmt: skip
    bus.publish(MonthlyListMade(list_id=entered.pk))
    return entered
