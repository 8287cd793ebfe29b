"""What may be done about allocations (调配), but for the giving of rooms."""

from collections.abc import Callable
from typing import Any

from django.urls import reverse

from guanjia.domains.space.actions import allocations as actions
from guanjia.domains.space.approvals import ALLOCATION
from guanjia.domains.space.forms import allocations as forms
from guanjia.domains.space.models import Allocation
from guanjia.domains.space.queries import allocations as reading
from guanjia.domains.space.terms.allocations import AllocationState as S
from guanjia.kernel.approvals import queries as cases
from guanjia.kernel.values.actor import Actor
from guanjia.ui.acts.declaration import Act
from guanjia.ui.approval.life import waiting

REQUEST, GRANT, ALLOCATIONS = reading.REQUEST, reading.GRANT, reading.ALLOCATIONS


def told(done: str) -> Callable[[Any], str]:
    """What was done, and who decides now."""

    def said(row: Any) -> str:
        case = cases.case_for(subject_type=reading.SUBJECT, subject_id=row.pk, route=ALLOCATION.key)
        return "，".join(filter(None, (done, waiting(case))))

    return said


def _is_theirs_to_stop(found: Allocation, actor: Actor) -> bool:
    """Before it is approved the unit stops its own request."""
    approved = found.state in (S.AGREED, S.RESERVED)
    return approved or ALLOCATIONS.reaches(actor, REQUEST, found.pk)


def _may_be_longer(found: Allocation, _: Actor) -> bool:
    return found.is_loan and not found.extensions.exclude(state=S.CALLED_OFF).exists()


def _nothing_to_clear(found: Allocation, _: Actor) -> bool:
    return reading.ends_without_clearance(found)


CALL_OFF = Act(
    key="call_off", title="取消调配", on=ALLOCATIONS, verb=REQUEST,
    when=actions.CALLING_OFF[REQUEST], also={GRANT: actions.CALLING_OFF[GRANT]},
    offered=_is_theirs_to_stop, form=forms.CallOff, do=actions.call_off, keep="不取消",
    lead="取消后不能恢复；已选的房间放开，凭证作废", said="已取消", icon="circle-x", main=False,
)  # fmt: skip
EXTEND = Act(
    key="extend", title="申请续借", on=ALLOCATIONS, verb=REQUEST, when=actions.EXTENDED_IN,
    offered=_may_be_longer, form=forms.Extend, do=actions.extend, adds=ALLOCATIONS.model,
    keep="不续借", lead="续借要重新审批，另发凭证", said=told("已申请续借"), icon="calendar-time",
    then=lambda longer: reverse(ALLOCATIONS.page, args=[longer.pk]),
)  # fmt: skip
END = Act(
    key="end", title="登记归还", on=ALLOCATIONS, verb=GRANT, to=S.ENDED,
    offered=_nothing_to_clear, form=forms.End, do=actions.end_recorded, said="已登记归还",
    lead="这笔调配没有本局的房间，登记归还后结束，不再提醒；有凭证的作废", icon="logout",
    main=False,
)  # fmt: skip
