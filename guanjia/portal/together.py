"""批量同意: several cases agreed to one after the other, each in a transaction of its own."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import OperationalError

from guanjia.kernel.approvals import queries
from guanjia.kernel.approvals.actions import deciding
from guanjia.kernel.approvals.models import Case, Seat
from guanjia.kernel.approvals.terms import Origin
from guanjia.kernel.regulations.verdict import Refused, refuse
from guanjia.kernel.values.actor import Actor
from guanjia.portal import places

TOGETHER_MAX = 100


@dataclass(frozen=True, kw_only=True)
class Missed:
    """A case that was not agreed to, where it is, and why."""

    label: str
    url: str
    why: str


@dataclass(kw_only=True)
class Result:
    """What came of it: how many were agreed to, and the others."""

    agreed: int = 0
    missed: list[Missed] = field(default_factory=list)


def group_of(seat: Seat) -> tuple[str, str, bool, bool]:
    """What makes cases like: the same step of the same route, decided in the same way."""
    step = seat.step
    return step.case.route, step.title, step.signature, seat.origin == Origin.KEEPER


def agree(*, actor: Actor, chosen: Sequence[tuple[int, int]], comment: str, at: datetime) -> Result:
    """Agree to the chosen cases (case and step seen), which must be of one kind.

    A case that is refused, or gone meanwhile, stands in the result and holds up no other.
    """
    _must_be_alike(actor, chosen)
    result = Result()
    for case_id, step_id in dict.fromkeys(chosen):
        why = _agreed(actor, case_id, step_id, comment, at)
        if why:
            result.missed.append(_missed(actor, case_id, why))
        else:
            result.agreed += 1
    return result


def _must_be_alike(actor: Actor, chosen: Sequence[tuple[int, int]]) -> None:
    if not chosen:
        refuse("nothing_chosen", "没有勾选。", "先勾选要同意的件。").enforce()
    if len(chosen) > TOGETHER_MAX:
        refuse("too_many", f"一次最多 {TOGETHER_MAX} 件。", "分几次办。").enforce()
    seats = queries.waiting_for(actor).filter(step__in=[step_id for _, step_id in chosen])
    groups = {group_of(seat) for seat in seats}
    if len(groups) > 1:
        refuse("mixed", "勾选的件不是同一步骤。", "同一流程、同一步骤的件才能一起同意。").enforce()
    if any(signature for _, _, signature, _ in groups):
        refuse("signature_each", "这一步要逐件签名，不能批量同意。", "打开每一件签名。").enforce()
    if any(keeper for *_, keeper in groups):
        refuse("name_somebody", "这些件要先指定审批人。", "打开每一件指定。").enforce()


def _agreed(actor: Actor, case_id: int, step_id: int, comment: str, at: datetime) -> str:
    """Why it was not agreed to; ``""`` when it was."""
    try:
        deciding.agree(actor=actor, case_id=case_id, step_id=step_id, comment=comment, at=at)
    except Refused as refused:
        return str(refused)
    except Case.DoesNotExist:
        return "没有这一件，或不在您的范围内。"
    except OperationalError:
        # Somebody was in the way at this very moment; the case is as it was.
        return "刚才有人同时在办，再点一次。"
    return ""


def _missed(actor: Actor, case_id: int, why: str) -> Missed:
    case = Case.objects.filter(pk=case_id).first()
    if case is None or not queries.involved(actor=actor, case=case):
        return Missed(label="一件", url="", why=why)
    url = places.maybe("portal:case", case.pk)
    return Missed(label=case.subject_label, url=url, why=why)
