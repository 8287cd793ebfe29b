"""What may be done about quarters and years as institutions report them (能耗报表)."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.urls import reverse

from guanjia.domains.energy.actions import filings as actions
from guanjia.domains.energy.forms import filings as forms
from guanjia.domains.energy.forms.returns import Back, Reason
from guanjia.domains.energy.queries import filings as reading
from guanjia.domains.energy.rules import filings as rules
from guanjia.domains.energy.terms.returns import WRITABLE
from guanjia.domains.energy.terms.returns import FilingState as S
from guanjia.kernel.values.actor import Actor
from guanjia.ui.acts.declaration import Act
from guanjia.ui.forms import Form

FILL, REVIEW, ACCEPT, OPEN = reading.FILL, reading.REVIEW, reading.ACCEPT, reading.OPEN
FILINGS = reading.FILINGS


def _openable(_: Any, __: Actor, today: date) -> Mapping[str, Any]:
    return {"periods": rules.openable(today)}


def _opened(_: Any, actor: Actor, __: date) -> Mapping[str, Any]:
    return {"periods": reading.periods(actor.scope(actions.urging(actor)))}


def _progress(_: int, given: Mapping[str, Any]) -> str:
    return f"{reverse('energy:progress')}?period={rules.number(**given)}"


def _said_opened(count: int, given: Mapping[str, Any]) -> str:
    said = f"新布置 {count} 家" if count else "各机构都已布置"
    return f"{rules.title(**given)}：{said}"


OPEN_PERIOD = Act(
    key="open", title="布置报表", on=FILINGS, verb=OPEN, several=True, form=forms.Period,
    fit=_openable, do=actions.open_period, keep="不布置",
    lead="名录库中的机构都要报送；已经布置过的不重复，后来入库的补上", said=_said_opened,
    then=_progress,
)  # fmt: skip
URGE = Act(
    key="urge", title="一键催报", on=FILINGS, verb=REVIEW, also={ACCEPT: ()}, several=True,
    form=forms.Period, fit=_opened, do=actions.urge_period, keep="不催",
    lead="这个报告期还没有报送的机构都收到通知",
    said=lambda count, _: f"已催 {count} 家" if count else "没有要催的机构", then=_progress,
)  # fmt: skip
PASS_SEVERAL = Act(
    key="pass_several", title="一并审核通过", on=FILINGS, verb=REVIEW, several=True,
    form=forms.Ticked, do=actions.hand_on_many, keep="返回", lead="在报送进度勾选要通过的报表",
    said=lambda count, _: f"{count} 份报表已通过，转市级审核",
)  # fmt: skip
LOCK_SEVERAL = Act(
    key="lock_several", title="一并审定锁定", on=FILINGS, verb=ACCEPT, several=True,
    form=forms.Ticked, do=actions.lock_many, keep="返回", lead="在报送进度勾选要审定的报表",
    said=lambda count, _: f"{count} 份报表已审定，各月数据锁定",
)  # fmt: skip
BACK = Act(
    key="back", title="退回", on=FILINGS, verb=REVIEW, when=reading.SENDING_BACK[REVIEW],
    also={ACCEPT: reading.SENDING_BACK[ACCEPT]}, form=Back, do=actions.send_back,
    keep="不退回", said="已退回", icon="arrow-back-up", main=False,
)  # fmt: skip
UNLOCK = Act(
    key="unlock", title="解锁", on=FILINGS, verb=ACCEPT, when=(S.LOCKED,), form=Reason,
    do=actions.unlock, keep="不解锁", lead="解锁后退回机构更正，操作记录写明由谁解锁和原因",
    said="已解锁，退回机构更正", main=False,
)  # fmt: skip
SEND = Act(
    key="send", title="报送", on=FILINGS, verb=FILL, when=WRITABLE, form=Form, do=actions.send,
    keep="不报送", said="已报送",
)  # fmt: skip
PASS = Act(
    key="pass", title="审核通过", on=FILINGS, verb=REVIEW, when=(S.COUNTY,), form=Form,
    do=actions.hand_on, keep="返回", said="已通过，转市级审核",
)  # fmt: skip
LOCK = Act(
    key="lock", title="审定锁定", on=FILINGS, verb=ACCEPT, to=S.LOCKED, form=Form,
    do=actions.lock, keep="返回", lead="锁定后各月数据不再更正", said="已审定，各月数据锁定",
)  # fmt: skip

ACTS = (OPEN_PERIOD, URGE, PASS_SEVERAL, LOCK_SEVERAL, BACK, UNLOCK, SEND, PASS, LOCK)
# In the order of the buttons on the page of a filing.
OF_ONE = (BACK, UNLOCK, SEND, PASS, LOCK)
