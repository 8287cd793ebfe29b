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
from guanjia.domains.energy.terms.works import FOUND, AuditState
from guanjia.kernel.acts.changing import change, locked, made
from guanjia.kernel.attachments import actions as attachments
from guanjia.kernel.attachments.terms import Bounds
from guanjia.kernel.regulations.lawbook import law_at
from guanjia.kernel.regulations.verdict import refuse
from guanjia.kernel.values.actor import Actor

KEEP, AUDITS = queries.KEEP, queries.AUDITS
FILES = Bounds(count_max=9)


@transaction.atomic
def plan_audit(
    *, actor: Actor, institution_id: int, begun_on: date, auditor: str = "", at: datetime
) -> EnergyAudit:
    """Plan an audit of an institution from a day on, by somebody from outside or by itself."""
    must_hold(actor, KEEP, {institution_id})
    if EnergyAudit.objects.filter(institution=institution_id, begun_on=begun_on).exists():
        _twice("begun_on", "这家机构这一天的审计已经登记，看能源审计登记。")
    planned: EnergyAudit = EnergyAudit.objects.create(
        institution_id=institution_id, begun_on=begun_on, auditor=auditor.strip(),
        state=AuditState.PLANNED,
    )  # fmt: skip
    made(planned, actor=actor, verb="energy.audit.planned", at=at)
    return planned


@transaction.atomic
def begin_audit(*, actor: Actor, audit_id: int, on: date, at: datetime) -> EnergyAudit:
    """An audit begins."""
    found: EnergyAudit = locked(
        AUDITS, actor=actor, verb=KEEP, pk=audit_id, act="启动审计", to=AuditState.RUNNING
    )
    verdict = rules.may_begin(on=on, today=timezone.localdate(at)).enforce()
    same = EnergyAudit.objects.filter(institution=found.institution_id, begun_on=on)
    if same.exclude(pk=found.pk).exists():
        _twice("on", "这家机构这一天已有一次审计。")
    change(
        found, {"state": AuditState.RUNNING, "begun_on": on}, actor=actor,
        verb="energy.audit.begun", at=at, verdict=verdict,
    )  # fmt: skip
    return found


@transaction.atomic
def tell_content(
    *, actor: Actor, audit_id: int, content: AuditContent, words: str, at: datetime
) -> AuditedContent:
    """What an audit says of one of its contents; told again, it replaces what was said."""
    found: EnergyAudit = locked(
        AUDITS, actor=actor, verb=KEEP, pk=audit_id, act="登记审计情况", when=FOUND
    )
    rules.may_tell(words=words, longest=rules.CONTENT_MAX).enforce()
    how: Any = {"actor": actor, "verb": "energy.audit.content_told", "at": at, "on": found}
    row: AuditedContent | None = found.contents.filter(content=content).first()
    if row is not None:
        facts = {"words": words, "told_at": at}
        change(row, facts, beside={"content": (content, content)}, **how)
        return row
    told: AuditedContent = found.contents.create(content=content, words=words.strip(), told_at=at)
    made(told, "content", "words", **how)
    return told


@transaction.atomic
def add_finding(
    *, actor: Actor, audit_id: int, content: AuditContent, words: str, at: datetime
) -> AuditFinding:
    """Something the audit found, under one of its contents."""
    found: EnergyAudit = locked(
        AUDITS, actor=actor, verb=KEEP, pk=audit_id, act="登记审计发现", when=FOUND
    )
    rules.may_tell(words=words, longest=rules.FINDING_MAX).enforce()
    try:
        with transaction.atomic():
            finding: AuditFinding = found.findings.create(
                content=content, words=words.strip(), told_at=at
            )
    except IntegrityError:
        _twice("words", "这条审计发现已经登记。")
    made(finding, "content", "words", actor=actor, verb="energy.audit.found", at=at, on=found)
    return finding


