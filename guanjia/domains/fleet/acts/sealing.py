"""What may be done about sealings over holidays (节假日封存), and about each car in one."""

from typing import Any

from django.urls import reverse
from django.utils import timezone

from guanjia.domains.fleet.actions import sealing as actions
from guanjia.domains.fleet.forms import sealing as forms
from guanjia.domains.fleet.queries import sealing as reading
from guanjia.kernel.values.actor import Actor
from guanjia.ui.acts.declaration import Act

PLAN, HAND_IN = reading.PLAN, reading.HAND_IN
SEALINGS, SEALED = reading.SEALINGS, reading.SEALED


def _may_call_off(sealing: Any, _: Actor) -> bool:
    return sealing.called_off_at is None and timezone.now() < sealing.during.upper


def _holds(row: Any, actor: Actor) -> bool:
    return _may_call_off(row.sealing, actor)


def _list(row: Any) -> str:
    return reverse(SEALINGS.page, args=[row.sealing_id])


CALL_OFF = Act(
    key="call_off", title="取消封存", on=SEALINGS, verb=PLAN, offered=_may_call_off,
    form=forms.CallOff, do=actions.call_off_sealing, keep="不取消",
    lead="审批中的例外申请随之撤回，已交存的钥匙可以领回；不能恢复，要封存的另行安排",
    said="已取消{title}，各单位已收到通知", main=False,
)  # fmt: skip
SEAL = Act(
    key="seal", title="登记封存", on=SEALED, verb=HAND_IN, when=actions.SEALABLE, offered=_holds,
    form=forms.Seal, do=actions.seal_car, said="{car} 已封存", then=_list,
)  # fmt: skip
RELEASE = Act(
    key="release", title="解封", on=SEALED, verb=HAND_IN, when=actions.RELEASABLE,
    form=forms.Release, do=actions.release_car, keep="不解封", said="{car} 已解封", then=_list,
)  # fmt: skip
EXCEPT = Act(
    key="except", title="申请例外", on=SEALED, verb=HAND_IN, when=actions.EXCEPTABLE,
    offered=_holds, form=forms.Except, do=actions.ask_exception, keep="不申请",
    lead="本单位主要负责人审批、公务用车管理科核准后，封存期间可以用这辆车",
    said="{car} 的例外申请已提交，等审批", then=_list, main=False,
)  # fmt: skip

# In the order of the buttons on the page of a car.
ACTS = (EXCEPT, SEAL, RELEASE)


def open_to(row: Any, actor: Actor) -> list[Act]:
    """What may be done with a car that lies within the reach of this person."""
    return [
        act
        for act in (SEAL, RELEASE, EXCEPT)
        if row.state in act.when and (act.offered is None or act.offered(row, actor))
    ]
