"""Sending a request on its way, taking it back, sending it again.

A department's action opens the case inside its own transaction, after locking and saving its row.
What an approval leads to is done by whoever subscribed to the news of ``events``.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import models, transaction

from guanjia.kernel.approvals import locking, moving, routes
from guanjia.kernel.approvals.actions import editions
from guanjia.kernel.approvals.events import CaseAgreed, CaseWithdrawn
from guanjia.kernel.approvals.models import Case, CaseStep, Edition
from guanjia.kernel.approvals.routes import Route, Step
from guanjia.kernel.approvals.seating import spec_of
from guanjia.kernel.approvals.telling import SYSTEM, publish, record, stale, tell
from guanjia.kernel.approvals.terms import UNDER_WAY, ActKind, CaseState, StepState
from guanjia.kernel.org.models import Unit
from guanjia.kernel.regulations.verdict import refuse
from guanjia.kernel.values.actor import Actor


@dataclass(frozen=True)
class Outcome:
    """What an act led to: the case, whether it is now agreed, and whether anything changed."""

    case: Case
    agreed: bool
    changed: bool = True


def open_case(
    *,
    route: Route,
    subject: models.Model,
    unit: Unit,
    applicant_id: int | None,
    actor: Actor,
    facts: Mapping[str, Any],
    summary: str = "",
    comment: str = "",
    at: datetime,
) -> Outcome:
    """Send a subject along the edition in force; steps its facts do not need are left out.

    A route without any needed step is agreed at once, by the system and shown as that. Refuses when
    nobody could decide the first step. Belongs inside the caller's transaction.
    """
    edition = editions.in_force(route, at=at)
    case = Case.objects.create(
        route=route.key,
        route_title=edition.title,
        version=edition.number,
        edition=edition,
        subject_type=subject._meta.label_lower,
        subject_id=subject.pk,
        subject_label=str(subject)[:200],
        summary=summary[:200],
        facts=dict(facts),
        unit=unit,
        applicant_id=applicant_id,
        state=CaseState.RUNNING,
        opened_at=at,
    )
    tell(case=case, actor=actor, kind=ActKind.SUBMIT, comment=comment, at=at)
    return _begin_round(case, carried=(), at=at)


def _begin_round(case: Case, *, carried: tuple[str, ...], at: datetime) -> Outcome:
    """Lay out the steps that the facts need and reach the first; ``carried`` keys still hold."""
    steps = routes.needed(_steps_of(case), case.facts)
    CaseStep.objects.bulk_create(
        CaseStep(
            case=case,
            round=case.round,
            position=i,
            key=step.key,
            title=step.title,
            verb=step.holder.verb,
            holder_spec=spec_of(step.holder),
            mode=step.mode,
            share=step.share,
            hours=step.hours,
            late=step.late,
            signature=step.signature,
            state=StepState.CARRIED if step.key in carried else StepState.AHEAD,
        )
        for i, step in enumerate(steps)
    )
    agreed = moving.advance(case, at)
    if agreed:
        why = "前面各步的同意沿用" if carried else "无须审批"
        act = tell(case=case, actor=SYSTEM, kind=ActKind.AGREE, comment=why, at=at)
        publish(CaseAgreed, case, act_id=act.pk)
    return Outcome(case, agreed=agreed)


def _steps_of(case: Case) -> tuple[Step, ...]:
    edition: Edition | None = case.edition
    return routes.steps_from_data(edition.steps) if edition is not None else ()


def case_of(subject: models.Model, *, route: str) -> Case | None:
    """The case of a subject on a route, locked; the caller has locked the subject."""
    return (
        Case.objects.select_for_update(of=("self",))
        .select_related("unit__parent", "applicant", "edition")
        .filter(subject_type=subject._meta.label_lower, subject_id=subject.pk, route=route)
        .first()
    )


@transaction.atomic
def withdraw(*, actor: Actor, case_id: int, comment: str = "", at: datetime) -> Outcome:
    """撤回: the applicant takes the request back before it is decided."""
    case, subject = locking.locked(actor=actor, case_id=case_id)
    if case.state == CaseState.WITHDRAWN and _did_last(case, actor, ActKind.WITHDRAW):
        return Outcome(case, agreed=False, changed=False)
    if case.state not in (CaseState.RUNNING, CaseState.RETURNED):
        raise stale(case)
    is_applicant = actor.person_id is not None and actor.person_id == case.applicant_id
    if not actor.is_system and not is_applicant:
        whose = f"申请人：{case.applicant or '系统'}。"
        refuse("not_applicant", "只有申请人能撤回。", whose).enforce()
    moving.leave(case, CaseState.WITHDRAWN, None)
    act = tell(case=case, actor=actor, kind=ActKind.WITHDRAW, comment=comment, at=at)
    record(case=case, actor=actor, verb="withdrawn", subject=subject, at=at, note=comment)
    publish(CaseWithdrawn, case, act_id=act.pk)
    return Outcome(case, agreed=False)


def _did_last(case: Case, actor: Actor, kind: ActKind) -> bool:
    last = case.acts.exclude(kind__in=[ActKind.CHECK, ActKind.NOTE]).order_by("-pk").first()
    return last is not None and last.kind == kind and last.person_id == actor.person_id


def call_off(*, case: Case, comment: str, at: datetime) -> None:
    """Take a locked case out of everybody's hands because its subject ended otherwise; no news."""
    if case.state not in (CaseState.RUNNING, CaseState.RETURNED):
        return
    moving.leave(case, CaseState.WITHDRAWN, None)
    tell(case=case, actor=SYSTEM, kind=ActKind.WITHDRAW, comment=comment, at=at)