@transaction.atomic
def set_measure(
    *,
    actor: Actor,
    audit_finding_id: int,
    title: str,
    due_on: date,
    cost_fen: int | None = None,
    claims: Mapping[Energy, Decimal] | None = None,
    at: datetime,
) -> AuditMeasure:
    """What is to be done about a finding; ``claims``: what it is said to save a year, by source."""
    actor.must(KEEP)
    finding: AuditFinding = queries.findings(actor.scope(KEEP)).get(pk=audit_finding_id)
    found: EnergyAudit = locked(
        AUDITS, actor=actor, verb=KEEP, pk=finding.audit_id, act="制定措施", when=FOUND
    )
    claimed = dict(claims or {})
    rules.may_set_measure(
        title=title, begun=found.begun_on, due=due_on, cost_fen=cost_fen, claims=claimed
    ).enforce()
    try:
        with transaction.atomic():
            measure: AuditMeasure = finding.measures.create(
                title=title.strip(), due_on=due_on, cost_fen=cost_fen, told_at=at
            )
    except IntegrityError:
        _twice("title", "这条措施已经登记。")
    MeasureClaim.objects.bulk_create(
        MeasureClaim(measure=measure, energy=energy, amount=amount)
        for energy, amount in claimed.items()
    )
    made(
        measure, "due_on", "cost_fen", actor=actor, verb="energy.audit.measure_set", at=at,
        on=found, beside={"measure": measure.title, "claims": claimed},
    )  # fmt: skip
    return measure


@transaction.atomic
def finish_measure(*, actor: Actor, measure_id: int, on: date, at: datetime) -> AuditMeasure:
    """A measure is done; from the next month on its saving is measured."""
    actor.must(KEEP)
    measure: AuditMeasure = queries.measures(actor.scope(KEEP)).get(pk=measure_id)
    found: EnergyAudit = locked(
        AUDITS, actor=actor, verb=KEEP, pk=measure.finding.audit_id, act="登记措施完成", when=FOUND
    )
    measure.refresh_from_db(fields=["done_on"])  # as it stands now that nobody else writes
    verdict = rules.may_finish_measure(
        done=measure.done_on, begun=found.begun_on, on=on, today=timezone.localdate(at)
    )
    change(
        measure, {"done_on": on}, actor=actor, verb="energy.audit.measure_done", at=at,
        verdict=verdict, on=found, beside={"measure": (measure.title, measure.title)},
    )  # fmt: skip
    return measure


@transaction.atomic
def finish_audit(*, actor: Actor, audit_id: int, on: date, at: datetime) -> EnergyAudit:
    """An audit is finished; refused while one of its contents has no words."""
    found: EnergyAudit = locked(
        AUDITS, actor=actor, verb=KEEP, pk=audit_id, act="完成审计", to=AuditState.DONE
    )
    told = {AuditContent(name) for name in found.contents.values_list("content", flat=True)}
    verdict = rules.may_finish(
        told=told, begun=found.begun_on, on=on, today=timezone.localdate(at), law=law_at(at)
    )
    change(
        found, {"state": AuditState.DONE, "done_on": on}, actor=actor,
        verb="energy.audit.finished", at=at, verdict=verdict,
    )  # fmt: skip
    return found


@transaction.atomic
def call_off_audit(*, actor: Actor, audit_id: int, reason: str, at: datetime) -> EnergyAudit:
    """An audit does not take place."""
    found: EnergyAudit = locked(
        AUDITS, actor=actor, verb=KEEP, pk=audit_id, act="取消审计", to=AuditState.CALLED_OFF
    )
    change(
        found, {"state": AuditState.CALLED_OFF}, actor=actor, verb="energy.audit.called_off",
        at=at, verdict=rules.may_call_off(reason=reason), note=reason,
    )  # fmt: skip
    return found


@transaction.atomic
def add_files(*, actor: Actor, audit_id: int, files: Sequence[int], at: datetime) -> EnergyAudit:
    """Hang reports and photos on an audit."""
    found: EnergyAudit = locked(
        AUDITS, actor=actor, verb=KEEP, pk=audit_id, act="附上文件",
        when=(AuditState.PLANNED, *FOUND),
    )  # fmt: skip
    attachments.claim(
        actor=actor, ids=files, subject=found, unit=found.institution.area, bounds=FILES, at=at
    )
    return found


def _twice(field: str, sentence: str) -> None:
    refuse("told_already", "没有保存：", sentence, field=field).enforce()
