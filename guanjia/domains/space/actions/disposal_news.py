"""What the approval of a disposal leads to; called by its news, in its transaction.

The trail has the act itself (``space.disposal.approved`` and its like), written by whoever did it.
"""

from django.db import transaction

from guanjia.domains.space.actions import disposals
from guanjia.domains.space.approvals import DISPOSAL
from guanjia.domains.space.models import Disposal
from guanjia.domains.space.terms.disposals import UNSENT, DisposalState
from guanjia.kernel.approvals.events import CaseAgreed, CaseReturned, CaseStopped, CaseWithdrawn
from guanjia.kernel.approvals.models import Act
from guanjia.kernel.attachments import guards
from guanjia.kernel.regulations.verdict import ALLOWED, Verdict
from guanjia.kernel.values.actor import Actor

ME = Actor.system("用房审批")
_NOTE_MAX = 200


def _of_case(disposal_id: int) -> Disposal:
    disposal: Disposal = Disposal.objects.select_for_update(of=("self",)).get(pk=disposal_id)
    return disposal


def _set_state(disposal: Disposal, state: DisposalState, note: str = "") -> None:
    disposal.state, disposal.state_note = state, note[:_NOTE_MAX]
    disposal.save(update_fields=["state", "state_note"])


@transaction.atomic
def agreed(news: CaseAgreed) -> None:
    """Decided: it waits to be carried out (待办理)."""
    if news.route != DISPOSAL.key:
        return
    disposal = _of_case(news.subject_id)
    disposal.approved_on = disposals.day_of(Act.objects.get(pk=news.act_id).at)
    disposal.state, disposal.state_note = DisposalState.AGREED, ""
    disposal.save(update_fields=["state", "state_note", "approved_on"])


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
    """Ended for good (终止): the rooms stay empty."""
    if news.route == DISPOSAL.key:
        act = Act.objects.get(pk=news.act_id)
        disposals.stop(
            actor=ME, disposal=_of_case(news.subject_id), note=act.comment or "审批终止", at=act.at
        )


def may_take_off(disposal_id: int) -> Verdict:
    """Whether papers of a disposal may still be removed: only until it is sent."""
    state = Disposal.objects.filter(pk=disposal_id).values_list("state", flat=True).first()
    if state is None or state in UNSENT:
        return ALLOWED
    return guards.decided_on()