def resubmit(
    *,
    case: Case,
    route: Route,
    unit: Unit,
    actor: Actor,
    facts: Mapping[str, Any],
    summary: str = "",
    comment: str = "",
    at: datetime,
) -> Outcome:
    """修改后再交: the changed request starts a new round at the first step its facts need.

    ``case`` is locked, after its subject. A case under way stays on its edition; one that had ended
    begins anew on the edition in force. Where the one who sent it back wanted it straight back,
    the steps before theirs still hold, unless the unit or a fact the route depends on changed.
    """
    if case.state == CaseState.STOPPED:
        refuse("stopped", "这件已终止，不能再交。", "需要办的，另提一份申请。").enforce()
    held = _held(case)
    same = _is_same(case, unit=unit, facts=facts, actor=actor)
    carried = held if same else ()
    if case.state not in UNDER_WAY or case.edition is None:
        case.edition = editions.in_force(route, at=at)
        case.version, case.route_title = case.edition.number, case.edition.title
    for step in moving.steps_of(case).filter(state__in=[StepState.ACTIVE, StepState.AHEAD]):
        moving.drop_open(step)
        step.state = StepState.DROPPED
        step.save(update_fields=["state"])
    case.state, case.closed_at, case.comes_back_to = CaseState.RUNNING, None, None
    case.round, case.unit, case.facts = case.round + 1, unit, dict(facts)
    if actor.person_id is not None:  # whoever sends it is the one who must not decide it
        case.applicant_id = actor.person_id
    case.summary = summary[:200] or case.summary
    case.save()
    tell(case=case, actor=actor, kind=ActKind.RESUBMIT, comment=comment, at=at)
    if held and not same:
        said = "申请的要件有变，从头逐步审批"
        tell(case=case, actor=SYSTEM, kind=ActKind.NOTE, comment=said, at=at)
    return _begin_round(case, carried=carried, at=at)


def _is_same(case: Case, *, unit: Unit, facts: Mapping[str, Any], actor: Actor) -> bool:
    """Whether those who agreed saw the same request of the same person, as far as steps depend."""
    applicant = case.applicant_id if actor.person_id is None else actor.person_id
    return (
        case.unit_id == unit.pk
        and case.applicant_id == applicant
        and case.edition_id is not None
        and dict(facts) == case.facts
    )


def _held(case: Case) -> tuple[str, ...]:
    """Keys of the steps agreed before the one to which the request comes straight back."""
    if case.state != CaseState.RETURNED or case.comes_back_to is None:
        return ()
    held = moving.steps_of(case).filter(
        position__lt=case.comes_back_to, state__in=[StepState.AGREED, StepState.CARRIED]
    )
    return tuple(held.values_list("key", flat=True))
