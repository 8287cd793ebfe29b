"""What may be done about giving rooms back (腾退)."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.utils import timezone

from guanjia.domains.space.actions import clearances as actions
from guanjia.domains.space.forms import clearances as forms
from guanjia.domains.space.queries import clearances as reading
from guanjia.domains.space.queries import units
from guanjia.domains.space.rules import clearances as rules
from guanjia.domains.space.terms.clearances import BY_HAND
from guanjia.domains.space.terms.clearances import ClearanceState as S
from guanjia.kernel.regulations.lawbook import law_at
from guanjia.kernel.values.actor import Actor
from guanjia.ui import formats
from guanjia.ui.acts.declaration import Act

ACCEPT, CLEARANCES = reading.ACCEPT, reading.CLEARANCES


def _units(_: Any, actor: Actor, today: date) -> Mapping[str, Any]:
    return {"units": units.units_within(actor.scope(ACCEPT)), "day": today}


def _limits(_: Any, __: Any, ___: Actor, at: datetime) -> Mapping[str, Any]:
    """How long each reason leaves, as the lawbook of today says."""
    day, law = timezone.localdate(at), law_at(at)
    limits = [(each.label, rules.due(reason=each, begins_on=day, law=law)) for each in BY_HAND]
    return {"limits": [(label, limit.words) for label, limit in limits if limit]}


def _on_the_day(_: Any, today: date) -> Mapping[str, Any]:
    return {"on": today}


OPEN = Act(
    key="new", title="发起腾退", on=CLEARANCES, verb=ACCEPT, makes=True, form=forms.Open,
    fit=_units, first=lambda _, today: {"begins_on": today}, do=actions.open_clearance,
    template="space/clearance_new.html", more=_limits, keep="不发起",
    said=lambda made: f"已发起腾退，{made.unit}{formats.day(made.due_on)}前移交",
)  # fmt: skip
CALL_OFF = Act(
    key="call_off", title="撤销腾退", on=CLEARANCES, verb=ACCEPT, to=S.CALLED_OFF,
    form=forms.CallOff, do=actions.call_off, keep="不撤销", icon="circle-x", main=False,
    lead="房间恢复在用，由单位继续使用", said="已撤销，房间恢复在用",
)  # fmt: skip
SEND_BACK = Act(
    key="send_back", title="退回整改", button="退回", on=CLEARANCES, verb=ACCEPT, to=S.RETURNED,
    form=forms.SendBack, do=actions.send_back, keep="不退回", icon="arrow-back-up", main=False,
    lead="单位收到通知，整改后再移交；期限照算", said="已退回，单位整改后再移交",
)  # fmt: skip
HAND_BACK = Act(
    key="hand_back", title="移交", on=CLEARANCES, verb=reading.HAND_BACK, to=S.HANDED_BACK,
    form=forms.HandBack, first=_on_the_day, do=actions.hand_back, keep="不移交", icon="key",
    lead="房间已经腾空，钥匙、门禁一并交出", said="已移交，等办公用房管理科接收",
)  # fmt: skip
TAKE_BACK = Act(
    key="accept", title="接收", on=CLEARANCES, verb=ACCEPT, to=S.DONE, form=forms.Accept,
    first=_on_the_day, do=actions.accept, keep="不接收", icon="check",
    lead="现场看过，房间已腾空。接收后房间转为空置，使用人和使用单位到这一天止",
    said="已接收，房间转为空置",
)  # fmt: skip

# In the order of the buttons on the page of a clearance.
ACTS = (OPEN, CALL_OFF, SEND_BACK, HAND_BACK, TAKE_BACK)
