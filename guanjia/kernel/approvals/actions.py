"""The acts of an approval. A department's action calls them inside its own transaction.

Every act locks the case first; whoever comes second is told who was first. The same act by the
same person on the same step a second time (a double click) changes nothing and is no error.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, NoReturn

from django.db import models
from django.utils import timezone

from guanjia.kernel.access import queries as access
from guanjia.kernel.approvals.models import Act, Case, CaseStep
from guanjia.kernel.approvals.terms import ActKind, CaseState, Route, StepState
from guanjia.kernel.org.models import Person, Unit
from guanjia.kernel.regulations.verdict import Refused, refuse
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
    facts: Any,
    comment: str = "",
    at: datetime,
) -> Outcome:
    """Send a subject on its way; steps whose ``when`` says no are left out.

    A route without any needed step is agreed at once, by the system and shown as that.
    """
    case = Case.objects.create(
        route=route.key,
        route_title=route.title,
        version=route.version,
        subject_type=subject._meta.label_lower,
        subject_id=subject.pk,
        subject_label=str(subject)[:200],
        unit=unit,
        applicant_id=applicant_id,
        state=CaseState.RUNNING,
        opened_at=at,
    )
    tell(case=case, actor=actor, kind=ActKind.SUBMIT, comment=comment, at=at)
    return _begin_round(case, route, facts, at)


def _begin_round(case: Case, route: Route, facts: Any, at: datetime) -> Outcome:
    needed = [step for step in route.steps if step.when is None or step.when(facts)]
    CaseStep.objects.bulk_create(
        CaseStep(
            case=case,
            round=case.round,
            position=i,
            key=step.key,
            title=step.title,
            verb=step.verb,
            state=StepState.ACTIVE if i == 0 else StepState.AHEAD,
            active_at=at if i == 0 else None,
        )
        for i, step in enumerate(needed)
    )
    if not needed:
        _close(case, CaseState.AGREED, at)
        tell(case=case, actor=Actor.system("系统"), kind=ActKind.AGREE, comment="无须审批", at=at)
    return Outcome(case, agreed=not needed)


def tell(
    *,
    case: Case,
    actor: Actor,
    kind: ActKind,
    step: CaseStep | None = None,
    comment: str = "",
    to: str = "",
    at: datetime,
) -> Act:
    """Write an act into the case's history."""
    act: Act = Act.objects.create(
        case=case,
        step=step,
        kind=kind,
        person_id=actor.person_id,
        name=actor.name,
        is_system=actor.is_system,
        comment=comment[:500],
        to=to,
        at=at,
    )
    return act


def case_of(subject: models.Model, *, route: str) -> Case | None:
    """The case of a subject on a route, locked for the rest of the transaction."""
    return (
        Case.objects.select_for_update()
        .filter(subject_type=subject._meta.label_lower, subject_id=subject.pk, route=route)
        .first()
    )


def _current(
    case: Case, actor: Actor, kind: ActKind, step_id: int | None = None
) -> CaseStep | None:
    """The active step; ``None`` when this person already did the same on it; else refuses."""
    step = case.steps.select_for_update().filter(state=StepState.ACTIVE).first()
    if case.state == CaseState.RUNNING and step is not None and step_id in (None, step.pk):
        return step
    done = case.acts.filter(kind=kind, person_id=actor.person_id or 0)
    if step_id is not None and done.filter(step_id=step_id).exists():
        return None
    if step_id is None and _repeated(case, actor, kind):
        return None
    return _stale(case)


def _repeated(case: Case, actor: Actor, kind: ActKind) -> bool:
    last = case.acts.exclude(kind__in=[ActKind.CHECK, ActKind.NOTE]).order_by("-pk").first()
    return last is not None and last.kind == kind and last.person_id == actor.person_id


def _stale(case: Case) -> NoReturn:
    last = case.acts.exclude(kind__in=[ActKind.CHECK]).order_by("-pk").first()
    did = f"{last.name}已于 {_clock(last.at)} {ActKind(last.kind).label}" if last else "已办结"
    raise Refused(
        refuse("already_decided", f"这件已不在您手上，{did}。", "刷新后看新内容。").refusals
    )


def _clock(at: datetime) -> str:
    local = timezone.localtime(at)
    return f"{local.month}月{local.day}日 {local.hour}:{local.minute:02d}"


def _must_hold(case: Case, step: CaseStep, actor: Actor) -> None:
    if actor.person_id is None and not actor.is_system:
        # Without a person nobody can tell whether the request is the decider's own.
        refuse(
            "no_person", "这个账号没有对应的人员，不能审批。", "请系统管理员把账号对应到人员。"
        ).enforce()
    if actor.person_id is not None and actor.person_id == case.applicant_id:
        refuse("own_request", "不能审批自己的申请。", "可转给他人办。").enforce()
    if step.holder_id is not None:
        if step.holder_id != actor.person_id:
            refuse("not_holder", f"这一步已转给{step.holder}办。").enforce()
        return
    actor.must(step.verb)
    scope = actor.scope(step.verb)
    if not Unit.objects.within(scope).filter(pk=case.unit_id).exists():
        refuse("not_holder", "这一步不归您办。", "由申请单位的审批人办理。").enforce()


