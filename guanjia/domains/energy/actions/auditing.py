"""Energy audits from plan to measures: what was looked at, found, done about it, and saved."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from guanjia.domains.energy.actions.holding import must_hold
from guanjia.domains.energy.models import (
    AuditedContent,
    AuditFinding,
    AuditMeasure,
    EnergyAudit,
    MeasureClaim,
)
from guanjia.domains.energy.queries import auditing as queries
from guanjia.domains.energy.rules import auditing as rules
from guanjia.domains.energy.terms.auditing import AuditContent
from guanjia.domains.energy.terms.energies import Energy
from guanjia.domains.energy.terms.works import AuditState
from guanjia.kernel.attachments import actions as attachments
from guanjia.kernel.attachments.terms import Bounds
from guanjia.kernel.audit import actions as audit
from guanjia.kernel.regulations.lawbook import law_at
from guanjia.kernel.regulations.verdict import Verdict, refuse
from guanjia.kernel.values.actor import Actor

KEEP = queries.KEEP
FILES = Bounds(count_max=9)


@transaction.atomic
def plan_audit(
    *, actor: Actor, institution_id: int, begun_on: date, auditor: str = "", at: datetime
) -> EnergyAudit:
    """Plan an audit of an institution from a day on, by somebody from outside or by itself."""
    must_hold(actor, KEEP, {institution_id})
    if EnergyAudit.objects.filter(institution=institution_id, begun_on=begun_on).exists():
        _twice("begun_on", "这家机构这一天的审计已经登记，看能源审计登记。")
    made: EnergyAudit = EnergyAudit.objects.create(
        institution_id=institution_id, begun_on=begun_on, auditor=auditor.strip(),
        state=AuditState.PLANNED,
    )  # fmt: skip
    _tell(actor, "energy.audit.planned", made, at, audit.facts_of(made))
    return made


@transaction.atomic
def begin_audit(*, actor: Actor, audit_id: int, on: date, at: datetime) -> EnergyAudit:
    """An audit begins."""
    found = _locked(actor, audit_id)
    rules.may_begin(state=AuditState(found.state), on=on, today=timezone.localdate(at)).enforce()
    same = EnergyAudit.objects.filter(institution=found.institution_id, begun_on=on)
    if same.exclude(pk=found.pk).exists():
        _twice("on", "这家机构这一天已有一次审计。")
    return _move(actor, found, "energy.audit.begun", at, state=AuditState.RUNNING, begun_on=on)


@transaction.atomic
def tell_content(
    *, actor: Actor, audit_id: int, content: AuditContent, words: str, at: datetime
) -> AuditedContent:
    """What an audit says of one of its contents; told again, it replaces what was said."""
    found = _locked(actor, audit_id)
    rules.may_tell(state=AuditState(found.state), words=words, longest=rules.CONTENT_MAX).enforce()
    before = found.contents.filter(content=content).first()
    row: AuditedContent
    row, _ = AuditedContent.objects.update_or_create(
        audit=found, content=content, defaults={"words": words.strip(), "told_at": at}
    )
    was = {"words": before.words} if before else None
    told = {"content": content, "words": row.words}
    _tell(actor, "energy.audit.content_told", found, at, told, was)
    return row


@transaction.atomic
def add_finding(
    *, actor: Actor, audit_id: int, content: AuditContent, words: str, at: datetime
) -> AuditFinding:
    """Something the audit found, under one of its contents."""
    found = _locked(actor, audit_id)
    rules.may_tell(state=AuditState(found.state), words=words, longest=rules.FINDING_MAX).enforce()
    try:
        with transaction.atomic():
            made: AuditFinding = AuditFinding.objects.create(
                audit=found, content=content, words=words.strip(), told_at=at
            )
    except IntegrityError:
        _twice("words", "这条审计发现已经登记。")
    _tell(actor, "energy.audit.found", found, at, {"content": content, "words": made.words})
    return made


@transaction.atomic
def set_measure(
    *,
    actor: Actor,
    finding_id: int,
    title: str,
    due_on: date,
    cost_fen: int | None = None,
    claims: Mapping[Energy, Decimal] | None = None,
    at: datetime,
) -> AuditMeasure:
    """What is to be done about a finding; ``claims``: what it is said to save a year, by source."""
    finding: AuditFinding = AuditFinding.objects.get(pk=finding_id)
    found = _locked(actor, finding.audit_id)
    claimed = dict(claims or {})
    rules.may_set_measure(
        state=AuditState(found.state), title=title, begun=found.begun_on, due=due_on,
        cost_fen=cost_fen, claims=claimed,
    ).enforce()  # fmt: skip
    try:
        with transaction.atomic():
            made: AuditMeasure = AuditMeasure.objects.create(
                finding=finding, title=title.strip(), due_on=due_on, cost_fen=cost_fen, told_at=at
            )
    except IntegrityError:
        _twice("title", "这条措施已经登记。")
    MeasureClaim.objects.bulk_create(
        MeasureClaim(measure=made, energy=energy, amount=amount)
        for energy, amount in claimed.items()
    )
    facts = {"measure": made.title, "due_on": due_on, "cost_fen": cost_fen, "claims": claimed}
    _tell(actor, "energy.audit.measure_set", found, at, facts)
    return made


@transaction.atomic
def finish_measure(*, actor: Actor, measure_id: int, on: date, at: datetime) -> AuditMeasure:
    """A measure is done; from the next month on its saving is measured."""
    finding = AuditFinding.objects.get(measures=measure_id)
    found = _locked(actor, finding.audit_id)
    measure: AuditMeasure = AuditMeasure.objects.select_for_update().get(pk=measure_id)
    rules.may_finish_measure(
        done=measure.done_on, state=AuditState(found.state), begun=found.begun_on, on=on,
        today=timezone.localdate(at),
    ).enforce()  # fmt: skip
    measure.done_on = on
    measure.save(update_fields=["done_on"])
    _tell(actor, "energy.audit.measure_done", found, at, {"measure": measure.title, "done_on": on})
    return measure


@transaction.atomic
def finish_audit(*, actor: Actor, audit_id: int, on: date, at: datetime) -> EnergyAudit:
    """An audit is finished; refused while one of its contents has no words."""
    found = _locked(actor, audit_id)
    told = {AuditContent(name) for name in found.contents.values_list("content", flat=True)}
    verdict = rules.may_finish(
        state=AuditState(found.state), told=told, begun=found.begun_on, on=on,
        today=timezone.localdate(at), law=law_at(at),
    ).enforce()  # fmt: skip
    return _move(
        actor, found, "energy.audit.finished", at, verdict=verdict, state=AuditState.DONE,
        done_on=on,
    )  # fmt: skip


@transaction.atomic
def call_off_audit(*, actor: Actor, audit_id: int, reason: str, at: datetime) -> EnergyAudit:
    """An audit does not take place."""
    found = _locked(actor, audit_id)
    rules.may_call_off(state=AuditState(found.state), reason=reason).enforce()
    return _move(
        actor, found, "energy.audit.called_off", at, note=reason.strip(),
        state=AuditState.CALLED_OFF,
    )  # fmt: skip


@transaction.atomic
def add_files(*, actor: Actor, audit_id: int, files: Sequence[int], at: datetime) -> None:
    """Hang reports and photos on an audit."""
    found = _locked(actor, audit_id)
    attachments.claim(
        actor=actor, ids=files, subject=found, unit=found.institution.area, bounds=FILES, at=at
    )


# ── common to all ────────────────────────────────────────────────────────────────────────


def _locked(actor: Actor, audit_id: int) -> EnergyAudit:
    """The audit, locked, where the actor may write about its institution."""
    rows = EnergyAudit.objects.select_for_update(of=("self",)).select_related("institution__area")
    found: EnergyAudit = rows.get(pk=audit_id)
    must_hold(actor, KEEP, {found.institution_id})
    return found


def _move(
    actor: Actor, found: EnergyAudit, verb: str, at: datetime, *,
    verdict: Verdict | None = None, note: str = "", **facts: Any,
) -> EnergyAudit:  # fmt: skip
    before = audit.facts_of(found, *facts)
    for name, value in facts.items():
        setattr(found, name, value)
    found.save(update_fields=list(facts))
    audit.record(
        actor=actor, verb=verb, on=found, at=at, before=before,
        after=audit.facts_of(found, *facts), verdict=verdict, note=note,
    )  # fmt: skip
    return found


def _tell(  # noqa: PLR0917 — who did what to which audit, when, and what it is now and was
    actor: Actor,
    verb: str,
    found: EnergyAudit,
    at: datetime,
    after: Mapping[str, Any],
    before: Mapping[str, Any] | None = None,
) -> None:
    audit.record(actor=actor, verb=verb, on=found, at=at, before=before, after=after)


def _twice(field: str, sentence: str) -> None:
    refuse("told_already", "没有保存：", sentence, field=field).enforce()
