"""What the approval of an allocation leads to; called by its news, in its transaction.

The trail has the act itself (``space.allocation.approved`` and its like), by whoever did it.
"""

from django.db import transaction

from guanjia.domains.space.actions import allocations
from guanjia.domains.space.approvals import ALLOCATION
from guanjia.domains.space.models import Allocation
from guanjia.domains.space.terms.allocations import UNSENT, AllocationState
from guanjia.kernel.approvals.events import CaseAgreed, CaseReturned, CaseStopped, CaseWithdrawn
from guanjia.kernel.approvals.models import Act
from guanjia.kernel.attachments import guards
from guanjia.kernel.regulations.verdict import ALLOWED, Verdict
from guanjia.kernel.values.actor import Actor

ME = Actor.system("用房审批")
_NOTE_MAX = 200


def _of_case(allocation_id: int) -> Allocation:
    rows = Allocation.objects.select_for_update(of=("self",)).select_related("unit__parent")
    allocation: Allocation = rows.get(pk=allocation_id)
    return allocation


def _set_state(allocation: Allocation, state: AllocationState, note: str = "") -> None:
    allocation.state, allocation.state_note = state, note[:_NOTE_MAX]
    allocation.save(update_fields=["state", "state_note"])


@transaction.atomic
def agreed(news: CaseAgreed) -> None:
    """Approved: rooms are to be chosen (待选房)."""
    if news.route != ALLOCATION.key:
        return
    allocation = _of_case(news.subject_id)
    allocation.approved_on = allocations.day_of(Act.objects.get(pk=news.act_id).at)
    allocation.state, allocation.state_note = AllocationState.AGREED, ""
    allocation.save(update_fields=["state", "state_note", "approved_on"])


@transaction.atomic
def returned(news: CaseReturned) -> None:
    """Sent back to be mended, with the 意见 beside the state."""
    if news.route == ALLOCATION.key:
        comment = Act.objects.get(pk=news.act_id).comment
        _set_state(_of_case(news.subject_id), AllocationState.RETURNED, comment)


@transaction.atomic
def withdrawn(news: CaseWithdrawn) -> None:
    """The applicant took it back; it can be changed and sent again."""
    if news.route == ALLOCATION.key:
        _set_state(_of_case(news.subject_id), AllocationState.WITHDRAWN)


@transaction.atomic
def stopped(news: CaseStopped) -> None:
    """Ended for good (终止)."""
    if news.route == ALLOCATION.key:
        act = Act.objects.get(pk=news.act_id)
        allocations.stop(
            actor=ME,
            allocation=_of_case(news.subject_id),
            note=act.comment or "审批终止",
            at=act.at,
        )


def may_take_off(allocation_id: int) -> Verdict:
    """Whether papers of a request may still be removed: only while it is being mended."""
    state = Allocation.objects.filter(pk=allocation_id).values_list("state", flat=True).first()
    if state is None or state in UNSENT:
        return ALLOWED
    return guards.decided_on()