def agree(
    *, case: Case, actor: Actor, comment: str = "", step_id: int | None = None, at: datetime
) -> Outcome:
    """同意: decides the active step; the next one becomes active, or the case is agreed.

    ``step_id``: the step the person saw; a second click on a step they decided changes nothing.
    """
    step = _current(case, actor, ActKind.AGREE, step_id)
    if step is None:
        return Outcome(case, agreed=case.state == CaseState.AGREED, changed=False)
    _must_hold(case, step, actor)
    step.state, step.decided_by_id, step.decided_at = StepState.AGREED, actor.person_id, at
    step.save(update_fields=["state", "decided_by", "decided_at"])
    tell(case=case, actor=actor, kind=ActKind.AGREE, step=step, comment=comment, at=at)
    following = _steps(case).filter(position__gt=step.position).order_by("position").first()
    if following is None:
        _close(case, CaseState.AGREED, at)
        return Outcome(case, agreed=True)
    _activate(following, at)
    return Outcome(case, agreed=False)


def send_back(
    *,
    case: Case,
    actor: Actor,
    comment: str,
    to_position: int | None = None,
    step_id: int | None = None,
    at: datetime,
) -> Outcome:
    """退回: to the applicant, or to an earlier step (``to_position``); says why."""
    step = _current(case, actor, ActKind.RETURN, step_id)
    if step is None:
        return Outcome(case, agreed=False, changed=False)
    _must_hold(case, step, actor)
    if not comment.strip():
        refuse("comment_missing", "没有写退回意见。", "写明要改什么。", field="comment").enforce()
    if to_position is not None and not 0 <= to_position < step.position:
        refuse("not_earlier", "只能退回到前面的步骤。", field="to_position").enforce()
    step.state, step.decided_by_id, step.decided_at = StepState.RETURNED, actor.person_id, at
    step.save(update_fields=["state", "decided_by", "decided_at"])
    target = "申请人"
    if to_position is None:
        case.state = CaseState.RETURNED
        case.save(update_fields=["state"])
    else:
        _steps(case).filter(position__gt=to_position).update(
            state=StepState.AHEAD, decided_by=None, decided_at=None, active_at=None
        )
        earlier = _steps(case).get(position=to_position)
        _activate(earlier, at)
        target = earlier.title
    tell(case=case, actor=actor, kind=ActKind.RETURN, step=step, comment=comment, to=target, at=at)
    return Outcome(case, agreed=False)


def withdraw(*, case: Case, actor: Actor, comment: str = "", at: datetime) -> Outcome:
    """撤回: the applicant takes the request back before it is decided."""
    if case.state == CaseState.WITHDRAWN and _repeated(case, actor, ActKind.WITHDRAW):
        return Outcome(case, agreed=False, changed=False)
    if case.state not in (CaseState.RUNNING, CaseState.RETURNED):
        _stale(case)
    if not actor.is_system and actor.person_id != case.applicant_id:
        refuse("not_applicant", "只有申请人能撤回。", f"申请人：{case.applicant}。").enforce()
    _drop_steps(case)
    case.state = CaseState.WITHDRAWN
    case.save(update_fields=["state"])
    tell(case=case, actor=actor, kind=ActKind.WITHDRAW, comment=comment, at=at)
    return Outcome(case, agreed=False)


def resubmit(
    *,
    case: Case,
    route: Route,
    unit: Unit,
    actor: Actor,
    facts: Any,
    comment: str = "",
    at: datetime,
) -> Outcome:
    """修改后再交: the changed request starts a new round at the first step its facts need.

    ``unit``: whose request it is now; a change may have moved it.
    """
    _drop_steps(case)
    case.state, case.closed_at, case.round = CaseState.RUNNING, None, case.round + 1
    case.unit = unit
    case.save(update_fields=["state", "closed_at", "round", "unit"])
    tell(case=case, actor=actor, kind=ActKind.RESUBMIT, comment=comment, at=at)
    return _begin_round(case, route, facts, at)


def hand_over(
    *, case: Case, actor: Actor, person: Person, comment: str = "", at: datetime
) -> Outcome:
    """转办: the active step goes to a named colleague; never to the applicant."""
    step = _current(case, actor, ActKind.HAND_OVER)
    if step is None or step.holder_id == person.pk:
        return Outcome(case, agreed=False, changed=False)
    _must_hold(case, step, actor)
    if person.pk == case.applicant_id:
        refuse("own_request", "不能转给申请人。", "选另一位同事。", field="person").enforce()
    step.holder = person
    step.save(update_fields=["holder"])
    tell(
        case=case,
        actor=actor,
        kind=ActKind.HAND_OVER,
        step=step,
        comment=comment,
        to=person.name,
        at=at,
    )
    return Outcome(case, agreed=False)


def holders_of(step: CaseStep, *, case: Case, on: Any) -> list[Person]:
    """Who may decide a step now, by name; never the applicant."""
    if step.holder is not None:
        return [step.holder]
    without = [case.applicant_id] if case.applicant_id else []
    return access.holders(verb=step.verb, unit=case.unit, on=on, without=without)


def _activate(step: CaseStep, at: datetime) -> None:
    step.state, step.active_at = StepState.ACTIVE, at
    step.decided_by, step.decided_at = None, None
    step.save(update_fields=["state", "active_at", "decided_by", "decided_at"])


def _steps(case: Case) -> "models.QuerySet[CaseStep]":
    return case.steps.filter(round=case.round)


def _drop_steps(case: Case) -> None:
    _steps(case).filter(state__in=[StepState.ACTIVE, StepState.AHEAD]).update(
        state=StepState.DROPPED, holder=None, active_at=None
    )


def _close(case: Case, state: CaseState, at: datetime) -> None:
    case.state, case.closed_at = state, at
    case.save(update_fields=["state", "closed_at"])
