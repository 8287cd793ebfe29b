"""The decisions on a step: 同意, 退回, 终止. Whoever comes second is told who was first.

The same act by the same person on the same step a second time (a double click) changes nothing and
is no error.
"""

from datetime import datetime
from typing import Any

from django.db import transaction

from guanjia.kernel.access import duties
from guanjia.kernel.approvals import locking, moving, queries, seating
from guanjia.kernel.approvals.actions.opening import Outcome
from guanjia.kernel.approvals.events import CaseAgreed, CaseReturned, CaseStopped
from guanjia.kernel.approvals.models import Act, Case, CaseStep, Seat
from guanjia.kernel.approvals.seating import holder_of
from guanjia.kernel.approvals.telling import publish, record, stale, tell
from guanjia.kernel.approvals.terms import (
    ActKind,
    CaseState,
    Mode,
    Origin,
    SeatState,
    StepState,
)
from guanjia.kernel.attachments import actions as attachments
from guanjia.kernel.attachments.models import Attachment
from guanjia.kernel.org.models import Unit
from guanjia.kernel.regulations.verdict import refuse
from guanjia.kernel.values.actor import Actor


def present(case: Case, actor: Actor, kind: ActKind, step_id: int | None) -> Seat | None:
    """The seat this person acts from; ``None`` when they already did the same; else refuses."""
    if actor.person_id is None:
        # Without a person nobody can tell whether the request is the decider's own.
        refuse(
            "no_person", "这个账号没有对应的人员，不能审批。", "请系统管理员把账号对应到人员。"
        ).enforce()
    if actor.person_id == case.applicant_id:
        refuse("own_request", "不能审批自己的申请。", "等审批人办，或撤回申请。").enforce()
    step = queries.active_step(case) if case.state == CaseState.RUNNING else None
    if step is not None and step_id in (None, step.pk):
        seat = step.seats.filter(person_id=actor.person_id or -1, state=SeatState.ACTIVE).first()
        if seat is not None:
            seat.step = step
            return _entitled(seat, case, actor)
    if _repeated(case, actor, kind, step_id):
        return None
    if step is None or step_id not in (None, step.pk):
        raise stale(case)
    _refuse_stranger(case, step, actor)
    return None


def _repeated(case: Case, actor: Actor, kind: ActKind, step_id: int | None) -> bool:
    if step_id is not None:
        mine = case.acts.filter(kind=kind, person_id=actor.person_id or -1, step_id=step_id)
        waits = case.steps.filter(pk=step_id, state=StepState.ACTIVE).first()
        if waits is not None:  # what was done when the step was reached before is not this act
            mine = mine.filter(at__gte=waits.active_at)
        return bool(mine.exists())
    last = case.acts.filter(is_system=False).exclude(kind=ActKind.NOTE).order_by("-pk").first()
    return last is not None and last.kind == kind and last.person_id == actor.person_id


def _refuse_stranger(case: Case, step: CaseStep, actor: Actor) -> None:
    mine = step.seats.filter(person_id=actor.person_id or -1).order_by("-pk").first()
    if mine is not None and mine.state == SeatState.PAUSED:
        refuse("waits_for_added", "您加签的人还没有办完。", "等他们办完，或减签后再办。").enforce()
    if mine is not None and mine.state == SeatState.AHEAD:
        refuse("not_yet", "还没有轮到您。", "前面的人办完后会通知您。").enforce()
    now = "、".join(person.name for person in queries.deciders(case))
    refuse("not_holder", f"“{step.title}”这一步不归您办。", f"现在由{now}办理。").enforce()


