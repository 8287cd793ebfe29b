"""What may be done about repairs of buildings (大中修)."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from guanjia.domains.space.actions import works as actions
from guanjia.domains.space.forms import works as forms
from guanjia.domains.space.queries import works as reading
from guanjia.domains.space.terms.works import WorksState as S
from guanjia.kernel.values.actor import Actor
from guanjia.ui import formats
from guanjia.ui.acts.declaration import Act

KEEP, REQUEST, WORKS = reading.KEEP, reading.REQUEST, reading.WORKS


def _buildings(_: Any, actor: Actor, today: date) -> Mapping[str, Any]:
    return {"buildings": reading.buildings_of(actor.scope(REQUEST), day=today)}


def _estimate(row: Any, today: date) -> Mapping[str, Any]:
    estimate = formats.yuan(row.estimate_fen) if row.estimate_fen else ""
    return {"year": today.year, "budget": estimate}


REQUESTED = Act(
    key="new", title="申请大中修", button="提交申请", on=WORKS, verb=REQUEST, makes=True,
    form=forms.Ask, fit=_buildings, do=actions.request, keep="不申请",
    lead="日常维修由使用单位自己办，不在这里申请",
    said="已申请 {number} {title}，等办公用房管理科列入计划",
)  # fmt: skip
CALL_OFF = Act(
    key="call_off", title="取消大中修", on=WORKS, verb=REQUEST,
    when=reading.CALLING_OFF[REQUEST], also={KEEP: reading.CALLING_OFF[KEEP]},
    form=forms.Why, do=actions.call_off, keep="不取消", lead="开工前才能取消",
    said="已取消 {number}", main=False,
)  # fmt: skip
TURN_DOWN = Act(
    key="turn_down", title="不列入计划", on=WORKS, verb=KEEP, to=S.REFUSED, form=forms.Why,
    do=actions.turn_down, keep="返回", said="已登记不列入计划，申请单位已收到通知", main=False,
)  # fmt: skip
PLAN = Act(
    key="plan", title="列入计划", on=WORKS, verb=KEEP, to=S.PLANNED, form=forms.Plan,
    first=_estimate, do=actions.plan, keep="返回", lead="同一部位没有满间隔年限的，写明特殊原因",
    said="已列入 {plan_year} 年计划，预算 {budget_fen:yuan}",
)  # fmt: skip
BEGIN = Act(
    key="begin", title="登记开工", on=WORKS, verb=KEEP, to=S.BUILDING, form=forms.Begin,
    first=lambda _, today: {"on": today}, do=actions.begin,
    lead="合同价超预算的写明原因和批复", said="已登记开工，{contractor}施工",
)  # fmt: skip
ACCEPT = Act(
    key="accept", title="登记验收", on=WORKS, verb=KEEP, to=S.ACCEPTED, form=forms.Accept,
    first=lambda _, today: {"accepted_on": today}, do=actions.accept, lead="验收以后按期决算",
    said="已登记验收，等决算",
)  # fmt: skip
SETTLE = Act(
    key="settle", title="登记决算", on=WORKS, verb=KEEP, to=S.SETTLED, form=forms.Settle,
    first=lambda _, today: {"settled_on": today}, do=actions.settle, lead="决算超预算的写明原因",
    said="已决算 {final_fen:yuan}",
)  # fmt: skip

# In the order of the buttons on the page of a project.
ACTS = (REQUESTED, CALL_OFF, TURN_DOWN, PLAN, BEGIN, ACCEPT, SETTLE)
