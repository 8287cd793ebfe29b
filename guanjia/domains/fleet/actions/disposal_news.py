"""What the approval of a disposal leads to; called by its news, in its transaction.

The trail has the act itself (``fleet.disposal.approved`` and its like), written by whoever did it.
"""

from django.db import transaction

from guanjia.domains.fleet.actions import disposals
from guanjia.domains.fleet.approvals import DISPOSAL
from guanjia.domains.fleet.models import Car, Disposal
from guanjia.domains.fleet.rules.times import day_of
from guanjia.domains.fleet.terms.disposals import UNSENT, DisposalState
from guanjia.kernel.approvals.events import CaseAgreed, CaseReturned, CaseStopped, CaseWithdrawn
from guanjia.kernel.approvals.models import Act
from guanjia.kernel.attachments import guards
from guanjia.kernel.regulations.verdict import ALLOWED, Verdict
from guanjia.kernel.values.actor import Actor

ME = Actor.system("处置审批")


def _of_case(disposal_id: int) -> Disposal:
    """The disposal, locked after its car like in every act on it."""
    car_id = Disposal.objects.values_list("car_id", flat=True).get(pk=disposal_id)
    list(Car.objects.select_for_update().filter(pk=car_id).values_list("pk"))
    disposal: Disposal = (
        Disposal.objects.select_for_update(of=("self",))
        .select_related("car__unit", "unit")
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
    at = Act.objects.get(pk=news.act_id).at
    disposal.approved_on = day_of(at)
    disposal.state, disposal.state_note = DisposalState.AGREED, ""
    disposal.save(update_fields=["state", "state_note", "approved_on"])
    if disposal.is_removal:
        note = f"{disposal.number} 已批准"
        disposals.set_aside(actor=ME, car=disposal.car, note=note, at=at)


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
        act = Act.objects.get(pk=news.act_id)
        disposals.stop(actor=ME, disposal=_of_case(news.subject_id), note=act.comment, at=act.at)


def may_take_off(disposal_id: int) -> Verdict:
    """Whether papers of a disposal may still be removed: only until it is sent."""
    state = Disposal.objects.filter(pk=disposal_id).values_list("state", flat=True).first()
    if state is None or state in UNSENT:
        return ALLOWED
    return guards.decided_on()