def _entitled(seat: Seat, case: Case, actor: Actor) -> Seat:
    """A seat that came with a duty is lost with it, also before the tending job saw it."""
    holder = holder_of(seat.step)
    verb, unit = holder.verb, seating.asked_unit(holder, case.unit)
    if seat.origin == Origin.KEEPER:
        verb, unit = seating.KEEP, case.unit
    elif seat.origin == Origin.ESCALATED:
        unit = None  # of some unit above
    elif seat.origin != Origin.ROUTE:
        return seat
    if seat.on_behalf_id is None and verb and not _may(actor, verb, unit):
        title = duties.title_of(verb)
        refuse(
            "duty_lost", f"您已没有“{title}”职责，这一步不能办。", "请安全管理员核对您的职责。"
        ).enforce()
    return seat


def _may(actor: Actor, verb: str, unit: Unit | None) -> bool:
    if not actor.can(verb):
        return False
    scope = actor.scope(verb)
    return unit is None or Unit.objects.within(scope).filter(pk=unit.pk).exists()


def _must_decide(seat: Seat) -> None:
    if seat.origin == Origin.KEEPER:
        refuse("name_somebody", "这一步还没有审批人。", "用“转给他人办”指定由谁审批。").enforce()


def behalf_of(seat: Seat) -> str:
    """For whom the person on a seat stands in; ``""`` in their own name."""
    return seat.on_behalf.name if seat.on_behalf else ""


@transaction.atomic
def agree(
    *,
    actor: Actor,
    case_id: int,
    step_id: int | None = None,
    comment: str = "",
    signature: bytes | None = None,
    at: datetime,
) -> Outcome:
    """同意: the person's part in the active step; the case goes on when the step is settled.

    ``step_id``: the step the person saw. ``signature``: a PNG drawn on the screen, needed where
    the route asks for one. Publishes ``CaseAgreed`` at the end, so effects come in this
    transaction: if they are refused, so is the agreement.
    """
    case, subject = locking.locked(actor=actor, case_id=case_id)
    seat = present(case, actor, ActKind.AGREE, step_id)
    if seat is None:
        return Outcome(case, agreed=case.state == CaseState.AGREED, changed=False)
    _must_decide(seat)
    step = seat.step
    signed = _signed(seat, case=case, subject=subject, actor=actor, drawn=signature, at=at)
    seat.state, seat.decided_at = SeatState.AGREED, at
    seat.save(update_fields=["state", "decided_at"])
    act = tell(
        case=case, actor=actor, kind=ActKind.AGREE, step=step, comment=comment,
        behalf=behalf_of(seat), signature=signed, at=at,
    )  # fmt: skip
    agreed = moving.settle(case, step, at, by=actor.person_id)
    record(case=case, actor=actor, verb="approved", subject=subject, at=at, note=comment)
    if agreed:
        publish(CaseAgreed, case, act_id=act.pk)
    return Outcome(case, agreed=agreed)


def _signed(
    seat: Seat, *, case: Case, subject: Any, actor: Actor, drawn: bytes | None, at: datetime
) -> Attachment | None:
    if not seat.step.signature:
        return None
    if not drawn:
        refuse(
            "signature_missing", "这一步要签名。", "在签名框里签上姓名再同意。", field="signature"
        ).enforce()
    return attachments.keep_image(
        actor=actor, png=drawn or b"", subject=subject, unit=case.unit, at=at
    )


