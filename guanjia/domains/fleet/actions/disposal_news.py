"""What the approval of a disposal (处置) does to it and its car."""

from guanjia.domains.fleet.actions import disposals
from guanjia.domains.fleet.approvals import DISPOSAL
from guanjia.domains.fleet.models import Car, Disposal
from guanjia.domains.fleet.rules.times import day_of
from guanjia.domains.fleet.terms.disposals import UNSENT, DisposalState
from guanjia.kernel.approvals.models import Act
from guanjia.kernel.approvals.news import Follow, move
from guanjia.kernel.attachments import guards
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


def _set_aside(disposal: Disposal, act: Act) -> None:
    """The car may be disposed of: it is promised to no trip any more (待处置)."""
    move(disposal, DisposalState.AGREED, approved_on=day_of(act.at))
    if disposal.is_removal:
        note = f"{disposal.number} 已批准"
        disposals.set_aside(actor=ME, car=disposal.car, note=note, at=act.at)


def _keep(disposal: Disposal, act: Act) -> None:
    """Ended for good: the car stays."""
    move(disposal, DisposalState.CALLED_OFF, act.comment, lot=None)
    disposals.put_back(actor=ME, disposal=disposal, at=act.at)


OF_DISPOSALS = Follow(
    route=DISPOSAL.key, row=_of_case, agreed=_set_aside, returned=DisposalState.RETURNED,
    withdrawn=DisposalState.WITHDRAWN, stopped=_keep,
)  # fmt: skip

# Papers may be removed only until they are sent.
may_take_off = guards.only_in(Disposal.objects.all, UNSENT)
