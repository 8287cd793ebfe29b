"""What people do with findings (用房问题): explain and decide; a look over closes the rest."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from guanjia.domains.space.events import (
    SpaceFindingDecided,
    SpaceFindingReturned,
    SpaceFindingsLate,
)
from guanjia.domains.space.models import Finding
from guanjia.domains.space.queries import findings as queries
from guanjia.domains.space.rules import findings as rules
from guanjia.domains.space.terms.findings import FINDING_LIFE, OPEN_STATES, FindingState, Outcome
from guanjia.kernel.attachments.terms import Bounds
from guanjia.kernel.calendar import queries as calendar
from guanjia.kernel.findings import actions as findings
from guanjia.kernel.findings.declaration import FindingKind
from guanjia.kernel.regulations.lawbook import law_at
from guanjia.kernel.regulations.verdict import Citation
from guanjia.kernel.values.actor import Actor

EXPLAIN, DECIDE = queries.EXPLAIN, queries.DECIDE
FILES = Bounds(count_max=6)  # what an explanation may carry: papers, photos
DAYS, REMIND = "space.finding.explain_days", "space.finding.remind_days"
S = FindingState


def due(at: datetime) -> date:
    """The last day for words that are asked for at a moment, in workdays."""
    return calendar.add_workdays(timezone.localdate(at), int(law_at(at)[DAYS].value))


FINDINGS = FindingKind(
    subject=queries.FINDINGS, stem="space.finding", explains=EXPLAIN, decides=DECIDE,
    owed=(S.RAISED,), explained=S.EXPLAINED, back=S.RAISED, due=due, files=FILES,
    order=Citation(title=FINDING_LIFE.rule, own=True), unit=lambda row: row.unit,
    news={
        "returned": lambda row, actor, at: SpaceFindingReturned(
            finding_id=row.pk, by_id=actor.person_id, at=at
        ),
        "decided": lambda row, actor, at: SpaceFindingDecided(
            finding_id=row.pk, by_id=actor.person_id, at=at
        ),
    },
    late=lambda ids, at: SpaceFindingsLate(finding_ids=ids, at=at),
)  # fmt: skip


@transaction.atomic
def explain_finding(
    *, actor: Actor, finding_id: int, explanation: str, files: Sequence[int] = (), at: datetime
) -> Finding:
    """Say how it came about (说明), with papers; by the unit (``space.finding.explain``).

    May be said anew until somebody decides.
    """
    done: Finding = findings.explain(
        FINDINGS, actor=actor, pk=finding_id, explanation=explanation, files=files, at=at
    )
    return done


@transaction.atomic
def return_finding(*, actor: Actor, finding_id: int, comment: str, at: datetime) -> Finding:
    """Send an explanation back (退回), saying what is missing; the unit has its time anew."""
    back: Finding = findings.send_back(FINDINGS, actor=actor, pk=finding_id, comment=comment, at=at)
    return back


@transaction.atomic
def decide_finding(
    *,
    actor: Actor,
    finding_id: int,
    outcome: Outcome,
    decision: str,
    mend_by: date | None = None,
    at: datetime,
) -> Finding:
    """Decide on a finding: 整改 with its last day, or 不成立 with the reason, which closes it.

    Needs ``space.finding.decide``. Without an explanation only when the unit's time is over (or
    where it is the bureau's own); also while it is being mended, to set another day. Publishes
    ``SpaceFindingDecided``.
    """
    finding: Finding = findings.held(
        FINDINGS, actor=actor, pk=finding_id, act="处理", when=OPEN_STATES
    )
    law, today = law_at(at), timezone.localdate(at)
    # Nobody but the bureau could explain what is the bureau's own.
    owed = finding.state == S.RAISED and finding.unit_id is not None
    verdict = findings.not_yet(finding, owed=owed, today=today, cite=law[DAYS].cite)
    verdict += rules.may_decide(outcome=outcome, mend_by=mend_by, today=today, law=law)
    mends = outcome is Outcome.MEND
    facts: dict[str, Any] = {
        "state": S.MENDING if mends else S.CLOSED, "outcome": outcome,
        "mend_by": mend_by if mends else None, "closed_at": None if mends else at,
    }  # fmt: skip
    findings.decide(
        FINDINGS, actor=actor, row=finding, facts=facts, decision=decision, at=at, verdict=verdict
    )
    return finding


@transaction.atomic
def remind(*, actor: Actor, at: datetime) -> list[int]:
    """Remind units of findings past their day, every so many days (催办); returns their ids.

    By the nightly job. Safe to run twice: once a day each. Publishes ``SpaceFindingsLate``.
    """
    return findings.remind(FINDINGS, actor=actor, days=int(law_at(at)[REMIND].value), at=at)


may_take_off = findings.may_take_off(FINDINGS)
