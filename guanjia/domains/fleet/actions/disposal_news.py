"""What the approval of a disposal leads to; called by its news, in its transaction.

The trail has the act itself (``fleet.disposal.approved`` and its like), written by whoever did it.
"""

from django.db import transaction

from guanjia.domains.fleet.actions import disposals
from guanjia.domains.fleet.approvals import DISPOSAL
from guanjia.domains.fleet.models import Car, Disposal
from guanjia.domains.fleet.terms.cars import CarState
from guanjia.domains.fleet.terms.disposals import UNSENT, DisposalState
from guanjia.kernel.approvals.events import CaseAgreed, CaseReturned, CaseStopped, CaseWithdrawn
from guanjia.kernel.approvals.models import Act
from guanjia.kernel.regulations.verdict import ALLOWED, Verdict, refuse


def _of_case(disposal_id: int) -> Disposal:
    disposal: Disposal = (
        Disposal.objects.select_for_update(of=("self",))
        .select_related("car", "unit")
        .get(pk=disposal_id)
    )
    return disposal


def _set_state(disposal: Disposal, state: DisposalState, note: str = "") -> None:
    disposal.state, disposal.state_note = state, note[:200]
    disposal.save(update_fields=["state", "state_note"])


@transaction.atomic
def agreed(news: CaseAgreed) -> None:
    """The car may be disposed of: it is promised to no trip any more (待处置)."""
    if news.route != DISPOSAL.key:
        return
    disposal = _of_case(news.subject_id)
    disposal.approved_on = disposals.day_of(Act.objects.get(pk=news.act_id).at)
    disposal.state, disposal.state_note = DisposalState.AGREED, ""
    disposal.save(update_fields=["state", "state_note", "approved_on"])
    if disposal.is_removal:
        Car.objects.filter(pk=disposal.car_id).exclude(state=CarState.DISPOSED).update(
            state=CarState.TO_DISPOSE
        )


@transaction.atomic
def returned(news: CaseReturned) -> None:
    """Sent back to be mended, with the 意见 beside the state."""
    if news.route == DISPOSAL.key:
        comment = Act.objects.get(pk=news.act_id).comment
        _set_state(_of_case(news.subject_id), DisposalState.RETURNED, comment)


@transaction.atomic
def withdrawn(news: CaseWithdrawn) -> None:
    """The applicant took it back; it can be changed and sent again."""
    if news.route == DISPOSAL.key:
        _set_state(_of_case(news.subject_id), DisposalState.WITHDRAWN)


@transaction.atomic
def stopped(news: CaseStopped) -> None:
    """Ended for good (终止): the car stays."""
    if news.route == DISPOSAL.key:
        comment = Act.objects.get(pk=news.act_id).comment
        disposals.stop(_of_case(news.subject_id), note=comment)


def may_take_off(disposal_id: int) -> Verdict:
    """Whether papers of a disposal may still be removed: only until it is sent."""
    state = Disposal.objects.filter(pk=disposal_id).values_list("state", flat=True).first()
    if state is None or state in UNSENT:
        return ALLOWED
    return refuse("decided_on", "附件是审批的依据，交上去后不能移除。", "撤回后再改，或补交一份。")
