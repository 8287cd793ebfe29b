"""What the approvals of allocations (调配) and disposals (处置利用) do to them."""

from guanjia.domains.space.actions import allocations, disposals
from guanjia.domains.space.approvals import ALLOCATION, DISPOSAL
from guanjia.domains.space.models import Allocation, Disposal
from guanjia.domains.space.terms.allocations import UNSENT as ALLOCATION_UNSENT
from guanjia.domains.space.terms.allocations import AllocationState
from guanjia.domains.space.terms.disposals import UNSENT as DISPOSAL_UNSENT
from guanjia.domains.space.terms.disposals import DisposalState
from guanjia.kernel.approvals.models import Act
from guanjia.kernel.approvals.news import Follow, move
from guanjia.kernel.attachments import guards
from guanjia.kernel.values.actor import Actor

ME = Actor.system("用房审批")
_STOPPED = "审批终止"


def _allocation(pk: int) -> Allocation:
    rows = Allocation.objects.select_for_update(of=("self",)).select_related("unit__parent")
    found: Allocation = rows.get(pk=pk)
    return found


def _disposal(pk: int) -> Disposal:
    found: Disposal = Disposal.objects.select_for_update(of=("self",)).get(pk=pk)
    return found


def _choose_rooms(allocation: Allocation, act: Act) -> None:
    """Approved: rooms are to be chosen (待选房)."""
    move(allocation, AllocationState.AGREED, approved_on=allocations.day_of(act.at))


def _call_off_allocation(allocation: Allocation, act: Act) -> None:
    note = act.comment or _STOPPED
    allocations.stop(actor=ME, allocation=allocation, note=note, at=act.at)


def _carry_out(disposal: Disposal, act: Act) -> None:
    """Decided: it waits to be carried out (待办理)."""
    move(disposal, DisposalState.AGREED, approved_on=disposals.day_of(act.at))


def _leave_empty(disposal: Disposal, act: Act) -> None:
    """Ended for good: the rooms stay empty."""
    disposals.stop(actor=ME, disposal=disposal, note=act.comment or _STOPPED, at=act.at)


OF_ALLOCATIONS = Follow(
    route=ALLOCATION.key, row=_allocation, agreed=_choose_rooms,
    returned=AllocationState.RETURNED, withdrawn=AllocationState.WITHDRAWN,
    stopped=_call_off_allocation,
)  # fmt: skip
OF_DISPOSALS = Follow(
    route=DISPOSAL.key, row=_disposal, agreed=_carry_out, returned=DisposalState.RETURNED,
    withdrawn=DisposalState.WITHDRAWN, stopped=_leave_empty,
)  # fmt: skip

# Papers may be removed only until they are sent.
may_take_off_allocation = guards.only_in(Allocation.objects.all, ALLOCATION_UNSENT)
may_take_off_disposal = guards.only_in(Disposal.objects.all, DISPOSAL_UNSENT)
