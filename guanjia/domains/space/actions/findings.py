"""What people do with findings (用房问题): explain and decide; a look over closes the rest."""

from collections.abc import Sequence
from datetime import date, datetime

from django.db import transaction
from django.utils import timezone

from guanjia.domains.space.events import SpaceFindingDecided
from guanjia.domains.space.models import Finding
from guanjia.domains.space.rules import findings as rules
from guanjia.domains.space.terms.findings import (
    BEFORE_DECISION,
    OPEN_STATES,
    FindingState,
    Outcome,
)
from guanjia.kernel.attachments import actions as attachments
from guanjia.kernel.attachments import retention
from guanjia.kernel.attachments.terms import Bounds
from guanjia.kernel.audit import actions as audit
from guanjia.kernel.events import bus
from guanjia.kernel.regulations.lawbook import law_at
from guanjia.kernel.regulations.verdict import ALLOWED, Verdict, refuse
from guanjia.kernel.values.actor import Actor

EXPLAIN, DECIDE = "space.finding.explain", "space.finding.decide"
FILES = Bounds(count_max=6)  # what an explanation may carry: papers, photos
EXPLANATION_MAX, DECISION_MAX = 1000, 500


def _locked(actor: Actor, verb: str, finding_id: int) -> Finding:
    actor.must(verb)
    finding: Finding = (
        Finding.objects.within(actor.scope(verb))
        .select_for_update(of=("self",))
        .select_related("unit")
        .get(pk=finding_id)
    )
    return finding


def _words(text: str, *, what: str, field: str, most: int) -> str:
    words = text.strip()
    if not words or len(words) > most:
        refuse(
            f"{field}_missing", f"没有写{what}。", f"写明{what}，1 到 {most} 个字。", rules.ORDER,
            field=field,
        ).enforce()  # fmt: skip
    return words


@transaction.atomic
def explain_finding(
    *, actor: Actor, finding_id: int, explanation: str, files: Sequence[int] = (), at: datetime
) -> Finding:
    """Say how it came about (说明), with papers; by the unit (``space.finding.explain``).

    May be said anew until somebody decides.
    """
    finding = _locked(actor, EXPLAIN, finding_id)
    rules.may_be(state=FindingState(finding.state), among=BEFORE_DECISION).enforce()
    words = _words(explanation, what="情况说明", field="explanation", most=EXPLANATION_MAX)
    before = audit.facts_of(finding, "state", "explanation")
    finding.state, finding.explanation = FindingState.EXPLAINED, words
    finding.explained_by_id, finding.explained_at = actor.person_id, at
    finding.save(update_fields=["state", "explanation", "explained_by", "explained_at"])
    audit.record(
        actor=actor, verb="space.finding.explained", on=finding, at=at, before=before,
        after=audit.facts_of(finding, "state", "explanation"),
    )  # fmt: skip
    if files:
        attachments.claim(
            actor=actor, ids=files, subject=finding, unit=finding.unit, bounds=FILES,
            retain_until=retention.until(at=at), at=at,
        )  # fmt: skip
    return finding


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
    finding = _locked(actor, DECIDE, finding_id)
    rules.may_be(state=FindingState(finding.state), among=OPEN_STATES).enforce()
    today = timezone.localdate(at)
    state = FindingState(finding.state)
    if finding.unit_id is None and state is FindingState.RAISED:
        state = FindingState.EXPLAINED  # nobody but the bureau could explain it
    rules.may_decide(
        state=state, outcome=outcome, due_on=finding.due_on, mend_by=mend_by, today=today,
        law=law_at(at),
    ).enforce()  # fmt: skip
    words = _words(decision, what="处理意见", field="decision", most=DECISION_MAX)
    before = audit.facts_of(finding, "state", "outcome", "mend_by")
    finding.outcome, finding.decision = outcome, words
    finding.decided_by_id, finding.decided_at = actor.person_id, at
    if outcome is Outcome.MEND:
        finding.state, finding.mend_by = FindingState.MENDING, mend_by
    else:
        finding.state, finding.mend_by, finding.closed_at = FindingState.CLOSED, None, at
    finding.save(
        update_fields=[
            "state", "outcome", "decision", "mend_by", "decided_by", "decided_at", "closed_at"
        ]
    )  # fmt: skip
    audit.record(
        actor=actor, verb="space.finding.decided", on=finding, at=at, before=before,
        after=audit.facts_of(finding, "state", "outcome", "mend_by"), note=words,
    )  # fmt: skip
    bus.publish(SpaceFindingDecided(finding_id=finding.pk, by_id=actor.person_id, at=at))
    return finding


def may_take_off(finding_id: int) -> Verdict:
    """Papers of an explanation may be removed until somebody decides by them."""
    finding = Finding.objects.only("state").get(pk=finding_id)
    if finding.state in BEFORE_DECISION:
        return ALLOWED
    return refuse(
        "relied_on", "附件是处理的依据，处理后不能移除。", "有误的补交一份。", rules.ORDER
    )