@transaction.atomic
def send_back(
    *,
    actor: Actor,
    case_id: int,
    comment: str,
    to_position: int | None = None,
    straight: bool = False,
    step_id: int | None = None,
    at: datetime,
) -> Outcome:
    """退回: to the applicant, or to an earlier step (``to_position``); says why.

    ``straight``: what was sent back comes straight to this step again; the steps between are not
    asked anew. In a 会签 of which a share suffices it counts as 不同意 while the share can still
    be reached.
    """
    case, subject = locking.locked(actor=actor, case_id=case_id)
    seat = present(case, actor, ActKind.RETURN, step_id)
    if seat is None:
        return Outcome(case, agreed=False, changed=False)
    _must_decide(seat)
    if not comment.strip():
        refuse("comment_missing", "没有写退回意见。", "写明要改什么。", field="comment").enforce()
    step = seat.step
    target = _earlier(case, step, to_position)
    seat.state, seat.decided_at = SeatState.RETURNED, at
    seat.save(update_fields=["state", "decided_at"])
    if _only_objects(step, seat):
        moving.drop_added(step, seat)
        tell(
            case=case, actor=actor, kind=ActKind.OBJECT, step=step, comment=comment,
            behalf=behalf_of(seat), at=at,
        )  # fmt: skip
        record(case=case, actor=actor, verb="objected", subject=subject, at=at, note=comment)
        return Outcome(case, agreed=False)
    to = target.title if target is not None else "申请人"
    act = tell(
        case=case, actor=actor, kind=ActKind.RETURN, step=step, comment=comment,
        to=f"{to}，改后直接回到{step.title}" if straight else to, behalf=behalf_of(seat), at=at,
    )  # fmt: skip
    record(case=case, actor=actor, verb="returned", subject=subject, at=at, note=comment)
    _go_back(case, step, target, straight=straight, act=act, at=at)
    return Outcome(case, agreed=False)


def _earlier(case: Case, step: CaseStep, to_position: int | None) -> CaseStep | None:
    if to_position is None:
        return None
    target = (
        moving.steps_of(case)
        .filter(position=to_position, state__in=[StepState.AGREED, StepState.CARRIED])
        .first()
    )
    if target is None or target.position >= step.position:
        refuse("not_earlier", "只能退回到前面办过的步骤。", field="to_position").enforce()
    return target


def _only_objects(step: CaseStep, seat: Seat) -> bool:
    if step.mode != Mode.ALL or step.share >= 100 or seat.asked_by_id is not None:  # noqa: PLR2004 — per cent
        return False
    return moving.Table(step).reachable()


def _go_back(
    case: Case,
    step: CaseStep,
    target: CaseStep | None,
    *,
    straight: bool,
    act: Act,
    at: datetime,
) -> None:
    moving.drop_open(step)
    if target is None:
        step.state, step.decided_by_id, step.decided_at = StepState.RETURNED, act.person_id, at
        step.save(update_fields=["state", "decided_by", "decided_at"])
        case.state, case.comes_back_to = CaseState.RETURNED, step.position if straight else None
        case.save(update_fields=["state", "comes_back_to"])
        publish(CaseReturned, case, act_id=act.pk)
        return
    step.state = StepState.AHEAD
    step.save(update_fields=["state"])
    if not straight:
        moving.steps_of(case).filter(
            position__gt=target.position, position__lt=step.position
        ).update(state=StepState.AHEAD, decided_by=None, decided_at=None)
    moving.reach(target, case, at)


@transaction.atomic
def stop(
    *, actor: Actor, case_id: int, comment: str, step_id: int | None = None, at: datetime
) -> Outcome:
    """终止: end the case for good, saying why; by whoever is to decide, or a keeper of routes."""
    case, subject = locking.locked(actor=actor, case_id=case_id)
    if case.state == CaseState.STOPPED and _repeated(case, actor, ActKind.STOP, step_id):
        return Outcome(case, agreed=False, changed=False)
    if case.state not in (CaseState.RUNNING, CaseState.RETURNED):
        raise stale(case)
    keeps = queries.keeps(actor=actor, case=case) and actor.person_id != case.applicant_id
    seat = None if keeps else present(case, actor, ActKind.STOP, step_id)
    if not keeps and seat is None:
        return Outcome(case, agreed=False, changed=False)
    if not comment.strip():
        refuse("comment_missing", "没有写终止原因。", "写明为什么不办。", field="comment").enforce()
    step = queries.active_step(case)
    moving.leave(case, CaseState.STOPPED, at)
    act = tell(
        case=case, actor=actor, kind=ActKind.STOP, step=step, comment=comment,
        behalf=behalf_of(seat) if seat else "", at=at,
    )  # fmt: skip
    record(case=case, actor=actor, verb="stopped", subject=subject, at=at, note=comment)
    publish(CaseStopped, case, act_id=act.pk)
    return Outcome(case, agreed=False)
